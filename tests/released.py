"""A small company behind its server, and lakes as they were on the way of `c360 demo`; tests work on copies.

A pytest plugin (`pytest_plugins = ["tests.released"]`). The lakes are made once per test session: of several workers the first
makes them, the others wait. PYTEST_DONT_REWRITE: the tests import it, too, and it asserts nothing.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from c360 import release, run
from c360.demo.company import Company, generate
from c360.demo.home import home, rates_file, secret_file
from c360.demo.server import DemoServer, serve
from c360.env_file import secret_in
from c360.lake import Lake, open_lake
from c360.lease import TABLE as LEASES
from c360.release import Entry
from c360.run import Outcome
from c360.settings import Settings, variable
from tests.demo_world import ACCOUNTS, FIRST, SECOND, SEED, demo_folder

THIRD = SECOND + timedelta(days=1)
STAMPS = ("_runs", "_releases", "gold/data_quality_log", "reports", "c360.duckdb")
"""What a run writes besides data: its lease, its log rows, its release row, what readers open."""

Rows = dict[str, list[tuple[Any, ...]]]
Files = dict[str, int]


def clock(day: date) -> datetime:
    """22:00 UTC of a day, when a load starts."""
    return datetime.combine(day, time(22), UTC)


@dataclass(frozen=True)
class Lakes:
    """Lakes as they were on the way. `loaded`: the first day released, the second in bronze only; `second`: both released.

    They are no longer the demo's: its corner is gone, its secret and rates are settings.
    """

    root: Path
    secret: str

    @property
    def first(self) -> Path:
        return self.root / "first"

    @property
    def loaded(self) -> Path:
        return self.root / "loaded"

    @property
    def second(self) -> Path:
        return self.root / "second"

    @property
    def rates(self) -> Path:
        return self.root / "fx_rates.csv"

    def settings(self, lake: Path, day: date = SECOND, server: DemoServer | None = None, **changes: Any) -> Settings:
        """Settings of a run on a day; whatever the machine's environment says."""
        own = {"now": clock(day), "token_secret": self.secret, "fx_rates_file": self.rates, "duckdb_threads": 1}
        given = {**own, **credentials(server), **changes}
        return Settings.load(_env_file=None, lake=str(lake), **given)


def credentials(server: DemoServer | None) -> dict[str, Any]:
    """Settings that reach the demo's server."""
    if server is None:
        return {}
    login = server.salesforce_credentials
    return {
        "stripe_url": server.stripe_url,
        "stripe_api_key": server.stripe_api_key,
        "stripe_livemode": False,
        "stripe_requests_per_second": 10_000.0,
        "salesforce_url": server.salesforce_url,
        "salesforce_client_id": login.client_id,
        "salesforce_client_secret": login.client_secret,
        "salesforce_username": login.username,
        "salesforce_password": login.password,
        "salesforce_requests_per_second": 10_000.0,
    }


def run_day(settings: Settings, day: date, *, with_sources: bool = True, **more: Any) -> Outcome:
    """The daily job in a session of its own, as a new process would run it."""
    with open_lake(settings) as lake:
        return run.run_day(lake, run.open_sources(lake) if with_sources else [], day, **more)


def build_day(settings: Settings, day: date = SECOND, **more: Any) -> Outcome:
    """The daily job on what bronze holds."""
    return run_day(settings, day, with_sources=False, **more)


def current(lake: Lake) -> Entry:
    """The release readers see."""
    found = release.current(release.entries(lake.engine))
    if found is None:
        raise AssertionError("nothing is released")
    return found


def contents(settings: Settings) -> Rows:
    """Table -> sorted rows of the release readers see."""
    with open_lake(settings) as lake:
        return {name: rows_of(lake, name, state.version) for name, state in current(lake).tables.items()}


