"""fct_subscription_health: how each subscription is doing on a day."""

import datetime

import ibis
import ibis.expr.types as ir

from c360.catalog import ReplacePartition, table
from c360.contract import Contract, Day, Flag, Instant, Integer, Money, Text, field
from c360.expressions.calendar import days_between
from c360.expressions.lineage import shaped
from c360.expressions.money import amount, major_e8
from c360.expressions.time import local_date, month_index
from c360.gold.revenue.rates import with_exponent
from c360.silver.billing.dim_subscription import STATUSES

HEALTH = ("churned", "critical", "at_risk", "healthy")
OLD_INVOICE_DAYS = 30
RECENT_DAYS, LONG_DAYS = 30, 90
MANY_FAILURES = 3
_ENDED = ("canceled", "incomplete_expired")
_KEY = ["source_account", "subscription_id"]
_SAME = {"source_account": "source_account", "subscription_id": "subscription_id"}


class FctSubscriptionHealth(Contract):
    """One row per day and subscription."""

    as_of_date: Day = field("Load date the row speaks of.")
    source_account: Text = field("Stripe account.", pii="id")
    subscription_id: Text = field("Stripe's subscription id.", pii="id")
    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    status: Text = field("Current status.", pii="enum", isin=STATUSES)
    health_status: Text = field("Worst that is true of it.", pii="enum", isin=HEALTH, expectation="GE-003")
    health_reasons: Text = field("What set the health, separated by commas; empty when healthy.", pii="enum")
    started_at: Instant = field("Start, UTC.")
    months_active_count: Integer = field("Whole months from start to end, or to the load date.")
    billing_interval: Text = field("Length of a cycle.", nullable=True, pii="enum")
    billing_interval_count: Integer = field("Intervals in a cycle.", nullable=True)
    item_count: Integer = field("Items on the subscription.")
    currency: Text = field("Lower-case ISO 4217 code.", nullable=True, pii="enum")
    mrr_amount: Money = field("MRR in `currency`; null when an item's cannot be computed yet.", nullable=True)
    mrr_reporting_amount: Money = field("MRR in the reporting currency.", nullable=True)
    failed_payment_30d_count: Integer = field("Failed payments in the last 30 days.")
    failed_payment_90d_count: Integer = field("Failed payments in the last 90 days.")
    failed_payment_count: Integer = field("Failed payments in the history.")
    last_payment_at: Instant = field("Last succeeded payment, UTC.", nullable=True)
    unpaid_invoice_count: Integer = field("Open invoices with something left to pay.")
    unpaid_amount: Money = field("Left to pay on them, in `currency`.", nullable=True, unit="major")
    oldest_unpaid_days: Integer = field("Days since the oldest of them was finalised.", nullable=True)
    cancel_at: Instant = field("Will end then, UTC.", nullable=True)
    trial_end_at: Instant = field("End of the trial, UTC.", nullable=True)
    ended_at: Instant = field("End, UTC.", nullable=True)
    is_reconstructed: Flag = field("MRR rests on anything but snapshots.")

    class Config:
        """One row per day and subscription."""

        unique = ["as_of_date", "source_account", "subscription_id"]


@table(
    FctSubscriptionHealth,
    write=ReplacePartition("as_of_date"),
    ages_by="day",
    traces={"dim_subscription": _SAME, "fct_mrr": _SAME, "fct_invoice": _SAME, "fct_payment_transaction": _SAME},
)
def fct_subscription_health(
    dim_subscription: ir.Table,
    fct_mrr: ir.Table,
    fct_invoice: ir.Table,
    fct_payment_transaction: ir.Table,
    currency: ir.Table,
    *,
    as_of: datetime.date,
    reporting_zone: str,
) -> ir.Table:
    """One row per subscription, ended ones included, as of the load date; days and months in the reporting zone."""
    known = dim_subscription.left_join(_recurring(fct_mrr, as_of), _KEY)
    paid = known.left_join(_payments(fct_payment_transaction, as_of), _KEY, rname="p_{name}")
    owed = paid.left_join(_unpaid(fct_invoice, reporting_zone, as_of), _KEY, rname="u_{name}")
    counted = with_exponent(owed, currency)
    counted = counted.mutate(
        **{c: counted[c].fill_null(0) for c in (*_FAILURES, "unpaid_invoice_count", "unpaid_minor", "item_count")}
    )
    return shaped(
        counted,
        FctSubscriptionHealth,
        as_of_date=ibis.literal(as_of),
        **_health(counted),
        months_active_count=_months_active(counted, reporting_zone, as_of),
        unpaid_amount=amount(major_e8(counted.unpaid_minor, counted.exponent)),
        mrr_amount=ibis.ifelse(counted.unknown_count.fill_null(0) > 0, ibis.null("decimal(38, 8)"), _zero(counted.mrr_amount)),
        mrr_reporting_amount=ibis.ifelse(
            counted.unreported_count.fill_null(0) > 0, ibis.null("decimal(38, 8)"), _zero(counted.mrr_reporting_amount)
        ),
        is_reconstructed=counted.reconstructed_count.fill_null(0) > 0,
    )


