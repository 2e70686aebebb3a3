from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import pytest
from ibis.backends.duckdb import Backend

from c360.errors import SettingsError
from c360.expressions import time
from tests.conftest import TableFactory

INSTANTS = ibis.schema({"at": "timestamp('UTC', 6)", "day": "date"})


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Europe/Lisbon"])
def test_the_day_in_a_zone_is_pythons(backend: Backend, table: TableFactory, zone: str) -> None:
    start = datetime(2023, 12, 30, tzinfo=UTC)
    instants = [start + timedelta(hours=7 * n, seconds=n) for n in range(1200)]
    t = table(INSTANTS, [{"at": at} for at in instants])
    expected = [at.astimezone(ZoneInfo(zone)).date() for at in instants]
    assert backend.to_pyarrow(time.local_date(t.at, zone)).to_pylist() == expected


def test_zones_are_not_applied_backwards(backend: Backend, table: TableFactory) -> None:
    t = table(INSTANTS, [{"at": datetime(2024, 1, 1, 2, tzinfo=UTC)}])
    assert backend.to_pyarrow(time.local_date(t.at, "America/New_York")).to_pylist() == [date(2023, 12, 31)]


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(SettingsError, match="Mars/Olympus"):
        time.offsets("Mars/Olympus")


def test_months_count_on_over_new_year(backend: Backend, table: TableFactory) -> None:
    t = table(INSTANTS, [{"day": date(2025, 12, 31)}, {"day": date(2026, 1, 1)}])
    index = time.month_index(t.day)
    assert backend.to_pyarrow(index).to_pylist() == [2025 * 12 + 11, 2026 * 12]
    assert backend.to_pyarrow(time.month_of_index(index)).to_pylist() == [date(2025, 12, 1), date(2026, 1, 1)]
    assert backend.to_pyarrow(time.last_day(t.day, date(2026, 1, 5))).to_pylist() == [
        date(2025, 12, 31),
        date(2026, 1, 5),
    ]


def test_late_is_more_than_the_days_before_the_load_but_never_in_the_first(backend: Backend, table: TableFactory) -> None:
    rows = [{"at": datetime(2026, 7, 1, 23, tzinfo=UTC), "day": date(2026, 7, d)} for d in (2, 3, 4)]
    t = table(INSTANTS, rows)

    def late(first: date) -> list[bool]:
        expr = time.is_late(t.at, t.day, late_after_days=2, first_load_date=first)
        return backend.to_pyarrow(expr).to_pylist()

    assert late(date(2026, 7, 1)) == [False, False, True]
    assert late(date(2026, 7, 4)) == [False, False, False]
