"""Records read by BigQuery's generated JSON functions: the same columns, verdicts and reasons as on DuckDB."""

import json
from datetime import UTC, date, datetime
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pytest

from c360.engines import bigquery_json, bronze, duckdb_json
from c360.engines.bigquery_json import definition, shapes
from c360.engines.bigquery_sql import bigquery_sql
from c360.errors import ContractError
from c360.expressions.records import text_type
from c360.sources.base import Entity
from c360.sources.registry import BRONZE_COLUMNS, discover
from tests.engines.test_bronze import ENTITY as THING
from tests.engines.test_bronze import FULL
from tests.expressions.test_records import ENTITY
from tests.googlesql.both import Both, Inputs

DAY = date(2026, 1, 1)
LEAVES: dict[str, list[Any]] = {
    "amount": [12, "12", -3, None, 1.5, 12.0, True, "", "1e3", " 1", "abc", 123456789012345678, 1234567890123456789,
        {"a": 1}, [1]],
    "is_open": [True, False, "true", None, 1, 0, "yes", "TRUE"],
    "rate": [1.005, "0.000064", 6.4e-05, 1.39e8, -7, "123456789012345", "1234567890.123456", "1,5", ".5", "NaN", True, "1e999",
        "1e30", "1e25", "5e-13", "-5e-13", "4e-13", "0.0000000000005", "-0"],
    "day": ["2024-02-29", "2023-02-29", "2024-1-1", None],
    "at": [1704074400, "2024-01-01T02:00:00.000+0000", "2024-01-01T02:00:00Z", "2023-12-31T21:00:00-05:00", 1.5,
        123456789012,
        "2024-01-01T02:00:00.123456Z", "2024-01-01T02:00:00", "2024-13-01T02:00:00Z", "2024-01-01T02:00:00-0500", "yesterday",
        -1],
    "metadata": [{"k": "v"}, {"z": 1, "b": [1, 2]}, {}, [], "text", "", 7, False, None, "é \"quoted\" \\ \n\t"],
    "Mail__c": ["a@b.example"],
    "customer": ["cus_1", {"id": "cus_1", "name": "x"}, {"name": "x"}, None, "", 5],
    "tags": [["a", {"id": "b"}], [], None, [None, "a"], "a", {}],
    "lines": [
        {"data": [{"id": "l1", "amount": 5, "price": "price_1"}, {"id": "l2", "price": {"id": "price_2"}}]},
        {"data": [{"amount": 1}, {"amount": "x", "parts": [{"n": 1}, {"n": "y"}]}]},
        {"data": []}, {"data": None}, {"data": [None, 3]}, {}, None, [], "text",
    ],
    "discounts": [
        ["di_1", {"id": "di_2", "start": 0, "coupon": {"id": "c", "percent_off": 12.5}}],
        [{"id": "d", "coupon": {"percent_off": "half"}}], [], None, ["di 1"], [7],
    ],
}  # fmt: skip
WHOLE = [
    '{"id": "r", "amount": ', "", None, "[1]", "[]", "{}", "1", '"text"', "null", '{"id": null, "amount": 1}', '{"id": {"a": 1}}'
]  # fmt: skip
PAYLOADS = [json.dumps({"id": "t", name: value}, ensure_ascii=False) for name, values in LEAVES.items() for value in values]
ENTITIES = discover().entities.values()
EACH_ENTITY = pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)


def stored(payloads: list[str | None]) -> Inputs:
    """Bronze rows of one load."""
    default = dict.fromkeys(BRONZE_COLUMNS, "x") | {"date_loaded": DAY, "first_date_loaded": DAY, "is_deleted": False}
    default |= {"extracted_at": datetime(2026, 1, 1, tzinfo=UTC), "source_updated_at": None}
    rows = [{**default, "record_id": str(n), "payload": payload} for n, payload in enumerate(payloads)]
    return {"rows": (bronze.stored_schema(), rows)}


def steps(entity: Entity, parse: Any) -> tuple[ir.Table, ir.Table, ir.Table]:
    """What an engine runs: the parse, and over its rows the typed columns, and the reasons."""
    parsing = bronze.with_raw(ibis.table(bronze.stored_schema(), name="rows"), entity, parse)
    parsed = ibis.table(parsing.schema(), name="parsed")
    return parsing, bronze.judged(parsed, entity, parse), bronze.unreadable(parsed, entity, parse)


