"""balance_tie_out: what moved the Stripe balance in a month, by the balance itself and by the records that say so."""

import ibis
import ibis.expr.types as ir

from c360.catalog import Merge, table
from c360.contract import Contract, Day, Integer, Money, Text, field
from c360.expressions.lineage import nullable, shaped
from c360.expressions.money import amount, major_e8
from c360.expressions.settlement import DISPUTED, REFUNDED
from c360.gold.revenue.balance_lines import ADJUSTMENT, FEE, OTHER, PAYOUT, TIED, TOPUP, TRANSFER, balance_lines
from c360.gold.revenue.rates import with_exponent

_KEY = ["source_account", "currency", "month_start_date"]
_TRACE = {"source_account": "source_account", "currency": "currency"}
_OUT = (REFUNDED, DISPUTED, FEE, PAYOUT)
"""Components shown positive when money leaves."""
_NAMED = (ADJUSTMENT, TRANSFER, TOPUP, OTHER)


class BalanceTieOut(Contract):
    """One row per Stripe account, settlement currency and month: paid - refunded - disputed - fees + the rest = change."""

    source_account: Text = field("Stripe account.", pii="id")
    currency: Text = field("Lower-case ISO 4217 code the account settles in.", pii="enum")
    month_start_date: Day = field("First day of the month, in the reporting zone.")
    paid_amount: Money = field("Charges on the balance, gross.", nullable=True, unit="major")
    refunded_amount: Money = field("Refunds on the balance; positive leaves.", nullable=True, unit="major")
    disputed_amount: Money = field("Disputes on the balance less those won back; positive leaves.", nullable=True, unit="major")
    fee_amount: Money = field("Fees of all these, and those billed by themselves; positive leaves.", nullable=True, unit="major")
    adjustment_amount: Money = field("Adjustments that are of no dispute, signed.", nullable=True, unit="major")
    transfer_amount: Money = field("Transfers between Stripe accounts, signed.", nullable=True, unit="major")
    topup_amount: Money = field("Top-ups, signed.", nullable=True, unit="major")
    other_amount: Money = field("All other types, signed.", nullable=True, unit="major")
    net_difference_amount: Money = field(
        "Stripe's net less amount and fee; 0 unless one of them is wrong.", nullable=True, unit="major"
    )
    change_amount: Money = field("Change of the balance: Stripe's net of all but payouts.", nullable=True, unit="major")
    payout_amount: Money = field("Paid out to the bank, fees of payouts included; positive leaves.", nullable=True, unit="major")
    own_paid_amount: Money = field("Paid by fct_payment_transaction.", nullable=True, unit="major")
    own_refunded_amount: Money = field("Refunded by fct_refund.", nullable=True, unit="major")
    own_disputed_amount: Money = field("Disputed by fct_dispute.", nullable=True, unit="major")
    paid_difference_amount: Money = field("Balance less own.", nullable=True, unit="major")
    refunded_difference_amount: Money = field("Balance less own.", nullable=True, unit="major")
    disputed_difference_amount: Money = field("Balance less own.", nullable=True, unit="major")
    transaction_count: Integer = field("Balance transactions, payouts included.", ge=0)
    untied_count: Integer = field("Lines of balance_tie_out_line in this currency.", ge=0)

    class Config:
        """One row per account, settlement currency and month."""

        unique = ["source_account", "currency", "month_start_date"]


@table(
    BalanceTieOut,
    write=Merge(),
    traces={
        "fct_balance_transaction": _TRACE,
        "fct_payment_transaction": _TRACE,
        "fct_refund": _TRACE,
        "fct_dispute": _TRACE,
    },
)
def balance_tie_out(
    fct_balance_transaction: ir.Table,
    fct_payment_transaction: ir.Table,
    fct_refund: ir.Table,
    fct_dispute: ir.Table,
    currency: ir.Table,
    *,
    reporting_zone: str,
) -> ir.Table:
    """One row per Stripe account × settlement currency × month of balance transactions, in exact major units.

    paid - refunded - disputed - fees + adjustments + transfers + top-ups + other + net difference = change, exactly.

    `own_*` is what charges, refunds and disputes say, each at the exchange rate of its balance transaction and in that one's
    month (as in CL-006); what has no transaction counts in its own currency and on its own day. Differences are those of the
    lines in balance_tie_out_line, exactly. Fees and the other kinds have no table of their own to be held against. Amounts are
    null in a currency that the reference table does not know.
    """
    lines = balance_lines(
        fct_balance_transaction, fct_payment_transaction, fct_refund, fct_dispute, reporting_zone=reporting_zone
    )
    summed = with_exponent(_summed(_moves(lines)), currency)
    amounts = {f"{name}_amount": amount(major_e8(summed[name], summed.exponent)) for name in _amounts(summed)}
    return shaped(summed, BalanceTieOut, **amounts)


def _amounts(summed: ir.Table) -> list[str]:
    return [name for name in summed.columns if f"{name}_amount" in BalanceTieOut.to_schema().columns]


def _moves(lines: ir.Table) -> ir.Table:
    """Each line as a move of the balance in its currency, and as one of its own side in that one's."""
    zero = ibis.literal(0, type="int64")
    has_balance, is_untied = lines.balance_amount_minor.notnull(), lines.reason.notnull()
    balance = lines.select(
        *_KEY,
        "component",
        balance_minor=lines.balance_amount_minor.fill_null(0),
        fee_minor=lines.fee_amount_minor.fill_null(0),
        net_minor=lines.net_amount_minor.fill_null(0),
        own_minor=zero,
        transactions=has_balance.cast("int64"),
        untied=is_untied.cast("int64"),
    )
    told = lines.filter(lines.own_amount_minor.notnull())
    own = told.select(
        "source_account",
        "month_start_date",
        "component",
        currency=told.own_currency,
        own_minor=told.own_amount_minor,
        **dict.fromkeys(("balance_minor", "fee_minor", "net_minor", "transactions", "untied"), zero),
    )
    return nullable(balance).union(nullable(own.select(*balance.columns)))


def _summed(moves: ir.Table) -> ir.Table:
    """Sums in minor units by the names of the table's amounts."""
    of = {name: moves.component == name for name in (*TIED, FEE, PAYOUT, *_NAMED)}
    sums = moves.group_by(_KEY).agg(
        **{name: _sum(moves.balance_minor, is_it) for name, is_it in of.items() if name != PAYOUT},
        **{f"own_{name}": _sum(moves.own_minor, of[name]) for name in TIED},
        payout=_sum(moves.net_minor, of[PAYOUT]),
        fees=_sum(moves.fee_minor, ~of[PAYOUT]),
        change=_sum(moves.net_minor, ~of[PAYOUT]),
        gross=_sum(moves.balance_minor, ~of[PAYOUT]),
        transaction_count=_sum(moves.transactions),
        untied_count=_sum(moves.untied),
    )
    signed = sums.mutate(
        fee=sums.fee - sums.fees,
        net_difference=sums.change - sums.gross + sums.fees,
    )
    leaving = [name for name in (*_OUT, *(f"own_{name}" for name in TIED)) if name.removeprefix("own_") in _OUT]
    shown = signed.mutate(**{name: -signed[name] for name in leaving})
    return shown.mutate(**{f"{name}_difference": shown[name] - shown[f"own_{name}"] for name in TIED})


def _sum(numbers: ir.IntegerColumn, where: ir.BooleanValue | None = None) -> ir.IntegerValue:
    return numbers.sum(where=where).fill_null(0).cast("int64")
