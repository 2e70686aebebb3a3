from datetime import UTC, date, datetime, time

import pytest

from c360.quality.deadline import deadline_result


@pytest.mark.parametrize(
    ("landed_at", "is_scheduled", "minutes", "result"),
    [
        (datetime(2026, 3, 6, 2, 0, tzinfo=UTC), True, 0.0, "passed"),
        (datetime(2026, 3, 6, 2, 30, tzinfo=UTC), True, 30.0, "failed"),
        (datetime(2026, 3, 6, 9, 0, tzinfo=UTC), False, None, "not_applicable"),
    ],
)
def test_a_scheduled_load_lands_before_two_in_the_morning(
    landed_at: datetime, is_scheduled: bool, minutes: float | None, result: str
) -> None:
    found = deadline_result(date(2026, 3, 5), landed_at, time(2), is_scheduled=is_scheduled)
    assert (found.measured_value, found.result, found.is_blocking) == (minutes, result, result == "failed")
