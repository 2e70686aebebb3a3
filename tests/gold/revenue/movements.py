"""Short ways to write MRR down, item by item, and to read movements."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from c360.gold.revenue.fct_mrr_movement import fct_mrr_movement
from tests.billing import ACCOUNT, Pipeline, Row

HISTORY, AS_OF = date(2026, 1, 1), date(2026, 6, 30)
E12 = 10**12
STEP = Decimal("0.00000001")


def month(number: int) -> date:
    """First day of a month: 1-12 of 2026, 13 on of 2027."""
    return date(2026 + (number - 1) // 12, (number - 1) % 12 + 1, 1)


def half_up(number: Decimal) -> Decimal:
    """Rounded at 8 decimals, half away from zero."""
    return number.quantize(STEP, ROUND_HALF_UP)


def mrr(number: int, amount: str | Decimal | None, currency: str | None = "usd", rate: str | None = "1", **fields: Any) -> Row:
    """An item's row of fct_mrr in a month, with its reporting amount at a rate (None: without one)."""
    known = Decimal(amount) if amount is not None else None
    reporting = Decimal(0) if known == 0 else None
    if known and rate is not None:
        reporting = half_up(known * Decimal(rate))
    row: Row = {"month_start_date": month(number), "customer_id": "c-1", "source_account": ACCOUNT, "subscription_id": "sub_1"}
    row |= {"subscription_item_id": "si_1", "currency": currency, "mrr_amount": known, "mrr_reporting_amount": reporting}
    return row | {"is_rate_missing": bool(known) and rate is None, "is_reconstructed": False} | fields


def history(*amounts: str | None, first: int = 1, rates: Mapping[int, str | None] | None = None, **fields: Any) -> list[Row]:
    """An item's amounts of consecutive months, at the rates of those months."""
    rate_of = rates if rates is not None else dict.fromkeys(range(1, 99), "1")
    return [mrr(number, amount, rate=rate_of.get(number), **fields) for number, amount in enumerate(amounts, first)]


def month_end_rates(currency: str, rates: Mapping[int, str | None], as_of: date = AS_OF) -> list[Row]:
    """Rates of a currency by month, on the day the month is measured (None: there is none)."""
    return [
        {
            "rate_date": min(month(number + 1) - timedelta(days=1), as_of),
            "currency": currency,
            "rate_e12": int(Decimal(rate) * E12),
        }
        for number, rate in rates.items()
        if rate is not None
    ]


def started(customers: Iterable[str] = ("c-1",), day: date = HISTORY) -> list[Row]:
    """dim_subscription: each customer's oldest subscription starts on a day."""
    return [{"source_account": ACCOUNT, "subscription_id": f"sub_{c}", "customer_id": c, "start_date": day} for c in customers]


def movements(
    stripe: Pipeline,
    items: Sequence[Row],
    rates: Sequence[Row] = (),
    *,
    subscriptions: Sequence[Row] | None = None,
    as_of: date = AS_OF,
) -> list[Row]:
    """fct_mrr_movement in order, of customers whose subscriptions start in the history unless told otherwise."""
    customers = started(sorted({row["customer_id"] for row in items}))
    inputs = {"fct_mrr": items, "dim_subscription": customers if subscriptions is None else subscriptions, "fx_rate": rates}
    found = stripe.run(fct_mrr_movement, inputs, as_of=as_of, history_from=HISTORY, reporting_currency="usd")
    return sorted(found, key=lambda r: (r["customer_id"], r["month_start_date"], r["currency"]))


def told(rows: Iterable[Row]) -> list[tuple[int, str | None, Decimal | None]]:
    """(month, type, amount) of each row."""
    return [(r["month_start_date"].month, r["movement_type"], r["movement_amount"]) for r in rows]


def amounts(row: Row) -> tuple[Decimal | None, ...]:
    """Opening, closing, movement and FX in the reporting currency."""
    names = ("opening_mrr_reporting", "closing_mrr_reporting", "movement_reporting", "fx")
    return tuple(row[f"{name}_amount"] for name in names)
