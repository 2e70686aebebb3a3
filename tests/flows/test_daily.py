"""The flow `daily` on a served company: two days, what is cached, and what is not believed."""

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, TaskRunFilter
from prefect.client.schemas.objects import TaskRun
from prefect.testing.utilities import prefect_test_harness

from c360 import release
from c360.catalog import LAYERS
from c360.lake import Lake, open_lake
from c360.settings import using
from flows import local
from flows.build import build
from flows.daily import daily
from tests.demo_world import FIRST, SECOND, company, served, settings, values


@dataclass
class World:
    """The lake of the company, after both days."""

    lake: Path
    given: dict[str, str]
    outcomes: list[dict[str, Any]]

    @contextmanager
    def opened(self) -> Iterator[Lake]:
        with open_lake(settings(self.given)) as lake:
            yield lake

    def run(self, flow: Any, **parameters: Any) -> Any:
        with using(settings(self.given)):
            return flow(**parameters)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("daily")
    made, rates = company(folder)
    with ExitStack() as stack:
        logging.disable(logging.CRITICAL)  # Prefect's console handler outlives the stream pytest gave it
        stack.callback(logging.disable, logging.NOTSET)
        stack.enter_context(prefect_test_harness())
        stack.enter_context(local.local_prefect())
        server = stack.enter_context(served(made))
        given, outcomes = {}, []
        for day in (FIRST, SECOND):
            server.set_now(settings(given := values(folder / "lake", rates, server, day)).clock())
            with using(settings(given)):
                outcomes.append(daily(load_date=day))
        yield World(folder / "lake", given, outcomes)


def files(lake: Path) -> set[Path]:
    return {path for path in lake.rglob("*") if path.is_file()}


def task_runs(parent: str) -> dict[str, TaskRun]:
    """The task runs of the newest flow run of this name, by their names."""
    with get_client(sync_client=True) as client:
        flows = client.read_flow_runs(flow_run_filter=FlowRunFilter(name={"any_": [parent]}))
        newest = max(flows, key=lambda found: found.created)
        runs = client.read_task_runs(task_run_filter=TaskRunFilter(flow_run_id={"any_": [newest.id]}))
    return {run.name: run for run in runs}


def states(parent: str) -> dict[str, str]:
    return {name: run.state.name for name, run in task_runs(parent).items() if run.state}


def test_two_days_are_released_one_after_the_other(world: World) -> None:
    assert [outcome["entry"]["load_date"] for outcome in world.outcomes] == [FIRST, SECOND]
    assert [outcome["stale"] for outcome in world.outcomes] == [[], []]
    with world.opened() as lake:
        released = [entry for entry in release.entries(lake.engine) if entry.is_readable]
        assert [entry.load_date for entry in released[:2]] == [FIRST, SECOND]
        assert {name.split(".")[0] for name in released[-1].tables} == {"vault", "silver", "gold"}
        assert len(released[-1].tables) == len(lake.catalog.nodes)


def test_the_second_day_takes_over_what_did_not_change(world: World) -> None:
    first, second = ({b["table"]: b["outcome"] for b in outcome["builds"]} for outcome in world.outcomes)
    assert set(first.values()) <= {"built", "unchanged"}
    assert second["silver.fx_rate"] == "skipped"
    assert second["silver.fct_invoice"] == "built"


def test_the_second_call_of_a_day_writes_nothing(world: World) -> None:
    before = files(world.lake)
    outcome = world.run(daily, load_date=SECOND)
    assert outcome["is_noop"]
    assert outcome["entry"]["load_date"] == SECOND
    assert world.run(build, load_date=SECOND) == []
    assert files(world.lake) == before


def test_a_past_day_is_refused_with_a_remedy(world: World) -> None:
    for flow in (daily, build):
        with pytest.raises(release.ReleaseError, match="older than the newest release.*Hint: .*backfill"):
            world.run(flow, load_date=FIRST)


def test_prefects_record_counts_where_the_lake_has_that_build_and_only_there(world: World) -> None:
    """The tables of the calendar were built by `daily`; then one is gone from the lake, though not from Prefect's cache."""
    wanted = ["silver.dim_date", "silver.dim_price"]
    world.run(build, load_date=SECOND, select=wanted)
    found = states(f"build {SECOND}")
    assert {name: found[f"build {name}"] for name in wanted} == {"silver.dim_date": "Cached", "silver.dim_price": "Cached"}

    with world.opened() as lake:
        rows = lake.engine.read("silver.dim_date").count().as_table()
        expected = lake.engine.arrow(rows)
        node = lake.catalog["silver.dim_date"]
        first_year = lake.engine.read("silver.dim_date").limit(7)
        lake.engine.write(node.full_name, first_year, node.schema, node.key, node.spec.write, {"content_id": "by hand"})
    builds = {b["table"]: b["outcome"] for b in world.run(build, load_date=SECOND, select=wanted)}
    found = states(f"build {SECOND}")
    assert {name: found[f"build {name}"] for name in wanted} == {"silver.dim_date": "Completed", "silver.dim_price": "Cached"}
    assert builds == {"silver.dim_date": "built", "silver.dim_price": "skipped"}
    with world.opened() as lake:
        assert lake.engine.arrow(lake.engine.read("silver.dim_date").count().as_table()) == expected


def test_tasks_pass_names_and_small_records_and_no_table(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Prefect persisted is plain JSON of at most a few kB, and no parameter of a task is a table."""
    from flows.build import build_table, check_and_publish
    from flows.ingest import ingest_entity

    for task in (build_table, check_and_publish, ingest_entity):
        assert not {ir.Table, Lake} & {kind for kind in task.fn.__annotations__.values() if isinstance(kind, type)}
    record = build_table.fn.__annotations__["return"]
    assert record == dict[str, Any]
    for outcome in world.outcomes:
        for built in outcome["builds"]:
            assert len(json.dumps(built)) < 4_000
            assert built["table"].split(".")[0] in LAYERS


def test_the_days_checks_are_in_the_log_with_the_deadline_not_applicable(world: World) -> None:
    with world.opened() as lake:
        log = lake.engine.arrow(lake.engine.read("gold.data_quality_log")).to_pylist()
    days = {row["load_date"]: row["result"] for row in log if (row["check_id"], row["measure"]) == ("BE-004", "minutes_late")}
    assert days == {FIRST: "not_applicable", SECOND: "not_applicable"}


def test_nobody_holds_the_lake_afterwards(world: World) -> None:
    from c360 import lease

    with world.opened() as lake:
        assert lease.holder(lake.engine, lake.settings.clock()) is None

