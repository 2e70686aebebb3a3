"""Extensions of DuckDB: checked once per process, and nothing unsigned afterwards."""

from pathlib import Path

import duckdb
import pytest

from c360.engines import duckdb_extension
from c360.engines.duckdb_session import DuckDBSession


def test_a_session_loads_nothing_unsigned(tmp_path: Path) -> None:
    session = DuckDBSession(threads=1)
    run = session.backend.con.execute
    forged = tmp_path / "forged.duckdb_extension"
    forged.write_bytes(Path(duckdb_extension._checked("delta")).read_bytes()[:-1] + b"x")
    with pytest.raises(duckdb.IOException, match="signature"):
        run(f"LOAD '{forged}'")
    with pytest.raises(duckdb.Error, match="allow_unsigned_extensions"):
        run("SET GLOBAL allow_unsigned_extensions = true")
    session.close()


def test_a_forged_extension_is_refused_the_first_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path(duckdb_extension._checked("delta"))
    folder = tmp_path / "duckdb_extension_forged" / "extensions" / real.parent.name
    folder.mkdir(parents=True)
    (tmp_path / "duckdb_extension_forged" / "__init__.py").touch()
    (folder / "forged.duckdb_extension").write_bytes(real.read_bytes()[:-1] + b"x")
    monkeypatch.syspath_prepend(tmp_path)
    with duckdb.connect(config=duckdb_extension.CONNECTION) as connection, pytest.raises(duckdb.IOException):
        duckdb_extension.load(connection, "forged")
