"""fct_credit_note: corrections of finalised invoices."""

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Merge, table
from c360.contract import Day, Flag, Instant, Integer, Text, field
from c360.expressions.customers import UNKNOWN_CUSTOMER_REASONS, resolve
from c360.expressions.lineage import Lineage, shaped
from c360.expressions.time import local_date


class FctCreditNote(Lineage):
    """One row per credit note."""

    credit_note_id: Text = field("Stripe's credit note id.", pii="id")
    invoice_id: Text = field("Invoice it corrects.", nullable=True, pii="id")
    refund_id: Text = field("Refund made with it (the first).", nullable=True, pii="id")
    stripe_customer_id: Text = field("Stripe's customer id.", nullable=True, pii="id")
    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    unknown_customer_reason: Text = field(
        "Why the customer is unknown.", nullable=True, pii="enum", isin=UNKNOWN_CUSTOMER_REASONS
    )
    status: Text = field("issued or void.", pii="enum", isin=("issued", "void"))
    credit_note_reason: Text = field("Stripe's reason code.", nullable=True, pii="enum")
    currency: Text = field("Lower-case ISO 4217 code.", pii="enum")
    total_amount_minor: Integer = field("Total, tax included.", unit="minor", ge=0)
    out_of_band_amount_minor: Integer = field("Part given back outside Stripe.", unit="minor", ge=0)
    created_at: Instant = field("Creation, UTC.")
    credit_note_date: Day = field("Day it takes effect in the reporting zone.")
    is_issued: Flag = field("Not void.")

    class Config:
        """One row per credit note of an account."""

        unique = ["source_account", "credit_note_id"]


@table(
    FctCreditNote,
    write=Merge(),
    local_to=LocalTo("stripe_customer_id", {"stripe_credit_notes": "customer", "customer_identity": "source_id"}),
    traces={"stripe_credit_notes": {"source_account": "source_account", "record_id": "record_id"}},
)
def fct_credit_note(stripe_credit_notes: ir.Table, customer_identity: ir.Table, *, reporting_zone: str) -> ir.Table:
    """One row per credit note; amounts in minor units, `credit_note_date` in the reporting zone."""
    resolved = resolve(stripe_credit_notes, customer_identity, source_system="stripe", id_column="customer")
    status = resolved.status.fill_null("issued")
    return shaped(
        resolved,
        FctCreditNote,
        credit_note_id=resolved.id,
        invoice_id=resolved.invoice,
        refund_id=ibis.coalesce(resolved.refund, resolved.refunds.map(lambda r: r["refund"]).mins()),
        stripe_customer_id=resolved.customer,
        status=status,
        credit_note_reason=resolved.reason,
        currency=resolved.currency.lower(),
        total_amount_minor=ibis.coalesce(resolved.total, resolved.amount),
        out_of_band_amount_minor=resolved.out_of_band_amount.fill_null(0),
        created_at=resolved.created,
        credit_note_date=local_date(ibis.coalesce(resolved.effective_at, resolved.created), reporting_zone),
        is_issued=status == "issued",
    )
