"""Epoch-second arithmetic in UTC, and the few instants a demo world is built around. Reads no clock."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

HOUR = 3600
DAY = 86400
CUTOFF_TIME = time(22, tzinfo=UTC)
EVENT_RETENTION = 30 * DAY
WORLD_MONTHS_BEFORE_HISTORY = 8


@dataclass(frozen=True)
class Calendar:
    """The instants of a demo world, epoch seconds UTC.

    Attributes:
        load_dates: The two load dates.
        begin: The oldest subscriptions start from here on.
        history_from: First instant of the 12 months that the first load asks for.
        cutoffs: 22:00 UTC of each load date; nothing in the world happens between 22:00 and 24:00.
        end: First instant after the last load date; the world stands still from here on.
    """

    load_dates: tuple[date, date]
    begin: int
    history_from: int
    cutoffs: tuple[int, int]
    end: int

    @property
    def event_floor(self) -> int:
        """Oldest instant whose events the first load can still see."""
        return self.cutoffs[0] - EVENT_RETENTION

    @property
    def second_day(self) -> int:
        """02:00 UTC of the second load date: the hours between the two loads in which planned changes happen."""
        return day_start(self.load_dates[1]) + 2 * HOUR


def make_calendar(load_dates: tuple[date, date]) -> Calendar:
    """The instants that follow from the two load dates."""
    first, last = load_dates
    history_from = first.replace(day=1, year=first.year - 1)
    start = day_start(history_from)
    return Calendar(
        load_dates=load_dates,
        begin=add_months(start, -WORLD_MONTHS_BEFORE_HISTORY),
        history_from=start,
        cutoffs=(cutoff(first), cutoff(last)),
        end=day_start(last + timedelta(days=1)),
    )


def day_start(day: date) -> int:
    """Midnight UTC of a day."""
    return int(datetime.combine(day, time(0, tzinfo=UTC)).timestamp())


def cutoff(day: date) -> int:
    """A load's cut-off: 22:00 UTC of its load date."""
    return int(datetime.combine(day, CUTOFF_TIME).timestamp())


def to_datetime(at: int) -> datetime:
    """Epoch seconds as an aware instant."""
    return datetime.fromtimestamp(at, UTC)


@cache
def _day_of(day_number: int) -> date:
    return date.fromordinal(day_number + 719163)


def to_date(at: int) -> date:
    """The UTC day of an instant."""
    return _day_of(at // DAY)


def year_month(at: int) -> str:
    """The UTC month of an instant, `2026-05`."""
    return to_date(at).isoformat()[:7]


def add_months(at: int, months: int) -> int:
    """The same day of month and time of day `months` later; a day the month lacks becomes its last."""
    day, rest = to_date(at), at % DAY
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    day_of_month = min(day.day, calendar.monthrange(year, month)[1])
    return day_start(date(year, month, day_of_month)) + rest


def add_interval(at: int, interval: str, count: int) -> int:
    """The end of a billing period of `count` × `interval` (day, week, month, year) that starts at `at`."""
    match interval:
        case "day":
            return at + count * DAY
        case "week":
            return at + 7 * count * DAY
        case "month":
            return add_months(at, count)
        case _:
            return add_months(at, 12 * count)


def month_ends(first: int, as_of: date) -> list[tuple[str, int]]:
    """(month, first instant after it) from the month of `first` to that of `as_of`, which ends with that day."""
    ends, start = [], first
    limit = day_start(as_of + timedelta(days=1))
    while start < limit:
        after = add_months(start, 1)
        ends.append((year_month(start), min(after, limit)))
        start = after
    return ends
