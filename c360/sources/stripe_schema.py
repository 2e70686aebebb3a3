"""The nested shapes of Stripe's objects that silver reads, newest API version first and the older keys beside them.

Amounts are integer minor units, instants epoch seconds in the record. `metadata` is JSON text, because its keys are the
user's. Discounts are arrays of structs that may also hold plain ids (then only `id` is set): see `Entity.refs`.
"""

from typing import Any

import ibis
import ibis.expr.datatypes as dt

TEXT = "string"
INT = "int64"
BOOL = "boolean"
TIME = "timestamp('UTC', 6)"
NUMBER = "decimal(38, 12)"

Shape = dict[str, Any]


def struct(fields: Shape) -> dt.Struct:
    """A struct type of nested dicts, type names and Ibis types."""
    return dt.Struct({name: struct(f) if isinstance(f, dict) else dt.dtype(f) for name, f in fields.items()})


def listed(fields: Shape) -> dt.Struct:
    """Stripe's list object: its elements are in `data`."""
    return dt.Struct({"data": many(fields), "has_more": dt.boolean, "total_count": dt.int64})


def many(fields: Shape | str) -> dt.Array:
    """An array of structs, or of one scalar type."""
    return dt.Array(struct(fields) if isinstance(fields, dict) else dt.dtype(fields))


ADDRESS: Shape = {"line1": TEXT, "line2": TEXT, "city": TEXT, "state": TEXT, "postal_code": TEXT, "country": TEXT}
RECURRING: Shape = {
    "interval": TEXT,
    "interval_count": INT,
    "usage_type": TEXT,
    "aggregate_usage": TEXT,
    "meter": TEXT,
    "trial_period_days": INT,
}
TIER: Shape = {
    "flat_amount": INT,
    "flat_amount_decimal": NUMBER,
    "unit_amount": INT,
    "unit_amount_decimal": NUMBER,
    "up_to": INT,
}
PRICE: Shape = {
    "id": TEXT,
    "active": BOOL,
    "billing_scheme": TEXT,
    "created": TIME,
    "currency": TEXT,
    "livemode": BOOL,
    "lookup_key": TEXT,
    "metadata": TEXT,
    "nickname": TEXT,
    "product": TEXT,
    "recurring": RECURRING,
    "tax_behavior": TEXT,
    "tiers": many(TIER),
    "tiers_mode": TEXT,
    "transform_quantity": {"divide_by": INT, "round": TEXT},
    "type": TEXT,
    "unit_amount": INT,
    "unit_amount_decimal": NUMBER,
}
PRICE_OF_LINE: Shape = {  # as repeated inside items and lines; the rest is in the price's own record
    name: PRICE[name]
    for name in (
        "id",
        "active",
        "billing_scheme",
        "currency",
        "metadata",
        "nickname",
        "product",
        "recurring",
        "tiers_mode",
        "type",
        "unit_amount",
        "unit_amount_decimal",
    )
}
PLAN: Shape = {  # before prices existed
    "id": TEXT,
    "amount": INT,
    "amount_decimal": NUMBER,
    "billing_scheme": TEXT,
    "currency": TEXT,
    "interval": TEXT,
    "interval_count": INT,
    "nickname": TEXT,
    "product": TEXT,
    "usage_type": TEXT,
}
COUPON: Shape = {
    "id": TEXT,
    "amount_off": INT,
    "currency": TEXT,
    "percent_off": NUMBER,
    "duration": TEXT,
    "duration_in_months": INT,
    "name": TEXT,
}
DISCOUNT: Shape = {
    "id": TEXT,
    "coupon": COUPON,  # until 2025-09-30.clover
    "source": {"type": TEXT, "coupon": COUPON},
    "start": TIME,
    "end": TIME,
}
DISCOUNT_AMOUNT: Shape = {"amount": INT, "discount": TEXT}
TAX: Shape = {  # total_taxes, taxes
    "amount": INT,
    "tax_behavior": TEXT,
    "taxability_reason": TEXT,
    "taxable_amount": INT,
    "type": TEXT,
    "tax_rate_details": {"tax_rate": TEXT},
}
TAX_AMOUNT: Shape = {"amount": INT, "inclusive": BOOL, "tax_rate": TEXT, "taxable_amount": INT}  # total_tax_amounts

