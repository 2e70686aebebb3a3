"""The strict reading of records: one rule per type, references both ways, problems named without values."""

from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import orjson
import pyarrow as pa
import pytest
from ibis.backends.duckdb import Backend

from c360.expressions.records import is_readable, problems, text_type, typed
from c360.sources.base import Entity
from c360.sources.registry import BRONZE_COLUMNS, discover

ENTITY = Entity(
    name="things",
    source_system="test",
    api_object="thing",
    schema=ibis.schema(
        {
            "id": "string",
            "amount": "int64",
            "is_open": "boolean",
            "rate": "decimal(38, 12)",
            "day": "date",
            "at": "timestamp('UTC', 6)",
            "metadata": "string",
            "email": "string",
            "customer": "string",
            "tags": "array<string>",
            "lines": "struct<data: array<struct<id: string, amount: int64, price: string, parts: array<struct<n: int64>>>>>",
            "discounts": """array<struct<id: string, start: timestamp('UTC', 6),
                            coupon: struct<id: string, percent_off: decimal(38, 12)>>>""",
        }
    ),
    refs=("customer", "lines.data.price", "discounts", "tags"),
    aliases={"email": "Mail__c"},
)


def _at(wanted: dt.DataType, path: list[str]) -> dt.DataType:
    while isinstance(wanted, dt.Array):
        wanted = wanted.value_type
    return _at(wanted[path[0]], path[1:]) if path else wanted


def _duckdb_type(wanted: dt.DataType) -> Any:
    if isinstance(wanted, dt.Struct):
        return {n: _duckdb_type(t) for n, t in wanted.items()}
    return [_duckdb_type(wanted.value_type)] if isinstance(wanted, dt.Array) else "VARCHAR"


def parse(text: ir.StringValue, wanted: dt.Struct) -> ir.StructValue:
    @ibis.udf.scalar.builtin(name="from_json", signature=((dt.string, dt.string), wanted))
    def from_json(text, structure): ...

    return from_json(text, orjson.dumps(_duckdb_type(wanted)).decode())


def read(backend: Backend, record: dict[str, Any] | list[Any]) -> tuple[dict[str, Any], bool, list[str]]:
    payload = backend.create_table(ibis.util.gen_name("p"), pa.table({"payload": [orjson.dumps(record).decode()]}), temp=True)
    raw = parse(payload.payload, text_type(ENTITY))
    row = payload.select(**typed(raw, ENTITY, parse)).to_pyarrow().to_pylist()[0]
    verdict = payload.select(ok=is_readable(raw, typed(raw, ENTITY, parse), ENTITY, parse), why=problems(raw, ENTITY, parse))
    found = verdict.to_pyarrow().to_pylist()[0]
    return row, found["ok"], found["why"]


def scalar(backend: Backend, name: str, value: Any) -> tuple[Any, list[str]]:
    row, ok, why = read(backend, {"id": "t", name: value})
    assert ok == (not why)
    return row[name], why


@pytest.mark.parametrize(("given", "wanted"), [(12, 12), ("12", 12), (-3, -3), (None, None)])
def test_integer(backend: Backend, given: Any, wanted: int | None) -> None:
    assert scalar(backend, "amount", given) == (wanted, [])


@pytest.mark.parametrize("given", [1.5, 12.0, True, "", "1e3", " 1", "abc", 1234567890123456789, {"a": 1}, [1]])
def test_not_an_integer(backend: Backend, given: Any) -> None:
    assert scalar(backend, "amount", given) == (None, ["amount is not an integer"])


@pytest.mark.parametrize(("given", "wanted"), [(True, True), (False, False), ("true", True), (None, None)])
def test_boolean(backend: Backend, given: Any, wanted: bool | None) -> None:
    assert scalar(backend, "is_open", given) == (wanted, [])


