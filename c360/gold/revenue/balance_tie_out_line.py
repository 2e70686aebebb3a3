"""balance_tie_out_line: what does not tie to the Stripe balance, one by one."""

import ibis
import ibis.expr.types as ir

from c360.catalog import Merge, table
from c360.contract import Contract, Day, Integer, Rate, Text, field
from c360.expressions.lineage import shaped
from c360.gold.revenue.balance_lines import COMPONENTS, NET, REASONS, balance_lines


class BalanceTieOutLine(Contract):
    """One row per balance transaction that does not tie, and per charge, refund or dispute that lacks its transaction.

    Reasons: `missing_counterpart`: the other side is not stored. `counted_twice`: a further transaction of the same source in
    the same direction. `other_currency`: the currencies differ, and there is no rate. `other_amount`: the amount is not the
    source's at the rate. `other_net`: Stripe's net is not amount less fee.
    """

    source_account: Text = field("Stripe account.", pii="id")
    line_id: Text = field("The balance transaction's id, else that of the charge, refund or dispute without one.", pii="id")
    balance_transaction_id: Text = field("Balance transaction; null: there is none.", nullable=True, pii="id")
    source_id: Text = field("Charge, refund or dispute, as far as one is named.", nullable=True, pii="id")
    month_start_date: Day = field("First day of the month it counts in, in the reporting zone.")
    component: Text = field("What it is a part of in balance_tie_out.", pii="enum", isin=COMPONENTS)
    reason: Text = field("Why it does not tie.", pii="enum", isin=REASONS)
    currency: Text = field("Currency of the balance's amounts; the source's where there are none.", pii="enum")
    balance_amount_minor: Integer = field("Gross amount on the balance, signed.", nullable=True, unit="minor")
    fee_amount_minor: Integer = field("Its fee.", nullable=True, unit="minor")
    net_amount_minor: Integer = field("Its net.", nullable=True, unit="minor")
    exchange_rate: Rate = field("Rate of the balance transaction.", nullable=True)
    source_currency: Text = field("Currency of the source.", nullable=True, pii="enum")
    source_amount_minor: Integer = field("Amount of the source in its currency, signed.", nullable=True, unit="minor")
    own_currency: Text = field("Currency of `own_amount_minor`.", nullable=True, pii="enum")
    own_amount_minor: Integer = field(
        "What the balance should say, signed; null: no source says it.", nullable=True, unit="minor"
    )
    difference_amount_minor: Integer = field(
        "Balance less own, where both are of one currency; of `other_net` net less what it should be.",
        nullable=True,
        unit="minor",
    )

    class Config:
        """One row per line."""

        unique = ["source_account", "line_id"]


_ACCOUNT = {"source_account": "source_account"}


@table(
    BalanceTieOutLine,
    write=Merge(),
    traces={
        "fct_balance_transaction": {**_ACCOUNT, "balance_transaction_id": "balance_transaction_id"},
        "fct_payment_transaction": {**_ACCOUNT, "source_id": "charge_id"},
        "fct_refund": {**_ACCOUNT, "source_id": "refund_id"},
        "fct_dispute": {**_ACCOUNT, "source_id": "dispute_id"},
    },
)
def balance_tie_out_line(
    fct_balance_transaction: ir.Table,
    fct_payment_transaction: ir.Table,
    fct_refund: ir.Table,
    fct_dispute: ir.Table,
    *,
    reporting_zone: str,
) -> ir.Table:
    """One row per line that does not tie; amounts in minor units, the month in the reporting zone.

    A refund that failed, or a dispute that is open, needs no transaction; one that has any must tie like all.
    """
    lines = balance_lines(
        fct_balance_transaction, fct_payment_transaction, fct_refund, fct_dispute, reporting_zone=reporting_zone
    )
    untied = lines.filter(lines.reason.notnull())
    is_comparable = untied.own_currency.isnull() | (untied.own_currency == untied.currency)
    off_net = untied.net_amount_minor - untied.balance_amount_minor + untied.fee_amount_minor
    off = untied.balance_amount_minor.fill_null(0) - untied.own_amount_minor.fill_null(0)
    difference = ibis.ifelse(untied.reason == NET, off_net, off)
    return shaped(
        untied,
        BalanceTieOutLine,
        line_id=untied.balance_transaction_id.fill_null(untied.source_id),
        difference_amount_minor=ibis.ifelse(is_comparable, difference, ibis.null("int64")),
    )
