"""What a balance transaction should be: the amount of its charge, refund or dispute at its exchange rate. Written once."""

import ibis
import ibis.expr.types as ir

from c360.expressions.money import AMOUNT_DIGITS, E8, E12, as_integer, converted_amounts

PAID, REFUNDED, DISPUTED = "paid", "refunded", "disputed"
SOURCES = {"charge": PAID, "refund": REFUNDED, "dispute": DISPUTED}
"""Kind of the source -> what it does to the balance."""
_TYPES = {"charge": PAID, "payment": PAID, "payment_refund": REFUNDED, "refund": REFUNDED}
"""The same by the transaction's own type, for those whose source is not stored."""
_DISPUTE_CATEGORIES = ("dispute", "dispute_reversal")
"""Transactions of disputes have the type of any adjustment; only the category says what they are."""


def source_component(moved: ir.Table) -> ir.StringValue:
    """`paid`, `refunded` or `disputed`: what kind of source a balance transaction must tie to; null for payouts, fees, ….

    By the source that is stored, else by Stripe's type and category.
    """
    by_source = [(moved.source_type == kind, name) for kind, name in SOURCES.items()]
    by_type = [(moved.transaction_type == kind, name) for kind, name in _TYPES.items()]
    by_category = (moved.reporting_category.isin(_DISPUTE_CATEGORIES), DISPUTED)
    return ibis.cases(*by_source, *by_type, by_category, else_=ibis.null("string"))


def with_settled(moved: ir.Table, target: str) -> ir.Table:
    """Adds `target`: round(|source amount| × exchange rate), half-up, in minor units of the settlement currency.

    Null where the source is not stored, and where there is no rate although the currencies are not one.
    """
    told = moved.mutate(
        _wanted=moved.source_amount_minor.abs(), _rate_e12=as_integer(moved.exchange_rate, AMOUNT_DIGITS) * (E12 // E8)
    )
    rows = converted_amounts(told, "_converted", e8="_wanted", rate_e12="_rate_e12")
    same = ibis.ifelse(rows.currency == rows.source_currency, rows["_wanted"], ibis.null("int64"))
    settled = ibis.ifelse(rows.exchange_rate.isnull(), same, rows["_converted"])
    return rows.mutate(**{target: settled}).drop("_wanted", "_rate_e12", "_converted")
