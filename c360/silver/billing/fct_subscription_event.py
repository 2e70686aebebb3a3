"""fct_subscription_event: every change of every subscription item, with the whole state after it."""

import datetime
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Merge, table
from c360.contract import Day, Flag, Instant, Integer, Text, field
from c360.expressions.calendar import month_start
from c360.expressions.customers import UNKNOWN_CUSTOMER_REASONS, resolve
from c360.expressions.lineage import Lineage, nullable, shaped
from c360.expressions.money import E8
from c360.expressions.time import is_late, local_date
from c360.silver.billing.observed import ITEM, STATE, observed_points, observed_states
from c360.silver.billing.reconstructed import holding_lines, reconstructed_points, reconstructed_states
from c360.silver.billing.snapshots import (
    POINT_KEY,
    SUBSCRIPTION,
    discount_effects,
    snapshot_discounts,
    snapshots,
    with_effects,
)

EVENT_TYPES = (
    "created",
    "item_added",
    "item_removed",
    "canceled",
    "expired",
    "trial_started",
    "trial_ended",
    "activated",
    "paused",
    "resumed",
    "status_changed",
    "price_changed",
    "quantity_changed",
    "discount_changed",
    "observed",
    "changed",
)
EVIDENCE = ("event", "version", "invoice_line", "dates")
_BEFORE = ("status", "price_id", "quantity", "pause_behavior", "is_on_subscription")
_DISCOUNT = ("percent_factor_e8", "fixed_discount_minor", "has_unknown_discount")


class FctSubscriptionEvent(Lineage):
    """One row per change of a subscription item."""

    subscription_id: Text = field("Stripe's subscription id.", pii="id")
    subscription_item_id: Text = field("Stripe's subscription item id.", pii="id")
    event_at: Instant = field("Instant of the change, UTC.")
    event_type: Text = field("What changed first of all.", pii="enum", isin=EVENT_TYPES)
    event_sequence: Integer = field("Order of changes of one instant, from 0.", ge=0)
    event_date: Day = field("Day of `event_at` in the reporting zone.")
    month_start_date: Day = field("First day of its month.")
    stripe_customer_id: Text = field("Stripe's customer id.", nullable=True, pii="id")
    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    unknown_customer_reason: Text = field(
        "Why the customer is unknown.", nullable=True, pii="enum", isin=UNKNOWN_CUSTOMER_REASONS
    )
    status_before: Text = field("Status before (null: it did not exist).", nullable=True, pii="enum")
    status: Text = field("Status of the subscription after.", pii="enum")
    price_id_before: Text = field("Price before.", nullable=True, pii="id")
    price_id: Text = field("Price after.", nullable=True, pii="id")
    quantity_before: Integer = field("Units before.", nullable=True)
    quantity: Integer = field("Units after.", nullable=True)
    percent_factor_e8: Integer = field("What percent discounts leave, × 10^8.", unit="1e-8", ge=0, le=E8)
    fixed_discount_minor: Integer = field("Amounts off per cycle of the whole subscription.", nullable=True, unit="minor")
    has_unknown_discount: Flag = field("A discount whose terms nothing tells was left out.")
    pause_behavior: Text = field("How a collection pause treats invoices.", nullable=True, pii="enum")
    currency: Text = field("Lower-case ISO 4217 code.", nullable=True, pii="enum")
    is_on_subscription: Flag = field("The item belongs to the subscription after the change.")
    evidence: Text = field("What shows the change.", pii="enum", isin=EVIDENCE)
    is_reconstructed: Flag = field("Rests on anything but snapshots of the subscription.")
    is_late_arriving: Flag = field("Happened more than the allowed days before the load that first saw it.")

    class Config:
        """One row per change."""

        unique = [
            "source_account",
            "subscription_id",
            "subscription_item_id",
            "event_at",
            "event_type",
            "event_sequence",
        ]


