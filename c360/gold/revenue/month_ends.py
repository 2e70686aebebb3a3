"""MRR at both ends of each month, as exact integers: what movements and metrics are told from."""

import datetime

import ibis
import ibis.expr.types as ir

from c360.expressions.lineage import nullable
from c360.expressions.money import AMOUNT_DIGITS, as_integer
from c360.expressions.time import month_index, month_of_index

NO_CURRENCY = "xxx"
"""ISO 4217's code for no currency: stands where an item's currency is not known, because a key is never null."""
END = ["customer_id", "currency", "month_start_date"]
UNKNOWN_E8 = ibis.null("int64")


def month_ends(fct_mrr: ir.Table) -> ir.Table:
    """One row per customer × currency × month with items: `mrr_e8`, `reporting_e8` (1e-8 major units), `is_reconstructed`.

    A sum is null when an item's amount in it is: one that cannot be computed yet, in `reporting_e8` also one without a rate.
    """
    items = fct_mrr.select(
        "customer_id",
        "month_start_date",
        "is_reconstructed",
        currency=ibis.coalesce(fct_mrr.currency, NO_CURRENCY),
        mrr_e8=as_integer(fct_mrr.mrr_amount, AMOUNT_DIGITS),
        reporting_e8=as_integer(fct_mrr.mrr_reporting_amount, AMOUNT_DIGITS),
    )
    return items.group_by(END).agg(
        mrr_e8=whole_sum(items.mrr_e8),
        reporting_e8=whole_sum(items.reporting_e8),
        is_reconstructed=items.count(where=items.is_reconstructed) > 0,
    )


def whole_sum(numbers: ir.IntegerColumn, where: ir.BooleanValue | None = None) -> ir.IntegerValue:
    """The sum, 0 of none; null where one of the numbers is null, which SQL would leave out."""
    is_null = numbers.isnull()
    unknown = is_null.cast("int64").sum(where=where).fill_null(0)
    return ibis.ifelse(unknown > 0, UNKNOWN_E8, numbers.sum(where=where).fill_null(0).cast("int64"))


def both_ends(ends: ir.Table, as_of: datetime.date) -> ir.Table:
    """One row per customer × currency × month up to `as_of`'s with items at its end or at its start (the end before).

    `closing_e8`, `closing_reporting_e8`, `opening_e8`, `opening_reporting_e8`: 0 where there are no items, null where `ends`
    has null; `is_reconstructed` of either end.
    """
    known = nullable(ends)
    closing = known.mutate(is_closing=ibis.literal(value=True))
    following = month_of_index(month_index(known.month_start_date) + 1)
    opening = known.mutate(is_closing=ibis.literal(value=False), month_start_date=following.cast("date"))
    sides = closing.select(*closing.columns).union(opening.select(*closing.columns))
    sides = sides.filter(sides.month_start_date <= ibis.literal(as_of))
    return sides.group_by(END).agg(
        closing_e8=whole_sum(sides.mrr_e8, sides.is_closing),
        closing_reporting_e8=whole_sum(sides.reporting_e8, sides.is_closing),
        opening_e8=whole_sum(sides.mrr_e8, ~sides.is_closing),
        opening_reporting_e8=whole_sum(sides.reporting_e8, ~sides.is_closing),
        is_reconstructed=sides.count(where=sides.is_reconstructed) > 0,
    )
