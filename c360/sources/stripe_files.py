"""Stripe's records in files: objects as the API gives them, by themselves or in list answers."""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from c360.errors import SourceError
from c360.settings import variable
from c360.sources.base import Record
from c360.sources.file_rules import Json, Reading, id_of, instant_of, note_instant, numbered, refuse
from c360.sources.file_values import Place
from c360.sources.stripe_entities import LISTINGS

_LIST = "list"
_WORD = re.compile(r"[a-z_.]{1,40}")


class StripeRules:
    """Implements `c360.sources.file_rules.Rules`."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._listing = LISTINGS[reading.entity.name]
        self._promised: tuple[Place, str] | None = None

    def records(self, place: Place, value: Json) -> Iterator[tuple[Place, Json]]:
        """See `Rules.records`. A list answer that has more must be followed by another one."""
        if value.get("object") != _LIST:
            yield place, value
            return
        data = value.get("data")
        if not isinstance(data, list) or not all(isinstance(body, dict) for body in data):
            refuse(place, "a list answer without its records (data).", "Save the API's answers as they are.")
        self._reading.evidence.page_count += 1
        last = str(data[-1].get("id")) if data else "an empty page"
        self._promised = (place, last) if value.get("has_more") else None
        yield from numbered(place, data)

    def record(self, place: Place, body: Json) -> Record | None:
        """See `Rules.record`: of the right object and mode, with its nested lists whole."""
        entity, reading = self._reading.entity, self._reading
        record_id = id_of(place, body, entity.key)
        kind = body.get("object")
        if kind != entity.api_object:
            found = f"called {kind}" if isinstance(kind, str) and _WORD.fullmatch(kind) else "that does not say what it is"
            refuse(place, f"an object {found} among the {entity.name}.", "Put it into the file of its object.")
        if body.get("deleted") is True:
            return self._deleted(record_id, body)
        if body.get("livemode", reading.livemode) != reading.livemode:
            reading.seen.skipped_count += 1
            return None
        self._refuse_cut_lists(place, record_id, body)
        created = instant_of(place, "created", body.get("created"))
        if created is not None:
            note_instant(place, reading, record_id, created, is_creation=True)
        updated = instant_of(place, entity.updated_at, body.get(entity.updated_at)) if entity.updated_at else None
        return Record(record_id, orjson.dumps(body).decode(), updated, body=body)

    def row(self, place: Place, row: dict[str, str]) -> Json:
        """Raises SourceError: Stripe's CSV reports are no records of its API."""
        del row
        refuse(place, "CSV holds no whole records of Stripe.", "Save the answers of Stripe's API: JSON or JSON Lines.")

    def end_file(self, name: str, fields: set[str]) -> None:
        """Nothing: what Stripe's records lack is null."""

    def end(self) -> None:
        """See `Rules.end`; also refuses files with records of the other mode only."""
        if self._promised is not None:
            place, last = self._promised
            refuse(place, f"the list goes on after {last} (has_more), and no page follows.", "Export the pages that are missing.")
        seen, name = self._reading.seen, self._reading.entity.name
        if seen.skipped_count and not seen.record_count:
            found, wanted = ("test", "live") if self._reading.livemode else ("live", "test")
            raise SourceError(
                f"The files of {name} hold {found} records only, but {wanted} records were asked for.",
                hint=f"Export {wanted} records, or change {variable('stripe_livemode')}.",
            )

    def _deleted(self, record_id: str, body: Json) -> Record | None:
        """What is left of a deleted record is kept where nothing better is stored, and some table needs to know of it."""
        is_kept = self._listing.keeps_deleted and record_id not in self._reading.stored()
        return Record(record_id, orjson.dumps(body).decode() if is_kept else "", is_deleted=True, body=body)

    def _refuse_cut_lists(self, place: Place, record_id: str, body: Json) -> None:
        for path in self._listing.nested:
            nested: Any = body.get(path)
            if isinstance(nested, dict) and "data" in nested:
                self._reading.evidence.nested_list_count += 1
                if nested.get("has_more"):
                    refuse(place, f"{record_id} has more {path} than the file holds (has_more).", "Export its list to the end.")
