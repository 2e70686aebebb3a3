"""Invoice lines and totals in integer minor units."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from c360.demo.catalog import Coupon, Price
from c360.demo.records import Body


@dataclass(frozen=True, slots=True)
class Payer:
    """A Stripe customer as billing sees it; `tax_points` is the exclusive tax in 1/10,000."""

    customer: str
    currency: str
    country: str
    tax_points: int
    card: Body


@dataclass(frozen=True, slots=True)
class Discount:
    """A coupon granted to a subscription from `start` until `end` (epoch seconds UTC, exclusive; None: open)."""

    id: str
    coupon: Coupon
    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line before discounts and tax. `period` in epoch seconds UTC; `amount` minor units, negative for a credit half."""

    amount: int
    quantity: int
    price: Price | None
    period: tuple[int, int]
    description: str
    item: str | None = None
    subscription: str | None = None
    is_proration: bool = False


def half_up(numerator: int, denominator: int) -> int:
    """Integer division rounded half away from zero (both positive denominators)."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def points(percent: str) -> int:
    """A percentage as 1/10,000: `12.5` → 1250."""
    return int(Decimal(percent) * 100)


def prorated(unit_amount: int, quantity: int, share: tuple[int, int], discounts: list[Discount]) -> int:
    """The part `share` (seconds left, seconds in all) of an amount, net of percent discounts, as Stripe prorates."""
    amount = half_up(unit_amount * quantity * share[0], share[1])
    for discount in discounts:
        if discount.coupon.percent_off and discount.coupon.duration != "once":
            amount -= half_up(amount * points(discount.coupon.percent_off), 10_000)
    return amount


def price_lines(drafts: list[LineDraft], discounts: list[Discount], payer: Payer, invoice: str, new_id: Any) -> list[Body]:
    """The lines of an invoice, with discounts (prorations are not discountable) and exclusive tax."""
    granted: list[list[tuple[str, int]]] = [[] for _ in drafts]
    rest = [draft.amount for draft in drafts]
    for discount in discounts:
        shares = _shares(discount.coupon, rest, drafts)
        for number, share in shares.items():
            granted[number].append((discount.id, share))
            rest[number] -= share
    return [
        _line(draft, net, given, payer, invoice, new_id("il")) for draft, net, given in zip(drafts, rest, granted, strict=True)
    ]


def totals(lines: list[Body]) -> Body:
    """Sums of lines as the invoice shows them."""
    subtotal = sum(line["amount"] for line in lines)
    by_discount: dict[str, int] = {}
    for line in lines:
        for part in line["discount_amounts"]:
            by_discount[part["discount"]] = by_discount.get(part["discount"], 0) + part["amount"]
    taxes = [tax for line in lines for tax in line["taxes"]]
    net = subtotal - sum(by_discount.values())
    tax = sum(part["amount"] for part in taxes)
    total_taxes = [{**taxes[0], "amount": tax, "taxable_amount": net}] if taxes else []
    return {
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "total": net + tax,
        "total_excluding_tax": net,
        "total_taxes": total_taxes,
        "total_discount_amounts": [{"amount": amount, "discount": key} for key, amount in by_discount.items()],
        "discounts": list(by_discount),
    }


def _shares(coupon: Coupon, rest: list[int], drafts: list[LineDraft]) -> dict[int, int]:
    """Discount per line number: percents of what is left, a fixed amount pro rata with the remainder on the last line."""
    numbers = [number for number, draft in enumerate(drafts) if not draft.is_proration]
    if coupon.percent_off:
        return {number: half_up(rest[number] * points(coupon.percent_off), 10_000) for number in numbers}
    base = sum(rest[number] for number in numbers)
    left = min(coupon.amount_off or 0, base)
    shares: dict[int, int] = {}
    for number in numbers:
        shares[number] = half_up(left * rest[number], base) if base else 0
        left, base = left - shares[number], base - rest[number]
    return shares


def _line(draft: LineDraft, net: int, given: list[tuple[str, int]], payer: Payer, invoice: str, line_id: str) -> Body:
    details: Body = {"subscription_item": draft.item, "subscription": draft.subscription, "proration": draft.is_proration}
    details |= {"invoice_item": None, "proration_details": {"credited_items": None}}
    item_details: Body = {"invoice_item": line_id.replace("il_", "ii_"), "subscription": None, "proration": False}
    parent: Body = {
        "type": "subscription_item_details" if draft.item else "invoice_item_details",
        "subscription_item_details": details if draft.item else None,
        "invoice_item_details": None if draft.item else item_details,
    }
    price = draft.price
    pricing: Body = {
        "type": "price_details",
        "price_details": {"price": price.id, "product": price.product} if price else None,
        "unit_amount_decimal": str(price.unit_amount if price else draft.amount),
    }
    return {
        "id": line_id,
        "object": "line_item",
        "amount": draft.amount,
        "currency": payer.currency,
        "description": draft.description,
        "discount_amounts": [{"amount": amount, "discount": discount} for discount, amount in given],
        "discountable": not draft.is_proration,
        "discounts": [],
        "invoice": invoice,
        "livemode": False,
        "metadata": {},
        "parent": parent,
        "period": {"start": draft.period[0], "end": draft.period[1]},
        "pricing": pricing,
        "quantity": draft.quantity,
        "subscription": draft.subscription,
        "taxes": _taxes(net, payer),
    }


def _taxes(net: int, payer: Payer) -> list[Body]:
    if not payer.tax_points:
        return []
    return [
        {
            "amount": half_up(net * payer.tax_points, 10_000),
            "tax_behavior": "exclusive",
            "tax_rate_details": {"tax_rate": f"txr_{payer.country}{payer.tax_points}"},
            "taxability_reason": "standard_rated",
            "taxable_amount": net,
            "type": "tax_rate_details",
        }
    ]
