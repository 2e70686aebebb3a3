"""fct_refund: money given back."""

import ibis.expr.types as ir

from c360.catalog import Merge, table
from c360.contract import Day, Flag, Instant, Integer, Text, field
from c360.expressions.customers import UNKNOWN_CUSTOMER_REASONS, resolve
from c360.expressions.lineage import Lineage, shaped
from c360.expressions.time import local_date
from c360.silver.billing.links import with_charge

STATUSES = ("pending", "requires_action", "succeeded", "failed", "canceled")
SUCCEEDED = "succeeded"


class FctRefund(Lineage):
    """One row per refund."""

    refund_id: Text = field("Stripe's refund id.", pii="id")
    charge_id: Text = field("Charge that is given back.", nullable=True, pii="id")
    stripe_customer_id: Text = field("Stripe's customer id.", nullable=True, pii="id")
    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    unknown_customer_reason: Text = field(
        "Why the customer is unknown.", nullable=True, pii="enum", isin=UNKNOWN_CUSTOMER_REASONS
    )
    status: Text = field("Stripe's status; only succeeded moved money.", pii="enum", isin=STATUSES)
    refund_reason: Text = field("Stripe's reason code.", nullable=True, pii="enum")
    currency: Text = field("Lower-case ISO 4217 code.", pii="enum")
    amount_minor: Integer = field("Amount given back.", unit="minor", ge=0)
    balance_transaction_id: Text = field("Its balance transaction.", nullable=True, pii="id")
    created_at: Instant = field("Creation, UTC.")
    refund_date: Day = field("Day of `created_at` in the reporting zone.")
    is_succeeded: Flag = field("The money went back.")

    class Config:
        """One row per refund of an account."""

        unique = ["source_account", "refund_id"]


@table(
    FctRefund,
    write=Merge(),
    traces={"stripe_refunds": {"source_account": "source_account", "record_id": "record_id"}},
)
def fct_refund(
    stripe_refunds: ir.Table, stripe_charges: ir.Table, customer_identity: ir.Table, *, reporting_zone: str
) -> ir.Table:
    """One row per refund, with its charge's customer; amounts in minor units, `refund_date` in the reporting zone."""
    charged = with_charge(stripe_refunds, stripe_charges)
    resolved = resolve(charged, customer_identity, source_system="stripe", id_column="stripe_customer_id")
    status = resolved.status.fill_null(SUCCEEDED)  # refunds had no status before 2017
    return shaped(
        resolved,
        FctRefund,
        refund_id=resolved.id,
        status=status,
        refund_reason=resolved.reason,
        currency=resolved.currency.lower(),
        amount_minor=resolved.amount,
        balance_transaction_id=resolved.balance_transaction,
        created_at=resolved.created,
        refund_date=local_date(resolved.created, reporting_zone),
        is_succeeded=status == SUCCEEDED,
    )
