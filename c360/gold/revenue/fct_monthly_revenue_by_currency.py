"""fct_monthly_revenue_by_currency: money per customer, month and currency, as billed."""

import datetime

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Merge, table
from c360.contract import Contract, Day, Flag, Integer, Money, Text, field
from c360.expressions.lineage import nullable, shaped
from c360.expressions.money import amount, major_e8
from c360.gold.revenue.money_facts import MEASURES, counts, money_facts
from c360.gold.revenue.rates import with_exponent
from c360.gold.revenue.spine import months_since_first

_KEY = ["customer_id", "month_start_date", "currency"]


class FctMonthlyRevenueByCurrency(Contract):
    """One row per customer, month and currency."""

    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    month_start_date: Day = field("First day of the month.")
    currency: Text = field("Lower-case ISO 4217 code.", pii="enum")
    revenue_amount: Money = field("Paid on invoices, tax included.", nullable=True, unit="major", ge=0, expectation="GE-002")
    tax_amount: Money = field("Tax in it.", nullable=True, unit="major")
    out_of_band_amount: Money = field("Part of it paid outside Stripe.", nullable=True, unit="major")
    discount_amount: Money = field("Discounts on those invoices.", nullable=True, unit="major")
    refund_amount: Money = field("Given back.", nullable=True, unit="major")
    dispute_lost_amount: Money = field("Lost in disputes.", nullable=True, unit="major")
    credit_note_amount: Money = field("Credit notes, shown apart.", nullable=True, unit="major")
    credit_note_out_of_band_amount: Money = field("Part given back outside Stripe.", nullable=True, unit="major")
    net_revenue_amount: Money = field(
        "Revenue less refunds, lost disputes and credit notes out of band.", nullable=True, unit="major"
    )
    revenue_amount_minor: Integer = field("Revenue in minor units.", nullable=True, unit="minor")
    invoice_count: Integer = field("Paid invoices.", nullable=True)
    payment_count: Integer = field("Succeeded payments.", nullable=True)
    is_before_history: Flag = field("Before the history the lake holds: amounts are unknown, not 0.")

    class Config:
        """One row per customer, month and currency."""

        unique = ["customer_id", "month_start_date", "currency"]


@table(
    FctMonthlyRevenueByCurrency,
    write=Merge(),
    local_to=LocalTo(
        "customer_id",
        {
            "fct_invoice": "customer_id",
            "fct_payment_transaction": "customer_id",
            "fct_refund": "customer_id",
            "fct_dispute": "customer_id",
            "fct_credit_note": "customer_id",
            "dim_subscription": "customer_id",
        },
    ),
    ages_by="month",
    month_column="month_start_date",
    traces={
        "fct_invoice": {"customer_id": "customer_id", "currency": "currency"},
        "fct_payment_transaction": {"customer_id": "customer_id", "currency": "currency"},
        "fct_refund": {"customer_id": "customer_id", "currency": "currency"},
        "fct_dispute": {"customer_id": "customer_id", "currency": "currency"},
        "fct_credit_note": {"customer_id": "customer_id", "currency": "currency"},
        "dim_subscription": {"customer_id": "customer_id", "currency": "currency"},
    },
)
def fct_monthly_revenue_by_currency(
    fct_invoice: ir.Table,
    fct_payment_transaction: ir.Table,
    fct_refund: ir.Table,
    fct_dispute: ir.Table,
    fct_credit_note: ir.Table,
    dim_subscription: ir.Table,
    currency: ir.Table,
    *,
    history_from: datetime.date,
    as_of: datetime.date,
) -> ir.Table:
    """One row per customer × month × currency from the customer's first subscription or money in that currency to `as_of`.

    Amounts are exact decimals in major units of `currency`; 0 where nothing moved, null before the history.
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
    sums = _sums(facts)
    rows = with_exponent(_rows(facts, dim_subscription, as_of), currency)
    joined = rows.left_join(sums, _KEY)
    is_before = joined.month_start_date < history_from.replace(day=1)
    minor = {m: ibis.ifelse(is_before, ibis.null("int64"), joined[f"{m}_minor"].fill_null(0)) for m in MEASURES}
    net = minor["revenue"] - minor["refund"] - minor["dispute_lost"] - minor["credit_note_out_of_band"]
    exact = {f"{m}_amount": amount(major_e8(value, joined.exponent)) for m, value in minor.items()}
    return shaped(
        joined,
        FctMonthlyRevenueByCurrency,
        **exact,
        net_revenue_amount=amount(major_e8(net, joined.exponent)),
        revenue_amount_minor=minor["revenue"],
        **{c: ibis.ifelse(is_before, ibis.null("int64"), joined[c].fill_null(0)) for c in ("invoice_count", "payment_count")},
        is_before_history=is_before,
    )


def _rows(facts: ir.Table, dim_subscription: ir.Table, as_of: datetime.date) -> ir.Table:
    subscriptions = dim_subscription.filter(dim_subscription.currency.notnull())
    started = nullable(subscriptions).select("customer_id", "currency", first_date="start_date")
    moved = facts.select("customer_id", "currency", first_date="fact_date")
    return months_since_first(started.union(moved), ["customer_id", "currency"], as_of)


def _sums(facts: ir.Table) -> ir.Table:
    by_measure = {f"{m}_minor": facts.amount_minor.sum(where=facts.measure == m).fill_null(0).cast("int64") for m in MEASURES}
    return facts.group_by(_KEY).agg(**by_measure, **counts(facts))
