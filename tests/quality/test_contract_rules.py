from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from c360.catalog import Catalog, Node, Overwrite, Spec
from c360.contract import row_rules
from c360.quality.contract_rules import EXPECTATIONS, contract_results
from c360.quality.evaluate import DUPLICATE_KEY
from c360.quality.results import CheckResult
from tests.inputs import catalog
from tests.quality.samples import Sample


@dataclass(frozen=True)
class State:
    rows: int
    quarantined: int = 0
    checks: Mapping[str, int] = field(default_factory=dict)


SPEC = Spec(Sample, Overwrite(), None, None, None, None, None, 0.05, is_step=False)
NODE = Node("sample", "silver", "test", lambda: None, SPEC, (), ())


def _results(state: State, thresholds: Mapping[str, float] | None = None) -> dict[str, CheckResult]:
    found = contract_results("silver", [NODE], {"silver.sample": state}, thresholds or {})
    assert {r.table_name for r in found} == {"silver.sample"}
    return {r.check_id: r for r in found}


def test_a_clean_table_passes_everything() -> None:
    results = _results(State(rows=10))
    assert {name: r.result for name, r in results.items()} == dict.fromkeys(["contract", "SE-002", "BE-002", "GE-002"], "passed")


def test_broken_rules_are_counted_under_their_expectation() -> None:
    checks = {"count.greater_than_or_equal_to": 1, "count.less_than_or_equal_to": 2, DUPLICATE_KEY: 4}
    results = _results(State(93, 7, checks))
    assert {name: (r.rows_failing, r.result) for name, r in results.items()} == {
        "contract": (7, "failed"),
        "SE-002": (4, "failed"),
        "BE-002": (3, "failed"),
        "GE-002": (0, "passed"),
    }
    assert results["BE-002"].measured_value == pytest.approx(0.03)


def test_thresholds_are_settings() -> None:
    assert _results(State(99, 1, {"within_limit": 1}), {"GE-002": 0.01})["GE-002"].result == "passed"


def test_an_empty_table_and_a_table_not_built() -> None:
    assert {r.result for r in _results(State(0)).values()} == {"not_applicable"}
    assert contract_results("silver", [NODE], {}, {}) == []


def test_expectation_ids_in_contracts_are_known() -> None:
    known: Catalog = catalog()
    used = {rule.expectation for node in known.nodes.values() for rule in row_rules(node.contract) if rule.expectation}
    assert used <= set(EXPECTATIONS)
