from datetime import date

import ibis
import pytest
from ibis.backends.duckdb import Backend

from c360.expressions import calendar


@pytest.mark.parametrize("day", [date(1969, 12, 31), date(1970, 1, 1), date(2024, 2, 29), date(2024, 12, 30), date(2027, 1, 3)])
def test_weeks_equal_pythons_also_before_the_epoch(backend: Backend, day: date) -> None:
    given = ibis.literal(day)
    found = [calendar.iso_year(given), calendar.iso_week(given), calendar.weekday(given)]
    assert [backend.to_pyarrow(value).as_py() for value in found] == list(day.isocalendar())


@pytest.mark.parametrize(("days", "wanted"), [(1, date(2024, 3, 1)), (-29, date(2024, 1, 31)), (0, date(2024, 2, 29))])
def test_days_are_added_and_counted(backend: Backend, days: int, wanted: date) -> None:
    start = date(2024, 2, 29)
    assert backend.to_pyarrow(calendar.add_days(start, ibis.literal(days))).as_py() == wanted
    assert backend.to_pyarrow(calendar.days_between(start, wanted)).as_py() == days


def test_the_month_starts_on_a_date(backend: Backend) -> None:
    start = calendar.month_start(ibis.literal(date(2024, 2, 29))).name("start").as_table()
    relation = backend.con.sql(str(backend.compile(start)))
    assert (relation.fetchone(), str(relation.types[0])) == ((date(2024, 2, 1),), "DATE")


@pytest.mark.parametrize(("month", "quarter"), [(1, 1), (3, 1), (4, 2), (12, 4)])
def test_quarters(backend: Backend, month: int, quarter: int) -> None:
    assert backend.to_pyarrow(calendar.quarter(ibis.literal(date(2024, month, 1)))).as_py() == quarter
