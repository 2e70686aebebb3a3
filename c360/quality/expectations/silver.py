"""Expectations on silver (SE-…). SE-002 is the contracts' keys, SE-004 is `c360.quality.privacy`."""

from datetime import date

import ibis
import ibis.expr.types as ir

from c360.quality.conditions import is_true, stacked
from c360.quality.expectation import Finding, expectation, share_of
from c360.quality.quarantine import records_of

LOG = "silver.reconciliation_log"
INVOICES = "silver.fct_invoice"
PAYMENTS = "silver.fct_payment_transaction"
_PAYMENT = ("source_account", "charge_id")


@expectation(
    "SE-001",
    "P0",
    "silver",
    LOG,
    "At least 98 % of the accounts expected in Stripe are matched.",
    threshold=0.98,
    measure="match_rate",
    direction="at_least",
)
def accounts_are_matched(reconciliation_log: ir.Table, *, as_of: date) -> Finding:
    """One checked row per expected account; the measured value is the lowest rate of a pair of systems."""
    today = reconciliation_log.filter(reconciliation_log.load_date == ibis.literal(as_of))
    summary = today.aggregate(
        rows_checked=today.denominator.sum(),
        rows_failing=(today.denominator - today.numerator).sum(),
        measured_value=today.match_rate.min(),
    )
    return Finding(summary)


@expectation(
    "SE-001",
    "P0",
    "silver",
    LOG,
    "The accepted links between the systems are right with a probability of at least 99 % on average.",
    threshold=0.99,
    measure="estimated_precision",
    direction="at_least",
)
def links_are_precise(reconciliation_log: ir.Table, *, as_of: date) -> Finding:
    """One checked row per matched customer; not applicable where nothing is expected or matched."""
    today = reconciliation_log.filter(reconciliation_log.load_date == ibis.literal(as_of))
    summary = today.aggregate(
        rows_checked=today.matched_count.sum(),
        rows_failing=ibis.literal(0, type="int64"),
        measured_value=today.estimated_precision.min(),
        is_applicable=today.denominator.sum() > 0,
    )
    return Finding(summary)


@expectation(
    "SE-102",
    "P1",
    "silver",
    LOG,
    "Half of the matched customers have a confidence of at least 0.95.",
    threshold=0.95,
    measure="median_confidence",
    direction="at_least",
)
def median_link_is_confident(reconciliation_log: ir.Table, *, as_of: date) -> Finding:
    """One checked row per matched customer."""
    today = reconciliation_log.filter(reconciliation_log.load_date == ibis.literal(as_of))
    summary = today.aggregate(
        rows_checked=today.matched_count.sum(),
        rows_failing=ibis.literal(0, type="int64"),
        measured_value=today.confidence_median.min(),
    )
    return Finding(summary)


@expectation("SE-003", "P0", "silver", PAYMENTS, "Payments of an invoice resolve to it, and to its subscription.")
def payments_resolve(
    fct_payment_transaction: ir.Table,
    fct_invoice: ir.Table,
    dim_subscription: ir.Table,
    quarantine_fct_invoice: ir.Table,
    quarantine_stripe_invoices: ir.Table,
    quarantine_dim_subscription: ir.Table,
    quarantine_stripe_subscriptions: ir.Table,
) -> Finding:
    """One checked row per payment with an invoice id. A parent in quarantine counts as found."""
    payments = fct_payment_transaction.filter(fct_payment_transaction.invoice_id.notnull())
    invoices = fct_invoice.select(_account="source_account", _invoice="invoice_id", _invoice_subscription="subscription_id")
    set_apart = records_of(quarantine_fct_invoice, quarantine_stripe_invoices).rename(_quarantined_invoice="record_id")
    subscriptions = stacked(
        dim_subscription.select(_subscription="subscription_id"),
        records_of(quarantine_dim_subscription, quarantine_stripe_subscriptions).rename(_subscription="record_id"),
    ).distinct()
    found = payments.left_join(invoices, [payments.source_account == invoices._account, payments.invoice_id == invoices._invoice])
    found = found.left_join(set_apart, found.invoice_id == set_apart._quarantined_invoice)
    found = found.left_join(subscriptions, found._invoice_subscription == subscriptions._subscription)
    lacks_invoice = found._invoice.isnull() & found._quarantined_invoice.isnull()
    wants_subscription = found._invoice_subscription.notnull()
    is_same = is_true(found.subscription_id == found._invoice_subscription)
    lacks_subscription = wants_subscription & (found._subscription.isnull() | ~is_same)
    return share_of(found, lacks_invoice | lacks_subscription, _PAYMENT)


@expectation("SE-005", "P0", "silver", INVOICES, "Invoices that bill a subscription resolve to it.")
def subscription_invoices_resolve(
    fct_invoice: ir.Table,
    dim_subscription: ir.Table,
    quarantine_dim_subscription: ir.Table,
    quarantine_stripe_subscriptions: ir.Table,
) -> Finding:
    """One checked row per invoice Stripe made for a subscription. A subscription in quarantine counts as found.

    It fails when a newer API puts the subscription where nobody looks: the id would be null, and MRR and health would shrink in
    silence.
    """
    billed = fct_invoice.filter(fct_invoice.billing_reason.startswith("subscription"), ~is_true(fct_invoice.is_deleted))
    stored = stacked(
        dim_subscription.select(_subscription="subscription_id"),
        records_of(quarantine_dim_subscription, quarantine_stripe_subscriptions).rename(_subscription="record_id"),
    ).distinct()
    found = billed.left_join(stored, billed.subscription_id == stored._subscription)
    return share_of(found, found._subscription.isnull(), ("source_account", "invoice_id"))


@expectation(
    "SE-101", "P1", "silver", PAYMENTS, "At most 5 % of the payments a load first sees are late-arriving.", threshold=0.05
)
def payments_are_on_time(fct_payment_transaction: ir.Table, *, as_of: date) -> Finding:
    """One checked row per payment first seen by the day's load."""
    seen = fct_payment_transaction.filter(fct_payment_transaction.first_date_loaded == ibis.literal(as_of))
    return share_of(seen, seen.is_late_arriving, _PAYMENT)
