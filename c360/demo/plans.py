"""Which subscriptions a customer has and what is going to happen to them: the script that `billing` then plays."""

from dataclasses import dataclass, field
from random import Random

from c360.demo.catalog import ADD_ONS, CURRENCIES, MODULES, PLANS, SEAT, Catalog, Coupon, Price
from c360.demo.clock import DAY, HOUR, Calendar, to_date

OLD = 45 * DAY
"""Changes at least this old leave no event at the first load."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is done to a running subscription at an instant (epoch seconds UTC).

    `kind`: reprice, prorate_quantity, quantity, cancel_now, cancel_at_period_end, pause:<behavior>, unpause, add_coupon,
    remove_coupons.
    """

    at: int
    kind: str
    price: Price | None = None
    factor: float = 1.0
    coupon: Coupon | None = None


@dataclass(slots=True)
class Plan:
    """The script of one subscription. Instants are epoch seconds UTC.

    Attributes:
        scenario: What it shows (the name of a kind of dirt).
        first_payment: `ok`, `fails` (expires after 23 hours) or `late` (paid after 5 hours).
        trial: Days of trial, 0 for none.
        trial_end: `convert` or `pause` (no payment method).
        fail_from: Payments from this instant on fail …
        recover_at: … until this one (0: never), when everything open is paid.
        final: State after the last retry: past_due, unpaid, canceled.
        aftermath: What befalls its second payment: refund_full, refund_partial, dispute_won, …
    """

    scenario: str
    start: int
    items: list[tuple[Price, int]]
    coupons: list[Coupon] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    trial: int = 0
    trial_end: str = "convert"
    send_invoice: bool = False
    first_payment: str = "ok"
    fail_from: int = 0
    recover_at: int = 0
    final: str = "canceled"
    aftermath: str = ""


SCENARIOS = {
    "steady": 900,
    "upgrade": 160,
    "prorate_quantity": 90,
    "quantity": 60,
    "cancel_at_period_end": 150,
    "cancel_scheduled": 14,
    "cancel_now": 70,
    "trial_converts": 110,
    "trial_cancelled": 30,
    "trial_running": 26,
    "trial_paused": 8,
    "past_due": 26,
    "unpaid": 14,
    "unpaid_spell": 8,
    "dunning_canceled": 30,
    "incomplete": 4,
    "incomplete_expired": 12,
    "paid_late": 6,
    "pause:void": 7,
    "pause:mark_uncollectible": 5,
    "pause:keep_as_draft": 5,
    "pause_spell": 7,
    "hidden_price": 12,
    "coupon_added": 10,
    "coupon_removed": 10,
    "two_items": 70,
    "bundle": 5,
    "send_invoice": 90,
    "free": 25,
    "weekly": 8,
    "daily": 3,
    "second_day": 16,
}
LONG_LINES = frozenset({"unpaid", "unpaid_spell", "pause:keep_as_draft"})
"""Scenarios whose last finalised line outlives its period: a repeating coupon would end unseen."""
COUPON_MIX = {"none": 80, "forever": 7, "repeating": 5, "once": 4, "fixed": 2, "fixed_repeating": 2, "stacked": 2}
AFTERMATHS = (
    "refund_full",
    "refund_partial",
    "refund_pending",
    "dispute_won",
    "dispute_lost",
    "dispute_open",
    "credit_refund",
    "credit_balance",
    "credit_out_of_band",
)


