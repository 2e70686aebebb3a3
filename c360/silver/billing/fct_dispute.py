"""fct_dispute: payments a customer's bank takes back."""

import ibis
import ibis.expr.types as ir

from c360.catalog import Merge, table
from c360.contract import Day, Flag, Instant, Integer, Text, field
from c360.expressions.customers import UNKNOWN_CUSTOMER_REASONS, resolve
from c360.expressions.lineage import Lineage, shaped
from c360.expressions.time import local_date
from c360.silver.billing.links import with_charge

STATUSES = (
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "needs_response",
    "under_review",
    "won",
    "lost",
    "prevented",
)
CLOSED = ("lost", "prevented", "warning_closed", "won")
CLOSING_EVENT = "charge.dispute.closed"


class FctDispute(Lineage):
    """One row per dispute."""

    dispute_id: Text = field("Stripe's dispute id.", pii="id")
    charge_id: Text = field("Disputed charge.", nullable=True, pii="id")
    stripe_customer_id: Text = field("Stripe's customer id.", nullable=True, pii="id")
    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    unknown_customer_reason: Text = field(
        "Why the customer is unknown.", nullable=True, pii="enum", isin=UNKNOWN_CUSTOMER_REASONS
    )
    status: Text = field("Stripe's status.", pii="enum", isin=STATUSES)
    dispute_reason: Text = field("The bank's reason code.", nullable=True, pii="enum")
    currency: Text = field("Lower-case ISO 4217 code.", pii="enum")
    amount_minor: Integer = field("Disputed amount.", unit="minor", ge=0)
    created_at: Instant = field("Creation, UTC.")
    closed_at: Instant = field("Decision, UTC: the closing event, else the newest posting.", nullable=True)
    closed_date: Day = field("Day of `closed_at` in the reporting zone.", nullable=True)
    is_closing_estimated: Flag = field(
        "Closed without a closing event (kept 30 days): Stripe posts at opening, so the true instant may be later."
    )
    is_lost: Flag = field("Decided for the customer: the money is gone.")

    class Config:
        """One row per dispute of an account."""

        unique = ["source_account", "dispute_id"]


@table(
    FctDispute,
    write=Merge(),
    traces={"stripe_disputes": {"source_account": "source_account", "record_id": "record_id"}},
)
def fct_dispute(
    stripe_disputes: ir.Table,
    stripe_charges: ir.Table,
    stripe_events: ir.Table,
    customer_identity: ir.Table,
    *,
    reporting_zone: str,
) -> ir.Table:
    """One row per dispute, with its charge's customer; amounts in minor units, `closed_date` in the reporting zone.

    Stripe's dispute has no closing instant. It is the closing event's; events are kept 30 days, so an older one closed with its
    newest balance transaction, and one without any when it was created.
    """
    closings = stripe_events.filter(stripe_events.type == CLOSING_EVENT)
    closings = closings.group_by(_account="source_account", _dispute=closings.data["object"]["id"]).agg(
        _event_at=closings.created.max()
    )
    charged = with_charge(stripe_disputes, stripe_charges)
    joined = charged.left_join(closings, [charged.source_account == closings._account, charged.id == closings._dispute])
    resolved = resolve(joined, customer_identity, source_system="stripe", id_column="stripe_customer_id")
    posted_at = resolved.balance_transactions.map(lambda t: t["created"]).maxs()
    is_closed = resolved.status.isin(sorted(CLOSED))
    closed_at = ibis.ifelse(
        is_closed,
        ibis.coalesce(resolved._event_at, posted_at, resolved.created),
        ibis.null("timestamp('UTC', 6)"),
    )
    return shaped(
        resolved,
        FctDispute,
        dispute_id=resolved.id,
        dispute_reason=resolved.reason,
        currency=resolved.currency.lower(),
        amount_minor=resolved.amount,
        created_at=resolved.created,
        closed_at=closed_at,
        closed_date=local_date(closed_at, reporting_zone),
        is_closing_estimated=is_closed & resolved._event_at.isnull(),
        is_lost=resolved.status == "lost",
    )
