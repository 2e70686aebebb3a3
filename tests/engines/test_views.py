"""The views file: readable by another process with the extension, switched in one step."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from c360.engines import duckdb_extension
from c360.engines.delta_engine import DeltaEngine
from c360.errors import LakeError
from tests.engines.conftest import TABLE, Writer

pytestmark = pytest.mark.parametrize("engine", ["duckdb", "spark"], indirect=True)

READER = """
import sys
import duckdb
from c360.engines import duckdb_extension
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    duckdb_extension.load(connection, "delta")
    print(connection.execute("SELECT list(id ORDER BY id) FROM silver.fct_thing").fetchall())
"""


def ids(file: Path) -> list[int]:
    with duckdb.connect(str(file), read_only=True) as connection:
        duckdb_extension.load(connection, "delta")
        return [i for (i,) in connection.execute("SELECT id FROM silver.fct_thing ORDER BY id").fetchall()]


def test_views_show_the_released_version_to_another_process(engine: DeltaEngine, write: Writer) -> None:
    released = write([{"id": 1}, {"id": 2}])
    write([{"id": 3}])
    engine.publish_views({TABLE: released.head.version}, "r-1")
    file = Path(engine.lake.root, "c360.duckdb")
    done = subprocess.run([sys.executable, "-c", READER, str(file)], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[([1, 2],)]"
    assert [p.name for p in file.parent.iterdir() if p.is_file()] == ["c360.duckdb"]


def test_the_file_is_replaced_while_a_reader_holds_it(engine: DeltaEngine, write: Writer) -> None:
    file = Path(engine.lake.root, "c360.duckdb")
    engine.publish_views({TABLE: write([{"id": 1}]).head.version}, "r-1")
    with duckdb.connect(str(file), read_only=True) as holder:
        duckdb_extension.load(holder, "delta")
        second = write([{"id": 1}, {"id": 2}]).head.version
        engine.publish_views({TABLE: second, "_runs": engine.append("_runs", engine.arrow(engine.read(TABLE)))}, "r-1")
        assert holder.execute("SELECT count(*) FROM silver.fct_thing").fetchone() == (1,)
    assert ids(file) == [1, 2]


def test_a_failed_publication_leaves_the_old_file(engine: DeltaEngine, write: Writer) -> None:
    engine.publish_views({TABLE: write([{"id": 1}]).head.version}, "r-1")
    with pytest.raises(LakeError, match="publishing views"):
        engine.publish_views({TABLE: 99}, "r-1")
    file = Path(engine.lake.root, "c360.duckdb")
    assert ids(file) == [1]
    assert [p.name for p in file.parent.iterdir() if p.is_file()] == ["c360.duckdb"]
