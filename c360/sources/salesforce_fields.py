"""Which fields of an object are read, in which order, and in how many queries. Nothing readable is left out unless denied."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from c360.errors import SettingsError, SourceError, listing
from c360.settings import Settings, variable
from c360.sources.base import Entity
from c360.sources.salesforce_entities import EMAIL_COLUMN, REQUIRED_FIELDS
from c360.sources.salesforce_soql import DELETED, KEY, STAMP

_log = logging.getLogger(__name__)
_COMPOUND_TYPES = frozenset({"address", "location", "base64"})  # their parts are fields of their own; files are no records
_SELECT_LIMIT = 8_000  # characters as sent: the query travels in the address, of which Salesforce takes 16 kB with the headers
_COMMA = len("%2C")
_ALWAYS = (KEY, STAMP, DELETED)

Json = dict[str, Any]


@dataclass(frozen=True)
class Selection:
    """What is read of an object.

    Attributes:
        api_object: Its API name.
        types: Field -> its described type, in the order of the payload.
        parts: The fields of each query. Every part begins with the id and the change instant, by which parts are put together.
    """

    api_object: str
    types: Mapping[str, str]
    parts: tuple[tuple[str, ...], ...]

    @property
    def has_stamp(self) -> bool:
        """Whether the object tells when a record was changed."""
        return STAMP in self.types


def select(entity: Entity, described: Sequence[Json], settings: Settings) -> Selection:
    """Fields to ask for: those the schema names first, then all others; denied ones never, not even as part of another.

    Raises:
        SourceError: A field that tables need is not offered.
        SettingsError: A field that tables need is denied.
    """
    needed = REQUIRED_FIELDS[entity.api_object]
    readable = {f["name"]: f for f in described if f["type"] not in _COMPOUND_TYPES}
    missing = needed - readable.keys()
    if missing:
        raise SourceError(
            f"Salesforce's {entity.api_object} no longer shows {listing(missing)}.",
            hint="Give the user read access to the field (field-level security), or restore it.",
        )
    keep = {*needed, *(name for name in _ALWAYS if name in readable)}
    never = _named(settings.salesforce_fields_never, entity)
    denied = {name for name, field in readable.items() if _names(field) & never}
    if denied & keep:
        raise SettingsError(
            f"{variable('salesforce_fields_never')} denies {listing(denied & keep)} of {entity.api_object}, which tables need.",
            hint="Take them off the list.",
        )
    only = _named(settings.salesforce_fields_only, entity)
    allowed = {n for n, f in readable.items() if n in keep or not only or _names(f) & only} - denied
    return _selection(entity, {name: readable[name]["type"] for name in allowed})


def check_named(settings: Settings, entities: Iterable[Entity]) -> None:
    """Refuses lists of fields that name objects which are not read: a misspelt denial would deny nothing.

    Raises:
        SettingsError: Naming the first such field.
    """
    known = {entity.api_object.casefold() for entity in entities}
    for setting in ("salesforce_fields_only", "salesforce_fields_never"):
        for name in getattr(settings, setting):
            if name.split(".")[0].casefold() not in known:
                objects = listing(entity.api_object for entity in entities)
                raise SettingsError(f"{variable(setting)} names {name}, but c360 reads {objects}.", hint="Mend its name.")


def _names(field: Json) -> set[str]:
    """A field's name and that of the compound field it is a part of (`BillingCity`: `BillingAddress`), for comparing."""
    return {str(name).casefold() for name in (field["name"], field.get("compoundFieldName")) if name}


def _named(fields: Sequence[str], entity: Entity) -> set[str]:
    pairs = (field.split(".") for field in fields)
    return {name.casefold() for api_object, name in pairs if api_object.casefold() == entity.api_object.casefold()}


def _selection(entity: Entity, types: Mapping[str, str]) -> Selection:
    declared = {entity.aliases.get(column, column) for column in entity.schema}
    email = entity.aliases.get(EMAIL_COLUMN, EMAIL_COLUMN)
    if email in declared - types.keys():
        _log.info("Account has no field %s; billing e-mails come from contacts only.", email)
    links = [name for name in (KEY, STAMP) if name in types]
    rest = sorted(types.keys() - {*links}, key=lambda name: (name not in declared, name))
    return Selection(entity.api_object, {name: types[name] for name in (*links, *rest)}, _parts(links, rest))


def _parts(links: Sequence[str], rest: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    parts, size = [list(links)], 0
    for name in rest:
        size += len(name) + _COMMA
        if size > _SELECT_LIMIT:
            parts.append(list(links))
            size = len(name) + _COMMA
        parts[-1].append(name)
    return tuple(tuple(part) for part in parts)
