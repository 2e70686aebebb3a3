"""One lake, two engines: what DuckDB began, Spark continues with the same rows and fingerprints, and the other way round."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from c360.demo.home import secret_file
from tests.demo_world import ACCOUNTS, SEED, demo_folder, environment, prefect_home
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


@pytest.mark.heavy
def test_the_whole_demo_on_spark_releases_duckdbs_rows(
    lakes: Lakes, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = tmp_path_factory.getbasetemp()
    secret = Path(secret_file(str(tmp_path / "lake")))
    secret.parent.mkdir(parents=True)
    shutil.copy(secret_file(str(demo_folder(base) / "lake")), secret)  # else tokens would differ
    c360 = str(Path(sys.executable).parent / "c360")
    command = [c360, "demo", "--accounts", str(ACCOUNTS), "--seed", str(SEED), "--engine", "spark"]
    env = environment({}, PREFECT_HOME=str(prefect_home(base, tmp_path / "prefect")))
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    on_spark, on_duckdb = lakes.settings(tmp_path / "lake"), lakes.settings(lakes.second)
    assert content_ids(on_spark) == content_ids(on_duckdb)
    found, expected = contents(on_spark), contents(on_duckdb)
    assert {name for name in expected if found[name] != expected[name]} == set()
