"""Bronze typed by DuckDB: which version counts, what a payload becomes, what cannot be read and why."""

from datetime import UTC, date, datetime
from typing import Any

import ibis
import pyarrow as pa
import pytest

from c360.engines.table_engine import TableEngine
from c360.sources.base import Entity
from c360.sources.registry import BRONZE_COLUMNS, typed_schema
from tests.engines.conftest import ON_EVERY_ENGINE

pytestmark = ON_EVERY_ENGINE

DAY_1, DAY_2 = date(2026, 1, 1), date(2026, 1, 2)
ENTITY = Entity(
    name="test_things",
    source_system="test",
    api_object="thing",
    schema=ibis.schema(
        {
            "id": "string",
            "amount": "int64",
            "at": "timestamp('UTC', 6)",
            "customer": "string",
            "lines": "struct<data: array<struct<id: string, amount: int64, price: string>>>",
            "email": "string",
        }
    ),
    refs=("customer", "lines.data.price"),
    aliases={"email": "E-Mail"},
)
STORED = ibis.schema({**BRONZE_COLUMNS, "payload": "string"}).to_pyarrow()
FULL = """{"id": "r", "amount": 12, "at": 1767225600, "customer": {"id": "cus_1", "name": "x"}, "undeclared": [1],
 "E-Mail": "mail", "lines": {"data": [{"id": "l1", "amount": 5, "price": "p1"},
                                      {"id": "l2", "amount": null, "price": {"id": "p2"}}]}}"""


def load(engine: TableEngine, day: date, *records: tuple[str, str | None], **columns: Any) -> None:
    default = {
        "source_system": "test",
        "source_account": "acct",
        "entity": ENTITY.name,
        "date_loaded": day,
        "first_date_loaded": day,
        "extracted_at": datetime(2026, 1, 1, tzinfo=UTC),
        "batch_id": f"batch-{day}",
        "api_version": "1",
        "source_updated_at": None,
        "is_deleted": False,
    }
    rows = [
        {**default, "record_id": i, "payload": payload, "payload_hash": f"{n:04}", **columns}
        for n, (i, payload) in enumerate(records)
    ]
    reader = pa.Table.from_pylist(rows, schema=STORED).to_reader()
    engine.replace(f"bronze.{ENTITY.name}", reader, {"source_account": "acct", "date_loaded": day}, {})


def read(engine: TableEngine, as_of: date = DAY_2, *, all_versions: bool = False) -> list[dict[str, Any]]:
    typed = engine.read_bronze(ENTITY, as_of, all_versions=all_versions)
    return engine.arrow(typed.order_by("record_id", "date_loaded", "payload_hash")).to_pylist()


def test_a_record_becomes_typed_columns(engine: TableEngine) -> None:
    load(engine, DAY_1, ("r", FULL))
    (row,) = read(engine)
    assert {name: row[name] for name in ENTITY.schema} == {
        "id": "r",
        "amount": 12,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "customer": "cus_1",
        "lines": {"data": [{"id": "l1", "amount": 5, "price": "p1"}, {"id": "l2", "amount": None, "price": "p2"}]},
        "email": "mail",
    }
    assert (row["batch_id"], row["date_loaded"]) == ("batch-2026-01-01", DAY_1)


def test_what_is_missing_is_null(engine: TableEngine) -> None:
    load(engine, DAY_1, ("r", '{"id": "r", "customer": "cus_2", "lines": {"data": []}}'), ("s", '{"id": "s", "lines": null}'))
    first, second = read(engine)
    assert (first["amount"], first["customer"], first["lines"]) == (None, "cus_2", {"data": []})
    assert not (second["lines"] or {}).get("data")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ('{"id": "r", "amount": "twelve"}', "amount is not an integer"),
        ('{"id": "r", "amount": 1.5}', "amount is not an integer"),
        ('{"id": "r", "lines": {"data": [{"amount": 1}, {"amount": "x"}]}}', "lines.data.amount is not an integer"),
        ('{"id": "r", "at": "yesterday"}', "at is not an instant"),
        ('{"id": "r", "amount": ', "id is missing or the payload is no object"),
        ("", "id is missing or the payload is no object"),
        (None, "id is missing or the payload is no object"),
        ("[1]", "id is missing or the payload is no object"),
    ],
)
def test_what_cannot_be_read_is_named_and_left_out(engine: TableEngine, payload: str | None, reason: str) -> None:
    load(engine, DAY_1, ("r", payload), ("s", '{"id": "s"}'))
    assert [r["record_id"] for r in read(engine)] == ["s"]
    problems = engine.arrow(engine.bronze_problems(ENTITY, DAY_1)).to_pylist()
    assert problems == [{"record_id": "r", "payload_hash": "0000", "batch_id": "batch-2026-01-01", "reasons": [reason]}]
    assert engine.arrow(engine.bronze_problems(ENTITY, DAY_2)).num_rows == 0


def test_the_newest_version_up_to_the_load_date_counts(engine: TableEngine) -> None:
    load(engine, DAY_1, ("r", '{"id": "r", "amount": 1}'), ("s", '{"id": "s", "amount": 1}'))
    load(engine, DAY_2, ("r", '{"id": "r", "amount": 2}'))
    assert [r["amount"] for r in read(engine)] == [2, 1]
    assert [r["amount"] for r in read(engine, DAY_1)] == [1, 1]
    assert [r["amount"] for r in read(engine, all_versions=True)] == [1, 2, 1]


def test_within_a_load_the_payload_hash_breaks_ties(engine: TableEngine) -> None:
    load(engine, DAY_1, ("r", '{"id": "r", "amount": 1}'), ("r", '{"id": "r", "amount": 2}'))
    assert [r["amount"] for r in read(engine)] == [2]


def test_an_unreadable_newest_version_does_not_bring_back_the_one_before(engine: TableEngine) -> None:
    load(engine, DAY_1, ("r", '{"id": "r", "amount": 1}'))
    load(engine, DAY_2, ("r", '{"id": "r", "amount": "x"}'))
    assert read(engine) == []
    assert [r["amount"] for r in read(engine, all_versions=True)] == [1]


def test_tombstones_stay(engine: TableEngine) -> None:
    load(engine, DAY_1, ("r", '{"id": "r", "amount": 1}'))
    load(engine, DAY_2, ("r", '{"id": "r", "amount": 1}'), is_deleted=True)
    assert [(r["is_deleted"], r["amount"]) for r in read(engine)] == [(True, 1)]


def test_no_bronze_table_reads_as_no_rows(engine: TableEngine) -> None:
    typed = engine.read_bronze(ENTITY, DAY_1, all_versions=False)
    assert typed.columns == typed_schema(ENTITY).names
    assert engine.arrow(typed).num_rows == 0
    assert engine.arrow(engine.bronze_problems(ENTITY, DAY_1)).num_rows == 0


def test_a_read_is_computed_once_until_bronze_changes(engine: TableEngine) -> None:
    load(engine, DAY_1, ("r", '{"id": "r"}'))
    once = engine.read_bronze(ENTITY, DAY_1, all_versions=False)
    assert engine.read_bronze(ENTITY, DAY_1, all_versions=False).equals(once)
    assert once.schema() == ibis.schema({n: t.copy(nullable=True) for n, t in typed_schema(ENTITY).items()})
    load(engine, DAY_1, ("r", '{"id": "r"}'), ("s", '{"id": "s"}'))
    assert len(read(engine, DAY_1)) == 2
