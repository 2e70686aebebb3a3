"""MRR per subscription item and month end: true, and observable by the rule of docs/decisions/0001-subscription-evidence.md.

A measuring instant is exclusive: `end` is the first instant after it, and what happened before `end` counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from c360.demo.clock import EVENT_RETENTION, cutoff
from c360.demo.fx import ZERO_DECIMAL
from c360.demo.records import Body, Record
from c360.demo.world import World

STEP = 10**8
PAYING = frozenset({"active", "past_due"})
UNCOLLECTED = frozenset({"void", "mark_uncollectible"})
NEVER_STARTED = frozenset({"incomplete", "incomplete_expired"})


@dataclass(slots=True)
class Mrr:
    """(item, month) → 1e-8 major units of the item's currency."""

    true: dict[tuple[str, str], int] = field(default_factory=dict)
    observable: dict[tuple[str, str], int] = field(default_factory=dict)
    currency: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item at an instant: price, quantity and the ids of its discounts."""

    item: str
    price: str
    quantity: int
    discounts: tuple[str, ...]


def month_mrr(world: World, as_of: date, ends: list[tuple[str, int]]) -> Mrr:
    """MRR of all items at the given (month, first instant after it)."""
    mrr = Mrr()
    lines = invoice_lines(world, as_of, world.calendar.history_from)
    for record in world.book.records.get("subscriptions", {}).values():
        visible = record.index_at(cutoff(as_of))
        if visible < 0:
            continue
        evidence = Evidence(world, record, visible, as_of, lines)
        for month, end in ends:
            if record.created >= end:
                continue
            _put(mrr.true, month, world, true_items(world, record, end))
            _put(mrr.observable, month, world, evidence.items(end))
        first = record.versions[0][1] or {}
        mrr.currency.update({item["id"]: first["currency"] for item in first["items"]})
    return mrr


def true_items(world: World, record: Record, end: int) -> tuple[bool, list[ItemState]]:
    """(whether it counts, items) by everything the generator knows."""
    state = record.state(record.index_at(end - 1)) or {}
    return _counts(state), _snapshot_items(world, state, end)


def invoice_lines(world: World, as_of: date, created_from: int) -> dict[str, list[tuple[tuple[int, int, str], Body]]]:
    """Item → its lines that say price and quantity, in the order in which they begin to hold, of invoices a load has stored."""
    at, found = cutoff(as_of), {}  # type: int, dict[str, list[tuple[tuple[int, int, str], Body]]]
    for record in world.book.records.get("invoices", {}).values():
        if record.created < created_from:
            continue
        state = record.state_at(at)
        if state is None or state["status"] == "draft":
            continue
        for line in state["lines"]:
            details = line["parent"]["subscription_item_details"]
            if details and line["amount"] >= 0:
                order = (line["period"]["start"], state["created"], line["id"])
                found.setdefault(details["subscription_item"], []).append((order, line))
    for item in found:
        found[item].sort(key=lambda entry: entry[0])
    return found


class Evidence:
    """What the loads up to `as_of` know of one subscription."""

    def __init__(
        self, world: World, record: Record, visible: int, as_of: date, lines: dict[str, list[tuple[tuple[int, int, str], Body]]]
    ) -> None:
        self.world, self.record, self.lines = world, record, lines
        self.ended_at = (record.state(visible) or {}).get("ended_at")
        self.snapshots = self._snapshots([day for day in world.calendar.load_dates if day <= as_of])

    def items(self, end: int) -> tuple[bool, list[ItemState]]:
        """(whether it counts, items) at the instant before `end`, by decision 0001."""
        first_at, first_version = self.snapshots[0]
        if first_at >= end:
            return self._reconstructed(self.record.state(first_version) or {}, end)
        version = [version for at, version in self.snapshots if at < end][-1]
        state = self.record.state(version) or {}
        return _counts(state) and not self._is_over(end), _snapshot_items(self.world, state, end)

    def _snapshots(self, loads: list[date]) -> list[tuple[int, int]]:
        """(instant, version): versions that events told, and the first stored version where no event precedes it."""
        cutoffs = [cutoff(day) for day in loads]
        told = [
            (at, number)
            for number, (at, _) in enumerate(self.record.versions)
            if any(load - EVENT_RETENTION <= at <= load for load in cutoffs)
        ]
        seen = next(load for load in cutoffs if self.record.index_at(load) >= 0)
        if any(at <= seen for at, _ in told):
            return told
        stored = (max(self.record.created, seen - EVENT_RETENTION), self.record.index_at(seen))
        return [stored, *told]

    def _reconstructed(self, first: Body, end: int) -> tuple[bool, list[ItemState]]:
        is_trial = first["trial_start"] is not None and first["trial_start"] < end <= first["trial_end"]
        counts = not is_trial and not self._is_over(end) and first["status"] not in NEVER_STARTED
        return counts, [self._item_from_lines(item, first, end) for item in first["items"]]

    def _item_from_lines(self, item: Body, first: Body, end: int) -> ItemState:
        lines = [line for _, line in self.lines.get(item["id"], [])]
        if not lines:
            return ItemState(item["id"], item["price"], item["quantity"], _running(self.world, first["discounts"], end))
        begun = [line for line in lines if line["period"]["start"] < end]
        line = begun[-1] if begun else lines[0]
        discounts = tuple(part["discount"] for part in _discounted_like(line, lines)["discount_amounts"])
        return ItemState(item["id"], line["pricing"]["price_details"]["price"], line["quantity"], discounts)

    def _is_over(self, end: int) -> bool:
        return self.ended_at is not None and self.ended_at < end


def _discounted_like(line: Body, lines: list[Body]) -> Body:
    """The line whose discounts hold with a line: prorations show none, so the last regular line until then, else the next."""
    regular = [other for other in lines if not other["parent"]["subscription_item_details"]["proration"]]
    until = [other for other in regular if other["period"]["start"] <= line["period"]["start"]]
    return [line, *regular[:1], *until[-1:]][-1]


def _counts(state: Body) -> bool:
    pause = state["pause_collection"]
    return state["status"] in PAYING and not (pause and pause["behavior"] in UNCOLLECTED)


def _snapshot_items(world: World, state: Body, end: int) -> list[ItemState]:
    discounts = _running(world, state["discounts"], end)
    return [ItemState(item["id"], item["price"], item["quantity"], discounts) for item in state["items"]]


def _running(world: World, discounts: Iterable[str], end: int) -> tuple[str, ...]:
    bodies = [world.book.records["discounts"][discount].versions[0][1] or {} for discount in discounts]
    return tuple(body["id"] for body in bodies if body["start"] < end and (body["end"] is None or end <= body["end"]))


def _put(target: dict[tuple[str, str], int], month: str, world: World, found: tuple[bool, list[ItemState]]) -> None:
    counts, items = found
    values = _values(world, items) if counts else {item.item: 0 for item in items}
    target.update({(item, month): value for item, value in values.items()})


def _values(world: World, items: list[ItemState]) -> dict[str, int]:
    """Monthly 1e-8 major units per item: percents in 1e-8 steps, fixed amounts pro rata, one rounding at the end."""
    prices = {item.item: world.book.records["prices"][item.price].versions[0][1] or {} for item in items}
    rest = {item.item: prices[item.item]["unit_amount"] * item.quantity * _factor(world, item.discounts) for item in items}
    base = sum(rest.values())
    fixed = {discount for item in items for discount in item.discounts}
    for discount in sorted(fixed):
        coupon = _coupon(world, discount)
        off = coupon["amount_off"] or 0
        if coupon["duration"] == "once" or not off or not base:
            continue
        rest = {item: max(0, left - _half_up(off * STEP * left, base)) for item, left in rest.items()}
        base = sum(rest.values())
    return {item: _monthly(left, prices[item]) for item, left in rest.items()}


def _factor(world: World, discounts: tuple[str, ...]) -> int:
    factor = STEP
    for discount in discounts:
        coupon = _coupon(world, discount)
        if coupon["percent_off"] is not None and coupon["duration"] != "once":
            keep = int((100 - Decimal(str(coupon["percent_off"]))) * (STEP // 100))
            factor = _half_up(factor * keep, STEP)
    return factor


def _coupon(world: World, discount: str) -> Body:
    body = world.book.records["discounts"][discount].versions[0][1] or {}
    return world.book.records["coupons"][body["source"]["coupon"]].versions[0][1] or {}


def _monthly(amount: int, price: Body) -> int:
    recurring = price["recurring"]
    count = recurring["interval_count"]
    by, over = {"month": (1, count), "year": (1, 12 * count), "week": (365, 84 * count), "day": (365, 12 * count)}[
        recurring["interval"]
    ]
    exponent = 0 if price["currency"] in ZERO_DECIMAL else 2
    return _half_up(amount * by, over * 10**exponent)


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
