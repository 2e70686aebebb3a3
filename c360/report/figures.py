"""Figures of statistics that reports show. Pure."""

from collections.abc import Hashable, Mapping
from math import sqrt
from typing import TypeVar

Z_95 = 1.959963984540054
"""Standard deviations either side of the mean that hold 95 % of a normal distribution."""

_T = TypeVar("_T", bound=Hashable)


def wilson(successes: int, trials: int) -> tuple[float, float] | None:
    """The 95 % interval of a share (Wilson 1927, without continuity correction); None without a trial."""
    if not trials:
        return None
    share, spread = successes / trials, Z_95**2 / trials
    middle = (share + spread / 2) / (1 + spread)
    half = Z_95 * sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return (middle - half if successes else 0.0), (middle + half if successes < trials else 1.0)


def total_variation(before: Mapping[_T, int], now: Mapping[_T, int]) -> float | None:
    """How far two histograms are apart: half the sum of the differences of their shares. None when one is empty.

    0: the same distribution; 1: nothing in common. Unlike the population-stability index it needs no made-up counts where a
    bin is empty.
    """
    totals = sum(before.values()), sum(now.values())
    if not all(totals):
        return None
    return sum(abs(before.get(bin_, 0) / totals[0] - now.get(bin_, 0) / totals[1]) for bin_ in {*before, *now}) / 2
