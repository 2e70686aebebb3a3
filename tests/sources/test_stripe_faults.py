"""Stripe's answers spoilt on the wire: the records are those of a quiet day, or the load fails by name; nothing is lost."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from c360.demo.clock import EVENT_RETENTION
from c360.demo.company import Company, generate
from c360.demo.server import DemoServer, epoch, serve
from c360.engines.duckdb import DuckDBEngine
from c360.errors import SourceError
from c360.ingest import ingest_day
from c360.manifest import read_manifest
from c360.settings import Settings
from c360.sources import stripe
from c360.sources.base import Evidence, Window
from c360.sources.http import Retries
from c360.sources.registry import discover
from c360.sources.stripe_entities import LISTINGS
from tests.demo_world import environment
from tests.released import environment as told
from tests.sources.faulty import FAULTS, Faulty, every, faulty, longest_run
from tests.sources.test_demo_load import at, load_changes, newest_versions
from tests.sources.test_demo_load import settings as settings_of

RETRIES = 4
ENTITIES = {name: entity for name, entity in discover().entities.items() if entity.source_system == "stripe"}
Records = dict[str, list[tuple[str, str, bool]]]


@pytest.fixture(scope="module")
def company() -> Company:
    return generate(accounts=4)


@pytest.fixture(scope="module")
def server(company: Company) -> Iterator[DemoServer]:
    with serve(company, now=at(company.load_dates[0])) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(server: DemoServer) -> Iterator[Faulty]:
    with faulty(server.stripe_url) as proxy:
        yield proxy


def given_settings(company: Company, server: DemoServer, url: str, **more: Any) -> Settings:
    given = settings_of(server, company.load_dates[0]).model_dump(exclude_unset=True)
    paged = {"stripe_max_retries": RETRIES, "stripe_page_size": 20, "stripe_account_requests_per_second": 10_000}
    return Settings(_env_file=None, **{**given, "stripe_url": url, **paged, **more})


def extracted(company: Company, server: DemoServer, url: str, waits: list[float]) -> Records:
    """Every record of every entity, of a source that notes its waits instead of waiting."""
    source = stripe.open_source(given_settings(company, server, url))
    source._retries = Retries(RETRIES, sleep=waits.append)
    now = at(company.load_dates[0])
    window = Window(now, now.replace(year=now.year - 1, day=1, hour=0))
    found: Records = {}
    for name, entity in ENTITIES.items():
        records = (record for page in source.extract(entity, window, Evidence()) for record in page)
        found[name] = sorted({(record.record_id, record.payload, record.is_deleted) for record in records})
    return found


@pytest.fixture(scope="module")
def quiet(company: Company, server: DemoServer, proxy: Faulty) -> Records:
    proxy.restart({})
    found = extracted(company, server, proxy.url, [])
    assert sum(len(records) for records in found.values()) > 100
    return found


def faults_of_requests() -> st.SearchStrategy[Mapping[int, str]]:
    """Which of the requests go wrong, and how."""
    schedules = st.dictionaries(st.integers(0, 60), st.sampled_from(FAULTS), max_size=25)
    return schedules.filter(lambda schedule: longest_run(schedule) <= RETRIES)


def spoilt_loads_are_quiet_ones(count: int, company: Company, server: DemoServer, proxy: Faulty, quiet: Records) -> None:
    @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
    @given(faults_of_requests())
    def law(schedule: Mapping[int, str]) -> None:
        proxy.restart(schedule)
        waits: list[float] = []
        assert extracted(company, server, proxy.url, waits) == quiet
        happened = [fault for number, fault in schedule.items() if number < len(proxy.asked) and fault != "slow"]
        assert len(waits) == len(happened)
        assert sum(waits) <= len(happened) * 0.5 * 2**RETRIES

    law()


def test_spoilt_answers_lose_nothing(company: Company, server: DemoServer, proxy: Faulty, quiet: Records) -> None:
    spoilt_loads_are_quiet_ones(10, company, server, proxy, quiet)


@pytest.mark.heavy
def test_many_more_spoilt_answers_lose_nothing(company: Company, server: DemoServer, proxy: Faulty, quiet: Records) -> None:
    spoilt_loads_are_quiet_ones(200, company, server, proxy, quiet)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "slow"])
def test_what_fails_for_good_fails_by_name(company: Company, server: DemoServer, proxy: Faulty, fault: str) -> None:
    proxy.restart(every(fault, 1000))
    waits: list[float] = []
    with pytest.raises(SourceError, match=r"Stripe"):
        extracted(company, server, proxy.url, waits)
    assert len(waits) == RETRIES


@pytest.mark.parametrize("name", ENTITIES)
def test_a_list_that_fails_for_good_leaves_the_day_incomplete(
    company: Company, server: DemoServer, proxy: Faulty, tmp_path: Path, name: str
) -> None:
    """Never an empty table: the entity has no row in the manifest, and those after it are not asked for."""
    path = LISTINGS[name].path
    proxy.restart({})
    proxy.failing = path
    given = given_settings(company, server, proxy.url, lake=str(tmp_path / "lake"))
    source = stripe.open_source(given)
    source._retries = Retries(1, sleep=lambda _: None)
    with DuckDBEngine(given.lake) as engine:
        with pytest.raises(SourceError, match=path):
            ingest_day(engine, given, [source], company.load_dates[0])
        assert [row.entity for row in read_manifest(engine)] == sorted(list(ENTITIES)[: list(ENTITIES).index(name)])


LOAD = """
from c360.engines.duckdb import DuckDBEngine
from c360.ingest import ingest_day
from c360.settings import current
from c360.sources import stripe
given = current()
with DuckDBEngine(given.lake) as engine:
    ingest_day(engine, given, [stripe.open_source(given)], given.clock().date())
