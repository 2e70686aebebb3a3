"""How Spark reads a record's JSON: `from_json` with every leaf as text."""

from functools import cache
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir


def parse(text: ir.StringValue, shape: dt.Struct) -> ir.StructValue:
    """An object's text as a struct of text leaves; null for null text. What is not JSON gives a struct of nulls."""
    result: ir.StructValue = _reader(shape)(text, ddl(shape))
    return result


def ddl(shape: dt.DataType) -> str:
    """Spark's name of a type of structs, arrays and texts."""
    if isinstance(shape, dt.Struct):
        return "STRUCT<" + ", ".join(f"`{name}`: {ddl(inner)}" for name, inner in shape.items()) + ">"
    if isinstance(shape, dt.Array):
        return f"ARRAY<{ddl(shape.value_type)}>"
    return "STRING"


@cache
def _reader(shape: dt.Struct) -> Any:
    def from_json(text, structure):  # type: ignore[no-untyped-def]  # ibis reads the signature below
        ...

    return ibis.udf.scalar.builtin(from_json, name="from_json", signature=((dt.string, dt.string), shape))
