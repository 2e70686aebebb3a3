"""fct_customer_orders: what Stripe's customers ordered in the web shop."""

import ibis.expr.types as ir

from c360.catalog import Merge, table
from c360.contract import Contract, Integer, Text, field


class FctCustomerOrders(Contract):
    """One row per customer with orders."""

    customer_id: Text = field("Our customer.", pii="id")
    order_count: Integer = field("Orders.", ge=1)
    amount_minor: Integer = field("Their amounts.", unit="minor", ge=0)

    class Config:
        """One row per customer."""

        unique = ["customer_id"]


@table(
    FctCustomerOrders,
    write=Merge(),
    traces={"customer_identity": {"customer_id": "customer_id"}},
)
def fct_customer_orders(shop_orders: ir.Table, customer_identity: ir.Table) -> ir.Table:
    """One row per customer with orders; amounts in minor units."""
    live = shop_orders.filter(~shop_orders.is_deleted)
    known = customer_identity.filter(customer_identity.source_system == "stripe").select("customer_id", "source_id")
    found = live.join(known, live.customer == known.source_id)
    return found.group_by("customer_id").aggregate(order_count=found.count(), amount_minor=found.amount.sum())