@pytest.mark.parametrize("given", [1, 0, "yes", "TRUE"])
def test_not_a_boolean(backend: Backend, given: Any) -> None:
    assert scalar(backend, "is_open", given) == (None, ["is_open is not true or false"])


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (1.005, "1.005"),
        ("0.000064", "0.000064"),
        (6.4e-05, "0.000064"),
        (1.39e8, "139000000"),
        (-7, "-7"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_decimal_is_exact(backend: Backend, given: Any, wanted: str) -> None:
    value, why = scalar(backend, "rate", given)
    assert why == []
    assert str(value.normalize().__format__("f")) == wanted


@pytest.mark.parametrize("given", ["1234567890.123456", "1,5", ".5", "NaN", True, "1e999"])
def test_not_a_decimal(backend: Backend, given: Any) -> None:
    assert scalar(backend, "rate", given) == (None, ["rate is not a number of at most 15 digits"])


def test_dates_and_instants(backend: Backend) -> None:
    assert str(scalar(backend, "day", "2024-02-29")[0]) == "2024-02-29"
    assert scalar(backend, "day", "2023-02-29") == (None, ["day is not a date"])
    for given in (1704074400, "2024-01-01T02:00:00.000+0000", "2024-01-01T02:00:00Z", "2023-12-31T21:00:00-05:00"):
        value, why = scalar(backend, "at", given)
        assert (value.isoformat(), why) == ("2024-01-01T02:00:00+00:00", [])
    assert scalar(backend, "at", "2024-01-01T02:00:00.123456Z")[0].microsecond == 123456


@pytest.mark.parametrize(
    "given", ["2024-01-01T02:00:00", "2024-13-01T02:00:00Z", "2024-01-01T02:00:00-0500", "yesterday", 1.5, 123456789012]
)
def test_not_an_instant(backend: Backend, given: Any) -> None:
    assert scalar(backend, "at", given) == (None, ["at is not an instant"])


def test_strings_keep_objects_as_text_and_aliases_are_followed(backend: Backend) -> None:
    row, ok, _ = read(backend, {"id": "t", "metadata": {"k": "v"}, "Mail__c": "a@b.example", "email": "ignored"})
    assert ok
    assert orjson.loads(row["metadata"]) == {"k": "v"}
    assert row["email"] == "a@b.example"


def test_references_are_read_both_ways(backend: Backend) -> None:
    record = {
        "id": "t",
        "customer": {"id": "cus_1", "name": "x"},
        "tags": ["a", {"id": "b"}],
        "lines": {"data": [{"id": "l1", "amount": 5, "price": "price_1"}, {"id": "l2", "price": {"id": "price_2"}}]},
    }
    row, ok, _ = read(backend, record)
    assert ok
    assert row["customer"] == "cus_1"
    assert row["tags"] == ["a", "b"]
    assert [(line["id"], line["amount"], line["price"]) for line in row["lines"]["data"]] == [
        ("l1", 5, "price_1"),
        ("l2", None, "price_2"),
    ]


def test_expandable_structs_take_ids_and_objects(backend: Backend) -> None:
    expanded = {"id": "di_2", "start": 0, "coupon": {"id": "c", "percent_off": 12.5}}
    row, ok, _ = read(backend, {"id": "t", "discounts": ["di_1", expanded]})
    assert ok
    first, second = row["discounts"]
    assert (first["id"], first["start"]) == ("di_1", None)
    assert (second["id"], float(second["coupon"]["percent_off"])) == ("di_2", 12.5)


def test_problems_inside_arrays_are_named_by_path(backend: Backend) -> None:
    record = {
        "id": "t",
        "amount": "secret",
        "lines": {"data": [{"amount": 1}, {"amount": "x", "parts": [{"n": 1}, {"n": "y"}]}]},
        "discounts": [{"id": "d", "coupon": {"percent_off": "half"}}],
    }
    _, ok, why = read(backend, record)
    assert not ok
    assert why == [
        "amount is not an integer",
        "lines.data.amount is not an integer",
        "lines.data.parts.n is not an integer",
        "discounts.coupon.percent_off is not a number of at most 15 digits",
    ]


@pytest.mark.parametrize("payload", [{}, {"id": None, "amount": 1}, []])
def test_no_id_is_a_problem(backend: Backend, payload: Any) -> None:
    _, ok, why = read(backend, payload)
    assert not ok
    assert why[0] == "id is missing or the payload is no object"


@pytest.mark.parametrize("entity", discover().entities.values(), ids=lambda e: e.name)
def test_no_field_is_called_like_a_bronze_column(entity: Entity) -> None:
    assert not set(entity.schema) & set(BRONZE_COLUMNS)


@pytest.mark.parametrize("entity", discover().entities.values(), ids=lambda e: e.name)
def test_refs_name_strings_or_structs_with_an_id(entity: Entity) -> None:
    for path in entity.refs:
        wanted = _at(dt.Struct(dict(entity.schema.items())), path.split("."))
        assert wanted.is_string() or "id" in wanted.names


@pytest.mark.parametrize("entity", discover().entities.values(), ids=lambda e: e.name)
def test_every_entity_compiles_everywhere(entity: Entity) -> None:
    @ibis.udf.scalar.builtin(name="parse", signature=((dt.string,), text_type(entity)))
    def whole(text): ...

    def inner(text: ir.StringValue, wanted: dt.Struct) -> ir.StructValue:
        @ibis.udf.scalar.builtin(name="parse", signature=((dt.string,), wanted))
        def part(text): ...

        return part(text)

    t = ibis.table({"payload": "string"}, name="t")
    raw = t.mutate(raw=whole(t.payload))
    columns = typed(raw.raw, entity, inner)
    assert {n: v.type().copy(nullable=True) for n, v in columns.items()} == dict(entity.schema.items())
    for dialect in ("duckdb", "pyspark", "bigquery"):
        assert ibis.to_sql(raw.select(**columns), dialect=dialect)
        assert ibis.to_sql(raw.select(ok=is_readable(raw.raw, columns, entity, inner)), dialect=dialect)
