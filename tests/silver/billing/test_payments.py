"""Charges, refunds, disputes, credit notes and balance transactions."""

from datetime import date
from decimal import Decimal

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from ibis.backends.duckdb import Backend

from c360.contract import ibis_schema
from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.silver.billing.dim_price import dim_price
from c360.silver.billing.dim_subscription import dim_subscription
from c360.silver.billing.fct_balance_transaction import fct_balance_transaction
from c360.silver.billing.fct_credit_note import fct_credit_note
from c360.silver.billing.fct_dispute import fct_dispute
from c360.silver.billing.fct_invoice import fct_invoice
from c360.silver.billing.fct_payment_transaction import fct_payment_transaction
from c360.silver.billing.fct_refund import fct_refund
from c360.silver.billing.payment_card import PaymentCard, payment_card
from tests.billing import ACCOUNT, FIRST_LOAD, KNOWN, Pipeline, Row, at, invoice, record, state, version


@pytest.fixture
def stripe(backend: Backend) -> Pipeline:
    return Pipeline(backend)


def charge(charge_id: str, **fields: object) -> Row:
    base = {"customer": "cus_1", "currency": "usd", "amount": 1000, "status": "succeeded", "created": at("2026-06-30")}
    return record("stripe_charges", charge_id, **(base | fields))


def payments(stripe: Pipeline, charges: list[Row], invoices: tuple[Row, ...] = (), **inputs: list[Row]) -> dict[str, Row]:
    silver = stripe.run(fct_invoice, {"stripe_invoices": invoices, "customer_identity": KNOWN}, reporting_zone="UTC")
    rows = {"stripe_charges": charges, "stripe_invoices": invoices, "fct_invoice": silver, "customer_identity": KNOWN}
    found = stripe.run(
        fct_payment_transaction, rows | inputs, reporting_zone="UTC", late_after_days=2, first_load_date=FIRST_LOAD
    )
    return {r["charge_id"]: r for r in found}


def test_a_charge_finds_its_invoice_in_every_shape(stripe: Pipeline) -> None:
    listed = {"data": [{"status": "paid", "payment": {"payment_intent": "pi_3"}}, {"payment": {"charge": "ch_4"}}]}
    found = payments(
        stripe,
        [
            charge("ch_1", invoice="in_1"),
            charge("ch_2"),
            charge("ch_3", payment_intent="pi_3"),
            charge("ch_4"),
            charge("ch_5", payment_intent="pi_9"),
        ],
        (
            invoice("in_1", "2026-06-30"),
            invoice("in_2", "2026-06-30", charge="ch_2"),
            invoice("in_3", "2026-06-30", payments=listed),
        ),
    )
    assert {c: (r["invoice_id"], r["subscription_id"], r["has_invoice"]) for c, r in found.items()} == {
        "ch_1": ("in_1", "sub_1", True),
        "ch_2": ("in_2", "sub_1", True),
        "ch_3": ("in_3", "sub_1", True),
        "ch_4": ("in_3", "sub_1", True),
        "ch_5": (None, None, False),
    }


def test_what_became_of_a_charge(stripe: Pipeline) -> None:
    dispute = record("stripe_disputes", "du_1", charge="ch_5", amount=700)
    found = payments(
        stripe,
        [
            charge("ch_1"),
            charge("ch_2", status="failed", failure_code="card_declined"),
            charge("ch_3", status="pending"),
            charge("ch_4", amount_refunded=1000, refunded=True),
            charge("ch_5", disputed=True),
            charge("ch_6", amount_refunded=300),
        ],
        stripe_disputes=[dispute],
    )
    assert [r["payment_status"] for _, r in sorted(found.items())] == [
        "paid",
        "failed",
        "pending",
        "refunded",
        "disputed",
        "paid",
    ]
    assert (found["ch_5"]["disputed_amount_minor"], found["ch_6"]["refunded_amount_minor"]) == (700, 300)
    assert found["ch_2"]["failure_code"] == "card_declined"


def test_only_what_was_captured_was_charged(stripe: Pipeline) -> None:
    found = payments(
        stripe,
        [
            charge("ch_1", captured=True, amount_captured=1000),
            charge("ch_2", captured=True, amount_captured=600),
            charge("ch_3", captured=False, amount_captured=0),
            charge("ch_4", captured=False, amount_captured=0, status="failed"),
            charge("ch_5", captured=True),
        ],
    )
    assert {c: (r["payment_status"], r["amount_minor"]) for c, r in found.items()} == {
        "ch_1": ("paid", 1000),
        "ch_2": ("paid", 600),
        "ch_3": ("pending", 1000),
        "ch_4": ("failed", 1000),
        "ch_5": ("paid", 1000),
    }


