"""Salesforce's records in files: JSON as the REST API gives it, by itself or in query answers, and CSV of API field names."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import ibis.expr.datatypes as dt
import orjson

from c360.errors import SourceError, listing
from c360.sources.base import Entity, Record
from c360.sources.file_rules import Json, Reading, id_of, instant_of, note_instant, numbered, refuse
from c360.sources.file_values import Place
from c360.sources.salesforce import id18
from c360.sources.salesforce_entities import REQUIRED_FIELDS

KEY_PREFIXES = {"Account": "001", "Contact": "003", "User": "005", "Opportunity": "006", "Organization": "00D"}
"""Beginning of an object's ids, the same in every organisation."""

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_INTEGER = re.compile(r"-?\d{1,18}")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_MIDNIGHT = "00:00:00"


class SalesforceRules:
    """Implements `c360.sources.file_rules.Rules`."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._columns = _columns(reading.entity)
        self._total: int | None = None  # of the query whose answers are being read
        self._received = 0
        self._place: Place | None = None

    def records(self, place: Place, value: Json) -> Iterator[tuple[Place, Json]]:
        """See `Rules.records`. The answers of one query follow one another until they hold as many records as it counts."""
        if "records" not in value or "totalSize" not in value:
            yield place, value
            return
        data, total = value["records"], value["totalSize"]
        if not isinstance(data, list) or not all(isinstance(body, dict) for body in data) or not isinstance(total, int):
            refuse(place, "a query answer without its records.", "Save the API's answers as they are.")
        self._reading.evidence.page_count += 1
        if self._total not in (None, total):
            self._refuse_total(place)
        self._total, self._place = total, place
        self._received += len(data)
        yield from numbered(place, data)
        if value.get("done", self._received >= total):
            if self._received != total:
                self._refuse_total(place)
            self._total, self._received = None, 0

    def record(self, place: Place, body: Json) -> Record | None:
        """See `Rules.record`: of the right object by its type and its id."""
        entity = self._reading.entity
        attributes = body.get("attributes")
        kind = attributes.get("type") if isinstance(attributes, dict) else None
        plain = {name: value for name, value in body.items() if name != "attributes"}
        record_id = id_of(place, plain, entity.key)
        is_other = isinstance(kind, str) and kind != entity.api_object
        if is_other or not _ID.fullmatch(record_id) or not record_id.startswith(KEY_PREFIXES[entity.api_object]):
            refuse(
                place, f"a record that is no {entity.api_object}, by its type or its id.", "Put it into the file of its object."
            )
        record_id = id18(record_id)
        created = instant_of(place, "CreatedDate", plain.get("CreatedDate"))
        updated = instant_of(place, "SystemModstamp", plain.get("SystemModstamp"))
        for at, is_creation in ((created, True), (updated, False)):
            if at is not None:
                note_instant(place, self._reading, record_id, at, is_creation=is_creation)
        is_deleted = plain.get("IsDeleted") is True
        return Record(record_id, orjson.dumps(plain).decode(), updated, is_deleted=is_deleted, body=plain)

    def row(self, place: Place, row: dict[str, str]) -> Json:
        """A row of CSV as the API would give the record: fields of the schema typed, nothing for empty ones, others as text."""
        del place
        return dict(_field(*self._columns.get(name.casefold(), (name, dt.string)), text) for name, text in row.items())

    def end_file(self, name: str, fields: set[str]) -> None:
        """Refuses a file whose records lack fields that some table needs."""
        entity = self._reading.entity
        missing = REQUIRED_FIELDS[entity.api_object] - fields
        if missing:
            raise SourceError(
                f"{name} lacks {listing(missing)} of {entity.api_object}.", hint="Export these fields, too, by their API names."
            )

    def end(self) -> None:
        """See `Rules.end`."""
        if self._total is not None and self._place is not None:
            self._refuse_total(self._place)

    def _refuse_total(self, place: Place) -> None:
        said = f"the query counts {self._total} records (totalSize), but its answers hold {self._received}."
        refuse(place, said, "Save all answers of the query, up to the one that is done.")


def _columns(entity: Entity) -> dict[str, tuple[str, dt.DataType]]:
    """Lower-case name in a header -> the field's name in records and its type. Data Loader writes names in capitals."""
    named = ((entity.aliases.get(column, column), wanted) for column, wanted in entity.schema.items())
    return {name.casefold(): (name, wanted) for name, wanted in named}


def _field(name: str, wanted: dt.DataType, text: str) -> tuple[str, Any]:
    """A text that is no value of its type stays as it is: reading bronze then sets the record apart and says why."""
    if not text:
        return name, None
    if wanted.is_boolean():
        return name, _BOOLEANS.get(text.lower(), text)
    if wanted.is_int64():
        return name, int(text) if _INTEGER.fullmatch(text) else text
    if wanted.is_decimal():
        return name, _number(text)
    if wanted.is_date():
        return name, _day(text)
    if wanted.is_timestamp():
        return name, _instant(text)
    return name, id18(text) if name.endswith("Id") else text  # reports write ids of 15 characters


def _number(text: str) -> float | str:
    """The number as JSON has it, where a float says the same."""
    try:
        found = float(text)
        return found if Decimal(repr(found)) == Decimal(text) else text
    except (ValueError, InvalidOperation):
        return text


def _day(text: str) -> str:
    """Some exports write days with a midnight."""
    day, _, rest = text.replace(" ", "T").partition("T")
    try:
        return date.fromisoformat(day).isoformat() if not rest or rest.startswith(_MIDNIGHT) else text
    except ValueError:
        return text


def _instant(text: str) -> str:
    """As the API writes instants; without an offset they are UTC, as in Salesforce's weekly exports."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    utc = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}+0000"
