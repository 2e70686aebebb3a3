"""Figures per month: the worked examples of the specification, section 6, and what makes a figure unknown."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.gold.revenue.metrics_monthly import metrics_monthly
from tests.billing import Pipeline, Row
from tests.gold.revenue.movements import AS_OF, HISTORY, half_up, history, month_end_rates, movements, mrr, started
from tests.gold.revenue.test_mrr_law import EXAMPLES, Known, Rates, generated, sums

Figures = dict[tuple[str, int], Row]
EUR = {1: "1.1", 2: "1.25", 3: "1.2"}
TOTAL = "total"
RETENTION = ("nrr_ratio", "grr_ratio", "logo_churn_ratio", "subscription_churn_ratio", "quick_ratio")


@pytest.fixture
def stripe(backend: Backend) -> Pipeline:
    return Pipeline(backend)


def customers(*amounts: Sequence[str | None], **fields: Any) -> list[Row]:
    """Items of customers, one each, from January."""
    return [
        row
        for n, told in enumerate(amounts)
        for row in history(*told, customer_id=f"c-{n}", subscription_id=f"sub_{n}", subscription_item_id=f"si_{n}", **fields)
    ]


def metrics(
    stripe: Pipeline,
    items: Sequence[Row],
    rates: Sequence[Row] = (),
    *,
    subscriptions: Sequence[Row] | None = None,
    as_of: date = AS_OF,
) -> Figures:
    """metrics_monthly by (currency, or `total`, and months since 2025)."""
    moves = movements(stripe, items, rates, subscriptions=subscriptions, as_of=as_of)
    inputs = {"fct_mrr": items, "fct_mrr_movement": moves, "fx_rate": rates}
    found = stripe.run(metrics_monthly, inputs, as_of=as_of, reporting_currency="usd")
    keyed = {(TOTAL if r["is_total"] else r["currency"], _number(r["month_start_date"])): r for r in found}
    assert len(keyed) == len(found)
    return keyed


def _number(day: date) -> int:
    return (day.year - 2026) * 12 + day.month


def shown(row: Row, *names: str) -> list[Any]:
    return [row[name] for name in names]


def test_churn_10_contraction_10_expansion_10_of_100_are_grr_80_and_nrr_90_percent(stripe: Pipeline) -> None:
    found = metrics(stripe, customers(("10", "0"), ("40", "30"), ("50", "60")))
    for scope in ("usd", TOTAL):
        row = found[scope, 2]
        assert shown(row, "grr_ratio", "nrr_ratio") == [0.8, 0.9]
        assert shown(row, "opening_mrr_amount", "mrr_amount", "arr_amount", "net_new_amount") == [100, 90, 1080, -10]
        assert shown(row, "churn_amount", "contraction_amount", "expansion_amount", "quick_ratio") == [10, 10, 10, 0.5]


def test_100_monthly_and_50_yearly_customers_are_12500_and_125_each(stripe: Pipeline) -> None:
    items = customers(*(("100",) for _ in range(100)), *(("50",) for _ in range(50)))
    row = metrics(stripe, items)[TOTAL, 1]
    assert shown(row, "mrr_amount", "arr_amount", "new_amount", "customer_count") == [12_500, 150_000, 12_500, 150]
    assert row["arpa_amount"] == Decimal("83.33333333")


def test_customers_who_leave_and_come_back(stripe: Pipeline) -> None:
    items = customers(("10", "10", "0", "10"), ("10", "10", "10", "10"), ("10", "10", "10", "10"), ("0", "30", "30", "30"))
    found = metrics(stripe, items)
    names = ("customer_count", "opening_customer_count", "churned_customer_count", "logo_churn_ratio", "reactivation_amount")
    assert [shown(found[TOTAL, n], *names) for n in (1, 2, 3, 4)] == [
        [3, 0, 0, None, 0],
        [4, 3, 0, 0.0, 0],
        [3, 4, 1, 0.25, 0],
        [4, 3, 0, 0.0, 10],
    ]
    assert shown(found[TOTAL, 3], "arpa_amount", "ltv_amount") == [Decimal("16.66666667"), Decimal("66.66666668")]
    assert found[TOTAL, 2]["ltv_amount"] is None
    assert shown(found[TOTAL, 4], "nrr_ratio", "grr_ratio") == [1.0, 1.0]  # who came back was not there at the start


def test_a_subscription_may_end_without_its_customer(stripe: Pipeline) -> None:
    items = history("10", "0") + history("5", "5", subscription_id="sub_2", subscription_item_id="si_2")
    row = metrics(stripe, items)[TOTAL, 2]
    assert shown(row, "logo_churn_ratio", "subscription_churn_ratio", "subscription_count") == [0.0, 0.5, 1]
    assert shown(row, "churn_amount", "contraction_amount") == [0, 10]


def test_ratios_are_null_where_there_is_nothing_to_divide_by(stripe: Pipeline) -> None:
    row = metrics(stripe, customers(("10",)))[TOTAL, 1]
    assert shown(row, *RETENTION, "ltv_amount", "nrr_12_months_ratio") == [None] * 7


def test_the_total_adds_currencies_up_at_their_rates_and_keeps_rates_apart(stripe: Pipeline) -> None:
    items = customers(("100", "100", "40"), currency="eur", rates=EUR) + history("10", "20", "20", subscription_item_id="si_9")
    found = metrics(stripe, items, month_end_rates("eur", EUR))
    names = ("opening_mrr_amount", "net_new_amount", "fx_amount", "untold_amount", "mrr_amount")
    assert [shown(found[TOTAL, n], *names) for n in (1, 2, 3)] == [
        [0, 120, 0, 0, 120],
        [120, 10, 15, 0, 145],
        [145, -72, -5, 0, 68],
    ]
    assert shown(found["eur", 3], *names) == [100, -60, 0, 0, 40]


def test_retention_is_at_the_rates_of_the_periods_start(stripe: Pipeline) -> None:
    rates = {1: "1", 2: "2"}
    items = customers(("100", "50"), currency="eur", rates=rates) + history("100", "100", customer_id="c-9")
    row = metrics(stripe, items, month_end_rates("eur", rates))[TOTAL, 2]
    assert shown(row, "nrr_ratio", "grr_ratio", "mrr_amount") == [0.75, 0.75, 200]


def test_a_switch_of_currency_loses_nobody_in_the_total(stripe: Pipeline) -> None:
    items = history("100", "0", currency="eur", rates=EUR) + history("0", "110", subscription_item_id="si_2")
    found = metrics(stripe, items, month_end_rates("eur", EUR))
    names = ("churned_customer_count", "nrr_ratio", "grr_ratio", "contraction_amount", "churn_amount")
    assert shown(found[TOTAL, 2], *names) == [0, 1.0, 1.0, 15, 0]
    assert shown(found["eur", 2], *names) == [1, 0.0, 0.0, 100, 0]
    assert shown(found["usd", 2], *names) == [0, None, None, -110, 0]


def test_trailing_12_months_are_of_the_customers_of_a_year_ago(stripe: Pipeline) -> None:
    items = customers(("10", *["30"] * 12), ("30", *["20"] * 12), ("60", *["0"] * 12), ("0", *["500"] * 12))
    found = metrics(stripe, items, as_of=date(2027, 1, 31))
    assert shown(found[TOTAL, 13], "nrr_12_months_ratio", "grr_12_months_ratio") == [0.5, 0.3]
    assert shown(found[TOTAL, 12], "nrr_12_months_ratio", "grr_12_months_ratio") == [None, None]


def test_the_unknown_member_counts_in_amounts_only(stripe: Pipeline) -> None:
    items = customers(("10", "10")) + history("5", "0", customer_id=UNKNOWN_CUSTOMER_ID, subscription_id="sub_u")
    row = metrics(stripe, items)[TOTAL, 2]
    assert shown(row, "opening_mrr_amount", "churn_amount", "mrr_amount") == [15, 5, 10]
    assert shown(row, "customer_count", "churned_customer_count", "nrr_ratio", "arpa_amount") == [1, 0, 1.0, 10]
    assert shown(row, "churned_subscription_count", "subscription_churn_ratio") == [1, 0.5]


def test_what_cannot_be_computed_yet_is_counted_and_left_out(stripe: Pipeline) -> None:
    items = customers(("10", None), ("20", "10"))
    row = metrics(stripe, items)[TOTAL, 2]
    assert shown(row, "mrr_amount", "net_new_amount", "untold_amount", "churn_amount") == [10, -10, -10, 0]
    assert shown(row, "is_mrr_complete", "incomplete_customer_count", "customer_count", "nrr_ratio") == [False, 1, 1, 0.5]
    assert shown(row, "opening_customer_count", "churned_customer_count", "opening_subscription_count") == [1, 0, 1]


def test_a_missing_rate_leaves_the_total_null_and_the_currency_as_it_is(stripe: Pipeline) -> None:
    rates = {1: "1.1", 2: None}
    items = customers(("100", "50"), currency="eur", rates=rates) + history("10", "10", customer_id="c-9")
    found = metrics(stripe, items, month_end_rates("eur", rates))
    names = ("mrr_amount", "arr_amount", "contraction_amount", "net_new_amount", "fx_amount", "arpa_amount")
    assert shown(found[TOTAL, 2], *names, "is_rate_missing") == [None] * 6 + [True]
    assert shown(found[TOTAL, 2], "opening_mrr_amount", "customer_count", "nrr_ratio") == [120, 2, 65 / 120]
    assert shown(found["eur", 2], *names, "is_rate_missing") == [50, 600, 50, -50, 0, 50, False]


def test_before_the_history_nothing_is_known(stripe: Pipeline) -> None:
    items = customers(("10", "10"), ("5", "5"))
    older = started(["c-0"], HISTORY - timedelta(days=1)) + started(["c-1"])
    found = metrics(stripe, items, subscriptions=older)
    names = ("opening_mrr_amount", "new_amount", "net_new_amount", "fx_amount", "opening_customer_count", "quick_ratio")
    assert shown(found[TOTAL, 1], *names) == [None] * 6
    assert shown(found[TOTAL, 1], "mrr_amount", "customer_count", "is_opening_known") == [15, 2, False]
    assert shown(found[TOTAL, 2], *names) == [15, 0, 0, 0, 2, None]


def test_months_after_everything_ended_have_no_row(stripe: Pipeline) -> None:
    found = metrics(stripe, customers(("10", "0")))
    assert sorted(number for scope, number in found if scope == TOTAL) == [1, 2]
    assert found[TOTAL, 2]["logo_churn_ratio"] == 1.0


def test_rows_that_stop_are_churn_in_the_month_after(stripe: Pipeline) -> None:
    found = metrics(stripe, [mrr(1, "10")])
    assert shown(found[TOTAL, 2], "churn_amount", "mrr_amount", "churned_subscription_count") == [10, 0, 1]


def retained(mrr_of: Known, rates: Rates, currencies: Sequence[str], number: int) -> tuple[int, int, list[float | None]]:
    """A month's opening customers, those of them that are gone, and NRR and GRR at the rates of the start."""
    ends: list[tuple[Decimal, Decimal]] = []
    gone, is_rated = 0, True
    for customer in {who for who, _, _ in mrr_of}:
        told = [[mrr_of.get((customer, c, n), Decimal(0)) for c in currencies] for n in (number - 1, number)]
        before, now = ([amount for amount in side if amount is not None] for side in told)
        if len(before) + len(now) < 2 * len(currencies) or not any(before):
            continue
        at_start = [rates[c].get(number - 1) for c in currencies]
        is_rated &= all(rate is not None or not b + n for b, n, rate in zip(before, now, at_start, strict=True))
        start, end = (sum(half_up(a * Decimal(r or 0)) for a, r in zip(side, at_start, strict=True)) for side in (before, now))
        ends.append((Decimal(start), Decimal(end)))
        gone += not any(now)
    whole = sum(start for start, _ in ends)
    if not whole or not is_rated:
        return len(ends), gone, [None, None]
    return len(ends), gone, [float(sum(part) / whole) for part in ((end for _, end in ends), (min(pair) for pair in ends))]


