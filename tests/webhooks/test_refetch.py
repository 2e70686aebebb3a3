"""What delivered events lead to: objects fetched anew into the open day, in any order, and no trace after a load."""

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings, strategies

from c360 import lease, run
from c360.engines import delta_engine
from c360.engines.base import Engine
from c360.engines.delta_errors import ConflictError
from c360.engines.duckdb import DuckDBEngine
from c360.errors import LeaseError, SourceError
from c360.ingest import forget_unloaded, ingest_day
from c360.lake import Lake
from c360.manifest import ManifestRow, read_manifest
from c360.settings import Settings
from c360.sources.base import Entity, Evidence, Record, Window
from c360.sources.registry import Registry
from c360.sources.stripe_entities import STRIPE_ENTITIES
from c360.webhooks import refetch
from c360.webhooks.events import TABLE, ensure_table, pending, read_event, received, store
from c360.webhooks.open_day import BATCH_PREFIX
from tests.small_lake import CATALOG
from tests.webhooks.conftest import event

YESTERDAY, DAY = date(2026, 11, 19), date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CREATED = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
ENTITIES = {
    entity.name: entity for entity in STRIPE_ENTITIES if entity.name in ("stripe_events", "stripe_charges", "stripe_invoices")
}
INVOICES, CHARGES = "stripe_invoices", "stripe_charges"
Version = tuple[str, date, bool, int]


@dataclass
class Account:
    """A Stripe account in memory: entity -> id -> version; a record that is gone is unknown to it."""

    records: dict[str, dict[str, int]]
    fetched: list[str] = field(default_factory=list)
    failing: str = ""
    system: str = "stripe"
    account: str = "acct_1"
    api_version: str = "v1"
    lists_at_once: int = 1

    def entities(self) -> list[Entity]:
        return list(ENTITIES.values())

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        yield [_record(i, v) for i, v in self.records.get(entity.name, {}).items()]

    def fetch(self, entity: Entity, record_ids: list[str]) -> list[Record]:
        if self.failing == entity.name:
            raise SourceError("Stripe is not reachable.", hint="Wait.")
        self.fetched += record_ids
        found = self.records.get(entity.name, {})
        return [_record(i, found[i]) for i in record_ids if i in found]

    def check(self) -> dict[str, Any]:
        return {}


def _record(record_id: str, version: int) -> Record:
    return Record(record_id, orjson.dumps({"id": record_id, "created": CREATED, "v": version}).decode())


def at(now: datetime) -> Settings:
    return Settings(_env_file=None, now=now)


def load(engine: Engine, account: Account, day: date) -> dict[str, ManifestRow]:
    rows = ingest_day(engine, at(datetime(day.year, day.month, day.day, 22, tzinfo=UTC)), [account], day)
    return {row.entity: row for row in rows}


def deliver(engine: Engine, *names: str, first: int = 0, now: datetime = NOON) -> None:
    """One event per object id."""
    ensure_table(engine)
    kinds = {"in": "invoice", "ch": "charge"}
    objects = [{"id": name, "object": kinds.get(name.split("_")[0], "other")} for name in names]
    bodies = [event(first + n, data={"object": body}) for n, body in enumerate(objects)]
    found = [read_event(orjson.dumps(body), now + timedelta(seconds=n)) for n, body in enumerate(bodies)]
    store(engine, [one for one in found if one is not None])


def handle(engine: Engine, account: Account, now: datetime = NOON) -> refetch.Handled:
    return refetch.handle_events(engine, at(now), account)


def versions(engine: Engine, entity: str = INVOICES) -> list[Version]:
    rows = engine.arrow(engine.read(f"bronze.{entity}")).to_pylist()
    return sorted((r["record_id"], r["date_loaded"], r["is_deleted"], orjson.loads(r["payload"])["v"]) for r in rows)


def of_day(engine: Engine, entity: str = INVOICES, day: date = DAY) -> list[Version]:
    return [version for version in versions(engine, entity) if version[1] == day]


