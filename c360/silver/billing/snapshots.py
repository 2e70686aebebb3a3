"""Snapshots: full states of a subscription with an instant, from events and stored versions (docs/decisions/0001)."""

import ibis
import ibis.expr.types as ir

from c360.expressions.lineage import lineage
from c360.expressions.money import E8
from c360.silver.billing.discounts import FIXED_DISCOUNT, IS_UNKNOWN, ONCE, PERCENT_FACTOR, exploded, listed, stacked

EVENT_DAYS = 30
"""Stripe keeps events that long: a change within them would have left one."""

EVENT_PREFIX = "customer.subscription."
SUBSCRIPTION = ["source_account", "subscription_id"]
SNAPSHOT = [*SUBSCRIPTION, "snapshot_no"]
POINT_KEY = [*SNAPSHOT, "event_at"]
"""An instant as a snapshot speaks of it."""

ENDED = ("canceled", "incomplete_expired")
_SAME_SECOND = 60
"""Items made within so many seconds of their subscription were made with it."""


def snapshots(stripe_subscriptions_versions: ir.Table, stripe_events: ir.Table) -> ir.Table:
    """One row per snapshot, numbered from 1 within its subscription, holding in [`snapshot_at`, `next_at`).

    `first_end_at` is the earliest end any snapshot tells; `items`, `discounts` and `discount` are Stripe's own.
    """
    events = _of_events(stripe_events, stripe_subscriptions_versions)
    versions = _of_versions(stripe_subscriptions_versions, events)
    both = events.union(versions.select(*events.columns))
    in_order = ibis.window(group_by=[both[c] for c in SUBSCRIPTION], order_by=[both.snapshot_at, both.tie_rank, both.tie_break])
    whole = ibis.window(group_by=[both[c] for c in SUBSCRIPTION])
    return both.mutate(
        snapshot_no=ibis.row_number().over(in_order) + 1,
        next_at=both.snapshot_at.lead().over(in_order),
        first_end_at=both.ended_at.min().over(whole),
    )


def _of_events(stripe_events: ir.Table, versions: ir.Table) -> ir.Table:
    told = stripe_events.filter(stripe_events.type.startswith(EVENT_PREFIX))
    told = told.mutate(state=told.data["object"])
    told = told.filter(told.state["id"].notnull() & told.state["status"].notnull() & told.created.notnull())
    known = versions.select("source_account", subscription=versions.id).distinct()
    told = told.semi_join(known, [told.source_account == known.source_account, told.state["id"] == known.subscription])
    rank = ibis.cases(
        (told.type == "customer.subscription.created", 0), (told.type == "customer.subscription.deleted", 2), else_=1
    )
    return told.select(
        **lineage(told),
        **_state(told.state),
        first_date_loaded=told.first_date_loaded,
        snapshot_at=told.created,
        evidence=ibis.literal("event"),
        tie_rank=rank.cast("int64"),
        tie_break=told.record_id,
    )


def _of_versions(versions: ir.Table, events: ir.Table) -> ir.Table:
    """Stored versions. The first one without an event before it holds from the time on that events would tell of."""
    states = {name: versions[name] for name in _FIELDS}
    first_events = events.group_by(_account="source_account", _subscription="subscription_id").agg(
        first_event_at=events.snapshot_at.min()
    )
    stored = versions.select(
        **lineage(versions),
        **_state(states),
        is_deleted=versions.is_deleted,
        extracted_at=versions.extracted_at,
        first_date_loaded=versions.date_loaded,
        evidence=ibis.literal("version"),
        tie_rank=ibis.literal(3, type="int64"),
        tie_break=versions.date_loaded.cast("string") + versions.payload_hash,
    )
    joined = stored.left_join(
        first_events,
        [stored.source_account == first_events._account, stored.subscription_id == first_events._subscription],
    )
    order = ibis.window(
        group_by=[joined[c] for c in SUBSCRIPTION], order_by=[joined.date_loaded, joined.extracted_at, joined.tie_break]
    )
    has_event = (joined.first_event_at <= joined.extracted_at).fill_null(False)
    oldest_event_at = joined.extracted_at - ibis.interval(days=EVENT_DAYS)
    # Not `greatest`: with a null it is null on BigQuery only.
    earliest = ibis.ifelse(joined.start_at > oldest_event_at, joined.start_at, oldest_event_at)
    ranked = joined.mutate(version_no=ibis.row_number().over(order))
    is_open_first = (ranked.version_no == 0) & ~has_event
    is_gone = ranked.is_deleted & ~ranked.status.isin(sorted(ENDED))
    return ranked.mutate(
        snapshot_at=ibis.ifelse(is_open_first & ranked.start_at.notnull(), earliest, ranked.extracted_at),
        status=ibis.ifelse(is_gone, "canceled", ranked.status),
    )


