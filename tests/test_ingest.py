"""Bronze loads: versions, tombstones, references, same-day reloads, the manifest. Sources here are lists of records."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ibis
import orjson
import pytest

from c360 import ingest
from c360.engines import duckdb
from c360.engines.base import Engine
from c360.errors import LeaseError, PastDateError, SourceError
from c360.ingest import Load, begin_loads, entity_window, ingest_day, ingest_entity, load_window
from c360.manifest import bronze_content_ids, lake_history, read_manifest
from c360.run import complete_dates
from c360.settings import Settings
from c360.sources.base import Entity, Evidence, Record, Reference, Window

SCHEMA = ibis.schema({"id": "string", "created": "timestamp('UTC', 6)", "owner": "string"})
ORDERS = Entity("shop_orders", "shop", "order", SCHEMA, references=(Reference("owner", "shop_owners"),), is_historical=True)
OWNERS = Entity("shop_owners", "shop", "owner", SCHEMA, references=(Reference("owner", "shop_owners"),))
EVENTS = Entity(
    "shop_events", "shop", "event", SCHEMA, references=(Reference("owner", "shop_orders", ("o",), renews=True),), is_log=True
)
DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 22, tzinfo=UTC)
OLD, RECENT = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())


@dataclass
class Shop:
    """A source of records in memory; `hidden` ones are only given by id."""

    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    hidden: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    failing: str = ""
    system: str = "shop"
    account: str = "shop_1"
    api_version: str = "v1"
    lists_at_once = 1

    def entities(self) -> list[Entity]:
        return [EVENTS, ORDERS, OWNERS]

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        for body in self.records.get(entity.name, []):
            evidence.page_count += 1
            yield [_record(body)]
        if self.failing == entity.name:
            raise SourceError("The shop closed.", hint="Wait.")

    def fetch(self, entity: Entity, record_ids: list[str]) -> list[Record]:
        self.fetched += record_ids
        return [_record(body) for body in self.hidden.get(entity.name, []) if body["id"] in record_ids]

    def check(self) -> dict[str, Any]:
        return {}


def _record(body: dict[str, Any]) -> Record:
    plain = {k: v for k, v in body.items() if not k.startswith("_")}
    payload = "" if body.get("_stub") else orjson.dumps(plain).decode()
    return Record(body["id"], payload, body.get("_updated"), is_deleted=bool(body.get("_deleted")))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with duckdb.DuckDBEngine(str(tmp_path / "lake")) as engine:
        yield engine


@pytest.fixture(autouse=True)
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What unfinished loads have received is the test's own."""
    monkeypatch.setenv("C360_SPOOL", str(tmp_path / "spool"))
    return tmp_path / "spool"


