"""Killed at any moment, then run again: the lake is as after a clean run."""

import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pyarrow as pa

from c360.engines.duckdb import DuckDBEngine

KILLS = 8
WORK = """
import sys
from tests.engines.test_crash import work
work(sys.argv[1], int(sys.argv[2]))
"""


def work(lake: str, state: int) -> None:
    """Brings a merged table and two bronze partitions to a state; commits by both of delta-rs's ways."""
    import ibis

    from c360.catalog import Merge
    from c360.engines import duckdb_writer

    schema = ibis.schema({"id": "int64", "month": "date", "state": "int64"})
    with DuckDBEngine(lake) as engine:
        for name, least in (("silver.anew", 2**40), ("silver.merged", 0)):
            duckdb_writer._MERGE_FROM_BYTES = least
            duckdb_writer._MERGE_UP_TO_SHARE = 10
            rows = pa.table({"id": range(20_000), "month": [date(2024, 1 + n % 12, 1) for n in range(20_000)]})
            rows = rows.append_column("state", pa.array([state if n % 3 else n for n in range(20_000)]))
            rows = rows.slice(state % 7)  # some rows vanish and return
            record = {"content_id": str(state)}
            engine.write(name, engine.from_arrow(rows, schema), schema, ["id"], Merge("month"), record)
        for account in ("a", "b"):
            rows = pa.table({"record_id": [str(n) for n in range(state)], "source_account": [account] * state})
            engine.replace("bronze.things", rows.to_reader(), {"source_account": account}, {"content_id": str(state)})


def summary(lake: Path) -> dict[str, list[tuple[object, ...]]]:
    with DuckDBEngine(str(lake)) as engine:
        result = {}
        for table in ("silver.anew", "silver.merged", "bronze.things"):
            rows = engine.arrow(engine.read(table))
            head = engine.head(table)
            result[table] = [
                (head and head.content_id, rows.num_rows),
                *sorted(map(tuple, (r.values() for r in rows.to_pylist()))),
            ]
        return result


def start(lake: Path, state: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORK, str(lake), str(state)], stderr=subprocess.DEVNULL)


def test_a_killed_write_run_again_is_a_clean_run(tmp_path: Path) -> None:
    clean, crashed = tmp_path / "clean", tmp_path / "crashed"
    work(str(clean), 10)
    started = time.monotonic()
    assert start(crashed, 10).wait(timeout=60) == 0
    whole = time.monotonic() - started
    assert summary(crashed) == summary(clean)
    dice = random.Random(7)
    for state in range(11, 11 + KILLS):
        process = start(crashed, state)
        time.sleep(dice.uniform(0.35, 1.0) * whole)
        process.kill()
        process.wait(timeout=60)
        summary(crashed)  # whatever was reached can be read
    last = 11 + KILLS
    work(str(crashed), last)
    work(str(clean), last)
    assert summary(crashed) == summary(clean)
