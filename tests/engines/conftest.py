"""An engine on an empty lake, and a small table to write."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from c360.catalog import Merge, WriteMode
from c360.engines import writer
from c360.engines.base import Written
from c360.engines.delta_engine import DeltaEngine
from c360.engines.duckdb import DuckDBEngine
from c360.engines.table_engine import TableEngine
from c360.storage import Warehouse

SCHEMA = ibis.schema({"id": "!int64", "month": "date", "amount": "decimal(38, 8)", "note": "string"})
TABLE = "silver.fct_thing"
Rows = Sequence[Mapping[str, Any]]
Writer = Callable[..., Written]
LOAD = {"source_account": "acct_1", "date_loaded": date(2026, 1, 2)}
NEXT = {**LOAD, "date_loaded": date(2026, 1, 3)}


ON_DELTA = ["duckdb", "spark", pytest.param("spark-names", marks=pytest.mark.heavy)]
ON_EVERY_ENGINE = pytest.mark.parametrize("engine", [*ON_DELTA, pytest.param("bigquery", marks=pytest.mark.heavy)], indirect=True)
"""Of modules whose tests know no files of Delta."""


@pytest.fixture(params=ON_DELTA)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TableEngine]:
    """Each engine that keeps its tables in Delta, unless a module says `ON_EVERY_ENGINE`."""
    if request.param == "bigquery":
        with on_bigquery(request.getfixturevalue("bigquery")) as found:
            yield found
        return
    with opened(request, str(tmp_path / "lake")) as found:
        yield found


@contextmanager
def on_bigquery(server: Warehouse) -> Iterator[TableEngine]:
    """The engine on datasets of its own."""
    from c360.engines.bigquery import BigQueryEngine
    from tests.bigquery.server import drop_datasets, own_datasets

    place = replace(server, dataset=own_datasets())
    try:
        with BigQueryEngine(place) as engine:
            yield engine
    finally:
        drop_datasets(place)


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
def rows_of(engine: TableEngine) -> Callable[..., ir.Table]:
    """`rows_of(rows, schema)`: a table on the engine; columns a row leaves out are null."""

    def make(rows: Rows, schema: ibis.Schema = SCHEMA) -> ir.Table:
        arrow = ibis.schema({n: t.copy(nullable=True) for n, t in schema.items()}).to_pyarrow()
        return engine.from_arrow(pa.Table.from_pylist([{n: r.get(n) for n in schema} for r in rows], schema=arrow), schema)

    return make


@pytest.fixture
def write(engine: TableEngine, rows_of: Callable[..., ir.Table]) -> Writer:
    """`write(rows, mode, …)`: writes `TABLE` with a record that counts up."""
    calls = iter(range(1, 1000))

    def call(rows: Rows, mode: WriteMode | None = None, *, schema: ibis.Schema = SCHEMA, **options: Any) -> Written:
        record = {"content_id": f"build-{next(calls)}"}
        return engine.write(TABLE, rows_of(rows, schema), schema, ["id"], mode or Merge(), record, **options)

    return call


def stored(engine: TableEngine, table: str = TABLE, version: int | None = None) -> dict[Any, dict[str, Any]]:
    """Rows by id."""
    rows = engine.arrow(engine.read(table, version)).to_pylist()
    assert len({r["id"] for r in rows}) == len(rows)
    return {r["id"]: r for r in rows}


def batch(*records: tuple[str, dict[str, Any]]) -> pa.RecordBatchReader:
    rows = [{"record_id": i, "payload": '{"email": "ada@example.com"}', **partition} for i, partition in records]
    fields = [("record_id", pa.string()), ("payload", pa.string()), ("source_account", pa.string()), ("date_loaded", pa.date32())]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields)).to_reader()


def log_rows(*values: int) -> pa.Table:
    return pa.table({"n": pa.array(values, pa.int64())})


@pytest.fixture(params=["anew", "merge"])
def commit_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to carry out the same change: files written anew, and delta-rs's merge."""
    if request.param == "merge":
        monkeypatch.setattr(writer, "_MERGE_FROM_BYTES", 0)
        monkeypatch.setattr(writer, "_MERGE_UP_TO_SHARE", 10)
    return str(request.param)
