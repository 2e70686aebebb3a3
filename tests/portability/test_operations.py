"""docs/operations.md is what the engines do today: each operation on DuckDB, on Spark, and on Google's GoogleSQL.

`make portability` writes the page anew (a library's new release is why); the test fails while it differs.
"""

import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from c360.engines.bigquery_sql import bigquery_sql
from c360.engines.duckdb_session import DuckDBSession
from c360.engines.nullable import nullable
from tests.googlesql.both import Both
from tests.portability.operations import OPERATIONS, ROWS, SCHEMA, query

pytestmark = pytest.mark.heavy
pytest_plugins = ["tests.googlesql.conftest"]
PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
HEAD = """# Operations, engine by engine

Written by `make portability` from `tests/portability/`: every operation over the same six rows (nulls, a leap day, days clocks
change, texts beyond ASCII, numbers beyond 2^53), DuckDB {duckdb}, Spark {spark} with ANSI on, and GoogleSQL as Ibis {ibis} writes
it and as we write it (`c360/engines/bigquery_sql.py`). *equal*: the values DuckDB gives, for every row. Else the first value that
differs, and DuckDB's; *refused* with the kind of error. What differs here is in no table, but for what
[portability](portability.md) tells of.
"""
Values = Mapping[int, Any]


@pytest.fixture(scope="module")
def on_spark(spark: Any) -> Any:
    from c360.engines.spark_session import SparkRunner

    runner = SparkRunner(spark)
    yield runner
    runner.close()


def test_the_page_is_what_the_engines_do(both: Both, on_spark: Any) -> None:
    duckdb = DuckDBSession(threads=1)
    found = page(
        _on(duckdb),
        {"Spark": _on(on_spark), "BigQuery, by Ibis": _google(both, _by_ibis), "BigQuery, by us": _google(both, bigquery_sql)},
    )
    duckdb.close()
    if "C360_WRITE_PORTABILITY" in os.environ:
        PAGE.write_text(found)
    assert found == PAGE.read_text(), "run `make portability` and review the difference"


def page(duckdb: Callable[[ir.Table], Values], engines: Mapping[str, Callable[[ir.Table], Values]]) -> str:
    """The Markdown page."""
    import duckdb as duckdb_package
    import pyspark

    lines = [HEAD.format(duckdb=duckdb_package.__version__, spark=pyspark.__version__, ibis=ibis.__version__)]
    for group, operations in OPERATIONS.items():
        lines += [f"\n## {group}\n", "| operation | " + " | ".join(engines) + " |", "|---" * (len(engines) + 1) + "|"]
        for name, operation in operations.items():
            expected = outcome(duckdb, query(operation))
            cells = [cell(outcome(engine, query(operation)), expected) for engine in engines.values()]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def outcome(engine: Callable[[ir.Table], Values], expr: ir.Table) -> Values | str:
    """Value per row, or the kind of error."""
    try:
        return engine(expr)
    except Exception as error:  # noqa: BLE001 - whatever refuses is what the page tells
        return getattr(error, "getCondition", lambda: None)() or type(error).__name__


def cell(found: Values | str, expected: Values | str) -> str:
    """What a cell of the page says."""
    if isinstance(found, str):
        return f"refused ({found})" if not isinstance(expected, str) else "refused, as on DuckDB"
    if isinstance(expected, str):
        return "accepted; DuckDB refuses"
    different = [row for row in sorted(expected) if found[row] != expected[row]]
    if not different:
        return "equal"
    return f"`{found[different[0]]!r}`, DuckDB `{expected[different[0]]!r}`".replace("|", "\\|")


def _on(session: Any) -> Callable[[ir.Table], Values]:
    schema = nullable(SCHEMA)
    table = session.from_arrow(pa.Table.from_pylist(ROWS, schema=schema.to_pyarrow()), schema)

    def run(expr: ir.Table) -> Values:
        return _values(
            (row["id"], row["value"]) for row in session.arrow(session.materialise(expr, None, {"t": table})).to_pylist()
        )

    return run


def _google(both: Both, compiled: Callable[[ir.Table], str]) -> Callable[[ir.Table], Values]:
    google = both.google({"t": (SCHEMA, ROWS)})
    return lambda expr: _values(google.query(compiled(expr)).rows)


def _by_ibis(expr: ir.Table) -> str:
    return str(ibis.to_sql(expr, dialect="bigquery"))


def _values(rows: Any) -> Values:
    return {number: _plain(value) for number, value in rows}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.normalize() + 0
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
