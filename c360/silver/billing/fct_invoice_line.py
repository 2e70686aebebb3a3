"""fct_invoice_line: the lines of Stripe's invoices."""

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Merge, table
from c360.contract import Day, Flag, Instant, Integer, Text, field
from c360.expressions.arrays import total
from c360.expressions.customers import UNKNOWN_CUSTOMER_REASONS, resolve
from c360.expressions.lineage import LINEAGE, Lineage, shaped
from c360.expressions.money import E8
from c360.silver.billing.discounts import FIXED_DISCOUNT, IS_UNKNOWN, PERCENT_FACTOR, exploded, stacked
from c360.silver.billing.fct_invoice import subscription_of

_INVOICE = ["source_account", "invoice_id"]
_LINE = [*_INVOICE, "invoice_line_id"]


class FctInvoiceLine(Lineage):
    """One row per invoice line."""

    invoice_id: Text = field("Stripe's invoice id.", pii="id")
    invoice_line_id: Text = field("Stripe's line id.", pii="id")
    stripe_customer_id: Text = field("Stripe's customer id.", nullable=True, pii="id")
    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    unknown_customer_reason: Text = field(
        "Why the customer is unknown.", nullable=True, pii="enum", isin=UNKNOWN_CUSTOMER_REASONS
    )
    subscription_id: Text = field("Subscription it bills, if any.", nullable=True, pii="id")
    subscription_item_id: Text = field("Subscription item it bills, if any.", nullable=True, pii="id")
    price_id: Text = field("Price it bills.", nullable=True, pii="id")
    product_id: Text = field("Product it bills.", nullable=True, pii="id")
    quantity: Integer = field("Units.", nullable=True)
    currency: Text = field("Lower-case ISO 4217 code.", pii="enum")
    amount_minor: Integer = field("Before discounts and exclusive taxes; may be negative.", unit="minor")
    discount_amount_minor: Integer = field("Discounts on the line.", unit="minor")
    tax_amount_minor: Integer = field("Taxes on the line.", unit="minor")
    period_start_at: Instant = field("Start of the period it bills, UTC.", nullable=True)
    period_end_at: Instant = field("End of the period it bills, UTC.", nullable=True)
    is_proration: Flag = field("Made by a change within a period.")
    is_credit: Flag = field("Negative, or the credit half of a proration.")
    percent_factor_e8: Integer = field("What lasting percent discounts leave, × 10^8.", unit="1e-8", ge=0, le=E8)
    fixed_discount_minor: Integer = field("Lasting amounts off per cycle of the subscription.", unit="minor")
    has_unknown_discount: Flag = field("A discount of the line is not described by the invoice.")
    invoice_status: Text = field("Status of the invoice.", nullable=True, pii="enum")
    invoice_created_at: Instant = field("Creation of the invoice, UTC.")
    first_date_loaded: Day = field("Load date that first saw the invoice.")

    class Config:
        """One row per line of an invoice."""

        unique = ["source_account", "invoice_id", "invoice_line_id"]


@table(
    FctInvoiceLine,
    write=Merge(),
    local_to=LocalTo("stripe_customer_id", {"stripe_invoices": "customer", "customer_identity": "source_id"}),
    traces={"stripe_invoices": {"source_account": "source_account", "record_id": "record_id"}},
)
def fct_invoice_line(stripe_invoices: ir.Table, customer_identity: ir.Table) -> ir.Table:
    """One row per invoice line; lines that vanished from their invoice are deleted. Amounts in minor units, instants UTC."""
    resolved = resolve(stripe_invoices, customer_identity, source_system="stripe", id_column="customer")
    invoices = resolved.mutate(invoice_id=resolved.id, _subscription=subscription_of(resolved))
    lines = _lines(invoices)
    effects = _discount_effects(lines, invoices)
    joined = lines.left_join(effects, _LINE)
    return shaped(
        joined,
        FctInvoiceLine,
        percent_factor_e8=joined[PERCENT_FACTOR].fill_null(E8),
        fixed_discount_minor=joined[FIXED_DISCOUNT].fill_null(0),
        has_unknown_discount=joined[IS_UNKNOWN].fill_null(False),
    )


