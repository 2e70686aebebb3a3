"""What became of those who paid at the start of a period: customers at constant currency, and subscriptions."""

import datetime

import ibis
import ibis.expr.types as ir

from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.expressions.lineage import nullable
from c360.expressions.money import AMOUNT_DIGITS, as_integer, converted_amounts
from c360.expressions.time import last_day, month_index, month_of_index
from c360.gold.revenue.month_ends import NO_CURRENCY, UNKNOWN_E8, whole_sum
from c360.gold.revenue.rates import with_rate
from c360.gold.revenue.scopes import SCOPE_MONTH, in_both_scopes

PERIODS = {"month": 1, "year": 12}
"""Periods retention is told of, in months."""
_SUBSCRIPTION = ["source_account", "subscription_id"]


def customer_retention(
    fct_mrr_movement: ir.Table, fx_rate: ir.Table, *, as_of: datetime.date, reporting_currency: str
) -> ir.Table:
    """One row per scope and month: customers with MRR a month and a year before its end, and what is left of that MRR.

    For `month` and `year`: `<period>_cohort_count`, `…_churned_count`, `…_cohort_e8`, `…_kept_e8` (per customer at most what it
    had) and `…_now_e8`, all at the rates of the period's start, null where one is missing. The unknown member is no customer; a
    customer whose MRR cannot be computed at either end is left out.
    """
    closing = fct_mrr_movement.select(
        "customer_id", "currency", "month_start_date", mrr_e8=as_integer(fct_mrr_movement.closing_mrr_amount, AMOUNT_DIGITS)
    )
    closing = closing.filter(closing.customer_id != UNKNOWN_CUSTOMER_ID)
    sides = ibis.union(*(both_sides(closing, n, as_of).mutate(months=ibis.literal(n, "int64")) for n in PERIODS.values()))
    converted = _at_start(sides, fx_rate, as_of, reporting_currency)
    scoped = in_both_scopes(converted, reporting_currency, own={"value_e8": "own_e8"}, total={"value_e8": "converted_e8"})
    cohort = _cohorts(scoped)
    of = {name: cohort.months == months for name, months in PERIODS.items()}
    return cohort.group_by(SCOPE_MONTH).agg(
        **{f"{name}_cohort_count": cohort.count(where=period) for name, period in of.items()},
        **{f"{name}_churned_count": cohort.count(where=period & ~cohort.has_end) for name, period in of.items()},
        **{
            f"{name}_{sum_}_e8": whole_sum(cohort[f"{sum_}_e8"], period)
            for name, period in of.items()
            for sum_ in ("cohort", "kept", "now")
        },
    )


def _at_start(sides: ir.Table, fx_rate: ir.Table, as_of: datetime.date, reporting_currency: str) -> ir.Table:
    """Adds `own_e8` and `converted_e8`, both ends of a period at the rate of its start: null without one, 0 needs none."""
    dated = sides.mutate(rate_date=last_day(sides.period_date, as_of), own_e8=sides.mrr_e8)
    rated = with_rate(dated, fx_rate, "rate_date", reporting_currency)
    converted = converted_amounts(rated, "_converted_e8", e8="mrr_e8", rate_e12="rate_e12")
    return converted.mutate(converted_e8=ibis.ifelse(converted.mrr_e8 == 0, 0, converted._converted_e8))


def _cohorts(scoped: ir.Table) -> ir.Table:
    """One row per scope, period and customer with MRR at the period's start."""
    each = scoped.group_by([*SCOPE_MONTH, "months", "customer_id"]).agg(
        start_e8=whole_sum(scoped.value_e8, scoped.is_start),
        end_e8=whole_sum(scoped.value_e8, ~scoped.is_start),
        has_start=scoped.count(where=scoped.is_start & (scoped.mrr_e8 > 0)) > 0,
        has_end=scoped.count(where=~scoped.is_start & (scoped.mrr_e8 > 0)) > 0,
        is_computed=scoped.count(where=scoped.mrr_e8.isnull()) == 0,
    )
    cohort = each.filter(each.has_start & each.is_computed)
    is_rated = cohort.start_e8.notnull() & cohort.end_e8.notnull()
    return cohort.mutate(
        cohort_e8=ibis.ifelse(is_rated, cohort.start_e8, UNKNOWN_E8),
        now_e8=ibis.ifelse(is_rated, cohort.end_e8, UNKNOWN_E8),
        kept_e8=ibis.ifelse(is_rated, ibis.least(cohort.start_e8, cohort.end_e8), UNKNOWN_E8),
    )


def subscription_retention(fct_mrr: ir.Table, *, as_of: datetime.date, reporting_currency: str) -> ir.Table:
    """One row per scope and month: subscriptions with MRR at its end and at its start, and those of the start that are at 0.

    `subscription_count`, `opening_subscription_count`, `churned_subscription_count`. A subscription whose MRR cannot
    be computed at either end is left out; those of the unknown member are in.
    """
    items = fct_mrr.select(
        *_SUBSCRIPTION,
        "month_start_date",
        currency=ibis.coalesce(fct_mrr.currency, NO_CURRENCY),
        mrr_e8=as_integer(fct_mrr.mrr_amount, AMOUNT_DIGITS),
    )
    sides = both_sides(items, 1, as_of)
    scoped = in_both_scopes(sides, reporting_currency, own={}, total={})
    each = scoped.group_by([*SCOPE_MONTH, *_SUBSCRIPTION]).agg(
        has_start=scoped.count(where=scoped.is_start & (scoped.mrr_e8 > 0)) > 0,
        has_end=scoped.count(where=~scoped.is_start & (scoped.mrr_e8 > 0)) > 0,
        is_computed=scoped.count(where=scoped.mrr_e8.isnull()) == 0,
    )
    known = each.filter(each.is_computed)
    return known.group_by(SCOPE_MONTH).agg(
        subscription_count=known.count(where=known.has_end),
        opening_subscription_count=known.count(where=known.has_start),
        churned_subscription_count=known.count(where=known.has_start & ~known.has_end),
    )


def both_sides(rows: ir.Table, months: int, as_of: datetime.date) -> ir.Table:
    """Every row as the end of a period of so many months (its own month) and as the start of one (`is_start`), up to `as_of`.

    Adds `period_date`, first day of the month whose end is the period's start; `month_start_date` is that of the period's end.
    """
    known = nullable(rows)
    index = month_index(known.month_start_date)
    started = known.mutate(
        is_start=ibis.literal(value=True),
        period_date=known.month_start_date,
        month_start_date=month_of_index(index + months).cast("date"),
    )
    ended = known.mutate(is_start=ibis.literal(value=False), period_date=month_of_index(index - months).cast("date"))
    both = nullable(started).union(nullable(ended.select(*started.columns)))
    return both.filter(both.month_start_date <= ibis.literal(as_of))
