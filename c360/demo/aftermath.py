"""What befalls a paid invoice later: refunds, disputes, credit notes."""

from random import Random

from c360.demo.invoices import Invoices, live
from c360.demo.invoicing import half_up
from c360.demo.records import Record

SHARES = {
    "refund_full": 0.004,
    "refund_partial": 0.006,
    "refund_failed": 0.0005,
    "dispute_lost": 0.001,
    "dispute_won": 0.001,
    "dispute_open": 0.0005,
    "credit_refund": 0.002,
    "credit_balance": 0.002,
    "credit_out_of_band": 0.001,
}


def draw(rng: Random) -> str:
    """What befalls one payment; mostly nothing (an empty text)."""
    if rng.random() >= sum(SHARES.values()):
        return ""
    return rng.choices(list(SHARES), list(SHARES.values()))[0]


def play(kind: str, invoices: Invoices, invoice: Record, charge: Record, at: int) -> int:
    """Carries it out at an instant (epoch seconds UTC). Returns what was credited to the customer's balance, minor units."""
    amount, payments = live(charge)["amount"], invoices.payments
    part = max(1, half_up(amount * 3, 10))
    match kind:
        case "refund_full":
            payments.refund(charge, amount, at)
        case "refund_partial" | "refund_pending":
            payments.refund(charge, part, at, is_pending=kind == "refund_pending")
        case "refund_failed":
            payments.failed_refund(charge, part, at)
        case "dispute_won" | "dispute_lost" | "dispute_open":
            payments.dispute(charge, at, kind.removeprefix("dispute_"))
        case "credit_refund":
            invoices.credit(invoice, part, at, "refund", refund=payments.refund(charge, part, at))
        case "credit_balance":
            invoices.credit(invoice, part, at, "balance")
            return part
        case _:
            invoices.credit(invoice, part, at, "out_of_band")
    return 0
