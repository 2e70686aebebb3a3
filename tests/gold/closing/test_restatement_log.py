import inspect
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import ibis
import pytest

from c360.contract import ibis_schema
from c360.engines.duckdb_session import DuckDBSession
from c360.gold.closing.metrics import METRICS, NO_CURRENCY, REPORTING, Metric, live_values
from c360.gold.closing.restatement_log import LISTED, RestatementLog, restatement_log
from tests.conftest import TableFactory
from tests.gold.closing.rows import AS_OF, CLOSED_AT, CLOSING, EUROS, LOADED, MAY, REVENUE, SOURCES, TOTAL, Rows, inputs, record
from tests.gold.closing.rows import log as query
from tests.queries import rows_of

CODES = {metric: {None: NO_CURRENCY, REPORTING: "usd"}.get(metric.currency, "eur") for metric in METRICS}
"""Currency of each metric's value in the tests' rows."""
Log = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def session() -> Iterator[DuckDBSession]:
    opened = DuckDBSession()
    yield opened
    opened.close()


@pytest.fixture
def log(session: DuckDBSession) -> Log:
    def rows(closings: Rows, months: Rows, before: Rows | None = None, **more: Any) -> list[dict[str, Any]]:
        params = {"reporting_currency": more.pop("currency", "usd"), "as_of": more.pop("as_of", AS_OF)}
        return rows_of(session, query, inputs(closings, months, before, **more), ("metric", "currency"), **params)

    return rows


def test_a_month_that_is_as_it_was_closed_has_no_row(log: Log) -> None:
    assert log([CLOSING], [REVENUE]) == []
    assert log([], [REVENUE]) == []


def test_a_difference_is_live_less_closed_and_seen_today(log: Log) -> None:
    second = {**REVENUE, "customer_id": "c-2", "revenue_amount": Decimal("0.00000001")}
    (row,) = log([CLOSING], [REVENUE, second])
    assert (row["closed_value"], row["live_value"]) == (Decimal(100), Decimal("100.00000001"))
    assert row["difference_value"] == Decimal("0.00000001")
    assert (row["first_seen_date"], row["changed_date"]) == (AS_OF, AS_OF)
    assert (row["closed_at"], row["release_id"], row["closed_load_date"]) == (CLOSED_AT, "20260602-3", LOADED)
    assert (row["arrived_count"], row["arrived_record_ids"]) == (0, None)


def test_when_it_was_first_seen_stays_and_when_it_changed_moves(log: Log) -> None:
    day = timedelta(days=1)
    now = [{**REVENUE, "revenue_amount": Decimal(120)}]
    first = log([CLOSING], now, as_of=AS_OF)
    same = log([CLOSING], now, first, as_of=AS_OF + day)
    assert same == first
    (later,) = log([CLOSING], [{**REVENUE, "revenue_amount": Decimal(130)}], same, as_of=AS_OF + 2 * day)
    assert (later["first_seen_date"], later["changed_date"]) == (AS_OF, AS_OF + 2 * day)
    assert log([CLOSING], [REVENUE], [later]) == []


def test_of_several_closings_the_newest_counts_and_its_difference_is_a_new_one(log: Log) -> None:
    again = {**CLOSING, "closed_at": CLOSED_AT + timedelta(days=1), "value": Decimal(120), "release_id": "20260604-5"}
    now = [{**REVENUE, "revenue_amount": Decimal(120)}]
    before = log([CLOSING], now, as_of=AS_OF - timedelta(days=5))
    assert log([CLOSING, again], now, before) == []
    (row,) = log([again, CLOSING], [REVENUE], before)
    assert (row["difference_value"], row["release_id"], row["first_seen_date"]) == (Decimal(-20), "20260604-5", AS_OF)


def test_records_that_came_after_the_closing_are_named_up_to_a_bound(log: Log) -> None:
    late = [record(n) for n in range(LISTED + 3)]
    others = [record(90, loaded=LOADED), record(91, day=date(2026, 6, 1)), record(92, day=date(2026, 4, 30)), record(0)]
    now = [{**REVENUE, "revenue_amount": Decimal(120)}]
    (row,) = log([CLOSING], now, fct_invoice=late + others, fct_refund=[record(70)])
    assert (row["arrived_count"], row["arrived_record_ids"]) == (LISTED + 3, ",".join(f"r_{n:02}" for n in range(LISTED)))
    (row,) = log([CLOSING], now, fct_invoice=[record(5), record(3)])
    assert (row["arrived_count"], row["arrived_record_ids"]) == (2, "r_03,r_05")


