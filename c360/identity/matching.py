"""One-to-one assignment with the best total weight, exactly, component by component."""

from collections import defaultdict
from collections.abc import Mapping

Edge = tuple[str, str]

LARGEST_EXACT = 80
"""Most nodes on a component's smaller side that are assigned exactly (cubic in it: 80 take about half a second)."""

_WEIGHT_STEPS = 4096
"""Weights are compared as integers of 1/4096 bit, so that no order of additions can decide."""


def best_matching(edges: Mapping[Edge, float]) -> set[Edge]:
    """The edges of a matching with the greatest total weight; each node is in one edge at most.

    Components up to `LARGEST_EXACT` are solved exactly (Hungarian method); beyond that, which blocking makes rare, heaviest edge
    first, at least half the optimum. Ties go by the nodes' own order, so the result depends on a component's edges alone.

    Args:
        edges: (left node, right node) -> positive weight; no node is on both sides.
    """
    chosen: set[Edge] = set()
    for component in _components(edges):
        left, right = sorted({e[0] for e in component}), sorted({e[1] for e in component})
        weights = {edge: round(edges[edge] * _WEIGHT_STEPS) for edge in component}
        is_small = min(len(left), len(right)) <= LARGEST_EXACT
        chosen |= _exact(left, right, weights) if is_small else _heaviest_first(weights)
    return chosen


def _components(edges: Mapping[Edge, float]) -> list[list[Edge]]:
    at: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in sorted(edges):
        at["left", edge[0]].append(edge)
        at["right", edge[1]].append(edge)
    found, seen = [], set()
    for start in sorted(edges):
        if start in seen:
            continue
        seen.add(start)
        component, queue = [], [start]
        while queue:
            edge = queue.pop()
            component.append(edge)
            fresh = [e for side in (("left", edge[0]), ("right", edge[1])) for e in at[side] if e not in seen]
            seen.update(fresh)
            queue.extend(dict.fromkeys(fresh))
        found.append(sorted(component))
    return found


def _heaviest_first(weights: Mapping[Edge, int]) -> set[Edge]:
    taken: set[tuple[str, str]] = set()
    chosen: set[Edge] = set()
    for edge in sorted(weights, key=lambda e: (-weights[e], e)):
        ends = {("left", edge[0]), ("right", edge[1])}
        if taken.isdisjoint(ends):
            taken |= ends
            chosen.add(edge)
    return chosen


def _exact(left: list[str], right: list[str], weights: Mapping[Edge, int]) -> set[Edge]:
    if len(left) > len(right):
        turned = {(r, le): w for (le, r), w in weights.items()}
        return {(le, r) for r, le in _exact(right, left, turned)}
    # One column per row more, so that a row may stay alone at no cost.
    cost = [[-weights.get((row, column), 0) for column in right] + [0] * len(left) for row in left]
    assigned = _hungarian(cost)
    pairs = ((left[row], right[column]) for row, column in enumerate(assigned) if column < len(right))
    return {pair for pair in pairs if weights.get(pair, 0) > 0}


def _hungarian(cost: list[list[int]]) -> list[int]:
    """Column of each row in an assignment of least cost (rows <= columns): shortest augmenting paths with potentials.

    Source: Jonker and Volgenant 1987, in the form of https://cp-algorithms.com/graph/hungarian-algorithm.html.
    """
    rows, columns = len(cost), len(cost[0])
    row_potential, column_potential = [0] * (rows + 1), [0] * (columns + 1)
    row_of = [0] * (columns + 1)  # 1-based row at each 1-based column; column 0 is the start of a path
    for row in range(1, rows + 1):
        row_of[0] = row
        column, before = 0, [0] * (columns + 1)
        least: list[int | None] = [None] * (columns + 1)
        used = [False] * (columns + 1)
        while row_of[column]:
            used[column] = True
            column = _step(cost, row_of, row_potential, column_potential, least, before, used, column)
        while column:
            row_of[column] = row_of[before[column]]
            column = before[column]
    result = [0] * rows
    for column in range(1, columns + 1):
        if row_of[column]:
            result[row_of[column] - 1] = column - 1
    return result


def _step(
    cost: list[list[int]],
    row_of: list[int],
    row_potential: list[int],
    column_potential: list[int],
    least: list[int | None],
    before: list[int],
    used: list[bool],
    column: int,
) -> int:
    """One step of Dijkstra's search: relaxes the columns from `column`, shifts potentials, returns the next column."""
    row, delta, nearest = row_of[column], None, 0
    for other in range(1, len(least)):
        if used[other]:
            continue
        reduced = cost[row - 1][other - 1] - row_potential[row] - column_potential[other]
        known = least[other]
        if known is None or reduced < known:
            least[other] = known = reduced
            before[other] = column
        if delta is None or known < delta:
            delta, nearest = known, other
    for other in range(len(least)):
        if used[other]:
            row_potential[row_of[other]] += delta or 0
            column_potential[other] -= delta or 0
        elif (value := least[other]) is not None:
            least[other] = value - (delta or 0)
    return nearest
