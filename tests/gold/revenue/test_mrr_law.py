"""The law of MRR on generated histories: by Python's own arithmetic, and by expectation CL-005."""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from random import Random

import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from c360.quality.expectations.mrr import mrr_moves_by_its_law
from tests.billing import Pipeline, Row
from tests.gold.revenue.movements import AS_OF, HISTORY, STEP, amounts, half_up, history, month_end_rates, movements, started

CUSTOMERS = 12
MONTHS = range(1, 7)
AMOUNTS = ("0", "0", "0.00000001", "10", "10", "12.5", "33.33333333", "166.66666667", "123456789.87654321", None)
RATES = ("1.0869", "0.000061", "1.2", "151.123456789012", None)
CURRENCIES = ("usd", "eur", "jpy")
EXAMPLES = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
Rates = Mapping[str, Mapping[int, str | None]]
Known = Mapping[tuple[str, str, int], Decimal | None]


@pytest.fixture(scope="module")
def stripe() -> Iterator[Pipeline]:
    backend = ibis.duckdb.connect()
    yield Pipeline(backend)
    backend.disconnect()


def generated(random: Random) -> tuple[list[Row], list[Row], Rates]:
    """Items of customers over months, some of which pause and come back; when customers began; rates with gaps."""
    rates: Rates = {c: {m: random.choice(RATES) for m in MONTHS} for c in CURRENCIES} | {"usd": dict.fromkeys(MONTHS, "1")}
    items: list[Row] = []
    for customer in range(CUSTOMERS):
        unknown_share = random.choice((0, 0, 0.1))
        for n in range(random.randrange(1, 4)):
            currency = random.choice(CURRENCIES)
            told = [random.choice(AMOUNTS[:-1] if random.random() > unknown_share else AMOUNTS[-1:]) for _ in MONTHS]
            rows = history(*told, rates=rates[currency], currency=currency, customer_id=f"c-{customer}")
            kept = [r | {"subscription_item_id": f"si_{n}", "subscription_id": f"sub_{customer}"} for r in rows]
            items += [r for r in kept if random.random() > 0.2]
    days = {f"c-{n}": random.choice((HISTORY, HISTORY - timedelta(days=1))) for n in range(CUSTOMERS)}
    return items, [row for customer, day in days.items() for row in started([customer], day)], rates


def sums(items: Sequence[Row], column: str) -> Known:
    """(customer, currency, month) → the sum of a column, None where an item has none."""
    found: dict[tuple[str, str, int], list[Decimal | None]] = defaultdict(list)
    for r in items:
        found[r["customer_id"], r["currency"], r["month_start_date"].month].append(r[column])
    return {key: None if None in values else sum(v for v in values if v is not None) for key, values in found.items()}


def expected_type(customer: str, number: int, mrr: Known, rates: Rates) -> str | None:
    """What a customer's MRR did in a month, from the definitions; None: stayed, or cannot be told."""
    ends = [(mrr.get((customer, c, number - 1), Decimal(0)), mrr.get((customer, c, number), Decimal(0)), c) for c in CURRENCIES]
    known = [(opening, closing, c) for opening, closing, c in ends if opening is not None and closing is not None]
    if len(known) < len(ends):
        return None
    before, after = any(o for o, _, _ in known), any(c for _, c, _ in known)
    if not before:
        earlier = [value for (who, _, m), value in mrr.items() if who == customer and m < number]
        return None if not after else "reactivation" if any(v is None or v > 0 for v in earlier) else "new"
    if not after:
        return "churn"
    changes = [(closing - opening, c) for opening, closing, c in known if closing != opening]
    if len({change > 0 for change, _ in changes}) < 2:
        return None if not changes else "expansion" if changes[0][0] > 0 else "contraction"
    at_rates = [(change, rates[c].get(number)) for change, c in changes]
    worth = [half_up(change * Decimal(rate)) for change, rate in at_rates if rate is not None]
    return None if len(worth) < len(changes) else "expansion" if sum(worth) >= 0 else "contraction"