_FIELDS = (
    "id",
    "customer",
    "status",
    "start_date",
    "created",
    "trial_start",
    "trial_end",
    "ended_at",
    "pause_collection",
    "currency",
    "items",
    "discounts",
    "discount",
)


def _state(subscription: ir.StructValue | dict[str, ir.Value]) -> dict[str, ir.Value]:
    """What a snapshot says, from Stripe's subscription."""
    return {
        "subscription_id": subscription["id"],
        "stripe_customer_id": subscription["customer"],
        "status": subscription["status"],
        "start_at": ibis.coalesce(subscription["start_date"], subscription["created"]),
        "created_at": ibis.coalesce(subscription["created"], subscription["start_date"]),
        "trial_start_at": subscription["trial_start"],
        "trial_end_at": subscription["trial_end"],
        "ended_at": subscription["ended_at"],
        "pause_behavior": subscription["pause_collection"]["behavior"],
        "currency": subscription["currency"].lower(),
        "items": subscription["items"]["data"],
        "discounts": subscription["discounts"],
        "discount": subscription["discount"],
    }


def snapshot_items(taken: ir.Table) -> ir.Table:
    """One row per snapshot and item in it: price and quantity (1 where Stripe gives none)."""
    each = taken.select(*SNAPSHOT, "created_at", "start_at", each=taken["items"].unnest())
    each = each.filter(each.each["id"].notnull())
    item = each.each
    order = ibis.window(group_by=[*SNAPSHOT, item["id"]], order_by=[item["price"]["id"], item["plan"]["id"], item["quantity"]])
    made_at = ibis.coalesce(item["created"], each.start_at)
    is_original = made_at <= each.created_at + ibis.interval(seconds=_SAME_SECOND)
    items = each.select(
        *SNAPSHOT,
        subscription_item_id=item["id"],
        price_id=ibis.coalesce(item["price"]["id"], item["plan"]["id"]),
        quantity=item["quantity"].fill_null(1),
        item_start_at=ibis.ifelse(is_original | (made_at < each.start_at), each.start_at, made_at),
        copy=ibis.row_number().over(order),
    )
    return items.filter(items["copy"] == 0).drop("copy")


def snapshot_discounts(taken: ir.Table, stripe_invoices: ir.Table) -> ir.Table:
    """One row per snapshot and discount that lasts (coupons of duration once never count), with its terms and its position.

    Events name discounts by id; their terms are then those another snapshot gives, else those of an invoice it lowered.
    Discounts of single items are not applied yet: they come without what they take off, as unknown ones of the subscription.
    """
    told = _told_discounts(taken)
    known = _known_terms(told, stripe_invoices)
    joined = told.left_join(known, [told[c] == known[f"_{c}"] for c in _DISCOUNT])
    own = {c: ibis.ifelse(joined.duration.notnull(), joined[c], joined[f"known_{c}"]) for c in _TERMS}
    full = joined.mutate(**own).select(*told.columns)
    lasting = full.filter((full.duration != ONCE) | full.duration.isnull())
    applied = {c: ibis.ifelse(lasting.is_of_item, ibis.null(lasting[c].type()), lasting[c]) for c in _APPLIED}
    return lasting.mutate(**applied).drop("is_of_item", "stripe_customer_id")