def test_each_metric_has_its_own_evidence(log: Log) -> None:
    closings = [{**CLOSING, "metric": metric.name, "currency": CODES[metric], "value": Decimal(-7)} for metric in METRICS]
    arrived = {name: [record(n)] for n, name in enumerate(SOURCES)}
    rows = log(closings, [REVENUE], metrics_monthly=[TOTAL, EUROS], **arrived)
    ids = {name: f"r_{n:02}" for n, name in enumerate(SOURCES)}
    assert {row["metric"]: row["arrived_record_ids"] for row in rows} == {
        metric.name: ",".join(sorted(ids[evidence.table] for evidence in metric.evidence)) for metric in METRICS
    }


def test_figures_of_metrics_monthly_are_those_of_their_kind_of_row(log: Log) -> None:
    names = {metric.name: metric for metric in METRICS if metric.table == "metrics_monthly"}
    closings = [{**CLOSING, "metric": name, "currency": CODES[metric], "value": None} for name, metric in names.items()]
    rows = {row["metric"]: row for row in log(closings, [], metrics_monthly=[EUROS, TOTAL])}
    kinds = {True: TOTAL, False: EUROS}
    assert {name: row["live_value"] for name, row in rows.items()} == {
        name: Decimal(str(kinds[metric.is_total is True][metric.column])) for name, metric in names.items()
    }
    assert {name: row["currency"] for name, row in rows.items()} == {name: CODES[metric] for name, metric in names.items()}
    same = [{**closing, "value": rows[closing["metric"]]["live_value"]} for closing in closings]
    assert log(same, [], metrics_monthly=[EUROS, TOTAL]) == []


def test_a_currency_that_was_not_there_when_the_month_was_closed_differs(log: Log) -> None:
    closing = {**CLOSING, "metric": "mrr_by_currency_amount", "currency": "eur", "value": Decimal(30)}
    yen = {**EUROS, "currency": "jpy", "mrr_amount": Decimal(500)}
    (row,) = log([closing], [], metrics_monthly=[TOTAL, EUROS, yen])
    assert (row["currency"], row["closed_value"], row["live_value"]) == ("jpy", None, Decimal(500))


def test_another_reporting_currency_is_no_restatement_of_amounts_but_shows(log: Log) -> None:
    rows = log([CLOSING], [REVENUE], currency="eur")
    assert [(r["currency"], r["closed_value"], r["live_value"], r["difference_value"]) for r in rows] == [
        ("eur", None, Decimal(100), None),
        ("usd", Decimal(100), None, None),
    ]


def test_what_was_unknown_and_is_known_now_differs(log: Log) -> None:
    (row,) = log([{**CLOSING, "value": None}], [REVENUE])
    assert (row["closed_value"], row["live_value"]) == (None, Decimal(100))
    assert log([{**CLOSING, "value": None}], [{**REVENUE, "revenue_amount": None}]) == []


def test_a_metric_nobody_knows_any_more_is_left_alone(log: Log) -> None:
    assert log([{**CLOSING, "metric": "gone"}], [REVENUE]) == []


def test_values_are_sums_counts_and_shares_by_currency(table: TableFactory) -> None:
    schema = ibis.schema({"m": "date", "code": "string", "share": "float64", "money": "decimal(38, 8)"})
    rows = [{"m": MAY, "code": "usd", "share": 0.1, "money": Decimal(5)}, {"m": MAY, "code": "eur", "share": None, "money": None}]
    metrics = (Metric("nrr", "t", "share", "max", None, (), "m"), Metric("arr", "t", "money", "sum", "code", (), "m"))
    months = table(ibis.schema({"month_start_date": "date"}), [{"month_start_date": MAY}])
    found = (
        live_values(metrics, {"t": table(schema, rows)}, months, "usd").order_by("metric", "currency").to_pyarrow().to_pylist()
    )
    assert [(r["metric"], r["currency"], r["value"], r["missing_count"]) for r in found] == [
        ("arr", "eur", None, 1),
        ("arr", "usd", Decimal(5), 0),
        ("nrr", NO_CURRENCY, Decimal("0.1"), 1),
    ]


def test_every_table_a_metric_names_is_an_input_and_names_are_unique() -> None:
    named = {metric.table for metric in METRICS} | set(SOURCES)
    assert named < set(inspect.signature(restatement_log).parameters)
    assert len({metric.name for metric in METRICS}) == len(METRICS)


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark", "bigquery", "databricks", "snowflake"])
def test_it_compiles(dialect: str) -> None:
    tables = {name: ibis.table(schema, name=name) for name, (schema, _) in inputs([], [], []).items()}
    expr = query(**tables, as_of=AS_OF, reporting_currency="usd")
    assert list(expr.columns) == list(ibis_schema(RestatementLog))
    assert ibis.to_sql(expr, dialect=dialect)
