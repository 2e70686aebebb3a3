"""dim_subscription: the present of each subscription."""

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Merge, table
from c360.contract import Day, Flag, Instant, Text, field
from c360.expressions.customers import UNKNOWN_CUSTOMER_REASONS, resolve
from c360.expressions.lineage import Lineage, shaped
from c360.expressions.time import local_date

STATUSES = (
    "incomplete",
    "incomplete_expired",
    "trialing",
    "active",
    "past_due",
    "canceled",
    "unpaid",
    "paused",
)


class DimSubscription(Lineage):
    """One row per subscription."""

    subscription_id: Text = field("Stripe's subscription id.", pii="id")
    stripe_customer_id: Text = field("Stripe's customer id.", nullable=True, pii="id")
    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    unknown_customer_reason: Text = field(
        "Why the customer is unknown.", nullable=True, pii="enum", isin=UNKNOWN_CUSTOMER_REASONS
    )
    status: Text = field("Stripe's status.", pii="enum", isin=STATUSES, expectation="BE-102")
    currency: Text = field("Lower-case ISO 4217 code.", nullable=True, pii="enum")
    collection_method: Text = field("charge_automatically or send_invoice.", nullable=True, pii="enum")
    pause_behavior: Text = field("How a collection pause treats invoices.", nullable=True, pii="enum")
    started_at: Instant = field("Start, UTC.")
    start_date: Day = field("Day of `started_at` in the reporting zone.")
    created_at: Instant = field("Creation, UTC.", nullable=True)
    trial_start_at: Instant = field("Start of the trial, UTC.", nullable=True)
    trial_end_at: Instant = field("End of the trial, UTC.", nullable=True)
    current_period_start_at: Instant = field("Start of the current cycle, UTC.", nullable=True)
    current_period_end_at: Instant = field("End of the current cycle, UTC.", nullable=True)
    cancel_at: Instant = field("Will end then, UTC.", nullable=True)
    is_cancel_at_period_end: Flag = field("Will end with the cycle.")
    canceled_at: Instant = field("Cancellation was asked for, UTC.", nullable=True)
    ended_at: Instant = field("End, UTC.", nullable=True)
    cancellation_reason: Text = field("Stripe's reason code.", nullable=True, pii="enum")
    is_deleted: Flag = field("No longer at Stripe.")

    class Config:
        """One row per subscription of an account."""

        unique = ["source_account", "subscription_id"]


@table(
    DimSubscription,
    write=Merge(),
    local_to=LocalTo("stripe_customer_id", {"stripe_subscriptions": "customer", "customer_identity": "source_id"}),
    traces={"stripe_subscriptions": {"source_account": "source_account", "record_id": "record_id"}},
)
def dim_subscription(stripe_subscriptions: ir.Table, customer_identity: ir.Table, *, reporting_zone: str) -> ir.Table:
    """One row per subscription, cancelled ones included, in its newest stored state; instants UTC."""
    resolved = resolve(stripe_subscriptions, customer_identity, source_system="stripe", id_column="customer")
    started_at = ibis.coalesce(resolved.start_date, resolved.created)
    items = resolved["items"]["data"]
    return shaped(
        resolved,
        DimSubscription,
        subscription_id=resolved.id,
        stripe_customer_id=resolved.customer,
        currency=resolved.currency.lower(),
        pause_behavior=resolved.pause_collection["behavior"],
        started_at=started_at,
        start_date=local_date(started_at, reporting_zone),
        created_at=resolved.created,
        trial_start_at=resolved.trial_start,
        trial_end_at=resolved.trial_end,
        current_period_start_at=ibis.coalesce(
            items.map(lambda item: item["current_period_start"]).mins(), resolved.current_period_start
        ),
        current_period_end_at=ibis.coalesce(
            items.map(lambda item: item["current_period_end"]).maxs(), resolved.current_period_end
        ),
        is_cancel_at_period_end=resolved.cancel_at_period_end.fill_null(False),
        cancellation_reason=resolved.cancellation_details["reason"],
    )
