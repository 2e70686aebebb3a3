"""Puts the parts together: parties, scripts, billing, the customers' own records, Salesforce."""

from dataclasses import dataclass, field
from random import Random

from c360.demo.billing import SubscriptionRun
from c360.demo.catalog import make_catalog
from c360.demo.clock import HOUR, Calendar, to_date
from c360.demo.fx import Rates, make_rates
from c360.demo.identity import CustomerDraft, Dirt, Parties, make_parties
from c360.demo.ids import stream
from c360.demo.invoices import Invoices
from c360.demo.invoicing import Payer
from c360.demo.one_offs import OneOffs
from c360.demo.payments import Payments
from c360.demo.plans import Change, Plan, Planner, at_hour, currency_of
from c360.demo.records import Body, Book, Record
from c360.demo.salesforce_objects import SalesforceWorld

DELETED_CUSTOMERS = 8
RENAMED_CUSTOMERS = 5
BRANDS = ("visa", "mastercard", "amex")


@dataclass(slots=True)
class World:
    """Everything that was made."""

    calendar: Calendar
    parties: Parties
    book: Book
    salesforce: SalesforceWorld
    rates: Rates


def make_world(accounts: int, seed: int, level: Dirt, calendar: Calendar) -> World:
    """A world from a seed."""
    first, last = to_date(calendar.begin), calendar.load_dates[1]
    rates = make_rates(stream(seed, "fx"), first, last)
    book = Book(stream(seed, "ids"), calendar.event_floor)
    parties = make_parties(accounts, seed, level)
    writer = _Writer(seed, calendar, book, rates, parties, Planner(make_catalog(book, seed, calendar.begin), calendar))
    first_seen = writer.write()
    salesforce = SalesforceWorld(seed, calendar)
    salesforce.fill(parties.accounts, first_seen)
    return World(calendar, parties, book, salesforce, rates)


