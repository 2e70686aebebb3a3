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


def converted_amounts(rows: ir.Table, target: str, *, e8: str, rate_e12: str) -> ir.Table:
    """Adds `target`: the e8 amount ≥ 0 × the rate in 1e-12, rounded half-up to e8. Amount and result stay below 9.2e18.

    a × r ÷ 1e12 with a = A × 1e6 + a', r = R × 1e6 + r': A × R + (A × r' + a' × R + a' × r' ÷ 1e6) ÷ 1e6. In steps, because
    one expression would repeat its parts many times over.
    """
    million = 1_000_000
    lows = rows.mutate(_a0=rows[e8] % million, _r0=rows[rate_e12] % million)
    parts = lows.mutate(
        _a1=((lows[e8] - lows._a0) / million).round().cast("int64"),
        _r1=((lows[rate_e12] - lows._r0) / million).round().cast("int64"),
    )
    products = parts.mutate(_left=parts._a1 * parts._r0, _right=parts._a0 * parts._r1, _small=parts._a0 * parts._r0)
    whole = products.mutate(
        _whole=products._a1 * products._r1 + floor_divide(products._left, million) + floor_divide(products._right, million),
        _rest=(products._left % million + products._right % million) * million + products._small,
    )
    done = whole.mutate(**{target: whole._whole + divide_half_up(whole._rest, E12)})
    return done.drop("_a0", "_r0", "_a1", "_r1", "_left", "_right", "_small", "_whole", "_rest")


def monthly_amounts(rows: ir.Table, target: str, *, cycle_e8: str, interval: str, interval_count: str, exponent: str) -> ir.Table:
    """Adds `target`: what a billing cycle's amount (in 1e-8 *minor* units) comes to in a month, as e8, rounded half-up once.

    month ÷ n; year ÷ 12n; week × 365/84n; day × 365/12n. Null for another interval or an unknown currency.
    """
    name = rows[interval]
    months = ibis.cases((name == "month", 1), (name == "year", 12), (name == "week", 84), (name == "day", 12)).cast("int64")
    factors = rows.mutate(
        _factor=ibis.cases((name.isin(["day", "week"]), 365), else_=1).cast("int64"),
        _divisor=(months * rows[interval_count] * power_of_ten(rows[exponent])).nullif(0),
    )
    parts = factors.mutate(
        _whole=floor_divide(factors[cycle_e8], factors._divisor), _rest=factors[cycle_e8] % factors._divisor * factors._factor
    )
    done = parts.mutate(**{target: parts._whole * parts._factor + divide_half_up(parts._rest, parts._divisor)})
    return done.drop("_factor", "_divisor", "_whole", "_rest")


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