def account() -> Account:
    return Account({INVOICES: {f"in_{n}": 1 for n in range(4)}, CHARGES: {"ch_0": 1}})


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that was loaded yesterday."""
    lake = tmp_path_factory.mktemp("base") / "lake"
    with DuckDBEngine(str(lake)) as engine:
        load(engine, account(), YESTERDAY)
    return lake


@pytest.fixture
def engine(base: Path, tmp_path: Path) -> Iterator[Engine]:
    lake = Path(shutil.copytree(base, tmp_path / "lake"))
    with DuckDBEngine(str(lake)) as engine:
        yield engine


def test_changed_new_and_deleted_objects_are_stored_and_unchanged_ones_are_not(engine: Engine) -> None:
    source = account()
    source.records[INVOICES] = {"in_0": 2, "in_1": 1, "in_3": 1, "in_9": 1}
    deliver(engine, "in_0", "in_1", "in_2", "in_9", "in_8", "evt_less", "ch_0")
    before = read_manifest(engine)
    done = handle(engine, source)
    assert of_day(engine) == [("in_0", DAY, False, 2), ("in_2", DAY, True, 1), ("in_9", DAY, False, 1)]
    assert of_day(engine, CHARGES) == []
    assert (done.event_count, done.waiting_count) == (7, 0)
    assert (done.fetched, done.stored) == ({CHARGES: 1, INVOICES: 5}, {CHARGES: 0, INVOICES: 3})
    assert read_manifest(engine) == before
    assert pending(engine, 10) == []
    rows = {r["record_id"]: r for r in engine.arrow(engine.read(f"bronze.{INVOICES}")).to_pylist() if r["date_loaded"] == DAY}
    assert {i: r["first_date_loaded"] for i, r in rows.items()} == {"in_0": YESTERDAY, "in_2": YESTERDAY, "in_9": DAY}
    assert all(r["batch_id"].startswith(BATCH_PREFIX) and r["extracted_at"] == NOON for r in rows.values())


def test_later_events_add_to_the_day_and_a_change_back_takes_its_version_away(engine: Engine) -> None:
    source = account()
    source.records[INVOICES] |= {"in_0": 2, "in_1": 2}
    del source.records[INVOICES]["in_3"]
    deliver(engine, "in_0", "in_1", "in_3")
    handle(engine, source)
    source.records[INVOICES] |= {"in_0": 1, "in_2": 5}
    deliver(engine, "in_0", "in_2", first=10)
    handle(engine, source)
    assert of_day(engine) == [("in_1", DAY, False, 2), ("in_2", DAY, False, 5), ("in_3", DAY, True, 1)]
    source.records[INVOICES]["in_3"] = 1  # it is there again
    deliver(engine, "in_3", first=20)
    handle(engine, source)
    assert of_day(engine) == [("in_1", DAY, False, 2), ("in_2", DAY, False, 5)]


CHANGES = strategies.lists(
    strategies.tuples(strategies.integers(0, 5), strategies.sampled_from([None, 1, 2, 3])), min_size=1, max_size=6
)


def check_law(base: Path, lake: Path, changes: Sequence[tuple[int, int | None]], seed: int) -> None:
    """Deliveries come at any time after their change, in any order, some twice; at the end the day holds what differs."""
    rng, source = random.Random(seed), account()
    shutil.copytree(base, lake)
    late: list[int] = []
    with DuckDBEngine(str(lake)) as engine:
        for number, (name, version) in enumerate(changes):
            source.records[INVOICES].pop(f"in_{name}", None)
            if version is not None:
                source.records[INVOICES][f"in_{name}"] = version
            late.append(number)
            if rng.random() < 0.3:
                now = rng.sample(late, rng.randint(1, len(late)))
                late = [n for n in late if n not in now or rng.random() < 0.3]
                _deliver_changes(engine, changes, now)
                handle(engine, source)
        for number in rng.sample(late, len(late)):  # the rest, each in a go of its own
            _deliver_changes(engine, changes, [number, *rng.choices(range(len(changes)), k=1)])
            handle(engine, source)
        found = of_day(engine)
        before, after = account().records[INVOICES], source.records[INVOICES]
        changed = [(i, DAY, False, v) for i, v in after.items() if before.get(i) != v]
        gone = [(i, DAY, True, before[i]) for i in before if i not in after]
        assert found == sorted([*changed, *gone])
        assert received(engine).waiting_count == 0  # type: ignore[union-attr]


LAW = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@settings(max_examples=4, **LAW)
@given(changes=CHANGES, seed=strategies.integers(0, 2**16))
def test_order_repetition_and_batches_of_deliveries_do_not_matter(
    base: Path, tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int | None]], seed: int
) -> None:
    check_law(base, tmp_path_factory.mktemp("law") / "lake", changes, seed)


@pytest.mark.heavy
@settings(max_examples=60, **LAW)
@given(changes=CHANGES, seed=strategies.integers(0, 2**16))
def test_nor_do_they_in_many_more_cases(
    base: Path, tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int | None]], seed: int
) -> None:
    check_law(base, tmp_path_factory.mktemp("law") / "lake", changes, seed)


def _deliver_changes(engine: Engine, changes: Sequence[tuple[int, int | None]], numbers: Sequence[int]) -> None:
    for number in numbers:
        deliver(engine, f"in_{changes[number][0]}", first=number)


def test_a_crash_before_the_events_are_noted_repeats_the_work_and_writes_nothing_new(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = account()
    source.records[INVOICES]["in_0"] = 2
    deliver(engine, "in_0")

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(refetch, "note_handled", dies)
    with pytest.raises(KeyboardInterrupt):
        handle(engine, source)
    monkeypatch.undo()
    before = engine.head(f"bronze.{INVOICES}")
    assert [event_id for event_id, _ in pending(engine, 10)] == ["evt_0"]
    assert handle(engine, source, NOON + timedelta(minutes=5)).event_count == 1
    assert engine.head(f"bronze.{INVOICES}") == before
    assert of_day(engine) == [("in_0", DAY, False, 2)]
    assert pending(engine, 10) == []


def test_a_source_that_fails_half_way_leaves_the_events_for_the_next_go(engine: Engine) -> None:
    source = account()
    source.records = {INVOICES: {**source.records[INVOICES], "in_0": 2}, CHARGES: {"ch_0": 2}}
    source.failing = INVOICES
    deliver(engine, "in_0", "ch_0")
    with pytest.raises(SourceError):
        handle(engine, source)
    assert (of_day(engine, CHARGES), of_day(engine)) == ([("ch_0", DAY, False, 2)], [])
    assert len(pending(engine, 10)) == 2
    source.failing = ""
    handle(engine, source)
    assert (of_day(engine, CHARGES), of_day(engine)) == ([("ch_0", DAY, False, 2)], [("in_0", DAY, False, 2)])


def test_a_day_that_was_loaded_stays_as_its_manifest_says_and_events_wait_for_the_next(engine: Engine) -> None:
    source = account()
    load(engine, source, DAY)
    source.records[INVOICES]["in_0"] = 7
    deliver(engine, "in_0", now=NOON.replace(hour=23))
    before, rows = versions(engine), read_manifest(engine)
    done = handle(engine, source, NOON.replace(hour=23))
    assert (done.event_count, done.waiting_count, source.fetched) == (0, 1, [])
    assert (versions(engine), read_manifest(engine)) == (before, rows)
    tomorrow = DAY + timedelta(days=1)
    assert handle(engine, source, NOON + timedelta(hours=13)).event_count == 1
    assert of_day(engine, day=tomorrow) == [("in_0", tomorrow, False, 7)]


def test_before_the_first_load_events_wait(tmp_path: Path) -> None:
    with DuckDBEngine(str(tmp_path / "lake")) as engine:
        deliver(engine, "in_0")
        assert handle(engine, account()).waiting_count == 1
        assert engine.head(f"bronze.{INVOICES}") is None


def test_the_days_load_leaves_what_it_would_have_left_without_webhooks(engine: Engine, base: Path, tmp_path: Path) -> None:
    at_noon, at_night = account(), account()
    at_noon.records[INVOICES] = {"in_0": 2, "in_1": 9, "in_2": 1, "in_5": 1}
    at_night.records[INVOICES] = {"in_0": 3, "in_1": 1, "in_2": 1, "in_3": 1, "in_6": 1}
    deliver(engine, "in_0", "in_1", "in_3", "in_5")
    handle(engine, at_noon)
    assert len(of_day(engine)) == 4
    row = load(engine, at_night, DAY)[INVOICES]
    with DuckDBEngine(str(shutil.copytree(base, tmp_path / "without"))) as without:
        expected = load(without, at_night, DAY)[INVOICES]
        assert versions(engine) == versions(without)
    assert {**vars(row), "seconds": 0} == {**vars(expected), "seconds": 0}


def test_a_day_nobody_loaded_leaves_nothing_that_a_later_day_is_built_from(engine: Engine) -> None:
    source, tomorrow = account(), DAY + timedelta(days=1)
    source.records[INVOICES]["in_0"] = 2
    deliver(engine, "in_0")
    handle(engine, source)
    entity = ENTITIES[INVOICES]
    forget_unloaded(engine, [entity], read_manifest(engine), DAY)  # the open day of today stays
    assert len(of_day(engine)) == 1
    source.records[INVOICES]["in_0"] = 1  # and back, on a day that is loaded
    load(engine, source, tomorrow)
    assert versions(engine) == [(f"in_{n}", YESTERDAY, False, 1) for n in range(4)]
    version = engine.head(f"bronze.{INVOICES}")
    forget_unloaded(engine, [entity], read_manifest(engine), tomorrow)
    assert engine.head(f"bronze.{INVOICES}") == version


def lake_of(engine: Engine, source: Account, now: datetime = NOON) -> Lake:
    module: Any = SimpleNamespace(open_source=lambda _: source)
    return Lake(at(now), engine, CATALOG, Registry({"stripe": module}, ENTITIES))


def test_a_build_forgets_such_days_before_it_reads(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    source, tomorrow = account(), DAY + timedelta(days=1)
    source.records[INVOICES]["in_0"] = 2
    deliver(engine, "in_0")
    handle(engine, source)
    load(engine, account(), tomorrow)
    monkeypatch.setattr(run, "_audit", lambda *_, **__: None)
    run.start(lake_of(engine, source, NOON + timedelta(days=1)), tomorrow, run.Outcome("r", tomorrow))
    assert of_day(engine) == []


def test_a_go_without_work_takes_no_lease_and_writes_nothing(engine: Engine) -> None:
    source = account()
    assert refetch.refetch(lake_of(engine, source)) == refetch.Handled()
    load(engine, source, DAY)
    deliver(engine, "in_0")
    assert refetch.refetch(lake_of(engine, source)) == refetch.Handled(waiting_count=1)
    assert engine.head(lease.TABLE) is None


def test_while_another_run_holds_the_lake_events_wait(engine: Engine) -> None:
    source = account()
    source.records[INVOICES]["in_0"] = 2
    deliver(engine, "in_0")
    lake = lake_of(engine, source)
    with run.exclusive(lake, "other"), pytest.raises(LeaseError):
        refetch.refetch(lake)
    assert of_day(engine) == []
    assert refetch.refetch(lake).event_count == 1
    assert of_day(engine) == [("in_0", DAY, False, 2)]


def test_a_go_takes_a_limited_number_of_objects(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refetch, "_MOST_OBJECTS", 2)
    source = account()
    deliver(engine, "in_0", "in_1", "in_2", "in_3", "in_0")
    assert (handle(engine, source).event_count, sorted(source.fetched)) == (2, ["in_0", "in_1"])
    assert [handle(engine, source).event_count for _ in range(3)] == [2, 1, 0]


def test_an_event_stored_twice_is_handled_once(engine: Engine) -> None:
    source = account()
    deliver(engine, "in_0")
    deliver(engine, "in_0")
    assert engine.arrow(engine.read(TABLE)).num_rows == 2
    assert handle(engine, source).event_count == 1
    assert source.fetched == ["in_0"]


def test_many_small_files_become_one_and_no_event_is_lost(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    source = account()
    monkeypatch.setattr(delta_engine, "_MANY_FILES", 4)
    for number in range(6):
        deliver(engine, "in_0", first=number)
    assert engine.data_files(TABLE) == 6  # type: ignore[attr-defined]
    assert handle(engine, source).event_count == 6
    assert engine.data_files(TABLE) == 1  # type: ignore[attr-defined]
    deliver(engine, "in_0", first=6)
    assert [event_id for event_id, _ in pending(engine, 10)] == ["evt_6"]
    assert engine.arrow(engine.read(TABLE)).num_rows == 7


def test_deliveries_that_come_while_files_are_joined_win(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(table: str) -> None:
        raise ConflictError("Somebody else committed.")

    deliver(engine, "in_0")
    monkeypatch.setattr(engine, "tidy", late)
    assert handle(engine, account()).event_count == 1


def test_a_commit_on_top_of_an_old_version_is_made_on_the_newest(engine: Engine) -> None:
    deliver(engine, "in_0")
    old = engine.head(TABLE)
    assert old is not None
    deliver(engine, "in_1", first=1)
    found = read_event(orjson.dumps(event(2)), NOON)
    assert found is not None
    version = store(engine, [found], after=old.version)
    assert store(engine, [found], after=version) == version + 1
    assert engine.arrow(engine.read(TABLE)).num_rows == 4
