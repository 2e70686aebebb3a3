"""Movements of MRR by policy `standard`: the edge battery of the specification, section 6, from Stripe's records and from MRR."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from ibis.backends.duckdb import Backend

from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from tests.billing import PRICES, Pipeline, Row, at, event, invoice, line, price, state, version
from tests.gold.revenue.movements import AS_OF, amounts, history, month_end_rates, movements, mrr, started, told

Told = list[tuple[int, str | None, Decimal | None]]
EUR = {1: "1.1", 2: "1.25", 3: "1.2"}
ONE = ("si_1", "p10", 1)


@pytest.fixture
def stripe(backend: Backend) -> Pipeline:
    return Pipeline(backend)


def of_records(
    stripe: Pipeline,
    subscription: Row,
    events: Sequence[Row] = (),
    invoices: Sequence[Row] = (),
    prices: Sequence[Row] = tuple(PRICES),
) -> Told:
    """Movements of one subscription as Stripe tells of it."""
    as_of = str(AS_OF)
    items = stripe.mrr_rows(stripe.events([version(subscription)], events, invoices, as_of=as_of), prices, as_of=as_of)
    return told(movements(stripe, items, subscriptions=started(day=subscription["start_date"].date())))


def test_quantity_1_1_0_1_is_a_reactivation_in_april(stripe: Pipeline) -> None:
    events = [
        event(day, state("2026-01-05", ("si_1", "p10", quantity)), kind)
        for day, quantity, kind in (
            ("2026-01-05", 1, "created"),
            ("2026-03-10", 0, "updated"),
            ("2026-04-10", 1, "updated"),
        )
    ]
    found = of_records(stripe, state("2026-01-05", ONE), events)
    assert found[:4] == [(1, "new", 10), (2, None, 0), (3, "churn", -10), (4, "reactivation", 10)]


def test_a_trial_is_new_in_the_month_it_is_converted(stripe: Pipeline) -> None:
    trial = {"trial_start": at("2026-05-20"), "trial_end": at("2026-06-03")}
    events = [
        event("2026-05-20", state("2026-05-20", ONE, status="trialing", **trial), "created"),
        event("2026-06-03", state("2026-05-20", ONE, **trial)),
    ]
    assert of_records(stripe, state("2026-05-20", ONE, **trial), events) == [(6, "new", 10)]


def test_unpaid_is_churn_before_the_subscription_ends(stripe: Pipeline) -> None:
    events = [
        event("2026-03-05", state("2026-03-05", ONE), "created"),
        event("2026-04-10", state("2026-03-05", ONE, status="unpaid")),
        event("2026-06-10", state("2026-03-05", ONE, status="canceled", ended_at=at("2026-06-10")), "deleted"),
    ]
    ended = state("2026-03-05", ONE, status="canceled", ended_at=at("2026-06-10"))
    assert of_records(stripe, ended, events) == [(3, "new", 10), (4, "churn", -10)]


def test_12000_a_year_that_ended_on_10_march_is_churn_of_1000_in_march(stripe: Pipeline) -> None:
    ended = state("2025-03-10", ("si_1", "py", 1), status="canceled", ended_at=at("2026-03-10"))
    found = of_records(stripe, ended, prices=[price("py", 1_200_000, "year")])
    assert found == [(1, None, None), (2, None, 0), (3, "churn", -1000)]


def test_billed_10_to_may_and_20_from_june_is_an_expansion_in_june(stripe: Pipeline) -> None:
    months = ["2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01"]
    invoices = [
        invoice(f"in_{n}", start, line(f"il_{n}", (start, end), "p20" if start >= "2026-06" else "p10", 1))
        for n, (start, end) in enumerate(pairwise(months))
    ]
    found = of_records(stripe, state("2026-03-01", ("si_1", "p20", 1)), (), invoices)
    assert found == [(3, "new", 10), (4, None, 0), (5, None, 0), (6, "expansion", 10)]


@pytest.mark.parametrize(("price_id", "expected"), [("p20", ("expansion", 10)), ("p10b", (None, 0))])
def test_a_new_price_id_on_the_same_day_is_no_churn_and_new(
    stripe: Pipeline, price_id: str, expected: tuple[str | None, int]
) -> None:
    changed = state("2026-05-10", ("si_1", price_id, 1))
    events = [event("2026-05-10", state("2026-05-10", ONE), "created"), event("2026-06-20", changed)]
    found = of_records(stripe, changed, events, prices=[*PRICES, price("p10b", 1000)])
    assert found == [(5, "new", 10), (6, *expected)]


def test_cancelling_one_of_two_subscriptions_is_contraction(stripe: Pipeline) -> None:
    items = history("10", "10", "10") + history("5", "0", subscription_id="sub_2", subscription_item_id="si_2")
    assert told(movements(stripe, items, as_of=date(2026, 3, 31))) == [(1, "new", 15), (2, "contraction", -5), (3, None, 0)]


def test_months_without_rows_are_0_and_what_comes_after_is_a_reactivation(stripe: Pipeline) -> None:
    items = history("10", "0") + history("7", "7", first=5, subscription_id="sub_2", subscription_item_id="si_2")
    assert told(movements(stripe, items)) == [(1, "new", 10), (2, "churn", -10), (5, "reactivation", 7), (6, None, 0)]


def test_rows_that_stop_are_churn(stripe: Pipeline) -> None:
    assert told(movements(stripe, history("10", "10"))) == [(1, "new", 10), (2, None, 0), (3, "churn", -10)]


@pytest.mark.parametrize(("rate", "kind"), [("1.05", "expansion"), ("1.1", "expansion"), ("1.2", "contraction")])
def test_a_switch_of_currency_is_one_movement_by_its_sum_at_the_months_rates(stripe: Pipeline, rate: str, kind: str) -> None:
    rates = {1: "1.3", 2: rate}
    items = history("100", "0", currency="eur", rates=rates) + history("110", first=2, subscription_item_id="si_2")
    found = movements(stripe, items, month_end_rates("eur", rates, date(2026, 2, 28)), as_of=date(2026, 2, 28))
    assert [(r["currency"], *t) for r, t in zip(found, told(found), strict=True)] == [
        ("eur", 1, "new", 100),
        ("eur", 2, kind, -100),
        ("usd", 2, kind, 110),
    ]
    moved, fx = Decimal(-100) * Decimal(rate), 100 * (Decimal(rate) - Decimal("1.3"))
    assert amounts(found[1]) == (130, 0, moved, fx)


def test_only_rates_change_mrr_without_movement(stripe: Pipeline) -> None:
    items = history("100", "100", "40", currency="eur", rates=EUR)
    found = movements(stripe, items, month_end_rates("eur", EUR), as_of=date(2026, 3, 31))
    assert told(found) == [(1, "new", 100), (2, None, 0), (3, "contraction", -60)]
    assert [amounts(r) for r in found] == [(0, 110, 110, 0), (110, 125, 0, 15), (125, 48, -72, -5)]


def test_the_running_month_takes_the_rate_of_the_load_date(stripe: Pipeline) -> None:
    rates = {1: "1.1", 2: "1.2"}
    as_of = date(2026, 2, 10)
    [_, churned] = movements(
        stripe, history("100", "0", currency="eur", rates=rates), month_end_rates("eur", rates, as_of), as_of=as_of
    )
    assert (churned["movement_type"], amounts(churned)) == ("churn", (110, 0, -120, 10))


def test_a_missing_rate_is_null_and_marked_and_never_0(stripe: Pipeline) -> None:
    rates = {1: "1.1", 2: None, 3: "1.2"}
    items = history("100", "50", "50", "0", currency="eur", rates=rates)
    found = movements(stripe, items, month_end_rates("eur", rates), as_of=date(2026, 4, 30))
    assert told(found) == [(1, "new", 100), (2, "contraction", -50), (3, None, 0), (4, "churn", -50)]
    assert [amounts(r) for r in found] == [
        (0, 110, 110, 0),
        (110, None, None, None),
        (None, 60, 0, None),
        (60, 0, None, None),
    ]
    assert [r["is_rate_missing"] for r in found] == [False, True, True, True]


def test_currencies_against_each_other_without_a_rate_have_no_type(stripe: Pipeline) -> None:
    rates = {1: "1.1"}
    items = history("100", "90", currency="eur", rates=rates) + history("10", "30", subscription_item_id="si_2")
    found = movements(stripe, items, month_end_rates("eur", rates), as_of=date(2026, 2, 28))
    assert told(found)[2:] == [(2, None, None), (2, None, None)]
    assert [r["is_rate_missing"] for r in found] == [False, False, True, True]


def test_what_cannot_be_computed_yet_leaves_all_movements_of_the_customer_open(stripe: Pipeline) -> None:
    items = history("10", None, "20") + history("5", "9", "9", currency="eur", subscription_item_id="si_2")
    rates = month_end_rates("eur", {1: "1", 2: "1", 3: "1"})
    found = movements(stripe, items, rates, as_of=date(2026, 3, 31))
    assert told(found) == [(1, "new", 5), (1, "new", 10), (2, None, None), (2, None, None), (3, None, None), (3, None, None)]
    assert [r["is_mrr_complete"] for r in found] == [True, True, False, False, False, False]
    assert [(r["opening_mrr_amount"], r["closing_mrr_amount"]) for r in found if r["currency"] == "usd"] == [
        (0, 10),
        (10, None),
        (None, 20),
    ]


def test_mrr_after_months_that_could_not_be_computed_is_not_new(stripe: Pipeline) -> None:
    found = movements(stripe, history(None, "0", "10"), as_of=date(2026, 3, 31))
    assert told(found) == [(1, None, None), (2, None, None), (3, "reactivation", 10)]


def test_an_item_of_no_known_currency_has_a_row(stripe: Pipeline) -> None:
    [row] = movements(stripe, [mrr(6, None, currency=None)])
    assert (row["currency"], row["closing_mrr_amount"], row["is_mrr_complete"]) == ("xxx", None, False)


@pytest.mark.parametrize("subscriptions", [started(day=date(2025, 12, 31)), []])
def test_what_is_older_than_the_history_is_not_new(stripe: Pipeline, subscriptions: list[Row]) -> None:
    found = movements(stripe, history("10", "12"), subscriptions=subscriptions, as_of=date(2026, 2, 28))
    assert told(found) == [(1, None, None), (2, "expansion", 2)]
    assert [(r["opening_mrr_amount"], r["is_opening_known"]) for r in found] == [(None, False), (10, True)]
    assert amounts(found[0]) == (None, 10, None, None)


def test_the_unknown_member_is_a_row_too(stripe: Pipeline) -> None:
    [row] = movements(stripe, [mrr(6, "10", customer_id=UNKNOWN_CUSTOMER_ID, is_reconstructed=True)])
    assert (row["customer_id"], row["movement_type"], row["is_reconstructed"]) == (UNKNOWN_CUSTOMER_ID, "new", True)


def test_months_of_0_have_no_rows(stripe: Pipeline) -> None:
    assert movements(stripe, history("0", "0")) == []