def rows_of(lake: Lake, name: str, version: int | None = None) -> list[tuple[Any, ...]]:
    """The rows of a stored table, sorted."""
    rows = lake.engine.arrow(lake.engine.read(name, version)).to_pylist()
    return sorted((tuple(row.values()) for row in rows), key=repr)


def content_ids(settings: Settings) -> dict[str, str]:
    """Table -> content id in the release readers see."""
    with open_lake(settings) as lake:
        return {name: state.content_id for name, state in current(lake).tables.items()}


def files(root: Path, without: Sequence[str] = ()) -> Files:
    """Every file below a directory and when it was last written."""
    every = {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    return {path: written for path, written in every.items() if not path.startswith(tuple(without))}


def environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for commands and processes of their own."""
    given = {name: getattr(settings, name) for name in settings.model_fields_set if name in Settings.model_fields}
    plain = {name: value.get_secret_value() if hasattr(value, "get_secret_value") else value for name, value in given.items()}
    return {variable(name): str(value) for name, value in plain.items()}


def outcomes(outcome: Outcome) -> Mapping[str, str]:
    """Table -> what became of it."""
    return {built.table.split(".", 1)[1]: built.outcome for built in outcome.builds}


@pytest.fixture(scope="session")
def company() -> Company:
    return generate(accounts=ACCOUNTS, seed=SEED)


@pytest.fixture(scope="session")
def running(company: Company) -> Iterator[DemoServer]:
    with serve(company, now=clock(SECOND)) as server:
        yield server


@pytest.fixture
def server(running: DemoServer) -> DemoServer:
    """The server, on the second day."""
    running.set_now(clock(SECOND))
    return running


@pytest.fixture(scope="session")
def lakes(tmp_path_factory: pytest.TempPathFactory, running: DemoServer) -> Lakes:
    base = tmp_path_factory.getbasetemp()
    demo = demo_folder(base) / "lake"
    made = Lakes((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "released", secret_in(secret_file(str(demo))))
    made.root.mkdir(exist_ok=True)
    with (made.root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.second.exists():
            _make(made, demo, running)
    return made


def _make(lakes: Lakes, demo: Path, server: DemoServer) -> None:
    work = lakes.root / "work"
    for left_over in (work, lakes.first, lakes.loaded):
        shutil.rmtree(left_over, ignore_errors=True)
    shutil.copy(rates_file(str(demo)), lakes.rates)
    shutil.copytree(demo, work)
    shutil.rmtree(home(str(work)))
    _as_it_was(work, lakes.first, _end_of_first_run(lakes.settings(work)))
    with open_lake(lakes.settings(lakes.first, FIRST)) as lake:
        run.publish_views(lake, current(lake))
    shutil.copytree(lakes.first, lakes.loaded)
    server.set_now(clock(SECOND))
    with open_lake(lakes.settings(lakes.loaded, SECOND, server)) as lake:
        run.ingest_day(lake, run.open_sources(lake), SECOND, refetch=False)
    work.rename(lakes.second)


def _as_it_was(lake: Path, target: Path, moment: int) -> None:
    """A copy without what was written later: files of Delta tables are never changed."""
    for file in [path for path in lake.rglob("*") if path.is_file() and path.stat().st_mtime_ns <= moment]:
        copied = target / file.relative_to(lake)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copied)


def _end_of_first_run(settings: Settings) -> int:
    """When the first run gave the lease back (nanoseconds): every row of `_runs` is a commit of its own."""
    with open_lake(settings) as lake:
        runs = lake.engine.arrow(lake.engine.read(LEASES)).to_pylist()
    end = min(row["sequence"] for row in runs if row["action"] == "release")
    return (Path(settings.lake) / LEASES / "_delta_log" / f"{end:020}.json").stat().st_mtime_ns


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[Path], Path]:
    """`copy(lakes.second)`: a lake of the test's own."""

    def made(lake: Path) -> Path:
        return Path(shutil.copytree(lake, tmp_path / "lake"))

    return made
