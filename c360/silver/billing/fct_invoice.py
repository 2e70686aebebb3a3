"""fct_invoice: Stripe's invoices."""

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Merge, table
from c360.contract import Day, Flag, Instant, Integer, Text, field
from c360.expressions.arrays import total
from c360.expressions.customers import UNKNOWN_CUSTOMER_REASONS, resolve
from c360.expressions.lineage import Lineage, shaped
from c360.expressions.time import local_date

STATUSES = ("draft", "open", "paid", "uncollectible", "void")


class FctInvoice(Lineage):
    """One row per invoice."""

    invoice_id: Text = field("Stripe's invoice id.", pii="id")
    invoice_number: Text = field("Number printed on the invoice.", nullable=True, pii="id")
    stripe_customer_id: Text = field("Stripe's customer id.", nullable=True, pii="id")
    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    unknown_customer_reason: Text = field(
        "Why the customer is unknown.", nullable=True, pii="enum", isin=UNKNOWN_CUSTOMER_REASONS
    )
    subscription_id: Text = field("Subscription it bills, if any.", nullable=True, pii="id")
    status: Text = field("Stripe's status.", pii="enum", isin=STATUSES)
    billing_reason: Text = field("Why Stripe made it.", nullable=True, pii="enum")
    collection_method: Text = field("charge_automatically or send_invoice.", nullable=True, pii="enum")
    currency: Text = field("Lower-case ISO 4217 code.", pii="enum")
    subtotal_amount_minor: Integer = field("Sum of lines before discounts.", nullable=True, unit="minor")
    discount_amount_minor: Integer = field("All discounts.", unit="minor")
    tax_amount_minor: Integer = field("All taxes.", unit="minor")
    total_amount_minor: Integer = field("After discounts and taxes; may be negative.", nullable=True, unit="minor")
    due_amount_minor: Integer = field("Amount due.", unit="minor", ge=0, expectation="BE-002")
    paid_amount_minor: Integer = field("Amount paid, tax included.", unit="minor", ge=0, expectation="BE-002")
    remaining_amount_minor: Integer = field("Still to be paid.", unit="minor", ge=0, expectation="BE-002")
    out_of_band_amount_minor: Integer = field("Part of the paid amount that was paid outside Stripe.", unit="minor")
    is_paid_out_of_band: Flag = field("Marked paid by hand: nothing of it was paid through Stripe.")
    attempt_count: Integer = field("Attempts to collect it.", nullable=True)
    created_at: Instant = field("Creation, UTC.")
    finalized_at: Instant = field("Draft became open, UTC.", nullable=True)
    due_at: Instant = field("Payment is due until, UTC.", nullable=True)
    paid_at: Instant = field("Paid in full, UTC.", nullable=True)
    paid_date: Day = field("Day of `paid_at` in the reporting zone.", nullable=True)
    voided_at: Instant = field("Voided, UTC.", nullable=True)
    uncollectible_at: Instant = field("Written off, UTC.", nullable=True)
    period_start_at: Instant = field("Start of the period that was invoiced, UTC.", nullable=True)
    period_end_at: Instant = field("End of the period that was invoiced, UTC.", nullable=True)
    is_deleted: Flag = field("No longer at Stripe (a deleted draft).")

    class Config:
        """One row per invoice of an account."""

        unique = ["source_account", "invoice_id"]


@table(
    FctInvoice,
    write=Merge(),
    local_to=LocalTo("stripe_customer_id", {"stripe_invoices": "customer", "customer_identity": "source_id"}),
    traces={"stripe_invoices": {"source_account": "source_account", "record_id": "record_id"}},
)
def fct_invoice(stripe_invoices: ir.Table, customer_identity: ir.Table, *, reporting_zone: str) -> ir.Table:
    """One row per invoice; amounts in minor units of `currency`, instants UTC, `paid_date` in the reporting zone."""
    resolved = resolve(stripe_invoices, customer_identity, source_system="stripe", id_column="customer")
    status = _status(resolved)
    paid = resolved.amount_paid.fill_null(0)
    moments = resolved.status_transitions
    paid_at = ibis.ifelse(
        status == "paid",
        ibis.coalesce(moments["paid_at"], moments["finalized_at"], resolved.effective_at, resolved.created),
        ibis.null("timestamp('UTC', 6)"),
    )
    is_out_of_band = (status == "paid") & (paid > 0) & _was_not_paid_at_stripe(resolved)
    return shaped(
        resolved,
        FctInvoice,
        invoice_id=resolved.id,
        invoice_number=resolved.number,
        stripe_customer_id=resolved.customer,
        subscription_id=subscription_of(resolved),
        status=status,
        currency=resolved.currency.lower(),
        subtotal_amount_minor=resolved.subtotal,
        discount_amount_minor=total(resolved.total_discount_amounts.map(lambda d: d["amount"])).fill_null(0),
        tax_amount_minor=_tax(resolved),
        total_amount_minor=resolved.total,
        due_amount_minor=resolved.amount_due,
        paid_amount_minor=paid,
        remaining_amount_minor=resolved.amount_remaining.fill_null(0),
        out_of_band_amount_minor=ibis.ifelse(is_out_of_band, paid, 0),
        is_paid_out_of_band=is_out_of_band,
        created_at=resolved.created,
        finalized_at=moments["finalized_at"],
        due_at=resolved.due_date,
        paid_at=paid_at,
        paid_date=local_date(paid_at, reporting_zone),
        voided_at=moments["voided_at"],
        uncollectible_at=moments["marked_uncollectible_at"],
        period_start_at=resolved.period_start,
        period_end_at=resolved.period_end,
    )


def subscription_of(invoice: ir.Table) -> ir.StringValue:
    """The invoice's subscription, newest API shape first."""
    return ibis.coalesce(invoice.parent["subscription_details"]["subscription"], invoice.subscription)


def _status(invoice: ir.Table) -> ir.StringValue:
    """Stripe's status; before 2018-11-08 only `paid` said something."""
    return ibis.coalesce(invoice.status, ibis.cases((invoice.paid, "paid"), (~invoice.paid, "open")))


def _tax(invoice: ir.Table) -> ir.IntegerValue:
    new = total(invoice.total_taxes.map(lambda tax: tax["amount"]))
    old = total(invoice.total_tax_amounts.map(lambda tax: tax["amount"]))
    return ibis.coalesce(new, old, invoice.tax, 0)


def _was_not_paid_at_stripe(invoice: ir.Table) -> ir.BooleanValue:
    """The old flag; since it is gone (2025-03-31.basil), no payment in the list of payments."""
    payments = invoice.payments["data"].filter(lambda payment: payment["status"] == "paid")
    has_none = invoice.payments["data"].notnull() & (payments.length().fill_null(0) == 0)
    is_old = invoice.charge.notnull() | invoice.payment_intent.notnull()
    return ibis.coalesce(invoice.paid_out_of_band, has_none & ~is_old).fill_null(False)
