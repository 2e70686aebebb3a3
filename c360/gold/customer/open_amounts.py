"""What is still open with a customer (deals, unpaid invoices, balances), in the reporting currency at the rate of one day."""

from datetime import date

import ibis
import ibis.expr.types as ir

from c360.expressions.domains import is_true
from c360.expressions.money import E12, as_integer, converted_e8, divide_half_up, power_of_ten
from c360.gold.revenue.rates import with_rate

PIPELINE, WEIGHTED, UNPAID, BALANCE = "pipeline", "weighted", "unpaid", "balance"

CENTS = 2
"""Decimals of a deal's amount that count."""
SHARE_UNIT = 1_000_000
LARGEST_MINOR = 9_000_000_000_000
LARGEST_MAJOR = 20_000_000_000
"""Bounds of an amount and of what it comes to, within which no step of the conversion passes 64 bits."""


def open_amounts(deals: ir.Table, invoices: ir.Table, balances: ir.Table) -> ir.Table:
    """One row per open amount: `customer_id`, `kind`, `currency`, `size` × 10**-`exponent`, `is_negative`.

    Args:
        deals: Opportunities; a deal gives two rows, `pipeline` and `weighted` (× probability share, to 1/100).
        invoices: Invoices with `exponent`; unpaid are open ones with something left to pay.
        balances: Stripe balances with `customer_id`, `currency`, `exponent`; zero is none.
    """
    open_deals = deals.filter(~deals.is_closed & ~deals.is_deleted)
    cents = as_integer(open_deals.amount, CENTS)
    unpaid = invoices.filter((invoices.status == "open") & (invoices.remaining_amount_minor > 0))
    balances = balances.filter(balances.balance != 0)
    exponent = ibis.literal(CENTS, "int64")
    return ibis.union(
        _rows(open_deals, PIPELINE, cents, exponent),
        _rows(open_deals, WEIGHTED, weighted(cents, open_deals.probability_share), exponent),
        _rows(unpaid, UNPAID, unpaid.remaining_amount_minor, unpaid.exponent),
        _rows(balances, BALANCE, balances.balance, balances.exponent),
    )


def in_reporting_currency(amounts: ir.Table, fx_rate: ir.Table, *, day: date, reporting_currency: str) -> ir.Table:
    """One row per customer, kind, sign and currency: `open_count`, `open_e8` (no sign) and `unconverted_count`.

    Amounts of one currency are added up, then converted, rounded half-up. Not converted, and in no sum, is what has no
    amount, currency or rate, or comes to more than 2e10.
    """
    rated = with_rate(amounts.mutate(day=ibis.literal(day)), fx_rate, "day", reporting_currency)
    most = ibis.least(power_of_ten(rated.exponent) * LARGEST_MAJOR, LARGEST_MINOR).cast("float64")
    largest = most / (rated.rate_e12 / E12)
    sums = rated.group_by("customer_id", "kind", "is_negative", "has_size", "exponent", "rate_e12", largest=largest).agg(
        open_count=rated.count(), total=rated["size"].sum()
    )
    fits = is_true(sums.exponent.notnull() & (sums.total <= LARGEST_MINOR) & (sums.total <= sums.largest))
    # An engine may compute what it then leaves out: the arithmetic must not overflow for any row.
    safe = sums.select(*sums.columns, fits=fits, safe=ibis.ifelse(fits, sums.total, 0)).distinct()
    return safe.select(
        "customer_id",
        "kind",
        "is_negative",
        "open_count",
        open_e8=converted_e8(safe.safe, safe.exponent, safe.rate_e12),
        unconverted_count=ibis.ifelse(safe.fits, 0, safe.open_count),
    )


def _rows(rows: ir.Table, kind: str, minor: ir.IntegerValue, exponent: ir.IntegerValue) -> ir.Table:
    """Open amounts of one kind. One beyond the bound has no size, so that it does not spoil the sum of the others."""
    given = rows.select(
        customer_id=rows.customer_id.cast("string"),
        kind=ibis.literal(kind),
        currency=rows.currency.cast("string"),
        minor=minor.cast("int64"),
        exponent=exponent.cast("int64"),
    ).alias(f"open_{kind}")  # named, or each use below would repeat how it is computed
    size = ibis.ifelse(given.minor.abs() <= LARGEST_MINOR, given.minor.abs(), ibis.null("int64"))
    return given.select(
        "customer_id",
        "kind",
        "currency",
        size=size.cast("int64"),
        is_negative=size.notnull() & (given.minor < 0),
        has_size=size.notnull(),
        exponent=given.exponent,
    )


def weighted(cents: ir.IntegerValue, share: ir.FloatingValue) -> ir.IntegerValue:
    """Cents × share rounded half away from zero; null beyond the bound."""
    size = cents.abs()
    product = ibis.ifelse(size <= LARGEST_MINOR, size, 0) * (share * SHARE_UNIT).round().cast("int64")
    weighted = divide_half_up(product, SHARE_UNIT)
    return ibis.ifelse(size <= LARGEST_MINOR, ibis.ifelse(cents < 0, -weighted, weighted), ibis.null("int64"))
