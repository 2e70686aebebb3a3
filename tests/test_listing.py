"""Lists received in threads while other entities are written."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier, Lock, active_count
from typing import Any

import ibis
import pytest

from c360 import ingest
from c360.bronze import known_records
from c360.engines.base import Engine
from c360.engines.duckdb import DuckDBEngine
from c360.errors import LakeError, SourceError
from c360.ingest import ingest_day
from c360.manifest import read_manifest
from c360.packed import KnownRecords
from c360.settings import Settings
from c360.sources.base import Entity, Evidence, Record, Window
from c360.sources.http import one_ahead, pause

SCHEMA = ibis.schema({"id": "string"})
ENTITIES = [Entity(f"shop_{name}", "shop", name, SCHEMA) for name in ("a", "b", "c", "d")]
DAY = date(2026, 11, 20)
Pages = Callable[[], Iterator[str]]


class Shop:
    """A source whose lists are generators of record ids, one to a page."""

    system = "shop"
    account = "shop_1"
    api_version = "v1"

    def __init__(self, lists: dict[str, Pages], lists_at_once: int) -> None:
        self.lists = lists
        self.lists_at_once = lists_at_once

    def entities(self) -> list[Entity]:
        return ENTITIES

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        for record_id in self.lists.get(entity.api_object, lambda: iter(["1"]))():
            yield [Record(record_id, f'{{"id": "{record_id}"}}')]

    def fetch(self, entity: Entity, record_ids: list[str]) -> list[Record]:
        return []

    def check(self) -> dict[str, Any]:
        return {}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with DuckDBEngine(str(tmp_path / "lake")) as engine:
        yield engine


def load(engine: Engine, tmp_path: Path, shop: Shop) -> dict[str, int]:
    given = Settings(now=datetime(2026, 11, 20, 22, tzinfo=UTC), spool=str(tmp_path / "spool"), _env_file=None)
    return {row.entity: row.received_count for row in ingest_day(engine, given, [shop], DAY)}


def test_as_many_lists_as_the_source_allows_are_under_way_at_once(engine: Engine, tmp_path: Path) -> None:
    together = Barrier(3, timeout=20)  # breaks, and fails the load, unless three lists wait at it

    def meeting() -> Iterator[str]:
        together.wait()
        yield "1"

    received = load(engine, tmp_path, Shop({"a": meeting, "b": meeting, "c": meeting}, 3))
    assert received == {entity.name: 1 for entity in ENTITIES}


def test_there_are_never_more_not_even_behind_lists_that_are_complete(engine: Engine, tmp_path: Path) -> None:
    lock, open_lists, most = Lock(), 0, 0

    def counted() -> Iterator[str]:
        nonlocal open_lists, most
        with lock:
            open_lists += 1
            most = max(most, open_lists)
        try:
            time.sleep(0.2)
            yield "1"
        finally:
            with lock:
                open_lists -= 1

    def failing() -> Iterator[str]:
        raise SourceError("The shop closed.", hint="Wait.")
        yield

    with pytest.raises(SourceError):
        load(engine, tmp_path, Shop({"a": counted, "b": failing, "c": counted, "d": counted}, 2))
    load(engine, tmp_path, Shop({"b": counted, "c": counted, "d": counted}, 2))
    assert most == 2


def test_a_list_that_cannot_begin_fails_at_its_turn(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def known(engine: Engine, entity: Entity, *rest: Any) -> KnownRecords:
        if entity.name == "shop_b":
            raise LakeError("bronze.shop_b is damaged.")
        return known_records(engine, entity, *rest)

    monkeypatch.setattr(ingest, "known_records", known)
    with pytest.raises(LakeError, match="shop_b"):
        load(engine, tmp_path, Shop({}, 3))
    assert [row.entity for row in read_manifest(engine)] == ["shop_a"]


def test_a_list_that_waits_does_not_hold_up_a_failure(engine: Engine, tmp_path: Path) -> None:
    together = Barrier(2, timeout=20)

    def failing() -> Iterator[str]:
        together.wait()
        raise SourceError("The shop closed.", hint="Wait.")
        yield

    def waiting() -> Iterator[str]:
        together.wait()
        pause(3600)
        yield "1"

    def ahead() -> Iterator[str]:
        yield from one_ahead(waiting())  # in yet another thread

    began = time.monotonic()
    with pytest.raises(SourceError, match="closed"):
        load(engine, tmp_path, Shop({"a": failing, "b": ahead}, 2))
    assert time.monotonic() - began < 60


def test_lists_under_way_end_with_the_load_that_fails_and_go_on_in_the_next(engine: Engine, tmp_path: Path) -> None:
    before = active_count()
    together = Barrier(2, timeout=20)
    given = 0

    def failing() -> Iterator[str]:
        yield "1"
        together.wait()
        raise SourceError("The shop closed.", hint="Wait.")

    def endless() -> Iterator[str]:
        nonlocal given
        yield "1"
        together.wait()
        for given in range(10**9):
            yield str(given)

    with pytest.raises(SourceError, match="closed"):
        load(engine, tmp_path, Shop({"a": failing, "b": endless}, 2))
    assert active_count() == before
    assert read_manifest(engine) == []
    kept = given

    received = load(engine, tmp_path, Shop({"b": lambda: iter(["last"])}, 2))
    assert received["shop_a"] == 1
    assert received["shop_b"] >= kept  # of the list that was left, and one
    assert list((tmp_path / "spool").iterdir()) == []
