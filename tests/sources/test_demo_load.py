"""Two daily loads of a small generated company, through the official clients, into bronze."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from c360.demo.company import Company, generate
from c360.demo.server import DemoServer, serve
from c360.engines.duckdb import DuckDBEngine
from c360.ingest import begin_loads, ingest_day, ingest_entity
from c360.manifest import ManifestRow
from c360.settings import Settings
from c360.sources import salesforce, stripe
from c360.sources.base import Source
from c360.sources.registry import discover

RATE = 10_000


def at(day: date) -> datetime:
    return datetime.combine(day, time(22), tzinfo=UTC)


def settings(server: DemoServer, day: date, **more: Any) -> Settings:
    login = server.salesforce_credentials
    return Settings(
        _env_file=None,
        now=at(day),
        stripe_api_key=server.stripe_api_key,
        stripe_url=server.stripe_url,
        stripe_livemode=False,
        stripe_requests_per_second=RATE,
        salesforce_url=server.salesforce_url,
        salesforce_client_id=login.client_id,
        salesforce_client_secret=login.client_secret,
        salesforce_username=login.username,
        salesforce_password=login.password,
        salesforce_requests_per_second=RATE,
        **more,
    )


def sources(given: Settings) -> list[Source]:
    return [stripe.open_source(given), salesforce.open_source(given)]


def load(engine: DuckDBEngine, server: DemoServer, day: date) -> dict[str, ManifestRow]:
    given = settings(server, day, lake=engine.lake.root)
    return {row.entity: row for row in ingest_day(engine, given, sources(given), day)}


def load_changes(engine: DuckDBEngine, given: Settings, opened: Sequence[Source], day: date) -> dict[str, ManifestRow]:
    """Asks for changes, however few requests a full listing takes."""
    rows = {}
    for one in begin_loads(engine, given, opened, day):
        one.records_per_request = 0
        rows |= {entity.name: ingest_entity(engine, one, entity, day) for entity in one.source.entities()}
    return rows


@pytest.fixture(scope="module")
def company() -> Company:
    return generate(accounts=60)


@pytest.fixture(scope="module")
def server(company: Company) -> Iterator[DemoServer]:
    with serve(company, now=at(company.load_dates[0])) as server:
        yield server


def test_two_days_load_completely(company: Company, server: DemoServer, tmp_path: Path) -> None:
    server.set_now(at(company.load_dates[0]))
    with DuckDBEngine(str(tmp_path / "lake")) as engine:
        first = load(engine, server, company.load_dates[0])
        server.set_now(at(company.load_dates[1]))
        second = load(engine, server, company.load_dates[1])
        assert set(first) == set(second) == set(discover().entities)
        for row in (*first.values(), *second.values()):
            assert row.received_count == row.new_count + row.changed_count + row.unchanged_count + row.superseded_count
            assert row.expected_count in (None, row.received_count - row.referenced_count)
            assert (row.fields_appeared, row.fields_vanished) == ("", "")
        for entity in discover().entities.values():
            rows = [loads[entity.name] for loads in (first, second)]
            stored = engine.arrow(engine.read(f"bronze.{entity.name}").select("date_loaded"))["date_loaded"].to_pylist()
            assert len(stored) == sum(row.stored_count for row in rows)
            assert rows[1].live_count_before == rows[0].live_count_after
            live = engine.read_bronze(entity, company.load_dates[1], all_versions=False)
            count = engine.arrow(live.filter(~live.is_deleted).count().name("n").as_table())["n"][0].as_py()
            assert count == rows[1].live_count_after
        assert first["stripe_invoices"].nested_list_count >= first["stripe_invoices"].received_count
        assert second["stripe_subscriptions"].unchanged_count > second["stripe_subscriptions"].stored_count

        requests = server.request_count()
        assert load(engine, server, company.load_dates[1]) == second
        asked = {name for name, count in server.request_count().items() if count > requests.get(name, 0)}
        assert asked <= {"account", "salesforce"}  # who am I; nothing is listed again


def test_asking_for_changes_gives_what_a_full_listing_gives(company: Company, server: DemoServer, tmp_path: Path) -> None:
    """The second day has changes, late arrivals and deletions; the events and stamps of the first day on tell of them."""
    server.set_now(at(company.load_dates[0]))
    with DuckDBEngine(str(tmp_path / "changes")) as engine:
        load(engine, server, company.load_dates[0])
    shutil.copytree(tmp_path / "changes", tmp_path / "full")
    server.set_now(at(company.load_dates[1]))
    newest = {}
    for name, days in (("changes", 7), ("full", 1)):
        with DuckDBEngine(str(tmp_path / name)) as engine:
            given = settings(server, company.load_dates[1], lake=engine.lake.root, full_listing_days=days)
            rows = load_changes(engine, given, sources(given), company.load_dates[1])
            newest[name] = {entity: newest_versions(engine, entity, company.load_dates[1]) for entity in discover().entities}
            of_stripe = {row.is_full_listing for entity, row in rows.items() if entity.startswith("stripe_")}
            assert of_stripe == {name == "full"}
            assert sum(row.deleted_count for row in rows.values())
    for entity, versions in newest["full"].items():
        assert newest["changes"][entity] == versions, entity


def newest_versions(engine: DuckDBEngine, entity: str, day: date) -> set[tuple[str, str, bool]]:
    """(record id, payload hash, is_deleted) of every record as of a day."""
    newest = engine.read_bronze(discover().entities[entity], day, all_versions=False)
    rows = engine.arrow(newest.select("record_id", "payload_hash", "is_deleted")).to_pylist()
    return {(row["record_id"], row["payload_hash"], row["is_deleted"]) for row in rows}
