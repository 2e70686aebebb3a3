"""Commits and their records: what `head` says after builds, restores, compactions, checkpoints and other tools."""

from collections.abc import Callable
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from c360.engines.base import Head
from c360.engines.delta import DeltaLake
from c360.engines.delta_engine import DeltaEngine
from c360.errors import LakeError, LeaseError
from tests.engines.conftest import TABLE, Writer, folder, stored

LOAD = {"source_account": "acct_1", "date_loaded": date(2026, 1, 2)}
NEXT = {**LOAD, "date_loaded": date(2026, 1, 3)}


def batch(*records: tuple[str, dict[str, Any]]) -> pa.RecordBatchReader:
    rows = [{"record_id": i, "payload": '{"email": "ada@example.com"}', **partition} for i, partition in records]
    fields = [("record_id", pa.string()), ("payload", pa.string()), ("source_account", pa.string()), ("date_loaded", pa.date32())]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields)).to_reader()


def ids(engine: DeltaEngine, table: str = "bronze.things") -> list[str]:
    return sorted(engine.arrow(engine.read(table)).column("record_id").to_pylist())


def log_rows(*values: int) -> pa.Table:
    return pa.table({"n": pa.array(values, pa.int64())})


def test_no_table_has_no_head(engine: DeltaEngine) -> None:
    assert engine.head(TABLE) is None
    with pytest.raises(LakeError, match=r"There is no table silver\.fct_thing"):
        engine.read(TABLE)


def test_a_version_that_never_was(engine: DeltaEngine, write: Writer) -> None:
    write([{"id": 1}])
    with pytest.raises(LakeError, match="has no version 7"):
        engine.head(TABLE, 7)


def test_restore_carries_the_record_on(engine: DeltaEngine, write: Writer) -> None:
    first, second = write([{"id": 1}]), write([{"id": 2}])
    restored = engine.restore(TABLE, first.head.version)
    assert restored == Head(2, first.head.record)
    assert engine.head(TABLE) == restored
    assert engine.head(TABLE, second.head.version) == second.head
    assert set(stored(engine)) == {1}
    assert engine.restore(TABLE, 2) == restored


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


def test_replace_creates_the_table_and_replaces_one_partition_exactly(engine: DeltaEngine) -> None:
    engine.replace("bronze.things", batch(("a", LOAD), ("b", LOAD)), LOAD, {"content_id": "1"})
    engine.replace("bronze.things", batch(("c", NEXT)), NEXT, {"content_id": "2"})
    version = engine.replace("bronze.things", batch(("d", LOAD)), LOAD, {"content_id": "3"})
    assert ids(engine) == ["c", "d"]
    assert engine.head("bronze.things") == Head(version, {"content_id": "3"})
    engine.replace("bronze.things", batch(), LOAD, {})
    assert ids(engine) == ["c"]


@pytest.mark.parametrize("exists", [False, True])
def test_replace_refuses_rows_of_another_partition(engine: DeltaEngine, *, exists: bool) -> None:
    if exists:
        engine.replace("bronze.things", batch(("a", LOAD)), LOAD, {})
    with pytest.raises(LakeError, match="another partition") as refused:
        engine.replace("bronze.things", batch(("b", LOAD), ("c", NEXT)), LOAD, {})
    assert "ada@example.com" not in str(refused.value) + repr(refused.value.__cause__)
    assert ids(engine) == (["a"] if exists else [])


def test_raw_records_stay_out_of_the_log(engine: DeltaEngine) -> None:
    engine.replace("bronze.things", batch(("a", LOAD)), LOAD, {})
    log = (folder(engine, "bronze.things") / "_delta_log").iterdir()
    assert not any(b"ada@" in file.read_bytes() for file in log if file.is_file())


def test_append_without_an_expectation_adds_to_whatever_is_there(engine: DeltaEngine) -> None:
    assert [engine.append("_runs.log", log_rows(n)) for n in (1, 2)] == [0, 1]
    wider = log_rows(3).append_column("note", pa.array(["x"]))
    assert engine.append("_runs.log", wider, record={"content_id": "x"}) == 2
    assert engine.arrow(engine.read("_runs.log").order_by("n")).to_pylist()[0] == {"n": 1, "note": None}


def test_append_expecting_a_version(engine: DeltaEngine) -> None:
    assert engine.append("_runs", log_rows(1), expected_version=-1) == 0
    assert engine.append("_runs", log_rows(2), expected_version=0) == 1
    for passed in (-1, 0):
        with pytest.raises(LeaseError):
            engine.append("_runs", log_rows(3), expected_version=passed)
    with pytest.raises(LakeError):
        engine.append("_runs", log_rows(3), expected_version=9)
    assert engine.arrow(engine.read("_runs").order_by("n")).column("n").to_pylist() == [1, 2]


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