@pytest.fixture(params=[1, 3], autouse=True)
def lists_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One list after the other, and all at once: the same comes of both."""
    monkeypatch.setattr(Shop, "lists_at_once", request.param)


def settings(days: int = 0) -> Settings:
    return Settings(now=NOW + timedelta(days=days), _env_file=None)


def load(engine: Engine, shop: Shop, days: int = 0, *, refetch: bool = False) -> dict[str, Any]:
    rows = ingest_day(engine, settings(days), [shop], DAY + timedelta(days=days), refetch=refetch)
    return {row.entity: row for row in rows}


def alone(engine: Engine, shop: Shop) -> Load:
    return Load(shop, Window(NOW, NOW), read_manifest(engine))


def stored(engine: Engine, entity: Entity) -> list[tuple[str, date, date, bool, Any]]:
    rows = engine.arrow(engine.read(f"bronze.{entity.name}")).to_pylist()
    return sorted(
        (r["record_id"], r["date_loaded"], r["first_date_loaded"], r["is_deleted"], orjson.loads(r["payload"]).get("v"))
        for r in rows
    )


def owner(record_id: str, **more: Any) -> dict[str, Any]:
    return {"id": record_id, "created": RECENT, **more}


def test_only_new_and_changed_records_are_stored(engine: Engine) -> None:
    first = load(engine, Shop({"shop_owners": [owner("a", v=1), owner("b", v=1)]}))["shop_owners"]
    assert (first.new_count, first.changed_count, first.live_count_before, first.live_count_after) == (2, 0, 0, 2)
    shuffled = {"v": 1, "created": RECENT, "id": "a"}
    second = load(engine, Shop({"shop_owners": [shuffled, owner("b", v=2), owner("c", v=1)]}), 1)["shop_owners"]
    assert (second.new_count, second.changed_count, second.unchanged_count, second.stored_count) == (1, 1, 1, 2)
    assert second.received_count == second.new_count + second.changed_count + second.unchanged_count
    next_day = DAY + timedelta(days=1)
    assert stored(engine, OWNERS) == [
        ("a", DAY, DAY, False, 1),
        ("b", DAY, DAY, False, 1),
        ("b", next_day, DAY, False, 2),
        ("c", next_day, next_day, False, 1),
    ]


def test_absent_records_become_tombstones_and_come_back(engine: Engine) -> None:
    load(engine, Shop({"shop_owners": [owner("a", v=1), owner("b", v=1)]}))
    gone = load(engine, Shop({"shop_owners": [owner("a", v=1)]}), 1)["shop_owners"]
    assert (gone.deleted_count, gone.stored_count, gone.live_count_after) == (1, 1, 1)
    again = load(engine, Shop({"shop_owners": [owner("a", v=1)]}), 2)["shop_owners"]
    assert (again.deleted_count, again.stored_count) == (0, 0)
    back = load(engine, Shop({"shop_owners": [owner("a", v=1), owner("b", v=1)]}), 3)["shop_owners"]
    assert (back.changed_count, back.live_count_after) == (1, 2)
    assert [(i, deleted, v) for i, _, _, deleted, v in stored(engine, OWNERS)] == [
        ("a", False, 1),
        ("b", False, 1),
        ("b", True, 1),
        ("b", False, 1),
    ]


def test_an_absent_record_the_source_still_knows_lives(engine: Engine) -> None:
    load(engine, Shop({"shop_owners": [owner("a", v=1)]}))
    row = load(engine, Shop(hidden={"shop_owners": [owner("a", v=2)]}), 1)["shop_owners"]
    assert (row.deleted_count, row.changed_count, row.live_count_after) == (0, 1, 1)


def test_reported_deletions_keep_what_the_source_gives(engine: Engine) -> None:
    load(engine, Shop({"shop_owners": [owner("a", v=1), owner("b", v=1)]}))
    reported = [owner("a", v=9, _deleted=True), owner("b", _deleted=True, _stub=True)]
    row = load(engine, Shop({"shop_owners": reported}), 1)["shop_owners"]
    assert (row.changed_count, row.deleted_count, row.live_count_after) == (1, 1, 0)
    assert [r[3:] for r in stored(engine, OWNERS) if r[1] != DAY] == [(True, 9), (True, 1)]
    assert load(engine, Shop({"shop_owners": reported}), 2)["shop_owners"].stored_count == 0


def test_logs_are_never_tombstoned_by_absence(engine: Engine) -> None:
    load(engine, Shop({"shop_events": [owner("e1")]}))
    row = load(engine, Shop(), 1)["shop_events"]
    assert (row.deleted_count, row.live_count_after) == (0, 1)


def test_records_outside_the_window_are_not_absent(engine: Engine) -> None:
    shop = Shop({"shop_orders": [owner("o1", created=OLD), owner("o2", created=RECENT)]})
    load(engine, shop)
    row = load(engine, Shop(), 1)["shop_orders"]
    assert (row.deleted_count, row.live_count_after) == (1, 1)
    assert [r[0] for r in stored(engine, ORDERS) if r[3]] == ["o2"]


def test_of_two_deliveries_the_newest_counts_in_any_order(engine: Engine, tmp_path: Path) -> None:
    early, late = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    versions = [owner("a", v=1, _updated=early), owner("a", v=2, _updated=late), owner("a", v=1, _updated=early)]
    for number, order in enumerate(([0, 1, 2], [1, 0, 2], [2, 0, 1])):
        with duckdb.DuckDBEngine(str(tmp_path / f"lake{number}")) as lake:
            row = load(lake, Shop({"shop_owners": [versions[i] for i in order]}))["shop_owners"]
            assert (row.received_count, row.new_count, row.superseded_count, row.duplicate_count) == (2, 1, 1, 1)
            assert stored(lake, OWNERS) == [("a", DAY, DAY, False, 2)]


def test_references_are_fetched_and_followed(engine: Engine) -> None:
    shop = Shop(
        {"shop_orders": [owner("o1", owner={"id": "a"}), owner("o2", owner="unknown")]},
        {"shop_owners": [owner("a", owner="b"), owner("b"), owner("c")]},
    )
    row = load(engine, shop)["shop_owners"]
    assert [r[0] for r in stored(engine, OWNERS)] == ["a", "b"]
    assert (row.referenced_count, row.received_count) == (2, 2)
    assert shop.fetched == ["a", "unknown", "b"]


def test_events_renew_what_no_list_contains(engine: Engine) -> None:
    load(engine, Shop({"shop_orders": [owner("o1", created=OLD, v=1)]}))
    shop = Shop({"shop_events": [owner("e1", owner="o1")]}, {"shop_orders": [owner("o1", created=OLD, v=2)]})
    assert load(engine, shop, 1)["shop_orders"].changed_count == 1


def test_a_complete_entity_is_skipped_and_refetch_writes_only_differences(engine: Engine) -> None:
    shop = Shop({"shop_owners": [owner("a", v=1)]})
    load(engine, shop)
    versions = {t: engine.head(t).version for t in ("bronze.shop_owners", "bronze.load_manifest")}  # type: ignore[union-attr]
    shop.records["shop_owners"] = [owner("a", v=2)]
    assert load(engine, shop)["shop_owners"].changed_count == 0
    shop.records["shop_owners"] = [owner("a", v=1)]
    load(engine, shop, refetch=True)
    assert versions == {t: engine.head(t).version for t in versions}  # type: ignore[union-attr]
    shop.records["shop_owners"] = [owner("a", v=2), owner("b", v=1)]
    row = load(engine, shop, refetch=True)["shop_owners"]
    assert (row.new_count, row.changed_count, row.live_count_before) == (2, 0, 0)
    assert stored(engine, OWNERS) == [("a", DAY, DAY, False, 2), ("b", DAY, DAY, False, 1)]


def test_a_failed_load_keeps_what_was_complete_and_resumes_with_its_references(engine: Engine) -> None:
    shop = Shop({"shop_orders": [owner("o1", owner="a")]}, {"shop_owners": [owner("a")]}, failing="shop_owners")
    with pytest.raises(SourceError):
        load(engine, shop)
    assert {r.entity for r in read_manifest(engine)} == {"shop_events", "shop_orders"}
    assert engine.head("bronze.shop_owners") is None
    shop.failing = ""
    row = ingest_entity(engine, alone(engine, shop), OWNERS, DAY)
    assert row.referenced_count == 1


def test_a_record_deleted_before_the_first_load_is_stored_as_deleted(engine: Engine) -> None:
    gone = owner("a", _deleted=True)
    shop = Shop({"shop_orders": [owner("o1", owner="a")]}, {"shop_owners": [gone]})
    row = load(engine, shop)["shop_owners"]
    assert (row.referenced_count, row.live_count_after) == (1, 0)
    assert [(record_id, deleted) for record_id, _, _, deleted, _ in stored(engine, OWNERS)] == [("a", True)]


def test_a_deleted_record_keeps_what_was_stored_of_it(engine: Engine) -> None:
    shop = Shop({"shop_orders": [owner("o1", owner="a")], "shop_owners": [owner("a", v=7)]})
    load(engine, shop)
    shop.records["shop_owners"], shop.hidden["shop_owners"] = [], [owner("a", _deleted=True)]
    load(engine, shop, days=1)
    assert [(deleted, v) for _, _, _, deleted, v in stored(engine, OWNERS)] == [(False, 7), (True, 7)]


def test_an_account_that_is_added_later_is_asked_for_the_lakes_history(engine: Engine) -> None:
    load(engine, Shop())
    later = Shop(account="shop_2")
    rows = read_manifest(engine)
    in_half_a_year = NOW + timedelta(days=180)
    assert load_window(rows, later, settings(180), in_half_a_year).history_from == datetime(2025, 11, 1, tzinfo=UTC)


def test_what_a_load_stored_that_died_before_its_manifest_row_is_new_to_the_next(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(engine, Shop({"shop_owners": [owner("a", v=1), owner("b", v=1)]}))
    changed = Shop({"shop_owners": [owner("a", v=2), owner("b", v=1), owner("c", v=1)]})
    monkeypatch.setattr(ingest, "write_manifest", _dies)
    with pytest.raises(KeyboardInterrupt):
        load(engine, changed, days=1)
    monkeypatch.undo()
    row = load(engine, changed, days=2)["shop_owners"]
    assert (row.new_count, row.changed_count, row.unchanged_count) == (1, 1, 1)
    rows = read_manifest(engine)
    first, last = (bronze_content_ids(rows, DAY + timedelta(days=days))["shop_owners"] for days in (0, 2))
    assert first != last


def test_a_refetch_that_dies_leaves_the_day_incomplete(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    load(engine, Shop({"shop_owners": [owner("a", v=1)]}))
    changed = Shop({"shop_owners": [owner("a", v=2)]})
    monkeypatch.setattr(ingest, "write_partition", _dies)
    with pytest.raises(KeyboardInterrupt):
        load(engine, changed, refetch=True)
    monkeypatch.undo()
    assert not {r.entity: r.is_complete for r in read_manifest(engine)}["shop_owners"]
    assert load(engine, changed)["shop_owners"].is_complete
    assert [v for *_, v in stored(engine, OWNERS)] == [2]


def _dies(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_deletion_of_which_nothing_is_stored_is_no_record(engine: Engine) -> None:
    shop = Shop({"shop_owners": [owner("a", v=1), owner("b", v=1), {"id": "ghost", "_stub": True, "_deleted": True}]})
    assert load(engine, shop)["shop_owners"].received_count == 2
    shop.records["shop_owners"][1] = {"id": "b", "_stub": True, "_deleted": True}
    assert load(engine, shop, 1)["shop_owners"].deleted_count == 1
    shop.records["shop_owners"][0]["v"] = 2
    again = load(engine, shop, 2)["shop_owners"]  # b is stored as deleted
    assert (again.changed_count, again.deleted_count) == (1, 0)
    assert [(i, deleted, v) for i, _, _, deleted, v in stored(engine, OWNERS)] == [
        ("a", False, 1),
        ("a", False, 2),
        ("b", False, 1),
        ("b", True, 1),
    ]


def test_a_run_that_lost_the_lake_writes_nothing(engine: Engine) -> None:
    def taken() -> None:
        raise LeaseError("Another run took the lake over.", hint="Run again.")

    with pytest.raises(LeaseError):
        ingest_day(engine, settings(), [Shop({"shop_owners": [owner("a")]})], DAY, look=taken)
    assert engine.head("bronze.shop_owners") is None
    assert read_manifest(engine) == []
    with pytest.raises(LeaseError):
        ingest_day(engine, settings(), [Shop()], DAY, look=taken)  # nothing to store, but a row to write
    assert read_manifest(engine) == []


def test_one_entity_alone_finds_what_others_named(engine: Engine) -> None:
    shop = Shop({"shop_orders": [owner("o1", owner="a")]}, {"shop_owners": [owner("a")]})
    ingest_entity(engine, alone(engine, shop), ORDERS, DAY)
    assert ingest_entity(engine, alone(engine, shop), OWNERS, DAY).referenced_count == 1


def test_the_api_has_no_past_and_no_future(engine: Engine) -> None:
    for day in (DAY - timedelta(days=1), DAY + timedelta(days=1)):
        with pytest.raises(PastDateError, match="an API only tells the present"):
            ingest_day(engine, settings(), [Shop()], day)
        with pytest.raises(PastDateError):
            ingest_entity(engine, alone(engine, Shop()), OWNERS, day)
    complete = load(engine, Shop())
    assert {r.entity: r for r in ingest_day(engine, settings(5), [Shop()], DAY)} == complete


def test_schema_drift_is_recorded(engine: Engine) -> None:
    load(engine, Shop({"shop_owners": [owner("a", x=1)]}))
    row = load(engine, Shop({"shop_owners": [owner("a", y=1)]}), 1)["shop_owners"]
    assert (row.fields, row.fields_appeared, row.fields_vanished) == ("created,id,y", "y", "x")


def test_content_ids_change_with_content_only(engine: Engine) -> None:
    shop = Shop({"shop_owners": [owner("a", v=1)]})
    for days in range(3):
        load(engine, shop, days)
    rows = read_manifest(engine)
    first, second = bronze_content_ids(rows, DAY), bronze_content_ids(rows, DAY + timedelta(days=2))
    assert first == second
    assert set(first) == {"shop_events", "shop_orders", "shop_owners"}
    shop.records["shop_owners"].append(owner("b"))
    load(engine, shop, 3)
    third = bronze_content_ids(read_manifest(engine), DAY + timedelta(days=3))
    assert {e for e in third if third[e] != first[e]} == {"shop_owners"}
    assert bronze_content_ids(read_manifest(engine), DAY) == first


def test_the_first_load_fixes_the_history(engine: Engine) -> None:
    assert load_window([], Shop(), settings(), NOW).history_from == datetime(2025, 11, 1, tzinfo=UTC)
    load(engine, Shop())
    rows = read_manifest(engine)
    later = load_window(rows, Shop(), settings(60), NOW + timedelta(days=60))
    assert later.history_from == datetime(2025, 11, 1, tzinfo=UTC)
    assert lake_history(rows) == (date(2025, 11, 1), DAY)
    with pytest.raises(SourceError, match="Nothing was loaded"):
        lake_history([])


def test_a_damaged_payload_stops_the_load(engine: Engine) -> None:
    class Broken(Shop):
        def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
            yield [replace(_record(owner("a")), payload="{half")]

    with pytest.raises(SourceError, match="no JSON object"):
        load(engine, Broken())


def test_what_a_day_that_died_named_is_fetched_on_the_next(engine: Engine) -> None:
    """The owner is only given by id. The day's orders were stored, then the run ended; on the next day they are unchanged."""
    shop = Shop({"shop_orders": [owner("o1", owner="hidden")]}, {"shop_owners": [owner("hidden")]}, failing="shop_owners")
    with pytest.raises(SourceError):
        load(engine, shop)
    shop.failing = ""
    assert load(engine, shop, days=1)["shop_owners"].referenced_count == 1


