"""The shortest chain of links between records. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """Two linked records by name, and how strong the link is (bits)."""

    left: str
    right: str
    weight: float

    def other(self, record: str) -> str:
        """The record at the other end."""
        return self.right if record == self.left else self.left


_Chain = tuple[Link, ...]


def shortest_chain(links: Iterable[Link], starts: Collection[str], ends: Collection[str]) -> Sequence[Link] | None:
    """Links that lead from one of `starts` to one of `ends`, in order; None where none do.

    Of several chains with the fewest links the one with the greatest sum of weights counts, of equal ones the first by name.
    Empty when a record is in both.
    """
    touching: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        touching[link.left].append(link)
        touching[link.right].append(link)
    layer: dict[str, _Chain] = dict.fromkeys(starts, ())
    seen = set(layer)
    while layer:
        if reached := [chain for record, chain in layer.items() if record in ends]:
            return min(reached, key=_rank)
        longer: dict[str, _Chain] = {}
        for record, chain in layer.items():
            for link in touching[record]:
                end, found = link.other(record), (*chain, link)
                longer[end] = min(longer.get(end, found), found, key=_rank)
        layer = {record: chain for record, chain in longer.items() if record not in seen}
        seen |= set(layer)
    return None


def _rank(chain: _Chain) -> tuple[float, list[tuple[str, str]]]:
    return -sum(link.weight for link in chain), [(link.left, link.right) for link in chain]
