"""Scored pairs -> clusters of records: one-to-one, or grown from the strongest pair on, guarded against chains."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from c360.identity.columns import Codes, Floats
from c360.identity.matching import best_matching

LARGEST = 200
"""Most records of a connected component of which all pairs are compared before it becomes a group."""
UNCOMPARED = -4.0
"""Bits of a pair of a larger one that no rule proposed, or that was hardly likely."""


def connected(count: int, left: Iterable[int], right: Iterable[int]) -> Codes:
    """Record -> least record of its connected component."""
    parent = list(range(count))
    for one, two in zip(left, right, strict=True):
        first, second = sorted((_root(parent, one), _root(parent, two)))
        parent[second] = first
    return np.array([_root(parent, record) for record in range(count)], np.int64)


def one_to_one(left: Codes, right: Codes, weight: Floats) -> npt.NDArray[np.bool_]:
    """Which pairs of records of two files are links: each record in one at most, best total weight, ties by position."""
    alone = _is_only(left, right)
    chosen = alone.copy()
    rivals = np.flatnonzero(~alone)
    edges = {(f"l{left[i]:012d}", f"r{right[i]:012d}"): float(weight[i]) for i in rivals}
    best = best_matching(edges)
    chosen[rivals] = [(f"l{left[i]:012d}", f"r{right[i]:012d}") in best for i in rivals]
    return chosen


def one_of_each(left: Codes, right: Codes, weight: Floats, side: Codes) -> npt.NDArray[np.bool_]:
    """As `one_to_one` for each two of several files; of links that would put two records of a file together the weaker ones go.

    Args:
        left: Records of pairs, `right` the others, with their weights; of two files the same one is always left.
        right: See `left`.
        weight: See `left`.
        side: Record -> its file.
    """
    chosen = np.zeros(len(left), np.bool_)
    files = side[left] * (int(side.max(initial=0)) + 1) + side[right]
    for two in np.unique(files):
        at = np.flatnonzero(files == two)
        chosen[at] = one_to_one(left[at], right[at], weight[at])
    parent, sides = list(range(len(side))), {record: {int(file)} for record, file in enumerate(side)}
    links = np.flatnonzero(chosen)
    for i in links[np.lexsort((right[links], left[links], -weight[links]))].tolist():
        first, second = sorted((_root(parent, int(left[i])), _root(parent, int(right[i]))))
        if first == second:
            continue
        if sides[first] & sides[second]:
            chosen[i] = False
        else:
            parent[second] = first
            sides[first] |= sides.pop(second)
    return chosen


def within(count: int, left: Codes, right: Codes) -> tuple[Codes, Codes]:
    """All pairs of records of one connected component, for components of more than two and at most `LARGEST` records."""
    root = connected(count, left.tolist(), right.tolist())
    touched = np.unique(np.concatenate([left, right]))
    order = touched[np.argsort(root[touched], kind="stable")]
    starts = np.flatnonzero(np.diff(root[order], prepend=-1))
    found = [part for part in np.split(order, starts[1:]) if 2 < len(part) <= LARGEST]
    corners = [np.triu_indices(len(part), 1) for part in found]
    empty = np.empty(0, np.int64)
    lefts = [part[one] for part, (one, _) in zip(found, corners, strict=True)]
    rights = [part[two] for part, (_, two) in zip(found, corners, strict=True)]
    return np.concatenate([empty, *lefts]), np.concatenate([empty, *rights])


def in_large(count: int, left: Codes, right: Codes, is_link: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Pairs within connected components of more than `LARGEST` records: of those, what was weighed has to do."""
    root = connected(count, left[is_link].tolist(), right[is_link].tolist())
    is_large = np.bincount(root, minlength=count)[root] > LARGEST
    return is_large[left] & is_large[right]


def grown(
    count: int,
    left: Codes,
    right: Codes,
    weight: Floats,
    is_link: npt.NDArray[np.bool_],
    between: Mapping[tuple[int, int], float],
    trust: float = 0.0,
) -> Codes:
    """Record -> least record of its group.

    Links are followed from the strongest on; two groups become one when all pairs between them weigh more than nothing on
    average; a strong link makes up for `trust` times its weight, where copies differ much from each other. So a chain of weak
    links does not make one customer of many.

    Args:
        count: Number of records.
        left: Records of pairs, `right` the others, with their weights and whether they are links.
        right: See `left`.
        weight: See `left`.
        is_link: See `left`.
        between: Weights of all pairs `within` asks for, and of those `in_large`.
        trust: See above.
    """
    parent = list(range(count))
    members: dict[int, list[int]] = {}
    links = np.flatnonzero(is_link)
    for i in links[np.lexsort((right[links], left[links], -weight[links]))].tolist():
        first, second = sorted((_root(parent, int(left[i])), _root(parent, int(right[i]))))
        if first == second:
            continue
        mine, theirs = members.get(first, [first]), members.get(second, [second])
        if _mean(mine, theirs, between) + trust * weight[i] > 0:
            parent[second] = first
            members[first] = mine + theirs
            members.pop(second, None)
    return np.array([_root(parent, record) for record in range(count)], np.int64)


def _root(parent: list[int], record: int) -> int:
    while parent[record] != record:
        parent[record] = record = parent[parent[record]]
    return record


def _mean(one: Sequence[int], two: Sequence[int], known: Mapping[tuple[int, int], float]) -> float:
    if len(one) == len(two) == 1:
        return 1.0
    return sum(known.get((min(a, b), max(a, b)), UNCOMPARED) for a in one for b in two) / (len(one) * len(two))


def _is_only(left: Codes, right: Codes) -> npt.NDArray[np.bool_]:
    """Pairs whose records are in no other."""
    lefts, rights = _times(left), _times(right)
    return (lefts == 1) & (rights == 1)


def _times(codes: Codes) -> Codes:
    _, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
    return counts[inverse]
