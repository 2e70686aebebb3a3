"""Every table gives the same rows on DuckDB and on Spark, from generated inputs and from none: exact, decimals included."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pytest

from c360.catalog import Node
from c360.engines.delta_engine import Session
from c360.engines.duckdb_session import DuckDBSession
from c360.fingerprint import expression
from c360.sql import written_once
from tests.gold.closing import rows as closing
from tests.inputs import EACH_TABLE, PARAMS, random_rows, schema_of, schemas_of

SEEDS = int(os.environ.get("PARITY_SEEDS", "1"))
"""Seeds per table whose inputs lead to rows."""
TRIED = 40
ROWS = 9
IN_BERLIN = replace(PARAMS, reporting_zone="Europe/Berlin", reporting_currency="eur")
"""Days begin when they do in a zone with summer time; the wild instants lie around its changes."""
Row = Mapping[str, Any]


@pytest.fixture(scope="module")
def duckdb() -> Iterator[DuckDBSession]:
    session = DuckDBSession()
    yield session
    session.close()


@pytest.fixture(scope="module")
def on_spark(spark: Any) -> Iterator[Session]:
    from c360.engines.spark_session import SparkRunner

    runner = SparkRunner(spark)
    yield runner
    runner.close()


def result(session: Session, node: Node, inputs: Mapping[str, Sequence[Row]]) -> Counter[str]:
    """The rows of a table on a session, as texts of their values."""
    stored = {name: session.from_arrow(_arrow(name, rows), schema_of(name)) for name, rows in inputs.items()}
    made = session.materialise(expression(node, IN_BERLIN, schemas_of(node)), node.schema, stored)
    return Counter(repr(row) for row in session.arrow(made).to_pylist())


def _arrow(name: str, rows: Sequence[Row]) -> pa.Table:
    nullable = ibis.schema({column: dtype.copy(nullable=True) for column, dtype in schema_of(name).items()})
    return pa.Table.from_pylist(list(rows), schema=nullable.to_pyarrow())


def differences(one: Counter[str], other: Counter[str]) -> tuple[list[str], list[str]]:
    """Rows only one has, rows only the other has."""
    return sorted((one - other).elements())[:3], sorted((other - one).elements())[:3]


@EACH_TABLE
def test_a_table_is_the_same(duckdb: DuckDBSession, on_spark: Session, node: Node) -> None:
    shown = 0
    for seed in range(TRIED):
        inputs = {name: random_rows(name, ROWS, Random(f"{seed} {name}"), wild=True) for name in node.inputs}
        expected = result(duckdb, node, inputs)
        if expected:
            shown += 1
            assert differences(result(on_spark, node, inputs), expected) == ([], []), f"seed {seed}"
        if shown == SEEDS:
            return
    assert shown, "the inputs never led to a row, so nothing was shown"


@EACH_TABLE
def test_a_table_of_nothing_is_the_same(duckdb: DuckDBSession, on_spark: Session, node: Node) -> None:
    nothing: dict[str, Sequence[Row]] = {name: [] for name in node.inputs}
    assert differences(result(on_spark, node, nothing), result(duckdb, node, nothing)) == ([], [])


@pytest.mark.parametrize("has_log", [False, True])
def test_the_log_of_restatements_is_the_same(duckdb: DuckDBSession, on_spark: Session, has_log: bool) -> None:
    """A step, but a query."""
    given = closing.restated(has_log=has_log)
    unbound = {name: ibis.table(schema, name=name) for name, (schema, _) in given.items()}
    expr = written_once(closing.log(**unbound, as_of=closing.AS_OF, reporting_currency="usd"))
    found = []
    for session in (duckdb, on_spark):
        stored = {
            n: session.from_arrow(pa.Table.from_pylist(rows, schema.to_pyarrow()), schema) for n, (schema, rows) in given.items()
        }
        rows = session.arrow(session.materialise(expr, expr.schema(), stored)).to_pylist()
        found.append(Counter(repr(row) for row in rows))
    assert found[0] == found[1]
    assert sum(found[0].values()) == 6
