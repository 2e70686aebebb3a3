"""States of subscription items before the first snapshot, rebuilt from Stripe's dates and invoice lines."""

import ibis
import ibis.expr.types as ir

from c360.silver.billing.discounts import FIXED_DISCOUNT, IS_UNKNOWN, PERCENT_FACTOR
from c360.silver.billing.observed import BRONZE, ITEM, POINT
from c360.silver.billing.snapshots import SNAPSHOT, SUBSCRIPTION, snapshot_items

_FIRST = 1
_NEVER_ACTIVE = ("incomplete", "incomplete_expired")
_DISCOUNT = (PERCENT_FACTOR, FIXED_DISCOUNT, IS_UNKNOWN)


def holding_lines(fct_invoice_line: ir.Table) -> ir.Table:
    """Invoice lines that say price and quantity, with the stretch of time they speak for: [`line_from`, `line_to`).

    The line with the greatest period start at or before an instant holds; before the first line, the first does.
    """
    return _holding(_last_of_each_start(_with_lasting_discounts(_usable_lines(fct_invoice_line))))


def reconstructed_points(taken: ir.Table, discounts: ir.Table, fct_invoice_line: ir.Table, holding: ir.Table) -> ir.Table:
    """Items × the instants before their subscription's first snapshot at which their state may have changed."""
    first = taken.filter(taken.snapshot_no == _FIRST)
    items = _lives(first, _billed(_last_of_each_start(_usable_lines(fct_invoice_line)), fct_invoice_line))
    return _points(items, holding, discounts.filter(discounts.snapshot_no == _FIRST))


def _usable_lines(lines: ir.Table) -> ir.Table:
    return lines.filter(
        lines.subscription_item_id.notnull()
        & lines.subscription_id.notnull()
        & lines.period_start_at.notnull()
        & (lines.invoice_status != "draft")
        & ~lines.is_credit
    )


def _with_lasting_discounts(lines: ir.Table) -> ir.Table:
    """Lines with the discounts of the item's nearest regular line: the newest up to them, else the first after, else their own.

    Prorations name no discount: their amounts are net of those that last.
    """
    so_far = ibis.cumulative_window(
        group_by=ITEM, order_by=[lines.period_start_at, lines.invoice_created_at, lines.invoice_line_id, lines.invoice_id]
    )
    regular_count = (~lines.is_proration).cast("int64").sum().over(so_far)
    numbered = lines.mutate(regular_no=ibis.greatest(regular_count, 1).cast("int64"))
    near = ibis.window(group_by=[*ITEM, "regular_no"])  # has one regular line, or the item has none

    def lasting(name: str) -> ir.Value:
        own = numbered[name].cast("int64")
        regular = ibis.ifelse(numbered.is_proration, ibis.null("int64"), own).max().over(near)
        return ibis.coalesce(regular, own).cast(lines[name].type())

    return numbered.mutate(**{c: lasting(c) for c in _DISCOUNT}).drop("regular_no")


def _last_of_each_start(lines: ir.Table) -> ir.Table:
    order = ibis.window(
        group_by=[*ITEM, "period_start_at"],
        order_by=[lines.invoice_created_at.desc(), lines.invoice_line_id.desc(), lines.invoice_id.desc()],
    )
    ranked = lines.mutate(rank=ibis.row_number().over(order))
    return ranked.filter(ranked["rank"] == 0).drop("rank")


def _holding(lines: ir.Table) -> ir.Table:
    """Lines with the stretch of time they speak for: [`line_from`, `line_to`), open where null."""
    order = ibis.window(group_by=ITEM, order_by=lines.period_start_at)
    stretched = lines.mutate(line_no=ibis.row_number().over(order), line_to=lines.period_start_at.lead().over(order))
    line_from = ibis.ifelse(stretched.line_no == 0, ibis.null("timestamp('UTC', 6)"), stretched.period_start_at)
    names = ("price_id", "quantity", "currency", *_DISCOUNT)
    return stretched.select(
        *ITEM,
        "line_to",
        "line_no",
        "period_start_at",
        line_from=line_from,
        line_first_date_loaded=stretched.first_date_loaded,
        **{f"line_{c}": stretched[c] for c in (*names, *BRONZE)},
    )


def _lives(first: ir.Table, billed: ir.Table) -> ir.Table:
    """Items that lived before the first snapshot: those in it, and those only invoices remember (they ended before it)."""
    facts = first.drop("items", "discounts", "discount", "tie_rank", "tie_break", "next_at")
    present = snapshot_items(first)
    in_snapshot = facts.inner_join(present, SNAPSHOT)
    kept = in_snapshot.mutate(life_start_at=in_snapshot.item_start_at, life_end_at=ibis.null("timestamp('UTC', 6)"))
    kept = kept.drop("item_start_at")
    forgotten = billed.anti_join(present.select(*ITEM), ITEM)
    gone = facts.inner_join(forgotten, SUBSCRIPTION)
    gone = gone.mutate(
        price_id=ibis.null("string"),
        quantity=ibis.null("int64"),
        life_start_at=ibis.ifelse(gone.start_at > gone.billed_from, gone.start_at, gone.billed_from),
        life_end_at=ibis.ifelse(gone.billed_to < gone.snapshot_at, gone.billed_to, gone.snapshot_at),
    )
    lives = kept.union(gone.select(*kept.columns))
    return lives.filter(lives.life_start_at < lives.snapshot_at)


