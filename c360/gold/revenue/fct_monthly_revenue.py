"""fct_monthly_revenue: money and recurring revenue per customer and month, in the reporting currency."""

import datetime

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Merge, table
from c360.contract import Contract, Day, Flag, Integer, Money, Text, field
from c360.expressions.calendar import month_start
from c360.expressions.lineage import nullable, shaped
from c360.expressions.money import amount, converted_e8
from c360.gold.revenue.money_facts import MEASURES, counts, money_facts
from c360.gold.revenue.rates import with_exponent, with_rate
from c360.gold.revenue.spine import months_since_first

STATES = ("active", "past_due", "trialing", "paused", "unpaid", "incomplete", "canceled", "none")
"""Best first."""

NEVER_ACTIVE = ("incomplete", "incomplete_expired")
_CUSTOMER = {"customer_id": "customer_id"}
_KEY = ["customer_id", "month_start_date"]
_NONE, _CANCELED = len(STATES) - 1, len(STATES) - 2


class FctMonthlyRevenue(Contract):
    """One row per customer and month."""

    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    month_start_date: Day = field("First day of the month.")
    revenue_amount: Money = field(
        "Paid on invoices, tax included.", nullable=True, unit="reporting currency", ge=0, expectation="GE-002"
    )
    tax_amount: Money = field("Tax in it.", nullable=True, unit="reporting currency")
    out_of_band_amount: Money = field("Part of it paid outside Stripe.", nullable=True, unit="reporting currency")
    discount_amount: Money = field("Discounts on those invoices.", nullable=True, unit="reporting currency")
    refund_amount: Money = field("Given back.", nullable=True, unit="reporting currency")
    dispute_lost_amount: Money = field("Lost in disputes.", nullable=True, unit="reporting currency")
    credit_note_amount: Money = field("Credit notes, shown apart.", nullable=True, unit="reporting currency")
    credit_note_out_of_band_amount: Money = field("Part given back outside Stripe.", nullable=True, unit="reporting currency")
    net_revenue_amount: Money = field(
        "Revenue less refunds, lost disputes and credit notes out of band.", nullable=True, unit="reporting currency"
    )
    invoice_count: Integer = field("Paid invoices.", nullable=True)
    payment_count: Integer = field("Succeeded payments.", nullable=True)
    subscription_state: Text = field(
        "Best state of the customer's subscriptions at the month's end; null before the history.",
        nullable=True,
        pii="enum",
        isin=STATES,
    )
    mrr_amount: Money = field(
        "MRR at the month's end (see fct_mrr); null before the history or without a rate.",
        nullable=True,
        unit="reporting currency",
    )
    is_mrr_complete: Flag = field("No item's MRR was left out because it cannot be computed yet.", nullable=True)
    is_new_subscription: Flag = field("A subscription of the customer started in the month.")
    is_reconstructed: Flag = field("MRR or state rest on anything but snapshots.")
    is_rate_missing: Flag = field("An exchange rate is missing; what needs it is null.")
    is_before_history: Flag = field("Before the history the lake holds: amounts are unknown, not 0.")

    class Config:
        """One row per customer and month."""

        unique = ["customer_id", "month_start_date"]


@table(
    FctMonthlyRevenue,
    write=Merge(),
    local_to=LocalTo(
        "customer_id",
        {
            "fct_invoice": "customer_id",
            "fct_payment_transaction": "customer_id",
            "fct_refund": "customer_id",
            "fct_dispute": "customer_id",
            "fct_credit_note": "customer_id",
            "fct_mrr": "customer_id",
            "dim_subscription": "customer_id",
        },
    ),
    ages_by="month",
    month_column="month_start_date",
    traces={
        "fct_invoice": _CUSTOMER,
        "fct_payment_transaction": _CUSTOMER,
        "fct_refund": _CUSTOMER,
        "fct_dispute": _CUSTOMER,
        "fct_credit_note": _CUSTOMER,
        "fct_mrr": _CUSTOMER,
        "dim_subscription": _CUSTOMER,
    },
)
def fct_monthly_revenue(
    fct_invoice: ir.Table,
    fct_payment_transaction: ir.Table,
    fct_refund: ir.Table,
    fct_dispute: ir.Table,
    fct_credit_note: ir.Table,
    fct_mrr: ir.Table,
    dim_subscription: ir.Table,
    currency: ir.Table,
    fx_rate: ir.Table,
    *,
    history_from: datetime.date,
    as_of: datetime.date,
    reporting_currency: str,
) -> ir.Table:
    """One row per customer × month from its first subscription, or first money inside the history, to `as_of`.

    Each invoice, refund, dispute and credit note is converted at the rate of its own day and rounded half-up to 8 decimals, then
    added. Months before the history are null and marked; 0 where nothing moved. Days and months are of the reporting zone.
    """
    facts = money_facts(
        fct_invoice,
        fct_payment_transaction,
        fct_refund,
        fct_dispute,
        fct_credit_note,
        history_from=history_from,
        as_of=as_of,
    )
    rated = with_rate(with_exponent(facts, currency), fx_rate, "fact_date", reporting_currency)
    subscriptions = nullable(dim_subscription)
    rows = months_since_first(
        facts.select("customer_id", first_date="fact_date").union(subscriptions.select("customer_id", first_date="start_date")),
        ["customer_id"],
        as_of,
    )
    joined = _joined(rows, _money(rated), _recurring(fct_mrr), _starts(subscriptions))
    return _outcome(joined, history_from)


