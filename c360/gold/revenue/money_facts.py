"""All money that moved, in one long form: what both monthly revenue tables add up."""

import datetime

import ibis
import ibis.expr.types as ir

from c360.expressions.calendar import month_start

MEASURES = (
    "revenue",
    "tax",
    "out_of_band",
    "discount",
    "refund",
    "dispute_lost",
    "credit_note",
    "credit_note_out_of_band",
)
"""Amounts of a month, each `<measure>_amount` in the tables."""

PAYMENT = "payment"


def money_facts(
    fct_invoice: ir.Table,
    fct_payment_transaction: ir.Table,
    fct_refund: ir.Table,
    fct_dispute: ir.Table,
    fct_credit_note: ir.Table,
    *,
    history_from: datetime.date,
    as_of: datetime.date,
) -> ir.Table:
    """One row per fact and measure: `customer_id`, `fact_date`, `month_start_date`, `currency`, `measure`, `amount_minor` ≥ 0.

    Paid invoices by paid date, succeeded refunds by refund date, lost disputes by closing date, issued credit notes and succeeded
    charges by their own date; only days in [`history_from`, `as_of`].
    """
    paid = fct_invoice.filter(fct_invoice.status == "paid")
    refunds = fct_refund.filter(fct_refund.is_succeeded)
    lost = fct_dispute.filter(fct_dispute.is_lost)
    notes = fct_credit_note.filter(fct_credit_note.is_issued)
    charges = fct_payment_transaction
    charged = charges.filter(charges.payment_status.isin(["disputed", "paid", "refunded"]))
    facts = ibis.union(
        _facts(paid, "revenue", "paid_date", "paid_amount_minor"),
        _facts(paid, "tax", "paid_date", "tax_amount_minor"),
        _facts(paid, "out_of_band", "paid_date", "out_of_band_amount_minor"),
        _facts(paid, "discount", "paid_date", "discount_amount_minor"),
        _facts(refunds, "refund", "refund_date", "amount_minor"),
        _facts(lost, "dispute_lost", "closed_date", "amount_minor"),
        _facts(notes, "credit_note", "credit_note_date", "total_amount_minor"),
        _facts(notes, "credit_note_out_of_band", "credit_note_date", "out_of_band_amount_minor"),
        _facts(charged, PAYMENT, "created_date", "amount_minor"),
    )
    inside = facts.filter((facts.fact_date >= history_from) & (facts.fact_date <= as_of))
    return inside.mutate(month_start_date=month_start(inside.fact_date))


def _facts(rows: ir.Table, measure: str, day: str, amount: str) -> ir.Table:
    return rows.select(
        customer_id=rows.customer_id.cast("string"),
        fact_date=rows[day].cast("date"),
        currency=rows.currency.cast("string"),
        measure=ibis.literal(measure),
        amount_minor=rows[amount].cast("int64"),
    )


def counts(facts: ir.Table) -> dict[str, ir.IntegerValue]:
    """Number of paid invoices and of succeeded payments."""
    return {
        "invoice_count": facts.count(where=facts.measure == "revenue").cast("int64"),
        "payment_count": facts.count(where=facts.measure == PAYMENT).cast("int64"),
    }