"""


def test_a_load_killed_again_and_again_gives_the_same_bronze(
    company: Company, server: DemoServer, proxy: Faulty, tmp_path: Path
) -> None:
    """kill -9 after some requests, and the load goes on: at most the page under way is asked for again."""
    killed_after_every(14, company, server, proxy, tmp_path)


@pytest.mark.heavy
def test_a_load_killed_at_any_request_gives_the_same_bronze(
    company: Company, server: DemoServer, proxy: Faulty, tmp_path: Path
) -> None:
    killed_after_every(1, company, server, proxy, tmp_path)


def killed_after_every(step: int, company: Company, server: DemoServer, proxy: Faulty, folder: Path) -> None:
    """Each process is killed at its request `step` + 2: behind who it is, the pages it may keep, and the one it reads ahead."""

    def load(lake: str, kill_at: int | None = None) -> tuple[int, int]:
        """Exit code and number of requests of a process that loads the day."""
        proxy.restart({})
        one_list = {"stripe_lists_at_once": 1} if step == 1 else {}  # of several all first pages may be asked for at once
        given = told(given_settings(company, server, proxy.url, lake=str(folder / lake), **one_list))
        is_started = threading.Event()
        with subprocess.Popen([sys.executable, "-c", LOAD], env=environment({}) | given) as process:

            def kill(number: int) -> None:
                if number == kill_at:
                    is_started.wait()
                    process.kill()

            proxy.on_request = kill
            is_started.set()
            return process.wait(), len(proxy.asked)

    code, quiet_count = load("quiet")
    assert code == 0
    killed: list[int] = []
    while (done := load("killed", kill_at=step + 2))[0]:
        killed.append(done[1])
        assert len(killed) <= quiet_count, "no progress"
    assert killed
    assert sum(killed) + done[1] <= quiet_count + 4 * len(killed)
    with DuckDBEngine(str(folder / "quiet")) as one, DuckDBEngine(str(folder / "killed")) as other:
        for name in ENTITIES:
            day = company.load_dates[0]
            assert newest_versions(other, name, day) == newest_versions(one, name, day), name
    assert not (folder / "killed" / "_spool").exists()


def test_the_world_may_move_while_it_is_read(company: Company, server: DemoServer, proxy: Faulty, tmp_path: Path) -> None:
    """Records are made, changed and deleted between two pages: after the next load bronze is as if nobody had been disturbed.

    Events are another matter once they are 30 days old: Stripe tells no more of them.
    """
    moved_at((9,), company, server, proxy, tmp_path)


@pytest.mark.heavy
def test_the_world_may_move_at_any_request(company: Company, server: DemoServer, proxy: Faulty, tmp_path: Path) -> None:
    moved_at(range(1, 40, 2), company, server, proxy, tmp_path)


def moved_at(numbers: Iterable[int], company: Company, server: DemoServer, proxy: Faulty, folder: Path) -> None:
    first, second = company.load_dates

    def two_days(lake: Path, move_at: int | None) -> dict[str, set[tuple[str, str, bool]]]:
        with DuckDBEngine(str(lake)) as engine:
            server.set_now(at(first))
            proxy.restart({})
            proxy.on_request = lambda number: server.set_now(at(second)) if number == move_at else None
            for day in (first, second):
                given = given_settings(company, server, proxy.url, lake=str(lake), now=at(day))
                load_changes(engine, given, [stripe.open_source(given)], day)
                proxy.on_request = lambda number: None
                server.set_now(at(second))
            found = {name: newest_versions(engine, name, second) for name in ENTITIES}
            found["stripe_events"] = {event for event in found["stripe_events"] if event[0] not in forgotten}
            return found

    forgotten = {stub.id for stub in company.world.book.events if stub.created < epoch(at(second)) - EVENT_RETENTION}
    try:
        quiet = two_days(folder / "quiet", None)
        for number in numbers:
            disturbed = two_days(folder / f"moved{number}", number)
            assert {name for name in quiet if disturbed[name] != quiet[name]} == set(), f"moved at request {number}"
    finally:
        server.set_now(at(first))


def test_nothing_of_another_day_goes_on(company: Company, server: DemoServer, proxy: Faulty, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    given = given_settings(company, server, proxy.url, lake=str(lake))
    proxy.restart(every("broken", 1000) | {0: "slow", 1: "slow"})
    source = stripe.open_source(given)
    source._retries = Retries(0)
    with DuckDBEngine(str(lake)) as engine:
        with pytest.raises(SourceError):
            ingest_day(engine, given, [source], company.load_dates[0])
        windows = list((lake / "_spool").rglob("window.json"))
        assert len(windows) == 1 + given.stripe_lists_at_once  # the list that failed, and those begun meanwhile
        shutil.copytree(lake / "_spool", tmp_path / "old")
        for window in windows:
            window.write_bytes(window.read_bytes().replace(str(company.load_dates[0]).encode(), b"2020-01-01"))
        proxy.restart({})
        row = ingest_day(engine, given, [stripe.open_source(given)], company.load_dates[0])[0]
        assert row.first_cursor is not None
        assert row.cutoff_at.date() == company.load_dates[0]
    assert not (lake / "_spool").exists()
