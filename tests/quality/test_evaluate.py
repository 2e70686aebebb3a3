import json
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from ibis.backends.duckdb import Backend

from c360.contract import ibis_schema, key, row_rules
from c360.quality.evaluate import (
    DUPLICATE_KEY,
    REASONS,
    Evaluation,
    duplicate_counts,
    evaluate,
    rule_counts,
    split,
    type_problems,
)
from tests.conftest import TableFactory
from tests.quality.samples import Sample, good

SCHEMA = ibis_schema(Sample)

BROKEN = [
    ({"thing_id": "y"}, "thing_id.str_matches", "thing_id: must match x_[0-9]+"),
    ({"thing_id": None}, "thing_id.not_null", "thing_id: must not be null"),
    ({"count": -1}, "count.greater_than_or_equal_to", "count: must be >= 0"),
    ({"count": 11, "limit_amount": None}, "count.less_than_or_equal_to", "count: must be <= 10"),
    ({"status": "gone"}, "status.isin", "status: must be one of closed, open"),
    ({"seen_at": None}, "seen_at.not_null", "seen_at: must not be null"),
    ({"limit_amount": 0}, "within_limit", "count must not pass limit_amount"),
]


def _run(backend: Backend, expr: ir.Table) -> list[dict[str, Any]]:
    return backend.to_pyarrow(expr).to_pylist()


def _evaluate(backend: Backend, rows: ir.Table) -> Evaluation:
    return evaluate(rows, Sample, lambda expr: _run(backend, expr))


@pytest.mark.parametrize(("change", "rule", "reason"), BROKEN, ids=lambda value: str(value))
def test_one_broken_rule_fires_alone(
    backend: Backend, table: TableFactory, change: dict[str, Any], rule: str, reason: str
) -> None:
    rows = table(SCHEMA, [good(), good(**{"thing_id": "x_2", **change})])
    evaluation = _evaluate(backend, rows)
    assert (evaluation.rows_checked, evaluation.rows_failing) == (2, 1)
    assert {name for name, count in evaluation.failing.items() if count} == {rule}
    kept, bad = split(rows, Sample)
    assert [row["thing_id"] for row in _run(backend, kept)] == ["x_1"]
    assert [json.loads(row[REASONS]) for row in _run(backend, bad)] == [[reason]]


def test_every_reason_is_listed_in_order(backend: Backend, table: TableFactory) -> None:
    rows = table(SCHEMA, [good(thing_id=None, count=-1, status="gone")])
    assert json.loads(_run(backend, split(rows, Sample)[1])[0][REASONS]) == [
        "count: must be >= 0",
        "status: must be one of closed, open",
        "thing_id: must not be null",
    ]


def test_all_rows_of_a_duplicated_key_are_set_apart(backend: Backend, table: TableFactory) -> None:
    rows = table(SCHEMA, [good(), good(count=2), good(part=2)])
    evaluation = _evaluate(backend, rows)
    assert evaluation.rows_failing == evaluation.failing[DUPLICATE_KEY] == 2
    kept, bad = split(rows, Sample)
    assert [row["part"] for row in _run(backend, kept)] == [2]
    assert [row[REASONS] for row in _run(backend, bad)] == ['["duplicate key"]'] * 2


def test_rows_that_fail_both_ways_count_once(backend: Backend, table: TableFactory) -> None:
    evaluation = _evaluate(backend, table(SCHEMA, [good(), good(count=-1), good(part=2, count=-1), good(part=3)]))
    assert evaluation.rows_failing == 3
    assert evaluation.failing_share == 0.75


def test_incomplete_keys_are_no_duplicates(backend: Backend, table: TableFactory) -> None:
    evaluation = _evaluate(backend, table(SCHEMA, [good(thing_id=None), good(thing_id=None)]))
    assert evaluation.failing[DUPLICATE_KEY] == 0
    assert evaluation.failing["thing_id.not_null"] == 2


def test_an_empty_table_is_clean(backend: Backend, table: TableFactory) -> None:
    rows = table(SCHEMA, [])
    evaluation = _evaluate(backend, rows)
    assert (evaluation.rows_checked, evaluation.is_clean, evaluation.failing_share) == (0, True, 0.0)
    assert [_run(backend, part) for part in split(rows, Sample)] == [[], []]


def test_good_rows_keep_their_columns() -> None:
    kept, bad = split(ibis.table(SCHEMA, name="t"), Sample)
    assert list(kept.schema()) == list(SCHEMA)
    assert list(bad.schema()) == [*SCHEMA, REASONS]


def test_names_of_types_that_mean_the_same_are_no_problem() -> None:
    found = {**SCHEMA, "seen_at": "timestamp(9)", "limit_amount": "decimal(38, 9)", "count": "int32"}
    assert type_problems(ibis.schema(found), Sample) == []


def test_other_columns_and_types_are_problems() -> None:
    found = {name: dtype for name, dtype in SCHEMA.items() if name != "note"}
    assert type_problems(ibis.schema({**found, "count": "string", "more": "int64"}), Sample) == [
        "note: missing",
        "more: not in the contract",
        "count: wanted integer, found string",
    ]


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark", "bigquery"])
def test_it_compiles(dialect: str) -> None:
    rows = ibis.table(SCHEMA, name="t")
    for expr in (rule_counts(rows, list(row_rules(Sample))), duplicate_counts(rows, key(Sample)), *split(rows, Sample)):
        assert "SELECT" in ibis.to_sql(expr, dialect=dialect)
