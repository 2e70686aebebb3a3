"""What is true, and visible, at a load date's cut-off: money in minor units, states, MRR.

Plain Python over the generator's own knowledge; shares no code with silver or gold, so that equal figures mean something.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from c360.demo.clock import cutoff, month_ends, year_month
from c360.demo.ledger_mrr import Mrr, month_mrr
from c360.demo.records import Body
from c360.demo.world import World

MonthCurrency = tuple[str, str]


@dataclass(frozen=True)
class Ledger:
    """The figures of a load date. Keys: (`2026-05`, lower-case currency); amounts in minor units; months and days in UTC.

    Attributes:
        as_of: The load date.
        history_from: First day that counts.
        revenue_minor: `amount_paid` of paid invoices by paid date, paid out of band included.
        refunds_minor: Succeeded refunds by the day they were made.
        disputes_lost_minor: Lost disputes by the day they were closed.
        unpaid: Currency → (count, `amount_remaining`) of open invoices with something left to pay.
        subscriptions: Status → count, ended ones included.
        mrr_true: MRR by policy `standard` at each month's end, for the running month at the end of `as_of`; 8 decimals,
            major units.
        mrr_observable: The same as far as the rule of decision 0001 can show it from the loads up to `as_of`.
        mrr_true_items: (subscription item id, month) → MRR, zeros included, from the month of the subscription's start.
        mrr_observable_items: The same, observable.
    """

    as_of: date
    history_from: date
    revenue_minor: dict[MonthCurrency, int]
    refunds_minor: dict[MonthCurrency, int]
    disputes_lost_minor: dict[MonthCurrency, int]
    unpaid: dict[str, tuple[int, int]]
    subscriptions: dict[str, int]
    mrr_true: dict[MonthCurrency, Decimal]
    mrr_observable: dict[MonthCurrency, Decimal]
    mrr_true_items: dict[MonthCurrency, Decimal]
    mrr_observable_items: dict[MonthCurrency, Decimal]


def make_ledger(world: World, as_of: date) -> Ledger:
    """The ledger of a load date."""
    at, history_from = cutoff(as_of), world.calendar.history_from
    mrr = month_mrr(world, as_of, month_ends(history_from, as_of))
    statuses = Counter(state["status"] for state in _visible(world, "subscriptions", at))
    return Ledger(
        as_of=as_of,
        history_from=date.fromisoformat(year_month(history_from) + "-01"),
        revenue_minor=_sums(_payments(world, at), history_from),
        refunds_minor=_sums(_refunds(world, at), history_from),
        disputes_lost_minor=_sums(_lost(world, at), history_from),
        unpaid=_unpaid(world, at),
        subscriptions=dict(statuses),
        mrr_true=_by_currency(mrr.true, mrr),
        mrr_observable=_by_currency(mrr.observable, mrr),
        mrr_true_items=_by_item(mrr.true),
        mrr_observable_items=_by_item(mrr.observable),
    )


def _visible(world: World, kind: str, at: int) -> Iterator[Body]:
    for record in world.book.records.get(kind, {}).values():
        state = record.state_at(at)
        if state is not None:
            yield state


def _payments(world: World, at: int) -> Iterator[tuple[int, str, int]]:
    for state in _visible(world, "invoices", at):
        if state["status"] == "paid":
            yield state["status_transitions"]["paid_at"], state["currency"], state["amount_paid"]


def _refunds(world: World, at: int) -> Iterator[tuple[int, str, int]]:
    for state in _visible(world, "refunds", at):
        if state["status"] == "succeeded":
            yield state["created"], state["currency"], state["amount"]


def _lost(world: World, at: int) -> Iterator[tuple[int, str, int]]:
    for record in world.book.records.get("disputes", {}).values():
        state, index = record.state_at(at), record.index_at(at)
        if state is not None and state["status"] == "lost":
            yield record.versions[index][0], state["currency"], state["amount"]


def _sums(money: Iterator[tuple[int, str, int]], history_from: int) -> dict[MonthCurrency, int]:
    sums: Counter[MonthCurrency] = Counter()
    for at, currency, amount in money:
        if at >= history_from and amount:
            sums[year_month(at), currency] += amount
    return dict(sorted(sums.items()))


def _unpaid(world: World, at: int) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for state in _visible(world, "invoices", at):
        if state["status"] == "open" and state["amount_remaining"] > 0:
            count, amount = found.get(state["currency"], (0, 0))
            found[state["currency"]] = (count + 1, amount + state["amount_remaining"])
    return dict(sorted(found.items()))


def _by_currency(items: dict[tuple[str, str], int], mrr: Mrr) -> dict[MonthCurrency, Decimal]:
    sums: Counter[MonthCurrency] = Counter()
    for (item, month), value in items.items():
        sums[month, mrr.currency[item]] += value
    return {key: _decimal(value) for key, value in sorted(sums.items())}


def _by_item(items: dict[tuple[str, str], int]) -> dict[MonthCurrency, Decimal]:
    return {key: _decimal(value) for key, value in items.items()}


def _decimal(hundred_millionths: int) -> Decimal:
    return Decimal(hundred_millionths).scaleb(-8)
