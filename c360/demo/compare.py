"""Holds the lake's gold tables against the company's own ledger and truth: money to the minor unit, people pair by pair."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

import ibis
import ibis.expr.types as ir

from c360.demo.company import Truth
from c360.demo.ledger import Ledger
from c360.lake import Lake
from c360.readers import released
from c360.release import Entry

DIFFERENCES_SHOWN = 3


@dataclass(frozen=True)
class Tie:
    """One comparison: `ours` and `theirs` are totals or counts for reading, `differences` the keys that are not equal."""

    name: str
    compared: int
    ours: str
    theirs: str
    differences: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every key is equal."""
        return not self.differences


@dataclass(frozen=True)
class Match:
    """Pairs of Salesforce account and Stripe customer under one customer, against who is who."""

    precision: float
    recall: float
    found_pairs: int
    true_pairs: int


@dataclass(frozen=True)
class Mrr:
    """MRR of one month and currency (major units): what is true, what can be shown, and whether any of it is reconstructed."""

    month: str
    currency: str
    true: Decimal
    observable: Decimal


def ties(lake: Lake, ledger: Ledger) -> list[Tie]:
    """Every figure of the ledger against gold (silver for unpaid invoices), at the newest release."""
    entry = released(lake.engine)
    by_currency = _table(lake, entry, "gold.fct_monthly_revenue_by_currency")
    exponents = _exponents(lake)

    def money(column: str) -> dict[Any, int]:
        sums = _monthly(lake, by_currency, column)
        return {key: int(amount.scaleb(exponents[key[1]])) for key, amount in sums.items()}

    return [
        _tie("revenue by month and currency (minor units)", money("revenue_amount"), ledger.revenue_minor),
        _tie("refunds by month and currency (minor units)", money("refund_amount"), ledger.refunds_minor),
        _tie("disputes lost by month and currency (minor units)", money("dispute_lost_amount"), ledger.disputes_lost_minor),
        *_unpaid_ties(lake, _table(lake, entry, "silver.fct_invoice"), ledger),
        _tie("subscriptions by status", _statuses(lake, entry), ledger.subscriptions),
        _tie(
            "observable MRR by month and currency",
            _monthly(lake, _table(lake, entry, "gold.fct_mrr"), "mrr_amount"),
            ledger.mrr_observable,
        ),
        _tie("net new MRR by month and currency", _net_new(lake, entry, ledger), _mrr_changes(ledger)),
    ]


def at_release(lake: Lake, name: str) -> ir.Table:
    """A table as of the newest release."""
    return _table(lake, released(lake.engine), name)


def match(lake: Lake, identity: ir.Table, truth: Truth) -> Match:
    """Precision and recall of the pairs (account, Stripe customer) that share a customer; of a `customer_identity` table."""
    members: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in lake.engine.arrow(identity.select("customer_id", "source_system", "source_id")).to_pylist():
        members[row["customer_id"]][row["source_system"]].append(row["source_id"])
    found = {(a, c) for systems in members.values() for a in systems["salesforce"] for c in systems["stripe"]}
    right = len(found & truth.pairs)
    return Match(_ratio(right, len(found)), _ratio(right, len(truth.pairs)), len(found), len(truth.pairs))


def mrr_gap(ledger: Ledger) -> Iterator[Mrr]:
    """Months in which MRR cannot be shown fully from what Stripe keeps."""
    zero = Decimal(0)
    for key in sorted(ledger.mrr_true.keys() | ledger.mrr_observable.keys()):
        true, observable = ledger.mrr_true.get(key, zero), ledger.mrr_observable.get(key, zero)
        if true != observable:
            yield Mrr(*key, true, observable)


def _tie(name: str, ours: Mapping[Any, Any], theirs: Mapping[Any, Any]) -> Tie:
    """Compares by key; what is zero on one side and absent on the other is equal."""
    mine, yours = ({key: value for key, value in side.items() if value} for side in (ours, theirs))
    differing = [key for key in sorted(mine.keys() | yours.keys()) if mine.get(key, 0) != yours.get(key, 0)]
    shown = [f"{_text(key)}: {mine.get(key, 0)} instead of {yours.get(key, 0)}" for key in differing]
    return Tie(name, len(yours), _total(mine), _total(yours), tuple(shown))


def _unpaid_ties(lake: Lake, invoices: ir.Table, ledger: Ledger) -> list[Tie]:
    unpaid = invoices.filter((invoices.status == "open") & (invoices.remaining_amount_minor > 0))
    sums = unpaid.group_by("currency").aggregate(count=unpaid.count(), amount=unpaid.remaining_amount_minor.sum())
    rows = lake.engine.arrow(sums).to_pylist()
    counts, amounts = ({row["currency"]: int(row[name]) for row in rows} for name in ("count", "amount"))
    return [
        _tie("unpaid invoices by currency (count)", counts, {c: v[0] for c, v in ledger.unpaid.items()}),
        _tie("unpaid invoices by currency (minor units)", amounts, {c: v[1] for c, v in ledger.unpaid.items()}),
    ]


def _net_new(lake: Lake, entry: Entry, ledger: Ledger) -> dict[tuple[str, str], Decimal]:
    """What movements add up to; the history's first month is left out: what was before it nobody knows."""
    metrics = _table(lake, entry, "gold.metrics_monthly")
    known = metrics.filter(~metrics.is_total & (metrics.month_start_date > ibis.literal(ledger.history_from)))
    return _monthly(lake, known, "net_new_amount")


def _mrr_changes(ledger: Ledger) -> dict[tuple[str, str], Decimal]:
    """(month, currency) → observable MRR less that of the month before."""
    months = sorted({month for month, _ in ledger.mrr_observable})
    mrr, zero = ledger.mrr_observable, Decimal(0)
    currencies = {currency for _, currency in mrr}
    return {
        (month, currency): mrr.get((month, currency), zero) - mrr.get((before, currency), zero)
        for before, month in pairwise(months)
        for currency in currencies
    }


def _statuses(lake: Lake, entry: Entry) -> dict[str, int]:
    health = _table(lake, entry, "gold.fct_subscription_health")
    newest = health.filter(health.as_of_date == entry.load_date)
    rows = lake.engine.arrow(newest.group_by("status").aggregate(count=newest.count())).to_pylist()
    return {row["status"]: row["count"] for row in rows}


def _monthly(lake: Lake, rows: ir.Table, column: str) -> dict[tuple[str, str], Decimal]:
    sums = rows.group_by("month_start_date", "currency").aggregate(amount=rows[column].sum())
    found = lake.engine.arrow(sums).to_pylist()
    return {(f"{r['month_start_date']:%Y-%m}", r["currency"]): r["amount"] for r in found if r["amount"] is not None}


def _exponents(lake: Lake) -> dict[str, int]:
    currency = lake.engine.read("reference.currency")
    return {row["currency"]: row["minor_unit_exponent"] for row in lake.engine.arrow(currency).to_pylist()}


def _table(lake: Lake, entry: Entry, name: str) -> ir.Table:
    return lake.engine.read(name, entry.tables[name].version)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _total(values: Mapping[Any, Any]) -> str:
    """Sums per currency where the keys end in one, else the total."""
    sums: dict[str, Any] = {}
    for key, value in values.items():
        name = key[-1] if isinstance(key, tuple) else key
        sums[name] = sums.get(name, 0) + value
    return ", ".join(f"{name} {value:,}" for name, value in sorted(sums.items())) or "none"


def _text(key: Any) -> str:
    return " ".join(key) if isinstance(key, tuple) else str(key)