def _joined(rows: ir.Table, money: ir.Table, recurring: ir.Table, starts: ir.Table) -> ir.Table:
    began = starts.filter(starts.is_new).select(*_KEY).distinct().mutate(is_new=True)
    first = starts.group_by("customer_id").agg(first_month=starts.month_start_date.min())
    with_money = rows.left_join(money, _KEY).drop("customer_id_right", "month_start_date_right")
    with_mrr = with_money.left_join(recurring, _KEY).drop("customer_id_right", "month_start_date_right")
    with_new = with_mrr.left_join(began, _KEY).drop("customer_id_right", "month_start_date_right")
    return with_new.left_join(first, "customer_id").drop("customer_id_right")


def _money(rated: ir.Table) -> ir.Table:
    """Sums in e8 of the reporting currency; null where a rate is missing for an amount that is not 0."""
    value = ibis.ifelse(rated.amount_minor == 0, 0, converted_e8(rated.amount_minor, rated.exponent, rated.rate_e12))
    valued = rated.mutate(value_e8=value)
    sums = {f"{m}_e8": valued.value_e8.sum(where=valued.measure == m).fill_null(0).cast("int64") for m in MEASURES}
    missing = {f"{m}_missing": valued.count(where=(valued.measure == m) & valued.value_e8.isnull()) for m in MEASURES}
    return valued.group_by(_KEY).agg(**sums, **missing, **counts(valued))


def _recurring(fct_mrr: ir.Table) -> ir.Table:
    ranks = [(fct_mrr.status == state, rank) for rank, state in enumerate(STATES)]
    ranked = fct_mrr.mutate(rank=ibis.cases(*ranks, else_=_CANCELED))
    is_unknown = ranked.mrr_amount.isnull()
    return ranked.group_by(_KEY).agg(
        mrr_amount=ranked.mrr_reporting_amount.sum().fill_null(0).cast("decimal(38, 8)"),
        state_rank=ranked["rank"].min(),
        unknown_count=ranked.count(where=is_unknown),
        rate_missing_count=ranked.count(where=ranked.is_rate_missing),
        reconstructed_count=ranked.count(where=ranked.is_reconstructed),
    )


def _starts(subscriptions: ir.Table) -> ir.Table:
    """Months in which subscriptions started; new is one that was not left incomplete."""
    return subscriptions.select(
        "customer_id",
        month_start_date=month_start(subscriptions.start_date),
        is_new=~subscriptions.status.isin(sorted(NEVER_ACTIVE)),
    )


def _outcome(joined: ir.Table, history_from: datetime.date) -> ir.Table:
    is_before = joined.month_start_date < history_from.replace(day=1)
    e8 = {m: _known(joined, m, is_before) for m in MEASURES}
    net = e8["revenue"] - e8["refund"] - e8["dispute_lost"] - e8["credit_note_out_of_band"]
    has_no_rate = joined.rate_missing_count.fill_null(0) > 0
    for m in MEASURES:
        has_no_rate = has_no_rate | (joined[f"{m}_missing"].fill_null(0) > 0)
    no_mrr = is_before | (joined.rate_missing_count.fill_null(0) > 0)
    return shaped(
        joined,
        FctMonthlyRevenue,
        **{f"{m}_amount": amount(value) for m, value in e8.items()},
        net_revenue_amount=amount(net),
        **{c: ibis.ifelse(is_before, ibis.null("int64"), joined[c].fill_null(0)) for c in ("invoice_count", "payment_count")},
        subscription_state=_state(joined, is_before),
        mrr_amount=ibis.ifelse(no_mrr, ibis.null("decimal(38, 8)"), joined.mrr_amount.fill_null(0)),
        is_mrr_complete=ibis.ifelse(is_before, ibis.null("boolean"), joined.unknown_count.fill_null(0) == 0),
        is_new_subscription=joined.is_new.fill_null(False) & ~is_before,
        is_reconstructed=joined.reconstructed_count.fill_null(0) > 0,
        is_rate_missing=has_no_rate,
        is_before_history=is_before,
    )


def _known(joined: ir.Table, measure: str, is_before: ir.BooleanValue) -> ir.IntegerValue:
    is_unknown = is_before | (joined[f"{measure}_missing"].fill_null(0) > 0)
    return ibis.ifelse(is_unknown, ibis.null("int64"), joined[f"{measure}_e8"].fill_null(0))


def _state(joined: ir.Table, is_before: ir.BooleanValue) -> ir.StringValue:
    """fct_mrr has no rows after a subscription's end: what started and is no more, is canceled."""
    has_started = (joined.first_month <= joined.month_start_date).fill_null(False)
    rank = ibis.coalesce(joined.state_rank, ibis.ifelse(has_started, _CANCELED, _NONE))
    names = [(rank == number, name) for number, name in enumerate(STATES)]
    return ibis.ifelse(is_before, ibis.null("string"), ibis.cases(*names, else_=ibis.null("string")))
