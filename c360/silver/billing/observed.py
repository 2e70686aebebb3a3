"""States of subscription items from the first snapshot on: the newest snapshot says everything."""

import ibis
import ibis.expr.types as ir

from c360.expressions.lineage import LINEAGE
from c360.silver.billing.snapshots import ENDED, SNAPSHOT, SUBSCRIPTION, snapshot_items

ITEM = [*SUBSCRIPTION, "subscription_item_id"]
STATE = (
    "status",
    "price_id",
    "quantity",
    "percent_factor_e8",
    "fixed_discount_minor",
    "has_unknown_discount",
    "pause_behavior",
    "currency",
    "is_on_subscription",
    "is_reconstructed",
)
"""What is true of an item at an instant."""

BRONZE = tuple(c for c in LINEAGE if c not in ITEM)
POINT = (*ITEM, "stripe_customer_id", "event_at", "order_no", "evidence", "first_date_loaded", *STATE, *BRONZE)


def observed_points(taken: ir.Table, discounts: ir.Table) -> ir.Table:
    """Snapshots × their own instants and those within them at which something changes by itself.

    These are the starts and ends of their discounts and the end of the subscription.
    """
    own = taken.select(*SNAPSHOT, event_at="snapshot_at")
    ends = taken.select(*SNAPSHOT, event_at="first_end_at")
    by_date = ibis.union(
        ends,
        discounts.select(*SNAPSHOT, event_at="discount_start_at"),
        discounts.select(*SNAPSHOT, event_at="discount_end_at"),
    )
    bounds = taken.select(*SNAPSHOT, "snapshot_at", "next_at")
    inside = by_date.inner_join(bounds, SNAPSHOT)
    inside = inside.filter(
        (inside.event_at > inside.snapshot_at) & (inside.next_at.isnull() | (inside.event_at < inside.next_at))
    )
    instants = own.union(inside.select(*own.columns)).distinct()
    plain = taken.drop("items", "discounts", "discount", "tie_rank", "tie_break", "next_at")
    return instants.inner_join(plain, SNAPSHOT)


def observed_states(points: ir.Table, taken: ir.Table) -> ir.Table:
    """One row per item and instant at which its state may have changed, from snapshots (columns `POINT`).

    Args:
        points: `observed_points` with the effects of their discounts.
        taken: All snapshots.
    """
    items = snapshot_items(taken)
    members = _members(items)
    known = points.inner_join(members, SUBSCRIPTION)
    known = known.filter(known.snapshot_no >= known.first_no)
    held = items.select(*SNAPSHOT, "subscription_item_id", "price_id", "quantity")
    joined = known.left_join(held, [*SNAPSHOT, "subscription_item_id"])
    has_ended = (joined.first_end_at <= joined.event_at).fill_null(False) & ~joined.status.isin(sorted(ENDED))
    is_own = joined.event_at == joined.snapshot_at
    return joined.select(
        *ITEM,
        "stripe_customer_id",
        "event_at",
        "first_date_loaded",
        "percent_factor_e8",
        "fixed_discount_minor",
        "has_unknown_discount",
        "pause_behavior",
        "currency",
        "price_id",
        "quantity",
        *BRONZE,
        status=ibis.ifelse(has_ended, "canceled", joined.status),
        order_no=joined.snapshot_no,
        evidence=ibis.ifelse(is_own, joined.evidence, "dates"),
        is_on_subscription=joined.quantity.notnull(),
        is_reconstructed=ibis.literal(False),
    ).select(*POINT)


def _members(items: ir.Table) -> ir.Table:
    """Items ever seen in a snapshot, with the first snapshot that has them."""
    return items.group_by(ITEM).agg(first_no=items.snapshot_no.min())
