"""Days, weeks, months and fiscal periods of date columns, by integer arithmetic that means the same on every engine.

Not used here because engines differ: `truncate` of a date (an instant on DuckDB and Spark), weekday and ISO week
functions, and a bare date + interval (an instant on DuckDB).
"""

import datetime

import ibis
import ibis.expr.types as ir

EPOCH = datetime.date(1970, 1, 1)
EPOCH_WEEKDAY = 4
"""1970-01-01 was a Thursday (1 = Monday)."""


def add_days(day: ir.DateValue | datetime.date, days: ir.IntegerValue) -> ir.DateValue:
    """The date `days` after `day` (before, if negative)."""
    start = ibis.literal(day) if isinstance(day, datetime.date) else day
    # DuckDB returns a timestamp where Ibis believes a date, and drops a cast to the type it believes: hence two casts.
    return (start + days.as_interval("D")).cast("timestamp").cast("date")


def days_between(start: ir.DateValue | datetime.date, end: ir.DateValue | datetime.date) -> ir.IntegerValue:
    """Whole days from `start` to `end`; negative when `end` is earlier."""
    first = ibis.literal(start) if isinstance(start, datetime.date) else start
    last = ibis.literal(end) if isinstance(end, datetime.date) else end
    return last.delta(first, unit="day").cast("int64")


def month_start(day: ir.DateValue) -> ir.DateValue:
    """First day of the month of `day`."""
    return ibis.date(day.year(), day.month(), 1)


def weekday(day: ir.DateValue) -> ir.IntegerValue:
    """ISO weekday: 1 = Monday … 7 = Sunday."""
    shifted = days_between(EPOCH, day) + (EPOCH_WEEKDAY - 1)
    return (shifted % 7 + 7) % 7 + 1  # the remainder of a negative number is negative


def iso_year(day: ir.DateValue) -> ir.IntegerValue:
    """Year of the ISO week `day` lies in (differs from the calendar year around New Year)."""
    return _thursday(day).year().cast("int64")


def iso_week(day: ir.DateValue) -> ir.IntegerValue:
    """ISO 8601 week 1-53: week 1 holds the year's first Thursday."""
    return (_thursday(day).day_of_year().cast("int64") - 1) // 7 + 1


def quarter(day: ir.DateValue) -> ir.IntegerValue:
    """Calendar quarter 1-4."""
    return (day.month().cast("int64") + 2) // 3


def fiscal_month(day: ir.DateValue, fiscal_start_month: int) -> ir.IntegerValue:
    """Month 1-12 of the fiscal year that starts in `fiscal_start_month`."""
    return (day.month().cast("int64") - fiscal_start_month + 12) % 12 + 1


def fiscal_quarter(day: ir.DateValue, fiscal_start_month: int) -> ir.IntegerValue:
    """Quarter 1-4 of the fiscal year."""
    return (fiscal_month(day, fiscal_start_month) + 2) // 3


def fiscal_year(day: ir.DateValue, fiscal_start_month: int) -> ir.IntegerValue:
    """The fiscal year, named by the calendar year it ends in (a start in January: the calendar year)."""
    year = day.year().cast("int64")
    if fiscal_start_month == 1:
        return year
    return ibis.ifelse(day.month() >= fiscal_start_month, year + 1, year)


def _thursday(day: ir.DateValue) -> ir.DateValue:
    """Thursday of the week of `day`, which decides the ISO year."""
    return add_days(day, EPOCH_WEEKDAY - weekday(day))
