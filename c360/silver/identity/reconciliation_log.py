"""How well Salesforce and Stripe were reconciled on a load date (SE-001, SE-102)."""

from datetime import date

import ibis
import ibis.expr.types as ir

from c360.catalog import ReplacePartition, table
from c360.contract import Contract, Day, Flag, Integer, Share, Text, field
from c360.expressions.lineage import shaped
from c360.identity.rules import RULE_NAMES

LEFT, RIGHT = "salesforce", "stripe"
PRECISION_THRESHOLD = 0.99
"""Least estimated precision of accepted links (SE-001)."""

_MICRO = 1_000_000  # probabilities as integers, so that sums and quantiles do not depend on an engine's floats
_LINK_RULES = tuple(rule for rule in RULE_NAMES if rule != "merged")
_BILLABLE = "Is_Billable__c"


class ReconciliationLog(Contract):
    """One row per load date and pair of systems. Counts are of customers, numerator and denominator of Salesforce accounts.

    An account is expected in Stripe when it is live and has a won opportunity or is marked billable. Accounts in quarantine are
    in neither number.
    """

    load_date: Day = field("Load date.")
    left_source_system: Text = field("One system.", pii="enum", isin=(LEFT,))
    right_source_system: Text = field("The other.", pii="enum", isin=(RIGHT,))
    matched_count: Integer = field("Customers both systems know.", ge=0)
    left_unmatched_count: Integer = field("Customers only Salesforce knows.", ge=0)
    right_unmatched_count: Integer = field("Customers only Stripe knows.", ge=0)
    reviewed_count: Integer = field("Matched customers by decision of people.", ge=0)
    metadata_id_count: Integer = field("Matched by the account id in Stripe's metadata.", ge=0)
    email_count: Integer = field("Matched by an exact personal mailbox.", ge=0)
    email_name_count: Integer = field("Matched by a free, shared or role mailbox and a similar name.", ge=0)
    email_near_name_count: Integer = field("Matched by a mailbox with a typing error and a similar name.", ge=0)
    domain_name_count: Integer = field("Matched by the corporate domain and a similar name.", ge=0)
    name_phone_count: Integer = field("Matched by name and phone number.", ge=0)
    name_address_count: Integer = field("Matched by name and address.", ge=0)
    confidence_min: Share = field("Least confidence of matched customers.", nullable=True, ge=0, le=1)
    confidence_median: Share = field("Lower median of their confidence (SE-102).", nullable=True, ge=0, le=1)
    confidence_p5: Share = field("Confidence that 95 % of them reach (nearest rank).", nullable=True, ge=0, le=1)
    estimated_precision: Share = field("Mean probability of their links.", nullable=True, ge=0, le=1)
    denominator: Integer = field("Accounts expected in Stripe.", unit="accounts", ge=0)
    numerator: Integer = field("Those of them matched with at least the confidence asked for.", unit="accounts", ge=0)
    match_rate: Share = field("Numerator ÷ denominator; null when nothing is expected.", nullable=True, ge=0, le=1)
    threshold: Share = field("Least match rate.", ge=0, le=1)
    precision_threshold: Share = field("Least estimated precision.", ge=0, le=1)
    confidence_threshold: Share = field("Least confidence that counts as matched.", ge=0, le=1)
    passed: Flag = field("Whether rate and precision reach their thresholds; null: not applicable.", nullable=True)

    class Config:
        unique = ["load_date", "left_source_system", "right_source_system"]


