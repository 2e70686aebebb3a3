"""`c360 close`: what a month said when it was closed stays, and the log tells what it says now."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import c360
from c360 import cli, closing
from c360.errors import ReleaseError, SelectionError
from c360.gold.closing.metrics import METRICS, NO_CURRENCY
from c360.lake import Lake, open_lake
from c360.settings import Settings
from tests.released import FIRST, SECOND, Lakes, build_day, current, environment, outcomes, run_day

pytest_plugins = ["tests.released"]

Copy = Callable[[Path], Path]
Figures = dict[tuple[str, str], Decimal | None]
"""(metric, currency) -> value."""
Captured = pytest.CaptureFixture[str]
MAY = date(2026, 5, 1)
LOG = "gold.restatement_log"


def _close(settings: Settings, month: date, **more: Any) -> list[closing.Closed]:
    with open_lake(settings) as lake:
        return closing.close(lake, month, **more)


def _figures(settings: Settings, month: date) -> Figures:
    """What the release readers see says of a month: sums over the customers, and the rows of metrics_monthly."""
    with open_lake(settings) as lake:
        revenue, monthly = (_of_month(lake, name, month) for name in ("fct_monthly_revenue", "metrics_monthly"))
    found: Figures = {}
    for m in METRICS:
        if m.table == "fct_monthly_revenue":
            numbers = [Decimal(row[m.column]) for row in revenue if row[m.column] is not None]
            found[m.name, "usd" if m.currency else NO_CURRENCY] = sum(numbers, Decimal())
            continue
        for row in monthly:
            if row["is_total"] == m.is_total:
                found[m.name, row["currency"] if m.currency else NO_CURRENCY] = _exact(row[m.column])
    return found


def _of_month(lake: Lake, table: str, month: date) -> list[dict[str, Any]]:
    name = f"gold.{table}"
    rows = lake.engine.read(name, current(lake).tables[name].version)
    return lake.engine.arrow(rows.filter(rows.month_start_date == month)).to_pylist()


def _exact(value: Any) -> Decimal | None:
    return None if value is None else round(Decimal(value), 8)


def _log(settings: Settings) -> list[dict[str, Any]]:
    with open_lake(settings) as lake:
        version = current(lake).tables[LOG].version
        return lake.engine.arrow(lake.engine.read(LOG, version).order_by("metric", "currency")).to_pylist()


@pytest.mark.heavy
def test_a_closed_month_stays_and_the_log_tells_what_it_says_now(
    lakes: Lakes, copy: Copy, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    path = copy(lakes.loaded)
    settings = lakes.settings(path, SECOND)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(path.parent)
    published = _figures(settings, MAY)
    assert published["revenue_amount", "usd"] > published["net_revenue_amount", "usd"] > 0
    assert published["arr_amount", "usd"] == 12 * published["mrr_amount", "usd"] > 0
    assert {currency for name, currency in published if name == "mrr_by_currency_amount"} > {"usd"}

    assert cli.run(["close", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert cli.run(["close", "2026-05", "--json"]) == 0
    closed = json.loads(capsys.readouterr().out)
    assert {(row["metric"], row["currency"]): _exact(row["value"]) for row in closed} == published
    assert {row["load_date"] for row in closed} == {str(FIRST)}

    assert cli.run(["close", "2026-05"]) == 2
    said = capsys.readouterr().err
    assert "2026-05 was closed on 2026-06-" in said
    assert "--again" in said

    with_rates = lakes.settings(path, SECOND, fx_rates_file=_other_rates(lakes.rates, path.parent))
    build_day(with_rates)
    live = _figures(settings, MAY)
    changed = {name for name in live if live[name] != published[name]}
    assert {("revenue_amount", "usd"), ("arr_amount", "usd")} <= changed
    assert "mrr_by_currency_amount" not in {metric for metric, _ in changed}  # a rate moves no currency's own MRR
    log = {(row["metric"], row["currency"]): row for row in _log(settings)}
    assert set(log) == changed
    for name, row in log.items():
        assert (row["closed_value"], row["live_value"]) == (published[name], live[name])
        assert row["difference_value"] == live[name] - published[name]
        assert (row["first_seen_date"], row["closed_load_date"]) == (SECOND, FIRST)
    assert run_day(with_rates, SECOND, with_sources=False).is_noop

    assert cli.run(["diff", "gold.fct_monthly_revenue", "--limit", "10000", "--json"]) == 0
    between = json.loads(capsys.readouterr().out)
    assert (between["old_release"], between["removed_count"]) == (closed[0]["release_id"], 0)
    assert between["added_count"] + between["changed_count"] == len(between["rows"])
    moved = [row["columns"].get("revenue_amount") for row in between["rows"] if row["key"]["month_start_date"] == str(MAY)]
    assert (
        sum(Decimal(new or 0) - Decimal(old or 0) for old, new in filter(None, moved))
        == log["revenue_amount", "usd"]["difference_value"]
    )
    assert cli.run(["diff", "gold.fct_monthly_revenue", "--limit", "2"]) == 0
    shown = capsys.readouterr()
    first = next(row for row in between["rows"] if row["change"] == "changed")
    assert all(column in shown.out for column in first["columns"])
    assert f"{between['changed_count']} changed." in shown.err

    rows = c360.read("gold.closed_month", lake=str(path)).to_pyarrow().to_pylist()
    assert {(row["metric"], row["currency"]): row["value"] for row in rows} == published
    monkeypatch.setenv("C360_FX_RATES_FILE", str(with_rates.fx_rates_file))
    assert cli.run(["close", "--json"]) == 0
    shown = {(row["metric"], row["currency"]): row for row in json.loads(capsys.readouterr().out)}
    assert {name for name, row in shown.items() if row["closed_value"] != row["live_value"]} == changed

    again = _close(with_rates, MAY, again=True)
    assert {(row.metric, row.currency): row.value for row in again} == live
    with open_lake(with_rates) as lake:
        every = closing.closings(lake)
    assert len(every) == 2 * len(live)
    assert {row.value for row in every if row.metric == "revenue_amount"} == {
        figures["revenue_amount", "usd"] for figures in (published, live)
    }
    assert outcomes(build_day(with_rates, select=["gold.restatement_log"])) == {"restatement_log": "built"}
    assert _log(with_rates) == []


def _other_rates(rates: Path, folder: Path) -> Path:
    """The rates file with a first currency that is worth another amount in May."""
    lines = [line.replace(",", ",1", 1) if line.startswith("2026-05-") else line for line in rates.read_text().splitlines()]
    target = folder / "rates.csv"
    target.write_text("\n".join(lines) + "\n")
    assert lines != rates.read_text().splitlines()
    return target


def test_a_month_must_be_whole_in_the_release(lakes: Lakes, copy: Copy) -> None:
    settings = lakes.settings(copy(lakes.second))
    with open_lake(settings) as lake:
        history = lake.params(SECOND).history_from
    before = (history.replace(day=1) - timedelta(days=1)).replace(day=1)
    for month, said in ((date(2026, 6, 1), "does not contain all of 2026-06"), (before, f"history begins on {history}")):
        with pytest.raises(SelectionError, match=said):
            _close(settings, month)
    with pytest.raises(
        ReleaseError, match=r"other code or settings than today's \(gold.fct_monthly_revenue, gold.metrics_monthly\)"
    ) as found:
        _close(settings.model_copy(update={"reporting_currency": "eur"}), MAY)
    assert "c360 build" in found.value.hint


@pytest.mark.parametrize(
    ("zone", "begun_at", "is_whole"),
    [
        ("UTC", datetime(2026, 5, 31, 22, tzinfo=UTC), False),
        ("UTC", datetime(2026, 6, 1, tzinfo=UTC), True),
        ("Asia/Tokyo", datetime(2026, 5, 31, 22, tzinfo=UTC), True),
        ("America/Los_Angeles", datetime(2026, 6, 1, 6, 59, tzinfo=UTC), False),
        ("America/Los_Angeles", datetime(2026, 6, 1, 7, tzinfo=UTC), True),
    ],
)
def test_a_month_is_over_when_it_is_in_the_reporting_zone(zone: str, begun_at: datetime, is_whole: bool) -> None:
    assert (closing.over_at(MAY, zone) <= begun_at) == is_whole


@pytest.mark.parametrize("text", ["2026-13", "2026", "may", "2026-05-01", "20２6-05", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(SelectionError, match="is no month") as found:
        closing.parse_month(text)
    assert "YYYY-MM" in found.value.hint
    assert closing.parse_month("2026-12") == date(2026, 12, 1)
