"""How a subscription is doing, and why."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from ibis.backends.duckdb import Backend

from c360.gold.subscription.fct_subscription_health import fct_subscription_health
from tests.billing import ACCOUNT, CURRENCIES, Pipeline, Row, at

AS_OF = date(2026, 7, 4)


@pytest.fixture
def stripe(backend: Backend) -> Pipeline:
    return Pipeline(backend)


def subscription(**fields: Any) -> Row:
    base = {
        "source_account": ACCOUNT,
        "subscription_id": "sub_1",
        "customer_id": "c-1",
        "status": "active",
        "currency": "jpy",
    }
    base |= {"started_at": at("2026-01-31"), "start_date": date(2026, 1, 31), "is_cancel_at_period_end": False}
    return base | fields


def failure(days: int, status: str = "failed") -> Row:
    day = AS_OF - timedelta(days=days)
    base = {"source_account": ACCOUNT, "subscription_id": "sub_1", "payment_status": status}
    return base | {"created_date": day, "created_at": at(f"{day} 10:00")}


def unpaid(days: int, minor: int = 500, status: str = "open") -> Row:
    since = at(str(AS_OF - timedelta(days=days)))
    base = {"source_account": ACCOUNT, "subscription_id": "sub_1", "status": status, "remaining_amount_minor": minor}
    return base | {"created_at": since, "finalized_at": since}


def health(stripe: Pipeline, row: Row, **inputs: list[Row]) -> Row:
    rows = {"dim_subscription": [row], "currency": CURRENCIES} | inputs
    [found] = stripe.run(fct_subscription_health, rows, as_of=AS_OF, reporting_zone="UTC")
    return found


@pytest.mark.parametrize(
    ("row", "inputs", "status", "reasons"),
    [
        ({}, {}, "healthy", ""),
        ({"status": "canceled"}, {"fct_invoice": [unpaid(99)]}, "churned", "canceled"),
        ({"status": "incomplete_expired"}, {}, "churned", "incomplete_expired"),
        ({"status": "unpaid"}, {"fct_invoice": [unpaid(31)]}, "critical", "unpaid,invoice_unpaid_over_30_days"),
        ({}, {"fct_invoice": [unpaid(30)]}, "healthy", ""),
        ({}, {"fct_invoice": [unpaid(99, status="void"), unpaid(99, minor=0)]}, "healthy", ""),
        ({}, {"fct_payment_transaction": [failure(d) for d in (40, 50, 89)]}, "critical", "failures_in_90_days"),
        ({}, {"fct_payment_transaction": [failure(d) for d in (40, 50, 90)]}, "healthy", ""),
        ({"status": "past_due"}, {"fct_payment_transaction": [failure(29)]}, "at_risk", "past_due,failure_in_30_days"),
        ({"cancel_at": at("2026-08-01")}, {}, "at_risk", "cancellation_scheduled"),
        ({"is_cancel_at_period_end": True}, {}, "at_risk", "cancellation_scheduled"),
    ],
)
def test_the_worst_level_and_its_reasons(
    stripe: Pipeline, row: Row, inputs: dict[str, list[Row]], status: str, reasons: str
) -> None:
    found = health(stripe, subscription(**row), **inputs)
    assert (found["health_status"], found["health_reasons"]) == (status, reasons)


def test_the_figures_of_a_subscription(stripe: Pipeline) -> None:
    item = {
        "source_account": ACCOUNT,
        "subscription_id": "sub_1",
        "month_start_date": date(2026, 7, 1),
        "is_on_subscription": True,
    }
    item |= {"billing_interval": "year", "billing_interval_count": 1, "is_reconstructed": False}
    found = health(
        stripe,
        subscription(),
        fct_mrr=[
            item | {"subscription_item_id": "si_1", "mrr_amount": Decimal(10), "mrr_reporting_amount": Decimal(11)},
            item | {"subscription_item_id": "si_2", "mrr_amount": Decimal(5), "mrr_reporting_amount": None},
            item | {"subscription_item_id": "si_1", "mrr_amount": Decimal(99), "month_start_date": date(2026, 6, 1)},
        ],
        fct_payment_transaction=[failure(3), failure(40), failure(200), failure(7, "refunded"), failure(5, "pending")],
        fct_invoice=[unpaid(3), unpaid(20, minor=700)],
    )
    names = (
        "failed_payment_30d_count",
        "failed_payment_90d_count",
        "failed_payment_count",
        "unpaid_invoice_count",
        "item_count",
    )
    assert [found[n] for n in names] == [1, 2, 3, 2, 2]
    assert (found["unpaid_amount"], found["oldest_unpaid_days"], found["last_payment_at"]) == (
        1200,
        20,
        at("2026-06-27 10:00"),
    )
    assert (found["mrr_amount"], found["mrr_reporting_amount"], found["billing_interval"]) == (15, None, "year")
    assert (found["months_active_count"], found["as_of_date"]) == (5, AS_OF)


def test_months_active_end_with_the_subscription(stripe: Pipeline) -> None:
    ended = subscription(status="canceled", ended_at=at("2026-04-30"))
    assert health(stripe, ended)["months_active_count"] == 2
