"""Days and months of instants in the reporting zone, decided here and nowhere else."""

import datetime as py
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import ibis
import ibis.expr.types as ir

from c360.errors import SettingsError
from c360.expressions.calendar import add_days, days_between

_FIRST_YEAR, _LAST_YEAR = 2000, 2050
"""Years whose offset changes are known; outside them the nearest known offset holds."""


def local_date(instant: ir.TimestampValue, zone: str) -> ir.DateValue:
    """The calendar day of an instant in an IANA zone.

    The zone's offsets are written into the query as a list of changes, so that engines with another (or no) time zone
    database agree, and none can apply one backwards.

    Raises:
        SettingsError: There is no such zone.
    """
    changes = offsets(zone)
    last = changes[-1][1]
    branches = [(instant < ibis.literal(until), _day_at(instant, seconds)) for until, seconds in changes if until]
    return ibis.cases(*branches, else_=_day_at(instant, last)) if branches else _day_at(instant, last)


def month_index(day: ir.DateValue | py.date) -> ir.IntegerValue:
    """Months since year 0: consecutive integers for consecutive months."""
    if isinstance(day, py.date):
        return ibis.literal(day.year * 12 + day.month - 1, type="int64")
    return day.year().cast("int64") * 12 + day.month().cast("int64") - 1


def month_of_index(index: ir.IntegerValue) -> ir.DateValue:
    """First day of the month with this index."""
    month = index % 12
    year = (index - month) // 12
    return ibis.date(year.cast("int32"), (month + 1).cast("int32"), 1)


def last_day(month_start: ir.DateValue, as_of: py.date) -> ir.DateValue:
    """The day a month is measured on: its last, or `as_of` in the month that is still running."""
    last = add_days(month_of_index(month_index(month_start) + 1), ibis.literal(-1))
    return ibis.least(last, ibis.literal(as_of))


def is_late(
    event_at: ir.TimestampValue,
    first_date_loaded: ir.DateValue,
    *,
    late_after_days: int,
    first_load_date: py.date,
) -> ir.BooleanValue:
    """Whether an event happened more than `late_after_days` before the load that first saw it. The initial load is never late."""
    age = days_between(event_at.date(), first_date_loaded)
    is_initial = first_date_loaded == ibis.literal(first_load_date)
    return ((age > late_after_days) & ~is_initial).fill_null(False)


@lru_cache
def offsets(zone: str) -> tuple[tuple[py.datetime | None, int], ...]:
    """The zone's offsets from UTC in seconds, each with the instant until which it holds (None: open).

    Raises:
        SettingsError: There is no such zone.
    """
    tz = _zone(zone)
    found: list[tuple[py.datetime | None, int]] = []
    day = py.datetime(_FIRST_YEAR, 1, 1, tzinfo=py.UTC)
    while day.year <= _LAST_YEAR:
        following = day + py.timedelta(days=1)
        if _offset(day, tz) != _offset(following, tz):
            found.append((_change_between(day, following, tz), _offset(day, tz)))
        day = following
    return (*found, (None, _offset(day, tz)))


def _zone(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"There is no time zone {zone!r}.", hint="Use an IANA name such as UTC or America/New_York."
        ) from error


def _offset(instant: py.datetime, zone: ZoneInfo) -> int:
    offset = instant.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _change_between(low: py.datetime, high: py.datetime, zone: ZoneInfo) -> py.datetime:
    """First second at which the offset of `high` holds, by halving."""
    before = _offset(low, zone)
    while high - low > py.timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high


def _day_at(instant: ir.TimestampValue, offset_seconds: int) -> ir.DateValue:
    shifted = instant + ibis.interval(seconds=offset_seconds) if offset_seconds else instant
    return shifted.date()
