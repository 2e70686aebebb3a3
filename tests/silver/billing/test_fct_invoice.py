"""Invoices and their lines in all of Stripe's shapes."""

from datetime import date
from typing import Any

import pytest
from ibis.backends.duckdb import Backend

from c360.silver.billing.fct_invoice import fct_invoice
from c360.silver.billing.fct_invoice_line import fct_invoice_line
from tests.billing import KNOWN, Pipeline, Row, at, coupon, invoice, line, record

MONTH = {"start": at("2026-05-01"), "end": at("2026-06-01")}


@pytest.fixture
def stripe(backend: Backend) -> Pipeline:
    return Pipeline(backend)


def invoices(stripe: Pipeline, *rows: Row, zone: str = "UTC") -> list[Row]:
    return stripe.run(fct_invoice, {"stripe_invoices": rows, "customer_identity": KNOWN}, reporting_zone=zone)


def lines(stripe: Pipeline, *rows: Row) -> list[Row]:
    found = stripe.run(fct_invoice_line, {"stripe_invoices": rows, "customer_identity": KNOWN})
    return sorted(found, key=lambda r: r["invoice_line_id"])


def shaped(version: str) -> Row:
    """The same invoice with one line as four API versions show it."""
    body: dict[str, Any] = {
        "customer": "cus_1",
        "currency": "USD",
        "created": at("2026-05-01"),
        "amount_due": 1100,
        "amount_paid": 1100,
        "amount_remaining": 0,
        "subtotal": 1250,
        "total": 1100,
    }
    one: dict[str, Any] = {"id": "il_1", "amount": 1250, "quantity": 1, "period": MONTH}
    old_discount = {"id": "di_1", "start": at("2026-01-01"), "coupon": {"percent_off": 20, "duration": "forever"}}
    if version == "2018":
        one |= {"plan": {"id": "p10", "product": "prod_1"}, "subscription": "sub_1", "subscription_item": "si_1"}
        body |= {"paid": True, "subscription": "sub_1", "tax": 100, "charge": "ch_1", "discount": old_discount}
    elif version == "2022-11-15":
        one |= {"price": {"id": "p10", "product": "prod_1"}, "subscription": "sub_1", "subscription_item": "si_1"}
        one |= {"tax_amounts": [{"amount": 100}], "proration": False}
        body |= {"status": "paid", "subscription": "sub_1", "total_tax_amounts": [{"amount": 100}], "tax": 100}
        body |= {"discounts": [old_discount], "payment_intent": "pi_1", "paid_out_of_band": False}
    else:
        one = line("il_1", ("2026-05-01", "2026-06-01"), "p10", 1, 1250, taxes=[{"amount": 100}])
        body |= {
            "status": "paid",
            "total_taxes": [{"amount": 100}],
            "parent": {"subscription_details": {"subscription": "sub_1"}},
        }
        body |= {"payments": {"data": [{"status": "paid", "payment": {"payment_intent": "pi_1"}}]}}
        body["discounts"] = [old_discount if version == "basil" else coupon("di_1", percent_off=20)]
    if version != "2018":
        one |= {"discount_amounts": [{"amount": 250, "discount": "di_1"}]}
        body |= {"total_discount_amounts": [{"amount": 250, "discount": "di_1"}]}
    body |= {"status_transitions": {"paid_at": at("2026-05-01 10:00")}, "lines": {"data": [one]}}
    return record("stripe_invoices", "in_1", **body)


@pytest.mark.parametrize("version", ["2018", "2022-11-15", "basil", "clover"])
def test_all_api_versions_give_the_same_invoice(stripe: Pipeline, version: str) -> None:
    [row] = invoices(stripe, shaped(version))
    names = (
        "status",
        "currency",
        "subscription_id",
        "paid_amount_minor",
        "tax_amount_minor",
        "is_paid_out_of_band",
        "customer_id",
    )
    assert [row[n] for n in names] == ["paid", "usd", "sub_1", 1100, 100, False, "c-1"]
    assert (row["paid_date"], row["record_id"], row["payload_hash"]) == (date(2026, 5, 1), "in_1", "in_1@2026-07-01")


