"""A second source in one file: orders of a web shop, one JSON object per line of `orders.jsonl` in the working directory."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis

from c360.errors import SourceError
from c360.settings import Settings
from c360.sources.base import Entity, Evidence, Record, Window

FILE = Path("orders.jsonl")
ENTITIES = [
    Entity(
        "shop_orders",
        "shop",
        "order",
        ibis.schema({"id": "string", "customer": "string", "amount": "int64", "ordered": "timestamp('UTC', 6)"}),
    )
]


def open_source(_settings: Settings) -> "Shop":
    """The shop's file."""
    return Shop()


class Shop:
    """Implements `c360.sources.base.Source`."""

    system = "shop"
    account = "shop_1"
    api_version = "1"
    lists_at_once = 1

    def entities(self) -> list[Entity]:
        """See `Source.entities`."""
        return ENTITIES

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        """See `Source.extract`."""
        lines = _lines()
        evidence.expected_count = len(lines)
        yield [Record(json.loads(line)["id"], line) for line in lines]

    def fetch(self, entity: Entity, record_ids: list[str]) -> list[Record]:
        """See `Source.fetch`: the file is all there is."""
        return []

    def check(self) -> dict[str, Any]:
        """See `Source.check`."""
        return {"account": self.account, "orders": len(_lines())}


def _lines() -> list[str]:
    if not FILE.is_file():
        raise SourceError(f"The shop's file {FILE} is missing.", hint="Export it from the shop.")
    return FILE.read_text().splitlines()