@settings(EXAMPLES, max_examples=4)
@given(seed=st.integers(0, 10_000))
def test_the_figures_of_any_history_add_up(stripe: Pipeline, seed: int) -> None:
    items, subscriptions, rates = generated(Random(seed))
    days = _days(rates)
    found = metrics(stripe, items, days, subscriptions=subscriptions)
    mrr_of = sums(items, "mrr_amount")
    for (scope, number), row in found.items():
        law = shown(row, "opening_mrr_amount", "net_new_amount", "fx_amount", "untold_amount")
        if None not in law:
            assert sum(law) == row["mrr_amount"]
            if row["is_mrr_complete"] and not row["is_rate_missing"] and scope == TOTAL:
                assert row["untold_amount"] == 0
        elif row["is_opening_known"]:
            assert row["is_rate_missing"]
        if row["nrr_ratio"] is not None:
            assert 0 <= row["grr_ratio"] <= min(1, row["nrr_ratio"])
        at_rates = rates if scope == TOTAL else {scope: dict.fromkeys(range(7), "1")}
        opening, gone, expected = retained(mrr_of, at_rates, list(at_rates), number)
        assert shown(row, "nrr_ratio", "grr_ratio") == [e if e is None else pytest.approx(e, rel=1e-12) for e in expected]
        if row["is_opening_known"]:
            assert shown(row, "opening_customer_count", "churned_customer_count") == [opening, gone]


def _days(rates: Rates) -> list[Row]:
    return [row for currency, by_month in rates.items() for row in month_end_rates(currency, by_month)]