CUSTOMER: Shape = {
    "id": TEXT,
    "object": TEXT,
    "address": ADDRESS,
    "balance": INT,
    "business_name": TEXT,
    "created": TIME,
    "currency": TEXT,
    "default_currency": TEXT,
    "default_source": TEXT,
    "delinquent": BOOL,
    "description": TEXT,
    "discount": DISCOUNT,
    "email": TEXT,
    "individual_name": TEXT,
    "invoice_prefix": TEXT,
    "livemode": BOOL,
    "metadata": TEXT,
    "name": TEXT,
    "phone": TEXT,
    "preferred_locales": many(TEXT),
    "shipping": {"name": TEXT, "phone": TEXT, "address": ADDRESS},
    "tax_exempt": TEXT,
    "deleted": BOOL,
}

SUBSCRIPTION_ITEM: Shape = {
    "id": TEXT,
    "created": TIME,
    "current_period_start": TIME,  # since 2025-03-31.basil
    "current_period_end": TIME,
    "discounts": many(DISCOUNT),
    "metadata": TEXT,
    "plan": PLAN,
    "price": PRICE_OF_LINE,
    "quantity": INT,
    "subscription": TEXT,
    "deleted": BOOL,
}
SUBSCRIPTION: Shape = {
    "id": TEXT,
    "object": TEXT,
    "billing_cycle_anchor": TIME,
    "cancel_at": TIME,
    "cancel_at_period_end": BOOL,
    "canceled_at": TIME,
    "cancellation_details": {"feedback": TEXT, "reason": TEXT},
    "collection_method": TEXT,
    "created": TIME,
    "currency": TEXT,
    "current_period_start": TIME,  # until 2025-03-31.basil
    "current_period_end": TIME,
    "customer": TEXT,
    "days_until_due": INT,
    "description": TEXT,
    "discount": DISCOUNT,
    "discounts": many(DISCOUNT),
    "ended_at": TIME,
    "items": listed(SUBSCRIPTION_ITEM),
    "latest_invoice": TEXT,
    "livemode": BOOL,
    "metadata": TEXT,
    "pause_collection": {"behavior": TEXT, "resumes_at": TIME},
    "plan": PLAN,
    "quantity": INT,
    "start_date": TIME,
    "status": TEXT,
    "trial_end": TIME,
    "trial_start": TIME,
}

