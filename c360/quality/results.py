"""The result of one check in one run, and what makes a run stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from c360.errors import QualityError, listing

Severity = Literal["P0", "P1", "P2"]
Stage = Literal["ingest", "silver", "gold"]
Result = Literal["passed", "failed", "not_applicable"]
Direction = Literal["at_most", "at_least"]

FAILING_SHARE = "failing_share"


@dataclass(frozen=True)
class CheckResult:
    """One check on one table in one run: plain data, kept in the release and in `gold.data_quality_log`.

    Attributes:
        check_id: `BE-001`, `SE-002`, …, or `contract` for a table's own rules.
        measure: What `measured_value` is; `failing_share` unless the check measures something else.
        severity: P0 blocks, P1 warns, P2 observes.
        stage: Stage it ran after.
        table_name: Table it speaks of, `layer.name`.
        title: The rule in one sentence.
        rows_checked: Rows the rule was asked of.
        rows_failing: Rows that broke it.
        measured_value: The figure held against `threshold`; None when not applicable.
        threshold: Limit of `measured_value`.
        result: Outcome.
        sample_keys: At most ten keys of failing rows, JSON; ids only.
    """

    check_id: str
    measure: str
    severity: Severity
    stage: Stage
    table_name: str
    title: str
    rows_checked: int
    rows_failing: int
    measured_value: float | None
    threshold: float
    result: Result
    sample_keys: tuple[str, ...] = ()

    @property
    def is_blocking(self) -> bool:
        """Whether the run must not publish."""
        return self.severity == "P0" and self.result == "failed"


def threshold_of(thresholds: Mapping[str, float], check_id: str, measure: str, default: float) -> float:
    """The threshold a user set as `SE-001.match_rate` or `SE-001`, else the default."""
    return thresholds.get(f"{check_id}.{measure}", thresholds.get(check_id, default))


def judge(value: float | None, threshold: float, direction: Direction) -> Result:
    """Holds a figure against its limit; no figure (nothing to measure) is not applicable."""
    if value is None:
        return "not_applicable"
    holds = value <= threshold if direction == "at_most" else value >= threshold
    return "passed" if holds else "failed"


def blocking(results: Sequence[CheckResult]) -> list[CheckResult]:
    """The failed P0 checks."""
    return [result for result in results if result.is_blocking]


def refuse_blocking(results: Sequence[CheckResult]) -> None:
    """Raises for failed P0 checks.

    Raises:
        QualityError: Names each failed check, its table and its counts; no values.
    """
    failed = blocking(results)
    if failed:
        named = listing(f"{r.check_id} on {r.table_name} ({_figure(r)})" for r in failed)
        raise QualityError(
            f"Blocking checks failed: {named}. Nothing was published; readers keep the last release.",
            hint="gold.data_quality_log has sample keys; quarantine.<table> has the rows with their reasons.",
        )


def _figure(failed: CheckResult) -> str:
    if failed.measured_value is None or failed.measure == FAILING_SHARE or failed.rows_failing:
        return f"{failed.rows_failing} of {failed.rows_checked} rows"
    return f"{failed.measure} is {failed.measured_value:.4g}, the limit {failed.threshold:.4g}"
