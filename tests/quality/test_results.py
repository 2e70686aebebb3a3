from dataclasses import replace

import pytest

from c360.errors import QualityError
from c360.quality.results import CheckResult, blocking, judge, refuse_blocking, threshold_of

PASSED = CheckResult(
    check_id="CL-002",
    measure="failing_share",
    severity="P0",
    stage="gold",
    table_name="gold.dim_customer_account",
    title="t",
    rows_checked=10,
    rows_failing=0,
    measured_value=0.0,
    threshold=0.0,
    result="passed",
)
FAILED = replace(PASSED, rows_failing=2, measured_value=0.2, result="failed")


@pytest.mark.parametrize(
    ("value", "direction", "result"),
    [
        (0.5, "at_most", "passed"),
        (0.51, "at_most", "failed"),
        (0.5, "at_least", "passed"),
        (0.49, "at_least", "failed"),
        (None, "at_least", "not_applicable"),
    ],
)
def test_judge(value: float | None, direction: str, result: str) -> None:
    assert judge(value, 0.5, direction) == result  # type: ignore[arg-type]  # the parameters are the literals


def test_a_threshold_of_one_measure_goes_before_one_of_the_check() -> None:
    assert threshold_of({}, "SE-001", "match_rate", 0.98) == 0.98
    assert threshold_of({"SE-001": 0.9}, "SE-001", "match_rate", 0.98) == 0.9
    assert threshold_of({"SE-001": 0.9, "SE-001.match_rate": 0.8}, "SE-001", "match_rate", 0.98) == 0.8


def test_only_failed_p0_checks_block() -> None:
    results = [PASSED, FAILED, replace(FAILED, severity="P1"), replace(FAILED, result="not_applicable")]
    assert blocking(results) == [FAILED]
    refuse_blocking([PASSED])


def test_the_error_names_checks_tables_and_counts() -> None:
    with pytest.raises(QualityError) as caught:
        refuse_blocking([PASSED, FAILED])
    assert "CL-002 on gold.dim_customer_account (2 of 10 rows)" in caught.value.message
    assert "quarantine" in caught.value.hint