PERIOD: Shape = {"start": TIME, "end": TIME}
LINE: Shape = {
    "id": TEXT,
    "amount": INT,
    "amount_excluding_tax": INT,
    "currency": TEXT,
    "description": TEXT,
    "discount_amounts": many(DISCOUNT_AMOUNT),
    "discountable": BOOL,
    "discounts": many(TEXT),
    "invoice": TEXT,
    "invoice_item": TEXT,
    "livemode": BOOL,
    "metadata": TEXT,
    "parent": {  # since 2025-03-31.basil
        "type": TEXT,
        "invoice_item_details": {
            "invoice_item": TEXT,
            "proration": BOOL,
            "proration_details": {"credited_items": {"invoice": TEXT, "invoice_line_items": many(TEXT)}},
            "subscription": TEXT,
        },
        "subscription_item_details": {
            "invoice_item": TEXT,
            "proration": BOOL,
            "proration_details": {"credited_items": {"invoice": TEXT, "invoice_line_items": many(TEXT)}},
            "subscription": TEXT,
            "subscription_item": TEXT,
        },
    },
    "period": PERIOD,
    "plan": PLAN,
    "price": PRICE_OF_LINE,
    "pricing": {  # since 2025-03-31.basil
        "type": TEXT,
        "price_details": {"price": TEXT, "product": TEXT},
        "unit_amount_decimal": NUMBER,
    },
    "proration": BOOL,
    "proration_details": {"credited_items": {"invoice": TEXT, "invoice_line_items": many(TEXT)}},
    "quantity": INT,
    "quantity_decimal": NUMBER,
    "subscription": TEXT,
    "subscription_item": TEXT,
    "subtotal": INT,
    "tax_amounts": many(TAX_AMOUNT),
    "taxes": many(TAX),
    "type": TEXT,
}
INVOICE_PAYMENT: Shape = {
    "id": TEXT,
    "amount_paid": INT,
    "amount_requested": INT,
    "created": TIME,
    "currency": TEXT,
    "invoice": TEXT,
    "is_default": BOOL,
    "payment": {"type": TEXT, "charge": TEXT, "payment_intent": TEXT, "payment_record": TEXT},
    "status": TEXT,
    "status_transitions": {"canceled_at": TIME, "paid_at": TIME},
}
INVOICE: Shape = {
    "id": TEXT,
    "object": TEXT,
    "account_country": TEXT,
    "amount_due": INT,
    "amount_overpaid": INT,
    "amount_paid": INT,
    "amount_remaining": INT,
    "amount_shipping": INT,
    "attempt_count": INT,
    "attempted": BOOL,
    "auto_advance": BOOL,
    "billing_reason": TEXT,
    "charge": TEXT,
    "collection_method": TEXT,
    "created": TIME,
    "currency": TEXT,
    "customer": TEXT,
    "customer_address": ADDRESS,
    "customer_email": TEXT,
    "customer_name": TEXT,
    "customer_phone": TEXT,
    "description": TEXT,
    "discount": DISCOUNT,
    "discounts": many(DISCOUNT),
    "due_date": TIME,
    "effective_at": TIME,
    "ending_balance": INT,
    "lines": listed(LINE),
    "livemode": BOOL,
    "metadata": TEXT,
    "next_payment_attempt": TIME,
    "number": TEXT,
    "paid": BOOL,
    "paid_out_of_band": BOOL,
    "parent": {  # since 2025-03-31.basil
        "type": TEXT,
        "quote_details": {"quote": TEXT},
        "subscription_details": {"metadata": TEXT, "subscription": TEXT, "subscription_proration_date": TIME},
    },
    "payment_intent": TEXT,
    "payments": listed(INVOICE_PAYMENT),
    "period_start": TIME,
    "period_end": TIME,
    "post_payment_credit_notes_amount": INT,
    "pre_payment_credit_notes_amount": INT,
    "starting_balance": INT,
    "status": TEXT,
    "status_transitions": {"finalized_at": TIME, "marked_uncollectible_at": TIME, "paid_at": TIME, "voided_at": TIME},
    "subscription": TEXT,
    "subscription_details": {"metadata": TEXT},
    "subtotal": INT,
    "subtotal_excluding_tax": INT,
    "tax": INT,
    "total": INT,
    "total_discount_amounts": many(DISCOUNT_AMOUNT),
    "total_excluding_tax": INT,
    "total_pretax_credit_amounts": many({"amount": INT, "discount": TEXT, "type": TEXT}),
    "total_tax_amounts": many(TAX_AMOUNT),
    "total_taxes": many(TAX),
}

CHARGE: Shape = {
    "id": TEXT,
    "object": TEXT,
    "amount": INT,
    "amount_captured": INT,
    "amount_refunded": INT,
    "application_fee_amount": INT,
    "balance_transaction": TEXT,
    "billing_details": {"address": ADDRESS, "email": TEXT, "name": TEXT, "phone": TEXT},
    "calculated_statement_descriptor": TEXT,
    "captured": BOOL,
    "created": TIME,
    "currency": TEXT,
    "customer": TEXT,
    "description": TEXT,
    "dispute": TEXT,
    "disputed": BOOL,
    "failure_code": TEXT,
    "failure_message": TEXT,
    "invoice": TEXT,  # until 2025-03-31.basil
    "livemode": BOOL,
    "metadata": TEXT,
    "outcome": {
        "network_status": TEXT,
        "network_decline_code": TEXT,
        "network_advice_code": TEXT,
        "reason": TEXT,
        "risk_level": TEXT,
        "risk_score": INT,
        "seller_message": TEXT,
        "type": TEXT,
    },
    "paid": BOOL,
    "payment_intent": TEXT,
    "payment_method": TEXT,
    "payment_method_details": {"type": TEXT, "card": {"brand": TEXT, "funding": TEXT, "country": TEXT}},
    "receipt_email": TEXT,
    "refunded": BOOL,
    "source": {"id": TEXT, "object": TEXT, "brand": TEXT},
    "statement_descriptor": TEXT,
    "status": TEXT,
}

PRODUCT: Shape = {
    "id": TEXT,
    "object": TEXT,
    "active": BOOL,
    "created": TIME,
    "default_price": TEXT,
    "description": TEXT,
    "livemode": BOOL,
    "metadata": TEXT,
    "name": TEXT,
    "statement_descriptor": TEXT,
    "tax_code": TEXT,
    "type": TEXT,
    "unit_label": TEXT,
    "updated": TIME,
    "deleted": BOOL,
}

