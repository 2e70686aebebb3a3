"""Plays the script of one subscription: periods, invoices, payments, changes, its end."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

from c360.demo import aftermath
from c360.demo.catalog import Coupon, Price
from c360.demo.clock import DAY, HOUR, Calendar, add_interval, add_months
from c360.demo.invoices import Invoices, live
from c360.demo.invoicing import Discount, LineDraft, Payer, half_up, prorated
from c360.demo.plans import Change, Plan
from c360.demo.records import Body, Book, Record

RETRIES = (3 * DAY, 5 * DAY, 7 * DAY)
FIRST_FAILURE, RETRY_FAILURE = 0.03, 0.3
ENDED = frozenset({"canceled", "incomplete_expired"})


@dataclass(slots=True)
class Item:
    """A subscription item: its id stays when price and quantity change."""

    id: str
    price: Price
    quantity: int


@dataclass(slots=True)
class SubscriptionRun:
    """One subscription while it is played. `customer_changes` collects what happens to its customer's record."""

    book: Book
    invoices: Invoices
    calendar: Calendar
    payer: Payer
    plan: Plan
    rng: Random
    customer_changes: list[tuple[int, Body]] = field(default_factory=list)
    queue: list[tuple[int, int, Callable[[int], None]]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)
    pending: list[LineDraft] = field(default_factory=list)
    period: tuple[int, int] = (0, 0)
    status: str = ""
    balance: int = 0
    paid: int = 0
    scheduled: int = 0
    pause: str = ""
    cancels: bool = False
    id: str = ""
    record: Record | None = None

    def run(self) -> None:
        """Plays everything that happens before the world's end."""
        self._later(self.plan.start, self._begin)
        for change in self.plan.changes:
            self._later(change.at, partial(self._change, change))
        while self.queue and self.queue[0][0] < self.calendar.end:
            at, _, action = heapq.heappop(self.queue)
            action(at)

    def _later(self, at: int, action: Callable[[int], None]) -> None:
        self.scheduled += 1
        heapq.heappush(self.queue, (at, self.scheduled, action))

    def _begin(self, at: int) -> None:
        plan = self.plan
        self.id = self.book.id("sub")
        self.items = [Item(self.book.id("si"), price, quantity) for price, quantity in plan.items]
        self.discounts = [self._grant(coupon, at) for coupon in plan.coupons]
        trial_end = at + plan.trial * DAY
        self.period = (at, trial_end if plan.trial else self._next(at))
        self.status = "trialing" if plan.trial else ("active" if plan.first_payment == "ok" else "incomplete")
        invoice = self._draft(at, "subscription_create", (at, at))
        trial = {"trial_start": at, "trial_end": trial_end} if plan.trial else {"trial_start": None, "trial_end": None}
        self._create(at, invoice, trial)
        self._settle_first(invoice, at)
        self._later(self.period[1], self._end_of_trial if plan.trial else self._renew)

    def _create(self, at: int, invoice: Record, trial: Body) -> None:
        body = {
            "id": self.id,
            "customer": self.payer.customer,
            "currency": self.payer.currency,
            "created": at,
            "start_date": at,
            "billing_cycle_anchor": trial["trial_end"] or at,
            "collection_method": "send_invoice" if self.plan.send_invoice else "charge_automatically",
            "days_until_due": 30 if self.plan.send_invoice else None,
            "status": self.status,
            "items": self._item_bodies(),
            "discounts": [discount.id for discount in self.discounts],
            "latest_invoice": invoice.id,
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "ended_at": None,
            "pause_collection": None,
            "metadata": {},
            **trial,
        }
        self.record = self.book.add("subscriptions", body, at=at, event="customer.subscription.created")

    def _settle_first(self, invoice: Record, at: int) -> None:
        self.invoices.finalise(invoice, at + 1)
        if live(invoice)["status"] == "paid":
            return
        if self.plan.first_payment == "ok":
            self._collect(invoice, at + 4)
            return
        self.invoices.fail(invoice, self.payer, at + 4, None, self.rng)
        if self.plan.first_payment == "late":
            self._later(at + 2 * HOUR, partial(self._pay_late, invoice))
        else:
            self._later(at + 23 * HOUR, partial(self._expire, invoice))

    def _pay_late(self, invoice: Record, at: int) -> None:
        self._pay(invoice, at)

    def _expire(self, invoice: Record, at: int) -> None:
        self.status = "incomplete_expired"
        self.invoices.close(invoice, at, "void")
        self._tell(at + 1, {"status": self.status, "ended_at": at + 1}, "updated")

    def _end_of_trial(self, at: int) -> None:
        if self.status != "trialing":
            return
        if self.plan.trial_end == "pause":
            self.status = "paused"
            self._tell(at, {"status": "paused"}, "paused")
            return
        self.status = "active"
        self._renew(at)

    def _renew(self, at: int) -> None:
        if self.status in ENDED or self.status in {"paused", "incomplete"}:
            return
        if self.cancels:
            self._end(at)
            return
        self.discounts = [d for d in self.discounts if d.coupon.duration != "once" and (d.end is None or d.end > at)]
        invoiced, self.period = self.period, (at, self._next(at))
        invoice = self._draft(at, "subscription_cycle", invoiced)
        patch: Body = {"items": self._item_bodies(), "latest_invoice": invoice.id, "status": self.status}
        patch["discounts"] = [discount.id for discount in self.discounts]
        self._tell(at, patch, "updated")
        self._later(self.period[1], self._renew)
        if self.status == "unpaid" or self.pause == "keep_as_draft":
            self.book.update(invoice, at + 1, {"auto_advance": False})
            return
        self._later(at + HOUR, partial(self._finalise, invoice))

    def _finalise(self, invoice: Record, at: int) -> None:
        if self.status in ENDED:
            self.book.update(invoice, at, {"auto_advance": False})
            return
        self.invoices.finalise(invoice, at)
        state = live(invoice)
        if self.pause and state["status"] == "open":
            self.invoices.close(invoice, at + 2, "void" if self.pause == "void" else "uncollectible")
            return
        if state["ending_balance"] is not None and self.balance:
            self.balance = state["ending_balance"]
            self.customer_changes.append((at, {"balance": self.balance}))
        if state["status"] == "open":
            self._collect(invoice, at + 3)

    def _collect(self, invoice: Record, at: int) -> None:
        if self.plan.send_invoice:
            self._await_transfer(invoice, at)
        else:
            self._attempt(0, invoice, at)

    def _await_transfer(self, invoice: Record, at: int) -> None:
        """Paid by bank transfer or out of band after 5-40 days; the newest may stay open. Never across the history's start."""
        paid_at = at + self.rng.randint(5, 40) * DAY
        chance = self.rng.random()
        is_old = at < self.calendar.history_from
        if is_old and paid_at >= self.calendar.history_from:
            paid_at = at + 60
        due = at + 30 * DAY
        never = chance < 0.06 and not is_old
        if paid_at > due or never:
            self._later(due, partial(self._overdue, invoice))
        if never:
            return
        if 0.06 <= chance < 0.09 and not is_old:
            amount = half_up(live(invoice)["amount_remaining"], 4)
            self._later(at + DAY, lambda now: self.invoices.credit(invoice, amount, now, "pre"))
        self._later(paid_at, partial(self._out_of_band if chance > 0.6 else self._transfer, invoice))

    def _overdue(self, invoice: Record, at: int) -> None:
        if self.status == "active" and live(invoice)["status"] == "open":
            self.status = "past_due"
            self._tell(at, {"status": "past_due"}, "updated")

    def _out_of_band(self, invoice: Record, at: int) -> None:
        if live(invoice)["status"] != "open":
            return
        self.invoices.pay_out_of_band(invoice, at)
        self._recover(at)

    def _transfer(self, invoice: Record, at: int) -> None:
        if live(invoice)["status"] == "open":
            self._pay(invoice, at, parts=2 if self.rng.random() < 0.15 else 1)

    def _attempt(self, number: int, invoice: Record, at: int) -> None:
        if live(invoice)["status"] != "open":
            return
        if not self._declined(number, at):
            self._pay(invoice, at)
            return
        next_attempt = at + RETRIES[number] if number < len(RETRIES) else None
        self.invoices.fail(invoice, self.payer, at, next_attempt, self.rng)
        if self.status == "active":
            self.status = "past_due"
            self._tell(at, {"status": "past_due"}, "updated")
            self.customer_changes.append((at, {"delinquent": True}))
        if next_attempt:
            self._later(next_attempt, partial(self._attempt, number + 1, invoice))
        else:
            self._give_up(invoice, at)

    def _declined(self, number: int, at: int) -> bool:
        plan = self.plan
        if plan.fail_from and at >= plan.fail_from:
            return True
        if number >= len(RETRIES):
            return False
        return self.rng.random() < (RETRY_FAILURE if number else FIRST_FAILURE)

    def _give_up(self, invoice: Record, at: int) -> None:
        if self.plan.final == "canceled" or self.status in ENDED or live(invoice)["created"] < self.calendar.history_from:
            self.invoices.close(invoice, at + 2, "uncollectible")
            if self.status not in ENDED:
                self._end(at + 3)
            return
        if self.plan.final == "unpaid" and self.status != "unpaid":
            self.status = "unpaid"
            self._tell(at + 2, {"status": "unpaid"}, "updated")
        if self.plan.recover_at > at:
            self._later(self.plan.recover_at, partial(self._back, invoice))

    def _back(self, invoice: Record, at: int) -> None:
        self.plan.fail_from = 0
        if live(invoice)["status"] == "open" and self.status not in ENDED:
            self._pay(invoice, at)

    def _pay(self, invoice: Record, at: int, parts: int = 1) -> None:
        by_charge = self.rng.random() < 0.03 and not live(invoice)["payments"] and parts == 1
        charge = self.invoices.pay(invoice, self.payer, at, parts=parts, by_charge=by_charge)
        self._recover(at)
        self.paid += 1
        kind = (self.plan.aftermath if self.paid == 2 else "") or aftermath.draw(self.rng)
        if kind:
            days = self.rng.randint(1, 12)
            self._later(at + days * DAY, partial(self._aftermath, kind, invoice, charge))

    def _recover(self, at: int) -> None:
        if self.status in {"past_due", "unpaid", "incomplete"}:
            self.status = "active"
            self._tell(at, {"status": "active"}, "updated")
            self.customer_changes.append((at, {"delinquent": False}))

    def _aftermath(self, kind: str, invoice: Record, charge: Record, at: int) -> None:
        credited = aftermath.play(kind, self.invoices, invoice, charge, at)
        if credited:
            self.balance -= credited
            self.customer_changes.append((at, {"balance": self.balance}))

    def _change(self, change: Change, at: int) -> None:
        if self.record is None or self.status in ENDED or (self.status == "trialing" and change.kind != "cancel_now"):
            return
        kind, _, behavior = change.kind.partition(":")
        match kind:
            case "reprice" | "prorate_quantity" | "quantity":
                self._replace_item(change, at)
            case "cancel_now":
                self._end(at)
            case "cancel_at_period_end":
                self.cancels = True
                patch: Body = {"cancel_at_period_end": True, "cancel_at": self.period[1], "canceled_at": at}
                self._tell(at, patch, "updated")
            case "pause" | "unpause":
                self.pause = behavior
                pause = {"behavior": behavior, "resumes_at": None} if behavior else None
                self._tell(at, {"pause_collection": pause}, "updated")
            case _:
                self._recoupon(change.coupon, at)

    def _replace_item(self, change: Change, at: int) -> None:
        item = self.items[0]
        price = change.price or item.price
        quantity = max(1, round(item.quantity * change.factor))
        if change.kind != "quantity":
            share = (self.period[1] - at, self.period[1] - self.period[0])
            for sign, old, count in ((-1, item.price, item.quantity), (1, price, quantity)):
                amount = sign * prorated(old.unit_amount, count, share, self.discounts)
                text = "Unused time on" if sign < 0 else "Remaining time on"
                line = self._line(Item(item.id, old, count), amount, (at, self.period[1]), f"{text} {old.name}")
                self.pending.append(line)
        self.items[0] = Item(item.id, price, quantity)
        self._tell(at, {"items": self._item_bodies()}, "updated")

    def _recoupon(self, coupon: Coupon | None, at: int) -> None:
        for discount in self.discounts if coupon is None else []:
            self._ungrant(discount, at)
        self.discounts = [] if coupon is None else [*self.discounts, self._grant(coupon, at)]
        self._tell(at, {"discounts": [discount.id for discount in self.discounts]}, "updated")

    def _end(self, at: int) -> None:
        self.status = "canceled"
        patch: Body = {"status": "canceled", "ended_at": at}
        if not self.cancels:
            patch["canceled_at"] = at
        self._tell(at, patch, "deleted")

    def _grant(self, coupon: Coupon, at: int) -> Discount:
        end = add_months(at, coupon.months) if coupon.months else None
        discount = Discount(self.book.id("di"), coupon, at, end)
        body = {"id": discount.id, "customer": self.payer.customer, "subscription": self.id, "start": at, "end": end}
        body["source"] = {"type": "coupon", "coupon": coupon.id}
        self.book.add("discounts", body, at=at, event="customer.discount.created")
        return discount

    def _ungrant(self, discount: Discount, at: int) -> None:
        record = self.book.records["discounts"][discount.id]
        self.book.update(record, at, {}, event="customer.discount.deleted")

    def _draft(self, at: int, reason: str, invoiced: tuple[int, int]) -> Record:
        is_trial = self.status == "trialing"
        regular = [
            self._line(
                item, 0 if is_trial else item.price.unit_amount * item.quantity, self.period, _text(item, is_trial=is_trial)
            )
            for item in self.items
        ]
        drafts, self.pending = [*self.pending, *regular], []
        return self.invoices.draft(
            self.payer,
            drafts,
            at,
            reason=reason,
            period=invoiced,
            discounts=self.discounts,
            subscription=self.id,
            send_invoice=self.plan.send_invoice,
            balance=self.balance,
        )

    def _line(self, item: Item, amount: int, period: tuple[int, int], text: str) -> LineDraft:
        return LineDraft(
            amount=amount,
            quantity=item.quantity,
            price=item.price,
            period=period,
            description=text,
            item=item.id,
            subscription=self.id,
            is_proration=text.startswith(("Unused", "Remaining")),
        )

    def _item_bodies(self) -> list[Body]:
        start, end = self.period
        return [
            {"id": item.id, "price": item.price.id, "quantity": item.quantity, "created": self.plan.start}
            | {"current_period_start": start, "current_period_end": end, "subscription": self.id}
            for item in self.items
        ]

    def _next(self, at: int) -> int:
        price = self.items[0].price
        return add_interval(at, price.interval, price.interval_count)

    def _tell(self, at: int, patch: Body, what: str) -> None:
        if self.record is not None:
            self.book.update(self.record, at, patch, event=f"customer.subscription.{what}")


def _text(item: Item, *, is_trial: bool) -> str:
    return f"Trial period for {item.price.name}" if is_trial else f"{item.quantity} × {item.price.name}"
