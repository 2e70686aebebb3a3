"""An engine on an empty lake, and a small table to write."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from c360.catalog import Merge, WriteMode
from c360.engines.base import Written
from c360.engines.delta_engine import DeltaEngine
from c360.engines.duckdb import DuckDBEngine

SCHEMA = ibis.schema({"id": "!int64", "month": "date", "amount": "decimal(38, 8)", "note": "string"})
TABLE = "silver.fct_thing"
Rows = Sequence[Mapping[str, Any]]
Writer = Callable[..., Written]


@pytest.fixture(params=["duckdb", "spark", pytest.param("spark-names", marks=pytest.mark.heavy)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DeltaEngine]:
    """Each engine that keeps its tables in Delta."""
    with opened(request, str(tmp_path / "lake")) as found:
        yield found


def opened(request: pytest.FixtureRequest, lake: str) -> DeltaEngine:
    """An engine of the fixture's parameter on a lake."""
    if request.param == "duckdb":
        return DuckDBEngine(lake)
    if request.param == "spark-names":
        from c360.engines.spark_named import NamedSparkEngine

        return NamedSparkEngine(f"unity://spark_catalog/t{uuid4().hex}", session=request.getfixturevalue("spark"))
    from c360.engines.spark import SparkEngine

    return SparkEngine(lake, session=request.getfixturevalue("spark"))


def folder(engine: DeltaEngine, table: str = TABLE) -> Path:
    """Where a table's files are."""
    if hasattr(engine.lake, "names"):
        return Path(engine.lake._detail(table, "location").removeprefix("file:"))
    return Path(engine.lake.path(table))


@pytest.fixture
def rows_of(engine: DeltaEngine) -> Callable[..., ir.Table]:
    """`rows_of(rows, schema)`: a table on the engine; columns a row leaves out are null."""

    def make(rows: Rows, schema: ibis.Schema = SCHEMA) -> ir.Table:
        arrow = ibis.schema({n: t.copy(nullable=True) for n, t in schema.items()}).to_pyarrow()
        return engine.from_arrow(pa.Table.from_pylist([{n: r.get(n) for n in schema} for r in rows], schema=arrow), schema)

    return make


@pytest.fixture
def write(engine: DeltaEngine, rows_of: Callable[..., ir.Table]) -> Writer:
    """`write(rows, mode, …)`: writes `TABLE` with a record that counts up."""
    calls = iter(range(1, 1000))

    def call(rows: Rows, mode: WriteMode | None = None, *, schema: ibis.Schema = SCHEMA, **options: Any) -> Written:
        record = {"content_id": f"build-{next(calls)}"}
        return engine.write(TABLE, rows_of(rows, schema), schema, ["id"], mode or Merge(), record, **options)

    return call


def stored(engine: DeltaEngine, table: str = TABLE, version: int | None = None) -> dict[Any, dict[str, Any]]:
    """Rows by id."""
    rows = engine.arrow(engine.read(table, version)).to_pylist()
    assert len({r["id"] for r in rows}) == len(rows)
    return {r["id"]: r for r in rows}
