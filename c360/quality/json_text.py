"""JSON text of columns, written as string expressions that give the same text on every engine (`to_json` does not)."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from c360.quality.conditions import fold

_SEPARATOR = "\t"


def json_object(values: Mapping[str, ir.Value]) -> ir.StringValue:
    """A JSON object with sorted names. Names must be plain identifiers."""
    members = [ibis.literal(f'"{name}":') + json_value(values[name]) for name in sorted(values)]
    joined = fold(members, lambda a, b: a + "," + b) if members else ibis.literal("")
    return ibis.literal("{") + joined + "}"


def json_value(value: ir.Value) -> ir.StringValue:
    """One value as JSON: numbers and flags bare, days and instants (UTC, whole seconds) ISO 8601, null as `null`."""
    kind = value.type()
    if kind.is_integer():
        text = value.cast("string")
    elif kind.is_boolean():
        text = ibis.ifelse(value, "true", "false")
    elif kind.is_numeric():
        text = _decimal_text(value)
    elif kind.is_date():
        text = _quoted(value.strftime("%Y-%m-%d"))
    elif kind.is_timestamp():
        text = _quoted(value.strftime("%Y-%m-%dT%H:%M:%SZ"))
    else:
        text = _quoted(_escaped(value.cast("string")).replace(_SEPARATOR, " "))
    return text.fill_null("null")


def json_list(texts: ir.ArrayValue) -> ir.StringValue:
    """A JSON list of the distinct strings of an array column, sorted."""
    joined = _escaped(texts.unique().sort().join(_SEPARATOR)).replace(_SEPARATOR, '","')
    members = ibis.ifelse(texts.length() > 0, _quoted(joined), "").fill_null("")
    return ibis.literal("[") + members + "]"


def _quoted(text: ir.StringValue) -> ir.StringValue:
    return ibis.literal('"') + text + '"'


def _escaped(text: ir.StringValue) -> ir.StringValue:
    # JSON forbids control characters and no id or name needs them; the tab is json_list's separator.
    bare = text.re_replace(r"[\x00-\x08\x0a-\x1f\x7f]", " ")
    return bare.replace("\\", "\\\\").replace('"', '\\"')


def _decimal_text(value: ir.NumericValue) -> ir.StringValue:
    # Engines print 1.50 as 1.5, 1.50 or 1.500000000; a float that fits no decimal (infinite, not a number) is null.
    exact = value.try_cast("decimal(38, 9)") if value.type().is_floating() else value
    text = exact.cast("string")
    shortened = text.re_replace("0+$", "").re_replace("[.]$", "")
    return ibis.ifelse(text.contains("."), shortened, text)
