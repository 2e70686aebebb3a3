"""Expectations on gold (GE-…). GE-002 and GE-003 are row rules and stand in the contracts."""

from datetime import UTC, date, datetime, timedelta

import ibis
import ibis.expr.types as ir

from c360.expressions.money import AMOUNT_DIGITS, as_integer
from c360.expressions.time import local_date
from c360.quality.conditions import is_true
from c360.quality.expectation import Finding, expectation, share_of
from c360.quality.quarantine import open_keys

REVENUE = "gold.fct_monthly_revenue"
NEVER_ACTIVE = ("incomplete", "incomplete_expired")
STEADY_PARTS = 4
OLD_DAYS = 90
_CUSTOMER_MONTH = ("customer_id", "month_start_date")


@expectation("GE-001", "P0", "gold", REVENUE, "Every customer with a subscription has a row for each of its active months.")
def active_months_have_rows(
    dim_subscription: ir.Table,
    dim_date: ir.Table,
    fct_monthly_revenue: ir.Table,
    quarantine_fct_monthly_revenue: ir.Table,
    *,
    as_of: date,
    history_from: date,
    reporting_zone: str,
) -> Finding:
    """One checked row per customer and month of the history in which a subscription of it ran, by Stripe's own dates.

    Subscriptions that never became active do not count; a row in quarantine does.
    """
    months = dim_date.select("month_start_date", "month_end_date").distinct()
    months = months.filter(months.month_end_date >= ibis.literal(history_from), months.month_start_date <= ibis.literal(as_of))
    ran = dim_subscription.filter(dim_subscription.status.notin(NEVER_ACTIVE))
    ran = ran.select("customer_id", "start_date", ended_date=local_date(ran.ended_at, reporting_zone))
    active = ran.join(
        months,
        [
            ran.start_date <= months.month_end_date,
            ran.ended_date.isnull() | (ran.ended_date >= months.month_start_date),
        ],
    )
    wanted = active.select(*_CUSTOMER_MONTH).distinct()
    wanted = wanted.mutate(month_text=wanted.month_start_date.strftime("%Y-%m-%d"))
    set_apart = open_keys(quarantine_fct_monthly_revenue, *_CUSTOMER_MONTH)
    missing = wanted.anti_join(fct_monthly_revenue, list(_CUSTOMER_MONTH)).anti_join(
        set_apart, ["customer_id", ("month_text", "month_start_date")]
    )
    lacking = missing.select(*_CUSTOMER_MONTH, is_missing=ibis.literal(value=True))
    judged = wanted.left_join(lacking, list(_CUSTOMER_MONTH))
    return share_of(judged, is_true(judged.is_missing), _CUSTOMER_MONTH)


@expectation(
    "GE-101",
    "P1",
    "gold",
    REVENUE,
    "At least 95 % of the customers that are not new change their MRR by at most 25 % in a month.",
    threshold=0.05,
)
def mrr_is_steady(fct_monthly_revenue: ir.Table, *, as_of: date, history_from: date) -> Finding:
    """One checked row per customer with MRR in the month before, for the newest complete month whose predecessor is known."""
    month = (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    revenue = fct_monthly_revenue
    mrr = revenue.select(*_CUSTOMER_MONTH, mrr_e8=as_integer(revenue.mrr_amount, AMOUNT_DIGITS))
    then = mrr.filter((mrr.month_start_date == ibis.literal(before)) & (mrr.mrr_e8 > 0))
    then = then.filter(ibis.literal(value=before >= history_from.replace(day=1)))
    now = mrr.filter(mrr.month_start_date == ibis.literal(month)).select(_customer="customer_id", now_e8="mrr_e8")
    both = then.left_join(now, then.customer_id == now._customer)
    # Without a row the customer is gone; a row without MRR has no rate and says nothing.
    change = (ibis.ifelse(both._customer.isnull(), 0, both.now_e8) - both.mrr_e8).abs()
    return share_of(both, change * STEADY_PARTS > both.mrr_e8, ("customer_id",))


@expectation("GE-102", "P1", "gold", "silver.fct_invoice", "No open invoice is unpaid for more than 90 days.")
def unpaid_invoices_are_young(fct_invoice: ir.Table, *, as_of: date) -> Finding:
    """One checked row per open or uncollectible invoice with something to pay; the old ones are listed.

    The age counts from the due instant, else from when it was finalised, else created.
    """
    open_invoices = fct_invoice.filter(fct_invoice.status.isin(["open", "uncollectible"]), fct_invoice.remaining_amount_minor > 0)
    oldest = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC) - timedelta(days=OLD_DAYS)
    since = ibis.coalesce(open_invoices.due_at, open_invoices.finalized_at, open_invoices.created_at)
    return share_of(open_invoices, since < ibis.literal(oldest, type="timestamp('UTC', 6)"), ("source_account", "invoice_id"))


@expectation("GE-004", "P0", "gold", REVENUE, "Every amount has an exchange rate of at most 7 days (C360_FX_RATES_FILE).")
def rates_are_known(fct_monthly_revenue: ir.Table) -> Finding:
    """One checked row per customer and month; a missing rate is a finding that blocks, never a zero."""
    return share_of(fct_monthly_revenue, is_true(fct_monthly_revenue.is_rate_missing), _CUSTOMER_MONTH)
