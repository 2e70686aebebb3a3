"""Killed at any moment, then run again: the lake is as after a clean run."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from c360.catalog import Merge
from c360.engines import writer
from c360.engines.base import Engine
from c360.engines.duckdb import DuckDBEngine

KILLS = 5
LONGEST_SECONDS = {"duckdb": 0.5, "spark": 15}
"""Of writing before a kill: some states long."""
ROWS = 5_000
SCHEMA = ibis.schema({"id": "int64", "month": "date", "state": "int64"})
ENDLESS = """
import itertools, sys
from c360.engines import open_engine
from tests.engines.test_crash import bring_to
with open_engine(sys.argv[3], sys.argv[1]) as engine:
    for state in itertools.count(int(sys.argv[2])):
        print(state, flush=True)
        bring_to(engine, state)
"""


def bring_to(engine: Engine, state: int) -> None:
    """Brings two merged tables and two bronze partitions to a state; commits in each way delta-rs has."""
    for table, least_bytes in (("silver.anew", 2**40), ("silver.merged", 0)):
        writer._MERGE_FROM_BYTES = least_bytes
        writer._MERGE_UP_TO_SHARE = 10
        ids = range(state % 7, ROWS)  # some rows vanish and return
        columns = {"id": ids, "month": [date(2024, 1 + n % 12, 1) for n in ids], "state": [state if n % 3 else n for n in ids]}
        rows = engine.from_arrow(pa.table(columns), SCHEMA)
        engine.write(table, rows, SCHEMA, ["id"], Merge("month"), {"content_id": str(state)})
    for account in ("a", "b"):
        count = state % 100
        records = pa.table({"record_id": [str(n) for n in range(count)], "source_account": [account] * count})
        engine.replace("bronze.things", records.to_reader(), {"source_account": account}, {"state": state})


def rows(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    tables = ("silver.anew", "silver.merged", "bronze.things")
    return {t: sorted(tuple(r.values()) for r in engine.arrow(engine.read(t)).to_pylist()) for t in tables}


def kill_after(lake: Path, seconds: float, state: int, engine: str) -> int:
    """Starts writing states from `state` on, kills after `seconds` of writing (Spark's Java, too); the last state begun."""
    command = [sys.executable, "-c", ENDLESS, str(lake), str(state), engine]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        if not process.stdout or not process.stdout.readline():
            raise AssertionError("the writer did not start")
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGKILL)
        return state + len(process.stdout.readlines())


@pytest.mark.parametrize("engine", ["duckdb", pytest.param("spark", marks=pytest.mark.heavy)])
def test_a_killed_write_run_again_is_a_clean_run(tmp_path: Path, engine: str) -> None:
    dice = random.Random(7)
    with DuckDBEngine(str(tmp_path / "crashed")) as crashed, DuckDBEngine(str(tmp_path / "clean")) as clean:
        state = 1
        bring_to(crashed, state)
        for _ in range(KILLS):
            state = kill_after(tmp_path / "crashed", dice.uniform(0, LONGEST_SECONDS[engine]), state + 1, engine)
            rows(crashed)  # whatever was reached can be read
            assert crashed.head("silver.anew").content_id in {str(n) for n in range(state + 1)}  # type: ignore[union-attr]
        bring_to(crashed, state)
        bring_to(clean, state)
        assert rows(crashed) == rows(clean)
        assert crashed.head("silver.merged").record == clean.head("silver.merged").record  # type: ignore[union-attr]
