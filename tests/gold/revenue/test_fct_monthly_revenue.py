"""Money per customer and month, before and after conversion."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from ibis.backends.duckdb import Backend

from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.gold.revenue.fct_monthly_revenue import fct_monthly_revenue
from c360.gold.revenue.fct_monthly_revenue_by_currency import fct_monthly_revenue_by_currency
from tests.billing import CURRENCIES, Pipeline, Row

AS_OF, HISTORY = date(2026, 7, 4), date(2026, 5, 1)
MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
EUR_RATES = [{"rate_date": date(2026, 6, d), "currency": "eur", "rate_e12": 1_000_000_000_000 + d * 10**9} for d in range(1, 31)]


@pytest.fixture
def stripe(backend: Backend) -> Pipeline:
    return Pipeline(backend)


def invoice(day: date | None, minor: int, *, currency: str = "usd", customer: str = "c-1", **fields: Any) -> Row:
    row: Row = {
        "customer_id": customer,
        "currency": currency,
        "status": "paid",
        "paid_date": day,
        "paid_amount_minor": minor,
    }
    row |= {"tax_amount_minor": 0, "out_of_band_amount_minor": 0, "discount_amount_minor": 0}
    return row | fields


def money(day: date, minor: int, name: str, *, currency: str = "usd", **fields: Any) -> Row:
    flags = {"is_succeeded": True, "is_lost": True, "is_issued": True, "out_of_band_amount_minor": 0}
    names = {"total_amount_minor": minor, "amount_minor": minor, name: day}
    return {"customer_id": "c-1", "currency": currency} | flags | names | fields


def subscription(start: date, **fields: Any) -> Row:
    return {"customer_id": "c-1", "currency": "usd", "status": "active", "start_date": start} | fields


def mrr(month: date, status: str, amount: str | None, reporting: str | None, **fields: Any) -> Row:
    row: Row = {"customer_id": "c-1", "month_start_date": month, "status": status, "is_rate_missing": False}
    row |= {"mrr_amount": _decimal(amount), "mrr_reporting_amount": _decimal(reporting), "is_reconstructed": False}
    return row | fields


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def monthly(stripe: Pipeline, **inputs: list[Row]) -> dict[tuple[str, date], Row]:
    found = stripe.run(
        fct_monthly_revenue,
        {"currency": CURRENCIES, "fx_rate": EUR_RATES} | inputs,
        history_from=HISTORY,
        as_of=AS_OF,
        reporting_currency="usd",
    )
    return {(r["customer_id"], r["month_start_date"]): r for r in found}


def by_currency(stripe: Pipeline, **inputs: list[Row]) -> dict[tuple[date, str], Row]:
    found = stripe.run(fct_monthly_revenue_by_currency, {"currency": CURRENCIES} | inputs, history_from=HISTORY, as_of=AS_OF)
    return {(r["month_start_date"], r["currency"]): r for r in found}


def everything() -> dict[str, list[Row]]:
    return {
        "fct_invoice": [
            invoice(date(2026, 6, 2), 12_000, tax_amount_minor=2000, discount_amount_minor=500),
            invoice(date(2026, 6, 30), 3000, out_of_band_amount_minor=3000),
            invoice(None, 9999, status="open"),
        ],
        "fct_payment_transaction": [
            {
                "customer_id": "c-1",
                "currency": "usd",
                "payment_status": s,
                "created_date": date(2026, 6, 2),
                "amount_minor": 1,
            }
            for s in ("paid", "refunded", "failed")
        ],
        "fct_refund": [
            money(date(2026, 6, 5), 1000, "refund_date"),
            money(date(2026, 6, 5), 7777, "refund_date", is_succeeded=False),
        ],
        "fct_dispute": [
            money(date(2026, 6, 6), 500, "closed_date"),
            money(date(2026, 6, 6), 8, "closed_date", is_lost=False),
        ],
        "fct_credit_note": [
            money(date(2026, 6, 7), 400, "credit_note_date", out_of_band_amount_minor=250),
            money(date(2026, 6, 7), 900, "credit_note_date", is_issued=False),
        ],
    }


def test_a_months_money_adds_up(stripe: Pipeline) -> None:
    row = monthly(stripe, **everything())["c-1", JUNE]
    names = (
        "revenue",
        "tax",
        "out_of_band",
        "discount",
        "refund",
        "dispute_lost",
        "credit_note",
        "credit_note_out_of_band",
        "net_revenue",
    )
    found = [row[f"{n}_amount"] for n in names]
    assert found == [Decimal(n) for n in ("150", "20", "30", "5", "10", "5", "4", "2.5", "132.5")]
    assert (row["invoice_count"], row["payment_count"]) == (2, 2)


def test_by_currency_says_the_same_before_conversion(stripe: Pipeline) -> None:
    facts = everything() | {"dim_subscription": []}
    facts["fct_invoice"].append(invoice(date(2026, 6, 3), 1000, currency="jpy"))
    rows = by_currency(stripe, **facts)
    assert (rows[JUNE, "usd"]["revenue_amount"], rows[JUNE, "usd"]["revenue_amount_minor"]) == (150, 15_000)
    assert (rows[JUNE, "usd"]["net_revenue_amount"], rows[JUNE, "jpy"]["revenue_amount"]) == (Decimal("132.5"), 1000)
    assert rows[JULY, "jpy"]["revenue_amount"] == 0


def test_each_invoice_is_converted_at_its_own_day_and_rounded_half_up(stripe: Pipeline) -> None:
    invoices = [
        invoice(date(2026, 6, 1), 1, currency="eur"),
        invoice(date(2026, 6, 30), 100, currency="eur"),
        invoice(date(2026, 6, 30), 100),
    ]
    row = monthly(stripe, fct_invoice=invoices)["c-1", JUNE]
    assert row["revenue_amount"] == Decimal("0.01001") + Decimal("1.03") + 1


def test_a_missing_rate_gives_null_and_a_mark_never_zero(stripe: Pipeline) -> None:
    invoices = [invoice(date(2026, 7, 2), 100, currency="eur"), invoice(date(2026, 7, 2), 100)]
    row = monthly(stripe, fct_invoice=invoices)["c-1", JULY]
    assert (row["revenue_amount"], row["net_revenue_amount"], row["refund_amount"]) == (None, None, 0)
    assert row["is_rate_missing"]


def test_amounts_of_nothing_need_no_rate(stripe: Pipeline) -> None:
    row = monthly(stripe, fct_invoice=[invoice(date(2026, 7, 2), 0, currency="eur")])["c-1", JULY]
    assert (row["revenue_amount"], row["is_rate_missing"], row["invoice_count"]) == (0, False, 1)


def test_rows_run_from_the_first_subscription_to_the_load_date_with_zeros(stripe: Pipeline) -> None:
    rows = monthly(stripe, dim_subscription=[subscription(date(2026, 5, 20))], fct_invoice=[invoice(date(2026, 7, 1), 100)])
    assert [(m, r["revenue_amount"]) for (_, m), r in sorted(rows.items())] == [(MAY, 0), (JUNE, 0), (JULY, 1)]
    assert [r["is_new_subscription"] for _, r in sorted(rows.items())] == [True, False, False]


def test_months_before_the_history_are_null_and_marked(stripe: Pipeline) -> None:
    old = [subscription(date(2026, 3, 5))]
    rows = monthly(stripe, dim_subscription=old, fct_invoice=[invoice(date(2026, 4, 1), 100)])
    assert [(r["is_before_history"], r["revenue_amount"], r["is_new_subscription"]) for _, r in sorted(rows.items())] == [
        (True, None, False),
        (True, None, False),
        (False, 0, False),
        (False, 0, False),
        (False, 0, False),
    ]
    before = by_currency(stripe, dim_subscription=old)[date(2026, 4, 1), "usd"]
    assert (before["revenue_amount"], before["revenue_amount_minor"], before["is_before_history"]) == (None, None, True)


def test_the_unknown_member_has_rows_and_money_after_the_load_date_does_not_count(stripe: Pipeline) -> None:
    invoices = [invoice(date(2026, 7, 1), 100, customer=UNKNOWN_CUSTOMER_ID), invoice(date(2026, 7, 5), 500)]
    rows = monthly(stripe, fct_invoice=invoices)
    assert {key: r["revenue_amount"] for key, r in rows.items()} == {(UNKNOWN_CUSTOMER_ID, JULY): 1}


def test_state_is_the_best_of_the_customers_subscriptions(stripe: Pipeline) -> None:
    rows = monthly(
        stripe,
        dim_subscription=[subscription(date(2026, 5, 1), status="canceled")],
        fct_mrr=[
            mrr(MAY, "trialing", "0", "0"),
            mrr(MAY, "past_due", "9", "10"),
            mrr(JUNE, "incomplete_expired", "0", "0"),
        ],
    )
    assert [r["subscription_state"] for _, r in sorted(rows.items())] == ["past_due", "canceled", "canceled"]
    assert [r["mrr_amount"] for _, r in sorted(rows.items())] == [10, 0, 0]


def test_a_customer_who_only_paid_has_no_subscription_state(stripe: Pipeline) -> None:
    assert monthly(stripe, fct_invoice=[invoice(date(2026, 7, 1), 1)])["c-1", JULY]["subscription_state"] == "none"


def test_an_mrr_that_cannot_be_computed_or_converted_is_not_silent(stripe: Pipeline) -> None:
    rows = monthly(
        stripe,
        dim_subscription=[subscription(date(2026, 6, 1))],
        fct_mrr=[
            mrr(JUNE, "active", None, None),
            mrr(JULY, "active", "9", None, is_rate_missing=True, is_reconstructed=True),
        ],
    )
    june, july = rows["c-1", JUNE], rows["c-1", JULY]
    assert (june["mrr_amount"], june["is_mrr_complete"], june["is_rate_missing"]) == (0, False, False)
    assert (july["mrr_amount"], july["is_mrr_complete"], july["is_rate_missing"]) == (None, True, True)
    assert july["is_reconstructed"]
