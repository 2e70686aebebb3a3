"""dim_price: what is sold, at which price."""

import ibis
import ibis.expr.types as ir

from c360.catalog import Overwrite, table
from c360.contract import Flag, Instant, Integer, Rate, Text, field
from c360.expressions.lineage import Lineage, shaped

INTERVALS = ("day", "week", "month", "year")


class DimPrice(Lineage):
    """One row per price."""

    price_id: Text = field("Stripe's price (or plan) id.", pii="id")
    product_id: Text = field("Stripe's product id.", nullable=True, pii="id")
    product_name: Text = field("Name of the product.", nullable=True, pii="organisation")
    price_type: Text = field("recurring or one_time.", nullable=True, pii="enum")
    currency: Text = field("Lower-case ISO 4217 code.", pii="enum")
    unit_amount_minor: Integer = field("Per unit; null when tiered or below a minor unit.", nullable=True, unit="minor")
    unit_amount_decimal: Rate = field("Per unit, with fractions of a minor unit.", nullable=True, unit="minor")
    billing_interval: Text = field("Length of a cycle.", nullable=True, pii="enum", isin=INTERVALS)
    billing_interval_count: Integer = field("Intervals in a cycle.", nullable=True, ge=1)
    usage_type: Text = field("licensed or metered.", nullable=True, pii="enum")
    billing_scheme: Text = field("per_unit or tiered.", nullable=True, pii="enum")
    tiers_mode: Text = field("graduated or volume.", nullable=True, pii="enum")
    tier_count: Integer = field("Tiers of a tiered price.")
    transform_divide_by: Integer = field("Units are sold in packages of so many.", nullable=True)
    is_active: Flag = field("Can be used for new subscriptions.", nullable=True)
    created_at: Instant = field("Creation, UTC.", nullable=True)
    is_deleted: Flag = field("No longer at Stripe.")

    class Config:
        """One row per price of an account."""

        unique = ["source_account", "price_id"]


@table(
    DimPrice,
    write=Overwrite(),
    traces={"stripe_prices": {"source_account": "source_account", "record_id": "record_id"}},
)
def dim_price(stripe_prices: ir.Table, stripe_products: ir.Table) -> ir.Table:
    """One row per price with its product's name; amounts in minor units, of one billing cycle."""
    products = stripe_products.select(
        _account=stripe_products.source_account, _product=stripe_products.id, product_name=stripe_products.name
    )
    prices = stripe_prices.left_join(
        products, [stripe_prices.source_account == products._account, stripe_prices.product == products._product]
    )
    recurring = prices.recurring
    return shaped(
        prices,
        DimPrice,
        price_id=prices.id,
        product_id=prices.product,
        product_name=prices.product_name.strip(),
        price_type=prices.type,
        currency=prices.currency.lower(),
        unit_amount_minor=prices.unit_amount,
        billing_interval=recurring["interval"],
        billing_interval_count=ibis.ifelse(
            recurring["interval"].notnull(), recurring["interval_count"].fill_null(1), ibis.null("int64")
        ),
        usage_type=recurring["usage_type"],
        tier_count=prices.tiers.length().fill_null(0),
        transform_divide_by=prices.transform_quantity["divide_by"],
        is_active=prices.active,
        created_at=prices.created,
    )