def check_row(row: Row, mrr: Known, reporting: Known, rates: Rates) -> None:
    """A row's amounts against the items' sums, and the law in both currencies."""
    customer, currency, number = row["customer_id"], row["currency"], row["month_start_date"].month
    zero = Decimal(0)
    assert row["closing_mrr_amount"] == mrr.get((customer, currency, number), zero)
    assert row["closing_mrr_reporting_amount"] == reporting.get((customer, currency, number), zero)
    if row["is_opening_known"]:
        assert row["opening_mrr_amount"] == mrr.get((customer, currency, number - 1), zero)
        assert row["opening_mrr_reporting_amount"] == reporting.get((customer, currency, number - 1), zero)
    if row["movement_amount"] is None:
        assert row["movement_type"] is None
        assert not (row["is_opening_known"] and row["is_mrr_complete"] and not row["is_rate_missing"])
        return
    change = row["closing_mrr_amount"] - row["opening_mrr_amount"]
    assert row["movement_amount"] == change
    opening, closing, moved, fx = amounts(row)
    rate = rates[currency].get(number)
    if rate is not None or not change:
        assert moved == half_up(change * Decimal(rate or 0))
    if opening is None or closing is None or moved is None or fx is None:
        assert fx is None
        assert row["is_rate_missing"]
        return
    assert not row["is_rate_missing"]
    assert closing - opening == moved + fx
    before = rates[currency].get(number - 1)
    if rate is not None and before is not None:
        assert abs(fx - row["opening_mrr_amount"] * (Decimal(rate) - Decimal(before))) <= 4 * STEP  # a step per rounding


def violations(fct_mrr: ir.Table, fct_mrr_movement: ir.Table, *, as_of: datetime.date, history_from: datetime.date) -> ir.Table:
    """CL-005's figures."""
    return mrr_moves_by_its_law.function(fct_mrr, fct_mrr_movement, as_of=as_of, history_from=history_from).summary


@EXAMPLES
@given(seed=st.integers(0, 10_000))
def test_movements_explain_mrr_of_any_history(stripe: Pipeline, seed: int) -> None:
    items, subscriptions, rates = generated(Random(seed))
    days = [row for currency, by_month in rates.items() for row in month_end_rates(currency, by_month)]
    found = movements(stripe, items, days, subscriptions=subscriptions)
    mrr, reporting = sums(items, "mrr_amount"), sums(items, "mrr_reporting_amount")
    for row in found:
        check_row(row, mrr, reporting, rates)
        number = row["month_start_date"].month
        expected = expected_type(row["customer_id"], number, mrr, rates) if row["is_opening_known"] else None
        assert row["movement_type"] == expected
    for _, rows in groupby(found, lambda r: (r["customer_id"], r["month_start_date"])):
        assert len({r["movement_type"] for r in rows}) == 1
    shown = {(r["customer_id"], r["currency"], r["month_start_date"].month) for r in found}
    assert {key for key, value in mrr.items() if value is None or value > 0} <= shown
    inputs = {"fct_mrr": items, "fct_mrr_movement": found}
    [figures] = stripe.run(violations, inputs, as_of=AS_OF, history_from=HISTORY)
    assert figures["rows_failing"] == 0
    assert figures["rows_checked"] >= len(found) > CUSTOMERS


@pytest.mark.parametrize("column", ["movement_amount", "movement_reporting_amount", "fx_amount", "closing_mrr_amount"])
def test_the_smallest_error_breaks_the_law(stripe: Pipeline, column: str) -> None:
    items = history("10", "12", currency="eur", rates={1: "1.1", 2: "1.2"})
    found = movements(stripe, items, month_end_rates("eur", {1: "1.1", 2: "1.2"}), as_of=date(2026, 2, 28))
    found[1][column] += STEP
    inputs = {"fct_mrr": items, "fct_mrr_movement": found}
    [figures] = stripe.run(violations, inputs, as_of=date(2026, 2, 28), history_from=HISTORY)
    assert (figures["rows_checked"], figures["rows_failing"]) == (2, 1)
