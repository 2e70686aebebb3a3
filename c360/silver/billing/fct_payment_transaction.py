"""fct_payment_transaction: Stripe's charges, successful or not."""

import datetime

import ibis
import ibis.expr.types as ir

from c360.catalog import Merge, table
from c360.contract import Day, Flag, Instant, Integer, Text, field
from c360.expressions.customers import UNKNOWN_CUSTOMER_REASONS, resolve
from c360.expressions.lineage import Lineage, shaped
from c360.expressions.time import is_late, local_date
from c360.silver.billing.links import invoice_links

STATUSES = ("paid", "failed", "pending", "refunded", "disputed")


class FctPaymentTransaction(Lineage):
    """One row per charge."""

    charge_id: Text = field("Stripe's charge id.", pii="id")
    stripe_customer_id: Text = field("Stripe's customer id.", nullable=True, pii="id")
    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    unknown_customer_reason: Text = field(
        "Why the customer is unknown.", nullable=True, pii="enum", isin=UNKNOWN_CUSTOMER_REASONS
    )
    invoice_id: Text = field("Invoice it paid or tried to pay.", nullable=True, pii="id")
    has_invoice: Flag = field("Belongs to an invoice.")
    subscription_id: Text = field("Subscription of that invoice.", nullable=True, pii="id")
    payment_intent_id: Text = field("Stripe's payment intent.", nullable=True, pii="id")
    balance_transaction_id: Text = field("Its balance transaction.", nullable=True, pii="id")
    payment_status: Text = field("What became of it.", pii="enum", isin=STATUSES)
    currency: Text = field("Lower-case ISO 4217 code.", pii="enum")
    amount_minor: Integer = field("Captured amount; what was asked for where nothing was captured.", unit="minor", ge=0)
    refunded_amount_minor: Integer = field("Refunded so far.", unit="minor", ge=0)
    disputed_amount_minor: Integer = field("In dispute or disputed.", unit="minor", ge=0)
    outcome_type: Text = field("Stripe's outcome.", nullable=True, pii="enum")
    outcome_reason: Text = field("Why Stripe or the network decided so.", nullable=True, pii="enum")
    failure_code: Text = field("Why it failed.", nullable=True, pii="enum")
    payment_method_type: Text = field("card, sepa_debit, …", nullable=True, pii="enum")
    card_brand_token: Text = field("Keyed token of the card's brand.", nullable=True, pii="token")
    created_at: Instant = field("Creation, UTC.")
    created_date: Day = field("Day of `created_at` in the reporting zone.")
    first_date_loaded: Day = field("Load date that first saw it.")
    is_late_arriving: Flag = field("Happened more than the allowed days before the load that first saw it.")

    class Config:
        """One row per charge of an account."""

        unique = ["source_account", "charge_id"]


@table(
    FctPaymentTransaction,
    write=Merge(),
    traces={"stripe_charges": {"source_account": "source_account", "record_id": "record_id"}},
)
def fct_payment_transaction(
    stripe_charges: ir.Table,
    stripe_invoices: ir.Table,
    stripe_disputes: ir.Table,
    fct_invoice: ir.Table,
    payment_card: ir.Table,
    customer_identity: ir.Table,
    *,
    reporting_zone: str,
    late_after_days: int,
    first_load_date: datetime.date,
) -> ir.Table:
    """One row per charge, with or without an invoice; amounts in minor units, `created_date` in the reporting zone.

    The customer is the charge's own, else its invoice's.
    """
    linked = _with_invoice(stripe_charges, stripe_invoices, fct_invoice)
    complete = _with_card(_with_dispute(linked, stripe_disputes), payment_card)
    resolved = resolve(complete, customer_identity, source_system="stripe", id_column="stripe_customer_id")
    return shaped(
        resolved,
        FctPaymentTransaction,
        charge_id=resolved.id,
        has_invoice=resolved.invoice_id.notnull(),
        payment_intent_id=resolved.payment_intent,
        balance_transaction_id=resolved.balance_transaction,
        payment_status=_payment_status(resolved),
        currency=resolved.currency.lower(),
        amount_minor=_charged(resolved),
        refunded_amount_minor=resolved.amount_refunded.fill_null(0),
        disputed_amount_minor=resolved.disputed_amount.fill_null(0),
        outcome_type=resolved.outcome["type"],
        outcome_reason=resolved.outcome["reason"],
        payment_method_type=ibis.coalesce(resolved.payment_method_details["type"], resolved.source["object"]),
        created_at=resolved.created,
        created_date=local_date(resolved.created, reporting_zone),
        is_late_arriving=is_late(
            resolved.created,
            resolved.first_date_loaded,
            late_after_days=late_after_days,
            first_load_date=first_load_date,
        ),
    )


def _with_invoice(charges: ir.Table, stripe_invoices: ir.Table, fct_invoice: ir.Table) -> ir.Table:
    links = invoice_links(stripe_invoices)
    by_charge = links.select(_account1="source_account", _key1="payment_key", _of_charge="invoice_id")
    by_intent = links.select(_account2="source_account", _key2="payment_key", _of_intent="invoice_id")
    found = charges.left_join(by_charge, [charges.source_account == by_charge._account1, charges.id == by_charge._key1])
    found = found.left_join(by_intent, [found.source_account == by_intent._account2, found.payment_intent == by_intent._key2])
    found = found.mutate(invoice_id=ibis.coalesce(found.invoice, found._of_charge, found._of_intent))
    invoices = fct_invoice.select(
        "subscription_id",
        _account3="source_account",
        _invoice="invoice_id",
        _invoice_customer="stripe_customer_id",
    )
    joined = found.left_join(invoices, [found.source_account == invoices._account3, found.invoice_id == invoices._invoice])
    return joined.mutate(stripe_customer_id=ibis.coalesce(joined.customer, joined._invoice_customer))


def _with_dispute(charges: ir.Table, stripe_disputes: ir.Table) -> ir.Table:
    disputes = stripe_disputes.group_by(_account4="source_account", _disputed="charge").agg(
        disputed_amount=stripe_disputes.amount.sum().cast("int64")
    )
    return charges.left_join(disputes, [charges.source_account == disputes._account4, charges.id == disputes._disputed])


def _with_card(charges: ir.Table, payment_card: ir.Table) -> ir.Table:
    cards = payment_card.select("card_brand_token", _account5="source_account", _card_charge="charge_id")
    return charges.left_join(cards, [charges.source_account == cards._account5, charges.id == cards._card_charge])


def _charged(charge: ir.Table) -> ir.IntegerValue:
    """Only what was captured was charged. Failed and uncaptured charges, and those of old versions, tell the whole amount."""
    captured = ibis.ifelse(charge.captured, charge.amount_captured, ibis.null("int64"))
    return ibis.coalesce(captured, charge.amount)


def _payment_status(charge: ir.Table) -> ir.StringValue:
    is_disputed = charge.disputed.fill_null(False) | charge.dispute.notnull() | charge.disputed_amount.notnull()
    is_refunded = charge.refunded.fill_null(False) | ((charge.amount_refunded >= charge.amount) & (charge.amount > 0))
    is_only_authorised = ((charge.status == "succeeded") & ~charge.captured).fill_null(False)
    return ibis.cases(
        (charge.status == "failed", "failed"),
        ((charge.status == "pending") | is_only_authorised, "pending"),
        (is_disputed, "disputed"),
        (is_refunded.fill_null(False), "refunded"),
        (charge.status == "succeeded", "paid"),
        else_=ibis.ifelse(charge.paid.fill_null(False), "paid", "failed"),
    )
