"""Fixtures shared by all tests: a DuckDB backend and tables from inline rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from ibis.backends.duckdb import Backend

from c360.batch import as_batch_process

as_batch_process()

Rows = Sequence[Mapping[str, Any]]
TableFactory = Callable[[ibis.Schema, Rows], ir.Table]
SPARK = "spark"


LONGEST_FIRST = (
    "test_run",
    "test_fct_subscription_event",
    "test_fct_mrr",
    "test_laws",
    "test_served",
    "test_readme",
    "test_release",
    "test_bad_input",
    "test_daily",
    "test_demo_run",
    "test_build",
)
"""Modules that take longest, so that no process is left alone with one of them at the end.

The first makes the demo's lake; the three after it need none, and those that need it come when it is there.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs all tests on Spark, which share a session; else a module stays in one process."""
    ranks = {name: rank for rank, name in enumerate((SPARK, *LONGEST_FIRST))}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(SPARK if _is_on_spark(item) else item.path.stem))
    items.sort(key=lambda item: ranks.get(SPARK if _is_on_spark(item) else item.path.stem, len(ranks)))


def _is_on_spark(item: pytest.Item) -> bool:
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return SPARK in getattr(item, "fixturenames", ()) or any(value == SPARK for value in given)


ON_FEW_ROWS = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
}
"""Compiling Java for each query takes longer than running it on few rows."""


@pytest.fixture(scope="session")
def spark() -> Any:
    """The suite's one Spark session, with Delta."""
    from c360.engines.spark_local import local_session

    return local_session(ON_FEW_ROWS)


@pytest.fixture
def backend() -> Iterator[Backend]:
    con = ibis.duckdb.connect()
    con.raw_sql("SET TimeZone = 'UTC'")
    yield con
    con.disconnect()


@pytest.fixture
def table(backend: Backend) -> TableFactory:
    """`table(schema, rows)`: a table on DuckDB of inline rows; columns a row leaves out are null."""

    def make(schema: ibis.Schema, rows: Rows) -> ir.Table:
        nullable = ibis.schema({name: dtype.copy(nullable=True) for name, dtype in schema.items()})
        full = [{name: row.get(name) for name in nullable} for row in rows]
        arrow = pa.Table.from_pylist(full, schema=nullable.to_pyarrow())
        return backend.create_table(ibis.util.gen_name("t"), arrow, schema=nullable, temp=True)

    return make
