"""How DuckDB reads a record's JSON: `from_json` with every leaf as text."""

import json
from functools import cache
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir


def parse(text: ir.StringValue, shape: dt.Struct) -> ir.StructValue:
    """An object's text as a struct of text leaves; null for null text and for what is not JSON (DuckDB would raise)."""
    checked = ibis.ifelse(_is_json(text), text, ibis.null("string"))
    result: ir.StructValue = _reader(shape)(checked, json.dumps(_structure(shape)))
    return result


@ibis.udf.scalar.builtin(name="json_valid", signature=((dt.string,), dt.boolean))
def _is_json(text):  # type: ignore[no-untyped-def]  # ibis reads the signature above
    ...


@cache
def _reader(shape: dt.Struct) -> Any:
    def from_json(text, structure):  # type: ignore[no-untyped-def]  # ibis reads the signature below
        ...

    return ibis.udf.scalar.builtin(from_json, name="from_json", signature=((dt.string, dt.string), shape))


def _structure(shape: dt.DataType) -> Any:
    if isinstance(shape, dt.Struct):
        return {name: _structure(inner) for name, inner in shape.items()}
    if isinstance(shape, dt.Array):
        return [_structure(shape.value_type)]
    return "VARCHAR"
