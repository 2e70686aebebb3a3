"""Expectations on what was loaded (BE-…). BE-002 and BE-102 are row rules and stand in the contracts."""

from datetime import date

import ibis
import ibis.expr.types as ir

from c360.quality.conditions import is_true
from c360.quality.expectation import Finding, expectation, samples_of, share_of

MANIFEST = "bronze.load_manifest"
TOLERATED_GONE = 10
_PARTS = 1_000_000
_LOAD = ("source_system", "source_account", "entity")


@expectation(
    "BE-001",
    "P0",
    "ingest",
    MANIFEST,
    "After the load each entity has at least 95 % of its live records, unless at most 10 are gone.",
    threshold=0.05,
    measure="largest_gone_share",
)
def live_records_stay(load_manifest: ir.Table, *, as_of: date, threshold: float) -> Finding:
    """One checked row per entity of the load; the measured value is the largest share of an entity's records that is gone.

    Logs (events, balance transactions) pass by themselves: nothing makes tombstones for them.
    """
    loads = load_manifest.filter(load_manifest.load_date == ibis.literal(as_of))
    gone = loads.live_count_before - loads.live_count_after
    is_many = gone > TOLERATED_GONE
    gone_share = ibis.ifelse(is_many, gone / loads.live_count_before.nullif(0), 0.0)
    is_failing = is_many & (gone * _PARTS > loads.live_count_before * round(threshold * _PARTS))
    summary = loads.aggregate(
        rows_checked=loads.count(),
        rows_failing=loads.count(where=is_failing),
        measured_value=gone_share.max(),
    )
    return Finding(summary, samples_of(loads.filter(is_failing), _LOAD))


@expectation("BE-004", "P0", "ingest", MANIFEST, "Every entity of the day is complete.")
def day_is_complete(load_manifest: ir.Table, *, as_of: date) -> Finding:
    """One checked row per entity ever loaded from an account; it fails without a complete load on the day.

    The deadline is no property of tables: `c360.quality.deadline`.
    """
    upto = load_manifest.filter(load_manifest.load_date <= ibis.literal(as_of))
    is_done = (upto.load_date == ibis.literal(as_of)) & upto.is_complete
    entities = upto.group_by(list(_LOAD)).aggregate(complete_loads=upto.count(where=is_done))
    return share_of(entities, entities.complete_loads == 0, _LOAD)


@expectation(
    "BE-003",
    "P1",
    "silver",
    "vault.identity_record",
    "At most 5 % of Stripe customers have neither an e-mail nor an account id in their metadata.",
    threshold=0.05,
)
def stripe_customers_can_be_matched(identity_record: ir.Table) -> Finding:
    """One checked row per live Stripe customer."""
    record = identity_record
    customers = record.filter((record.source_system == "stripe") & (record.source_entity == "customer") & ~record.is_deleted)
    is_mute = customers.email.isnull() & customers.metadata_account_id.isnull()
    return share_of(customers, is_mute, ("source_account", "source_id"))


@expectation(
    "BE-101",
    "P1",
    "silver",
    "silver.fct_opportunity",
    "At least 99 % of opportunities have an account, an amount and a close date.",
    threshold=0.01,
)
def opportunities_are_complete(fct_opportunity: ir.Table) -> Finding:
    """One checked row per live opportunity."""
    deals = fct_opportunity.filter(~is_true(fct_opportunity.is_deleted))
    lacks = deals.salesforce_account_id.isnull() | deals.amount.isnull() | deals.close_date.isnull()
    return share_of(deals, lacks, ("source_account", "opportunity_id"))
