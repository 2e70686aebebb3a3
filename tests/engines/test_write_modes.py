"""Every write mode: what changes, what stays, and that nothing is committed when nothing changed."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pytest

from c360.catalog import Append, Merge, Overwrite, ReplacePartition, WriteMode
from c360.engines.base import Written
from c360.engines.delta_engine import DeltaEngine
from c360.engines.table_engine import TableEngine
from tests.engines.conftest import ON_EVERY_ENGINE, SCHEMA, TABLE, Writer, folder, stored

pytestmark = ON_EVERY_ENGINE

JAN, FEB, MAR = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
FIRST = [
    {"id": 1, "month": JAN, "amount": Decimal("1.00000001"), "note": "a"},
    {"id": 2, "month": JAN, "amount": None, "note": None},
    {"id": 3, "month": FEB, "note": "c"},
]
SECOND = [
    {"id": 1, "month": JAN, "amount": Decimal("1.00000002"), "note": "a"},
    {"id": 2, "month": JAN, "amount": None, "note": None},
    {"id": 4, "month": MAR, "note": "d"},
]
KEYED: list[WriteMode] = [Merge(), Merge("month"), Overwrite()]


def files(engine: TableEngine, table: str = TABLE) -> set[Path]:
    """Of a table in Delta; other engines keep theirs elsewhere."""
    return {p for p in folder(engine, table).rglob("*") if p.is_file()} if isinstance(engine, DeltaEngine) else set()


def counts(written: Written) -> tuple[int, int, int, int]:
    return written.inserted, written.updated, written.deleted, written.total


def changes(engine: TableEngine, written: Written) -> set[tuple[Any, ...]]:
    assert written.changed_rows is not None
    return {(r["_change"], r["id"], r["amount"]) for r in engine.arrow(written.changed_rows).to_pylist()}


@pytest.mark.parametrize("mode", KEYED, ids=repr)
def test_insert_update_delete_in_one_commit(engine: TableEngine, write: Writer, mode: WriteMode, commit_by: str) -> None:
    created = write(FIRST, mode)
    changed = write(SECOND, mode)
    assert counts(created) == (3, 0, 0, 3)
    assert counts(changed) == (1, 1, 1, 3)
    assert (created.head.version, changed.head.version) == (0, 1)
    assert stored(engine) == {r["id"]: {**dict.fromkeys(SCHEMA), **r} for r in SECOND}
    assert stored(engine, version=0) == {r["id"]: {**dict.fromkeys(SCHEMA), **r} for r in FIRST}
    assert changes(engine, changed) == {
        ("update_old", 1, Decimal("1.00000001")),
        ("update_new", 1, Decimal("1.00000002")),
        ("delete", 3, None),
        ("insert", 4, None),
    }
    assert changes(engine, created) == {("insert", 1, Decimal("1.00000001")), ("insert", 2, None), ("insert", 3, None)}


@pytest.mark.parametrize("mode", [*KEYED, ReplacePartition("month"), Append()], ids=repr)
def test_no_change_writes_no_file(engine: TableEngine, write: Writer, mode: WriteMode, commit_by: str) -> None:
    write(FIRST, mode)
    before = engine.head(TABLE), files(engine)
    again = write(list(reversed(FIRST)), mode)
    assert counts(again) == (0, 0, 0, 3)
    assert not again.has_changed
    assert again.changed_rows is None
    assert again.head.content_id == "build-1"
    assert (engine.head(TABLE), files(engine)) == before


@pytest.mark.parametrize("mode", [*KEYED, ReplacePartition("month"), Append()], ids=repr)
def test_empty_tables(engine: TableEngine, write: Writer, mode: WriteMode, commit_by: str) -> None:
    assert counts(write([], mode)) == (0, 0, 0, 0)
    assert stored(engine) == {}
    assert not write([], mode).has_changed
    assert counts(write(FIRST, mode)) == (3, 0, 0, 3)
    emptied = write([], mode)
    is_kept = isinstance(mode, ReplacePartition | Append)  # no partition or batch is named, so none is touched
    assert counts(emptied) == ((0, 0, 0, 3) if is_kept else (0, 0, 3, 0))


def test_replaced_partitions_leave_the_others_alone(engine: TableEngine, write: Writer) -> None:
    write(FIRST, ReplacePartition("month"))
    changed = write([{"id": 7, "month": JAN}, {"id": 8, "month": MAR}], ReplacePartition("month"))
    assert counts(changed) == (2, 0, 2, 3)
    assert set(stored(engine)) == {3, 7, 8}


def test_a_null_partition_is_a_partition(engine: TableEngine, write: Writer) -> None:
    write([{"id": 1}, {"id": 2, "month": JAN}], ReplacePartition("month"))
    assert counts(write([{"id": 5}], ReplacePartition("month"))) == (1, 0, 1, 2)
    assert set(stored(engine)) == {2, 5}


def test_a_row_that_moves_to_another_partition_is_not_doubled(engine: TableEngine, write: Writer, commit_by: str) -> None:
    write(FIRST, Merge("month"))
    moved = [{**FIRST[0], "month": MAR}, *FIRST[1:]]
    assert counts(write(moved, Merge("month"))) == (0, 1, 0, 3)
    assert stored(engine)[1]["month"] == MAR


def test_append_adds_a_key_once_and_leaves_it_alone(engine: TableEngine, write: Writer) -> None:
    write([{"id": 1, "note": "run-1"}], Append())
    both = [{"id": 1, "note": "run-2"}, {"id": 2, "note": "run-2"}]
    added = write(both, Append())
    assert counts(added) == (1, 0, 0, 2)
    assert set(stored(engine)) == {1, 2}
    assert changes(engine, added) == {("insert", 2, None)}


@pytest.mark.parametrize("mode", [Merge(), Merge("month"), Overwrite()], ids=repr)
def test_scope_protects_stored_rows_outside_of_it(engine: TableEngine, write: Writer, mode: WriteMode, commit_by: str) -> None:
    write(FIRST, mode)
    changed = write([{"id": 1, "month": JAN, "note": "new"}], mode, scope=lambda t: t.month == ibis.literal(JAN))
    assert counts(changed) == (0, 1, 1, 2)
    assert {i: r["note"] for i, r in stored(engine).items()} == {1: "new", 3: "c"}


def test_a_key_that_comes_back_from_outside_the_scope_is_replaced(engine: TableEngine, write: Writer, commit_by: str) -> None:
    write(FIRST)
    changed = write([{"id": 3, "month": JAN, "note": "moved"}], scope=lambda t: t.month == ibis.literal(JAN))
    assert counts(changed) == (0, 1, 2, 1)
    assert {i: r["note"] for i, r in stored(engine).items()} == {3: "moved"}


def test_scope_may_be_a_subquery(engine: TableEngine, write: Writer, rows_of: Any) -> None:
    write(FIRST)
    keys = rows_of([{"id": 2}, {"id": 3}])
    changed = write([{"id": 3, "month": FEB, "note": "c"}], scope=lambda t: t.id.isin(keys.id))
    assert counts(changed) == (0, 0, 1, 2)
    assert set(stored(engine)) == {1, 3}


@pytest.mark.parametrize("mode", KEYED, ids=repr)
def test_repeated_keys_are_stored_as_given_and_heal(engine: TableEngine, write: Writer, mode: WriteMode, commit_by: str) -> None:
    """The check of keys comes after the write and refuses the release; the write must not lose or mix rows."""
    twice = [FIRST[0], FIRST[0], FIRST[1], {**FIRST[1], "note": "other"}]
    write(FIRST, mode)
    assert write(twice, mode).total == 4
    notes = [r["note"] for r in engine.arrow(engine.read(TABLE)).to_pylist()]
    assert sorted(notes, key=str) == [None, "a", "a", "other"]
    assert not write(twice, mode).has_changed
    healed = write(FIRST, mode)
    assert (healed.has_changed, healed.total) == (True, 3)
    assert stored(engine) == {r["id"]: {**dict.fromkeys(SCHEMA), **r} for r in FIRST}


def test_null_keys_are_rows_like_others(engine: TableEngine, write: Writer, commit_by: str) -> None:
    write([{"id": None, "note": "a"}, {"id": 1}])
    assert counts(write([{"id": None, "note": "b"}, {"id": 1}])) == (0, 1, 0, 2)
    assert stored(engine)[None]["note"] == "b"


@pytest.mark.parametrize("mode", [*KEYED, ReplacePartition("month")], ids=repr)
def test_columns_follow_the_contract(engine: TableEngine, write: Writer, mode: WriteMode, commit_by: str) -> None:
    write(FIRST, mode, personal_columns=["note"])
    wider = ibis.schema({"id": "int64", "month": "date", "amount": "decimal(38, 8)", "is_new": "boolean", "tag": "string"})
    changed = write([{**r, "is_new": True} for r in FIRST], mode, schema=wider, personal_columns=["tag"])
    assert counts(changed) == (0, 3, 0, 3)
    assert engine.read(TABLE).schema() == wider
    assert {r["is_new"] for r in stored(engine).values()} == {True}
    assert changed.head.record == engine.head(TABLE).record  # type: ignore[union-attr]
    assert engine.read(TABLE, 0).columns == SCHEMA.names
    assert counts(write(FIRST[:2], mode))[2:] == ((1, 2) if mode != ReplacePartition("month") else (0, 3))


def test_a_new_column_without_values_is_stored_too(engine: TableEngine, write: Writer) -> None:
    write(FIRST)
    wider = ibis.schema({**SCHEMA, "tag": "string"})
    changed = write(FIRST, schema=wider)
    assert counts(changed) == (0, 0, 0, 3)
    assert engine.read(TABLE).schema().names == wider.names


def test_what_is_read_has_the_types_that_were_written(engine: TableEngine, rows_of: Any) -> None:
    schema = ibis.schema(
        {
            "id": "int64",
            "at": "timestamp('UTC', 6)",
            "day": "date",
            "is_on": "boolean",
            "share": "float64",
            "rate": "decimal(38, 12)",
            "tags": "array<string>",
        }
    )
    engine.write("gold.t", rows_of([{"id": 1, "tags": ["a"]}], schema), schema, ["id"], Overwrite(), {})
    assert engine.read("gold.t").schema() == schema
    assert not engine.write("gold.t", rows_of([{"id": 1, "tags": ["a"]}], schema), schema, ["id"], Overwrite(), {}).has_changed