def _told_discounts(taken: ir.Table) -> ir.Table:
    """One row per snapshot and discount of the subscription or (`is_of_item`) of one of its items."""
    keys = [*SNAPSHOT, "stripe_customer_id", "currency"]
    whole = exploded(taken, keys, many="discounts", one="discount").mutate(is_of_item=ibis.literal(False))
    each = taken.select(*keys, each=taken["items"].unnest())
    items = each.select(*keys, discounts=each.each["discounts"])
    of_items = listed(items, keys, "discounts").mutate(is_of_item=ibis.literal(True))
    return whole.union(of_items.select(*whole.columns))


def _known_terms(told: ir.Table, stripe_invoices: ir.Table) -> ir.Table:
    """One row per discount of a customer that some record describes: the newest snapshot, else the newest invoice."""
    keys = ["source_account", "stripe_customer_id", "record_id", "created"]
    of_customers = stripe_invoices.mutate(stripe_customer_id=stripe_invoices.customer)
    invoices = exploded(of_customers, keys, many="discounts", one="discount")
    columns = [*_DISCOUNT, *_TERMS]
    newest = told.snapshot_no.cast("int64")
    by_snapshot = told.select(*columns, is_invoice=ibis.literal(0), newest=newest, record_id="subscription_id")
    by_invoice = invoices.select(
        *columns, is_invoice=ibis.literal(1), newest=invoices.created.epoch_seconds().cast("int64"), record_id="record_id"
    )
    both = by_snapshot.union(by_invoice)
    described = both.filter(both.duration.notnull() & both.discount_id.notnull())
    order = [described.is_invoice, described.newest.desc(), described.record_id, *(described[c] for c in _TERMS)]
    window = ibis.window(group_by=[described[c] for c in _DISCOUNT], order_by=order)
    ranked = described.mutate(rank=ibis.row_number().over(window))
    first = ranked.filter(ranked["rank"] == 0)
    return first.select(**{f"_{c}": first[c] for c in _DISCOUNT}, **{f"known_{c}": first[c] for c in _TERMS})


_DISCOUNT = ("source_account", "stripe_customer_id", "discount_id")
_TERMS = (
    "percent_off",
    "amount_off",
    "coupon_currency",
    "duration",
    "discount_start_at",
    "discount_end_at",
)
_APPLIED = ("percent_off", "amount_off", "duration")
"""What makes a discount count; without a duration it is an unknown one."""


def discount_effects(points: ir.Table, discounts: ir.Table) -> ir.Table:
    """One row per point (columns `POINT_KEY`) at which a discount counts: what the snapshot's discounts come to then."""
    pairs = points.select(*POINT_KEY).distinct().inner_join(discounts, SNAPSHOT)
    counts = (pairs.discount_start_at.isnull() | (pairs.discount_start_at <= pairs.event_at)) & (
        pairs.discount_end_at.isnull() | (pairs.event_at < pairs.discount_end_at)
    )
    return stacked(pairs.filter(counts), POINT_KEY)


def with_effects(points: ir.Table, effects: ir.Table) -> ir.Table:
    """Points with the effects of their discounts; without any, nothing is taken off."""
    joined = points.left_join(effects, POINT_KEY)
    effect = {
        PERCENT_FACTOR: joined[PERCENT_FACTOR].fill_null(E8),
        FIXED_DISCOUNT: joined[FIXED_DISCOUNT].fill_null(0),
        IS_UNKNOWN: joined[IS_UNKNOWN].fill_null(False),
    }
    return joined.select(*(joined[c] for c in points.columns), **effect)
