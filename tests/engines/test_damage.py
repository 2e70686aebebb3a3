"""A damaged or unwritable lake: one clear error with a remedy, and no value of a row in it."""

from collections.abc import Callable
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from c360.catalog import Overwrite
from c360.engines.delta_engine import DeltaEngine
from c360.engines.duckdb import DuckDBEngine
from c360.engines.spark import SparkEngine
from c360.errors import LakeError
from tests.engines.conftest import SCHEMA, TABLE, Writer, folder


def parquet(engine: DeltaEngine) -> Path:
    (file,) = folder(engine).glob("*.parquet")
    return file


def log(engine: DeltaEngine, version: int = 0) -> Path:
    return folder(engine) / "_delta_log" / f"{version:020}.json"


@pytest.mark.parametrize("damage", [lambda f: f.write_bytes(b"PAR1 no parquet"), Path.unlink], ids=["overwritten", "removed"])
def test_a_damaged_data_file_is_named(engine: DeltaEngine, write: Writer, damage: Callable[[Path], None]) -> None:
    write([{"id": 1, "note": "ada@example.com"}])
    damage(parquet(engine))
    for use in (lambda: engine.arrow(engine.read(TABLE)), lambda: write([{"id": 2}])):
        with pytest.raises(LakeError, match=r"\.parquet") as found:
            use()
        assert "c360 doctor" in found.value.hint
        assert found.value.__cause__ is None


def test_a_damaged_log_is_an_error_not_an_empty_table(engine: DeltaEngine, write: Writer) -> None:
    write([{"id": 1}])
    log(engine).write_text('{"commitInfo": {"timest')
    uses: list[Callable[[], object]] = [lambda: engine.head(TABLE), lambda: write([{"id": 2}])]
    if isinstance(engine, SparkEngine):  # knows the log already, and goes on with what it said
        assert engine.arrow(engine.read(TABLE)).num_rows == 1
    else:
        uses.append(lambda: engine.arrow(engine.read(TABLE)))
    for use in uses:
        with pytest.raises(LakeError) as found:
            use()
        assert "c360 release rollback" in found.value.hint


def test_a_restore_to_lost_files_fails_and_changes_nothing(engine: DeltaEngine, write: Writer) -> None:
    write([{"id": 1}])
    lost = parquet(engine)
    head = write([{"id": 2}]).head
    lost.unlink()
    with pytest.raises(LakeError, match="restoring version 0"):
        engine.restore(TABLE, 0)
    assert engine.head(TABLE) == head


def test_a_lake_on_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("a file")
    schema = ibis.schema({"id": "int64"})
    with DuckDBEngine(str(tmp_path / "lake")) as engine:
        rows = engine.from_arrow(pa.table({"id": [1]}), schema)
        with pytest.raises(LakeError) as found:
            engine.write(TABLE, rows, schema, ["id"], Overwrite(), {})
    assert "writable" in found.value.hint


def test_values_that_do_not_fit_are_not_quoted(engine: DeltaEngine, rows_of: Callable[..., ibis.expr.types.Table]) -> None:
    rows = rows_of([{"id": 1, "note": "ada@example.com"}])
    with pytest.raises(LakeError) as found:
        engine.materialise(rows.mutate(note=rows.note.cast("int64")))
    assert "ada@" not in str(found.value)


@pytest.mark.parametrize("name", ["../secrets", "silver.", "silver/x", "Silver.x", ""])
def test_table_names_cannot_leave_the_lake(engine: DeltaEngine, name: str) -> None:
    with pytest.raises(LakeError, match="no legal"):
        engine.head(name)


def test_types_of_the_schema_are_the_types_written(engine: DeltaEngine, write: Writer) -> None:
    write([{"id": 1}])
    assert engine.read(TABLE).schema() == ibis.schema({n: t.copy(nullable=True) for n, t in SCHEMA.items()})
