"""Commits and their records, on every engine: what `head` says after builds, loads and restores, and who comes too late."""

import pyarrow as pa
import pytest

from c360.engines.base import Head
from c360.engines.table_engine import TableEngine
from c360.errors import LakeError, LeaseError
from tests.engines.conftest import LOAD, NEXT, ON_EVERY_ENGINE, TABLE, Writer, batch, log_rows, stored

pytestmark = ON_EVERY_ENGINE


def ids(engine: TableEngine, table: str = "bronze.things") -> list[str]:
    found = engine.arrow(engine.read(table)).column("record_id").to_pylist() if engine.head(table) else []
    return sorted(found)


def test_no_table_has_no_head(engine: TableEngine) -> None:
    assert engine.head(TABLE) is None
    with pytest.raises(LakeError, match=r"There is no table silver\.fct_thing"):
        engine.read(TABLE)


def test_a_version_that_never_was(engine: TableEngine, write: Writer) -> None:
    write([{"id": 1}])
    with pytest.raises(LakeError, match="has no version 7"):
        engine.head(TABLE, 7)


def test_restore_carries_the_record_on(engine: TableEngine, write: Writer) -> None:
    first, second = write([{"id": 1}]), write([{"id": 2}])
    restored = engine.restore(TABLE, first.head.version)
    assert restored == Head(2, first.head.record)
    assert engine.head(TABLE) == restored
    assert engine.head(TABLE, second.head.version) == second.head
    assert set(stored(engine)) == {1}
    assert engine.restore(TABLE, 2) == restored


def test_replace_creates_the_table_and_replaces_one_partition_exactly(engine: TableEngine) -> None:
    engine.replace("bronze.things", batch(("a", LOAD), ("b", LOAD)), LOAD, {"content_id": "1"})
    engine.replace("bronze.things", batch(("c", NEXT)), NEXT, {"content_id": "2"})
    version = engine.replace("bronze.things", batch(("d", LOAD)), LOAD, {"content_id": "3"})
    assert ids(engine) == ["c", "d"]
    assert engine.head("bronze.things") == Head(version, {"content_id": "3"})
    engine.replace("bronze.things", batch(), LOAD, {})
    assert ids(engine) == ["c"]


@pytest.mark.parametrize("exists", [False, True])
def test_replace_refuses_rows_of_another_partition(engine: TableEngine, *, exists: bool) -> None:
    if exists:
        engine.replace("bronze.things", batch(("a", LOAD)), LOAD, {})
    with pytest.raises(LakeError, match="another partition") as refused:
        engine.replace("bronze.things", batch(("b", LOAD), ("c", NEXT)), LOAD, {})
    assert "ada@example.com" not in str(refused.value) + repr(refused.value.__cause__)
    assert ids(engine) == (["a"] if exists else [])


def test_append_without_an_expectation_adds_to_whatever_is_there(engine: TableEngine) -> None:
    assert [engine.append("_runs.log", log_rows(n)) for n in (1, 2)] == [0, 1]
    wider = log_rows(3).append_column("note", pa.array(["x"]))
    assert engine.append("_runs.log", wider, record={"content_id": "x"}) == 2
    assert engine.arrow(engine.read("_runs.log").order_by("n")).to_pylist()[0] == {"n": 1, "note": None}


def test_append_expecting_a_version(engine: TableEngine) -> None:
    assert engine.append("_runs", log_rows(1), expected_version=-1) == 0
    assert engine.append("_runs", log_rows(2), expected_version=0) == 1
    for passed in (-1, 0):
        with pytest.raises(LeaseError):
            engine.append("_runs", log_rows(3), expected_version=passed)
    with pytest.raises(LakeError):
        engine.append("_runs", log_rows(3), expected_version=9)
    assert engine.arrow(engine.read("_runs").order_by("n")).column("n").to_pylist() == [1, 2]