def test_a_charge_without_a_customer_takes_its_invoices(stripe: Pipeline) -> None:
    found = payments(
        stripe,
        [charge("ch_1", customer=None, invoice="in_1"), charge("ch_2", customer=None)],
        (invoice("in_1", "2026-06-30"),),
    )
    assert (found["ch_1"]["customer_id"], found["ch_2"]["customer_id"]) == ("c-1", UNKNOWN_CUSTOMER_ID)
    assert found["ch_2"]["unknown_customer_reason"] == "no_customer_on_record"


def test_a_charge_seen_long_after_it_happened_is_late(stripe: Pipeline) -> None:
    later = date(2026, 7, 9)
    found = payments(
        stripe,
        [
            charge("ch_1", loaded=later, created=at("2026-07-05")),
            charge("ch_2", loaded=later, created=at("2026-07-08")),
            charge("ch_3", created=at("2025-07-08")),
        ],
    )
    assert {c: r["is_late_arriving"] for c, r in found.items()} == {"ch_1": True, "ch_2": False, "ch_3": False}


class TokensOf:
    """The part of a step's handle that payment_card uses."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def token(self, kind: str, values: pa.Array) -> pa.Array:
        return pa.array([f"{kind}:{len(v)}" for v in values.to_pylist()])

    def map_batches(self, table: ir.Table, function: object, schema: ibis.Schema) -> ir.Table:
        batches = [function(b) for b in self.backend.to_pyarrow(table).to_batches()]  # type: ignore[operator]
        return self.backend.create_table("cards", pa.Table.from_batches(batches), schema=schema, overwrite=True)


def test_of_a_card_only_the_brands_token_is_kept(stripe: Pipeline, backend: Backend) -> None:
    new = charge("ch_1", payment_method_details={"type": "card", "card": {"brand": "visa", "country": "US"}})
    old = charge("ch_2", source={"object": "card", "brand": "MasterCard"})
    bank = charge("ch_3", payment_method_details={"type": "sepa_debit"})
    stripe.run(fct_refund, {"stripe_charges": [new, old, bank]}, reporting_zone="UTC")  # makes the table stripe_charges
    expr = payment_card(backend.table("stripe_charges"), work=TokensOf(backend))
    rows = {r["charge_id"]: r for r in backend.to_pyarrow(expr).to_pylist()}
    assert {c: r["card_brand_token"] for c, r in rows.items()} == {"ch_1": "card_brand:4", "ch_2": "card_brand:10"}
    assert set(rows["ch_1"]) == set(ibis_schema(PaymentCard))
    found = payments(stripe, [new], payment_card=list(rows.values()))
    assert found["ch_1"]["card_brand_token"] == "card_brand:4"


def test_refunds_take_the_customer_of_their_charge_or_intent(stripe: Pipeline) -> None:
    refund = {"amount": 300, "currency": "usd", "created": at("2026-06-30 23:00"), "status": "succeeded"}
    found = stripe.run(
        fct_refund,
        {
            "stripe_charges": [
                charge("ch_0", status="failed", payment_intent="pi_1", customer=None),
                charge("ch_1", payment_intent="pi_1"),
            ],
            "stripe_refunds": [
                record("stripe_refunds", "re_1", charge="ch_1", **refund),
                record("stripe_refunds", "re_2", payment_intent="pi_1", **(refund | {"status": "failed"})),
            ],
            "customer_identity": KNOWN,
        },
        reporting_zone="Asia/Kolkata",
    )
    assert {r["refund_id"]: (r["charge_id"], r["customer_id"], r["is_succeeded"]) for r in found} == {
        "re_1": ("ch_1", "c-1", True),
        "re_2": ("ch_1", "c-1", False),
    }
    assert {r["refund_date"] for r in found} == {date(2026, 7, 1)}


def test_a_dispute_closes_with_its_event_else_with_its_newest_posting(stripe: Pipeline) -> None:
    dispute = {"amount": 500, "currency": "usd", "charge": "ch_1", "created": at("2026-05-01"), "status": "lost"}
    posted = {"balance_transactions": [{"created": at("2026-05-02")}, {"created": at("2026-05-20")}]}
    closing = record(
        "stripe_events",
        "evt_1",
        type="charge.dispute.closed",
        created=at("2026-06-03"),
        data={"object": {"id": "du_1"}},
    )
    found = stripe.run(
        fct_dispute,
        {
            "stripe_charges": [charge("ch_1")],
            "stripe_disputes": [
                record("stripe_disputes", "du_1", **dispute, **posted),
                record("stripe_disputes", "du_2", **dispute, **posted),
                record("stripe_disputes", "du_3", **dispute),
                record("stripe_disputes", "du_4", **(dispute | posted | {"status": "under_review"})),
            ],
            "stripe_events": [closing],
            "customer_identity": KNOWN,
        },
        reporting_zone="UTC",
    )
    assert {r["dispute_id"]: (r["closed_date"], r["is_lost"], r["is_closing_estimated"]) for r in found} == {
        "du_1": (date(2026, 6, 3), True, False),
        "du_2": (date(2026, 5, 20), True, True),
        "du_3": (date(2026, 5, 1), True, True),
        "du_4": (None, False, False),
    }
    assert {r["customer_id"] for r in found} == {"c-1"}


def test_credit_notes_show_what_was_given_back_outside_stripe(stripe: Pipeline) -> None:
    note = {"customer": "cus_1", "currency": "usd", "total": 500, "created": at("2026-06-01"), "invoice": "in_1"}
    found = stripe.run(
        fct_credit_note,
        {
            "stripe_credit_notes": [
                record("stripe_credit_notes", "cn_1", **note, status="issued", out_of_band_amount=200),
                record("stripe_credit_notes", "cn_2", **note, status="void", refunds=[{"refund": "re_1"}]),
            ],
            "customer_identity": KNOWN,
        },
        reporting_zone="UTC",
    )
    rows = {r["credit_note_id"]: (r["is_issued"], r["out_of_band_amount_minor"], r["refund_id"]) for r in found}
    assert rows == {"cn_1": (True, 200, None), "cn_2": (False, 0, "re_1")}


def test_balance_transactions_keep_settlement_and_source(stripe: Pipeline) -> None:
    moved = {"currency": "usd", "created": at("2026-06-01"), "fee": 59, "exchange_rate": Decimal("1.09")}
    fact = {"source_account": ACCOUNT, "currency": "eur", "customer_id": "c-1"}
    found = stripe.run(
        fct_balance_transaction,
        {
            "stripe_balance_transactions": [
                record("stripe_balance_transactions", "txn_1", source="ch_1", amount=1090, net=1031, **moved),
                record("stripe_balance_transactions", "txn_2", source="re_1", amount=-545, net=-604, **moved),
                record("stripe_balance_transactions", "txn_3", source="po_1", amount=-5, net=-5, **moved),
                record("stripe_balance_transactions", "txn_4", source="du_1", amount=109, net=109, **moved),
            ],
            "fct_payment_transaction": [fact | {"charge_id": "ch_1", "amount_minor": 1000}],
            "fct_refund": [fact | {"refund_id": "re_1", "amount_minor": 500}],
            "fct_dispute": [fact | {"dispute_id": "du_1", "amount_minor": 100}],
        },
    )
    names = ("source_type", "source_amount_minor", "source_currency", "customer_id", "exchange_rate")
    rows = {r["balance_transaction_id"]: [r[n] for n in names] for r in found}
    rate = Decimal("1.09")
    assert rows == {
        "txn_1": ["charge", 1000, "eur", "c-1", rate],
        "txn_2": ["refund", -500, "eur", "c-1", rate],
        "txn_3": ["other", None, None, UNKNOWN_CUSTOMER_ID, rate],
        "txn_4": ["dispute", 100, "eur", "c-1", rate],
    }


def test_a_price_shows_its_products_name_and_cycle(stripe: Pipeline) -> None:
    price = {
        "currency": "USD",
        "unit_amount": 1000,
        "product": "prod_1",
        "billing_scheme": "per_unit",
        "type": "recurring",
    }
    found = stripe.run(
        dim_price,
        {
            "stripe_prices": [
                record(
                    "stripe_prices",
                    "p_1",
                    **price,
                    recurring={"interval": "month", "interval_count": 3, "usage_type": "licensed"},
                ),
                record("stripe_prices", "p_2", **(price | {"type": "one_time", "product": "prod_9"})),
            ],
            "stripe_products": [record("stripe_products", "prod_1", name=" Team ")],
        },
    )
    rows = {r["price_id"]: (r["product_name"], r["billing_interval"], r["billing_interval_count"], r["currency"]) for r in found}
    assert rows == {"p_1": ("Team", "month", 3, "usd"), "p_2": (None, None, None, "usd")}


def test_cancelled_subscriptions_stay_and_periods_are_read_in_both_shapes(stripe: Pipeline) -> None:
    ended = version(state("2026-01-05", status="canceled", ended_at=at("2026-03-05"), current_period_end=at("2026-04-05")))
    running = state("2026-01-05", ("si_1", "p10", 1))
    running["items"]["data"][0]["current_period_end"] = at("2026-08-05")
    found = stripe.run(
        dim_subscription,
        {"stripe_subscriptions": [ended, version(running, record_id="sub_2")], "customer_identity": KNOWN},
        reporting_zone="UTC",
    )
    rows = {r["subscription_id"]: (r["status"], r["current_period_end_at"], r["start_date"]) for r in found}
    assert rows == {
        "sub_1": ("canceled", at("2026-04-05"), date(2026, 1, 5)),
        "sub_2": ("active", at("2026-08-05"), date(2026, 1, 5)),
    }
