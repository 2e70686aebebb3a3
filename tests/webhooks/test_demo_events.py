"""A served company: what happened since the last load is delivered, fetched by Stripe's client, and gone after the load."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import orjson
import pytest

from c360 import cli, lease
from c360.demo.company import DEFAULT_LOAD_DATES, generate
from c360.demo.server import DemoServer
from c360.engines.base import Engine
from c360.engines.duckdb import DuckDBEngine
from c360.ingest import ingest_day
from c360.manifest import ManifestRow
from c360.settings import Settings, variable
from c360.sources import stripe
from c360.sources.base import Evidence, Window
from c360.webhooks.events import ensure_table, read_event, store
from c360.webhooks.refetch import handle_events
from tests.demo_world import SECRET, credentials, served

FIRST, SECOND = DEFAULT_LOAD_DATES
NOON = datetime.combine(SECOND, time(12), UTC)
ACCOUNTS = 20
REFETCHED = ("stripe_invoices", "stripe_charges")
Row = tuple[str, date, date, bool, str]


def given(server: DemoServer, lake: Path, now: datetime) -> dict[str, str]:
    return {**credentials(server), "lake": str(lake), "now": now.isoformat(), "token_secret": SECRET}


def load(server: DemoServer, lake: Path, day: date) -> dict[str, ManifestRow]:
    at = datetime.combine(day, time(22), UTC)
    server.set_now(at)
    settings = Settings(_env_file=None, **given(server, lake, at))
    with DuckDBEngine(str(lake)) as engine:
        return {row.entity: row for row in ingest_day(engine, settings, [stripe.open_source(settings)], day)}


def rows(engine: Engine, entity: str) -> set[Row]:
    columns = ("record_id", "date_loaded", "first_date_loaded", "is_deleted", "payload")
    found = engine.arrow(engine.read(f"bronze.{entity}").select(*columns)).to_pylist()
    return {tuple(row[name] for name in columns) for row in found}


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with served(generate(accounts=ACCOUNTS, seed=3)) as found:
        yield found


def deliver(server: DemoServer, lake: Path) -> int:
    """Delivers, as Stripe would have, what happened since the first load; the newest first, and every third event twice."""
    server.set_now(NOON)
    source = stripe.open_source(Settings(_env_file=None, **given(server, lake, NOON)))
    entity = next(entity for entity in source.entities() if entity.name == "stripe_events")
    window = Window(NOON, NOON)
    since = datetime.combine(FIRST, time(22), UTC).timestamp()
    bodies = [r.body for batch in source.extract(entity, window, Evidence()) for r in batch if r.body]
    recent = [body for body in bodies if body["created"] > since]
    with DuckDBEngine(str(lake)) as engine:
        ensure_table(engine)
        found = [read_event(orjson.dumps(body), NOON) for body in [*recent, *recent[::3]]]
        store(engine, [one for one in found if one])
    return len(recent)


@pytest.fixture(scope="module")
def delivered(server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, int]:
    """A lake with yesterday's load and today's deliveries, the same without deliveries, and the number of events."""
    lake = tmp_path_factory.mktemp("delivered") / "lake"
    load(server, lake, FIRST)
    without = Path(shutil.copytree(lake, lake.with_name("without")))
    return lake, without, deliver(server, lake)


def test_the_command_brings_into_the_open_day_what_was_delivered(
    server: DemoServer,
    delivered: tuple[Path, Path, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lake, _, count = delivered
    for name, value in given(server, lake, NOON).items():
        monkeypatch.setenv(variable(name), value)
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> Any:
        capsys.readouterr()
        assert cli.run([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    assert command("freshness")["webhooks"] == {"newest_at": str(NOON), "waiting_count": count, "age_hours": 0.0}
    done = command("webhooks", "refetch")
    assert (done["event_count"], done["waiting_count"]) == (count, 0)
    assert done["stored"]["stripe_invoices"] > 0
    again = command("webhooks", "refetch")
    assert again == {"event_count": 0, "waiting_count": 0, "fetched": {}, "stored": {}}
    with DuckDBEngine(str(lake)) as engine:
        assert lease.holder(engine, NOON) is None
        stored = {name: {row for row in rows(engine, name) if row[1] == SECOND} for name in REFETCHED}
        assert {name: len(found) for name, found in stored.items()} == {name: done["stored"].get(name, 0) for name in REFETCHED}


@pytest.mark.heavy
def test_after_the_days_load_bronze_and_manifest_are_as_without_webhooks(
    server: DemoServer, delivered: tuple[Path, Path, int]
) -> None:
    lake, without, _ = delivered
    server.set_now(NOON)
    settings = Settings(_env_file=None, **given(server, lake, NOON))
    with DuckDBEngine(str(lake)) as engine:
        handle_events(engine, settings, stripe.open_source(settings))  # of the command's test, if it ran before, nothing is left
        assert any(row[1] == SECOND for row in rows(engine, "stripe_invoices"))
    found, expected = load(server, lake, SECOND), load(server, without, SECOND)
    assert {name: {**vars(row), "seconds": 0.0} for name, row in found.items()} == {
        name: {**vars(row), "seconds": 0.0} for name, row in expected.items()
    }
    with DuckDBEngine(str(lake)) as engine, DuckDBEngine(str(without)) as other:
        assert all(rows(engine, name) == rows(other, name) for name in expected)


def test_the_demos_lake_takes_no_deliveries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "company.json").write_text("{}")
    for name in ("serve", "refetch"):
        assert cli.run(["webhooks", name, "--lake", str(tmp_path)]) == 2
        assert "is the demo's lake" in capsys.readouterr().err