REFUND: Shape = {
    "id": TEXT,
    "object": TEXT,
    "amount": INT,
    "balance_transaction": TEXT,
    "charge": TEXT,
    "created": TIME,
    "currency": TEXT,
    "description": TEXT,
    "failure_balance_transaction": TEXT,
    "failure_reason": TEXT,
    "metadata": TEXT,
    "payment_intent": TEXT,
    "reason": TEXT,
    "receipt_number": TEXT,
    "status": TEXT,
}

BALANCE_TRANSACTION: Shape = {
    "id": TEXT,
    "object": TEXT,
    "amount": INT,
    "available_on": TIME,
    "balance_type": TEXT,
    "created": TIME,
    "currency": TEXT,
    "description": TEXT,
    "exchange_rate": NUMBER,
    "fee": INT,
    "fee_details": many({"amount": INT, "currency": TEXT, "type": TEXT, "description": TEXT}),
    "net": INT,
    "reporting_category": TEXT,
    "source": TEXT,
    "status": TEXT,
    "type": TEXT,
}

DISPUTE: Shape = {
    "id": TEXT,
    "object": TEXT,
    "amount": INT,
    "balance_transaction": TEXT,
    "balance_transactions": many(BALANCE_TRANSACTION),
    "charge": TEXT,
    "created": TIME,
    "currency": TEXT,
    "evidence_details": {"due_by": TIME, "has_evidence": BOOL, "past_due": BOOL, "submission_count": INT},
    "is_charge_refundable": BOOL,
    "livemode": BOOL,
    "metadata": TEXT,
    "network_reason_code": TEXT,
    "payment_intent": TEXT,
    "reason": TEXT,
    "status": TEXT,
}

CREDIT_NOTE: Shape = {
    "id": TEXT,
    "object": TEXT,
    "amount": INT,
    "amount_shipping": INT,
    "created": TIME,
    "currency": TEXT,
    "customer": TEXT,
    "customer_balance_transaction": TEXT,
    "discount_amount": INT,
    "discount_amounts": many(DISCOUNT_AMOUNT),
    "effective_at": TIME,
    "invoice": TEXT,
    "lines": listed(
        {
            "id": TEXT,
            "amount": INT,
            "description": TEXT,
            "discount_amount": INT,
            "discount_amounts": many(DISCOUNT_AMOUNT),
            "invoice_line_item": TEXT,
            "quantity": INT,
            "tax_amounts": many(TAX_AMOUNT),
            "taxes": many(TAX),
            "type": TEXT,
            "unit_amount": INT,
            "unit_amount_decimal": NUMBER,
        }
    ),
    "livemode": BOOL,
    "memo": TEXT,
    "metadata": TEXT,
    "number": TEXT,
    "out_of_band_amount": INT,
    "post_payment_amount": INT,
    "pre_payment_amount": INT,
    "reason": TEXT,
    "refund": TEXT,
    "refunds": many({"amount_refunded": INT, "refund": TEXT}),
    "status": TEXT,
    "subtotal": INT,
    "subtotal_excluding_tax": INT,
    "tax_amounts": many(TAX_AMOUNT),
    "total": INT,
    "total_excluding_tax": INT,
    "total_taxes": many(TAX),
    "type": TEXT,
    "voided_at": TIME,
}

EVENT: Shape = {
    "id": TEXT,
    "object": TEXT,
    "account": TEXT,
    "created": TIME,
    "data": {
        "object": {  # the subscription of `customer.subscription.*`; of other objects the few fields that say what it is
            **SUBSCRIPTION,
            "amount": INT,
            "amount_due": INT,
            "amount_paid": INT,
            "amount_refunded": INT,
            "attempt_count": INT,
            "charge": TEXT,
            "deleted": BOOL,
            "failure_code": TEXT,
            "invoice": TEXT,
            "payment_intent": TEXT,
            "reason": TEXT,
            "refunded": BOOL,
            "subscription": TEXT,
        },
        "previous_attributes": TEXT,
    },
    "livemode": BOOL,
    "pending_webhooks": INT,
    "request": {"id": TEXT, "idempotency_key": TEXT},
    "type": TEXT,
}


def schema(shape: Shape) -> ibis.Schema:
    """The shape as an Ibis schema."""
    return ibis.schema(dict(struct(shape).items()))