def _billed(lines: ir.Table, all_lines: ir.Table) -> ir.Table:
    """Items with the stretch their lines cover; a last credit given back without a new charge is when the item was removed."""
    charged = lines.group_by(ITEM).agg(
        billed_from=lines.period_start_at.min(),
        last_from=lines.period_start_at.max(),
        billed_until=lines.period_end_at.max(),
    )
    given_back = all_lines.filter(all_lines.is_credit & (all_lines.invoice_status != "draft"))
    given = given_back.group_by(ITEM).agg(credited_from=given_back.period_start_at.max())
    both = charged.left_join(given, ITEM)
    is_removed = (both.credited_from > both.last_from).fill_null(False)
    billed_to = ibis.ifelse(is_removed, both.credited_from, both.billed_until)
    return both.select(*ITEM, "billed_from", billed_to=billed_to)


def _points(items: ir.Table, holding: ir.Table, discounts: ir.Table) -> ir.Table:
    """Items × the instants in their life at which something changes."""
    own = items.select(*ITEM, event_at="life_start_at")
    ofs = items.select(*ITEM, *[c for c in SNAPSHOT if c not in ITEM])
    by_discount = ofs.inner_join(discounts, SNAPSHOT)
    candidates = ibis.union(
        *(items.select(*ITEM, event_at=c) for c in ("trial_start_at", "trial_end_at", "first_end_at", "life_end_at")),
        holding.select(*ITEM, event_at="period_start_at"),
        by_discount.select(*ITEM, event_at="discount_start_at"),
        by_discount.select(*ITEM, event_at="discount_end_at"),
    )
    bounds = items.select(*ITEM, "life_start_at", "life_end_at", "snapshot_at")
    inside = candidates.inner_join(bounds, ITEM)
    inside = inside.filter(
        (inside.event_at > inside.life_start_at)
        & ((inside.event_at < inside.snapshot_at) | (inside.event_at == inside.life_end_at))
        & (inside.life_end_at.isnull() | (inside.event_at <= inside.life_end_at))
    )
    instants = own.union(inside.select(*own.columns)).distinct()
    return instants.inner_join(items, ITEM)


def reconstructed_states(points: ir.Table, holding: ir.Table) -> ir.Table:
    """One row per item and instant before the first snapshot (columns `POINT`).

    Status comes from dates; price, quantity and discounts from the line that holds, without any line from the first snapshot.

    Args:
        points: `reconstructed_points` with the effects of the first snapshot's discounts.
        holding: `holding_lines`.
    """
    joined = points.left_join(_held(points, holding), [*ITEM, "event_at"])
    has_line = joined.line_no.notnull()

    def either(name: str) -> ir.Value:
        return ibis.ifelse(has_line, joined[f"line_{name}"], joined[name])

    is_line = has_line & ((joined.event_at == joined.period_start_at) | (joined.event_at == joined.life_start_at))
    is_over = (joined.life_end_at <= joined.event_at).fill_null(False)
    from_line = ("price_id", "quantity", *_DISCOUNT)
    return joined.select(
        *ITEM,
        "stripe_customer_id",
        "event_at",
        **{c: either(c) for c in from_line},
        **{c: ibis.ifelse(is_line, joined[f"line_{c}"], joined[c]) for c in (*BRONZE, "first_date_loaded")},
        currency=ibis.coalesce(joined.line_currency, joined.currency),
        status=_status(joined),
        pause_behavior=ibis.null("string"),
        order_no=ibis.literal(0, type="int64"),
        evidence=ibis.ifelse(is_line, "invoice_line", "dates"),
        is_on_subscription=~is_over,
        is_reconstructed=ibis.literal(True),
    ).select(*POINT)


def _held(points: ir.Table, holding: ir.Table) -> ir.Table:
    """Points with the line that holds then, where there is one.

    Filtered after a join by item alone: an outer join on a stretch of time compares every point with every line.
    """
    pairs = points.select(*ITEM, "event_at").distinct().inner_join(holding, ITEM)
    is_in_stretch = (pairs.line_from.isnull() | (pairs.line_from <= pairs.event_at)) & (
        pairs.line_to.isnull() | (pairs.event_at < pairs.line_to)
    )
    return pairs.filter(is_in_stretch)


def _status(point: ir.Table) -> ir.StringValue:
    """What Stripe's dates say of an instant."""
    at = point.event_at
    return ibis.cases(
        (point.first_end_at <= at, "canceled"),
        (point.status.isin(sorted(_NEVER_ACTIVE)), "incomplete"),
        ((point.trial_start_at <= at) & (at < point.trial_end_at), "trialing"),
        else_="active",
    )
