"""Loads of changes store what loads of everything would have stored; what no stamp tells is found by the next full listing."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from c360.engines.duckdb import DuckDBEngine
from c360.ingest import begin_loads, ingest_entity
from c360.manifest import ManifestRow
from tests.sources.salesforce_org import CUTOFF, Org, record_id, serving

COLUMNS = (
    "record_id",
    "payload_hash",
    "payload",
    "is_deleted",
    "source_updated_at",
    "date_loaded",
    "first_date_loaded",
)
Rows = dict[str, list[tuple[Any, ...]]]
MODES: dict[str, dict[str, Any]] = {"queries": {}, "bulk": {"salesforce_bulk_above": 0}}


def load(engine: DuckDBEngine, org: Org, day: int, full_listing_days: int, **more: Any) -> dict[str, ManifestRow]:
    org.move(CUTOFF + timedelta(days=day))
    settings = org.settings(full_listing_days=full_listing_days, **more)
    rows: dict[str, ManifestRow] = {}
    for begun in begin_loads(engine, settings, [org.source(**more)], org.now.date()):
        begun.records_per_request = 0  # so few records would be listed as a whole otherwise
        rows |= {e.name: ingest_entity(engine, begun, e, org.now.date()) for e in begun.source.entities()}
    return rows


def stored(engine: DuckDBEngine, entities: list[str]) -> Rows:
    found: Rows = {}
    for entity in entities:
        rows = engine.arrow(engine.read(f"bronze.{entity}").select(*COLUMNS)).to_pylist()
        found[entity] = sorted(tuple(row[name] for name in COLUMNS) for row in rows)
    return found


def a_day_passes(org: Org) -> None:
    """Every kind of change between two loads, one of them saved before the first and committed after it."""
    at = CUTOFF + timedelta(hours=3)
    org.account(400, CUTOFF - timedelta(minutes=20))
    org.account(401, at)
    org.account(402, at)
    org.change("Account", 402, at + timedelta(minutes=1), IsDeleted=True)
    org.change("Account", 3, at, Name="renamed")
    org.change("Account", 3, at + timedelta(hours=1), Name="renamed again")
    org.change("Account", 4, at, IsDeleted=True)
    org.change("Account", 6, at, IsDeleted=True, MasterRecordId=record_id("Account", 7))
    org.change("Account", 5, at, IsDeleted=False)  # undeleted
    org.change("Account", 8, at, IsDeleted=False)
    org.change("Account", 8, at + timedelta(minutes=1), IsDeleted=True)
    org.change("Contact", 0, at, IsDeleted=True)
    org.change("Contact", 1, at, AccountId=record_id("Account", 7))
    org.change("Opportunity", 1, at, Amount=12.25)
    org.add("Opportunity", 9, at, AccountId=record_id("Account", 401))
    org.change("User", 1, at, IsActive=False)
    org.change("Organization", 1, at, TimeZoneSidKey="Europe/Lisbon")


def second_day(lake: Path, org: Org, full_listing_days: int, **more: Any) -> tuple[Rows, dict[str, ManifestRow]]:
    with DuckDBEngine(str(lake)) as engine:
        loaded = load(engine, org, 1, full_listing_days, **more)
        return stored(engine, list(loaded)), loaded


@pytest.mark.parametrize("mode", ["queries", pytest.param("bulk", marks=pytest.mark.heavy)])
def test_changes_store_what_everything_would_have_stored(mode: str, tmp_path: Path) -> None:
    with serving() as org:
        with DuckDBEngine(str(tmp_path / "changes")) as engine:
            assert all(row.is_full_listing for row in load(engine, org, 0, 7, **MODES[mode]).values())
        shutil.copytree(tmp_path / "changes", tmp_path / "all")
        a_day_passes(org)
        of_changes, changes = second_day(tmp_path / "changes", org, 7, **MODES[mode])
        of_all, everything = second_day(tmp_path / "all", org, 1)
    assert of_changes == of_all
    assert {name for name, row in changes.items() if row.is_full_listing} == {"salesforce_organization"}
    assert all(row.is_full_listing for row in everything.values())
    for name, row in changes.items():
        other = everything[name]
        assert (row.digest, row.live_count_after, row.stored_count) == (other.digest, other.live_count_after, other.stored_count)
        assert row.expected_count == row.received_count - row.referenced_count
    assert changes["salesforce_accounts"].received_count == 8 < everything["salesforce_accounts"].received_count
    assert {row[3] for row in of_changes["salesforce_accounts"] if str(row[5]) == "2026-06-15"} == {True, False}


def test_a_formula_that_changes_without_stamp_is_found_by_the_next_full_listing(tmp_path: Path) -> None:
    with serving() as org, DuckDBEngine(str(tmp_path)) as engine:
        load(engine, org, 0, 2)
        org.change("Account", 3, CUTOFF + timedelta(hours=1), is_stamped=False, NumberOfEmployees=999)
        assert not load(engine, org, 1, 2)["salesforce_accounts"].is_full_listing
        assert not _with_formula(engine)
        assert load(engine, org, 2, 2)["salesforce_accounts"].is_full_listing
        assert _with_formula(engine) == [record_id("Account", 3)]


def _with_formula(engine: DuckDBEngine) -> list[str]:
    rows = stored(engine, ["salesforce_accounts"])["salesforce_accounts"]
    return [row[0] for row in rows if orjson.loads(row[2])["NumberOfEmployees"] == 999]
