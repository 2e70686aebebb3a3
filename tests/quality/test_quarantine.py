import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from ibis.backends.duckdb import Backend

from c360.contract import ibis_schema
from c360.quality.evaluate import split
from c360.quality.quarantine import (
    KEY,
    SCHEMA,
    bad_records,
    bad_rows,
    empty,
    next_state,
    of_load,
    table_name,
    write,
    write_records,
)
from tests.conftest import TableFactory
from tests.quality.samples import Sample, good

DAY = date(2026, 1, 2)
LOADED = ibis.schema({"record_id": "string", "date_loaded": "date"})
PROBLEMS = ibis.schema({"record_id": "string", "payload_hash": "string", "batch_id": "string", "reasons": "array<string>"})


def _bad(table: TableFactory, rows: Sequence[dict[str, Any]], run_id: str = "run_1", load_date: date = DAY) -> ir.Table:
    bad = split(table(ibis_schema(Sample), rows), Sample)[1]
    return bad_rows(bad, Sample, run_id=run_id, load_date=load_date, scope_column="thing_id")


def _rows(backend: Backend, expr: ir.Table) -> list[dict[str, Any]]:
    return backend.to_pyarrow(expr.order_by(KEY)).to_pylist()


def test_a_bad_row_tells_its_key_reasons_and_source(backend: Backend, table: TableFactory) -> None:
    (row,) = _rows(backend, _bad(table, [good(count=-1)]))
    assert json.loads(row["row_key"]) == {"thing_id": "x_1", "part": 1}
    assert json.loads(row["reasons"]) == ["count: must be >= 0"]
    assert (row["record_id"], row["payload_hash"], row["scope_key"]) == ("r_1", None, "x_1")
    assert (row["first_run_id"], row["first_load_date"], row["last_load_date"]) == ("run_1", DAY, DAY)
    assert row["resolved_load_date"] is None


def test_the_row_is_kept_without_personal_and_free_text(backend: Backend, table: TableFactory) -> None:
    (row,) = _rows(backend, _bad(table, [good(count=-1, status=None, share=0.25)]))
    assert json.loads(row["row_json"]) == {
        "thing_id": "x_1",
        "part": 1,
        "count": -1,
        "status": None,
        "limit_amount": 5,
        "share": 0.25,
        "seen_at": "2026-01-01T12:00:00Z",
        "record_id": "r_1",
    }


def test_values_that_broke_their_rule_or_look_personal_are_withheld(backend: Backend, table: TableFactory) -> None:
    (row,) = _rows(backend, _bad(table, [good(thing_id="+49 30 1234567", record_id="jo@corp.example", status="gone")]))
    kept = json.loads(row["row_json"])
    assert (kept["thing_id"], kept["record_id"], kept["status"]) == ("(withheld)",) * 3
    assert json.loads(row["row_key"]) == {"thing_id": "(withheld)", "part": 1}


def test_infinite_numbers_and_odd_texts_stay_json(backend: Backend, table: TableFactory) -> None:
    (row,) = _rows(backend, _bad(table, [good(count=-1, share=float("inf"), record_id='a"b\\c\td\ne')]))
    kept = json.loads(row["row_json"])
    assert (kept["share"], kept["record_id"]) == (None, 'a"b\\c d e')


def test_rows_of_one_key_are_numbered(backend: Backend, table: TableFactory) -> None:
    rows = _rows(backend, _bad(table, [good(count=2), good(count=1)]))
    assert [(row["occurrence"], json.loads(row["row_json"])["count"]) for row in rows] == [(1, 1), (2, 2)]


def test_rows_never_disappear_and_say_when_they_were_mended(backend: Backend, table: TableFactory) -> None:
    later = DAY + timedelta(days=1)
    first = table(SCHEMA, _rows(backend, _bad(table, [good(count=-1), good(part=2, count=-1)])))
    second = next_state(first, _bad(table, [good(part=2, count=-1)], "run_2", later), load_date=later)
    mended, still = _rows(backend, second)
    assert (mended["resolved_load_date"], mended["last_load_date"]) == (later, DAY)
    assert (still["resolved_load_date"], still["last_load_date"], still["first_load_date"]) == (None, later, DAY)
    assert still["first_run_id"] == "run_1"


def test_a_row_that_fails_again_is_open_again(backend: Backend, table: TableFactory) -> None:
    (row,) = _rows(backend, _bad(table, [good(count=-1)]))
    before = table(SCHEMA, [{**row, "resolved_load_date": DAY}])
    (again,) = _rows(backend, next_state(before, _bad(table, [good(count=-1)], "run_2"), load_date=DAY))
    assert (again["resolved_load_date"], again["first_run_id"]) == (None, "run_1")


def test_the_same_build_twice_gives_the_same_state(backend: Backend, table: TableFactory) -> None:
    first = table(SCHEMA, _rows(backend, _bad(table, [good(count=-1)])))
    assert _rows(backend, next_state(first, _bad(table, [good(count=-1)], "run_2"), load_date=DAY)) == _rows(backend, first)


def test_rows_a_build_did_not_look_at_are_left_alone(backend: Backend, table: TableFactory) -> None:
    before = table(SCHEMA, _rows(backend, _bad(table, [good(count=-1), good(thing_id="x_2", count=-1)])))
    now = _bad(table, [], "run_2")
    state = next_state(before, now, load_date=DAY, looked_at=lambda rows: rows.filter(rows.scope_key == "x_2"))
    assert [(row["scope_key"], row["resolved_load_date"]) for row in _rows(backend, state)] == [
        ("x_1", None),
        ("x_2", DAY),
    ]


