"""Every movement of the Stripe balance beside the charge, refund or dispute it is of: what both tie-out tables are made of."""

import ibis
import ibis.expr.types as ir

from c360.expressions.calendar import month_start
from c360.expressions.lineage import nullable
from c360.expressions.settlement import DISPUTED, PAID, REFUNDED, source_component, with_settled
from c360.expressions.time import local_date

TIED = (PAID, REFUNDED, DISPUTED)
"""Components with a silver table of their own."""
FEE, ADJUSTMENT, TRANSFER, TOPUP, PAYOUT, OTHER = "fee", "adjustment", "transfer", "topup", "payout", "other"
COMPONENTS = (*TIED, FEE, ADJUSTMENT, TRANSFER, TOPUP, PAYOUT, OTHER)

MISSING, TWICE, CURRENCY, AMOUNT, NET = "missing_counterpart", "counted_twice", "other_currency", "other_amount", "other_net"
REASONS = (MISSING, TWICE, CURRENCY, AMOUNT, NET)

_FEE_TYPES = ("stripe_fee", "stripe_fx_fee", "tax_fee")
_CHARGED = ("disputed", "paid", "refunded")
_SOURCE = ["source_account", "source_id"]
_NO_AMOUNT = ibis.null("int64")


def balance_lines(
    fct_balance_transaction: ir.Table,
    fct_payment_transaction: ir.Table,
    fct_refund: ir.Table,
    fct_dispute: ir.Table,
    *,
    reporting_zone: str,
) -> ir.Table:
    """One row per balance transaction, and one per charge, refund or dispute that moved money and has none.

    `currency`, `balance_amount_minor`, `fee_amount_minor`, `net_amount_minor`: what Stripe's balance says, signed.
    `own_currency`, `own_amount_minor`: what the source says, signed alike, at the transaction's rate; null where no source says
    it, in the source's own currency where there is no transaction or no rate for it. `reason` is why the two do not tie; null
    where they do. The month is that of the transaction in the reporting zone, else of the source.
    """
    posted = _posted(fct_balance_transaction, reporting_zone)
    unposted = _unposted(fct_balance_transaction, fct_payment_transaction, fct_refund, fct_dispute)
    return nullable(posted).union(nullable(unposted.select(*posted.columns)))


def _posted(fct_balance_transaction: ir.Table, reporting_zone: str) -> ir.Table:
    moved = with_settled(nullable(fct_balance_transaction), "settled")
    moved = moved.mutate(component=_component(moved), is_in=moved.amount_minor >= 0)
    same = ibis.window(
        group_by=[*_SOURCE, moved.source_type, moved.is_in], order_by=[moved.created_at, moved.balance_transaction_id]
    )
    placed = moved.mutate(place=ibis.row_number().over(same))
    told = placed.mutate(reason=_reason(placed))
    sign = ibis.ifelse(told.is_in, 1, -1)
    has_own = told.component.isin(TIED) & ~told.reason.isin([MISSING, TWICE]).fill_null(False)
    own = ibis.coalesce(told.settled, told.source_amount_minor.abs())
    return told.select(
        "source_account",
        "balance_transaction_id",
        "source_id",
        "component",
        "currency",
        "source_currency",
        "source_amount_minor",
        "exchange_rate",
        "fee_amount_minor",
        "net_amount_minor",
        "reason",
        month_start_date=month_start(local_date(told.created_at, reporting_zone)),
        balance_amount_minor=told.amount_minor,
        own_currency=ibis.ifelse(told.settled.isnull(), told.source_currency, told.currency),
        own_amount_minor=ibis.ifelse(has_own, own * sign, _NO_AMOUNT).cast("int64"),
    )


def _component(moved: ir.Table) -> ir.StringValue:
    """What a balance transaction does to the balance, by name."""
    kind = moved.transaction_type
    others = ibis.cases(
        (kind.startswith("payout") | moved.reporting_category.startswith("payout"), PAYOUT),
        (kind.isin(_FEE_TYPES) | (moved.reporting_category == FEE), FEE),
        (kind == ADJUSTMENT, ADJUSTMENT),
        (kind.startswith(TRANSFER), TRANSFER),
        (kind.startswith(TOPUP), TOPUP),
        else_=OTHER,
    )
    return ibis.coalesce(source_component(moved), others)


def _reason(moved: ir.Table) -> ir.StringValue:
    """Why a balance transaction does not tie. A source moves money in once and out once: more of a kind have no counterpart."""
    is_tied = moved.component.isin(TIED)
    return ibis.cases(
        (is_tied & moved.source_amount_minor.isnull(), MISSING),
        (is_tied & (moved.place > 0), TWICE),
        (is_tied & moved.settled.isnull(), CURRENCY),
        (is_tied & (moved.settled != moved.amount_minor.abs()), AMOUNT),
        (moved.net_amount_minor != moved.amount_minor - moved.fee_amount_minor, NET),
        else_=ibis.null("string"),
    )


def _unposted(transactions: ir.Table, charges: ir.Table, refunds: ir.Table, disputes: ir.Table) -> ir.Table:
    """Charges, refunds and lost disputes that moved money without a balance transaction."""
    charged = charges.filter(charges.payment_status.isin(_CHARGED))
    given_back = refunds.filter(refunds.is_succeeded)
    records = ibis.union(
        _records(charged, "charge_id", PAID, "created_date", 1),
        _records(given_back, "refund_id", REFUNDED, "refund_date", -1),
        _records(disputes.filter(disputes.is_lost), "dispute_id", DISPUTED, "closed_date", -1),
    )
    moving = records.filter(records.own_amount_minor != 0)
    posted = transactions.filter(transactions.source_id.notnull()).select(*_SOURCE).distinct()
    alone = moving.anti_join(posted, _SOURCE)
    return alone.mutate(
        balance_transaction_id=ibis.null("string"),
        currency=alone.own_currency,
        source_currency=alone.own_currency,
        source_amount_minor=alone.own_amount_minor,
        exchange_rate=ibis.null(transactions.exchange_rate.type()),
        balance_amount_minor=_NO_AMOUNT,
        fee_amount_minor=_NO_AMOUNT,
        net_amount_minor=_NO_AMOUNT,
        reason=ibis.literal(MISSING),
    )


def _records(facts: ir.Table, id_column: str, component: str, day: str, sign: int) -> ir.Table:
    known = nullable(facts)
    return known.select(
        "source_account",
        source_id=known[id_column].cast("string"),
        component=ibis.literal(component),
        own_currency=known.currency.cast("string"),
        own_amount_minor=(known.amount_minor * sign).cast("int64"),
        month_start_date=month_start(known[day]).cast("date"),
    )
