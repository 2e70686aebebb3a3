"""What an expectation is, how it is declared, and how a stage's expectations are run.

An expectation is a pure function wired like a table: positional parameters name tables (`quarantine_<table>` a
quarantine table, `load_manifest` bronze's manifest), keyword-only parameters name fields of `RunParams`, or `threshold`.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from c360.params import RunParams
from c360.quality.evaluate import Execute
from c360.quality.json_text import json_object
from c360.quality.quarantine import empty
from c360.quality.results import FAILING_SHARE, CheckResult, Direction, Severity, Stage, judge, threshold_of

QUARANTINE_PREFIX = "quarantine_"
SAMPLE_LIMIT = 10

Tables = Callable[[str], ir.Table | None]
"""Gives the table behind a parameter name; None when it was never written."""


@dataclass(frozen=True)
class Finding:
    """What an expectation says, not yet run.

    Attributes:
        summary: One row: `rows_checked`, `rows_failing`, and maybe `measured_value` (float, null: not applicable) and
            `is_applicable`. Without a measured value the failing share is held against the threshold.
        samples: Column `sample_key` with the keys of failing rows, ids only.
    """

    summary: ir.Table
    samples: ir.Table | None = None


@dataclass(frozen=True)
class Expectation:
    """One entry of section 7 of the specification (an id with two measures has two)."""

    check_id: str
    severity: Severity
    stage: Stage
    table_name: str
    title: str
    threshold: float
    measure: str
    direction: Direction
    function: Callable[..., Finding]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the tables it reads."""
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return tuple(p.name for p in inspect.signature(self.function).parameters.values() if p.kind in kinds)

    @property
    def params(self) -> tuple[str, ...]:
        """Names of the run parameters it asks for (and `threshold`)."""
        parameters = inspect.signature(self.function).parameters.values()
        return tuple(p.name for p in parameters if p.kind == inspect.Parameter.KEYWORD_ONLY)


def expectation(
    check_id: str,
    severity: Severity,
    stage: Stage,
    table_name: str,
    title: str,
    *,
    threshold: float = 0.0,
    measure: str = FAILING_SHARE,
    direction: Direction = "at_most",
) -> Callable[[Callable[..., Finding]], Expectation]:
    """Declares an expectation: the decorated function becomes the entry.

    Args:
        check_id: Id in the specification.
        severity: P0 blocks, P1 warns, P2 observes.
        stage: Stage after which it runs.
        table_name: Table it speaks of, `layer.name`.
        title: The rule in one sentence.
        threshold: Default limit, which settings may change.
        measure: What is held against it.
        direction: Whether the figure may be at most or must be at least the threshold.
    """

    def declare(function: Callable[..., Finding]) -> Expectation:
        return Expectation(check_id, severity, stage, table_name, title, threshold, measure, direction, function)

    return declare


def share_of(rows: ir.Table, is_failing: ir.BooleanValue, keys: Iterable[str]) -> Finding:
    """The common kind: the share of `rows` for which `is_failing` is true, with the failing rows' keys as samples."""
    summary = rows.aggregate(rows_checked=rows.count(), rows_failing=rows.count(where=is_failing))
    return Finding(summary, samples_of(rows.filter(is_failing), keys))


def samples_of(rows: ir.Table, keys: Iterable[str]) -> ir.Table:
    """Keys of rows as `sample_key`, JSON."""
    return rows.select(sample_key=json_object({name: rows[name] for name in keys}))


def run_all(
    entries: Iterable[Expectation],
    stage: Stage,
    tables: Tables,
    params: RunParams,
    thresholds: Mapping[str, float],
    execute: Execute,
) -> list[CheckResult]:
    """Runs the entries of a stage, one small query each (two when rows fail).

    Args:
        entries: Expectations.
        stage: Entries of other stages are left out.
        tables: Input tables by parameter name.
        params: The run's parameters.
        thresholds: Settings; see `threshold_of`.
        execute: Runs an expression of few rows.
    """
    return [_run(entry, tables, params, thresholds, execute) for entry in entries if entry.stage == stage]


def bind(entry: Expectation, tables: Tables, params: RunParams, threshold: float) -> Finding | None:
    """The entry's finding on real tables; None when a table it speaks of was never written."""
    found = {name: tables(name) for name in entry.inputs}
    present = [table for name, table in found.items() if table is not None and not name.startswith(QUARANTINE_PREFIX)]
    for name, table in found.items():
        if table is None:
            if not (name.startswith(QUARANTINE_PREFIX) and present):
                return None
            found[name] = empty(present[0])
    values = {name: threshold if name == "threshold" else getattr(params, name) for name in entry.params}
    return entry.function(**found, **values)


def _run(entry: Expectation, tables: Tables, params: RunParams, thresholds: Mapping[str, float], execute: Execute) -> CheckResult:
    threshold = threshold_of(thresholds, entry.check_id, entry.measure, entry.threshold)
    finding = bind(entry, tables, params, threshold)
    counts = execute(finding.summary)[0] if finding else {}
    rows_checked, rows_failing = int(counts.get("rows_checked") or 0), int(counts.get("rows_failing") or 0)
    value = _figure(counts, rows_checked, rows_failing)
    result = judge(value, threshold, entry.direction)
    samples = _samples(finding, execute) if finding and rows_failing else ()
    return CheckResult(
        check_id=entry.check_id,
        measure=entry.measure,
        severity=entry.severity,
        stage=entry.stage,
        table_name=entry.table_name,
        title=entry.title,
        rows_checked=rows_checked,
        rows_failing=rows_failing,
        measured_value=value,
        threshold=threshold,
        result=result,
        sample_keys=samples,
    )


def _figure(counts: Mapping[str, Any], rows_checked: int, rows_failing: int) -> float | None:
    if not counts.get("is_applicable", True) or not rows_checked:
        return None
    if "measured_value" in counts:
        return None if counts["measured_value"] is None else float(counts["measured_value"])
    return rows_failing / rows_checked


def _samples(finding: Finding, execute: Execute) -> tuple[str, ...]:
    if finding.samples is None:
        return ()
    first = finding.samples.distinct().order_by(ibis.asc("sample_key")).limit(SAMPLE_LIMIT)
    return tuple(str(row["sample_key"]) for row in execute(first))