def test_changes_told_by_events_of_a_day_that_died_are_not_lost(engine: Engine) -> None:
    shop = Shop({"shop_orders": [owner("o1", v=1)]})
    load(engine, shop)
    shop.records["shop_events"] = [owner("e1", owner="o1")]
    shop.records["shop_orders"] = []  # a list of changes lacks what was created before
    shop.hidden["shop_orders"] = [owner("o1", v=2)]
    shop.failing = "shop_orders"
    with pytest.raises(SourceError):
        load(engine, shop, days=1)
    shop.failing = ""
    assert load(engine, shop, days=2)["shop_orders"].changed_count == 1
    assert [row[-1] for row in stored(engine, ORDERS)] == [1, 2]


def test_what_a_load_stored_that_never_completed_is_forgotten(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    load(engine, Shop({"shop_owners": [owner("a")]}))
    monkeypatch.setattr(ingest, "write_manifest", _dies)
    with pytest.raises(KeyboardInterrupt):
        load(engine, Shop({"shop_owners": [owner("a"), owner("ghost")]}), days=1)
    monkeypatch.undo()
    row = load(engine, Shop({"shop_owners": [owner("a")]}), days=2)["shop_owners"]
    assert (row.live_count_after, row.stored_count) == (1, 0)
    assert {record_id for record_id, *_ in stored(engine, OWNERS)} == {"a"}


def test_an_account_that_is_not_complete_makes_the_day_incomplete(engine: Engine) -> None:
    load(engine, Shop())
    other = Shop(account="shop_2", failing="shop_owners")
    with pytest.raises(SourceError):
        load(engine, other, days=1)
    load(engine, Shop(), days=1)
    lake: Any = SimpleNamespace(engine=engine, registry=SimpleNamespace(entities={e.name: e for e in Shop().entities()}))
    assert complete_dates(lake) == {DAY}
    other.failing = ""
    load(engine, other, days=1)
    assert complete_dates(lake) == {DAY, DAY + timedelta(days=1)}


def test_records_that_look_otherwise_are_all_asked_for_again(engine: Engine) -> None:
    load(engine, Shop())
    [one] = begin_loads(engine, settings(1), [Shop()], DAY + timedelta(days=1))
    assert not entity_window(one, OWNERS, DAY + timedelta(days=1)).is_full
    [other] = begin_loads(engine, settings(1), [Shop(api_version="v2")], DAY + timedelta(days=1))
    assert entity_window(other, OWNERS, DAY + timedelta(days=1)).is_full
