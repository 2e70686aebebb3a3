"""Stripe, by the official client: what is declared of each object."""

from c360.sources.base import Entity
from c360.sources.stripe_schema import (
    BALANCE_TRANSACTION,
    CHARGE,
    CREDIT_NOTE,
    CUSTOMER,
    DISPUTE,
    EVENT,
    INVOICE,
    PRICE,
    PRODUCT,
    REFUND,
    SUBSCRIPTION,
    schema,
)

_DISCOUNT_REFS = ("customer", "promotion_code")


def _under(prefix: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{prefix}.{name}" for name in names)


_ITEM_REFS = ("discounts", "plan.product", "price.product", *_under("discounts", _DISCOUNT_REFS))
_SUBSCRIPTION_REFS = (
    "application",
    "customer",
    "default_payment_method",
    "discounts",
    "latest_invoice",
    "pending_setup_intent",
    "plan.product",
    "schedule",
    "test_clock",
    *_under("discount", _DISCOUNT_REFS),
    *_under("discounts", _DISCOUNT_REFS),
    *_under("items.data", _ITEM_REFS),
)
_LINE_REFS = (
    "discount_amounts.discount",
    "discounts",
    "invoice_item",
    "plan.product",
    "price.product",
    "pricing.price_details.price",
    "pricing.price_details.product",
    "subscription",
)
_INVOICE_REFS = (
    "charge",
    "customer",
    "discounts",
    "parent.subscription_details.subscription",
    "payment_intent",
    "payments.data.invoice",
    "payments.data.payment.charge",
    "payments.data.payment.payment_intent",
    "subscription",
    "test_clock",
    "total_discount_amounts.discount",
    *_under("discount", _DISCOUNT_REFS),
    *_under("discounts", _DISCOUNT_REFS),
    *_under("lines.data", _LINE_REFS),
)

ENTITIES: list[Entity] = [
    Entity("stripe_events", "stripe", "event", schema(EVENT), is_log=True,
           refs=_under("data.object", (*_SUBSCRIPTION_REFS, "charge", "invoice", "payment_intent", "subscription"))),
    Entity("stripe_balance_transactions", "stripe", "balance_transaction", schema(BALANCE_TRANSACTION),
           refs=("source",), is_log=True, is_historical=True),
    Entity("stripe_credit_notes", "stripe", "credit_note", schema(CREDIT_NOTE), is_historical=True,
           refs=("customer", "customer_balance_transaction", "discount_amounts.discount", "invoice", "refund", "refunds.refund",
                 "lines.data.discount_amounts.discount")),
    Entity("stripe_disputes", "stripe", "dispute", schema(DISPUTE), is_historical=True,
           refs=("balance_transaction", "balance_transactions.source", "charge", "payment_intent")),
    Entity("stripe_refunds", "stripe", "refund", schema(REFUND), is_historical=True,
           refs=("balance_transaction", "charge", "failure_balance_transaction", "payment_intent")),
    Entity("stripe_charges", "stripe", "charge", schema(CHARGE), is_historical=True,
           refs=("balance_transaction", "customer", "dispute", "invoice", "payment_intent", "payment_method")),
    Entity("stripe_invoices", "stripe", "invoice", schema(INVOICE), is_historical=True, refs=_INVOICE_REFS),
    Entity("stripe_subscriptions", "stripe", "subscription", schema(SUBSCRIPTION), refs=_SUBSCRIPTION_REFS),
    Entity("stripe_customers", "stripe", "customer", schema(CUSTOMER),
           refs=("default_source", *_under("discount", _DISCOUNT_REFS))),
    Entity("stripe_prices", "stripe", "price", schema(PRICE), refs=("product",)),
    Entity("stripe_products", "stripe", "product", schema(PRODUCT), refs=("default_price", "tax_code"), updated_at="updated"),
]
