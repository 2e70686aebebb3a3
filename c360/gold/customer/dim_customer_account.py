"""Everything worth knowing about a customer at a glance, as of the load date."""

from datetime import date
from functools import reduce

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from c360.catalog import LocalTo, Overwrite, table
from c360.contract import Contract, Day, Flag, Integer, Money, Share, Text, field, row_check
from c360.expressions.calendar import month_start
from c360.expressions.customers import resolve
from c360.expressions.domains import code, is_true
from c360.expressions.lineage import shaped
from c360.expressions.money import amount
from c360.expressions.time import local_date
from c360.gold.customer.open_amounts import (
    BALANCE,
    PIPELINE,
    UNPAID,
    WEIGHTED,
    in_reporting_currency,
    open_amounts,
)
from c360.gold.revenue.fct_monthly_revenue import STATES
from c360.gold.revenue.rates import with_exponent

CUSTOMER_STATUSES = ("active", "deleted", "unknown")
NO_SUBSCRIPTION = "none"
_REPORTING = "major units of the reporting currency"


class DimCustomerAccount(Contract):
    """One row per row of `dim_customer`, the unknown member included (`is_unknown`; no customer, counts as none).

    Amounts are in the reporting currency: revenue and MRR at the rates of their days, what is still open (pipeline, unpaid
    invoices, balance) at the load date's. What has no rate is left out of the sums and counted in `unconverted_*_count`.
    """

    customer_id: Text = field("The customer; stable.", pii="id")
    display_name: Text = field("Name of the business account, else the source's id.", pii="organisation")
    name: Text = field("Name of the Salesforce business account.", nullable=True, pii="organisation")
    industry: Text = field("Industry.", nullable=True, pii="organisation")
    account_type: Text = field("Salesforce's type of the account.", nullable=True, pii="organisation")
    country: Text = field("Country of the billing address.", nullable=True, pii="organisation")
    state: Text = field("State of the same address.", nullable=True, pii="organisation")
    owner_id: Text = field("Salesforce user who owns the account.", nullable=True, pii="id")
    owner_name: Text = field("That user's name.", nullable=True, pii="staff")
    status: Text = field("`active` while a record of it is live.", pii="enum", isin=CUSTOMER_STATUSES)
    is_unknown: Flag = field("Whether this is the unknown member.")
    is_person: Flag = field("Whether one of its accounts is a person account.")
    is_deleted: Flag = field("Whether all its records are deleted.")
    has_salesforce: Flag = field("Whether Salesforce knows it.")
    has_stripe: Flag = field("Whether Stripe knows it.")
    is_matched: Flag = field("Whether both know it.")
    reconciliation_confidence: Share = field("Probability of the strongest link; 0 without.", ge=0, le=1)
    match_rule: Text = field("Rule of that link.", nullable=True, pii="enum")
    salesforce_account_id: Text = field("Its best account.", nullable=True, pii="id")
    stripe_customer_id: Text = field("Its best Stripe customer.", nullable=True, pii="id")
    salesforce_account_count: Integer = field("Its accounts, deleted and merged ones too.", ge=0)
    stripe_customer_count: Integer = field("Its Stripe customers, deleted ones too.", ge=0)
    stripe_status: Text = field("Best state of its subscriptions.", pii="enum", isin=STATES)
    mrr_amount: Money = field("MRR of the running month; null without a rate.", nullable=True, unit=_REPORTING)
    is_mrr_complete: Flag = field("No item's MRR was left out of it because it cannot be computed yet.")
    revenue_amount: Money = field("Paid since the start of the history.", unit=_REPORTING, ge=0)
    net_revenue_amount: Money = field("The same less refunds, lost disputes and out-of-band credit.", unit=_REPORTING)
    is_rate_missing: Flag = field("Revenue of a month lacks an exchange rate and is in no sum.")
    open_opportunity_count: Integer = field("Open deals.")
    open_pipeline_amount: Money = field("Amount of open deals.", unit=_REPORTING)
    weighted_pipeline_amount: Money = field("The same × probability share.", unit=_REPORTING)
    unconverted_opportunity_count: Integer = field("Open deals without amount, currency or rate.", ge=0)
    unpaid_invoice_count: Integer = field("Open invoices with something left to pay.")
    unpaid_amount: Money = field("What is left to pay of them.", unit=_REPORTING, ge=0)
    unconverted_invoice_count: Integer = field("Such invoices without a rate.", ge=0)
    balance_amount: Money = field("Stripe balance: owed if positive, credit if negative.", unit=_REPORTING)
    unconverted_balance_count: Integer = field("Balances without a rate.", ge=0)
    first_activity_date: Day = field("First deal, invoice or charge (reporting zone).", nullable=True)
    last_activity_date: Day = field("Last deal entered or changed, invoice or charge.", nullable=True)

    class Config:
        """One row per customer."""

        unique = ["customer_id"]

    @row_check("more deals or invoices without a rate than there are")
    def unconverted_are_some(cls, row: ir.Table) -> ir.BooleanValue:
        deals = row.unconverted_opportunity_count <= row.open_opportunity_count
        return deals & (row.unconverted_invoice_count <= row.unpaid_invoice_count)

    @row_check("the first activity is later than the last")
    def activities_are_in_order(cls, row: ir.Table) -> ir.BooleanValue:
        return row.first_activity_date <= row.last_activity_date


_BY_CUSTOMER = dict.fromkeys(
    ("dim_customer", "fct_monthly_revenue", "fct_opportunity", "fct_invoice", "fct_payment_transaction"), "customer_id"
)