@pytest.mark.parametrize("version", ["2018", "2022-11-15", "basil", "clover"])
def test_all_api_versions_give_the_same_line(stripe: Pipeline, version: str) -> None:
    [row] = lines(stripe, shaped(version))
    names = (
        "subscription_id",
        "subscription_item_id",
        "price_id",
        "product_id",
        "quantity",
        "amount_minor",
        "is_credit",
    )
    assert [row[n] for n in names] == ["sub_1", "si_1", "p10", "prod_1", 1, 1250, False]
    if version != "2018":  # lines did not name discounts then
        assert (row["percent_factor_e8"], row["discount_amount_minor"], row["tax_amount_minor"]) == (
            80_000_000,
            250,
            100,
        )


def test_lines_past_the_first_ten_are_kept(stripe: Pipeline) -> None:
    many = [line(f"il_{n:02}", ("2026-05-01", "2026-06-01"), "p10", 1) for n in range(25)]
    assert len(lines(stripe, invoice("in_1", "2026-05-01", *many))) == 25


def test_stacked_percents_multiply_and_fixed_amounts_add(stripe: Pipeline) -> None:
    named = [{"amount": 1, "discount": f"di_{n}"} for n in range(5)]
    told = [
        coupon("di_0", percent_off=50),
        coupon("di_1", percent_off=20),
        coupon("di_2", amount_off=300, currency="USD"),
        coupon("di_3", amount_off=300, currency="eur"),
        coupon("di_4", percent_off=90, duration="once"),
    ]
    one = line("il_1", ("2026-05-01", "2026-06-01"), "p10", 1, discount_amounts=named)
    [row] = lines(stripe, invoice("in_1", "2026-05-01", one, discounts=told))
    assert (row["percent_factor_e8"], row["fixed_discount_minor"], row["has_unknown_discount"]) == (
        40_000_000,
        300,
        False,
    )


def test_credits_are_negative_or_name_what_they_give_back(stripe: Pipeline) -> None:
    credit = line("il_2", ("2026-05-10", "2026-06-01"), "p10", 1, 0)
    credit["parent"]["subscription_item_details"]["proration_details"] = {"credited_items": {"invoice": "in_0"}}
    rows = lines(stripe, invoice("in_1", "2026-05-01", line("il_1", ("2026-05-10", "2026-06-01"), "p10", 1, -5), credit))
    assert [r["is_credit"] for r in rows] == [True, True]


def test_what_was_paid_by_hand_is_out_of_band(stripe: Pipeline) -> None:
    flagged = invoice("in_1", "2026-05-01", paid_out_of_band=True)
    unlisted = invoice("in_2", "2026-05-01", payments={"data": []})
    nothing = invoice("in_3", "2026-05-01", payments={"data": []}, amount_paid=0)
    found = {r["invoice_id"]: r["out_of_band_amount_minor"] for r in invoices(stripe, flagged, unlisted, nothing)}
    assert found == {"in_1": 1000, "in_2": 1000, "in_3": 0}


def test_the_paid_day_is_of_the_reporting_zone(stripe: Pipeline) -> None:
    [row] = invoices(stripe, invoice("in_1", "2024-01-01 02:00"), zone="America/New_York")
    assert row["paid_date"] == date(2023, 12, 31)


def test_an_invoice_without_a_known_customer_keeps_a_reason(stripe: Pipeline) -> None:
    found = invoices(stripe, invoice("in_1", "2026-05-01", customer=None), invoice("in_2", "2026-05-01", customer="cus_9"))
    assert {r["invoice_id"]: r["unknown_customer_reason"] for r in found} == {
        "in_1": "no_customer_on_record",
        "in_2": "customer_not_stored",
    }
