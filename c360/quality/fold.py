"""Folding many expressions into one without nesting them deeply (parsers of some engines recurse)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def fold(parts: Sequence[T], combine: Callable[[T, T], T]) -> T:
    """Combines `parts` in order as a balanced tree: 100 parts nest 7 deep, not 100. There must be at least one."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return combine(fold(parts[:middle], combine), fold(parts[middle:], combine))
