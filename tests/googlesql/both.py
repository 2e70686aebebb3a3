"""The same expression on DuckDB (as its engine runs it) and on GoogleSQL, over the same rows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.engines.bigquery_json import function, function_name, shapes
from c360.engines.bigquery_sql import bigquery_sql
from c360.engines.duckdb_session import DuckDBSession
from c360.engines.nullable import nullable
from tests.googlesql.evaluator import Google
from tests.googlesql.values import type_name, type_of
from tests.googlesql.wasm import Service

Inputs = Mapping[str, tuple[ibis.Schema, list[dict[str, Any]]]]


class Both:
    """Runs expressions over unbound tables on both.

    Args:
        service: GoogleSQL.
        session: DuckDB.
    """

    def __init__(self, service: Service, session: DuckDBSession) -> None:
        self._service = service
        self._session = session

    def google(self, inputs: Inputs, *exprs: ir.Table) -> Google:
        """GoogleSQL with the inputs and the functions that the expressions call."""
        functions = {function_name(shape): function(shape) for expr in exprs for shape in shapes(expr)}
        return Google(self._service, inputs, functions)

    def on_google(self, expr: ir.Table, inputs: Inputs) -> Counter[Any]:
        """The rows as a multiset, once their types are the expression's."""
        result = self.google(inputs, expr).query(bigquery_sql(expr))
        assert dict(result.columns) == columns(expr.schema())
        return Counter(plain(row) for row in result.rows)

    def on_duckdb(self, expr: ir.Table, inputs: Inputs, schema: ibis.Schema | None = None) -> Counter[Any]:
        """The rows as a multiset."""
        return Counter(plain(tuple(row.values())) for row in self.rows_on_duckdb(expr, inputs, schema))

    def rows_on_duckdb(self, expr: ir.Table, inputs: Inputs, schema: ibis.Schema | None = None) -> list[dict[str, Any]]:
        """The rows."""
        tables = {name: self._table(*given) for name, given in inputs.items()}
        rows: list[dict[str, Any]] = self._session.arrow(self._session.materialise(expr, schema, tables)).to_pylist()
        return rows

    def equal(self, expr: ir.Table, inputs: Inputs) -> Counter[Any]:
        """The rows, which are asserted to be the same on both."""
        expected = self.on_duckdb(expr, inputs)
        assert self.on_google(expr, inputs) == expected
        return expected

    def _table(self, schema: ibis.Schema, rows: Iterable[dict[str, Any]]) -> ir.Table:
        wanted = nullable(schema)
        return self._session.from_arrow(pa.Table.from_pylist(list(rows), schema=wanted.to_pyarrow()), wanted)


def columns(schema: ibis.Schema) -> dict[str, str]:
    """Name -> BigQuery's type of every column of a schema."""
    return {name: type_name(type_of(dtype)) for name, dtype in schema.items()}


def plain(value: Any) -> Any:
    """A value that can be counted; decimals of equal value are equal; no array is an empty one, as BigQuery stores it."""
    if isinstance(value, dict):
        return tuple((name, plain(inner)) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return tuple(plain(inner) for inner in value) or None
    return value.normalize() if isinstance(value, Decimal) else value