@table(ReconciliationLog, write=ReplacePartition("load_date"))
def reconciliation_log(
    customer_identity: ir.Table,
    dim_customer: ir.Table,
    salesforce_accounts: ir.Table,
    salesforce_opportunities: ir.Table,
    *,
    as_of: date,
    match_confidence: float,
    match_rate: float,
) -> ir.Table:
    """One row for `as_of`, also when there is nothing to reconcile.

    Section 4 of the specification: a rate alone rewards over-matching, so the estimated precision decides with it.
    """
    customers = dim_customer.filter(~dim_customer.is_unknown)
    expected = _expected_accounts(salesforce_accounts, salesforce_opportunities)
    rates = _rates(expected, customer_identity, customers, match_confidence)
    log = _counts(customers).cross_join(_confidences(customers)).cross_join(rates)
    rate = log.numerator.cast("float64") / log.denominator.nullif(0).cast("float64")
    is_rate_reached = rate >= match_rate
    is_precise = (log.estimated_precision >= PRECISION_THRESHOLD).fill_null(False)
    return shaped(
        log,
        ReconciliationLog,
        load_date=ibis.literal(as_of),
        left_source_system=ibis.literal(LEFT),
        right_source_system=ibis.literal(RIGHT),
        match_rate=rate,
        threshold=ibis.literal(float(match_rate)),
        precision_threshold=ibis.literal(PRECISION_THRESHOLD),
        confidence_threshold=ibis.literal(float(match_confidence)),
        passed=ibis.ifelse(log.denominator == 0, ibis.null("boolean"), is_rate_reached & is_precise),
    )


def _counts(customers: ir.Table) -> ir.Table:
    def count(condition: ir.BooleanValue) -> ir.IntegerValue:
        return condition.fill_null(False).cast("int64").sum().fill_null(0)

    by_rule = {f"{rule}_count": count(customers.match_rule == rule) for rule in _LINK_RULES}
    return customers.aggregate(
        matched_count=count(customers.is_matched),
        left_unmatched_count=count(customers.has_salesforce & ~customers.has_stripe),
        right_unmatched_count=count(customers.has_stripe & ~customers.has_salesforce),
        **by_rule,
    )


def _confidences(customers: ir.Table) -> ir.Table:
    """Quantiles by rank and mean of the matched customers' confidence, all in integers until the last division."""
    matched = customers.filter(customers.is_matched)
    micro = (matched.reconciliation_confidence * _MICRO).round().cast("int64")
    sorted_window = ibis.window(order_by=[micro, matched.customer_id])
    ranked = matched.select(
        micro=micro, position=ibis.row_number().over(sorted_window), total=matched.count().over(ibis.window())
    )

    def at(position: ir.IntegerValue) -> ir.FloatingValue:
        return ibis.ifelse(ranked.position == position, ranked.micro, ibis.null("int64")).max() / float(_MICRO)

    mean = ranked.micro.sum().cast("float64") / (ranked.count() * _MICRO).nullif(0).cast("float64")
    return ranked.aggregate(
        confidence_min=ranked.micro.min() / float(_MICRO),
        confidence_median=at((ranked.total - 1) // 2),
        confidence_p5=at((ranked.total * 5 + 99) // 100 - 1),
        estimated_precision=mean,
    )


def _expected_accounts(accounts: ir.Table, opportunities: ir.Table) -> ir.Table:
    """Accounts that should be in Stripe: with a won opportunity, or marked billable where the organisation has that field."""
    is_won = opportunities.IsWon.fill_null(False) & ~opportunities.is_deleted
    won = opportunities.filter(is_won).select("source_account", source_id="AccountId").distinct()
    with_won = accounts.select(
        "source_account",
        source_id="record_id",
        is_billable=accounts[_BILLABLE].fill_null(False),
    ).left_join(won, ["source_account", "source_id"])
    return with_won.filter(with_won.is_billable | with_won.source_id_right.notnull()).select("source_account", "source_id")


def _rates(expected: ir.Table, identity: ir.Table, customers: ir.Table, match_confidence: float) -> ir.Table:
    is_live = (identity.source_system == LEFT) & ~identity.is_deleted & identity.master_id.isnull()
    live = identity.filter(is_live).select("source_account", "source_id", "customer_id")
    confident = customers.select("customer_id", "is_matched", "reconciliation_confidence")
    found = expected.join(live, ["source_account", "source_id"]).join(confident, "customer_id")
    is_matched = found.is_matched & (found.reconciliation_confidence >= match_confidence)
    return found.aggregate(denominator=found.count(), numerator=is_matched.cast("int64").sum().fill_null(0))
