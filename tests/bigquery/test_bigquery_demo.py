"""The demo on BigQuery by the command line: gold against the company's books, again with nothing to do, a rollback, a plan."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from c360.storage import Warehouse
from tests.bigquery.server import drop_datasets, own_datasets
from tests.demo_world import ACCOUNTS, SEED, demo_folder, environment, prefect_home

pytestmark = pytest.mark.heavy
Command = Callable[..., "subprocess.CompletedProcess[str]"]
SECONDS = 3600


@pytest.fixture(scope="module")
def place(bigquery: Warehouse) -> Iterator[Warehouse]:
    own = replace(bigquery, dataset=own_datasets())
    yield own
    drop_datasets(own)


@pytest.fixture(scope="module")
def c360(place: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Runs a command in the folder of the demo's lake."""
    folder = tmp_path_factory.mktemp("bigquery-demo")
    home = prefect_home(tmp_path_factory.getbasetemp(), folder / "prefect")
    given = {"bigquery_project": place.project, "bigquery_location": place.location, "bigquery_endpoint": place.endpoint}

    def run(*arguments: str, dataset: str = place.dataset) -> "subprocess.CompletedProcess[str]":
        env = environment({**given, "bigquery_dataset": dataset, "engine": "bigquery"}, PREFECT_HOME=str(home), COLUMNS="160")
        command = [str(Path(sys.executable).parent / "c360"), *arguments]
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)

    return run


@pytest.fixture(scope="module")
def first(c360: Command) -> "subprocess.CompletedProcess[str]":
    return c360("demo", "--accounts", str(ACCOUNTS), "--seed", str(SEED), "--engine", "bigquery")


def test_gold_equals_the_companys_books(first: "subprocess.CompletedProcess[str]") -> None:
    assert first.returncode == 0, first.stderr[-3000:]
    assert "differ" not in first.stdout.split("Gold against")[1].split("True MRR")[0]


def test_it_shows_what_the_demo_on_duckdb_shows(
    first: "subprocess.CompletedProcess[str]", tmp_path_factory: pytest.TempPathFactory
) -> None:
    there = (demo_folder(tmp_path_factory.getbasetemp()) / "stdout").read_text()
    assert _figures(first.stdout) == _figures(there)


def test_again_there_is_nothing_to_do(c360: Command, first: "subprocess.CompletedProcess[str]") -> None:
    second = c360("demo", "--accounts", str(ACCOUNTS), "--seed", str(SEED), "--engine", "bigquery")
    assert second.returncode == 0, second.stderr[-3000:]
    assert "nothing had to be done" in second.stderr
    assert second.stdout.split("Report:")[0] == first.stdout.split("Report:")[0]


def test_a_plan_says_what_it_knows(c360: Command, place: Warehouse, first: "subprocess.CompletedProcess[str]") -> None:
    planned = c360("plan", "--json", "--date", "2026-06-02", "--select", "gold", dataset=place.dataset + "_demo")
    assert planned.returncode == 0, planned.stderr[-3000:]
    rows = json.loads(planned.stdout)
    assert rows
    assert all(row["bytes_read"] != 0 for row in rows)


def test_a_rollback_shows_readers_the_release_before(
    c360: Command, place: Warehouse, first: "subprocess.CompletedProcess[str]"
) -> None:
    released = place.dataset + "_demo"
    before = json.loads(c360("release", "list", "--json", dataset=released).stdout)
    rolled = c360("release", "rollback", dataset=released)
    assert rolled.returncode == 0, rolled.stderr[-3000:]
    after = json.loads(c360("release", "list", "--json", dataset=released).stdout)
    assert len(after) == len(before) + 1


def _figures(shown: str) -> list[str]:
    """Words of all tables but that of what was built, which has durations; whatever the width of the terminal."""
    part = shown.split("Salesforce ↔ Stripe")[1].split("Report:")[0]
    return [word for word in part.split() if not set(word) <= set("─━ ")]
