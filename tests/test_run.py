"""The daily job end to end: what it releases is true, a rerun writes nothing, and whatever stops it can be continued."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest

from c360 import build, changes, cli, release, run
from c360.demo import compare
from c360.demo.company import Company
from c360.demo.server import DemoServer, serve
from c360.errors import QualityError, SourceError
from c360.lake import open_lake
from c360.quality.log import LOG_TABLE
from c360.sources.base import Entity, Evidence, Record, Source, Window
from tests.released import (
    FIRST,
    SECOND,
    STAMPS,
    Lakes,
    build_day,
    clock,
    content_ids,
    contents,
    credentials,
    current,
    environment,
    files,
    outcomes,
    rows_of,
    run_day,
)

pytest_plugins = ["tests.released"]

Copy = Callable[[Path], Path]
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("day", [FIRST, SECOND])
def test_gold_equals_the_ledger_to_the_minor_unit(lakes: Lakes, company: Company, day: date) -> None:
    with open_lake(lakes.settings(lakes.first if day == FIRST else lakes.second, day)) as lake:
        ties = {tie.name: tie for tie in compare.ties(lake, company.ledger(day))}
        assert {name: tie.differences for name, tie in ties.items() if not tie.holds} == {}
        compared = {name: tie.compared for name, tie in ties.items()}
        assert len(compared) == 7
        assert all(count for name, count in compared.items() if "disputes" not in name), compared
        assert compared["revenue by month and currency (minor units)"] >= 13


@pytest.mark.parametrize("day", [FIRST, SECOND])
def test_people_are_matched_and_every_blocking_check_passed(lakes: Lakes, company: Company, day: date) -> None:
    with open_lake(lakes.settings(lakes.first if day == FIRST else lakes.second, day)) as lake:
        match = compare.match(lake, company.truth)
        checks = current(lake).checks
    assert match.precision >= 0.995
    assert match.recall >= 0.985
    assert match.true_pairs > 40
    se_001 = {check["measure"]: check["result"] for check in checks if check["check_id"] == "SE-001"}
    assert se_001 == {"match_rate": "passed", "estimated_precision": "passed"}
    assert [check["check_id"] for check in checks if check["severity"] == "P0" and check["result"] == "failed"] == []
    assert len([check for check in checks if check["severity"] == "P0" and check["result"] == "passed"]) > 50


def test_a_rerun_of_a_released_day_writes_nothing(
    lakes: Lakes, copy: Copy, server: DemoServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = copy(lakes.second)
    before = files(lake)
    settings = lakes.settings(lake, SECOND, server)
    assert run_day(settings, SECOND).is_noop
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(lake.parent)
    assert cli.run(["run"]) == 0
    assert "nothing had to be done" in capsys.readouterr().err
    assert files(lake) == before


def test_a_second_load_of_an_unchanged_source_writes_no_data(lakes: Lakes, copy: Copy, server: DemoServer) -> None:
    lake = copy(lakes.second)
    before = files(lake, STAMPS)
    outcome = run_day(lakes.settings(lake, SECOND, server), SECOND, refetch=True)
    assert len(outcome.manifest) == 16
    assert set(outcomes(outcome).values()) <= {"skipped"}
    assert files(lake, STAMPS) == before


class Failing:
    """A source that fails for good in the middle of one entity."""

    def __init__(self, source: Source, entity: str) -> None:
        self.source, self.entity = source, entity

    def __getattr__(self, name: str) -> Any:
        return getattr(self.source, name)

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        for batch in self.source.extract(entity, window, evidence):
            yield batch
            if entity.name == self.entity:
                raise SourceError("The source closed.", hint="Wait.")


def test_a_source_that_fails_in_the_middle_leaves_readers_alone_and_the_next_process_goes_on(
    lakes: Lakes, copy: Copy, server: DemoServer
) -> None:
    settings = lakes.settings(copy(lakes.first), SECOND, server)
    with open_lake(settings) as lake:
        sources = [Failing(source, "stripe_charges") for source in run.open_sources(lake)]
        with pytest.raises(SourceError, match="closed"):
            run.run_day(lake, sources, SECOND)
        assert SECOND not in run.complete_dates(lake)
        assert current(lake).load_date == FIRST
        with pytest.raises(QualityError, match="not complete in bronze"):
            run.run_day(lake, [], SECOND)
        with pytest.raises(QualityError, match="not complete in bronze"):
            run.start(lake, SECOND, run.Outcome("r", SECOND))
        assert current(lake).load_date == FIRST
    before = server.request_count()
    with open_lake(settings) as lake:
        asked: list[str] = []
        sources = [Asked(source, asked) for source in run.open_sources(lake)]
        outcome = run.run_day(lake, sources, SECOND)
    assert asked == [
        "stripe_charges", "stripe_subscriptions", "stripe_invoices", "stripe_customers", "stripe_prices", "stripe_products"
    ]  # fmt: skip
    assert server.request_count().get("events") == before.get("events")
    assert len(outcome.manifest) == 16
    assert contents(settings) == contents(lakes.settings(lakes.second))
    assert content_ids(settings) == content_ids(lakes.settings(lakes.second))


class Asked(Failing):
    """A source that notes what is extracted."""

    def __init__(self, source: Source, asked: list[str]) -> None:
        super().__init__(source, "")
        self.asked = asked

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        self.asked.append(entity.name)
        return self.source.extract(entity, window, evidence)


def test_a_server_that_stops_leaves_the_day_incomplete(lakes: Lakes, copy: Copy, company: Company) -> None:
    lake_path = copy(lakes.first)
    with serve(company, now=clock(SECOND)) as stopping:
        settings = lakes.settings(lake_path, SECOND, stopping, stripe_max_retries=0)
        with open_lake(settings) as lake:
            (stripe,) = run.open_sources(lake, ["stripe"])
            run.ingest_day(lake, [Stopped(stripe)], SECOND, refetch=False)
    with open_lake(settings) as lake:
        (stripe,) = run.open_sources(lake, ["stripe"])
        with pytest.raises(SourceError, match="Stripe") as found:
            run.run_day(lake, [stripe], SECOND)
        assert found.value.hint
        assert SECOND not in run.complete_dates(lake)
        assert current(lake).load_date == FIRST


class Stopped(Failing):
    """A source of which only the first two entities are asked."""

    def __init__(self, source: Source) -> None:
        super().__init__(source, "")

    def entities(self) -> list[Entity]:
        return self.source.entities()[:2]

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        return self.source.extract(entity, window, evidence)


def test_a_failed_blocking_check_publishes_nothing_and_the_next_good_run_starts_from_the_release(
    lakes: Lakes, copy: Copy
) -> None:
    path = copy(lakes.loaded)
    bad = lakes.settings(path, thresholds={"SE-001.match_rate": 1.1}, reporting_zone="Asia/Tokyo")
    good = lakes.settings(path)
    with pytest.raises(QualityError, match=r"SE-001 on silver.reconciliation_log") as found:
        build_day(bad)
    assert found.value.exit_code == 4
    clean = content_ids(lakes.settings(lakes.second))
    with open_lake(good) as lake:
        assert current(lake).load_date == FIRST
        assert release.base(release.entries(lake.engine), SECOND) == current(lake)
        log = lake.engine.read(LOG_TABLE)
        failed = lake.engine.arrow(log.filter((log.load_date == SECOND) & (log.result == "failed"))).to_pylist()
        assert ("SE-001", None) in {(row["check_id"], row["release_id"]) for row in failed}
        heads = {name: lake.engine.head(name) for name in clean}
        strange = {name for name, head in heads.items() if head and head.content_id not in {clean[name], _content(lake, name)}}
        assert "silver.fct_invoice" in strange  # the failed run did write
    outcome = build_day(good)
    assert outcome.entry is not None
    assert content_ids(good) == clean
    assert contents(good) == contents(lakes.settings(lakes.second))


def _content(lake: Any, name: str) -> str:
    return str(current(lake).tables[name].content_id)


def test_a_changed_helper_rebuilds_its_table_and_what_changes_with_it(
    lakes: Lakes, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    from c360.silver.billing import fct_refund

    real = fct_refund.local_date
    monkeypatch.setattr(fct_refund, "local_date", lambda instant, zone: real(instant.sub(_days(40)), zone))
    settings = lakes.settings(copy(lakes.second))
    outcome = build_day(settings)
    found = outcomes(outcome)
    with open_lake(settings) as lake:
        nodes = lake.catalog.nodes
        below = lake.catalog.downstream(["fct_refund"])
    assert found["fct_refund"] == "built"
    assert {name for name in below if found[name] == "built"} >= {"fct_refund", "fct_monthly_revenue_by_currency"}
    expected = {"fct_refund"} | {name for name in nodes if any(found.get(i) == "built" for i in nodes[name].inputs)}
    assert {name for name, what in found.items() if what != "skipped"} == expected
    assert expected <= below
    assert outcome.entry is not None


def test_other_sql_for_the_same_rows_leaves_descendants_alone(lakes: Lakes, copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    from c360.silver.billing import fct_refund

    real = fct_refund.local_date
    monkeypatch.setattr(fct_refund, "local_date", lambda instant, zone: real(instant.add(_days(1)).sub(_days(1)), zone))
    path = copy(lakes.second)
    before = files(path, STAMPS)
    outcome = build_day(lakes.settings(path))
    assert {name: what for name, what in outcomes(outcome).items() if what != "skipped"} == {"fct_refund": "unchanged"}
    assert files(path, STAMPS) == before
    assert content_ids(lakes.settings(path)) == content_ids(lakes.settings(lakes.second))
    assert build_day(lakes.settings(path)).is_noop


def _days(count: int) -> ir.IntervalValue:
    import ibis

    return ibis.interval(days=count)


def test_incremental_builds_give_the_rows_of_whole_builds(lakes: Lakes, copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "SMALLEST_ROWS", 0)
    monkeypatch.setattr(changes, "LARGEST_SHARE", 1.0)
    settings = lakes.settings(copy(lakes.loaded))
    outcome = build_day(settings)
    restricted = {built.table for built in outcome.builds if built.is_incremental}
    assert {"silver.fct_invoice", "gold.fct_mrr"} <= restricted, restricted
    whole = contents(lakes.settings(lakes.second))
    found = contents(settings)
    assert {name for name in whole if found[name] != whole[name]} == set()
    assert content_ids(settings) == content_ids(lakes.settings(lakes.second))


DAY_TWO = """
import sys
from datetime import date
from c360 import run
from c360.lake import open_lake
from c360.settings import Settings
with open_lake(Settings.load()) as lake:
    tell = lambda e: print(e.stage, e.item, e.state, flush=True)
    run.run_day(lake, run.open_sources(lake), date.fromisoformat(sys.argv[1]), listen=tell)
