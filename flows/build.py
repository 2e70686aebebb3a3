"""Flow `build`: silver and gold of a load date, one task per table, checked and published per stage."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.context import TaskRunContext

from c360 import run
from c360.build import BuildResult, plan_fingerprint, skip_built
from c360.build import build as build_node
from c360.catalog import Node
from c360.release import TableState
from flows.session import Day, day, is_joined, opened, today


def _cache_key(_: TaskRunContext, parameters: dict[str, Any]) -> str:
    return f"{parameters['lake_id']}-{parameters['table']}-{parameters['fingerprint']}"


@task(
    name="build-table",
    task_run_name="build {table}",
    cache_key_fn=_cache_key,
    persist_result=True,
    result_serializer="json",
)
def build_table(table: str, lake_id: str, fingerprint: str) -> dict[str, Any]:  # noqa: ARG001  # the cache key
    """Builds one table; returns the small record of the build (content id, counts, failing rules)."""
    now = today()
    return asdict(build_node(now.lake, now.lake.catalog[table], now.progress))


@task(name="check-stage", task_run_name="check {stage}", cache_policy=NO_CACHE, persist_result=False)
def check_and_publish(stage: Literal["silver", "gold"], results: list[BuildResult]) -> str | None:
    """Runs the stage's expectations and publishes its candidate or release; returns the release id."""
    now = today()
    entry = run.finish_stage(now.lake, stage, results, now.progress, now.outcome)
    return entry.release_id if entry else None


@flow(name="build", flow_run_name="build {load_date}", persist_result=False)
def build(
    load_date: date | None = None,
    stages: list[Literal["silver", "gold"]] | None = None,
    select: list[str] | None = None,
    wait_seconds: float = 3600,
) -> list[dict[str, Any]]:
    """Builds, checks and publishes.

    Args:
        load_date: Default: the newest day that is complete in bronze.
        stages: Default both; `["silver"]` ends with a candidate, `["gold"]` starts from it.
        select: Tables, layers or domains, with `+` for what is up- or downstream; default everything.
        wait_seconds: How long to wait for another run on this lake.
    """
    with opened() as lake:
        load_date = load_date or run.newest_complete_date(lake)
        if not is_joined() and not select and run.is_up_to_date(lake, load_date):
            return []
        run.refuse_past(lake, load_date)
        with day(lake, load_date, wait_seconds=wait_seconds) as now:
            now.progress = run.start(lake, load_date, now.outcome, is_scheduled=now.is_scheduled)
            nodes = lake.catalog.select(select or ())
            for stage in ("silver", "gold"):
                if stage in (stages or (stage,)):
                    _build_stage(now, stage, nodes)
            if "gold" in (stages or ("gold",)) and not select:
                run.released(now.outcome)
            return [asdict(result) for result in now.outcome.builds]


def _build_stage(now: Day, stage: Literal["silver", "gold"], nodes: Sequence[Node]) -> None:
    results = [_build(now, node) for node in run.nodes_of_stage(nodes, stage)]
    now.outcome.builds += results
    check_and_publish(stage, results)


def _build(now: Day, node: Node) -> BuildResult:
    """Calls the task so that Prefect's record of a build counts only where the lake has that very build."""
    progress = now.progress
    planned = plan_fingerprint(now.lake, node, progress)
    skipped = skip_built(now.lake, node, progress)
    record = build_table.with_options(refresh_cache=skipped is None)(node.full_name, now.lake.id, planned)
    if skipped is not None:
        return skipped
    return BuildResult(**{**record, "state": TableState(**record["state"])})
