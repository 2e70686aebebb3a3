"""From minor units of any currency to the reporting currency."""

import ibis
import ibis.expr.types as ir

from c360.expressions.money import E12


def with_exponent(rows: ir.Table, currency: ir.Table) -> ir.Table:
    """Adds `exponent`: decimals of the unit that `rows.currency` is billed in (null for an unknown currency)."""
    known = currency.select(_code=currency.currency, exponent=currency.minor_unit_exponent)
    return rows.left_join(known, rows.currency == known._code).drop("_code")


def with_rate(rows: ir.Table, fx_rate: ir.Table, day: str, reporting_currency: str) -> ir.Table:
    """Adds `rate_e12`: the rate of `rows.currency` on the column `day`; null when there is none, never 0."""
    rates = fx_rate.select(_day=fx_rate.rate_date, _code=fx_rate.currency, _rate_e12=fx_rate.rate_e12)
    joined = rows.left_join(rates, [rows[day] == rates._day, rows.currency == rates._code])
    is_own = joined.currency == reporting_currency
    rate = ibis.ifelse(is_own, ibis.literal(E12, type="int64"), joined._rate_e12)
    return joined.mutate(rate_e12=rate).drop("_day", "_code", "_rate_e12")
