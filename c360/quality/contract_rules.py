"""Results that come from the contracts: expectations that are row rules, keys, and each table's failing share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from c360.catalog import Node
from c360.contract import row_rules
from c360.quality.evaluate import DUPLICATE_KEY
from c360.quality.results import FAILING_SHARE, CheckResult, Severity, Stage, judge, threshold_of

CONTRACT = "contract"
DUPLICATE_KEYS = "SE-002"


@dataclass(frozen=True)
class ContractExpectation:
    """An expectation whose condition stands in contracts, marked there with `expectation=`."""

    severity: Severity
    title: str


EXPECTATIONS: Mapping[str, ContractExpectation] = {
    "BE-002": ContractExpectation("P0", "Invoice amounts are not negative."),
    "BE-102": ContractExpectation("P1", "Subscription statuses are Stripe's."),
    "GE-002": ContractExpectation("P0", "Revenue before refunds is not negative."),
    "GE-003": ContractExpectation("P0", "Health statuses are known ones."),
    DUPLICATE_KEYS: ContractExpectation("P0", "No two rows of a silver table share a key."),
}


class Checked(Protocol):
    """What is kept of a table's last evaluation (`release.TableState`)."""

    @property
    def rows(self) -> int:
        """Good rows stored."""
        ...

    @property
    def quarantined(self) -> int:
        """Bad rows of the last build."""
        ...

    @property
    def checks(self) -> Mapping[str, int]:
        """Rule name -> failing rows (`Evaluation.failing`)."""
        ...


def contract_results(
    stage: Stage, nodes: Iterable[Node], states: Mapping[str, Checked], thresholds: Mapping[str, float]
) -> list[CheckResult]:
    """Results of the contracts of the tables of a stage.

    Args:
        stage: The stage that was built.
        nodes: Its tables.
        states: Full table name -> what is kept of its evaluation; tables without one are left out.
        thresholds: Settings; see `threshold_of`.
    """
    results: list[CheckResult] = []
    for node in nodes:
        state = states.get(node.full_name)
        if state is not None:
            results += _of_table(stage, node, state, thresholds)
    return results


def _of_table(stage: Stage, node: Node, state: Checked, thresholds: Mapping[str, float]) -> Sequence[CheckResult]:
    own = ContractExpectation("P0", "Few enough rows break the table's contract.")
    failing = {CONTRACT: (own, state.quarantined, node.spec.max_quarantined_share)}
    if node.layer == "silver":
        failing[DUPLICATE_KEYS] = (EXPECTATIONS[DUPLICATE_KEYS], state.checks.get(DUPLICATE_KEY, 0), 0.0)
    for rule in row_rules(node.contract):
        if rule.expectation is not None:
            expectation = EXPECTATIONS[rule.expectation]
            before = failing[rule.expectation][1] if rule.expectation in failing else 0
            failing[rule.expectation] = (expectation, before + state.checks.get(rule.name, 0), 0.0)
    rows_checked = state.rows + state.quarantined
    return [
        _result(stage, check_id, expectation, node.full_name, rows_checked, count, default, thresholds)
        for check_id, (expectation, count, default) in failing.items()
    ]


def _result(
    stage: Stage,
    check_id: str,
    expectation: ContractExpectation,
    table: str,
    rows_checked: int,
    rows_failing: int,
    default: float,
    thresholds: Mapping[str, float],
) -> CheckResult:
    value = min(rows_failing / rows_checked, 1.0) if rows_checked else None
    threshold = default if check_id == CONTRACT else threshold_of(thresholds, check_id, FAILING_SHARE, default)
    return CheckResult(
        check_id=check_id,
        measure=FAILING_SHARE,
        severity=expectation.severity,
        stage=stage,
        table_name=table,
        title=expectation.title,
        rows_checked=rows_checked,
        rows_failing=rows_failing,
        measured_value=value,
        threshold=threshold,
        result=judge(value, threshold, "at_most"),
    )
