"""MRR by policy `standard`: the worked examples and the edge battery of the specification, section 6."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from ibis.backends.duckdb import Backend

from tests.billing import Pipeline, at, coupon, event, invoice, line, price, state, version

ONE = ("si_1", "p", 1)


@pytest.fixture
def stripe(backend: Backend) -> Pipeline:
    return Pipeline(backend)


def of_price(stripe: Pipeline, quantity: int = 1, *, currency: str = "usd", discounts: Any = (), **terms: Any) -> Decimal:
    """MRR in July of one subscription with one item."""
    made = state("2026-06-10", ("si_1", "p", quantity), currency=currency, discounts=list(discounts))
    unit_amount = terms.pop("unit_amount")
    [_, row] = stripe.mrr_rows(stripe.events([version(made)]), [price("p", unit_amount, currency=currency, **terms)])
    return row["mrr_amount"]


def subscriptions(stripe: Pipeline, *wanted: tuple[int, int, str]) -> Decimal:
    """MRR of (number of subscriptions, unit amount, interval)."""
    versions, prices = [], []
    for n, (count, unit_amount, interval) in enumerate(wanted):
        prices.append(price(f"p{n}", unit_amount, interval))
        for i in range(count):
            made = state("2026-06-10", (f"si_{n}_{i}", f"p{n}", 1))
            versions.append(version(made, record_id=f"sub_{n}_{i}"))
    rows = stripe.mrr_rows(stripe.events(versions), prices)
    return sum((r["mrr_amount"] for r in rows if r["month_start_date"] == date(2026, 7, 1)), Decimal(0))


def test_100_monthly_and_50_yearly_are_12500(stripe: Pipeline) -> None:
    assert subscriptions(stripe, (100, 10_000, "month"), (50, 60_000, "year")) == 12_500


def test_5_times_5_and_2_times_30_are_85(stripe: Pipeline) -> None:
    assert subscriptions(stripe, (5, 500, "month"), (2, 3000, "month")) == 85


def test_4_times_500_a_year_are_166_67(stripe: Pipeline) -> None:
    assert round(subscriptions(stripe, (4, 50_000, "year")), 2) == Decimal("166.67")


def test_1200_a_year_are_100(stripe: Pipeline) -> None:
    assert of_price(stripe, unit_amount=120_000, interval="year") == 100


def test_a_daily_plan_of_1_is_30_41666667(stripe: Pipeline) -> None:
    assert of_price(stripe, unit_amount=100, interval="day") == Decimal("30.41666667")


def test_a_weekly_plan_of_7_is_30_41666667(stripe: Pipeline) -> None:
    assert of_price(stripe, unit_amount=700, interval="week") == Decimal("30.41666667")


def test_a_quarterly_plan_of_30_is_10(stripe: Pipeline) -> None:
    assert of_price(stripe, unit_amount=3000, count=3) == 10


def test_1000_yen_are_1000_and_1000_fils_are_1(stripe: Pipeline) -> None:
    assert of_price(stripe, unit_amount=1000, currency="jpy") == 1000
    assert of_price(stripe, unit_amount=1000, currency="kwd") == 1


def test_stacked_forever_50_and_20_percent_on_10_are_4(stripe: Pipeline) -> None:
    discounts = [coupon("di_1", percent_off=50), coupon("di_2", percent_off=20)]
    assert of_price(stripe, unit_amount=1000, discounts=discounts) == 4


def test_once_coupons_do_not_count(stripe: Pipeline) -> None:
    assert of_price(stripe, unit_amount=1000, discounts=[coupon("di_1", percent_off=50, duration="once")]) == 10


def test_a_fixed_amount_is_spread_over_the_cycle_and_never_below_zero(stripe: Pipeline) -> None:
    off = coupon("di_1", amount_off=12_000, currency="usd")
    assert of_price(stripe, unit_amount=24_000, interval="year", discounts=[off]) == 10
    assert of_price(stripe, unit_amount=11_000, interval="year", discounts=[off]) == 0


def test_a_fixed_amount_of_another_currency_is_not_taken_off(stripe: Pipeline) -> None:
    assert of_price(stripe, unit_amount=1000, discounts=[coupon("di_1", amount_off=500, currency="eur")]) == 10


def test_a_fixed_amount_is_allocated_to_items_after_percents(stripe: Pipeline) -> None:
    discounts = [coupon("di_1", amount_off=100, currency="usd"), coupon("di_2", percent_off=50)]
    made = state("2026-06-10", ("si_1", "p", 1), ("si_2", "q", 1), discounts=discounts)
    rows = stripe.mrr_rows(stripe.events([version(made)]), [price("p", 1000), price("q", 2000)])
    july = [r["mrr_amount"] for r in rows if r["month_start_date"] == date(2026, 7, 1)]
    assert july == [Decimal("4.66666667"), Decimal("9.33333333")]


def test_quantity_1_1_0_1_falls_to_zero_and_comes_back(stripe: Pipeline) -> None:
    events = [
        event(day, state("2026-01-05", ("si_1", "p10", quantity)), kind)
        for day, quantity, kind in (
            ("2026-01-05", 1, "created"),
            ("2026-03-10", 0, "updated"),
            ("2026-04-10", 1, "updated"),
        )
    ]
    found = stripe.mrr([version(state("2026-01-05", ("si_1", "p10", 1)))], events, as_of="2026-04-30")
    assert found == {"2026-01": "10", "2026-02": "10", "2026-03": "0", "2026-04": "10"}


def test_a_trial_counts_nothing_until_it_is_converted(stripe: Pipeline) -> None:
    trial = {"trial_start": at("2026-05-20"), "trial_end": at("2026-06-03")}
    events = [
        event("2026-05-20", state("2026-05-20", ("si_1", "p10", 1), status="trialing", **trial), "created"),
        event("2026-06-03", state("2026-05-20", ("si_1", "p10", 1), **trial)),
    ]
    found = stripe.mrr([version(state("2026-05-20", ("si_1", "p10", 1), **trial))], events)
    assert found == {"2026-05": "0", "2026-06": "10", "2026-07": "10"}


@pytest.mark.parametrize("status", ["unpaid", "paused", "incomplete"])
def test_a_status_that_does_not_pay_counts_nothing_from_that_day(stripe: Pipeline, status: str) -> None:
    events = [
        event("2026-06-05", state("2026-06-05", ("si_1", "p10", 1)), "created"),
        event("2026-07-01 03:00", state("2026-06-05", ("si_1", "p10", 1), status=status)),
    ]
    found = stripe.mrr([version(state("2026-06-05", ("si_1", "p10", 1), status=status))], events)
    assert found == {"2026-06": "10", "2026-07": "0"}


def test_past_due_counts(stripe: Pipeline) -> None:
    assert stripe.mrr([version(state("2026-07-01", ("si_1", "p10", 1), status="past_due"))]) == {"2026-07": "10"}


@pytest.mark.parametrize(("behavior", "counted"), [("void", "0"), ("mark_uncollectible", "0"), ("keep_as_draft", "10")])
def test_a_collection_pause(stripe: Pipeline, behavior: str, counted: str) -> None:
    paused = state("2026-07-01", ("si_1", "p10", 1), pause_collection={"behavior": behavior})
    assert stripe.mrr([version(paused)]) == {"2026-07": counted}


def test_a_year_that_ended_on_10_march_is_0_in_march_and_gone_after(stripe: Pipeline) -> None:
    ended = state("2025-03-10", ("si_1", "py", 1), status="canceled", ended_at=at("2026-03-10"))
    found = stripe.mrr([version(ended)], prices=[price("py", 1_200_000, "year")])
    assert found == {"2026-01": "1000", "2026-02": "1000", "2026-03": "0"}


def test_billed_10_to_may_and_20_from_june_is_an_expansion_in_june(stripe: Pipeline) -> None:
    months = ["2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01"]
    invoices = [
        invoice(f"in_{n}", start, line(f"il_{n}", (start, end), "p20" if start >= "2026-06" else "p10", 1))
        for n, (start, end) in enumerate(pairwise(months))
    ]
    found = stripe.mrr([version(state("2026-03-01", ("si_1", "p20", 1)))], (), invoices)
    assert found == {"2026-03": "10", "2026-04": "10", "2026-05": "10", "2026-06": "20", "2026-07": "20"}


def test_discounts_of_the_past_come_from_the_lines(stripe: Pipeline) -> None:
    half = line("il_1", ("2026-03-01", "2026-04-01"), "p10", 1, discount_amounts=[{"amount": 500, "discount": "di_1"}])
    invoices = [
        invoice("in_1", "2026-03-01", half, discounts=[coupon("di_1", percent_off=50)]),
        invoice("in_2", "2026-04-01", line("il_2", ("2026-04-01", "2026-05-01"), "p10", 1)),
    ]
    found = stripe.mrr([version(state("2026-03-01", ("si_1", "p10", 1)))], (), invoices)
    assert found == {"2026-03": "5", "2026-04": "10", "2026-05": "10", "2026-06": "10", "2026-07": "10"}


def test_a_proration_keeps_the_lasting_discount_of_its_item(stripe: Pipeline) -> None:
    half, named = coupon("di_1", percent_off=50), [{"amount": 60_000, "discount": "di_1"}]
    year, rest = ("2026-01-05", "2027-01-05"), ("2026-03-10", "2027-01-05")
    invoices = [
        invoice("in_1", "2026-01-05", line("il_1", year, "p1200", 1, discount_amounts=named), discounts=[half]),
        invoice(
            "in_2",
            "2026-03-10",
            line("il_2", rest, "p1200", 1, amount=-50_000, proration=True),
            line("il_3", rest, "p2400", 1, amount=100_000, proration=True),
        ),
    ]
    upgraded = version(state("2026-01-05", ("si_1", "p2400", 1), discounts=[half]))
    found = stripe.mrr([upgraded], (), invoices, prices=[price("p1200", 120_000, "year"), price("p2400", 240_000, "year")])
    assert list(found.values()) == ["50", "50", "100", "100", "100", "100", "100"]


def test_a_new_price_on_the_same_day_leaves_no_gap(stripe: Pipeline) -> None:
    events = [
        event("2026-06-10", state("2026-06-10", ("si_1", "p10", 1)), "created"),
        event("2026-06-20", state("2026-06-10", ("si_1", "p20", 1))),
    ]
    found = stripe.mrr([version(state("2026-06-10", ("si_1", "p20", 1)))], events)
    assert found == {"2026-06": "20", "2026-07": "20"}


def test_the_first_instant_of_the_next_month_is_not_the_month(stripe: Pipeline) -> None:
    events = [
        event("2026-05-10", state("2026-05-10", ("si_1", "p10", 1)), "created"),
        event("2026-06-01 00:00", state("2026-05-10", ("si_1", "p20", 1))),
    ]
    found = stripe.mrr([version(state("2026-05-10", ("si_1", "p20", 1)))], events)
    assert found == {"2026-05": "10", "2026-06": "20", "2026-07": "20"}


def test_months_end_in_the_reporting_zone(stripe: Pipeline) -> None:
    events = [
        event("2026-05-10", state("2026-05-10", ("si_1", "p10", 1)), "created"),
        event("2026-06-01 02:00", state("2026-05-10", ("si_1", "p20", 1))),
    ]
    versions = [version(state("2026-05-10", ("si_1", "p20", 1)))]
    assert stripe.mrr(versions, events, zone="America/New_York")["2026-05"] == "20"


def test_an_item_that_was_removed_has_no_months_after(stripe: Pipeline) -> None:
    both, one = state("2026-04-10", ("si_1", "p10", 1), ("si_2", "p20", 1)), state("2026-04-10", ("si_1", "p10", 1))
    events = [event("2026-04-10", both, "created"), event("2026-06-10", one)]
    rows = stripe.mrr_rows(stripe.events([version(one)], events))
    assert [(f"{r['month_start_date']:%m}", r["mrr_amount"]) for r in rows if r["subscription_item_id"] == "si_2"] == [
        ("04", 20),
        ("05", 20),
        ("06", 0),
    ]


def test_an_item_removed_before_its_subscription_ended_keeps_its_row_of_that_month(stripe: Pipeline) -> None:
    both, one = state("2026-05-10", ("si_1", "p10", 1), ("si_2", "p20", 1)), state("2026-05-10", ("si_1", "p10", 1))
    ended = one | {"status": "canceled", "ended_at": at("2026-06-20")}
    events = [event("2026-05-10", both, "created"), event("2026-06-05", one), event("2026-06-20", ended, "deleted")]
    rows = stripe.mrr_rows(stripe.events([version(ended)], events))
    assert [(f"{r['month_start_date']:%m}", r["subscription_item_id"], r["mrr_amount"], r["status"]) for r in rows] == [
        ("05", "si_1", 10, "active"),
        ("05", "si_2", 20, "active"),
        ("06", "si_1", 0, "canceled"),
        ("06", "si_2", 0, "canceled"),
    ]


def test_what_is_told_after_the_month_of_the_end_makes_no_row_until_the_item_lives_again(stripe: Pipeline) -> None:
    ended, alive = {"status": "canceled"}, state("2026-03-10", ("si_1", "p10", 1))
    more = ended | {"discounts": [coupon("di_1", percent_off=10)]}
    days = [("2026-03-10", {}), ("2026-04-05", ended), ("2026-05-06", more), ("2026-05-07", ended), ("2026-06-08", {})]
    rows = stripe.mrr_rows(stripe.events([version(alive)], [event(day, alive | change) for day, change in days]))
    found = [(f"{r['month_start_date']:%m}", r["mrr_amount"]) for r in rows]
    assert found == [("03", 10), ("04", 0), ("06", 10), ("07", 10)]


@pytest.mark.parametrize(
    ("terms", "basis", "amount"),
    [
        ({"unit_amount": 0}, "free", 0),
        ({"unit_amount": 1000, "usage_type": "metered"}, "metered", 0),
        ({"unit_amount": None, "billing_scheme": "tiered"}, "tiered", None),
        ({"unit_amount": None}, "unsupported", None),
        ({"unit_amount": 1000, "transform_divide_by": 10}, "unsupported", None),
        ({"unit_amount": 1000, "currency": "jpy"}, "unsupported", None),
    ],
)
def test_what_cannot_be_computed_yet_is_null_and_says_why(
    stripe: Pipeline, terms: dict[str, Any], basis: str, amount: int | None
) -> None:
    unit_amount = terms.pop("unit_amount")
    [row] = stripe.mrr_rows(stripe.events([version(state("2026-07-01", ONE))]), [price("p", unit_amount, **terms)])
    assert (row["mrr_basis"], row["mrr_amount"], row["mrr_reporting_amount"]) == (basis, amount, amount)


def test_an_unknown_price_is_unsupported_not_free(stripe: Pipeline) -> None:
    [row] = stripe.mrr_rows(stripe.events([version(state("2026-07-01", ("si_1", "p_gone", 1)))]), [])
    assert (row["mrr_basis"], row["mrr_amount"]) == ("unsupported", None)


def test_the_reporting_amount_takes_the_rate_of_the_measured_day(stripe: Pipeline) -> None:
    rates = [
        {"rate_date": date(2026, 6, 30), "currency": "eur", "rate_e12": 1_100_000_000_000},
        {"rate_date": date(2026, 7, 2), "currency": "eur", "rate_e12": 9},
    ]
    events = stripe.events([version(state("2026-06-10", ("si_1", "p10", 1), currency="eur"))])
    rows = stripe.mrr_rows(events, [price("p10", 1000, currency="eur")], rates)
    assert [(r["mrr_amount"], r["mrr_reporting_amount"], r["is_rate_missing"]) for r in rows] == [
        (10, 11, False),
        (10, None, True),
    ]


def test_months_before_the_history_are_left_out_and_rebuilt_ones_are_marked(stripe: Pipeline) -> None:
    rows = stripe.mrr_rows(stripe.events([version(state("2025-01-01", ("si_1", "p10", 1)))]), history_from="2026-05-01")
    assert [(f"{r['month_start_date']:%Y-%m}", r["is_reconstructed"]) for r in rows] == [
        ("2026-05", True),
        ("2026-06", False),
        ("2026-07", False),
    ]