@table(
    FctSubscriptionEvent,
    write=Merge(),
    local_to=LocalTo(
        "stripe_customer_id",
        {
            "stripe_subscriptions_versions": "customer",
            "stripe_invoices": "customer",
            "fct_invoice_line": "stripe_customer_id",
            "customer_identity": "source_id",
        },
    ),
    ages_by="month",
    month_column="month_start_date",
    traces={
        "stripe_subscriptions_versions": {"source_account": "source_account", "subscription_id": "record_id"},
        "stripe_events": {"source_account": "source_account", "record_id": "record_id"},
        "fct_invoice_line": {"source_account": "source_account", "record_id": "record_id"},
    },
)
def fct_subscription_event(
    stripe_subscriptions_versions: ir.Table,
    stripe_events: ir.Table,
    stripe_invoices: ir.Table,
    fct_invoice_line: ir.Table,
    customer_identity: ir.Table,
    *,
    as_of: datetime.date,
    reporting_zone: str,
    late_after_days: int,
    first_load_date: datetime.date,
) -> ir.Table:
    """One row per change of a subscription item until `as_of`; events of a subscription fan out to its items. Instants UTC.

    What counts as known of the past is docs/decisions/0001-subscription-evidence.md. The state at an instant is that of the
    last row before it.
    """
    taken = snapshots(nullable(stripe_subscriptions_versions), nullable(stripe_events))
    discounts = snapshot_discounts(taken, nullable(stripe_invoices))
    states = _states(taken, discounts, nullable(fct_invoice_line))
    dated = states.mutate(event_date=local_date(states.event_at, reporting_zone))
    changes = _changes(dated.filter(dated.event_date <= as_of))
    resolved = resolve(changes, customer_identity, source_system="stripe", id_column="stripe_customer_id")
    return shaped(
        resolved,
        FctSubscriptionEvent,
        event_type=_event_type(resolved),
        month_start_date=month_start(resolved.event_date),
        is_late_arriving=is_late(
            resolved.event_at,
            resolved.first_date_loaded,
            late_after_days=late_after_days,
            first_load_date=first_load_date,
        ),
    )


def _states(taken: ir.Table, discounts: ir.Table, lines: ir.Table) -> ir.Table:
    """The state of each item at every instant at which it may have changed."""
    holding = holding_lines(lines)
    seen = observed_points(taken, discounts)
    rebuilt = reconstructed_points(taken, discounts, lines, holding)
    points = nullable(seen.select(*POINT_KEY)).union(nullable(rebuilt.select(*POINT_KEY)))
    effects = discount_effects(points, discounts)
    observed = observed_states(with_effects(seen, effects), taken)
    reconstructed = reconstructed_states(with_effects(rebuilt, effects), holding)
    return nullable(observed).union(nullable(reconstructed))


def _changes(states: ir.Table) -> ir.Table:
    """States that differ from the one before, numbered within an instant, with what was before."""
    signed = states.mutate(signature=_signature(states))
    compared = signed.mutate(last_signature=signed.signature.lag().over(_in_order(signed)))
    changed = compared.filter(compared.last_signature.isnull() | (compared.last_signature != compared.signature)).drop(
        "signature", "last_signature"
    )
    in_order = _in_order(changed)
    at_once = ibis.window(group_by=[*ITEM, "event_at"], order_by=[changed.order_no, changed.evidence])
    whole = ibis.window(group_by=SUBSCRIPTION)
    return changed.mutate(
        **{f"{c}_before": changed[c].lag().over(in_order) for c in (*_BEFORE, *_DISCOUNT)},
        change_no=ibis.row_number().over(in_order),
        event_sequence=ibis.row_number().over(at_once),
        subscription_from=changed.event_at.min().over(whole),
    )


def _in_order(states: ir.Table) -> Any:
    return ibis.window(group_by=ITEM, order_by=[states.event_at, states.order_no, states.evidence])


def _signature(states: ir.Table) -> ir.StringValue:
    """The state as one text, so that nulls compare like values."""
    parts = [states[c].cast("string").fill_null("") for c in STATE]
    return reduce(lambda left, right: left + "|" + right, parts)


def _event_type(change: ir.Table) -> ir.StringValue:
    was, now = change.status_before, change.status
    status_changed = was != now
    paused, unpaused = change.pause_behavior_before.isnull(), change.pause_behavior.isnull()
    return ibis.cases(
        ((change.change_no == 0) & (change.event_at == change.subscription_from), "created"),
        (change.change_no == 0, "item_added"),
        (change.is_on_subscription & ~change.is_on_subscription_before, "item_added"),
        (~change.is_on_subscription & change.is_on_subscription_before, "item_removed"),
        (status_changed & (now == "canceled"), "canceled"),
        (status_changed & (now == "incomplete_expired"), "expired"),
        (status_changed & (now == "trialing"), "trial_started"),
        (status_changed & (now == "paused"), "paused"),
        (status_changed & (was == "paused"), "resumed"),
        (status_changed & (was == "trialing"), "trial_ended"),
        (status_changed & (was == "incomplete"), "activated"),
        (status_changed, "status_changed"),
        (paused & ~unpaused, "paused"),
        (~paused & unpaused, "resumed"),
        (~change.price_id.identical_to(change.price_id_before), "price_changed"),
        (~change.quantity.identical_to(change.quantity_before), "quantity_changed"),
        (_discount_changed(change), "discount_changed"),
        (~change.is_reconstructed, "observed"),
        else_="changed",
    )


def _discount_changed(change: ir.Table) -> ir.BooleanValue:
    differs = [~change[c].identical_to(change[f"{c}_before"]) for c in _DISCOUNT]
    return reduce(lambda left, right: left | right, differs)
