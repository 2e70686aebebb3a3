"""Several who commit at once, and one who is killed: the table is as after a clean run."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace

import ibis
import pyarrow as pa
import pytest

from c360.catalog import Overwrite
from c360.engines.bigquery import BigQueryEngine
from c360.errors import LeaseError
from c360.storage import Warehouse
from tests.bigquery.server import drop_datasets, own_datasets
from tests.demo_world import environment

pytestmark = pytest.mark.heavy
TABLE = "silver.fct_thing"
SCHEMA = ibis.schema({"n": "int64"})
WRITE = """
import json, sys, time
import ibis, pyarrow as pa
from c360.catalog import Overwrite
from c360.engines.bigquery import BigQueryEngine
from c360.engines.bigquery_commits import Commits
from c360.storage import Warehouse

def halt(*_):
    print("here", flush=True)
    time.sleep(600)

schema = ibis.schema({"n": "int64"})
with BigQueryEngine(Warehouse(**json.loads(sys.argv[1]))) as engine:
    if sys.argv[2] == "before":
        Commits.commit = halt
    rows = engine.from_arrow(pa.table({"n": [2]}), schema)
    engine.write("silver.fct_thing", rows, schema, ["n"], Overwrite(), {"content_id": "2"})
    halt()
"""


@pytest.fixture
def place(bigquery: Warehouse) -> Iterator[Warehouse]:
    own = replace(bigquery, dataset=own_datasets())
    yield own
    drop_datasets(own)


def put(engine: BigQueryEngine, number: int) -> None:
    rows = engine.from_arrow(pa.table({"n": [number]}), SCHEMA)
    engine.write(TABLE, rows, SCHEMA, ["n"], Overwrite(), {"content_id": str(number)})


def stored(engine: BigQueryEngine) -> list[int]:
    found: list[int] = engine.arrow(engine.read(TABLE)).column("n").to_pylist()
    return sorted(found)


def test_of_writers_at_once_one_wins(place: Warehouse) -> None:
    with BigQueryEngine(place) as engine:
        engine.append("_runs", pa.table({"n": [0]}), expected_version=-1)
    won: list[int] = []
    lost: list[str] = []

    def commit(number: int) -> None:
        try:
            with BigQueryEngine(place) as engine:
                engine.append("_runs", pa.table({"n": [number]}), expected_version=0)
            won.append(number)
        except LeaseError as error:
            lost.append(error.message)

    threads = [threading.Thread(target=commit, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 3)
    with BigQueryEngine(place) as engine:
        assert sorted(engine.arrow(engine.read("_runs")).column("n").to_pylist()) == [0, *won]


@pytest.mark.parametrize(("moment", "found"), [("before", [1]), ("after", [2])])
def test_a_kill_leaves_the_table_as_it_was_or_as_it_should_be(place: Warehouse, moment: str, found: list[int]) -> None:
    with BigQueryEngine(place) as engine:
        put(engine, 1)
        command = [sys.executable, "-c", WRITE, json.dumps(asdict(place)), moment]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment({})) as process:
            assert process.stdout
            assert process.stdout.readline() == b"here\n"
            process.send_signal(signal.SIGKILL)
        assert stored(engine) == found
        put(engine, 2)
        assert stored(engine) == [2]
        assert engine.head(TABLE).version == 1  # type: ignore[union-attr]
