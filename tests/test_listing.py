"""Lists received in threads while other entities are written."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier, active_count
from typing import Any

import ibis
import pytest

from c360.engines.base import Engine
from c360.engines.duckdb import DuckDBEngine
from c360.errors import SourceError
from c360.ingest import ingest_day
from c360.manifest import read_manifest
from c360.settings import Settings
from c360.sources.base import Entity, Evidence, Record, Window

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
