"""Runs a table function over inline rows, compiled once per set of parameters: compiling is most of what few rows cost."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.engines.duckdb_session import DuckDBSession
from c360.sql import written_once

Rows = Sequence[Mapping[str, Any]]
Inputs = Mapping[str, tuple[ibis.Schema, Rows]]
Function = Callable[..., ir.Table]


def rows_of(
    session: DuckDBSession, function: Function, inputs: Inputs, order: Sequence[str], **params: Any
) -> list[dict[str, Any]]:
    """The rows of `function(**inputs, **params)` in order; columns an input row leaves out are null."""
    schemas = {name: _nullable(schema) for name, (schema, _) in inputs.items()}
    query = _query(function, tuple(schemas.items()), tuple(params.items()))
    stored = {name: session.from_arrow(_arrow(schemas[name], rows), schemas[name]) for name, (_, rows) in inputs.items()}
    found: list[dict[str, Any]] = session.arrow(session.materialise(query, query.schema(), stored)).to_pylist()
    return sorted(found, key=lambda row: [str(row[column]) for column in order])


@cache
def _query(function: Function, schemas: tuple[Any, ...], params: tuple[Any, ...]) -> ir.Table:
    return written_once(function(**{name: ibis.table(schema, name=name) for name, schema in schemas}, **dict(params)))


def _arrow(schema: ibis.Schema, rows: Rows) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema} for row in rows], schema=schema.to_pyarrow())


def _nullable(schema: ibis.Schema) -> ibis.Schema:
    return ibis.schema({name: dtype.copy(nullable=True) for name, dtype in schema.items()})
