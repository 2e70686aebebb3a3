"""Which invoice a payment belongs to, and which charge a refund or dispute."""

import ibis
import ibis.expr.types as ir


def invoice_links(stripe_invoices: ir.Table) -> ir.Table:
    """One row per (`source_account`, `payment_key`): the invoice that a charge or payment intent with this id paid.

    Newer invoices list their payments, older ones name one charge or intent. A payment of several invoices is given to the
    first created.
    """
    base = stripe_invoices.select("source_account", "created", "charge", "payment_intent", invoice_id="id")
    each = stripe_invoices.payments["data"].unnest()
    listed = stripe_invoices.select("source_account", "created", invoice_id="id", each=each)
    payment = listed.each["payment"]
    found = ibis.union(
        _link(base, base.charge),
        _link(base, base.payment_intent),
        _link(listed, payment["charge"]),
        _link(listed, payment["payment_intent"]),
    )
    order = ibis.window(group_by=[found.source_account, found.payment_key], order_by=[found.created, found.invoice_id])
    ranked = found.mutate(rank=ibis.row_number().over(order))
    return ranked.filter(ranked["rank"] == 0).select("source_account", "payment_key", "invoice_id")


def _link(rows: ir.Table, key: ir.StringValue) -> ir.Table:
    linked = rows.select("source_account", "created", "invoice_id", payment_key=key)
    return linked.filter(linked.payment_key.notnull())


def with_charge(rows: ir.Table, stripe_charges: ir.Table) -> ir.Table:
    """Adds `charge_id` and `stripe_customer_id` to refunds or disputes: of the charge they name, else of their intent's.

    An intent may have several charges (failed attempts before the one that succeeded): the succeeded, then the newest counts.
    """
    charges = stripe_charges.select(
        _account=stripe_charges.source_account,
        _charge=stripe_charges.id,
        _intent=stripe_charges.payment_intent,
        _customer=stripe_charges.customer,
        _is_failed=(stripe_charges.status != "succeeded").fill_null(True),
        _created=stripe_charges.created,
    )
    order = ibis.window(
        group_by=[charges._account, charges._intent],
        order_by=[charges._is_failed, charges._created.desc(), charges._charge],
    )
    ranked = charges.filter(charges._intent.notnull()).mutate(_rank=ibis.row_number().over(order))
    by_intent = ranked.filter(ranked._rank == 0).select(_account2="_account", _intent="_intent", _intent_charge="_charge")
    named = rows.left_join(by_intent, [rows.source_account == by_intent._account2, rows.payment_intent == by_intent._intent])
    named = named.mutate(charge_id=ibis.coalesce(named.charge, named._intent_charge))
    of_charge = charges.select("_account", "_charge", "_customer")
    joined = named.left_join(of_charge, [named.source_account == of_charge._account, named.charge_id == of_charge._charge])
    joined = joined.mutate(stripe_customer_id=joined._customer)
    return joined.drop("_account", "_account2", "_intent", "_intent_charge", "_charge", "_customer")
