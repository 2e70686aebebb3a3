"""What two runs of the flow `daily` left (those of `c360 demo`), what Prefect has cached, and what is not believed."""

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from prefect.settings import PREFECT_SERVER_DATABASE_CONNECTION_URL, temporary_settings

from c360 import lease, release, run
from c360.demo.home import secret_file
from c360.env_file import secret_in
from c360.errors import QualityError, SettingsError
from c360.lake import Lake, open_lake
from c360.manifest import write_manifest
from c360.settings import using
from c360.webhooks.events import ensure_table, pending, read_event, store
from flows import local
from flows.build import build, build_table, check_and_publish
from flows.daily import daily
from flows.ingest import ingest, ingest_entity
from flows.webhooks import webhooks
from tests.demo_world import FIRST, SECOND, demo_folder, prefect_home, settings, values
from tests.test_freshness import row as loaded
from tests.webhooks.conftest import event

WANTED = ["silver.dim_date", "silver.dim_price"]


@dataclass(frozen=True)
class World:
    """A lake after both days."""

    lake: Path
    given: dict[str, str]

    @contextmanager
    def opened(self) -> Iterator[Lake]:
        with open_lake(settings(self.given)) as lake:
            yield lake

    def run(self, flow: Any, **parameters: Any) -> Any:
        with using(settings(self.given)):
            return flow(**parameters)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A copy of the demo's lake, and a Prefect of its own."""
    made = demo_folder(tmp_path_factory.getbasetemp())
    lake = tmp_path_factory.mktemp("daily") / "lake"
    shutil.copytree(made / "lake", lake)
    logging.disable(logging.CRITICAL)  # Prefect's console handler outlives the stream pytest gave it
    database = prefect_home(tmp_path_factory.getbasetemp(), lake.parent / "prefect") / "prefect.db"
    own = {PREFECT_SERVER_DATABASE_CONNECTION_URL: f"sqlite+aiosqlite:///{database}"}
    with temporary_settings(own), local.local_prefect() as await_prefect:
        await_prefect()
        yield World(lake, values(lake, lake / "demo" / "fx_rates.csv", SECOND, secret_in(secret_file(str(lake)))))
    logging.disable(logging.NOTSET)


