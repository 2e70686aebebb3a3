"""From the raw parse of a record (every scalar leaf as text) to typed columns, by one strict rule for all engines.

Engines' own casts of JSON values disagree (`"12"`, `1.5`, `true` as an integer), so an engine only parses JSON into text
leaves; what a text is worth is decided here. A leaf that breaks its rule is null in `typed` and named by `problems`.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from operator import or_

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from c360.errors import ContractError
from c360.sources.base import Entity

Parse = Callable[[ir.StringValue, dt.Struct], ir.StructValue]
"""The engine's JSON parser: `parse(text, type)` reads an object's text into a struct of text leaves; null text gives null."""

_INTEGER = r"^-?\d{1,18}$"
_EPOCH = r"^-?\d{1,11}$"
_NUMBER = r"^-?\d+(\.\d+)?([eE][+-]?\d{1,2})?$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_INSTANT = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$"
_UTC = "timestamp('UTC', 6)"
_ID = r"^[A-Za-z0-9_.:-]+$"
_SIGNIFICANT_DIGITS = 15  # beyond that engines read a JSON number through different floats
_OBJECT = "{"


def text_type(entity: Entity) -> dt.Struct:
    """The struct type an engine parses the payload with: the record's own field names, every scalar leaf as string."""
    return dt.Struct({_in_record(entity, n): _text(t, n, entity.refs) for n, t in entity.schema.items()})


def typed(raw: ir.StructValue, entity: Entity, parse: Parse) -> dict[str, ir.Value]:
    """The entity's columns from the raw parse.

    Args:
        raw: A struct of type `text_type(entity)`.
        entity: Declares the wanted types.
        parse: The engine's JSON parser, for references that may be expanded.

    Returns:
        Column name -> value of the declared type; a leaf that breaks the rule of its type is null.
    """
    return {n: _value(raw[_in_record(entity, n)], t, n, entity.refs, parse) for n, t in entity.schema.items()}


def is_readable(raw: ir.StructValue, read: Mapping[str, ir.Value], entity: Entity, parse: Parse) -> ir.BooleanValue:
    """Whether the payload is an object with an id whose leaves all keep the rule of their type. Never null.

    Args:
        raw: A struct of type `text_type(entity)`.
        read: The columns of `typed(raw, …)`, already computed: nothing but elements of arrays is read twice.
        entity: Declares the wanted types.
        parse: The engine's JSON parser.
    """
    broken = [_broken(raw[_in_record(entity, n)], t, n, entity.refs, parse, None, read[n]) for n, t in entity.schema.items()]
    return ~_any([_has_no_id(raw, entity), *(b for b in broken if b is not None)])


def problems(raw: ir.StructValue, entity: Entity, parse: Parse) -> ir.ArrayValue:
    """Why a record cannot be read: `amount_due is not an integer`. Names fields and rules, never values.

    As costly as the record is wide: ask it only of records that are not `is_readable`.
    """
    found = [(_has_no_id(raw, entity), f"{entity.key} is missing or the payload is no object")]
    for name, wanted in entity.schema.items():
        for path, leaf in _leaves(wanted, name):
            broken = _broken(raw[_in_record(entity, name)], wanted, name, entity.refs, parse, path)
            if broken is not None:
                found.append((broken, f"{path} is not {_rule_name(leaf)}"))
    reasons = [ibis.ifelse(broken, reason, ibis.null("string")) for broken, reason in found]
    return ibis.array(reasons).filter(lambda reason: reason.notnull())


def leaf(text: ir.StringValue, wanted: dt.DataType) -> ir.Value:
    """One scalar: the text as the wanted type by the strict rule, null where it breaks it.

    Raises:
        ContractError: No rule for the type.
    """
    if wanted.is_string():
        return text
    if wanted.is_int64():
        return _where(text, text.re_search(_INTEGER)).try_cast("int64")
    if wanted.is_boolean():
        return _where(text, text.isin(["false", "true"])) == "true"
    if wanted.is_decimal():
        return _decimal(text).try_cast(wanted.copy(nullable=True))
    if wanted.is_date():
        return _where(text, text.re_search(_DATE)).try_cast("date")
    if wanted.is_timestamp():
        return _instant(text)
    raise ContractError(f"No rule reads {wanted} from a record.", hint="Use string, int64, boolean, decimal, date or timestamp.")


def _in_record(entity: Entity, column: str) -> str:
    return entity.aliases.get(column, column)


def _text(wanted: dt.DataType, path: str, refs: tuple[str, ...]) -> dt.DataType:
    if isinstance(wanted, dt.Array):
        return dt.Array(_text(wanted.value_type, path, refs))
    if isinstance(wanted, dt.Struct) and path not in refs:
        return dt.Struct({n: _text(t, f"{path}.{n}", refs) for n, t in wanted.items()})
    return dt.string


def _value(raw: ir.Value, wanted: dt.DataType, path: str, refs: tuple[str, ...], parse: Parse) -> ir.Value:
    if isinstance(wanted, dt.Array):
        elements = _expanded(raw, wanted, path, refs, parse)
        return elements.map(lambda e: _inner(e, wanted.value_type, path, refs, parse))
    if isinstance(wanted, dt.Struct) and path in refs:
        return _value(ibis.array([raw]), dt.Array(wanted), path, refs, parse)[0]  # so that it is parsed once, not per leaf
    return _inner(raw, wanted, path, refs, parse)


