"""Pairs of records as plain geometry, for every page about identity: bars by weight, and the waterfall of one pair."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from c360.identity.model import PRIOR

BIN_BITS = 2
"""Width of a bar."""
WIDEST = 60.0
"""Weights beyond this many bits, either way, stand with it."""
WIDTH, HEIGHT = 880, 220
BASE = HEIGHT - 24

_TOP = 24
_LEAST_SHOWN = 0.005
_BAR_SHARE = 0.8


@dataclass(frozen=True)
class Bar:
    """Pairs whose weight lies in one bin; `linked` of `count` are links. Coordinates in a box of WIDTH × HEIGHT."""

    label: str
    x: float
    width: float
    height: float
    linked_height: float
    count: int
    linked: int


@dataclass(frozen=True)
class Step:
    """One contribution of a waterfall: from `start` on, `width` wide, in percent of the widest."""

    name: str
    bits: float
    start: float
    width: float


@dataclass(frozen=True)
class Example:
    """A pair, its probability (None: not known), what is said of it, and the waterfall of its weight."""

    left: str
    right: str
    weight: float
    probability: float | None
    is_link: bool
    said: str
    steps: Sequence[Step]


def bars(counts: Mapping[int, int], linked: Mapping[int, int]) -> list[Bar]:
    """Bars from the lowest bin to the highest.

    Args:
        counts: Bin (its lower end is `bin × BIN_BITS`) -> pairs.
        linked: The same of those that are links.
    """
    if not counts:
        return []
    lowest, highest, most = min(counts), max(counts), max(counts.values())
    slot = WIDTH / (highest - lowest + 1)

    def height(count: int) -> float:
        return round((BASE - _TOP) * count / most, 2)

    def bar(at: int) -> Bar:
        count, links = counts.get(at, 0), linked.get(at, 0)
        x, width = round(slot * (at - lowest), 2), round(slot * _BAR_SHARE, 2)
        return Bar(bin_label(at), x, width, height(count), height(links), count, links)

    return [bar(at) for at in range(lowest, highest + 1)]


def bin_label(at: int) -> str:
    """A bin in words."""
    return f"{at * BIN_BITS} to {(at + 1) * BIN_BITS} bits"


def waterfall(parts: Iterable[tuple[str, float]]) -> list[Step]:
    """Contributions (name, bits) in the order of the chart: the prior, then the largest first; tiny ones are left out."""
    shown = [(name, bits) for name, bits in parts if name == PRIOR or abs(bits) >= _LEAST_SHOWN]
    shown.sort(key=lambda part: (part[0] != PRIOR, -abs(part[1])))
    ends = list(accumulate((bits for _, bits in shown), initial=0.0))
    low, high = min(ends), max(ends)
    scale = 100 / (high - low or 1)
    return [
        Step(name, bits, round((min(start, start + bits) - low) * scale, 2), round(abs(bits) * scale, 2))
        for (name, bits), start in zip(shown, ends, strict=False)
    ]
