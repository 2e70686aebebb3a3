"""Ages of what the lake holds: counted from the newest complete load, judged by the hours of settings, told by the exit code."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import orjson
import pytest

from c360 import cli
from c360.engines.duckdb import DuckDBEngine
from c360.errors import SettingsError
from c360.freshness import ages, is_too_old
from c360.manifest import MANIFEST_SCHEMA, ManifestRow, write_manifest
from c360.settings import Settings, variable
from c360.sources.base import Entity
from c360.webhooks.events import ensure_table, read_event, store
from tests.webhooks.conftest import event

NOW = datetime(2026, 11, 20, 22, tzinfo=UTC)
BARE: dict[str, Any] = {"string": "", "int64": 0, "float64": 0.0, "boolean": True, "date": date(2026, 1, 1)}
INVOICES = Entity("stripe_invoices", "stripe", "invoice", ibis.schema({"id": "string"}))
ACCOUNTS = Entity("salesforce_accounts", "salesforce", "Account", ibis.schema({"id": "string"}))


def row(hours: float, entity: Entity = INVOICES, **more: Any) -> ManifestRow:
    """A load whose cut-off was so many hours before NOW."""
    cutoff = NOW - timedelta(hours=hours)
    bare = {name: BARE.get(str(dtype).removeprefix("!")) for name, dtype in MANIFEST_SCHEMA.items()}
    of = {"source_system": entity.source_system, "source_account": "acct", "entity": entity.name}
    return ManifestRow(**{**bare, **of, "load_date": cutoff.date(), "cutoff_at": cutoff, **more})


def statuses(rows: list[ManifestRow], **settings: Any) -> dict[str, tuple[float | None, str]]:
    found = ages(rows, [INVOICES, ACCOUNTS], Settings(_env_file=None, **settings), NOW)
    return {age.entity: (age.age_hours, age.status) for age in found}


@pytest.mark.parametrize(
    ("hours", "status"), [(0, "ok"), (26, "ok"), (26.01, "warn"), (50, "warn"), (50.01, "error"), (-1, "ok")]
)
def test_an_age_is_judged_by_the_hours_it_exceeds(hours: float, status: str) -> None:
    assert statuses([row(hours)])["stripe_invoices"] == (max(hours, 0), status)


def test_the_newest_complete_load_counts() -> None:
    rows = [row(30), row(5), row(1, is_complete=False), row(80, ACCOUNTS), row(100, ACCOUNTS)]
    assert statuses(rows) == {"salesforce_accounts": (80, "error"), "stripe_invoices": (5, "ok")}


def test_what_was_never_loaded_to_its_end_is_named_and_is_not_too_old() -> None:
    assert statuses([row(1, is_complete=False)]) == {"stripe_invoices": (None, "never"), "salesforce_accounts": (None, "never")}
    assert not is_too_old(ages([], [INVOICES], Settings(_env_file=None), NOW))


def test_hours_by_source_win_over_those_for_all() -> None:
    rows = [row(5), row(5, ACCOUNTS)]
    assert {status for _, status in statuses(rows, freshness_warn_hours="4").values()} == {"warn"}
    found = statuses(rows, freshness_warn_hours="4,stripe=6", freshness_error_hours="salesforce=4.5")
    assert found == {"salesforce_accounts": (5, "error"), "stripe_invoices": (5, "ok")}


def test_each_account_has_an_age() -> None:
    found = ages([row(5), row(60, source_account="acct_2")], [INVOICES], Settings(_env_file=None), NOW)
    assert [(age.source_account, age.status) for age in found] == [("acct", "ok"), ("acct_2", "error")]


def test_hours_for_a_source_that_does_not_exist_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"C360_FRESHNESS_ERROR_HOURS names strip, which is no source.*salesforce, stripe"):
        statuses([], freshness_error_hours="strip=3")


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake of one load, and an environment that leads to it."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.setenv("C360_NOW", NOW.isoformat())
    monkeypatch.setenv("C360_LAKE", str(tmp_path / "lake"))
    monkeypatch.chdir(tmp_path)
    with DuckDBEngine(str(tmp_path / "lake")) as engine:
        write_manifest(engine, row(30))
    return tmp_path / "lake"


Captured = pytest.CaptureFixture[str]


def test_the_command_warns_then_fails(lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    assert cli.run(["freshness"]) == 0
    shown = capsys.readouterr().out
    assert "30.00" in shown
    assert "warn" in shown
    monkeypatch.setenv("C360_FRESHNESS_ERROR_HOURS", "stripe=29")
    assert cli.run(["freshness"]) == 1
    assert "Too old: stripe (more than 29 hours). Hint: " in capsys.readouterr().err
    assert cli.run(["freshness", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    told = {age["entity"]: (age["age_hours"], age["error_hours"], age["status"]) for age in found["ages"]}
    assert told["stripe_invoices"] == (30, 29, "error")
    assert told["salesforce_accounts"] == (None, 50, "never")
    assert "stripe_invoices" not in found["never_loaded"]
    assert found["webhooks"] is None


def test_the_command_tells_how_old_the_newest_webhook_event_is(lake: Path, capsys: Captured) -> None:
    with DuckDBEngine(str(lake)) as engine:
        ensure_table(engine)
        found = read_event(orjson.dumps(event(1)), NOW - timedelta(minutes=90))
        assert found is not None
        store(engine, [found, found])
    assert cli.run(["freshness"]) == 0
    assert "Newest webhook event: 1.5 hours ago; 1 events wait to be handled." in capsys.readouterr().err


def test_the_demos_world_stands_still_and_does_not_grow_old(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("C360_NOW", (NOW + timedelta(days=900)).isoformat())
    assert cli.run(["freshness"]) == 1
    (lake / "demo").mkdir()
    (lake / "demo" / "company.json").write_text("{}")
    assert cli.run(["freshness"]) == 0
