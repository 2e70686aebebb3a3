"""The revenue chart as plain geometry; the template draws it as inline SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from c360.report.facts import Month

WIDTH, HEIGHT = 880, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 14, 30
TICK_COUNT = 4
BAR_SHARE = 0.62
LABEL_EVERY = 14


@dataclass(frozen=True)
class Bar:
    """One month: a bar for revenue (`height` 0 where it is not known) and its text."""

    x: float
    y: float
    width: float
    height: float
    centre: float
    label: str
    tooltip: str


@dataclass(frozen=True)
class Tick:
    """A horizontal line with its amount."""

    y: float
    label: str


@dataclass(frozen=True)
class Chart:
    """Bars, the points of the MRR line, and the axis; coordinates in a box of WIDTH × HEIGHT."""

    bars: Sequence[Bar]
    line: str
    dots: Sequence[tuple[float, float]]
    ticks: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def revenue_chart(months: Sequence[Month], currency: str) -> Chart | None:
    """The chart of revenue (bars) and MRR (line) by month; None without a month."""
    if not months:
        return None
    largest = max(max(month.revenue or 0, month.mrr or 0) for month in months)
    step = _step(largest)
    steps = max(math.ceil(largest / step), 1)
    top = step * steps
    slot = (WIDTH - LEFT - RIGHT) / len(months)
    every = math.ceil(len(months) / LABEL_EVERY)

    def height_of(amount: float) -> float:
        return round((HEIGHT - TOP - BOTTOM) * max(amount, 0) / top, 2)

    def bar(position: int, month: Month) -> Bar:
        height = height_of(month.revenue or 0)
        x = LEFT + slot * (position + (1 - BAR_SHARE) / 2)
        label = _label(month, is_first=position == 0) if (len(months) - 1 - position) % every == 0 else ""
        y = HEIGHT - BOTTOM - height
        return Bar(round(x, 2), y, round(slot * BAR_SHARE, 2), height, x + slot * BAR_SHARE / 2, label, tooltip(month, currency))

    bars = [bar(position, month) for position, month in enumerate(months)]
    pairs = zip(bars, months, strict=True)
    dots = [(round(b.centre, 2), HEIGHT - BOTTOM - height_of(m.mrr)) for b, m in pairs if m.mrr is not None]
    ticks = [Tick(HEIGHT - BOTTOM - height_of(step * n), short(step * n)) for n in range(steps + 1)]
    return Chart(bars, " ".join(f"{x},{y}" for x, y in dots), dots, ticks)


def tooltip(month: Month, currency: str) -> str:
    """A month in words."""
    revenue = "not known" if month.revenue is None else f"{month.revenue:,.0f} {currency}"
    mrr = "not known" if month.mrr is None else f"{month.mrr:,.0f} {currency}"
    return f"{month.month:%B %Y}: revenue {revenue}, MRR {mrr}"


def short(amount: float) -> str:
    """An amount for an axis: 450k, 1.5M."""
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if amount >= size:
            return f"{amount / size:g}{unit}"
    return f"{amount:g}"


def _step(largest: float) -> float:
    """The smallest step of 1, 2, 2.5 or 5 × 10ⁿ with which `TICK_COUNT` steps reach `largest`."""
    if largest <= 0:
        return 1.0
    size = 10 ** math.floor(math.log10(largest / TICK_COUNT))
    return next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor * TICK_COUNT >= largest)


def _label(month: Month, *, is_first: bool) -> str:
    return f"{month.month:%b %Y}" if is_first or month.month.month == 1 else f"{month.month:%b}"
