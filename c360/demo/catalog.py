"""What the demo company sells: products, prices in four currencies, coupons."""

from dataclasses import dataclass

from c360.demo.clock import DAY
from c360.demo.ids import stream
from c360.demo.records import Body, Book

CURRENCIES = {"usd": 1.0, "eur": 0.92, "gbp": 0.8, "jpy": 1.5}
PLANS = {"Starter": 2900, "Team": 7900, "Business": 19900, "Enterprise": 49900}
SEAT = ("Seats", 1500)
ADD_ONS = {"Analytics": 4900, "Support": 9900}
MODULES = ("CRM", "Mail", "Chat", "Wiki", "Forms", "Tasks", "Files", "Sign", "Calls", "Rooms", "Maps", "Vault")
INTERVALS = {"month": ("month", 1, 1.0), "year": ("year", 1, 10.0), "quarter": ("month", 3, 2.8)}
PERIODS = {"week": ("week", 1, 0.3), "day": ("day", 1, 0.05)}


@dataclass(frozen=True, slots=True)
class Price:
    """A recurring price: `unit_amount` minor units per unit and `interval_count` × `interval`."""

    id: str
    product: str
    name: str
    currency: str
    unit_amount: int
    interval: str
    interval_count: int

    @property
    def is_monthly(self) -> bool:
        """Billed every single month."""
        return self.interval == "month" and self.interval_count == 1


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon: `percent_off` (text, exact) or `amount_off` minor units of `currency`; `months` for duration `repeating`."""

    id: str
    duration: str
    percent_off: str | None = None
    amount_off: int | None = None
    currency: str | None = None
    months: int | None = None


@dataclass(frozen=True)
class Catalog:
    """All prices by (name, currency, billing: month, year, quarter, week, day) and coupons by id."""

    prices: dict[tuple[str, str, str], Price]
    coupons: dict[str, Coupon]

    def price(self, name: str, currency: str, billing: str) -> Price:
        """One price."""
        return self.prices[name, currency, billing]


def make_catalog(book: Book, seed: int, begin: int) -> Catalog:
    """Writes products, prices and coupons into the book (visible a month before the world begins)."""
    at = begin - 30 * DAY
    rng = stream(seed, "catalog")
    prices: dict[tuple[str, str, str], Price] = {}
    names = {**PLANS, SEAT[0]: SEAT[1], **ADD_ONS, "Sandbox": 0} | {f"Module {name}": 900 for name in MODULES}
    for number, (name, amount) in enumerate(names.items()):
        product = f"prod_Demo{number:02d}" + "".join(rng.choices("abcdefghijkmnpqrstuvwxyz", k=8))
        book.add("products", {"id": product, "name": f"c360 {name}", "created": at + number}, at=at + number)
        for price in _prices_of(name, product, amount):
            prices[price.name, price.currency, _billing(price)] = price
            book.add("prices", _price_body(price, at + number), at=at + number)
    _legacy_price(book, at)
    coupons = {coupon.id: coupon for coupon in _coupons()}
    for coupon in coupons.values():
        book.add("coupons", _coupon_body(coupon, at), at=at)
    return Catalog(prices, coupons)


def _prices_of(name: str, product: str, amount: int) -> list[Price]:
    billings = {**INTERVALS, **(PERIODS if name == "Starter" else {})}
    if name.startswith("Module"):
        billings = {"month": INTERVALS["month"]}
    return [
        Price(
            id=f"price_{name.replace(' ', '')}{currency.upper()}{billing}",
            product=product,
            name=name,
            currency=currency,
            unit_amount=_amount(amount, currency, factor),
            interval=interval,
            interval_count=count,
        )
        for currency in CURRENCIES
        for billing, (interval, count, factor) in billings.items()
    ]


def _amount(base: int, currency: str, factor: float) -> int:
    exact = base * factor * CURRENCIES[currency]
    step = 10 if currency == "jpy" else 5
    return round(exact / step) * step


def _billing(price: Price) -> str:
    return "quarter" if price.interval_count == 3 else price.interval


def _price_body(price: Price, at: int) -> Body:
    recurring = {
        "interval": price.interval,
        "interval_count": price.interval_count,
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }
    return {
        "id": price.id,
        "product": price.product,
        "nickname": f"{price.name} {_billing(price)}",
        "currency": price.currency,
        "unit_amount": price.unit_amount,
        "unit_amount_decimal": str(price.unit_amount),
        "type": "recurring",
        "recurring": recurring,
        "active": True,
        "created": at,
    }


def _legacy_price(book: Book, at: int) -> None:
    """A price nobody uses any more: inactive, one-time."""
    product = next(iter(book.records["products"]))
    body = {"id": "price_SetupFeeUSD", "product": product, "nickname": "Setup fee", "currency": "usd", "unit_amount": 25000}
    body |= {"unit_amount_decimal": "25000", "type": "one_time", "recurring": None, "active": False, "created": at}
    book.add("prices", body, at=at)


def _coupons() -> list[Coupon]:
    off = {"usd": 500, "eur": 450, "gbp": 400, "jpy": 700}
    return [
        Coupon("PARTNER20", "forever", percent_off="20"),
        Coupon("FOUNDER50", "forever", percent_off="50"),
        Coupon("NGO12_5", "forever", percent_off="12.5"),
        Coupon("LAUNCH3M30", "repeating", percent_off="30", months=3),
        Coupon("HALFYEAR25", "repeating", percent_off="25", months=6),
        Coupon("WELCOME10", "once", percent_off="10"),
        *(Coupon(f"FIX_{c.upper()}", "forever", amount_off=amount, currency=c) for c, amount in off.items()),
        *(Coupon(f"FIX3M_{c.upper()}", "repeating", amount_off=amount, currency=c, months=3) for c, amount in off.items()),
    ]


def _coupon_body(coupon: Coupon, at: int) -> Body:
    return {
        "id": coupon.id,
        "name": coupon.id.title(),
        "duration": coupon.duration,
        "duration_in_months": coupon.months,
        "percent_off": None if coupon.percent_off is None else float(coupon.percent_off),
        "amount_off": coupon.amount_off,
        "currency": coupon.currency,
        "created": at,
    }