def test_the_first_state_is_the_bad_rows(backend: Backend, table: TableFactory) -> None:
    now = _bad(table, [good(count=-1)])
    assert _rows(backend, next_state(None, now, load_date=DAY)) == _rows(backend, now)


def test_unreadable_records_are_kept_per_version(backend: Backend, table: TableFactory) -> None:
    problems = table(
        PROBLEMS,
        [
            {"record_id": "in_1", "payload_hash": "h1", "batch_id": "b", "reasons": ["due is not an integer", "a"]},
            {"record_id": "in_1", "payload_hash": "h2", "batch_id": "b", "reasons": ["a", "a"]},
        ],
    )
    rows = _rows(backend, bad_records(problems, "stripe", run_id="run_1", load_date=DAY))
    assert [json.loads(row["reasons"]) for row in rows] == [["a", "due is not an integer"], ["a"]]
    assert {(row["record_id"], row["source_system"], row["date_loaded"]) for row in rows} == {("in_1", "stripe", DAY)}
    before = table(SCHEMA, rows)
    later = DAY + timedelta(days=1)
    none = bad_records(problems.limit(0), "stripe", run_id="run_2", load_date=later)
    for record_id, expected in (("in_2", [None, None]), ("in_1", [later, later])):
        state = next_state(before, none, load_date=later, looked_at=of_load(_loaded(table, record_id, later)))
        assert [row["resolved_load_date"] for row in _rows(backend, state)] == expected


def _loaded(table: TableFactory, record_id: str, day: date) -> ir.Table:
    return table(LOADED, [{"record_id": record_id, "date_loaded": day}])


def test_names() -> None:
    assert table_name("silver.fct_invoice") == table_name("fct_invoice") == "quarantine.fct_invoice"


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark", "bigquery"])
def test_it_compiles(dialect: str) -> None:
    rows = ibis.table(ibis_schema(Sample), name="t")
    now = bad_rows(split(rows, Sample)[1], Sample, run_id="r", load_date=DAY, scope_column="thing_id")
    problems = bad_records(ibis.table(PROBLEMS, name="p"), "stripe", run_id="r", load_date=DAY)
    state = next_state(ibis.table(SCHEMA, name="s"), now, load_date=DAY, looked_at=of_load(ibis.table(LOADED, name="l")))
    for expr in (now, problems, state, empty(rows)):
        assert "SELECT" in ibis.to_sql(expr, dialect=dialect)
        assert {n: t.copy(nullable=True) for n, t in expr.schema().items()} == {
            n: t.copy(nullable=True) for n, t in SCHEMA.items()
        }


class _Engine:
    """What `store` asks of an engine; remembers the last state written."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.state: ir.Table | None = None
        self.writes = 0

    def head(self, table: str) -> object | None:
        return None if self.state is None else object()

    def read(self, table: str) -> ir.Table | None:
        return self.state

    def materialise(self, expr: ir.Table, schema: ibis.Schema) -> ir.Table:
        return self.backend.create_table(ibis.util.gen_name("m"), self.backend.to_pyarrow(expr), temp=True)

    def arrow(self, expr: ir.Table) -> Any:
        return self.backend.to_pyarrow(expr)

    def write(self, table: str, rows: ir.Table, schema: ibis.Schema, *rest: Any) -> str:
        self.writes += 1
        self.state = self.materialise(rows, schema)
        return table


def test_a_table_is_made_with_the_first_bad_row(backend: Backend, table: TableFactory) -> None:
    engine: Any = _Engine(backend)
    for rows, writes in (([good()], 0), ([good(count=-1)], 1), ([good()], 2)):
        bad = split(table(ibis_schema(Sample), rows), Sample)[1]
        write(engine, "fct_sample", bad, Sample, run_id="r", load_date=DAY)
        assert engine.writes == writes
    assert [row["resolved_load_date"] for row in _rows(backend, engine.state)] == [DAY]


def test_unreadable_records_are_written_per_load(backend: Backend, table: TableFactory) -> None:
    engine: Any = _Engine(backend)
    row = {"record_id": "in_1", "payload_hash": "h", "batch_id": "b", "reasons": ["a"]}
    later = DAY + timedelta(days=1)

    def load(rows: list[dict[str, Any]], record_id: str, day: date) -> None:
        loaded = _loaded(table, record_id, day)
        write_records(engine, "stripe_invoices", table(PROBLEMS, rows), loaded, "stripe", run_id="r", load_date=day)

    load([row], "in_1", DAY)
    load([], "in_2", later)
    (kept,) = _rows(backend, engine.state)
    assert (kept["record_id"], kept["resolved_load_date"]) == ("in_1", None)
    load([], "in_1", DAY)
    assert [row["resolved_load_date"] for row in _rows(backend, engine.state)] == [DAY]


def test_an_older_load_looked_at_again_opens_nothing_that_a_newer_one_mended(backend: Backend, table: TableFactory) -> None:
    engine: Any = _Engine(backend)
    row = {"record_id": "in_1", "payload_hash": "h", "batch_id": "b", "reasons": ["a"]}
    later = DAY + timedelta(days=1)
    for rows, day in (([row], DAY), ([], later), ([row], DAY)):
        loaded = _loaded(table, "in_1", day)
        write_records(engine, "stripe_invoices", table(PROBLEMS, rows), loaded, "stripe", run_id="r", load_date=day)
    assert [kept["resolved_load_date"] for kept in _rows(backend, engine.state)] == [later]