def read(both: Both, entity: Entity, payloads: list[str | None]) -> list[dict[str, Any]]:
    """Records as GoogleSQL reads them, each with `reasons`; asserted to be DuckDB's."""
    given = stored(payloads)
    parsing, judging, reasoning = steps(entity, bigquery_json.parse)
    raw = both.google(given, parsing).query(bigquery_sql(parsing)).rows
    parsed = {"parsed": (parsing.schema(), [dict(zip(parsing.columns, row, strict=True)) for row in raw])}
    on_duckdb = steps(entity, duckdb_json.parse)
    raw_there = {"parsed": (on_duckdb[0].schema(), both.rows_on_duckdb(on_duckdb[0], given))}
    for here, there in ((judging, on_duckdb[1]), (reasoning, on_duckdb[2])):
        assert both.on_google(here, parsed) == both.on_duckdb(there, raw_there)
    verdicts = both.google(parsed, judging).query(bigquery_sql(judging)).rows
    reasons = both.google(parsed, reasoning).query(bigquery_sql(reasoning)).rows
    return [
        dict(zip(judging.columns, verdict, strict=True)) | {"reasons": why[-1]}
        for verdict, why in zip(verdicts, reasons, strict=True)
    ]


def test_leaves_of_every_type_are_read_as_on_duckdb(both: Both) -> None:
    rows = read(both, ENTITY, [*PAYLOADS, *WHOLE])
    assert len(rows) == len(PAYLOADS) + len(WHOLE)
    readable = [row for row in rows if row[bronze.IS_READABLE]]
    assert 40 < len(readable) < len(rows) - 40
    assert all(row[bronze.IS_READABLE] == (row["reasons"] == []) for row in rows)


def test_a_record_becomes_typed_columns(both: Both) -> None:
    (row,) = read(both, THING, [FULL])
    assert {name: row[name] for name in THING.schema} == {
        "id": "r",
        "amount": 12,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "customer": "cus_1",
        "lines": {"data": [{"id": "l1", "amount": 5, "price": "p1"}, {"id": "l2", "amount": None, "price": "p2"}]},
        "email": "mail",
    }


@pytest.mark.parametrize("payload", ['{"id": "r", "amount": ', "", None, "[1]"])
def test_what_is_no_object_has_no_id(both: Both, payload: str | None) -> None:
    (row,) = read(both, THING, [payload])
    assert not row[bronze.IS_READABLE]
    assert row["reasons"] == ["id is missing or the payload is no object"]


@EACH_ENTITY
def test_every_entitys_function_and_reading_are_accepted(both: Both, entity: Entity) -> None:
    given = stored(['{"id": "1", "Id": "1"}'])
    parsing, judging, _ = steps(entity, bigquery_json.parse)
    google = both.google(given, parsing)
    for shape in shapes(parsing):
        google.analyze(definition(shape))
        google.analyze(definition(shape, "c360_bronze"))
    assert google.query(bigquery_sql(parsing)).columns
    parsed = {"parsed": (parsing.schema(), [])}
    assert not both.google(parsed, judging).query(bigquery_sql(judging)).rows


def test_the_newest_version_counts_and_a_missing_change_instant_is_the_oldest(both: Both) -> None:
    (schema, [row]) = stored(["{}"])["rows"]
    instants = [None, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)]
    versions = [
        {**row, "record_id": record, "source_updated_at": at, "payload_hash": str(n)}
        for record, chosen in (("a", instants), ("b", instants[:1] * 2), ("c", instants[1::-1]))
        for n, at in enumerate(chosen)
    ]
    newest = both.equal(bronze.newest(ibis.table(schema, name="rows"), DAY), {"rows": (schema, versions)})
    hash_at = list(schema).index("payload_hash")
    assert sorted((r[0], r[hash_at]) for r in newest) == [("a", "2"), ("b", "1"), ("c", "0")]


def test_a_field_with_quotes_in_its_name_is_refused() -> None:
    with pytest.raises(ContractError, match="cannot read a field"):
        definition(dt.Struct({"a'b": "string"}))


def test_a_name_of_a_function_tells_its_shape() -> None:
    names = {bigquery_json.function_name(text_type(entity)) for entity in ENTITIES}
    assert len(names) == len({text_type(entity) for entity in ENTITIES})
