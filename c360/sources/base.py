"""What a source declares: its entities, and how a window of each is extracted. Knows no Delta and no Prefect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import ibis


@dataclass(frozen=True)
class Reference:
    """A field that names a record of another entity, which is fetched by id when it is not stored.

    Attributes:
        path: Dotted path in the record (array levels unnamed) of an id or an expanded object with an `id`.
        entity: Bronze table of the record it names.
        prefixes: Only ids that start with one of these count; empty: all.
        renews: The record is fetched again even if stored, when its list did not contain it (an event says it changed).
        where: (dotted path in the record, what may stand there): other records name nothing by this field.
    """

    path: str
    entity: str
    prefixes: tuple[str, ...] = ()
    renews: bool = False
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Entity:
    """One kind of record of a source, stored in the bronze table `name`.

    Attributes:
        name: Bronze table, e.g. `stripe_invoices`.
        source_system: `stripe`, `salesforce`, …
        api_object: The object's name in the API (`invoice`, `Account`).
        schema: The nested shape silver reads, with the types it wants; other fields stay in the payload. Structs and arrays of
            structs nest freely. `timestamp('UTC')` leaves may be epoch seconds or ISO 8601 in the record.
        key: Path of the record's id.
        refs: Dotted paths (array levels unnamed: `lines.data.price`) that hold an id or an expanded object with an `id`. Declared
            as string, the id is read; declared as struct, the object is read, and of a plain id only `id` is set.
        aliases: Top-level column -> its name in the record, where the user's record calls it otherwise (custom fields).
        references: Fields that name records of other entities.
        updated_at: Top-level field with the source's own change instant, if it has one.
        window_field: Top-level field with the instant a historical list is restricted by.
        is_log: Append-only at the source (events, balance transactions): absence is no deletion, BE-001 does not apply.
        is_historical: Extracted from `history_from` on only; references from inside the window are fetched by id.
    """

    name: str
    source_system: str
    api_object: str
    schema: ibis.Schema
    key: str = "id"
    refs: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict, hash=False)
    references: tuple[Reference, ...] = ()
    updated_at: str | None = None
    window_field: str = "created"
    is_log: bool = False
    is_historical: bool = False


@dataclass(frozen=True)
class Window:
    """What one load of an entity asks for. All instants UTC.

    Attributes:
        cutoff: The load's start; nothing created later is asked for.
        history_from: First instant of the history for `is_historical` entities.
        since: Cut-off of the entity's load before this day's; None on the first load.
        is_full: Everything is to be listed; else what changed since `since` is enough, where the source can tell.
        after: The last record an interrupted load had received of the list, which goes on behind it; None: from the beginning. A
            source may begin anew all the same: what comes twice is taken once.
    """

    cutoff: datetime
    history_from: datetime
    since: datetime | None = None
    is_full: bool = True
    after: str | None = None


@dataclass(frozen=True)
class Record:
    """One record as the source gave it.

    Attributes:
        record_id: The source's id, normalised (Salesforce: 18 characters).
        payload: The record exactly as received, JSON text. Nested lists are complete.
        updated_at: The source's change instant (UTC), if it says.
        body: The parsed payload, where the source has it anyway (saves parsing it again).
        is_deleted: The source reports it deleted. Its payload is empty where the source gives none; the stored one is kept.
    """

    record_id: str
    payload: str
    updated_at: datetime | None = None
    is_deleted: bool = False
    body: Mapping[str, Any] | None = None


@dataclass
class Evidence:
    """What an extraction can show for its completeness; filled while the records are read.

    Attributes:
        expected_count: The source's own count, where the API gives one.
        is_full_listing: Everything that exists was listed, so that a stored record that is absent was deleted. Set to False by
            a source that lists less because the window is not `is_full`.
        can_be_asked: The source knows records by id, so that one it does not know was deleted; files do not.
    """

    expected_count: int | None = None
    is_full_listing: bool = True
    can_be_asked: bool = True
    page_count: int = 0
    nested_list_count: int = 0
    request_count: int = 0
    duplicate_count: int = 0
    first_cursor: str | None = None
    last_cursor: str | None = None
    fields_appeared: list[str] = field(default_factory=list)
    fields_vanished: list[str] = field(default_factory=list)


class Source(Protocol):
    """One source file implements this; `open_source(settings)` in the file makes it."""

    system: str
    account: str
    api_version: str
    lists_at_once: int
    """Lists it may be asked for at the same time, from different threads; its own limits hold over all of them."""

    def entities(self) -> list[Entity]:
        """The entities in the order they are to be extracted (referenced after referencing)."""
        ...

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        """Batches of records of one entity; fills `evidence`. Raises `SourceError` rather than return too little."""
        ...

    def fetch(self, entity: Entity, record_ids: list[str]) -> list[Record]:
        """Records by id, for references to records no list contained; an id the source does not know is left out."""
        ...

    def check(self) -> dict[str, Any]:
        """Cheap proof of credentials and reachability for `c360 doctor`: account, API version, rights. Raises SourceError."""
        ...
