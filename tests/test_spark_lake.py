"""One lake, two engines: what DuckDB began, Spark continues with the same rows and fingerprints, and the other way round."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.released import Lakes, build_day, content_ids, contents, outcomes

pytest_plugins = ["tests.released"]

Copy = Callable[[Path], Path]


@pytest.mark.usefixtures("spark")
def test_spark_finds_what_duckdb_built_up_to_date(lakes: Lakes, copy: Copy) -> None:
    path = copy(lakes.second)
    assert build_day(lakes.settings(path, engine="spark")).is_noop
    assert content_ids(lakes.settings(path, engine="spark")) == content_ids(lakes.settings(lakes.second))


@pytest.mark.usefixtures("spark")
def test_spark_continues_duckdbs_lake_and_duckdb_spark_s(lakes: Lakes, copy: Copy) -> None:
    path = copy(lakes.loaded)
    on_spark: dict[str, Any] = {"engine": "spark"}
    outcome = build_day(lakes.settings(path, **on_spark))
    assert outcome.entry is not None
    assert set(outcomes(outcome).values()) <= {"built", "unchanged", "skipped"}
    duckdb = lakes.settings(path)
    assert content_ids(duckdb) == content_ids(lakes.settings(lakes.second))
    found, expected = contents(duckdb), contents(lakes.settings(lakes.second))
    assert {name for name in expected if found[name] != expected[name]} == set()
    assert build_day(duckdb).is_noop