"""
MOMENTS = (
    "ingest stripe_charges started",
    "silver silver.fct_invoice started",
    "silver checks started",
    "gold gold.fct_mrr finished",
)


def test_killed_at_any_moment_and_run_again_is_a_clean_run(lakes: Lakes, copy: Copy, server: DemoServer) -> None:
    path = copy(lakes.first)
    settings = lakes.settings(path, SECOND, server)
    for moment in MOMENTS:
        _killed_at(settings, moment)
        with open_lake(settings) as lake:
            assert current(lake).load_date == FIRST
            (holder,) = _last_run(lake)
            assert holder["action"] == "acquire"  # the dead process never gave its lease back
    outcome = run_day(settings, SECOND)
    assert outcome.entry is not None
    assert [row.entity for row in outcome.manifest]
    assert content_ids(settings) == content_ids(lakes.settings(lakes.second))
    assert contents(settings) == contents(lakes.settings(lakes.second))
    with open_lake(settings) as lake, open_lake(lakes.settings(lakes.second)) as clean:
        assert [e for e in release.entries(lake.engine) if e.kind == "released" and e.load_date == SECOND] == [current(lake)]
        for entity in lake.registry.entities:
            assert rows_of(lake, f"bronze.{entity}") == rows_of(clean, f"bronze.{entity}")


def _killed_at(settings: Any, moment: str) -> None:
    command = [sys.executable, "-c", DAY_TWO, SECOND.isoformat()]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("C360_")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=inherited | environment(settings)
    ) as process:
        told: list[str] = []
        for line in process.stdout or ():
            told.append(line.strip())
            if told[-1] == moment:
                process.send_signal(signal.SIGKILL)
                break
        process.kill()
    assert told, "the run said nothing"
    assert told[-1] == moment
    assert process.returncode == -signal.SIGKILL


def _last_run(lake: Any) -> list[dict[str, Any]]:
    runs = lake.engine.read("_runs")
    rows: list[dict[str, Any]] = lake.engine.arrow(runs.order_by(runs.sequence.desc()).limit(1)).to_pylist()
    return rows
