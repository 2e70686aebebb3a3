"""What the report says, gathered from the lake: the release, its run, checks, match rate, revenue, quarantine, loads."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import dropwhile
from typing import Any

import ibis
import ibis.expr.types as ir

from c360 import release
from c360.identity.rules import RULE_NAMES
from c360.lake import Lake
from c360.manifest import TABLE as MANIFEST_TABLE
from c360.quality.log import LOG_TABLE
from c360.quality.quarantine import table_name
from c360.release import Entry, Vector

REVENUE_TABLE = "gold.fct_monthly_revenue"
MATCH_TABLE = "silver.reconciliation_log"


@dataclass(frozen=True)
class TableFact:
    """What the newest run did to one table."""

    name: str
    outcome: str
    rows: int
    inserted: int
    updated: int
    deleted: int
    quarantined: int
    seconds: float


@dataclass(frozen=True)
class Month:
    """One month of revenue, all customers, in the reporting currency (major units); None before the history starts."""

    month: date
    revenue: float | None
    mrr: float | None


@dataclass(frozen=True)
class Facts:
    """Everything the report shows. No personal data: names of tables, rules and reasons, counts and sums.

    `unreleased_date` is the load date of the newest run when it was built but readers do not see it.
    """

    lake: str
    generated_at: datetime
    currency: str
    entry: Entry | None = None
    run_id: str = ""
    is_blocked: bool = False
    unreleased_date: date | None = None
    tables: Mapping[str, Sequence[TableFact]] = field(default_factory=dict)
    checks: Sequence[Mapping[str, Any]] = ()
    matches: Sequence[Mapping[str, Any]] = ()
    months: Sequence[Month] = ()
    quarantine: Sequence[tuple[str, str, int]] = ()
    manifest: Sequence[Mapping[str, Any]] = ()


def gather(lake: Lake) -> Facts:
    """The facts of the newest run on the lake; an empty lake has few."""
    log = release.entries(lake.engine)
    entry = release.current(log)
    vector: Vector = entry.tables if entry else {}
    checks = _newest_checks(lake, log[-1].run_id if log else "")
    run_id = checks[0]["run_id"] if checks else entry.run_id if entry else ""
    return Facts(
        lake=lake.settings.lake,
        generated_at=lake.settings.clock(),
        currency=lake.settings.reporting_currency.upper(),
        entry=entry,
        run_id=run_id,
        is_blocked=any(check["severity"] == "P0" and check["result"] == "failed" for check in checks),
        unreleased_date=_unreleased(checks, entry),
        tables=_tables(log, run_id, vector),
        checks=checks,
        matches=_matches(lake, vector),
        months=_months(lake, vector),
        quarantine=_quarantine(lake),
        manifest=_manifest(lake),
    )


def _newest_checks(lake: Lake, last_run_id: str) -> list[dict[str, Any]]:
    """All checks of the run that checked last (of several at one instant the one that published), worst first."""
    if lake.engine.head(LOG_TABLE) is None:
        return []
    log = lake.engine.read(LOG_TABLE)
    newest = lake.engine.arrow(log.filter(log.checked_at == log.checked_at.max()).select("run_id").distinct()).to_pylist()
    if not newest:
        return []
    run_id = max((row["run_id"] for row in newest), key=lambda found: (found == last_run_id, found))
    rows = lake.engine.arrow(log.filter(log.run_id == run_id)).to_pylist()
    ranks = {"failed": 0, "passed": 1, "not_applicable": 2}
    return sorted(rows, key=lambda r: (ranks[r["result"]], r["severity"], r["check_id"], r["table_name"], r["measure"]))


def _unreleased(checks: Sequence[Mapping[str, Any]], entry: Entry | None) -> date | None:
    """Load date of the newest run when it is ahead of the release."""
    newest: date | None = checks[0]["load_date"] if checks else None
    return newest if newest and entry and newest > entry.load_date else None


def _tables(log: Sequence[Entry], run_id: str, vector: Vector) -> dict[str, list[TableFact]]:
    """Tables by layer: what the run did, else how the release has them."""
    facts = {name: TableFact(name, "released", state.rows, 0, 0, 0, state.quarantined, 0.0) for name, state in vector.items()}
    for build in (build for entry in log if entry.run_id == run_id for build in entry.builds):
        state = build["state"]
        facts[build["table"]] = TableFact(
            name=build["table"],
            outcome=build["outcome"],
            rows=state["rows"],
            inserted=build["inserted"],
            updated=build["updated"],
            deleted=build["deleted"],
            quarantined=state["quarantined"],
            seconds=build["seconds"],
        )
    layers: dict[str, list[TableFact]] = {}
    for layer in ("vault", "silver", "gold"):
        found = [facts[name] for name in sorted(facts) if name.startswith(f"{layer}.")]
        layers |= {layer: found} if found else {}
    return layers


def _matches(lake: Lake, vector: Vector) -> list[dict[str, Any]]:
    state = vector.get(MATCH_TABLE)
    if state is None:
        return []
    log = lake.engine.read(MATCH_TABLE, state.version)
    rows = lake.engine.arrow(log.filter(log.load_date == log.load_date.max())).to_pylist()
    return [row | {"by_rule": _by_rule(row)} for row in rows]


def _by_rule(row: Mapping[str, Any]) -> dict[str, int]:
    """Rule -> matched customers, most first; the table has a column per rule."""
    counts = {rule: int(row.get(f"{rule}_count") or 0) for rule in RULE_NAMES}
    return {rule: count for rule, count in sorted(counts.items(), key=lambda item: -item[1]) if count}


def _months(lake: Lake, vector: Vector) -> list[Month]:
    state = vector.get(REVENUE_TABLE)
    if state is None:
        return []
    rows = lake.engine.read(REVENUE_TABLE, state.version)
    sums = rows.group_by("month_start_date").aggregate(revenue=_sum(rows, "revenue_amount"), mrr=_sum(rows, "mrr_amount"))
    found = lake.engine.arrow(sums.order_by("month_start_date")).to_pylist()
    months = [Month(row["month_start_date"], _number(row["revenue"]), _number(row["mrr"])) for row in found]
    return list(dropwhile(lambda month: not month.revenue and not month.mrr, months))


def _sum(rows: ir.Table, column: str) -> ir.Value:
    return rows[column].sum() if column in rows.columns else ibis.null("decimal(38, 8)")


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _quarantine(lake: Lake) -> list[tuple[str, str, int]]:
    """(table, reason, rows) of what is bad now, most first; a row with two reasons counts under both."""
    counts: Counter[tuple[str, str]] = Counter()
    for name in [*lake.catalog.nodes, *lake.registry.entities]:
        stored = table_name(name)
        if lake.engine.head(stored) is None:
            continue
        rows = lake.engine.read(stored)
        bad = rows.filter(rows.resolved_load_date.isnull())
        grouped = bad.group_by("reasons").aggregate(count=bad.count())
        for row in lake.engine.arrow(grouped).to_pylist():
            counts.update({(name, reason): row["count"] for reason in json.loads(row["reasons"])})
    return [(table, reason, count) for (table, reason), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _manifest(lake: Lake) -> list[dict[str, Any]]:
    if lake.engine.head(MANIFEST_TABLE) is None:
        return []
    rows = lake.engine.read(MANIFEST_TABLE)
    newest = rows.filter(rows.load_date == rows.load_date.max())
    return lake.engine.arrow(newest.order_by("source_system", "entity")).to_pylist()


def total(rows: Iterable[TableFact], name: str) -> int:
    """Sum of one count over tables."""
    return sum(getattr(row, name) for row in rows)
