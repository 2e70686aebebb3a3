"""What is declared of each Stripe object: shape, references, and how its list is asked for."""

from dataclasses import dataclass

from c360.sources import stripe_schema as shape
from c360.sources.base import Entity, Reference

_DISCOUNT = ("source.coupon",)


def _under(prefix: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{prefix}.{name}" for name in names)


_ITEM = ("discounts", "plan.product", "price.product", *_under("discounts", _DISCOUNT))
_SUBSCRIPTION = (
    "customer",
    "discounts",
    "latest_invoice",
    "plan.product",
    *_under("discount", _DISCOUNT),
    *_under("discounts", _DISCOUNT),
    *_under("items.data", _ITEM),
)
_LINE = (
    "discount_amounts.discount",
    "discounts",
    "invoice_item",
    "plan.product",
    "price.product",
    "pricing.price_details.price",
    "pricing.price_details.product",
    "subscription",
)
_INVOICE = (
    "charge",
    "customer",
    "discounts",
    "parent.subscription_details.subscription",
    "payment_intent",
    "payments.data.invoice",
    "payments.data.payment.charge",
    "payments.data.payment.payment_intent",
    "subscription",
    "total_discount_amounts.discount",
    *_under("discount", _DISCOUNT),
    *_under("discounts", _DISCOUNT),
    *_under("lines.data", _LINE),
)
_CREDIT_NOTE = (
    "customer",
    "customer_balance_transaction",
    "discount_amounts.discount",
    "invoice",
    "lines.data.discount_amounts.discount",
    "refund",
    "refunds.refund",
)
_TO_CUSTOMER = Reference("customer", "stripe_customers")
_TO_CHARGE = Reference("charge", "stripe_charges")
_TO_INVOICE = Reference("invoice", "stripe_invoices")


def _changed(entity: str, *objects: str) -> Reference:
    """An event's own object; ids may be chosen by people, so its kind tells what it is."""
    return Reference("data.object.id", entity, renews=True, where=(("data.object.object", objects),))


def _touched(entity: str, field: str, *objects: str) -> Reference:
    """A record that changes together with an event's object."""
    return Reference(f"data.object.{field}", entity, renews=True, where=(("data.object.object", objects),))


STRIPE_ENTITIES: list[Entity] = [
    Entity(
        "stripe_events",
        "stripe",
        "event",
        shape.schema(shape.EVENT),
        refs=_under("data.object", (*_SUBSCRIPTION, "charge", "invoice", "payment_intent", "subscription")),
        references=(
            _changed("stripe_invoices", "invoice"),
            _changed("stripe_charges", "charge"),
            _changed("stripe_refunds", "refund"),
            _changed("stripe_disputes", "dispute"),
            _changed("stripe_credit_notes", "credit_note"),
            _changed("stripe_customers", "customer"),
            _changed("stripe_subscriptions", "subscription"),
            _changed("stripe_prices", "price", "plan"),
            _changed("stripe_products", "product"),
            # What is a part of another record, or changes its amounts.
            _touched("stripe_customers", "customer", "discount"),
            _touched("stripe_subscriptions", "subscription", "discount"),
            _touched("stripe_charges", "charge", "refund", "dispute"),
            _touched("stripe_invoices", "invoice", "credit_note", "invoice_payment"),
        ),
        is_log=True,
    ),
    Entity(
        "stripe_balance_transactions",
        "stripe",
        "balance_transaction",
        shape.schema(shape.BALANCE_TRANSACTION),
        refs=("source",),
        references=(
            Reference("source", "stripe_charges", ("ch_", "py_")),
            Reference("source", "stripe_refunds", ("re_", "pyr_")),
            Reference("source", "stripe_disputes", ("dp_", "du_")),
        ),
        is_log=True,
        is_historical=True,
    ),
    Entity(
        "stripe_credit_notes",
        "stripe",
        "credit_note",
        shape.schema(shape.CREDIT_NOTE),
        refs=_CREDIT_NOTE,
        references=(
            _TO_CUSTOMER,
            _TO_INVOICE,
            Reference("refund", "stripe_refunds"),
            Reference("refunds.refund", "stripe_refunds"),
        ),
        is_historical=True,
    ),
    Entity(
        "stripe_disputes",
        "stripe",
        "dispute",
        shape.schema(shape.DISPUTE),
        refs=("balance_transaction", "balance_transactions.source", "charge", "payment_intent"),
        references=(_TO_CHARGE,),
        is_historical=True,
    ),
    Entity(
        "stripe_refunds",
        "stripe",
        "refund",
        shape.schema(shape.REFUND),
        refs=("balance_transaction", "charge", "failure_balance_transaction", "payment_intent"),
        references=(_TO_CHARGE,),
        is_historical=True,
    ),
    Entity(
        "stripe_charges",
        "stripe",
        "charge",
        shape.schema(shape.CHARGE),
        refs=("balance_transaction", "customer", "dispute", "invoice", "payment_intent", "payment_method"),
        references=(_TO_CUSTOMER, _TO_INVOICE),
        is_historical=True,
    ),
    Entity(
        "stripe_subscriptions",
        "stripe",
        "subscription",
        shape.schema(shape.SUBSCRIPTION),
        refs=_SUBSCRIPTION,
        references=(
            _TO_CUSTOMER,
            Reference("latest_invoice", "stripe_invoices"),
            Reference("items.data.price", "stripe_prices"),
            Reference("items.data.price.product", "stripe_products"),
        ),
    ),
    Entity(
        "stripe_invoices",
        "stripe",
        "invoice",
        shape.schema(shape.INVOICE),
        refs=_INVOICE,
        references=(
            _TO_CUSTOMER,
            Reference("lines.data.price", "stripe_prices"),
            Reference("lines.data.pricing.price_details.price", "stripe_prices"),
            Reference("lines.data.pricing.price_details.product", "stripe_products"),
        ),
        is_historical=True,
    ),
    Entity(
        "stripe_customers",
        "stripe",
        "customer",
        shape.schema(shape.CUSTOMER),
        refs=("default_source", *_under("discount", _DISCOUNT)),
    ),
    Entity(
        "stripe_prices",
        "stripe",
        "price",
        shape.schema(shape.PRICE),
        refs=("product",),
        references=(Reference("product", "stripe_products"),),
    ),
    Entity(
        "stripe_products",
        "stripe",
        "product",
        shape.schema(shape.PRODUCT),
        refs=("default_price", "tax_code"),
        updated_at="updated",
    ),
]
"""In the order of extraction: what names a record comes before the list that may lack it."""


@dataclass(frozen=True)
class Listing:
    """How an object's list is asked for.

    Attributes:
        path: API path of the list; a record is at `path/id`.
        expand: Fields of one record to expand.
        nested: Dotted paths of lists inside a record that must be complete.
        params: Further query parameters.
        keeps_deleted: A deleted record asked for by id is kept as such: what names it still belongs to somebody.
        trailing_days: A list of changes reaches back so many days before the load before: what was created then may have
            changed without an event.
    """

    path: str
    expand: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    keeps_deleted: bool = False
    trailing_days: int = 3


_DISCOUNTS = ("discounts", "discounts.source.coupon")

LISTINGS: dict[str, Listing] = {
    "stripe_events": Listing("/v1/events"),
    "stripe_balance_transactions": Listing("/v1/balance_transactions", trailing_days=14),  # pending ones become available
    "stripe_credit_notes": Listing("/v1/credit_notes", nested=("lines",)),
    "stripe_disputes": Listing("/v1/disputes"),
    "stripe_refunds": Listing("/v1/refunds"),
    "stripe_charges": Listing("/v1/charges", nested=("refunds",)),
    "stripe_subscriptions": Listing(
        "/v1/subscriptions",
        expand=(*_DISCOUNTS, "items.data.discounts"),
        nested=("items",),
        params=(("status", "all"),),
    ),
    "stripe_invoices": Listing("/v1/invoices", expand=(*_DISCOUNTS, "payments"), nested=("lines", "payments")),
    "stripe_customers": Listing("/v1/customers", expand=("discount.source.coupon",), keeps_deleted=True),
    "stripe_prices": Listing("/v1/prices", expand=("tiers",)),
    "stripe_products": Listing("/v1/products"),
}
