"""Amounts of many currencies in the reporting currency, at the rate of one day; what cannot be converted stays null."""

from datetime import date

import ibis
import ibis.expr.types as ir

from c360.expressions.money import E12, converted_e8, power_of_ten

LARGEST_MINOR = 9_000_000_000_000
"""Bound of an amount and of its product with the rate, so that no step of the conversion passes 64 bits."""
LARGEST_MAJOR = 90_000_000_000
"""The same for the result in major units."""


def with_rate(rows: ir.Table, fx_rate: ir.Table, *, day: date, reporting_currency: str) -> ir.Table:
    """Adds `rate_e12`: reporting units per unit of the row's `currency` on `day`; null when there is no rate.

    The reporting currency needs none.
    """
    today = fx_rate.filter(fx_rate.rate_date == ibis.literal(day))
    rates = today.select(_currency=today.currency, _rate_e12=today.rate_e12)
    joined = rows.left_join(rates, rows.currency == rates._currency)
    rate_e12 = ibis.ifelse(joined.currency == reporting_currency, ibis.literal(E12, "int64"), joined._rate_e12)
    return joined.mutate(rate_e12=rate_e12).drop("_currency", "_rate_e12")


def reporting_e8(minor: ir.IntegerValue, exponent: ir.IntegerValue, rate_e12: ir.IntegerValue) -> ir.IntegerValue:
    """An amount of either sign in 1e-8 reporting units, rounded half away from zero.

    Args:
        minor: The amount × 10**exponent.
        exponent: Decimals of `minor`.
        rate_e12: Reporting units per major unit, × 1e12.

    Returns:
        Null without an amount, exponent or rate, and beyond 9e10 reporting units.
    """
    size = ibis.ifelse(minor < 0, -minor, minor)
    product = size.cast("float64") * (rate_e12.cast("float64") / E12)
    limit = (power_of_ten(exponent) * LARGEST_MAJOR).cast("float64")
    fits = (size <= LARGEST_MINOR) & (product <= LARGEST_MINOR) & (product <= limit)
    safe = ibis.ifelse(fits, size, 0)  # an engine may compute both branches of a condition: neither may overflow
    converted = converted_e8(safe, exponent, rate_e12)
    return ibis.ifelse(fits, ibis.ifelse(minor < 0, -converted, converted), ibis.null("int64"))
