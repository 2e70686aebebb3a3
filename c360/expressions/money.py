"""Money by 64-bit integer arithmetic that gives the same digits on every engine.

Three units: *minor* (cents, as billed), *e8* (1e-8 of a major unit: what gold computes with) and decimals (what gold shows).
Engines divide decimals, and even integers, differently; nothing here divides anything but non-negative integers whose
quotient is exact. Results hold up to 9.2e18 in their unit (92 billion major units in e8).
"""

from collections.abc import Sequence
from decimal import Decimal

import ibis
import ibis.expr.types as ir

E8 = 100_000_000
E12 = 1_000_000_000_000
AMOUNT_DIGITS = 8
RATE_DIGITS = 12
MAX_EXPONENT = 4
_ALLOCATION_LIMIT = 46_000_000_000_000_000
"""Largest total whose hundredfold, twice, fits 64 bits."""
_BASE = 100
_AMOUNT_OFF_PLACES = 5  # base-100 digits of an amount off …
_ZERO_PLACES = 4  # … and the zeros that make it e8


def floor_divide(number: ir.IntegerValue, divisor: ir.IntegerValue | int) -> ir.IntegerValue:
    """`number // divisor` for number ≥ 0, divisor > 0 (null for 0); exact over all of 64 bits.

    Ibis writes `//` as the floor of a float quotient, which is wrong from 2**53 on. Here a multiple of the divisor is divided,
    so that the float quotient is at most rounded, and what rounding took is added by a second, small division.
    """
    positive = divisor if isinstance(divisor, int) else divisor.nullif(0)
    multiple = number - number % positive
    near = (multiple / positive).round().cast("int64")
    return near + ((multiple - near * positive) / positive).round().cast("int64")


def divide_half_up(number: ir.IntegerValue, divisor: ir.IntegerValue | int) -> ir.IntegerValue:
    """Number ÷ divisor rounded half-up, for number ≥ 0, divisor > 0 (null for 0)."""
    positive = divisor if isinstance(divisor, int) else divisor.nullif(0)
    return floor_divide(number, positive) + (2 * (number % positive) >= positive).cast("int64")


def as_decimal(number: ir.IntegerValue, digits: int) -> ir.DecimalValue:
    """Number × 10**-digits, exactly, as decimal(38, digits).

    Whole and fraction apart, each in a decimal so narrow that no engine rounds the product or the sum.
    """
    unit = 10**digits
    fraction = number % unit
    whole = ((number - fraction) / unit).round().cast("int64")
    scale = ibis.literal(Decimal(1).scaleb(-digits), type=f"decimal(18, {digits})")
    narrow = f"decimal({20 + digits}, {digits})"
    small = (fraction.cast("decimal(18, 0)") * scale).cast(narrow)
    return (whole.cast(narrow) + small).cast(f"decimal(38, {digits})")


def as_integer(number: ir.DecimalValue, digits: int) -> ir.IntegerValue:
    """Number × 10**digits rounded half away from zero, for |number| < 10**(18 - digits)."""
    narrow = f"decimal(19, {digits})"  # 18 and less DuckDB multiplies in 64 bits
    unit = ibis.literal(Decimal(10**digits), type=narrow)
    return (number.cast(f"decimal(38, {RATE_DIGITS})").round(digits).cast(narrow) * unit).cast("int64")


def power_of_ten(exponent: ir.IntegerValue, offset: int = 0) -> ir.IntegerValue:
    """10**(exponent + offset) for exponents 0 to 4; null for any other (an unknown currency)."""
    branches = [(exponent == e, ibis.literal(10 ** max(e + offset, 0), type="int64")) for e in range(MAX_EXPONENT + 1)]
    return ibis.cases(*branches, else_=ibis.null("int64"))


def major_e8(minor: ir.IntegerValue, exponent: ir.IntegerValue) -> ir.IntegerValue:
    """Minor units of a currency with this exponent as e8 (null when the currency is unknown)."""
    branches = [(exponent == e, ibis.literal(10 ** (AMOUNT_DIGITS - e), type="int64")) for e in range(MAX_EXPONENT + 1)]
    return minor * ibis.cases(*branches, else_=ibis.null("int64"))


def amount(e8: ir.IntegerValue) -> ir.DecimalValue:
    """An e8 integer as a decimal(38, 8) in major units."""
    return as_decimal(e8, AMOUNT_DIGITS)


def converted_e8(minor: ir.IntegerValue, exponent: ir.IntegerValue, rate_e12: ir.IntegerValue) -> ir.IntegerValue:
    """Minor × 10**-exponent × rate, rounded half-up to 1e-8, as e8. Minor units ≥ 0; rate in 1e-12.

    With D = 10**(exponent + 4) and the rate split at 1e6 into high and low: minor × (high × 1e6 + low) ÷ D, without a product
    beyond 64 bits.
    """
    low = rate_e12 % 1_000_000
    high = ((rate_e12 - low) / 1_000_000).round().cast("int64")
    return _times(minor * high, minor * low, exponent)


