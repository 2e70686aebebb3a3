"""Full Stripe objects, newest shape, from the compact states the generator keeps."""

from collections.abc import Callable
from typing import Any

from c360.demo.records import Body

NESTED_LIMIT = 10
"""Items of a nested list that are embedded; the rest is paged."""

Lookup = Callable[[str, str], Body | None]

COMMON: dict[str, Body] = {
    "products": {"object": "product", "active": True, "description": None, "images": [], "metadata": {}, "type": "service"}
    | {"default_price": None, "unit_label": None, "url": None},
    "prices": {"object": "price", "billing_scheme": "per_unit", "custom_unit_amount": None, "lookup_key": None, "metadata": {}}
    | {"tax_behavior": "exclusive", "tiers_mode": None, "transform_quantity": None},
    "coupons": {
        "object": "coupon",
        "max_redemptions": None,
        "metadata": {},
        "redeem_by": None,
        "times_redeemed": 1,
        "valid": True,
    },
    "customers": {
        "object": "customer",
        "customer_account": None,
        "default_source": None,
        "discount": None,
        "invoice_prefix": None,
    }
    | {"invoice_settings": {"default_payment_method": None}, "preferred_locales": [], "shipping": None, "tax_exempt": "none"},
    "subscriptions": {"object": "subscription", "application": None, "automatic_tax": {"enabled": False, "liability": None}}
    | {"billing_mode": {"type": "flexible"}, "cancellation_details": {"comment": None, "feedback": None, "reason": None}}
    | {"default_payment_method": None, "description": None, "next_pending_invoice_item_invoice": None, "on_behalf_of": None}
    | {"pending_update": None, "schedule": None, "test_clock": None, "days_until_due": None},
    "invoices": {"object": "invoice", "account_country": "US", "account_name": "Brightwater Software", "amount_overpaid": 0}
    | {"amount_paid_off_stripe": 0, "amount_shipping": 0, "customer_account": None, "description": None, "footer": None}
    | {"hosted_invoice_url": None, "invoice_pdf": None, "metadata": {}, "next_payment_attempt": None, "on_behalf_of": None}
    | {"post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "test_clock": None, "receipt_number": None},
    "charges": {"object": "charge", "amount_captured": 0, "application_fee_amount": None, "failure_code": None}
    | {"failure_message": None, "failure_balance_transaction": None, "metadata": {}, "receipt_email": None, "review": None}
    | {"billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}, "transfer": None},
    "refunds": {"object": "refund", "failure_reason": None, "metadata": {}, "receipt_number": None, "transfer_reversal": None},
    "disputes": {"object": "dispute", "evidence": {}, "is_charge_refundable": False, "metadata": {}, "network_reason_code": None},
    "credit_notes": {"object": "credit_note", "amount_shipping": 0, "discount_amount": 0, "discount_amounts": [], "memo": None}
    | {"metadata": {}, "reason": None, "status": "issued", "total_taxes": [], "voided_at": None, "effective_at": None},
    "balance_transactions": {"object": "balance_transaction", "currency": "usd", "description": None, "status": "available"},
    "discounts": {"object": "discount", "checkout_session": None, "customer_account": None, "invoice": None, "invoice_item": None}
    | {"promotion_code": None, "subscription_item": None},
    "invoice_payments": {"object": "invoice_payment"},
}
NO_LIVEMODE = frozenset({"refunds", "balance_transactions", "discounts"})


def render(kind: str, state: Body, lookup: Lookup, *, nested_limit: int | None = NESTED_LIMIT) -> Body:
    """The object as the API shows it; `nested_limit` None embeds nested lists whole."""
    body = {**COMMON[kind], **state}
    if kind not in NO_LIVEMODE:
        body["livemode"] = False
    match kind:
        case "subscriptions":
            items = [subscription_item(item, lookup) for item in state["items"]]
            body["items"] = nested(items, f"/v1/subscription_items?subscription={state['id']}", nested_limit)
        case "invoices":
            body["lines"] = nested(state["lines"], f"/v1/invoices/{state['id']}/lines", nested_limit)
            body["effective_at"] = state["status_transitions"]["finalized_at"]
            del body["payments"]
        case "credit_notes":
            body["lines"] = nested(state["lines"], f"/v1/credit_notes/{state['id']}/lines", nested_limit)
        case "charges":
            body["amount_captured"] = state["amount"] if state["captured"] else 0
        case "customers":
            body["invoice_prefix"] = state["id"][-8:].upper()
    return body


def subscription_item(item: Body, lookup: Lookup) -> Body:
    """A subscription item with its price in full."""
    price = lookup("prices", item["price"])
    constant: Body = {"object": "subscription_item", "billing_thresholds": None, "discounts": [], "metadata": {}, "tax_rates": []}
    return {**constant, **item, "price": price}


def nested(data: list[Body], url: str, limit: int | None) -> Body:
    """A list object inside an object."""
    shown = data if limit is None else data[:limit]
    return {"object": "list", "data": shown, "has_more": len(shown) < len(data), "total_count": len(data), "url": url}


def deleted(kind: str, identifier: str) -> Body:
    """What is left of a deleted object."""
    return {"id": identifier, "object": COMMON[kind]["object"], "deleted": True}


def account() -> Body:
    """The Stripe account of the demo company."""
    settings: Body = {"dashboard": {"display_name": "Brightwater Software", "timezone": "Etc/UTC"}}
    return {
        "id": "acct_1C360DemoAccount",
        "object": "account",
        "business_profile": {"name": "Brightwater Software", "url": "https://brightwater.example"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "finance@brightwater.example",
        "payouts_enabled": True,
        "settings": settings,
        "type": "standard",
    }


def event(stub: Any, body: Body, previous: Body | None, api_version: str) -> Body:
    """An event; `previous` holds the changed fields' old values."""
    data: Body = {"object": body}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": stub.id,
        "object": "event",
        "api_version": api_version,
        "created": stub.created,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": stub.type,
    }
