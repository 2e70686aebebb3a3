"""The daily job end to end: what it releases is true, a rerun writes nothing, and whatever stops it can be continued."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pytest

from c360 import build, changes, cli, release, run
from c360.demo import compare
from c360.demo.company import Company
from c360.demo.server import DemoServer, serve
from c360.errors import QualityError, ReleaseError, SourceError
from c360.lake import Lake, open_lake
from c360.quality.log import LOG_TABLE
from c360.settings import Settings
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
        assert len(compared) == 8
        assert all(count for name, count in compared.items() if "disputes" not in name), compared
        assert compared["revenue by month and currency (minor units)"] >= 13


@pytest.mark.parametrize("day", [FIRST, SECOND])
def test_people_are_matched_and_every_blocking_check_passed(lakes: Lakes, company: Company, day: date) -> None:
    with open_lake(lakes.settings(lakes.first if day == FIRST else lakes.second, day)) as lake:
        unnamed = {row["record_id"] for row in _rows(lake, "quarantine.customer_identity")}
        seen = {row["record_id"] for name in ("salesforce_accounts", "stripe_customers") for row in _rows(lake, f"bronze.{name}")}
        pairs = frozenset(pair for pair in company.truth.pairs if seen.issuperset(pair) and unnamed.isdisjoint(pair))
        match = compare.match(lake, compare.at_release(lake, "silver.customer_identity"), replace(company.truth, pairs=pairs))
        checks = current(lake).checks
    assert len(unnamed) == 1  # an account without a name is set apart by its contract
    assert match.precision >= 0.995
    assert match.recall >= 0.985
    assert match.true_pairs > 40
    se_001 = {check["measure"]: check["result"] for check in checks if check["check_id"] == "SE-001"}
    assert se_001 == {"match_rate": "passed", "estimated_precision": "passed"}
    assert [check["check_id"] for check in checks if check["severity"] == "P0" and check["result"] == "failed"] == []
    assert len([check for check in checks if check["severity"] == "P0" and check["result"] == "passed"]) > 50


def _rows(lake: Lake, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = lake.engine.arrow(lake.engine.read(name)).to_pylist()
    return rows


def test_a_rerun_of_a_released_day_writes_nothing(
    lakes: Lakes, copy: Copy, server: DemoServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = copy(lakes.second)
    before = files(lake)
    settings = lakes.settings(lake, SECOND, server)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(lake.parent)
    assert cli.run(["run"]) == 0
    assert "nothing had to be done" in capsys.readouterr().err
    assert files(lake) == before


def test_sql_tools_see_the_release_without_its_vault_also_after_a_run_died_before_it_told_them(lakes: Lakes, copy: Copy) -> None:
    lake = copy(lakes.second)
    with duckdb.connect(str(lake / "c360.duckdb"), read_only=True) as views:
        schemas = {name for (name,) in views.execute("SELECT schema_name FROM duckdb_views() WHERE NOT internal").fetchall()}
    assert schemas == {"gold", "silver"}
    shutil.copy(lakes.first / "c360.duckdb", lake / "c360.duckdb")
    assert build_day(lakes.settings(lake)).is_noop
    with open_lake(lakes.settings(lake)) as opened:
        assert opened.engine.shows(current(opened).release_id)


def test_a_table_that_was_lost_is_built_again(lakes: Lakes, copy: Copy) -> None:
    lake = copy(lakes.second)
    shutil.rmtree(lake / "silver" / "dim_price")
    assert outcomes(build_day(lakes.settings(lake)))["dim_price"] == "built"


def test_a_second_load_of_an_unchanged_source_writes_nothing_but_its_lease(lakes: Lakes, copy: Copy, server: DemoServer) -> None:
    lake = copy(lakes.second)
    before = files(lake, ("_runs",))
    outcome = run_day(lakes.settings(lake, SECOND, server), SECOND, refetch=True)
    assert len(outcome.manifest) == 16
    assert outcome.is_noop
    assert files(lake, ("_runs",)) == before


def test_another_rates_file_is_work_for_the_same_day(lakes: Lakes, copy: Copy, tmp_path: Path) -> None:
    lake, rates = copy(lakes.second), tmp_path / "rates.csv"
    heads, newest, *older = lakes.rates.read_text().splitlines()
    rates.write_text("\n".join([heads, newest, *older]))
    settings = lakes.settings(lake, fx_rates_file=rates)
    assert build_day(settings).is_noop
    day, usd, *others = newest.split(",")
    rates.write_text("\n".join([heads, ",".join([day, f"{usd}1", *others]), *older]))
    assert outcomes(build_day(settings))["fx_rate"] == "built"
    assert build_day(settings).is_noop


def test_a_run_that_ends_without_a_release_says_so() -> None:
    with pytest.raises(ReleaseError, match=r"2026-06-15 was built but not released: gold.x behind"):
        run.released(run.Outcome("r", SECOND, stale=["gold.x"]))


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
        rows = run.ingest_day(lake, sources, SECOND, refetch=False)
        assert SECOND in run.complete_dates(lake)
    assert asked == [
        "stripe_charges", "stripe_subscriptions", "stripe_invoices", "stripe_customers", "stripe_prices", "stripe_products"
    ]  # fmt: skip
    assert server.request_count().get("events") == before.get("events")
    assert len(rows) == 16
    assert bronze(settings) == bronze(lakes.settings(lakes.loaded))


def bronze(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Every entity's stored rows."""
    with open_lake(settings) as lake:
        return {entity: rows_of(lake, f"bronze.{entity}") for entity in lake.registry.entities}


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


