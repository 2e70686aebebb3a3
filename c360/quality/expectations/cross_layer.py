"""Expectations across layers (CL-…): nothing is lost on the way, and money in is money out."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from c360.expressions.calendar import month_start
from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.expressions.money import AMOUNT_DIGITS, as_integer, major_e8
from c360.expressions.settlement import source_component, with_settled
from c360.quality.conditions import is_true, stacked
from c360.quality.expectation import Finding, expectation, samples_of, share_of
from c360.quality.quarantine import is_open, open_keys

CUSTOMER = "customer_id"
_RECORD = ("source_system", "source_account", "record_id")
_MONTH_CURRENCY = ("month_start_date", "currency")
_SUBSCRIPTION = ("source_account", "subscription_id")
_UNKNOWN_CURRENCY = 1
"""Stands for an amount of a currency without exponent: never equal to what gold shows of it, which is nothing."""


@expectation(
    "CL-001",
    "P0",
    "silver",
    "silver.customer_identity",
    "Every account and Stripe customer ever stored is in customer_identity or in quarantine, once.",
)
def records_are_placed(
    salesforce_accounts: ir.Table,
    stripe_customers: ir.Table,
    customer_identity: ir.Table,
    quarantine_customer_identity: ir.Table,
) -> Finding:
    """One checked row per source record: live, deleted or merged."""
    bad = quarantine_customer_identity.filter(is_open(quarantine_customer_identity))
    stored = stacked(salesforce_accounts.select(*_RECORD), stripe_customers.select(*_RECORD))
    placed = stacked(customer_identity.select(*_RECORD), bad.select(*_RECORD))
    return _same_keys(stored, placed, _RECORD)


@expectation(
    "CL-001",
    "P0",
    "silver",
    "silver.dim_customer",
    "The customers of customer_identity are the rows of dim_customer, the unknown member apart.",
)
def customers_have_rows(customer_identity: ir.Table, dim_customer: ir.Table, quarantine_dim_customer: ir.Table) -> Finding:
    """One checked row per customer."""
    wanted = customer_identity.select(CUSTOMER).distinct()
    rows = stacked(dim_customer.select(CUSTOMER), open_keys(quarantine_dim_customer, CUSTOMER))
    return _same_keys(wanted, rows.filter(rows.customer_id != UNKNOWN_CUSTOMER_ID), (CUSTOMER,))


@expectation("CL-002", "P0", "gold", "gold.dim_customer_account", "dim_customer_account has the rows of dim_customer, no other.")
def accounts_have_rows(
    dim_customer: ir.Table, dim_customer_account: ir.Table, quarantine_dim_customer_account: ir.Table
) -> Finding:
    """One checked row per customer, the unknown member included."""
    rows = stacked(dim_customer_account.select(CUSTOMER), open_keys(quarantine_dim_customer_account, CUSTOMER))
    return _same_keys(dim_customer.select(CUSTOMER), rows, (CUSTOMER,))


@expectation(
    "CL-003",
    "P0",
    "gold",
    "gold.fct_monthly_revenue_by_currency",
    "Revenue per month and currency in gold is the sum of the paid invoices in silver, to the minor unit.",
)
def revenue_is_what_was_paid(
    fct_invoice: ir.Table,
    fct_monthly_revenue_by_currency: ir.Table,
    currency: ir.Table,
    *,
    as_of: date,
    history_from: date,
) -> Finding:
    """One checked row per month and currency, both sides as integers: minor units, and 1e-8 of a major unit."""
    billed = fct_invoice.select(
        "currency",
        month_start_date=month_start(fct_invoice.paid_date),
        minor=fct_invoice.paid_amount_minor,
        is_counted=(fct_invoice.status == "paid")
        & fct_invoice.paid_date.between(ibis.literal(history_from), ibis.literal(as_of)),
    )
    minor = billed.filter(billed.is_counted).group_by(list(_MONTH_CURRENCY)).aggregate(minor=ibis._.minor.sum())
    exponents = currency.select(_currency="currency", _exponent="minor_unit_exponent")
    known = minor.left_join(exponents, minor.currency == exponents._currency)
    e8 = ibis.coalesce(major_e8(known.minor, known._exponent), _UNKNOWN_CURRENCY)
    silver = known.select(*_MONTH_CURRENCY, "minor", e8=e8)
    gold = fct_monthly_revenue_by_currency
    shown = gold.select(*_MONTH_CURRENCY, minor=-gold.revenue_amount_minor, e8=-as_integer(gold.revenue_amount, AMOUNT_DIGITS))
    both = stacked(silver, shown)
    left = both.group_by(list(_MONTH_CURRENCY)).aggregate(minor=both.minor.sum(), e8=both.e8.sum())
    is_off = (ibis.coalesce(left.minor, 0) != 0) | (ibis.coalesce(left.e8, 0) != 0)
    return share_of(left, is_off, _MONTH_CURRENCY)


@expectation(
    "CL-003",
    "P2",
    "gold",
    "quarantine.fct_invoice",
    "Paid money that no table shows because its invoice is in quarantine.",
    measure="quarantined_invoices",
)
def paid_money_is_in_quarantine(fct_invoice: ir.Table, quarantine_fct_invoice: ir.Table) -> Finding:
    """One checked row per invoice, good or bad; samples sum the money of the bad ones per currency."""
    bad = quarantine_fct_invoice.filter(is_open(quarantine_fct_invoice))
    money = bad.select(
        currency=bad.row_json.re_extract('"currency":"([a-z]{3})"', 1),
        status=bad.row_json.re_extract('"status":"([a-z]+)"', 1),
        minor=bad.row_json.re_extract('"paid_amount_minor":([0-9]{1,18})', 1).nullif("").cast("int64"),
    )
    paid = money.filter(money.status == "paid")
    counted = stacked(fct_invoice.select(is_bad=ibis.literal(value=False)), paid.select(is_bad=ibis.literal(value=True)))
    found = counted.count(where=counted.is_bad)
    summary = counted.aggregate(rows_checked=counted.count(), rows_failing=found, measured_value=found.cast("float64"))
    sums = paid.group_by("currency").aggregate(paid_amount_minor=paid.minor.sum(), invoices=paid.count())
    return Finding(summary, samples_of(sums, ("currency", "paid_amount_minor", "invoices")))


@expectation("CL-004", "P0", "gold", "gold.fct_subscription_health", "Every subscription in gold has an event in silver.")
def subscriptions_have_events(
    fct_subscription_health: ir.Table, fct_subscription_event: ir.Table, quarantine_fct_subscription_event: ir.Table
) -> Finding:
    """One checked row per subscription in gold. An event in quarantine counts."""
    shown = fct_subscription_health.select(*_SUBSCRIPTION).distinct()
    events = stacked(
        fct_subscription_event.select(*_SUBSCRIPTION),
        open_keys(quarantine_fct_subscription_event, *_SUBSCRIPTION),
    ).distinct()
    known = events.mutate(is_known=ibis.literal(value=True))
    judged = shown.left_join(known, list(_SUBSCRIPTION))
    return share_of(judged, ~is_true(judged.is_known), _SUBSCRIPTION)


@expectation(
    "CL-006",
    "P1",
    "silver",
    "silver.fct_balance_transaction",
    "Balance transactions tie to their charge, refund or dispute at the exchange rate.",
)
def balance_ties_out(fct_balance_transaction: ir.Table) -> Finding:
    """One checked row per balance transaction of a charge, refund or dispute (payouts, transfers and fees aside).

    |amount| = round(|source amount| × exchange rate), half-up, in minor units; without a rate the currencies must be one.
    """
    rows = fct_balance_transaction.filter(source_component(fct_balance_transaction).notnull())
    told = with_settled(rows, "_settled")
    ties = told["_settled"] == told.amount_minor.abs()
    return share_of(told, ~is_true(ties), ("source_account", "balance_transaction_id"))


def _same_keys(left: ir.Table, right: ir.Table, key: Sequence[str]) -> Finding:
    """Fails every key that is not exactly once on both sides."""
    left_rows = left.select(*key, left_count=ibis.literal(1, type="int64"), right_count=_zero())
    right_rows = right.select(*key, left_count=_zero(), right_count=ibis.literal(1, type="int64"))
    both = stacked(left_rows, right_rows)
    counts = both.group_by(list(key)).aggregate(left_count=both.left_count.sum(), right_count=both.right_count.sum())
    is_once = (counts.left_count == 1) & (counts.right_count == 1)
    return share_of(counts, ~is_once, key)


def _zero() -> ir.IntegerScalar:
    return ibis.literal(0, type="int64")