def _lines(invoices: ir.Table) -> ir.Table:
    each = invoices.select(
        *LINEAGE,
        "invoice_id",
        "customer_id",
        "unknown_customer_reason",
        "first_date_loaded",
        "_subscription",
        stripe_customer_id=invoices.customer,
        invoice_currency=invoices.currency,
        invoice_status=invoices.status,
        invoice_created_at=invoices.created,
        line=invoices.lines["data"].unnest(),
    )
    each = each.filter(each.line["id"].notnull())
    order = ibis.window(group_by=[each[c] for c in _INVOICE] + [each.line["id"]], order_by=_tie_break(each.line))
    each = each.mutate(copy=ibis.row_number().over(order))
    return each.filter(each["copy"] == 0).drop("copy").mutate(**_columns(each)).drop("invoice_currency", "_subscription")


def _tie_break(line: ir.StructValue) -> list[ir.Value]:
    return [line["amount"].fill_null(0), line["quantity"].fill_null(0), line["period"]["start"]]


def _columns(each: ir.Table) -> dict[str, ir.Value]:
    line = each.line
    item, other = line["parent"]["subscription_item_details"], line["parent"]["invoice_item_details"]
    price = line["pricing"]["price_details"]
    amount = line["amount"].fill_null(0)
    return {
        "invoice_line_id": line["id"],
        "subscription_id": ibis.coalesce(item["subscription"], other["subscription"], line["subscription"], each._subscription),
        "subscription_item_id": ibis.coalesce(item["subscription_item"], line["subscription_item"]),
        "price_id": ibis.coalesce(price["price"], line["price"]["id"], line["plan"]["id"]),
        "product_id": ibis.coalesce(price["product"], line["price"]["product"], line["plan"]["product"]),
        "quantity": line["quantity"],
        "currency": ibis.coalesce(line["currency"], each.invoice_currency).lower(),
        "amount_minor": amount,
        "discount_amount_minor": total(line["discount_amounts"].map(lambda d: d["amount"])).fill_null(0),
        "tax_amount_minor": _tax(line),
        "period_start_at": line["period"]["start"],
        "period_end_at": line["period"]["end"],
        "is_proration": ibis.coalesce(item["proration"], other["proration"], line["proration"], False),
        "is_credit": (amount < 0) | _credits(line),
    }


def _tax(line: ir.StructValue) -> ir.IntegerValue:
    new = total(line["taxes"].map(lambda tax: tax["amount"]))
    old = total(line["tax_amounts"].map(lambda tax: tax["amount"]))
    return ibis.coalesce(new, old, 0)


def _credits(line: ir.StructValue) -> ir.BooleanValue:
    """Stripe names the lines that the credit half of a proration gives back."""
    item, other = line["parent"]["subscription_item_details"], line["parent"]["invoice_item_details"]
    details = (item["proration_details"], other["proration_details"], line["proration_details"])
    return ibis.coalesce(*(d["credited_items"]["invoice"] for d in details)).notnull()


def _discount_effects(lines: ir.Table, invoices: ir.Table) -> ir.Table:
    """The discounts a line names, with the terms its own invoice gives."""
    named = lines.select(*_LINE, "currency", each=lines.line["discount_amounts"]).unnest("each", offset="place")
    named = named.filter(named.each["discount"].notnull())
    named = named.select(*_LINE, "currency", discount_id=named.each["discount"], position=named.place.cast("int64"))
    told = exploded(invoices, _INVOICE, many="discounts", one="discount").drop("position")
    order = ibis.window(group_by=[*_INVOICE, "discount_id"], order_by=[told.duration.isnull(), told.duration])
    told = told.mutate(copy=ibis.row_number().over(order))
    told = told.filter(told["copy"] == 0).drop("copy")
    return stacked(named.left_join(told, [*_INVOICE, "discount_id"]), _LINE)