@dataclass
class Failure:
    """A run that failed a blocking check, on a lake of its own."""

    settings: Settings
    error: QualityError


@pytest.fixture(scope="module")
def failure(lakes: Lakes, tmp_path_factory: pytest.TempPathFactory) -> Failure:
    """Silver of the second day built in another reporting zone, with other customers, and refused."""
    path = Path(shutil.copytree(lakes.loaded, tmp_path_factory.mktemp("failed") / "lake"))
    bad = lakes.settings(path, thresholds={"SE-001.match_rate": 1.1}, metadata_key="other", reporting_zone="Asia/Tokyo")
    with pytest.raises(QualityError) as found:
        build_day(bad, select=["+reconciliation_log", "fct_invoice", "fct_payment_transaction"])
    return Failure(lakes.settings(path), found.value)


def test_a_failed_blocking_check_publishes_nothing(lakes: Lakes, failure: Failure) -> None:
    assert "SE-001 on silver.reconciliation_log" in failure.error.message
    assert failure.error.exit_code == 4
    clean, yesterday = (content_ids(lakes.settings(one)) for one in (lakes.second, lakes.first))
    with open_lake(failure.settings) as lake:
        assert current(lake).load_date == FIRST
        assert release.base(release.entries(lake.engine), SECOND) == current(lake)
        failed = [row for row in _rows(lake, LOG_TABLE) if row["load_date"] == SECOND and row["result"] == "failed"]
        assert ("SE-001", None) in {(row["check_id"], row["release_id"]) for row in failed}
        heads = {name: lake.engine.head(name) for name in clean}
    strange = {name for name, head in heads.items() if head and head.content_id not in {clean[name], yesterday[name]}}
    assert {
        "silver.fct_invoice",
        "silver.customer_identity",
    } <= strange  # the run did write, and only the release kept readers from it


def test_the_next_run_starts_from_the_release_and_incremental_builds_give_the_rows_of_whole_ones(
    lakes: Lakes, failure: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "SMALLEST_ROWS", 0)
    monkeypatch.setattr(changes, "LARGEST_SHARE", 1.0)
    outcome = build_day(failure.settings)
    assert outcome.entry is not None
    restricted = {built.table for built in outcome.builds if built.is_incremental}
    assert {"silver.fct_invoice", "gold.fct_mrr"} <= restricted, restricted
    whole, found = contents(lakes.settings(lakes.second)), contents(failure.settings)
    assert {name for name in whole if found[name] != whole[name]} == set()
    assert content_ids(failure.settings) == content_ids(lakes.settings(lakes.second))


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
    return ibis.interval(days=count)


DAY_TWO = """
import sys
from datetime import date
from c360 import run
from c360.lake import Lake, open_lake
from c360.settings import Settings
with open_lake(Settings.load()) as lake:
    tell = lambda e: print(e.stage, e.item, e.state, flush=True)
    run.run_day(lake, run.open_sources(lake), date.fromisoformat(sys.argv[1]), listen=tell)
"""
MOMENTS = (
    "ingest stripe_charges started",
    "silver silver.fct_invoice started",
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
            assert holder["action"] != "release"  # the dead process never gave its lease back
    outcome = run_day(settings, SECOND)
    assert outcome.entry is not None
    assert [row.entity for row in outcome.manifest]
    assert content_ids(settings) == content_ids(lakes.settings(lakes.second))
    assert contents(settings) == contents(lakes.settings(lakes.second))
    assert bronze(settings) == bronze(lakes.settings(lakes.second))
    with open_lake(settings) as lake:
        released = [entry for entry in release.entries(lake.engine) if entry.kind == "released" and entry.load_date == SECOND]
        assert released == [current(lake)]


def _killed_at(settings: Settings, moment: str) -> None:
    command = [sys.executable, "-c", DAY_TWO, SECOND.isoformat()]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("C360_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=inherited | environment(settings)) as process:
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


def _last_run(lake: Lake) -> list[dict[str, Any]]:
    runs = lake.engine.read("_runs")
    rows: list[dict[str, Any]] = lake.engine.arrow(runs.order_by(runs.sequence.desc()).limit(1)).to_pylist()
    return rows