def files(lake: Path) -> set[Path]:
    return {path for path in lake.rglob("*") if path.is_file()}


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Table -> name of the state its task ended in, in the newest run."""
    found: dict[str, str] = {}

    def note(_: Any, task_run: Any, state: Any) -> None:
        found[task_run.name.removeprefix("build ")] = state.name

    monkeypatch.setattr(build_table, "on_completion_hooks", [note])
    return found


def test_two_days_are_released_one_after_the_other(world: World) -> None:
    with world.opened() as lake:
        log = release.entries(lake.engine)
        names = {node.full_name for node in lake.catalog.nodes.values()}
        assert lease.holder(lake.engine, lake.settings.clock()) is None
    assert [(e.kind, e.stage, e.load_date) for e in log] == [
        ("candidate", "silver", FIRST),
        ("released", "gold", FIRST),
        ("candidate", "silver", SECOND),
        ("released", "gold", SECOND),
    ]
    assert all(set(entry.tables) == names for entry in log if entry.is_readable)


def test_the_second_day_takes_over_what_did_not_change(world: World) -> None:
    with world.opened() as lake:
        silver = [e for e in release.entries(lake.engine) if e.stage == "silver"]
    first, second = ({built["table"]: built["outcome"] for built in entry.builds} for entry in silver)
    assert set(first.values()) <= {"built", "unchanged"}
    assert second["silver.fx_rate"] == "skipped"
    assert second["silver.fct_invoice"] == "built"


def test_another_run_of_a_released_day_writes_nothing(world: World) -> None:
    before = files(world.lake)
    outcome = world.run(daily, load_date=SECOND)
    assert outcome["is_noop"]
    assert outcome["entry"]["load_date"] == SECOND
    assert world.run(build, load_date=SECOND) == []
    assert files(world.lake) == before


def test_a_day_before_the_newest_release_is_refused_with_a_remedy(world: World) -> None:
    for flow in (daily, build):
        with pytest.raises(release.ReleaseError, match=r"older than the newest release.*Hint: .*backfill"):
            world.run(flow, load_date=FIRST - timedelta(days=1))


def test_real_accounts_do_not_go_into_the_demos_lake(world: World) -> None:
    before = files(world.lake)
    with pytest.raises(SettingsError, match=r"is the demo's lake; real accounts do not go into it.*Hint: Set C360_LAKE"):
        world.run(ingest, load_date=SECOND + timedelta(days=1))
    assert files(world.lake) == before


def test_webhooks_of_real_accounts_do_not_either(world: World) -> None:
    with pytest.raises(SettingsError, match="is the demo's lake"):
        world.run(webhooks)


def test_while_another_run_holds_the_lake_the_webhooks_wait_without_failing(world: World, tmp_path: Path) -> None:
    stripe = {"stripe_api_key": "rk_test", "stripe_account": "acct", "stripe_livemode": "false"}
    other = World(tmp_path / "lake", {**world.given, **stripe, "lake": str(tmp_path / "lake")})
    now = settings(other.given).clock()
    assert other.run(webhooks) == {"event_count": 0, "waiting_count": 0, "fetched": {}, "stored": {}}
    with other.opened() as lake:
        write_manifest(lake.engine, loaded(hours=0, load_date=FIRST))
        ensure_table(lake.engine)
        found = read_event(json.dumps(event(1)).encode(), now)
        assert found is not None
        store(lake.engine, [found])
        with run.exclusive(lake, "another"):
            assert other.run(webhooks)["event_count"] == 0
            assert len(pending(lake.engine, 10)) == 1


def test_gold_that_is_not_released_fails_the_flow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "is_up_to_date", lambda *_: False)
    monkeypatch.setattr(run, "finish_stage", lambda *_: None)
    for parameters in ({}, {"stages": ["gold"]}):
        with pytest.raises(release.ReleaseError, match="was built but not released"):
            world.run(build, load_date=SECOND, **parameters)
    assert world.run(build, load_date=SECOND, stages=["silver"])


def test_the_report_is_written_after_a_run_that_failed_and_its_error_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        raise QualityError("A check failed.")

    monkeypatch.setattr(run, "is_up_to_date", lambda *_: False)
    monkeypatch.setattr(run, "start", stopped)
    page = world.lake / "reports" / "index.html"
    page.unlink()
    with pytest.raises(QualityError, match="A check failed"):
        world.run(build, load_date=SECOND)
    assert page.exists()


def test_prefects_record_counts_where_the_lake_has_that_build_and_only_there(world: World, states: dict[str, str]) -> None:
    first = world.run(build, select=WANTED)
    assert json.loads(json.dumps(first)) == first  # what passes between tasks is plain, and small
    assert all(len(json.dumps(built)) < 4_000 for built in first)
    again = world.run(build, select=WANTED)
    assert [built["outcome"] for built in again] == ["skipped", "skipped"]
    assert states == {"silver.dim_date": "Cached", "silver.dim_price": "Cached"}

    with world.opened() as lake:
        node, days = lake.catalog["silver.dim_date"], lake.engine.read("silver.dim_date")
        expected = lake.execute(days.aggregate(count=days.count()))
        lake.engine.write(node.full_name, days.limit(7), node.schema, node.key, node.spec.write, {"content_id": "by hand"})
    shutil.rmtree(world.lake / "silver" / "dim_price")
    builds = world.run(build, select=WANTED)
    assert states == {"silver.dim_date": "Completed", "silver.dim_price": "Completed"}
    assert {built["table"]: built["outcome"] for built in builds} == {
        "silver.dim_date": "unchanged",  # restored from the release, and the rows built again are the same
        "silver.dim_price": "built",
    }
    with world.opened() as lake:
        days = lake.engine.read("silver.dim_date")
        assert lake.execute(days.aggregate(count=days.count())) == expected


def test_tasks_take_names_and_keep_small_records() -> None:
    assert get_type_hints(build_table.fn) == {"table": str, "lake_id": str, "fingerprint": str, "return": dict[str, Any]}
    assert get_type_hints(ingest_entity.fn) == {"entity": str, "account": str, "return": dict[str, Any]}
    assert {task.persist_result for task in (ingest_entity, check_and_publish)} == {False}
    assert build_table.persist_result


def test_the_deadline_of_a_load_is_not_applicable_to_runs_people_start(world: World) -> None:
    with world.opened() as lake:
        rows = lake.engine.arrow(lake.engine.read("gold.data_quality_log")).to_pylist()
    found = {(row["load_date"], row["result"]) for row in rows if (row["check_id"], row["measure"]) == ("BE-004", "minutes_late")}
    assert {(FIRST, "not_applicable"), (SECOND, "not_applicable")} <= found


def test_a_scheduled_run_of_a_day_that_landed_late_builds_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime.combine(SECOND + timedelta(days=1), time(2, 30), UTC)
    with world.opened() as lake:
        on_time = run.Outcome("on time", SECOND)
        run.start(lake, SECOND, on_time, is_scheduled=True)
        assert [(c.measured_value, c.result) for c in on_time.checks if c.measure == "minutes_late"] == [(0.0, "passed")]
        monkeypatch.setattr(run, "landed_at", lambda *_: late)
        outcome = run.Outcome("too late", SECOND)
        with pytest.raises(QualityError, match="BE-004"):
            run.start(lake, SECOND, outcome, is_scheduled=True)
        assert [c.measured_value for c in outcome.checks if c.measure == "minutes_late"] == [30.0]
        run.start(lake, SECOND, run.Outcome("by hand", SECOND))


def test_the_command_line_prints_our_sentences_and_nothing_of_prefect(tmp_path_factory: pytest.TempPathFactory) -> None:
    shown = (demo_folder(tmp_path_factory.getbasetemp()) / "stderr").read_text().splitlines()
    assert len(shown) > 50
    noise = [line for line in shown if not line.startswith((f"{FIRST} ", f"{SECOND} ")) and not line.endswith(" …")]
    assert noise == []
