"""How BigQuery reads a record's JSON: it has no `from_json`, so a SQL function is generated for every shape, leaves as text."""

import hashlib
from functools import cache
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir

from c360.errors import ContractError

PREFIX = "c360_json_"
_ARGUMENT = "payload"
_UNQUOTABLE = "\"'`\\"


def parse(text: ir.StringValue, shape: dt.Struct) -> ir.StructValue:
    """An object's text as a struct of text leaves; null for null text and for what is not JSON. Calls `function(shape)`."""
    result: ir.StructValue = _reader(shape)(text)
    return result


def function_name(shape: dt.Struct) -> str:
    """The same name for equal shapes, in every process."""
    return PREFIX + hashlib.sha256(str(shape).encode()).hexdigest()[:16]


def function(shape: dt.Struct) -> str:
    """The expression of the function's body; its one argument is `payload`, a STRING."""
    level = f"SELECT {_ARGUMENT} AS text_0, {_parsed(_ARGUMENT)} AS json_0"
    return f"(SELECT {_value(shape, '$', 0)} FROM ({level}))"  # noqa: S608 - names are checked below


def definition(shape: dt.Struct, dataset: str | None = None) -> str:
    """The statement that makes the function: a temporary one of the script, or in `dataset` for good."""
    kind = f"OR REPLACE FUNCTION `{dataset}`." if dataset else "TEMP FUNCTION "
    return f"CREATE {kind}{function_name(shape)}({_ARGUMENT} STRING) AS ({function(shape)})"


def definitions(expr: ir.Table, dataset: str | None = None) -> list[str]:
    """The statements that make every function an expression calls."""
    return [definition(shape, dataset) for shape in shapes(expr)]


def shapes(expr: ir.Table) -> list[dt.Struct]:
    """The shapes an expression parses, each once, in the order of their names."""
    found = {node.__func_name__: node.dtype for node in expr.op().find(ops.ScalarUDF) if node.__func_name__.startswith(PREFIX)}
    return [found[name] for name in sorted(found)]


@cache
def _reader(shape: dt.Struct) -> Any:
    def read(payload):  # type: ignore[no-untyped-def]  # ibis reads the signature below
        ...

    return ibis.udf.scalar.builtin(read, name=function_name(shape), signature=((dt.string,), shape))


def _value(shape: dt.DataType, path: str, level: int) -> str:
    if isinstance(shape, dt.Struct):
        return _struct(shape, path, level)
    if isinstance(shape, dt.Array):
        return _array(shape, path, level)
    # Scalars come from the parsed value, which writes numbers as DuckDB does; objects from the text, which keeps their order.
    return f"COALESCE(JSON_VALUE(json_{level}, '{path}'), JSON_QUERY(text_{level}, '{path}'))"


def _struct(shape: dt.Struct, path: str, level: int) -> str:
    fields = ", ".join(f"{_value(inner, _below(path, name), level)} AS `{name}`" for name, inner in shape.items())
    return f"IF(COALESCE(JSON_TYPE(JSON_QUERY(json_{level}, '{path}')), 'null') = 'null', NULL, STRUCT({fields}))"


def _array(shape: dt.Array, path: str, level: int) -> str:
    below = level + 1
    element = f"text_{below}, {_parsed(f'text_{below}')} AS json_{below}, place_{below}"
    each = f"SELECT {element} FROM UNNEST(JSON_QUERY_ARRAY(text_{level}, '{path}')) AS text_{below} WITH OFFSET AS place_{below}"  # noqa: S608 - names are checked
    elements = f"ARRAY(SELECT {_value(shape.value_type, '$', below)} FROM ({each}) ORDER BY place_{below})"  # noqa: S608 - likewise
    return f"IF(JSON_TYPE(JSON_QUERY(json_{level}, '{path}')) = 'array', {elements}, NULL)"


def _parsed(text: str) -> str:
    # Without the rounding a number of more digits than a float has makes the whole record unreadable.
    return f"SAFE.PARSE_JSON({text}, wide_number_mode => 'round')"


def _below(path: str, name: str) -> str:
    if not set(name).isdisjoint(_UNQUOTABLE):
        raise ContractError(f"BigQuery cannot read a field called {name!r}.")
    return f'{path}."{name}"'
