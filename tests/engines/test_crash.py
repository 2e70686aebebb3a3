"""Killed at any moment, then run again: the lake is as after a clean run."""

import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import ibis
import pyarrow as pa

from c360.catalog import Merge
from c360.engines import writer
from c360.engines.duckdb import DuckDBEngine

KILLS = 5
ROWS = 5_000
SCHEMA = ibis.schema({"id": "int64", "month": "date", "state": "int64"})
ENDLESS = """
import itertools, sys
from c360.engines.duckdb import DuckDBEngine
from tests.engines.test_crash import bring_to
with DuckDBEngine(sys.argv[1]) as engine:
    for state in itertools.count(int(sys.argv[2])):
        print(state, flush=True)
        bring_to(engine, state)
"""


def bring_to(engine: DuckDBEngine, state: int) -> None:
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


def rows(engine: DuckDBEngine) -> dict[str, list[tuple[object, ...]]]:
    tables = ("silver.anew", "silver.merged", "bronze.things")
    return {t: sorted(tuple(r.values()) for r in engine.arrow(engine.read(t)).to_pylist()) for t in tables}


def kill_after(lake: Path, seconds: float, state: int) -> int:
    """Starts writing states from `state` on, kills after `seconds` of writing; the last state begun."""
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(lake), str(state)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        if not process.stdout or not process.stdout.readline():
            raise AssertionError("the writer did not start")
        time.sleep(seconds)
        process.kill()
        return state + len(process.stdout.readlines())


def test_a_killed_write_run_again_is_a_clean_run(tmp_path: Path) -> None:
    dice = random.Random(7)
    with DuckDBEngine(str(tmp_path / "crashed")) as crashed, DuckDBEngine(str(tmp_path / "clean")) as clean:
        state = 1
        bring_to(crashed, state)
        for _ in range(KILLS):
            state = kill_after(tmp_path / "crashed", dice.uniform(0, 0.5), state + 1)
            rows(crashed)  # whatever was reached can be read
            assert crashed.head("silver.anew").content_id in {str(n) for n in range(state + 1)}  # type: ignore[union-attr]
        bring_to(crashed, state)
        bring_to(clean, state)
        assert rows(crashed) == rows(clean)
        assert crashed.head("silver.merged").record == clean.head("silver.merged").record  # type: ignore[union-attr]
