"""What records from files are held to, whatever their source: one sentence with the place for each thing that is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, NoReturn, Protocol

from c360.errors import SourceError
from c360.sources.base import Entity, Evidence, Record
from c360.sources.file_values import Place

Json = dict[str, Any]


@dataclass
class Seen:
    """What the files of one entity held.

    Attributes:
        record_count: Records, those of the other mode not among them.
        skipped_count: Stripe's records of the other mode (test instead of live), which a load leaves out too.
        months: First days of the months (UTC) in which records were created.
    """

    record_count: int = 0
    skipped_count: int = 0
    months: set[date] = field(default_factory=set)


@dataclass(frozen=True)
class Reading:
    """One reading of one entity's files.

    Attributes:
        entity: What is read.
        cutoff: The load's instant (UTC): no record may be newer.
        evidence: Filled while records are read.
        seen: Filled, too.
        livemode: Which of Stripe's records count.
        stored: Ids of this entity's records that are in bronze already; asked only when a file tells of deletions.
    """

    entity: Entity
    cutoff: datetime
    evidence: Evidence
    seen: Seen
    livemode: bool
    stored: Callable[[], frozenset[str]]


class Rules(Protocol):
    """How one source's files are understood; one object per reading, for pages follow one another over files."""

    def records(self, place: Place, value: Json) -> Iterator[tuple[Place, Json]]:
        """The records of one value of a file: itself, or those of the page it is."""
        ...

    def record(self, place: Place, body: Json) -> Record | None:
        """The record, checked; None for one that does not count here."""
        ...

    def row(self, place: Place, row: dict[str, str]) -> Json:
        """A record from a row of CSV."""
        ...

    def end_file(self, name: str, fields: set[str]) -> None:
        """Checks what a file as a whole must have; `fields` are those of all its records."""
        ...

    def end(self) -> None:
        """Raises SourceError unless every page that was promised came."""
        ...


def refuse(place: Place, what: str, hint: str) -> NoReturn:
    """Raises SourceError about one place of a file."""
    raise SourceError(f"{place}: {what}", hint=hint)


def numbered(place: Place, page: list[Json]) -> Iterator[tuple[Place, Json]]:
    """The records of a page with their places."""
    return ((replace(place, record=number), body) for number, body in enumerate(page, start=1))


def id_of(place: Place, body: Json, key: str) -> str:
    """The record's id.

    Raises:
        SourceError: It has none.
    """
    found = body.get(key)
    if not isinstance(found, str) or not found:
        refuse(place, f"a record without {key}.", "Every record needs its id: export whole records.")
    return found


def note_instant(place: Place, reading: Reading, record_id: str, at: datetime, *, is_creation: bool) -> None:
    """Notes the month of a record's creation.

    Raises:
        SourceError: The instant is after the load's.
    """
    if at > reading.cutoff:
        day = at.date()
        hint = f"--date is the day of the export: say --date {day} or later."
        refuse(place, f"{record_id} is of {day}, after the load date {reading.cutoff.date()}.", hint)
    if is_creation:
        reading.seen.months.add(date(at.year, at.month, 1))


def instant_of(place: Place, name: str, value: Any) -> datetime | None:
    """An instant of a record, epoch seconds or ISO 8601 with its offset, as UTC; None for none.

    Raises:
        SourceError: It is something else.
    """
    if value is None:
        return None
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, tz=UTC)
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError, OSError):
        refuse(place, f"{name} is no instant.", "Export it again; instants are epoch seconds or ISO 8601 with an offset.")
    if at.tzinfo is None:
        refuse(place, f"{name} has no time zone.", "Export it again; instants are epoch seconds or ISO 8601 with an offset.")
    return at.astimezone(UTC)
