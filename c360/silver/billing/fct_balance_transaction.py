"""fct_balance_transaction: what moved on the Stripe balance, in the currency it settled in."""

import ibis
import ibis.expr.types as ir

from c360.catalog import Merge, table
from c360.contract import Instant, Integer, Rate, Text, field
from c360.expressions.customers import NO_CUSTOMER_ON_RECORD, UNKNOWN_CUSTOMER_ID, UNKNOWN_CUSTOMER_REASONS
from c360.expressions.lineage import Lineage, shaped

SOURCE_TYPES = ("charge", "refund", "dispute", "other")


class FctBalanceTransaction(Lineage):
    """One row per balance transaction."""

    balance_transaction_id: Text = field("Stripe's balance transaction id.", pii="id")
    transaction_type: Text = field("Stripe's type.", nullable=True, pii="enum")
    reporting_category: Text = field("Stripe's category.", nullable=True, pii="enum")
    source_id: Text = field("Object that caused it.", nullable=True, pii="id")
    source_type: Text = field("Kind of that object, as far as it is stored.", pii="enum", isin=SOURCE_TYPES)
    customer_id: Text = field("Customer of that object, or the unknown member.", pii="id")
    unknown_customer_reason: Text = field(
        "Why the customer is unknown.", nullable=True, pii="enum", isin=UNKNOWN_CUSTOMER_REASONS
    )
    currency: Text = field("Settlement currency, lower-case ISO 4217 code.", pii="enum")
    amount_minor: Integer = field("Gross amount; negative when money leaves.", unit="minor")
    fee_amount_minor: Integer = field("Fees.", unit="minor")
    net_amount_minor: Integer = field("Amount less fees.", unit="minor")
    exchange_rate: Rate = field(
        "Settlement minor units per minor unit of the source; null when they are one currency.", nullable=True
    )
    source_amount_minor: Integer = field("Signed amount of the source.", nullable=True, unit="minor")
    source_currency: Text = field("Currency of the source.", nullable=True, pii="enum")
    created_at: Instant = field("Creation, UTC.")
    available_at: Instant = field("The money can be paid out, UTC.", nullable=True)

    class Config:
        """One row per balance transaction of an account."""

        unique = ["source_account", "balance_transaction_id"]


@table(
    FctBalanceTransaction,
    write=Merge(),
    traces={"stripe_balance_transactions": {"source_account": "source_account", "record_id": "record_id"}},
)
def fct_balance_transaction(
    stripe_balance_transactions: ir.Table,
    fct_payment_transaction: ir.Table,
    fct_refund: ir.Table,
    fct_dispute: ir.Table,
) -> ir.Table:
    """One row per balance transaction; amounts in minor units of the settlement currency, instants UTC.

    Payouts, transfers and Stripe's own fees belong to no customer.
    """
    sources = ibis.union(
        _source(fct_payment_transaction, "charge_id", "charge", 1),
        _source(fct_refund, "refund_id", "refund", -1),
        _source(fct_dispute, "dispute_id", "dispute", -1),
    )
    moved = stripe_balance_transactions
    joined = moved.left_join(sources, [moved.source_account == sources._account, moved.source == sources._id])
    is_back = (joined.source_type == "dispute") & (joined.amount > 0)  # won: the money returns
    return shaped(
        joined,
        FctBalanceTransaction,
        balance_transaction_id=joined.id,
        transaction_type=joined.type,
        source_id=joined.source,
        source_type=joined.source_type.fill_null("other"),
        customer_id=joined.customer_id.fill_null(UNKNOWN_CUSTOMER_ID),
        unknown_customer_reason=ibis.ifelse(
            joined.customer_id.isnull(), ibis.literal(NO_CUSTOMER_ON_RECORD), joined.unknown_customer_reason
        ),
        currency=joined.currency.lower(),
        amount_minor=joined.amount,
        fee_amount_minor=joined.fee.fill_null(0),
        net_amount_minor=joined.net.fill_null(joined.amount),
        source_amount_minor=ibis.ifelse(is_back, -joined.source_amount_minor, joined.source_amount_minor),
        created_at=joined.created,
        available_at=joined.available_on,
    )


def _source(facts: ir.Table, id_column: str, source_type: str, sign: int) -> ir.Table:
    return facts.select(
        "customer_id",
        "unknown_customer_reason",
        _account=facts.source_account,
        _id=facts[id_column],
        source_type=ibis.literal(source_type),
        source_amount_minor=facts.amount_minor * sign,
        source_currency=facts.currency,
    )
