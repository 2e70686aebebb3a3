"""Calendar of days, five years back and two ahead of the load date's year."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from c360.catalog import Overwrite, table
from c360.contract import Contract, Day, Flag, Integer, Text, field, row_check
from c360.expressions import calendar

YEARS_BACK = 5
YEARS_AHEAD = 2
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class DimDate(Contract):
    """One row per day. Belongs to no time zone: join on a day that was made in the reporting zone."""

    date_key: Integer = field("The day as number, yyyymmdd.", ge=19700101)
    calendar_date: Day = field("The day.")
    year: Integer = field("Calendar year.")
    quarter: Integer = field("Calendar quarter.", ge=1, le=4)
    month: Integer = field("Month of the year.", ge=1, le=12)
    month_name: Text = field("English name of the month.", pii="enum", isin=MONTH_NAMES)
    month_start_date: Day = field("First day of the month.")
    month_end_date: Day = field("Last day of the month.")
    day_of_month: Integer = field("Day of the month.", ge=1, le=31)
    day_of_year: Integer = field("Day of the year.", ge=1, le=366)
    iso_year: Integer = field("Year of the ISO week; differs from `year` around New Year.")
    iso_week: Integer = field("ISO 8601 week; week 1 holds the year's first Thursday.", ge=1, le=53)
    weekday: Integer = field("ISO weekday, 1 = Monday.", ge=1, le=7)
    weekday_name: Text = field("English name of the weekday.", pii="enum", isin=DAY_NAMES)
    is_weekend: Flag = field("Saturday or Sunday.")
    is_month_end: Flag = field("Last day of its month.")
    fiscal_year: Integer = field("Fiscal year, named by the calendar year it ends in.")
    fiscal_quarter: Integer = field("Quarter of the fiscal year.", ge=1, le=4)
    fiscal_month: Integer = field("Month of the fiscal year.", ge=1, le=12)

    class Config:
        """One row per day."""

        unique = ["date_key"]

    @row_check("the day lies outside its month")
    def day_in_month(cls, row: ir.Table) -> ir.BooleanValue:
        return row.calendar_date.between(row.month_start_date, row.month_end_date)


@table(DimDate, write=Overwrite())
def dim_date(*, as_of: date, fiscal_start_month: int) -> ir.Table:
    """One row per day from 1 January five years before to 31 December two years after the load date's year.

    Changes only when the load date enters a new year or the fiscal year is set to start in another month. Exempt from
    tracing.
    """
    first = date(as_of.year - YEARS_BACK, 1, 1)
    day_count = (date(as_of.year + YEARS_AHEAD + 1, 1, 1) - first) // timedelta(days=1)
    numbers = ibis.range(0, day_count).unnest().name("number").as_table()
    days = numbers.select(calendar_date=calendar.add_days(first, numbers.number.cast("int64")))
    return days.select(**_columns(days.calendar_date, fiscal_start_month))


def _columns(day: ir.DateValue, fiscal_start_month: int) -> dict[str, ir.Value]:
    year, month, day_of_month = (part.cast("int64") for part in (day.year(), day.month(), day.day()))
    month_start_date = calendar.month_start(day)
    month_end_date = calendar.add_days(ibis.date(year + month // 12, month % 12 + 1, ibis.literal(1)), ibis.literal(-1))
    weekday = calendar.weekday(day)
    return {
        "date_key": year * 10_000 + month * 100 + day_of_month,
        "calendar_date": day,
        "year": year,
        "quarter": calendar.quarter(day),
        "month": month,
        "month_name": _named(month, MONTH_NAMES),
        "month_start_date": month_start_date,
        "month_end_date": month_end_date,
        "day_of_month": day_of_month,
        "day_of_year": calendar.days_between(ibis.date(year, ibis.literal(1), ibis.literal(1)), day) + 1,
        "iso_year": calendar.iso_year(day),
        "iso_week": calendar.iso_week(day),
        "weekday": weekday,
        "weekday_name": _named(weekday, DAY_NAMES),
        "is_weekend": weekday >= 6,
        "is_month_end": day == month_end_date,
        "fiscal_year": calendar.fiscal_year(day, fiscal_start_month),
        "fiscal_quarter": calendar.fiscal_quarter(day, fiscal_start_month),
        "fiscal_month": calendar.fiscal_month(day, fiscal_start_month),
    }


def _named(number: ir.IntegerValue, names: tuple[str, ...]) -> ir.StringValue:
    return number.cases(*((position, name) for position, name in enumerate(names, start=1)))