def _inner(raw: ir.Value, wanted: dt.DataType, path: str, refs: tuple[str, ...], parse: Parse) -> ir.Value:
    if isinstance(wanted, dt.Struct):
        return ibis.struct({n: _value(raw[n], t, f"{path}.{n}", refs, parse) for n, t in wanted.items()})
    if path in refs:
        return _reference(raw, parse)
    return leaf(raw, wanted)


def _reference(text: ir.StringValue, parse: Parse) -> ir.StringValue:
    is_object = text.startswith(_OBJECT)
    return ibis.ifelse(is_object, parse(_where(text, is_object), dt.Struct({"id": dt.string}))["id"], text)


def _expanded(raw: ir.ArrayValue, wanted: dt.Array, path: str, refs: tuple[str, ...], parse: Parse) -> ir.ArrayValue:
    """Elements as raw structs: texts of expandable references are parsed first, in a pass of their own."""
    if path not in refs or not isinstance(wanted.value_type, dt.Struct):
        return raw
    return raw.map(lambda text: _parsed(text, wanted.value_type, path, refs, parse))


def _parsed(text: ir.StringValue, wanted: dt.Struct, path: str, refs: tuple[str, ...], parse: Parse) -> ir.StructValue:
    shape = dt.Struct({n: _text(t, f"{path}.{n}", refs) for n, t in wanted.items()})
    wrapped = ibis.literal('{"id":"') + _where(text, text.re_search(_ID)) + '"}'
    return parse(ibis.ifelse(text.startswith(_OBJECT), text, wrapped), shape)


def _broken(
    raw: ir.Value,
    wanted: dt.DataType,
    path: str,
    refs: tuple[str, ...],
    parse: Parse,
    only: str | None,
    read: ir.Value | None = None,
) -> ir.BooleanValue | None:
    """Whether a leaf under `path` (the one called `only`, else any) breaks its rule; None where no leaf has a rule."""
    if isinstance(wanted, dt.Array):
        inner = wanted.value_type
        if not any(only in (None, p) and not t.is_string() for p, t in _leaves(inner, path)):
            return None
        elements = _expanded(raw, wanted, path, refs, parse)
        bad = elements.filter(lambda e: _broken_inner(e, inner, path, refs, parse, only))
        return ibis.coalesce(bad.length(), 0) > 0
    if isinstance(wanted, dt.Struct) and path in refs:
        return _broken(ibis.array([raw]), dt.Array(wanted), path, refs, parse, only)
    return _broken_inner(raw, wanted, path, refs, parse, only, read)


def _broken_inner(
    raw: ir.Value,
    wanted: dt.DataType,
    path: str,
    refs: tuple[str, ...],
    parse: Parse,
    only: str | None,
    read: ir.Value | None = None,
) -> ir.BooleanValue | None:
    if isinstance(wanted, dt.Struct):
        below = [
            _broken(raw[n], t, f"{path}.{n}", refs, parse, only, None if read is None else read[n])
            for n, t in wanted.items()
            if only is None or f"{only}.".startswith(f"{path}.{n}.")
        ]
        conditions = [b for b in below if b is not None]
        return _any(conditions) if conditions else None
    if wanted.is_string() or only not in (None, path):
        return None
    return raw.notnull() & (leaf(raw, wanted) if read is None else read).isnull()


def _leaves(wanted: dt.DataType, path: str) -> Iterator[tuple[str, dt.DataType]]:
    if isinstance(wanted, dt.Array):
        yield from _leaves(wanted.value_type, path)
    elif isinstance(wanted, dt.Struct):
        for name, inner in wanted.items():
            yield from _leaves(inner, f"{path}.{name}")
    else:
        yield path, wanted


def _rule_name(wanted: dt.DataType) -> str:
    if wanted.is_decimal():
        return f"a number of at most {_SIGNIFICANT_DIGITS} digits"
    names = {dt.Int64: "an integer", dt.Boolean: "true or false", dt.Date: "a date", dt.Timestamp: "an instant"}
    return names[type(wanted)]


def _has_no_id(raw: ir.StructValue, entity: Entity) -> ir.BooleanValue:
    return raw[entity.key].isnull()


def _any(conditions: list[ir.BooleanValue]) -> ir.BooleanValue:
    return reduce(or_, conditions)


def _where(text: ir.StringValue, condition: ir.BooleanValue) -> ir.StringValue:
    return ibis.ifelse(condition, text, ibis.null("string"))


def _decimal(text: ir.StringValue) -> ir.StringValue:
    mantissa = text.re_replace(r"[eE].*$", "").re_replace(r"[-.]", "").re_replace(r"^0+", "")
    return _where(text, text.re_search(_NUMBER) & (mantissa.length() <= _SIGNIFICANT_DIGITS))


def _instant(text: ir.StringValue) -> ir.TimestampValue:
    """Epoch seconds, or ISO 8601 with an offset (`Z`, `+00:00`, Salesforce's `+0000`)."""
    epoch = _where(text, text.re_search(_EPOCH)).try_cast("int64").as_timestamp("s").cast(_UTC)
    iso = text.replace("+0000", "+00:00")
    return ibis.coalesce(epoch, _where(iso, iso.re_search(_INSTANT)).try_cast(_UTC))
