"""Decisions of people that cannot all hold: two records kept apart that a chain of their links makes one."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from c360.identity.assign import Reviews, components


@dataclass(frozen=True, order=True)
class Contradiction:
    """Two records that were decided to be apart, and together.

    Attributes:
        apart: The pair of the cannot-link, left before right.
        chain: The shortest chain of must-links from its left record to its right one, both included.
    """

    apart: tuple[str, str]
    chain: tuple[str, ...]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All pairs whose decisions take part, the cannot-link first; each left before right."""
        links = zip(self.chain, self.chain[1:], strict=False)
        return (self.apart, *(_ordered(left, right) for left, right in links))


def contradictions(reviews: Reviews) -> list[Contradiction]:
    """Every cannot-link that a chain of must-links denies, sorted; empty when all decisions can hold."""
    linked = components(reviews.must_link)
    near = _neighbours(reviews.must_link)
    return [
        Contradiction((left, right), _shortest(left, right, near))
        for left, right in sorted(reviews.cannot_link)
        if linked.get(left, left) == linked.get(right, right)
    ]


def _neighbours(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    near: dict[str, list[str]] = defaultdict(list)
    for left, right in sorted(pairs):
        near[left].append(right)
        near[right].append(left)
    return near


def _shortest(start: str, end: str, near: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The members of a shortest chain, by breadth first; there is one."""
    came_from: dict[str, str] = {start: start}
    waiting = deque([start])
    while end not in came_from:
        member = waiting.popleft()
        for other in near[member]:
            if other not in came_from:
                came_from[other] = member
                waiting.append(other)
    chain = [end]
    while chain[-1] != start:
        chain.append(came_from[chain[-1]])
    return tuple(reversed(chain))


def _ordered(left: str, right: str) -> tuple[str, str]:
    return (left, right) if left < right else (right, left)