def _times(high: ir.IntegerValue, low: ir.IntegerValue, exponent: ir.IntegerValue) -> ir.IntegerValue:
    """(high × 1e6 + low) ÷ 10**(exponent + 4) rounded half-up."""
    branches = []
    for e in range(MAX_EXPONENT + 1):
        divisor = 10 ** (e + 4)
        if divisor <= 1_000_000:
            value = high * (1_000_000 // divisor) + divide_half_up(low, divisor)
        else:
            step = divisor // 1_000_000
            value = floor_divide(high, step) + divide_half_up(high % step * 1_000_000 + low, divisor)
        branches.append((exponent == e, value))
    return ibis.cases(*branches, else_=ibis.null("int64"))


def converted_amount_e8(e8: ir.IntegerValue, rate_e12: ir.IntegerValue) -> ir.IntegerValue:
    """An e8 amount ≥ 0 × a rate in 1e-12, rounded half-up to e8, where amount and result stay below 9.2e18.

    a × r ÷ 1e12 with a = A × 1e6 + a', r = R × 1e6 + r': A × R + (A × r' + a' × R + a' × r' ÷ 1e6) ÷ 1e6.
    """
    million = 1_000_000
    a_low, r_low = e8 % million, rate_e12 % million
    a_high = ((e8 - a_low) / million).round().cast("int64")
    r_high = ((rate_e12 - r_low) / million).round().cast("int64")
    cross_low, cross_high = a_high * r_low % million, floor_divide(a_high * r_low, million)
    middle = cross_low * million + a_low * r_high % million * million + a_low * r_low
    return a_high * r_high + cross_high + floor_divide(a_low * r_high, million) + divide_half_up(middle, E12)


def monthly_e8(
    cycle_e8: ir.IntegerValue, interval: ir.StringValue, interval_count: ir.IntegerValue, exponent: ir.IntegerValue
) -> ir.IntegerValue:
    """What a billing cycle's amount (in 1e-8 *minor* units) comes to in a month, as e8, rounded half-up once.

    month ÷ n; year ÷ 12n; week × 365/84n; day × 365/12n. Null for another interval or an unknown currency.
    """
    factor = ibis.cases((interval.isin(["day", "week"]), 365), else_=1).cast("int64")
    months = ibis.cases(
        (interval == "month", 1), (interval == "year", 12), (interval == "week", 84), (interval == "day", 12)
    ).cast("int64")
    divisor = (months * interval_count * power_of_ten(exponent)).nullif(0)
    return floor_divide(cycle_e8, divisor) * factor + divide_half_up(cycle_e8 % divisor * factor, divisor)


def allocated(rows: ir.Table, keys: Sequence[str]) -> ir.Table:
    """`keys` and `share_e8`: the part of a fixed discount that falls on each row, amount × weight ÷ total, rounded half-up.

    Args:
        rows: `amount_minor` (minor units, null: none), `weight_e8` ≤ `total_e8` (1e-8 minor units, ≥ 0).
        keys: Columns that name a row.

    Returns:
        One row per row; never more than its weight. Null where the total passes 460 million minor units and is to be shared.
    """
    off = rows.amount_minor.fill_null(0)
    is_all = (rows.weight_e8 == rows.total_e8) | (off > floor_divide(rows.total_e8, E8))
    fits = ~is_all & (rows.total_e8 <= _ALLOCATION_LIMIT)
    is_eaten = off > floor_divide(rows.weight_e8, E8)  # the discount is no less than the row
    alone = ibis.cases((is_all & is_eaten, rows.weight_e8), (is_all, off * E8), else_=ibis.null("int64"))
    step = rows.select(
        *keys,
        "weight_e8",
        alone_e8=alone,
        fits=fits,
        off=ibis.ifelse(fits, off, 0),
        total=ibis.ifelse(fits, rows.total_e8, 1),
        quotient=ibis.literal(0, type="int64"),
        rest=ibis.literal(0, type="int64"),
    )
    for place in reversed(range(_ZERO_PLACES + _AMOUNT_OFF_PLACES)):
        step = _long_division_step(step, place)
    shared = step.quotient + (2 * step.rest >= step.total).cast("int64")
    share = ibis.coalesce(step.alone_e8, ibis.ifelse(step.fits, shared, ibis.null("int64")))
    return step.select(*keys, share_e8=share)


def _long_division_step(step: ir.Table, place: int) -> ir.Table:
    """One more digit of amount × weight ÷ total in base 100, because the product needs 128 bits."""
    digit = floor_divide(step.off, _BASE ** (place - _ZERO_PLACES)) % _BASE if place >= _ZERO_PLACES else 0
    number = step.mutate(number=step.rest * _BASE + ibis.ifelse(step.fits, step.weight_e8, 0) * digit)
    rest = number.number % number.total
    quotient = number.quotient * _BASE + ((number.number - rest) / number.total).round().cast("int64")
    return number.mutate(rest=rest, quotient=quotient).drop("number")
