"""CL-005: the law of MRR. Written from the items of fct_mrr anew, without the code that makes movements."""

from datetime import date

import ibis
import ibis.expr.types as ir

from c360.expressions.money import AMOUNT_DIGITS, as_integer
from c360.expressions.time import month_index, month_of_index
from c360.quality.conditions import is_true, stacked
from c360.quality.expectation import Finding, expectation, share_of

_KEY = ("customer_id", "currency", "month_start_date")
_NO_CURRENCY = "xxx"
_SUMS = ("closing_e8", "opening_e8", "law_e8", "closing_reporting_e8", "opening_reporting_e8", "law_reporting_e8")
_COUNTS = ("uncomputed", "unrated", "ended", "shown", "marked_opening", "marked_uncomputed", "marked_unrated", "untold")


@expectation(
    "CL-005",
    "P0",
    "gold",
    "gold.fct_mrr_movement",
    "MRR(t) - MRR(t-1) = new + reactivation + expansion - contraction - churn + FX, per customer and month, in both currencies.",
)
def mrr_moves_by_its_law(fct_mrr: ir.Table, fct_mrr_movement: ir.Table, *, as_of: date, history_from: date) -> Finding:
    """One checked row per customer, currency and month with MRR at an end, in fct_mrr or among the movements.

    Both ends are those of fct_mrr, and their difference is the movements that have a type, in the reporting currency with FX.
    What is null is excused by its mark, and a mark by its reason: an opening before the history, an item that cannot be
    computed, a missing rate.
    """
    ends = _ends(fct_mrr)
    following = month_of_index(month_index(ends.month_start_date) + 1).cast("date")
    opened = ends.mutate(month_start_date=following)
    opened = opened.filter(opened.month_start_date <= ibis.literal(as_of))
    every = stacked(_side(ends, closing=1), _side(opened, closing=-1), _shown(fct_mrr_movement))
    left = every.group_by(list(_KEY)).aggregate(
        **{name: every[name].sum().cast("int64") for name in _SUMS},
        **{name: every[name].fill_null(0).sum().cast("int64") for name in _COUNTS},
    )
    together = ibis.window(group_by=["customer_id", "month_start_date"])
    judged = left.mutate(
        has_uncomputed=left.uncomputed.sum().over(together) > 0,
        may_lack_rate=(left.unrated + left.ended).sum().over(together) > 0,
        is_first=left.month_start_date == ibis.literal(history_from.replace(day=1)),
    )
    return share_of(judged, _is_broken(judged), _KEY)


def _ends(fct_mrr: ir.Table) -> ir.Table:
    items = fct_mrr.select(
        "customer_id",
        "month_start_date",
        currency=ibis.coalesce(fct_mrr.currency, _NO_CURRENCY),
        mrr_e8=as_integer(fct_mrr.mrr_amount, AMOUNT_DIGITS),
        reporting_e8=as_integer(fct_mrr.mrr_reporting_amount, AMOUNT_DIGITS),
    )
    return items.group_by(list(_KEY)).aggregate(
        mrr_e8=items.mrr_e8.sum().fill_null(0).cast("int64"),
        reporting_e8=items.reporting_e8.sum().fill_null(0).cast("int64"),
        uncomputed=items.count(where=items.mrr_e8.isnull()),
        unrated=items.count(where=items.mrr_e8.notnull() & items.reporting_e8.isnull()),
    )


def _side(ends: ir.Table, *, closing: int) -> ir.Table:
    """An end in the form all sides share: as closing (1), or as opening (-1) of the month after."""
    zero = ibis.literal(0, type="int64")
    is_closing = closing > 0
    return ends.select(
        *_KEY,
        closing_e8=ends.mrr_e8 if is_closing else zero,
        opening_e8=zero if is_closing else ends.mrr_e8,
        law_e8=ends.mrr_e8 * closing,
        closing_reporting_e8=ends.reporting_e8 if is_closing else zero,
        opening_reporting_e8=zero if is_closing else ends.reporting_e8,
        law_reporting_e8=ends.reporting_e8 * closing,
        uncomputed=ends.uncomputed,
        unrated=ends.unrated,
        **dict.fromkeys(_COUNTS[2:], zero),
    )


def _shown(movements: ir.Table) -> ir.Table:
    """The movements with the signs turned, so that all that is right adds up to 0. One that says nothing is `untold`."""
    amounts = {
        name: as_integer(movements[f"{name}_amount"], AMOUNT_DIGITS)
        for name in (
            "opening_mrr",
            "closing_mrr",
            "movement",
            "opening_mrr_reporting",
            "closing_mrr_reporting",
            "movement_reporting",
            "fx",
        )
    }
    has_type = movements.movement_type.notnull()
    zero = ibis.literal(0, type="int64")
    moved = ibis.ifelse(has_type, amounts["movement"].fill_null(0), zero)
    moved_reporting = ibis.ifelse(has_type, amounts["movement_reporting"].fill_null(0), zero)
    return movements.select(
        *_KEY,
        closing_e8=-amounts["closing_mrr"],
        opening_e8=-amounts["opening_mrr"],
        law_e8=-moved,
        closing_reporting_e8=-amounts["closing_mrr_reporting"],
        opening_reporting_e8=-amounts["opening_mrr_reporting"],
        law_reporting_e8=-moved_reporting - amounts["fx"].fill_null(0),
        uncomputed=zero,
        unrated=zero,
        ended=is_true(amounts["closing_mrr"] == 0).cast("int64"),
        shown=ibis.literal(1, type="int64"),
        marked_opening=(~movements.is_opening_known).cast("int64"),
        marked_uncomputed=(~movements.is_mrr_complete).cast("int64"),
        marked_unrated=movements.is_rate_missing.cast("int64"),
        untold=amounts["movement"].isnull().cast("int64"),
    )


def _is_broken(row: ir.Table) -> ir.BooleanValue:
    is_before, is_uncomputed, is_unrated = row.marked_opening > 0, row.marked_uncomputed > 0, row.marked_unrated > 0
    is_marked_rightly = (~is_before | row.is_first) & (is_uncomputed == row.has_uncomputed) & (~is_unrated | row.may_lack_rate)
    has_reasons = ibis.ifelse(row.shown == 0, row.uncomputed == 0, (row.shown == 1) & is_marked_rightly)
    ends_tie = is_uncomputed | ((row.closing_e8 == 0) & (is_before | (row.opening_e8 == 0)))
    rates_excuse = is_uncomputed | is_unrated
    reporting_ties = rates_excuse | ((row.closing_reporting_e8 == 0) & (is_before | (row.opening_reporting_e8 == 0)))
    is_excused = is_before | is_uncomputed
    law_holds = is_excused | (is_unrated & (row.untold > 0)) | (row.law_e8 == 0)
    law_holds_in_reporting = is_excused | is_unrated | (row.law_reporting_e8 == 0)
    return ~is_true(has_reasons & ends_tie & reporting_ties & law_holds & law_holds_in_reporting)
