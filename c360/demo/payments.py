"""Charges, their balance transactions, refunds, disputes and credit notes; every amount ties to the one it came from."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from c360.demo.clock import DAY, HOUR, to_date
from c360.demo.fx import Rates
from c360.demo.invoicing import Payer, half_up
from c360.demo.records import Body, Book, Record

DISPUTE_FEE = 1500
FAILURES = ("card_declined", "insufficient_funds", "expired_card", "processing_error")


@dataclass(slots=True)
class Payments:
    """Writes payment objects into the book. All instants epoch seconds UTC, amounts minor units."""

    book: Book
    rates: Rates
    end: int

    def charge(
        self, payer: Payer, amount: int, at: int, *, intent: str | None, description: str, visible_at: int | None = None
    ) -> Record:
        """A succeeded charge with its balance transaction."""
        charge = self.book.id("ch")
        seen = at if visible_at is None else visible_at
        transaction = self._transaction(charge, "charge", payer.currency, amount, at, seen)
        body = self._charge_body(charge, payer, amount, at, intent, description)
        body |= {"status": "succeeded", "paid": True, "captured": True, "balance_transaction": transaction}
        body["outcome"] = _outcome("authorized", "approved_by_network", None)
        return self.book.add("charges", body, at=at, visible_at=seen, event="charge.succeeded")

    def failed_charge(self, payer: Payer, amount: int, at: int, *, intent: str | None, description: str, rng: Random) -> Record:
        """A declined attempt."""
        code = rng.choice(FAILURES)
        body = self._charge_body(self.book.id("ch"), payer, amount, at, intent, description)
        body |= {"status": "failed", "paid": False, "captured": False, "failure_code": code, "balance_transaction": None}
        body["failure_message"] = f"Your payment failed: {code.replace('_', ' ')}."
        body["outcome"] = _outcome("issuer_declined", "declined_by_network", code)
        return self.book.add("charges", body, at=at, event="charge.failed")

    def refund(self, charge: Record, amount: int, at: int, *, is_pending: bool = False) -> str | None:
        """A refund of a part of a charge; a pending one succeeds on the fourth day. None if it lies after the world's end."""
        if at >= self.end:
            return None
        state = _live(charge)
        refund = self.book.id("re")
        transaction = self._transaction(refund, "refund", state["currency"], -amount, at, at)
        body = {
            "id": refund,
            "amount": amount,
            "balance_transaction": transaction,
            "charge": charge.id,
            "created": at,
            "currency": state["currency"],
            "payment_intent": state["payment_intent"],
            "reason": "requested_by_customer",
            "status": "pending" if is_pending else "succeeded",
        }
        record = self.book.add("refunds", body, at=at, event="refund.created")
        if is_pending and at + 4 * DAY < self.end:
            self.book.update(record, at + 4 * DAY, {"status": "succeeded"}, event="refund.updated")
        refunded = state["amount_refunded"] + amount
        patch = {"amount_refunded": refunded, "refunded": refunded == state["amount"]}
        self.book.update(charge, at, patch, event="charge.refunded")
        return refund

    def failed_refund(self, charge: Record, amount: int, at: int) -> None:
        """A refund the bank sent back: status failed, no money moved."""
        if at >= self.end:
            return
        state = _live(charge)
        body = {"id": self.book.id("re"), "amount": amount, "balance_transaction": None, "charge": charge.id, "created": at}
        body |= {"currency": state["currency"], "payment_intent": state["payment_intent"], "reason": None, "status": "failed"}
        body["failure_reason"] = "expired_or_canceled_card"
        self.book.add("refunds", body, at=at, event="refund.created")

    def dispute(self, charge: Record, at: int, outcome: str) -> None:
        """A dispute of a whole charge: `open`, or closed `won` or `lost` after 20 days.

        The newest of its balance transactions is posted when it closes: a lost dispute's money leaves then; of a won one it left
        at the start and comes back.
        """
        if at >= self.end:
            return
        state = _live(charge)
        amount, currency = state["amount"] - state["amount_refunded"], state["currency"]
        dispute, closed_at = self.book.id("du"), at + 20 * DAY
        withdrawn = [self._dispute_transaction(dispute, currency, -amount, at)] if outcome == "won" else []
        body = {
            "id": dispute,
            "amount": amount,
            "balance_transactions": withdrawn,
            "charge": charge.id,
            "created": at,
            "currency": currency,
            "evidence_details": {"due_by": at + 14 * DAY, "has_evidence": False, "past_due": False, "submission_count": 0},
            "payment_intent": state["payment_intent"],
            "reason": "fraudulent" if outcome == "lost" else "product_not_received",
            "status": "needs_response",
        }
        record = self.book.add("disputes", body, at=at, event="charge.dispute.created")
        self.book.update(charge, at, {"disputed": True}, event="charge.updated")
        if outcome == "open" or closed_at >= self.end:
            return
        closing = self._dispute_transaction(dispute, currency, amount if outcome == "won" else -amount, closed_at)
        patch = {"status": outcome, "balance_transactions": [*withdrawn, closing]}
        self.book.update(record, closed_at, patch, event="charge.dispute.closed")

    def payouts(self, begin: int) -> None:
        """One payout a week of everything that became available in US dollars."""
        ordered = sorted(self.book.records["balance_transactions"].values(), key=lambda record: (record.created, record.id))
        nets, week, number = 0, begin + 7 * DAY, 0
        for record in ordered:
            while record.created >= week:
                if nets > 0:
                    number += 1
                    self._payout(nets, week + 5 * HOUR, number)
                nets, week = 0, week + 7 * DAY
            nets += _live(record)["net"]

    def _payout(self, amount: int, at: int, number: int) -> None:
        body = {"id": self.book.id("txn"), "amount": -amount, "available_on": at + DAY, "created": at, "exchange_rate": None}
        body |= {"fee": 0, "fee_details": [], "net": -amount, "type": "payout", "reporting_category": "payout"}
        self.book.add("balance_transactions", body | {"source": f"po_Demo{number:06d}"}, at=at)

    def _dispute_transaction(self, dispute: str, currency: str, amount: int, at: int) -> Body:
        transaction = self._transaction(dispute, "adjustment", currency, amount, at, at)
        state = _live(self.book.records["balance_transactions"][transaction])
        return {"object": "balance_transaction", "currency": "usd", "status": "available", **state}

    def _transaction(self, source: str, kind: str, currency: str, amount: int, at: int, seen: int) -> str:
        """Settlement in US cents: amount = round(source amount x exchange_rate), net = amount - fee."""
        rate = self.rates.settlement_rate(currency, to_date(at))
        settled = amount if rate is None else settle(amount, rate)
        fee = _fee(kind, settled)
        body = {
            "id": self.book.id("txn"),
            "amount": settled,
            "available_on": at - at % DAY + 2 * DAY,
            "created": at,
            "exchange_rate": rate,
            "fee": fee,
            "fee_details": [{"amount": fee, "currency": "usd", "type": "stripe_fee", "application": None}] if fee else [],
            "net": settled - fee,
            "source": source,
            "type": kind,
            "reporting_category": "dispute" if kind == "adjustment" else kind,
        }
        return self.book.add("balance_transactions", body, at=at, visible_at=seen).id

    def _charge_body(self, charge: str, payer: Payer, amount: int, at: int, intent: str | None, description: str) -> Body:
        return {
            "id": charge,
            "amount": amount,
            "amount_refunded": 0,
            "created": at,
            "currency": payer.currency,
            "customer": payer.customer,
            "description": description,
            "disputed": False,
            "payment_intent": intent,
            "payment_method_details": {"type": "card", "card": payer.card},
            "refunded": False,
        }


def settle(amount: int, rate: float) -> int:
    """Minor units x exchange rate, rounded half away from zero."""
    return int((Decimal(amount) * Decimal(str(rate))).quantize(Decimal(1), ROUND_HALF_UP))


def _fee(kind: str, settled: int) -> int:
    if kind == "charge":
        return half_up(settled * 29, 1000) + 30
    return DISPUTE_FEE if kind == "adjustment" and settled < 0 else 0


def _live(record: Record) -> Body:
    return record.state(len(record.versions) - 1) or {}


def _outcome(kind: str, network_status: str, reason: str | None) -> Body:
    return {"type": kind, "network_status": network_status, "reason": reason, "risk_level": "normal"}
