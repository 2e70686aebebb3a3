"""payment_card: the only thing kept of a payment's card, a keyed token of its brand."""

from collections.abc import Callable
from functools import partial

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.catalog import Merge, step
from c360.contract import Text, field, ibis_schema
from c360.expressions.lineage import LINEAGE, Lineage, lineage
from c360.work import Work


class PaymentCard(Lineage):
    """One row per charge by card."""

    charge_id: Text = field("Stripe's charge id.", pii="id")
    card_brand_token: Text = field("Keyed token of the card's brand.", pii="token")

    class Config:
        """One row per charge of an account."""

        unique = ["source_account", "charge_id"]


@step(
    PaymentCard,
    write=Merge(),
    traces={"stripe_charges": {"source_account": "source_account", "record_id": "record_id"}},
)
def payment_card(stripe_charges: ir.Table, *, work: Work) -> ir.Table:
    """One row per charge that was made by card; brands are tokens (tokens are made in Python, never in SQL)."""
    brand = ibis.coalesce(stripe_charges.payment_method_details["card"]["brand"], stripe_charges.source["brand"])
    charges = stripe_charges.select(**lineage(stripe_charges), charge_id=stripe_charges.id, brand=brand)

    tokenise = partial(_tokenised, token=work.token)
    return work.map_batches(charges.filter(charges.brand.notnull()), tokenise, ibis_schema(PaymentCard))


def _tokenised(batch: pa.RecordBatch, token: Callable[[str, pa.Array], pa.Array]) -> pa.RecordBatch:
    kept = [*LINEAGE, "charge_id"]
    columns = [batch.column(name) for name in kept] + [token("card_brand", batch.column("brand"))]
    return pa.RecordBatch.from_arrays(columns, names=[*kept, "card_brand_token"])
