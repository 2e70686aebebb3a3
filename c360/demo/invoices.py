"""The life of one invoice: drafted, finalised, attempted, paid, voided, written off, credited."""

from dataclasses import dataclass, field
from random import Random

from c360.demo.clock import DAY
from c360.demo.invoicing import Discount, LineDraft, Payer, price_lines, totals
from c360.demo.payments import Payments
from c360.demo.records import Body, Book, Record

NO_TRANSITIONS: Body = {"finalized_at": None, "marked_uncollectible_at": None, "paid_at": None, "voided_at": None}


@dataclass(slots=True)
class Invoices:
    """Writes invoices, their payments and credit notes. All instants epoch seconds UTC, amounts minor units."""

    book: Book
    payments: Payments
    counts: dict[str, int] = field(default_factory=dict)

    def draft(
        self,
        payer: Payer,
        drafts: list[LineDraft],
        at: int,
        *,
        reason: str,
        period: tuple[int, int],
        discounts: list[Discount] | None = None,
        subscription: str | None = None,
        send_invoice: bool = False,
        balance: int = 0,
        visible_at: int | None = None,
    ) -> Record:
        """A new draft; `balance` (negative: credit) is what the customer's balance takes off what is due."""
        invoice = self.book.id("in")
        lines = price_lines(drafts, discounts or [], payer, invoice, self.book.id)
        sums = totals(lines)
        due = max(0, sums["total"] + balance)
        parent: Body = {
            "type": "subscription_details",
            "subscription_details": {"subscription": subscription, "metadata": {}},
            "quote_details": None,
        }
        body = {
            "id": invoice,
            "customer": payer.customer,
            "currency": payer.currency,
            "created": at,
            "status": "draft",
            "billing_reason": reason,
            "collection_method": "send_invoice" if send_invoice else "charge_automatically",
            "lines": lines,
            "parent": parent if subscription else None,
            "amount_due": due,
            "amount_paid": 0,
            "amount_remaining": due,
            "attempt_count": 0,
            "attempted": False,
            "auto_advance": True,
            "due_date": None,
            "starting_balance": balance,
            "ending_balance": None,
            "number": None,
            "paid_out_of_band": False,
            "payments": [],
            "period_start": period[0],
            "period_end": period[1],
            "status_transitions": NO_TRANSITIONS,
            **sums,
        }
        if discounts:
            body["discounts"] = [discount.id for discount in discounts]
        return self.book.add("invoices", body, at=at, visible_at=visible_at, event="invoice.created")

    def finalise(self, invoice: Record, at: int) -> None:
        """Draft → open, or paid at once when nothing is due."""
        state = live(invoice)
        customer = state["customer"]
        number = self.counts[customer] = self.counts.get(customer, 0) + 1
        patch: Body = {"status": "open", "number": f"{customer[-8:].upper()}-{number:04d}", "auto_advance": True}
        patch["ending_balance"] = min(0, state["total"] + state["starting_balance"])
        transitions = state["status_transitions"] | {"finalized_at": at}
        if state["collection_method"] == "send_invoice":
            patch["due_date"] = at + 30 * DAY
        if state["amount_due"] == 0:
            patch |= {"status": "paid", "attempted": True}
            transitions["paid_at"] = at
        self.book.update(invoice, at, patch | {"status_transitions": transitions}, event=_finalised_event(patch["status"]))

    def fail(self, invoice: Record, payer: Payer, at: int, next_attempt: int | None, rng: Random) -> None:
        """A declined automatic payment."""
        state = live(invoice)
        payment = self._open_payment(invoice, state, at)
        self.payments.failed_charge(
            payer, state["amount_remaining"], at, intent=payment["payment"]["payment_intent"], description=_reason(state), rng=rng
        )
        patch = {"attempt_count": state["attempt_count"] + 1, "attempted": True, "next_payment_attempt": next_attempt}
        self.book.update(invoice, at, patch, event="invoice.payment_failed")

    def pay(
        self, invoice: Record, payer: Payer, at: int, *, parts: int = 1, by_charge: bool = False, seen: int | None = None
    ) -> Record:
        """Paid by one charge (or several parts). Returns the last charge."""
        state = live(invoice)
        left, charge = state["amount_remaining"], None
        for part in range(parts, 0, -1):
            amount = left // part
            left -= amount
            charge = self._paid_part(invoice, payer, amount, at, by_charge=by_charge, seen=seen)
        patch = {
            "status": "paid",
            "amount_paid": state["amount_remaining"],
            "amount_remaining": 0,
            "attempt_count": state["attempt_count"] + 1,
            "attempted": True,
            "next_payment_attempt": None,
            "status_transitions": live(invoice)["status_transitions"] | {"paid_at": at},
        }
        self.book.update(invoice, seen or at, patch, event="invoice.paid")
        if charge is None:
            raise ValueError("an invoice is paid in at least one part")
        return charge

    def pay_out_of_band(self, invoice: Record, at: int) -> None:
        """Marked paid by hand: no payment object exists."""
        state = live(invoice)
        patch = {"status": "paid", "amount_paid": state["amount_remaining"], "amount_remaining": 0, "attempted": True}
        patch |= {"paid_out_of_band": True, "amount_paid_off_stripe": state["amount_remaining"]}
        patch["status_transitions"] = state["status_transitions"] | {"paid_at": at}
        self.book.update(invoice, at, patch, event="invoice.paid")

    def close(self, invoice: Record, at: int, status: str) -> None:
        """Open or draft → `void` or `uncollectible`."""
        state = live(invoice)
        key = "voided_at" if status == "void" else "marked_uncollectible_at"
        event = "invoice.voided" if status == "void" else "invoice.marked_uncollectible"
        patch = {"status": status, "auto_advance": False, "next_payment_attempt": None}
        patch["status_transitions"] = state["status_transitions"] | {key: at}
        for payment in state["payments"]:
            record = self.book.records["invoice_payments"][payment]
            transitions = {"canceled_at": at, "paid_at": None}
            self.book.update(record, at, {"status": "canceled", "status_transitions": transitions})
        self.book.update(invoice, at, patch, event=event)

    def credit(self, invoice: Record, amount: int, at: int, how: str, *, refund: str | None = None) -> None:
        """A credit note: `pre` (lowers what is due), `refund`, `balance` (customer credit) or `out_of_band`."""
        state = live(invoice)
        note = self.book.id("cn")
        is_pre = how == "pre"
        body = {
            "id": note,
            "amount": amount,
            "created": at,
            "currency": state["currency"],
            "customer": state["customer"],
            "customer_balance_transaction": self.book.id("cbtxn") if how == "balance" else None,
            "invoice": invoice.id,
            "lines": [_credit_line(self.book.id("cnli"), state, amount)],
            "number": f"{state['number']}-CN-01",
            "out_of_band_amount": amount if how == "out_of_band" else None,
            "post_payment_amount": 0 if is_pre else amount,
            "pre_payment_amount": amount if is_pre else 0,
            "refunds": [{"amount_refunded": amount, "refund": refund, "type": "refund"}] if refund else [],
            "subtotal": amount,
            "total": amount,
            "type": "pre_payment" if is_pre else "post_payment",
        }
        self.book.add("credit_notes", body, at=at, event="credit_note.created")
        patch: Body = {"pre_payment_credit_notes_amount" if is_pre else "post_payment_credit_notes_amount": amount}
        if is_pre:
            patch |= {"amount_due": state["amount_due"] - amount, "amount_remaining": state["amount_remaining"] - amount}
        self.book.update(invoice, at, patch, event="invoice.updated")

    def _paid_part(self, invoice: Record, payer: Payer, amount: int, at: int, *, by_charge: bool, seen: int | None) -> Record:
        state = live(invoice)
        opened = [p for p in state["payments"] if live(self.book.records["invoice_payments"][p])["status"] == "open"]
        if opened:
            record = self.book.records["invoice_payments"][opened[0]]
        else:
            body = self._open_payment(invoice, state, at, amount=amount, seen=seen)
            record = self.book.records["invoice_payments"][body["id"]]
        intent = None if by_charge else live(record)["payment"]["payment_intent"]
        charge = self.payments.charge(payer, amount, at, intent=intent, description=_reason(state), visible_at=seen)
        patch: Body = {"amount_paid": amount, "status": "paid", "status_transitions": {"canceled_at": None, "paid_at": at}}
        if by_charge:
            patch["payment"] = {"type": "charge", "charge": charge.id, "payment_intent": None}
        self.book.update(record, seen or at, patch)
        return charge

    def _open_payment(self, invoice: Record, state: Body, at: int, *, amount: int | None = None, seen: int | None = None) -> Body:
        if state["payments"] and amount is None:
            return live(self.book.records["invoice_payments"][state["payments"][0]])
        body = {
            "id": self.book.id("inpay"),
            "amount_paid": None,
            "amount_requested": state["amount_remaining"] if amount is None else amount,
            "created": at,
            "currency": state["currency"],
            "invoice": invoice.id,
            "is_default": not state["payments"],
            "payment": {"type": "payment_intent", "payment_intent": self.book.id("pi"), "charge": None},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        }
        self.book.add("invoice_payments", body, at=at, visible_at=seen)
        self.book.update(invoice, seen or at, {"payments": [*state["payments"], body["id"]]})
        return body


def live(record: Record) -> Body:
    """The newest state of a record that is not deleted."""
    return record.state(len(record.versions) - 1) or {}


def _finalised_event(status: str) -> str:
    return "invoice.paid" if status == "paid" else "invoice.finalized"


def _reason(state: Body) -> str:
    names = {"subscription_create": "Subscription creation", "subscription_cycle": "Subscription update"}
    return names.get(state["billing_reason"], "Payment for Invoice")


def _credit_line(line_id: str, state: Body, amount: int) -> Body:
    return {
        "id": line_id,
        "object": "credit_note_line_item",
        "amount": amount,
        "description": "Credit",
        "discount_amount": 0,
        "discount_amounts": [],
        "invoice_line_item": state["lines"][0]["id"],
        "livemode": False,
        "quantity": 1,
        "tax_rates": [],
        "taxes": [],
        "type": "invoice_line_item",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
