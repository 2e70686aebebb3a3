"""fx_rate: exchange rates into the reporting currency, one per day."""

import ibis
import ibis.expr.types as ir

from c360.catalog import Overwrite, table
from c360.contract import Contract, Day, Integer, Rate, Text, field
from c360.expressions.calendar import add_days, days_between
from c360.expressions.lineage import shaped
from c360.expressions.money import RATE_DIGITS, as_decimal, as_integer, floor_divide

MAX_AGE_DAYS = 7
"""A published rate applies on its own day and on at most this many days after it."""

_FILE_DIGITS = 6
_STEP = 10_000
_STEPS = RATE_DIGITS // 4


class FxRate(Contract):
    """One row per day and currency."""

    rate_date: Day = field("Day the rate applies on.")
    currency: Text = field("Lower-case ISO 4217 code.", pii="enum")
    rate: Rate = field("Reporting units for 1 unit of the currency.", unit="reporting currency per unit", ge=0)
    rate_e12: Integer = field("The same × 10^12, for exact integer arithmetic.", unit="1e-12", ge=0)
    published_date: Day = field("Day the source published it (none on weekends and holidays).")

    class Config:
        """One rate per day and currency."""

        unique = ["rate_date", "currency"]


@table(FxRate, write=Overwrite())
def fx_rate(fx_rates: ir.Table, *, reporting_currency: str) -> ir.Table:
    """One row per day × currency: reporting units per 1 unit, rounded half-up at 12 decimals.

    Cross rates go through EUR on the same published day. A published rate is carried forward over days without one, at most 7
    days; after that the row is absent, so that a gap is seen and never taken for a rate.
    """
    published = _cross_rates(fx_rates, reporting_currency)
    by_currency = ibis.window(group_by=published.currency, order_by=published.published_date)
    following = published.mutate(next_date=published.published_date.lead().over(by_currency))
    gap = days_between(following.published_date, following.next_date)
    age = ibis.range(0, MAX_AGE_DAYS + 1).unnest()
    aged = following.mutate(valid_days=ibis.coalesce(gap, MAX_AGE_DAYS + 1)).mutate(age=age)
    daily = aged.filter(aged.age < aged.valid_days)
    return shaped(
        daily,
        FxRate,
        rate_date=add_days(daily.published_date, daily.age),
        rate=as_decimal(daily.rate_e12, RATE_DIGITS),
    )


def _cross_rates(fx_rates: ir.Table, reporting_currency: str) -> ir.Table:
    quotes = fx_rates.select("date", "currency", units=as_integer(fx_rates.units_per_eur, _FILE_DIGITS))
    quotes = quotes.filter(quotes.units > 0)
    reporting = quotes.filter(quotes.currency == reporting_currency).select("date", reporting_units=quotes.units)
    both = quotes.join(reporting, "date")
    return both.select(both.currency, both.date.name("published_date"), rate_e12=_quotient_e12(both.reporting_units, both.units))


def _quotient_e12(units: ir.IntegerValue, divisor: ir.IntegerValue) -> ir.IntegerValue:
    """Units ÷ divisor × 1e12 rounded half-up: long division, four decimals a step, as the product passes 64 bits."""
    quotient, rest = floor_divide(units, divisor), units % divisor
    for _ in range(_STEPS):
        number = rest * _STEP
        quotient, rest = quotient * _STEP + floor_divide(number, divisor), number % divisor
    return quotient + (2 * rest >= divisor).cast("int64")
