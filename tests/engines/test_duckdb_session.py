"""What DuckDB may take of the machine, and what is said when that is not enough."""

import ibis
import pytest

from c360.engines.duckdb import DuckDBEngine
from c360.engines.duckdb_session import DuckDBSession
from c360.errors import LakeError
from c360.settings import Settings


def test_it_takes_the_memory_and_threads_it_is_given(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr("c360.engines.duckdb.DuckDBSession", lambda **given: made.append(DuckDBSession(**given)) or made[0])
    settings = Settings(lake=str(tmp_path), duckdb_memory="64MiB", duckdb_threads=1)
    with DuckDBEngine(settings.lake, storage=settings.storage()):
        limits = made[0].backend.raw_sql("SELECT current_setting('memory_limit'), current_setting('threads')").fetchone()
    assert limits == ("64.0 MiB", 1)


def test_too_little_memory_names_the_setting() -> None:
    session = DuckDBSession(memory="16MiB", threads=1)
    texts = ibis.range(2_000_000).unnest().name("n").as_table().mutate(text=lambda t: t.n.cast(str) * 20)
    with pytest.raises(LakeError, match=r"Out of memory.*C360_DUCKDB_MEMORY"):
        session.materialise(texts.text.collect().name("texts").as_table())
    session.close()