_FAILURES = ("failed_payment_30d_count", "failed_payment_90d_count", "failed_payment_count")


def _zero(value: ir.DecimalValue) -> ir.DecimalValue:
    return value.fill_null(0).cast("decimal(38, 8)")


def _recurring(fct_mrr: ir.Table, as_of: datetime.date) -> ir.Table:
    """MRR of the running month per subscription; the cycle is that of its first item."""
    now = fct_mrr.filter((fct_mrr.month_start_date == as_of.replace(day=1)) & fct_mrr.is_on_subscription)
    order = ibis.window(group_by=_KEY, order_by=now.subscription_item_id)
    numbered = now.mutate(item_no=ibis.row_number().over(order))
    is_first = numbered.item_no == 0
    return numbered.group_by(_KEY).agg(
        mrr_amount=numbered.mrr_amount.sum().cast("decimal(38, 8)"),
        mrr_reporting_amount=numbered.mrr_reporting_amount.sum().cast("decimal(38, 8)"),
        unknown_count=numbered.count(where=numbered.mrr_amount.isnull()),
        unreported_count=numbered.count(where=numbered.mrr_reporting_amount.isnull()),
        reconstructed_count=numbered.count(where=numbered.is_reconstructed),
        item_count=numbered.count().cast("int64"),
        billing_interval=numbered.billing_interval.max(where=is_first),
        billing_interval_count=numbered.billing_interval_count.max(where=is_first),
    )


def _payments(payments: ir.Table, as_of: datetime.date) -> ir.Table:
    seen = payments.filter(payments.subscription_id.notnull() & (payments.created_date <= as_of))
    age = days_between(seen.created_date, as_of)
    has_failed = seen.payment_status == "failed"
    has_moved = seen.payment_status.isin(["disputed", "paid", "refunded"])
    return seen.group_by(_KEY).agg(
        failed_payment_30d_count=seen.count(where=has_failed & (age < RECENT_DAYS)).cast("int64"),
        failed_payment_90d_count=seen.count(where=has_failed & (age < LONG_DAYS)).cast("int64"),
        failed_payment_count=seen.count(where=has_failed).cast("int64"),
        last_payment_at=seen.created_at.max(where=has_moved),
    )


def _unpaid(invoices: ir.Table, reporting_zone: str, as_of: datetime.date) -> ir.Table:
    open_invoices = invoices.filter(
        (invoices.status == "open") & (invoices.remaining_amount_minor > 0) & invoices.subscription_id.notnull()
    )
    since = local_date(ibis.coalesce(open_invoices.finalized_at, open_invoices.created_at), reporting_zone)
    aged = open_invoices.mutate(age_days=days_between(since, as_of))
    return aged.group_by(_KEY).agg(
        unpaid_invoice_count=aged.count().cast("int64"),
        unpaid_minor=aged.remaining_amount_minor.sum().cast("int64"),
        oldest_unpaid_days=aged.age_days.max(),
    )


def _months_active(row: ir.Table, reporting_zone: str, as_of: datetime.date) -> ir.IntegerValue:
    ended = local_date(row.ended_at, reporting_zone)
    until = ibis.ifelse(ended <= as_of, ended, ibis.literal(as_of))
    last = ibis.coalesce(until, ibis.literal(as_of))
    months = month_index(last) - month_index(row.start_date)
    whole = months - (last.day() < row.start_date.day()).cast("int64")
    return ibis.ifelse(whole < 0, 0, whole)


def _health(row: ir.Table) -> dict[str, ir.StringValue]:
    """The worst level that has a reason, and its reasons."""
    reasons = {
        "churned": [(row.status == name, name) for name in _ENDED],
        "critical": [
            (row.status == "unpaid", "unpaid"),
            (row.oldest_unpaid_days > OLD_INVOICE_DAYS, "invoice_unpaid_over_30_days"),
            (row.failed_payment_90d_count >= MANY_FAILURES, "failures_in_90_days"),
        ],
        "at_risk": [
            (row.status == "past_due", "past_due"),
            (row.cancel_at.notnull() | row.is_cancel_at_period_end, "cancellation_scheduled"),
            (row.failed_payment_30d_count > 0, "failure_in_30_days"),
        ],
    }
    texts = {level: _joined(found) for level, found in reasons.items()}
    branches = [(text != "", level) for level, text in texts.items()]
    return {
        "health_status": ibis.cases(*branches, else_="healthy"),
        "health_reasons": ibis.cases(*((text != "", text) for text in texts.values()), else_=""),
    }


def _joined(reasons: list[tuple[ir.BooleanValue, str]]) -> ir.StringValue:
    text: ir.StringValue = ibis.literal("")
    for holds, reason in reasons:
        separator = ibis.ifelse(text == "", "", ",")
        text = ibis.ifelse(holds.fill_null(False), text + separator + reason, text)
    return text