@table(
    DimCustomerAccount,
    write=Overwrite(),
    local_to=LocalTo("customer_id", _BY_CUSTOMER),
    ages_by="day",
    traces={name: {"customer_id": "customer_id"} for name in _BY_CUSTOMER},
)
def dim_customer_account(
    dim_customer: ir.Table,
    fct_monthly_revenue: ir.Table,
    fct_opportunity: ir.Table,
    fct_invoice: ir.Table,
    fct_payment_transaction: ir.Table,
    stripe_customers: ir.Table,
    customer_identity: ir.Table,
    fx_rate: ir.Table,
    currency: ir.Table,
    *,
    as_of: date,
    reporting_zone: str,
    reporting_currency: str,
) -> ir.Table:
    """One row per customer: who it is, what it pays, what is open, and when it was last active."""
    amounts = open_amounts(
        fct_opportunity,
        with_exponent(fct_invoice, currency),
        with_exponent(_balances(stripe_customers, customer_identity), currency),
    )
    priced = in_reporting_currency(amounts, fx_rate, day=as_of, reporting_currency=reporting_currency)
    parts = [
        _revenue(fct_monthly_revenue, as_of),
        _open(priced),
        _activity(fct_opportunity, fct_invoice, fct_payment_transaction, reporting_zone),
    ]
    return _filled(reduce(_beside, parts, dim_customer))


def _revenue(months: ir.Table, as_of: date) -> ir.Table:
    is_running = months.month_start_date == month_start(ibis.literal(as_of))
    return months.group_by("customer_id").agg(
        revenue_amount=months.revenue_amount.sum(),
        net_revenue_amount=months.net_revenue_amount.sum(),
        running_mrr_amount=months.mrr_amount.sum(where=is_running),
        has_unknown_mrr=(is_running & months.mrr_amount.isnull()).cast("int64").max() == 1,
        has_partial_mrr=(is_running & ~months.is_mrr_complete).cast("int64").max() == 1,
        is_rate_missing=is_true(months.is_rate_missing).cast("int64").max() == 1,
        stripe_status=ibis.ifelse(is_running, months.subscription_state, ibis.null("string")).max(),
    )


def _balances(customers: ir.Table, identity: ir.Table) -> ir.Table:
    """Stripe customers that are not deleted, with `customer_id`, `balance` and `currency`."""
    live = customers.filter(~customers.is_deleted & ~is_true(customers.deleted))
    found = resolve(live, identity, source_system="stripe", id_column="record_id")
    return found.select("customer_id", "balance", currency=code(found.currency))


def _open(sums: ir.Table) -> ir.Table:
    """One row per customer: the sums of each kind side by side."""

    def total(kind: str) -> ir.IntegerValue:
        owed = sums.open_e8.sum(where=(sums.kind == kind) & ~sums.is_negative)
        credit = sums.open_e8.sum(where=(sums.kind == kind) & sums.is_negative)
        return ibis.coalesce(owed, 0) - ibis.coalesce(credit, 0)

    return sums.group_by("customer_id").agg(
        open_opportunity_count=sums.open_count.sum(where=sums.kind == PIPELINE),
        open_pipeline_e8=total(PIPELINE),
        weighted_pipeline_e8=total(WEIGHTED),
        unconverted_opportunity_count=sums.unconverted_count.sum(where=sums.kind == PIPELINE),
        unpaid_invoice_count=sums.open_count.sum(where=sums.kind == UNPAID),
        unpaid_e8=total(UNPAID),
        unconverted_invoice_count=sums.unconverted_count.sum(where=sums.kind == UNPAID),
        balance_e8=total(BALANCE),
        unconverted_balance_count=sums.unconverted_count.sum(where=sums.kind == BALANCE),
    )


def _activity(deals: ir.Table, invoices: ir.Table, charges: ir.Table, zone: str) -> ir.Table:
    """First and last day on which something happened. A deleted deal did happen."""
    parts = [
        deals.select("customer_id", day=deals.created_date),
        deals.select("customer_id", day=local_date(deals.updated_at, zone)),
        invoices.select("customer_id", day=local_date(invoices.created_at, zone)),
        invoices.select("customer_id", day=invoices.paid_date),
        charges.select("customer_id", day=charges.created_date),
    ]
    days = ibis.union(*(part.cast({"customer_id": dt.string, "day": dt.date}) for part in parts))  # all nullable
    return days.group_by("customer_id").agg(first_activity_date=days.day.min(), last_activity_date=days.day.max())


def _beside(customers: ir.Table, part: ir.Table) -> ir.Table:
    return customers.left_join(part, "customer_id").drop("customer_id_right")


def _filled(rows: ir.Table) -> ir.Table:
    """Where there is nothing, counts and amounts are zero."""
    numbers = [c for c in rows.columns if c.endswith(("_amount", "_count"))]
    zeros = {c: rows[c].fill_null(ibis.literal(0).cast(rows[c].type())) for c in numbers}
    open_now = ("open_pipeline", "weighted_pipeline", "unpaid", "balance")
    amounts = {f"{name}_amount": amount(rows[f"{name}_e8"].fill_null(0)) for name in open_now}
    mrr = ibis.ifelse(is_true(rows.has_unknown_mrr), ibis.null("decimal(38, 8)"), zeros["running_mrr_amount"])
    return shaped(
        rows,
        DimCustomerAccount,
        **zeros,
        **amounts,
        mrr_amount=mrr,
        is_mrr_complete=~is_true(rows.has_partial_mrr),
        is_rate_missing=is_true(rows.is_rate_missing),
        stripe_status=rows.stripe_status.fill_null(NO_SUBSCRIPTION),
    )
