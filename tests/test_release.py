"""What readers see: releases, rollback, hold and resume; what a run may publish."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from c360 import cli, release, run
from c360.demo.server import DemoServer
from c360.errors import LeaseError, ReleaseError
from c360.lake import Lake, open_lake
from c360.release import TableState
from tests import small_lake
from tests.released import (
    FIRST,
    SECOND,
    Lakes,
    build_day,
    content_ids,
    current,
    environment,
    outcomes,
    run_day,
)

pytest_plugins = ["tests.released"]

Copy = Callable[[Path], Path]
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """One release of small tables."""
    with small_lake.small_lake(tmp_path / "lake") as opened:
        yield opened


def vector(content: str) -> dict[str, TableState]:
    return {"gold.fct_total": TableState(0, content, f"built {content}", rows=1)}


def publish(lake: Lake, content: str, day: date = small_lake.DAY) -> release.Entry:
    return small_lake.publish(lake, vector(content)) if day == small_lake.DAY else _published(lake, content, day)


def _published(lake: Lake, content: str, day: date) -> release.Entry:
    return release.publish(
        lake.engine, kind="released", stage="gold", load_date=day, run_id="r", now=small_lake.NOW, tables=vector(content)
    )


def content(lake: Lake) -> str:
    return current(lake).tables["gold.fct_total"].content_id


def rollback(lake: Lake, to: str | None = None) -> release.Entry:
    return release.rollback(lake.engine, to=to, run_id="back", now=small_lake.NOW)


def resume(lake: Lake) -> release.Entry:
    return release.resume(lake.engine, run_id="on", now=small_lake.NOW)


def test_rollback_goes_back_and_holds_what_it_left(lake: Lake) -> None:
    publish(lake, "a")
    bad = publish(lake, "b")
    back = rollback(lake)
    assert (content(lake), back.kind, current(lake).sequence) == ("a", "rollback", back.sequence)
    assert release.is_held(release.entries(lake.engine), bad.tables)
    with pytest.raises(ReleaseError, match="on hold") as found:
        publish(lake, "b")
    assert "c360 release resume" in found.value.hint
    assert content(lake) == "a"
    publish(lake, "c")
    assert content(lake) == "c"


def test_resume_lifts_the_hold_and_releases_the_content_again(lake: Lake) -> None:
    publish(lake, "a")
    publish(lake, "b")
    rollback(lake)
    resumed = resume(lake)
    assert (content(lake), resumed.kind) == ("b", "resume")
    publish(lake, "b")
    with pytest.raises(ReleaseError, match="Nothing is on hold"):
        resume(lake)


def test_a_second_rollback_goes_further_back_and_never_to_what_is_on_hold(lake: Lake) -> None:
    for name in ("a", "b", "c"):
        publish(lake, name)
    rollback(lake)
    assert content(lake) == "b"
    rollback(lake)
    assert content(lake) == "a"
    log = release.entries(lake.engine)
    assert [release.is_held(log, vector(name)) for name in ("a", "b", "c")] == [False, True, True]
    resume(lake)
    assert content(lake) == "b"
    resume(lake)
    assert content(lake) == "c"


def test_rollback_to_a_named_release(lake: Lake) -> None:
    first = publish(lake, "a")
    publish(lake, "b")
    publish(lake, "c")
    assert rollback(lake, first.release_id).note.endswith(f"to {first.release_id}")
    assert content(lake) == "a"
    with pytest.raises(ReleaseError, match=f"no release 'x'.*{first.release_id}"):
        rollback(lake, "x")


def test_what_is_on_hold_is_neither_rolled_back_to_nor_resumed_over_something_newer(lake: Lake) -> None:
    publish(lake, "a")
    bad = publish(lake, "b")
    rollback(lake)
    with pytest.raises(ReleaseError, match="is on hold itself"):
        rollback(lake, bad.release_id)
    publish(lake, "c")
    with pytest.raises(ReleaseError, match="was released since the rollback"):
        resume(lake)
    assert content(lake) == "c"


def test_a_review_leaves_those_made_before_alone(lake: Lake) -> None:
    for author in ("ann", "bob"):
        sides = {f"{side}_source_{what}": f"{author} {side}" for side in ("left", "right") for what in ("account", "id")}
        systems = {"left_source_system": "salesforce", "right_source_system": "stripe"}
        review = {**sides, **systems, "decision": "must_link", "author": author, "decided_at": small_lake.NOW, "reason": None}
        rows = pa.Table.from_pylist([review], schema=lake.schema("identity_review").to_pyarrow())
        lake.write_peoples_table("identity_review", rows, author)
    stored = lake.engine.arrow(lake.engine.read("silver.identity_review"))
    assert sorted(stored["author"].to_pylist()) == ["ann", "bob"]


def test_candidates_are_not_read_and_start_the_next_stage_of_their_day_only(lake: Lake) -> None:
    seen = current(lake)
    later = small_lake.DAY + timedelta(days=1)
    candidate = release.publish(
        lake.engine, kind="candidate", stage="silver", load_date=later, run_id="r", now=small_lake.NOW, tables=vector("x")
    )
    log = release.entries(lake.engine)
    assert current(lake) == seen
    found = [release.base(log, day) for day in (later, small_lake.DAY)]
    assert [entry and entry.sequence for entry in found] == [candidate.sequence, seen.sequence]
    _published(lake, "x", later)
    assert release.base(release.entries(lake.engine), later) == current(lake)


def test_of_two_that_publish_at_the_same_time_one_fails(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    real = lake.engine.append

    def late(table: str, rows: object, **more: object) -> int:
        monkeypatch.setattr(lake.engine, "append", real)
        publish(lake, "rival")
        return real(table, rows, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(lake.engine, "append", late)
    with pytest.raises(LeaseError):
        publish(lake, "late")
    assert content(lake) == "rival"


def test_no_day_before_the_one_readers_see_is_built_also_after_a_rollback(lake: Lake) -> None:
    before, after = small_lake.DAY - timedelta(days=1), small_lake.DAY + timedelta(days=1)
    _published(lake, "later", after)
    with pytest.raises(ReleaseError, match="older than the newest release") as found:
        run.refuse_past(lake, small_lake.DAY)
    assert "c360 backfill" in found.value.hint
    assert found.value.exit_code == 7
    rollback(lake)
    run.refuse_past(lake, small_lake.DAY)
    with pytest.raises(ReleaseError, match="older than the newest release"):
        run.refuse_past(lake, before)


def test_rollback_resume_and_new_inputs_on_a_real_lake(
    lakes: Lakes, copy: Copy, server: DemoServer, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    path = copy(lakes.second)
    settings = lakes.settings(path, SECOND, server)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(path.parent)
    before, after = (content_ids(lakes.settings(one)) for one in (lakes.first, lakes.second))

    assert cli.run(["release", "list", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert [(row["kind"], row["load date"], row["state"]) for row in (first, second)] == [
        ("released", str(FIRST), ""),
        ("released", str(SECOND), "current"),
    ]
    assert cli.run(["release", "show", first["release"], "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {name: state["content_id"] for name, state in shown["tables"].items()} == before

    assert cli.run(["release", "rollback"]) == 0
    assert content_ids(settings) == before
    with pytest.raises(ReleaseError, match="on hold") as found:
        run_day(settings, SECOND)
    assert found.value.exit_code == 7
    assert content_ids(settings) == before
    assert cli.run(["release", "resume"]) == 0
    assert content_ids(settings) == after
    assert run_day(settings, SECOND).is_noop

    assert cli.run(["release", "rollback"]) == 0
    corrected = path.parent / "rates.csv"
    corrected.write_text(lakes.rates.read_text().replace("2026-06-15,", "2026-06-15,1", 1))
    assert corrected.read_text() != lakes.rates.read_text()
    with_rates = lakes.settings(path, SECOND, server, fx_rates_file=corrected)
    mended = run_day(with_rates, SECOND)
    assert mended.entry is not None
    assert content_ids(with_rates)["silver.fx_rate"] not in {before["silver.fx_rate"], after["silver.fx_rate"]}
    with open_lake(with_rates) as lake:
        assert current(lake).load_date == SECOND
        with pytest.raises(ReleaseError, match="older than the newest release"):
            run.run_day(lake, [], FIRST)


def test_a_selection_is_published_only_when_nothing_below_it_is_behind(
    lakes: Lakes, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    from c360.silver.billing import fct_refund

    real = fct_refund.local_date
    monkeypatch.setattr(fct_refund, "local_date", lambda instant, zone: real(instant, zone).sub(_month()))
    settings = lakes.settings(copy(lakes.second))
    seen = content_ids(settings)
    alone = build_day(settings, select=["fct_refund"])
    assert outcomes(alone) == {"fct_refund": "built"}
    assert alone.entry is None
    assert "gold.fct_monthly_revenue_by_currency" in alone.stale
    assert content_ids(settings) == seen
    together = build_day(settings, select=["fct_refund+"])
    assert (outcomes(together)["fct_refund"], together.stale) == ("skipped", [])
    assert together.entry is not None
    changed = {name for name, found in content_ids(settings).items() if found != seen[name]}
    assert {"silver.fct_refund", "gold.fct_monthly_revenue_by_currency"} <= changed
    assert "silver.fct_invoice" not in changed


def _month() -> object:
    return ibis.interval(days=40)