@dataclass(frozen=True)
class Planner:
    """Writes scripts for subscriptions in one currency."""

    catalog: Catalog
    calendar: Calendar

    def plan(self, number: int, currency: str, rng: Random) -> Plan:
        """The script of the world's `number`-th subscription: each kind of dirt comes once before chance decides."""
        names = list(SCENARIOS)
        forced = number - len(names)
        if forced < 0:
            return self.play(names[number], currency, rng)
        if forced >= len(AFTERMATHS) + len(COUPON_MIX):
            return self.play(rng.choices(names, list(SCENARIOS.values()))[0], currency, rng)
        plan = self._base("steady", currency, rng)
        plan.start = self._start(rng, newest=150 * DAY)
        self._monthly(plan)
        if forced < len(AFTERMATHS):
            plan.aftermath = AFTERMATHS[forced]
        else:
            plan.coupons = self._coupons(list(COUPON_MIX)[forced - len(AFTERMATHS)], plan, rng)
        return plan

    def play(self, scenario: str, currency: str, rng: Random) -> Plan:
        """The script of one scenario, with or without coupons."""
        plan = self._base(scenario, currency, rng)
        if scenario != "steady":
            getattr(self, "_" + scenario.partition(":")[0])(plan, rng)
        if not plan.coupons:
            plan.coupons = self._coupons(rng.choices(list(COUPON_MIX), list(COUPON_MIX.values()))[0], plan, rng)
        return plan

    def _base(self, scenario: str, currency: str, rng: Random) -> Plan:
        billing = rng.choices(["month", "year", "quarter"], [42, 40, 18])[0]
        start = self._start(rng)
        if rng.random() < 0.3:
            items = [(self.catalog.price(SEAT[0], currency, billing), rng.randint(2, 40))]
        else:
            name = rng.choices(list(PLANS), [40, 30, 20, 10])[0]
            items = [(self.catalog.price(name, currency, billing), 1)]
        return Plan(scenario, start, items)

    def _start(self, rng: Random, newest: int = 0) -> int:
        """Any day from the world's begin on, 1-28 of the month, between 01:00 and 19:00; later days are likelier."""
        last = self.calendar.cutoffs[0] - max(newest, 2 * DAY)
        at = self.calendar.begin + int((last - self.calendar.begin) * rng.random() ** 0.8)
        return at_hour(at, rng)

    def _between(self, rng: Random, first: int, last: int) -> int:
        """A daytime instant in [first, last], at least two days after the first."""
        first += 2 * DAY
        return at_hour(first + int(max(last - first, DAY) * rng.random()), rng)

    def _monthly(self, plan: Plan) -> None:
        plan.items = [(self.catalog.price(price.name, price.currency, "month"), n) for price, n in plan.items]

    def _coupons(self, kind: str, plan: Plan, rng: Random) -> list[Coupon]:
        price = plan.items[0][0]
        if "repeating" in kind and (not price.is_monthly or plan.trial or plan.scenario in LONG_LINES):
            kind = "forever"
        if "fixed" in kind and price.unit_amount < 2000:
            kind = "forever"
        find, currency = self.catalog.coupons, price.currency.upper()
        match kind:
            case "none":
                return []
            case "forever":
                return [find[rng.choice(["PARTNER20", "FOUNDER50", "NGO12_5"])]]
            case "repeating":
                return [find[rng.choice(["LAUNCH3M30", "HALFYEAR25"])]]
            case "once":
                return [find["WELCOME10"]]
            case "stacked":
                return [find["FOUNDER50"], find["PARTNER20"]]
            case "fixed":
                return [find[f"FIX_{currency}"]]
            case _:
                return [find[f"FIX3M_{currency}"]]

    def _upgrade(self, plan: Plan, rng: Random) -> None:
        price, _ = plan.items[0]
        billing = {("month", 1): "month", ("month", 3): "quarter", ("year", 1): "year"}[price.interval, price.interval_count]
        names = list(PLANS)
        position = names.index(price.name) if price.name in names else 0
        position = min(position, len(names) - 2)
        plan.items = [(self.catalog.price(names[position], price.currency, billing), 1)]
        better = self.catalog.price(names[position + 1], price.currency, billing)
        plan.changes.append(Change(self._between(rng, plan.start, self.calendar.end - DAY), "reprice", price=better))

    def _prorate_quantity(self, plan: Plan, rng: Random) -> None:
        self._seats(plan, rng)
        at = self._between(rng, plan.start, self.calendar.end - DAY)
        plan.changes.append(Change(at, "prorate_quantity", factor=rng.choice([0.75, 1.25, 1.5, 2.0])))

    def _quantity(self, plan: Plan, rng: Random) -> None:
        self._seats(plan, rng)
        at = self._between(rng, plan.start, self.calendar.end - DAY)
        plan.changes.append(Change(at, "quantity", factor=rng.choice([0.5, 0.75, 1.5, 2.0])))

    def _seats(self, plan: Plan, rng: Random) -> None:
        price, _ = plan.items[0]
        billing = "year" if price.interval == "year" else "month"
        plan.items = [(self.catalog.price(SEAT[0], price.currency, billing), rng.randint(4, 40))]

    def _cancel_at_period_end(self, plan: Plan, rng: Random) -> None:
        self._monthly(plan)
        plan.changes.append(Change(self._between(rng, plan.start, self.calendar.end - DAY), "cancel_at_period_end"))

    def _cancel_scheduled(self, plan: Plan, rng: Random) -> None:
        plan.items = [(self.catalog.price("Team", plan.items[0][0].currency, "year"), 1)]
        plan.start = at_hour(self.calendar.cutoffs[0] - rng.randint(40, 300) * DAY, rng)
        at = at_hour(self.calendar.cutoffs[0] - rng.randint(2, 60) * DAY, rng)
        plan.changes.append(Change(max(at, plan.start + DAY), "cancel_at_period_end"))

    def _cancel_now(self, plan: Plan, rng: Random) -> None:
        plan.changes.append(Change(self._between(rng, plan.start, self.calendar.end - DAY), "cancel_now"))

    def _trial_converts(self, plan: Plan, rng: Random) -> None:
        plan.trial = rng.choice([7, 14, 30])

    def _trial_cancelled(self, plan: Plan, rng: Random) -> None:
        plan.trial = 30
        plan.changes.append(Change(at_hour(plan.start + rng.randint(2, 25) * DAY, rng), "cancel_now"))

    def _trial_running(self, plan: Plan, rng: Random) -> None:
        plan.trial = 30
        plan.start = at_hour(self.calendar.cutoffs[0] - rng.randint(1, 24) * DAY, rng)

    def _trial_paused(self, plan: Plan, rng: Random) -> None:
        plan.trial, plan.trial_end = 14, "pause"
        plan.start = at_hour(self.calendar.cutoffs[0] - rng.randint(17, 120) * DAY, rng)

    def _past_due(self, plan: Plan, rng: Random) -> None:
        self._recent_failure(plan, rng, newest=1, oldest=28)
        plan.final = "past_due"

    def _unpaid(self, plan: Plan, rng: Random) -> None:
        self._recent_failure(plan, rng, newest=20, oldest=80)
        plan.final = "unpaid"

    def _recent_failure(self, plan: Plan, rng: Random, *, newest: int, oldest: int) -> None:
        self._monthly(plan)
        plan.fail_from = at_hour(self.calendar.cutoffs[0] - rng.randint(newest + 30, oldest + 30) * DAY, rng)
        plan.start = min(plan.start, at_hour(plan.fail_from - 20 * DAY, rng))

    def _unpaid_spell(self, plan: Plan, rng: Random) -> None:
        self._monthly(plan)
        plan.final = "unpaid"
        plan.fail_from = at_hour(self.calendar.cutoffs[0] - rng.randint(180, 300) * DAY, rng)
        plan.recover_at = at_hour(plan.fail_from + rng.randint(80, 110) * DAY, rng)
        plan.start = min(plan.start, at_hour(plan.fail_from - 40 * DAY, rng))

    def _dunning_canceled(self, plan: Plan, rng: Random) -> None:
        self._monthly(plan)
        plan.fail_from = self._between(rng, plan.start + 25 * DAY, self.calendar.end)

    def _incomplete(self, plan: Plan, rng: Random) -> None:
        plan.first_payment = "fails"
        plan.start = at_hour(self.calendar.cutoffs[0] - 4 * HOUR, rng)

    def _incomplete_expired(self, plan: Plan, _rng: Random) -> None:
        plan.first_payment = "fails"

    def _paid_late(self, plan: Plan, _rng: Random) -> None:
        plan.first_payment = "late"

    def _pause(self, plan: Plan, rng: Random) -> None:
        self._monthly(plan)
        at = at_hour(self.calendar.cutoffs[0] - rng.randint(3, 100) * DAY, rng)
        plan.start = min(plan.start, at_hour(at - 10 * DAY, rng))
        plan.changes.append(Change(at, plan.scenario))

    def _pause_spell(self, plan: Plan, rng: Random) -> None:
        self._monthly(plan)
        at = at_hour(self.calendar.cutoffs[0] - rng.randint(130, 250) * DAY, rng)
        plan.start = min(plan.start, at_hour(at - 10 * DAY, rng))
        plan.changes.append(Change(at, "pause:void"))
        plan.changes.append(Change(at_hour(at + rng.randint(30, 70) * DAY, rng), "unpause"))

    def _hidden_price(self, plan: Plan, rng: Random) -> None:
        """A yearly plan repriced without proration between two invoices that both lie in the history."""
        currency = plan.items[0][0].currency
        plan.items = [(self.catalog.price("Team", currency, "year"), 1)]
        plan.start = at_hour(self.calendar.history_from - rng.randint(30, 240) * DAY, rng)
        at = at_hour(plan.start + rng.randint(80, 120) * DAY, rng)
        plan.changes.append(Change(at, "quantity", price=self.catalog.price("Business", currency, "year")))

    def _coupon_added(self, plan: Plan, rng: Random) -> None:
        self._monthly(plan)
        at = self._between(rng, plan.start, self.calendar.end - DAY)
        plan.changes.append(Change(at, "add_coupon", coupon=self.catalog.coupons["PARTNER20"]))

    def _coupon_removed(self, plan: Plan, rng: Random) -> None:
        plan.coupons = [self.catalog.coupons["FOUNDER50"]]
        plan.start = self._start(rng, newest=200 * DAY)
        plan.changes.append(Change(self._between(rng, plan.start, self.calendar.cutoffs[0] - OLD), "remove_coupons"))

    def _two_items(self, plan: Plan, rng: Random) -> None:
        price, _ = plan.items[0]
        billing = {("month", 1): "month", ("month", 3): "quarter", ("year", 1): "year"}[price.interval, price.interval_count]
        add_on = self.catalog.price(rng.choice(list(ADD_ONS)), price.currency, billing)
        plan.items.append((add_on, 1))

    def _bundle(self, plan: Plan, rng: Random) -> None:
        currency = plan.items[0][0].currency
        plan.items = [(self.catalog.price(f"Module {name}", currency, "month"), rng.randint(1, 9)) for name in MODULES]

    def _send_invoice(self, plan: Plan, _rng: Random) -> None:
        plan.send_invoice = True

    def _free(self, plan: Plan, _rng: Random) -> None:
        plan.items = [(self.catalog.price("Sandbox", plan.items[0][0].currency, "month"), 1)]

    def _weekly(self, plan: Plan, rng: Random) -> None:
        plan.items = [(self.catalog.price("Starter", plan.items[0][0].currency, "week"), 1)]
        plan.start = at_hour(self.calendar.cutoffs[0] - rng.randint(20, 200) * DAY, rng)

    def _daily(self, plan: Plan, rng: Random) -> None:
        plan.items = [(self.catalog.price("Starter", plan.items[0][0].currency, "day"), 1)]
        plan.start = at_hour(self.calendar.cutoffs[0] - rng.randint(20, 90) * DAY, rng)

    def _second_day(self, plan: Plan, rng: Random) -> None:
        plan.start = self.calendar.second_day + rng.randint(0, 15 * HOUR)


def currency_of(rng: Random, country: str) -> str:
    """The currency a customer of a country pays in."""
    usual = {"US": "usd", "GB": "gbp", "JP": "jpy"}.get(country, "eur")
    return usual if rng.random() < 0.95 else rng.choice(list(CURRENCIES))


def at_hour(at: int, rng: Random) -> int:
    """The same day, moved to the 28th at the latest, at a random second between 01:00 and 19:00 UTC."""
    day = to_date(at).day
    midnight = at - at % DAY - max(0, day - 28) * DAY
    return midnight + rng.randint(1 * HOUR, 19 * HOUR)
