"""What is Delta's own: checkpoints, compactions, other tools' commits, statistics in the log, and a lost race."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from c360.engines import writer
from c360.engines.base import Head
from c360.engines.delta import DeltaLake
from c360.engines.delta_engine import DeltaEngine
from tests.engines.conftest import LOAD, TABLE, Writer, batch, folder, log_rows, stored


def test_the_record_survives_compaction_and_checkpoints(engine: DeltaEngine, write: Writer) -> None:
    for number in range(25):
        write([{"id": number}])
    assert list((folder(engine) / "_delta_log").glob("*.checkpoint.parquet"))
    for _ in range(2):
        engine.append("_runs.log", log_rows(1), record={"content_id": "x"})
    if isinstance(engine.lake, DeltaLake):
        assert engine.lake.compact("_runs.log") == engine.head("_runs.log")
    else:
        DeltaTable(folder(engine, "_runs.log")).optimize.compact()
    assert (engine.data_files("_runs.log"), engine.head("_runs.log").content_id) == (1, "x")  # type: ignore[union-attr]
    assert engine.head(TABLE).content_id == "build-25"  # type: ignore[union-attr]
    assert engine.head(TABLE, 3).content_id == "build-4"  # type: ignore[union-attr]


def test_another_tools_commit_is_told_from_a_build(engine: DeltaEngine, write: Writer) -> None:
    written = write([{"id": 1}])
    table = DeltaTable(folder(engine))
    table.alter.set_table_properties({"delta.checkpointInterval": "50"})
    assert engine.head(TABLE) == Head(1, written.head.record)
    table.delete("id = 1")
    assert engine.head(TABLE).content_id == ""  # type: ignore[union-attr]


def test_raw_records_stay_out_of_the_log(engine: DeltaEngine) -> None:
    engine.replace("bronze.things", batch(("a", LOAD)), LOAD, {})
    log = (folder(engine, "bronze.things") / "_delta_log").iterdir()
    assert not any(b"ada@" in file.read_bytes() for file in log if file.is_file())


def test_a_write_that_loses_against_another_compares_again(
    engine: DeltaEngine, write: Writer, rows_of: Callable[..., ir.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    write([{"id": 1}, {"id": 2}])
    intruder = iter([True])
    honest = type(engine.lake).partition_columns

    def intrude(lake: Any, table: str, version: int) -> tuple[str, ...]:
        if next(intruder, False):
            write_deltalake(folder(engine, table), engine.arrow(rows_of([{"id": 3}])), mode="append")
        return honest(lake, table, version)

    monkeypatch.setattr(type(engine.lake), "partition_columns", intrude)
    written = write([{"id": 1, "note": "x"}, {"id": 2}])
    assert (written.updated, written.deleted, written.head.version) == (1, 1, 2)
    assert set(stored(engine)) == {1, 2}


def test_personal_columns_leave_no_values_in_the_log(engine: DeltaEngine, write: Writer, commit_by: str) -> None:
    secret = "ada@example.com"
    for amount in (1, 2):
        write([{"id": i, "amount": Decimal(amount), "note": secret} for i in range(3)], personal_columns=["note"])
    stored_files = [p for p in folder(engine).rglob("*") if p.is_file()]
    logs = [p.read_bytes() for p in stored_files if "_delta_log" in p.parts]
    assert not any(secret.encode() in log for log in logs)
    footers = [pq.read_metadata(p) for p in stored_files if p.suffix == ".parquet" and "_delta_log" not in p.parts]
    columns = [f.row_group(g).column(c) for f in footers for g in range(f.num_row_groups) for c in range(f.num_columns)]
    assert {c.path_in_schema for c in columns if c.is_stats_set and c.statistics.has_min_max} >= {"id"}
    assert not any(c.is_stats_set and c.statistics.has_min_max for c in columns if c.path_in_schema == "note")
    statistics = pa.table(DeltaTable(folder(engine)).get_add_actions(flatten=True)).column_names
    assert "min.id" in statistics
    assert "min.note" not in statistics


@pytest.mark.parametrize("engine", ["spark", "spark-names"], indirect=True)
def test_a_compaction_right_after_a_merge_is_nobody_elses_commit(engine: DeltaEngine, write: Writer, spark: Any) -> None:
    """Databricks compacts small files after every MERGE, whatever a session says."""
    spark.conf.set("spark.databricks.delta.autoCompact.enabled", "true")
    spark.conf.set("spark.databricks.delta.autoCompact.minNumFiles", "2")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(writer, "_MERGE_FROM_BYTES", 0)
        patched.setattr(writer, "_MERGE_UP_TO_SHARE", 10)
        try:
            write([{"id": 1}, {"id": 2}, {"id": 3}])
            changed = write([{"id": 1, "note": "x"}, {"id": 2}, {"id": 4}])
        finally:
            spark.conf.unset("spark.databricks.delta.autoCompact.enabled")
            spark.conf.unset("spark.databricks.delta.autoCompact.minNumFiles")
    assert (changed.inserted, changed.updated, changed.deleted, changed.total) == (1, 1, 1, 3)
    assert changed.head.version > 1
    assert changed.head.content_id == "build-2"
    assert set(stored(engine)) == {1, 2, 4}
