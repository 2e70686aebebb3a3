"""Money outside subscriptions: manual invoices, plain charges, and records that arrive late."""

from dataclasses import dataclass
from random import Random

from c360.demo.clock import DAY, HOUR, Calendar
from c360.demo.invoices import Invoices
from c360.demo.invoicing import LineDraft, Payer
from c360.demo.plans import at_hour
from c360.demo.records import Record

WORK = ("Onboarding", "Training", "Data import", "Consulting", "Custom report", "Migration", "Audit support")
LATE_CHARGES, LATE_INVOICES = 4, 3


@dataclass(slots=True)
class OneOffs:
    """Writes one-off invoices and charges. Instants epoch seconds UTC, amounts minor units."""

    invoices: Invoices
    calendar: Calendar

    def play(self, payer: Payer, signup: int, rng: Random) -> None:
        """What one customer buys besides subscriptions."""
        if rng.random() < 0.1:
            for _ in range(rng.randint(1, 3)):
                self._invoice(payer, self._moment(signup, rng), rng)
        if rng.random() < 0.08:
            for _ in range(rng.randint(1, 3)):
                self._charge(payer, self._moment(signup, rng), rng)

    def arrive_late(self, payers: list[Payer], rng: Random) -> None:
        """Charges and paid invoices made 3-6 days before the second load that only the second load can see."""
        for number, payer in enumerate(payers[: LATE_CHARGES + LATE_INVOICES]):
            at = at_hour(self.calendar.second_day - rng.randint(3, 6) * DAY, rng)
            seen = self.calendar.second_day + rng.randint(1, 12) * HOUR
            if number < LATE_CHARGES:
                self._paid(payer, at, rng, seen=seen)
                continue
            invoice = self._draft(payer, at, 1, rng, seen=seen)
            self.invoices.finalise(invoice, at + HOUR)
            self.invoices.pay(invoice, payer, at + 2 * HOUR, seen=seen + 60)

    def _moment(self, signup: int, rng: Random) -> int:
        at = signup + int((self.calendar.end - signup) * rng.random())
        return min(max(at_hour(at, rng), signup), self.calendar.end)

    def _invoice(self, payer: Payer, at: int, rng: Random) -> None:
        if at >= self.calendar.end:
            return
        invoice = self._draft(payer, at, rng.randint(11, 24) if rng.random() < 0.12 else rng.randint(1, 4), rng)
        self.invoices.finalise(invoice, at + 60)
        paid_at = at + rng.randint(0, 9) * DAY + HOUR
        if at < self.calendar.history_from <= paid_at:
            paid_at = at + HOUR
        fate = rng.choices(["paid", "out_of_band", "open", "void", "uncollectible"], [70, 14, 8, 5, 3])[0]
        if fate == "open" and at < self.calendar.history_from:
            fate = "void"
        if fate == "open" or paid_at >= self.calendar.end:
            return
        if fate == "paid":
            self.invoices.pay(invoice, payer, paid_at)
        elif fate == "out_of_band":
            self.invoices.pay_out_of_band(invoice, paid_at)
        else:
            self.invoices.close(invoice, paid_at, fate)

    def _draft(self, payer: Payer, at: int, count: int, rng: Random, *, seen: int | None = None) -> Record:
        drafts = [
            LineDraft(
                amount=self._amount(payer, rng) // count + 1,
                quantity=1,
                price=None,
                period=(at, at),
                description=rng.choice(WORK),
            )
            for _ in range(count)
        ]
        return self.invoices.draft(payer, drafts, at, reason="manual", period=(at, at), send_invoice=True, visible_at=seen)

    def _charge(self, payer: Payer, at: int, rng: Random) -> None:
        if at >= self.calendar.end:
            return
        if rng.random() < 0.12:
            payments = self.invoices.payments
            intent = self.invoices.book.id("pi")
            payments.failed_charge(payer, self._amount(payer, rng), at, intent=intent, description="Top-up", rng=rng)
            return
        self._paid(payer, at, rng)

    def _paid(self, payer: Payer, at: int, rng: Random, *, seen: int | None = None) -> None:
        intent = self.invoices.book.id("pi")
        self.invoices.payments.charge(payer, self._amount(payer, rng), at, intent=intent, description="Top-up", visible_at=seen)

    def _amount(self, payer: Payer, rng: Random) -> int:
        return rng.randint(20, 1500) * (150 if payer.currency == "jpy" else 100)
