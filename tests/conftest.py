"""Fixtures shared by all tests: a DuckDB backend and tables from inline rows."""

import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from ibis.backends.duckdb import Backend
from xdist.scheduler import LoadScopeScheduling

from c360.batch import as_batch_process

as_batch_process()

Rows = Sequence[Mapping[str, Any]]
TableFactory = Callable[[ibis.Schema, Rows], ir.Table]
SPARK, BIGQUERY = "spark", "bigquery"


LONGEST_FIRST = (
    "test_parity",
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
    "test_spark_lake",
)
"""Modules that take longest, so that no process is left alone with one of them at the end; before them what is on Spark.

The first makes the demo's lake; the three after it need none, and those that need it come when it is there.
"""


class BySession(LoadScopeScheduling):
    """One process runs all tests on Spark, which share a session, one those on BigQuery; else a module stays in one process."""

    def _split_scope(self, nodeid: str) -> str:
        if _is_on_spark(nodeid):
            return SPARK
        return BIGQUERY if _is_on_bigquery(nodeid) else nodeid.split("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySession:
    """How tests are given to processes (`--dist loadgroup` of xdist 3.8 knows no groups with pytest 9.2)."""
    return BySession(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest first. What needs Spark's session or GoogleSQL is left to `make test-engines` and `make test-all`."""
    ranks = {name: rank for rank, name in enumerate(LONGEST_FIRST)}
    for item in items:
        on_spark = "spark" in getattr(item, "fixturenames", ()) or _SPARK_PARAMETER.search(item.nodeid)
        if on_spark or item.nodeid.startswith(GOOGLESQL):
            item.add_marker(pytest.mark.heavy)
    items.sort(key=lambda item: (not _is_on_spark(item.nodeid), ranks.get(item.path.stem, len(ranks))))


def _is_on_spark(nodeid: str) -> bool:
    return Path(nodeid.split("::")[0]).stem in WHOLE_ON_SPARK or bool(_SPARK_PARAMETER.search(nodeid))


def _is_on_bigquery(nodeid: str) -> bool:
    return nodeid.startswith("tests/bigquery/") or bool(_BIGQUERY_PARAMETER.search(nodeid))


_BIGQUERY_PARAMETER = re.compile(r"\[(.*-)?bigquery[-\]]")
_SPARK_PARAMETER = re.compile(r"\[(.*-)?spark[-\]]")
WHOLE_ON_SPARK = ("test_parity", "test_spark_lake", "test_spark_names", "test_race_on_spark")
"""Modules whose tests have the session to themselves, whatever their parameters."""
GOOGLESQL = "tests/googlesql/"
"""Starting it takes half a minute, where nothing compiled is kept yet."""
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
    """The suite's one Spark session, with Delta. `SPARK_REMOTE_TEST=1`: by Spark Connect, the protocol of Databricks Connect."""
    from c360.engines.spark_local import local_session

    if "SPARK_REMOTE_TEST" not in os.environ:
        return local_session(ON_FEW_ROWS)
    with warnings.catch_warnings(action="ignore"):  # the client may not set what the server was started with
        return local_session(ON_FEW_ROWS, remote="local[2]")


@pytest.fixture(scope="session")
def bigquery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Where BigQuery's tables of the suite are; see `tests/bigquery/server.py`."""
    from tests.bigquery.server import serving

    with serving(tmp_path_factory.mktemp("bqemulator")) as place:
        yield place


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
