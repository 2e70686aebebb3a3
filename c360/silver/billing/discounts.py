"""Discounts of subscriptions and invoices: their terms in both of Stripe's shapes, and what stacked ones come to."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from c360.expressions.money import E8, as_integer

MAX_STACKED = 8
"""Lasting percents that are multiplied. Stripe allows 20 discounts; an object with more lasting ones than this is marked."""

PERCENT_FACTOR = "percent_factor_e8"
FIXED_DISCOUNT = "fixed_discount_minor"
IS_UNKNOWN = "has_unknown_discount"
_PERCENT_DIGITS = 6
ONCE = "once"


def terms(discount: ir.StructValue) -> dict[str, ir.Value]:
    """What one discount says: id, coupon (newest shape first) and the time it holds."""
    new, old = discount["source"]["coupon"], discount["coupon"]
    return {
        "discount_id": discount["id"],
        "percent_off": ibis.coalesce(new["percent_off"], old["percent_off"]),
        "amount_off": ibis.coalesce(new["amount_off"], old["amount_off"]),
        "coupon_currency": ibis.coalesce(new["currency"], old["currency"]).lower(),
        "duration": ibis.coalesce(new["duration"], old["duration"]),
        "discount_start_at": discount["start"],
        "discount_end_at": discount["end"],
    }


def exploded(rows: ir.Table, keys: Sequence[str], *, many: str, one: str) -> ir.Table:
    """One row per key and discount with its `terms` and `position`.

    Reads the array `many`; the single discount `one` of older versions only where the array is empty or missing.
    """
    named = listed(rows, keys, many)
    alone = rows.filter(rows[one]["coupon"]["duration"].notnull() | rows[one]["id"].notnull())
    alone = alone.anti_join(named, list(keys))
    single = alone.select(*keys, **terms(alone[one]), position=ibis.literal(0, type="int64"))
    return named.select(*single.columns).union(single)


def listed(rows: ir.Table, keys: Sequence[str], many: str) -> ir.Table:
    """One row per key and discount in the array `many`, with its `terms` and `position`."""
    each = rows.select(*keys, each=rows[many]).unnest("each", offset="place")
    each = each.filter(each.each["id"].notnull())
    return each.select(*keys, **terms(each.each), position=each.place.cast("int64"))


def stacked(discounts: ir.Table, keys: Sequence[str]) -> ir.Table:
    """One row per key: what its discounts come to together.

    `percent_factor_e8` is the product of the percents in 1e-8 steps, each rounded half-up, in order of `position`;
    `fixed_discount_minor` the sum of amounts off in `currency`; `has_unknown_discount` whether one was
    left out: it has no terms, or comes after the 8th. Coupons of duration once never count.
    """
    counted = discounts.filter((discounts.duration != ONCE) | discounts.duration.isnull())
    order = ibis.window(group_by=list(keys), order_by=[counted.position, counted.discount_id.fill_null("")])
    ranked = counted.mutate(
        rank=ibis.row_number().over(order),
        factor=_factor(counted.percent_off),
        fixed=ibis.ifelse(counted.coupon_currency == counted.currency, counted.amount_off, 0),
        unknown=counted.duration.isnull() | (ibis.row_number().over(order) >= MAX_STACKED),
    )
    wide = ranked.group_by(list(keys)).agg(
        **{f"factor_{n}": ranked.factor.max(where=ranked["rank"] == n) for n in range(MAX_STACKED)},
        fixed=ranked.fixed.sum(),
        unknown=ranked.unknown.cast("int64").max(),
    )
    return wide.select(
        *keys,
        _product(wide).name(PERCENT_FACTOR),
        wide.fixed.fill_null(0).cast("int64").name(FIXED_DISCOUNT),
        (wide.unknown == 1).name(IS_UNKNOWN),
    )


def _factor(percent_off: ir.DecimalValue) -> ir.IntegerValue:
    """What a percent off leaves, × 10**8; null for an amount off."""
    left = E8 - as_integer(percent_off, _PERCENT_DIGITS)
    return ibis.cases((percent_off > 100, 0), (percent_off < 0, E8), else_=left)


def _product(wide: ir.Table) -> ir.IntegerValue:
    product: ir.IntegerValue = wide.factor_0.fill_null(E8)
    for n in range(1, MAX_STACKED):
        # Exact although `//` is a float division: a factor of at most 4 decimals makes every product even and below 2**54.
        product = (product * wide[f"factor_{n}"].fill_null(E8) + E8 // 2) // E8
    return product
