from datetime import date, timedelta

import pytest
from ibis.backends.duckdb import Backend

from c360.silver.calendar.dim_date import DAY_NAMES, MONTH_NAMES, dim_date


def _days(backend: Backend, as_of: date, fiscal_start_month: int) -> dict[date, dict]:
    rows = backend.to_pyarrow(dim_date(as_of=as_of, fiscal_start_month=fiscal_start_month)).to_pylist()
    return {row["calendar_date"]: row for row in rows}


def test_one_row_per_day_five_years_back_two_ahead(backend: Backend) -> None:
    days = _days(backend, date(2026, 7, 4), 1)
    assert min(days) == date(2021, 1, 1)
    assert max(days) == date(2028, 12, 31)
    assert len(days) == (date(2029, 1, 1) - date(2021, 1, 1)).days


def test_every_column_equals_pythons_calendar(backend: Backend) -> None:
    for day, row in _days(backend, date(2026, 7, 4), 1).items():
        iso_year, iso_week, weekday = day.isocalendar()
        next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        assert row == {
            "date_key": int(day.strftime("%Y%m%d")),
            "calendar_date": day,
            "year": day.year,
            "quarter": (day.month - 1) // 3 + 1,
            "month": day.month,
            "month_name": MONTH_NAMES[day.month - 1],
            "month_start_date": day.replace(day=1),
            "month_end_date": next_month - timedelta(days=1),
            "day_of_month": day.day,
            "day_of_year": day.timetuple().tm_yday,
            "iso_year": iso_year,
            "iso_week": iso_week,
            "weekday": weekday,
            "weekday_name": DAY_NAMES[weekday - 1],
            "is_weekend": weekday >= 6,
            "is_month_end": next_month - timedelta(days=1) == day,
            "fiscal_year": day.year,
            "fiscal_quarter": (day.month - 1) // 3 + 1,
            "fiscal_month": day.month,
        }


@pytest.mark.parametrize(
    ("start", "day", "expected"),
    [
        (2, date(2026, 1, 31), (2026, 4, 12)),
        (2, date(2026, 2, 1), (2027, 1, 1)),
        (7, date(2025, 7, 1), (2026, 1, 1)),
        (7, date(2026, 6, 30), (2026, 4, 12)),
        (12, date(2025, 12, 1), (2026, 1, 1)),
        (12, date(2025, 11, 30), (2025, 4, 12)),
    ],
)
def test_the_fiscal_year_is_named_by_the_year_it_ends_in(
    backend: Backend, start: int, day: date, expected: tuple[int, int, int]
) -> None:
    row = _days(backend, date(2026, 7, 4), start)[day]
    assert (row["fiscal_year"], row["fiscal_quarter"], row["fiscal_month"]) == expected


def test_the_engine_returns_dates_not_instants(backend: Backend) -> None:
    sql = str(backend.compile(dim_date(as_of=date(2026, 7, 4), fiscal_start_month=1)))
    relation = backend.con.sql(sql)
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert {types[c] for c in ("calendar_date", "month_start_date", "month_end_date")} == {"DATE"}