@dataclass(slots=True)
class _Writer:
    seed: int
    calendar: Calendar
    book: Book
    rates: Rates
    parties: Parties
    planner: Planner
    planned: int = 0
    payers: list[tuple[int, Payer]] = field(default_factory=list)

    def write(self) -> dict[str, int]:
        """All Stripe objects. Returns the creation of each account's first customer."""
        payments = Payments(self.book, self.rates, self.calendar.end)
        invoices = Invoices(self.book, payments)
        one_offs = OneOffs(invoices, self.calendar)
        doomed, renamed = self._second_day()
        first_seen: dict[str, int] = {}
        for draft in self.parties.customers:
            created = self._customer(draft, invoices, one_offs, doomed.get(draft.id), renamed.get(draft.id))
            if draft.account:
                first_seen[draft.account.id] = min(created, first_seen.get(draft.account.id, created))
        settled = [payer for created, payer in self.payers if created < self.calendar.second_day - 20 * 24 * HOUR]
        one_offs.arrive_late([payer for payer in settled if payer.customer not in doomed], stream(self.seed, "late"))
        payments.payouts(self.calendar.begin)
        return first_seen

    def _second_day(self) -> tuple[dict[str, int], dict[str, int]]:
        """Which customers are deleted, which get another e-mail, and when; one was deleted before the first load already."""
        rng = stream(self.seed, "stripe second day")
        settled = [draft.id for draft in self.parties.customers[60:] or self.parties.customers[40:] if not draft.is_new]
        chosen = rng.sample(settled, min(DELETED_CUSTOMERS + RENAMED_CUSTOMERS, len(settled)))
        at = {identifier: self.calendar.second_day + rng.randint(3 * HOUR, 15 * HOUR) for identifier in chosen}
        doomed = chosen[:DELETED_CUSTOMERS]
        at |= dict.fromkeys(doomed[2:3], self.calendar.cutoffs[0] - 73 * HOUR)
        return {c: at[c] for c in doomed}, {c: at[c] for c in chosen if c not in doomed}

    def _customer(
        self, draft: CustomerDraft, invoices: Invoices, one_offs: OneOffs, deleted_at: int | None, renamed_at: int | None
    ) -> int:
        rng = stream(self.seed, "billing", draft.id)
        payer = make_payer(draft, rng)
        plans = self._plans(draft, payer.currency, rng)
        begun = min((plan.start for plan in plans), default=self._signup(draft, rng))
        created = begun - rng.randint(5 * 60, 45 * 60)
        deleted_at = deleted_at if deleted_at and begun < deleted_at else None
        self.payers.append((created, payer))
        changes: list[tuple[int, Body]] = []
        record = self.book.add("customers", _customer_body(draft, payer, created), at=created, event="customer.created")
        for plan in plans:
            if deleted_at:
                plan.changes = [*plan.changes, Change(deleted_at, "cancel_now")]
            run = SubscriptionRun(self.book, invoices, self.calendar, payer, plan, rng)
            run.run()
            changes += run.customer_changes
        if not deleted_at:
            one_offs.play(payer, begun, rng)
        if renamed_at and draft.email:
            changes.append((renamed_at, {"phone": draft.firm.phone, "description": "Contact data updated"}))
        self._change_customer(record, changes, deleted_at)
        return created

    def _change_customer(self, record: Record, changes: list[tuple[int, Body]], deleted_at: int | None) -> None:
        for at, patch in sorted(changes, key=lambda change: change[0]):
            if deleted_at is None or at < deleted_at:
                self.book.update(record, at, patch, event="customer.updated")
        if deleted_at:
            self.book.update(record, deleted_at + 2, None, event="customer.deleted")

    def _plans(self, draft: CustomerDraft, currency: str, rng: Random) -> list[Plan]:
        count = rng.choices([0, 1, 2, 3], [6, 72, 18, 4])[0]
        if draft.is_new:
            plans = [self.planner.play("second_day", currency, rng) for _ in range(max(1, count))]
            for plan in plans:
                plan.start = max(plan.start, self.calendar.second_day + 4 * HOUR)
            return plans
        plans = []
        for _ in range(count):
            plans.append(self.planner.plan(self.planned, currency, rng))
            self.planned += 1
        return plans

    def _signup(self, draft: CustomerDraft, rng: Random) -> int:
        if draft.is_new:
            return self.calendar.second_day + 5 * HOUR
        span = self.calendar.cutoffs[0] - self.calendar.begin
        return at_hour(self.calendar.begin + int(span * rng.random()), rng)


def make_payer(draft: CustomerDraft, rng: Random) -> Payer:
    """How a customer pays: currency, tax, card."""
    country = draft.firm.country
    currency = currency_of(rng, country)
    rate = {"GB": 2000, "DE": 1900, "FR": 2000, "NL": 2100, "ES": 2100, "SE": 2500, "JP": 1000}.get(country, 0)
    card = {
        "brand": rng.choices(BRANDS, [60, 30, 10])[0],
        "country": country,
        "exp_month": rng.randint(1, 12),
        "exp_year": rng.randint(2026, 2031),
        "fingerprint": "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=16)),
        "funding": "credit",
        "last4": f"{rng.randint(0, 9999):04d}",
    }
    return Payer(draft.id, currency, country, rate if rng.random() < 0.5 else 0, card)


def _customer_body(draft: CustomerDraft, payer: Payer, created: int) -> Body:
    address = draft.firm.address
    return {
        "id": draft.id,
        "email": draft.email,
        "name": draft.name,
        "phone": draft.phone,
        "address": {
            "line1": address.street,
            "line2": None,
            "city": address.city,
            "state": address.state or None,
            "postal_code": address.postal_code,
            "country": address.country,
        },
        "metadata": draft.metadata,
        "created": created,
        "currency": payer.currency,
        "balance": 0,
        "delinquent": False,
        "description": None,
    }
