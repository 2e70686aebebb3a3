"""One-to-one assignment equals the best of all assignments, and depends on its component alone."""

from itertools import permutations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from c360.identity import matching

WEIGHTS = st.dictionaries(
    st.tuples(st.sampled_from([f"a{i}" for i in range(5)]), st.sampled_from([f"b{i}" for i in range(4)])),
    st.sampled_from([1.0, 2.25, 3.5, 8.0, 9.0]),
    max_size=14,
)


def best_by_hand(edges):
    left, right = sorted({e[0] for e in edges}), sorted({e[1] for e in edges})
    right += [""] * len(left)
    orders = set(permutations(right, len(left)))
    return max((sum(edges.get(pair, 0) for pair in zip(left, order, strict=True)) for order in orders), default=0)


@given(WEIGHTS)
def test_total_weight_is_the_best_there_is(edges):
    chosen = matching.best_matching(edges)
    assert sum(edges[e] for e in chosen) == best_by_hand(edges)
    assert len({e[0] for e in chosen}) == len({e[1] for e in chosen}) == len(chosen)


@given(WEIGHTS, st.integers(0, 9))
def test_order_and_unrelated_edges_change_nothing(edges, seed):
    shuffled = list(edges.items())
    Random(seed).shuffle(shuffled)
    more = dict(shuffled) | {("x1", "y1"): 4.0, ("x1", "y2"): 5.0}
    assert matching.best_matching(more) == matching.best_matching(edges) | {("x1", "y2")}


def test_the_heaviest_edge_is_not_always_taken():
    edges = {("a", "x"): 10.0, ("a", "y"): 9.0, ("b", "x"): 9.0}
    assert matching.best_matching(edges) == {("a", "y"), ("b", "x")}


def test_a_component_too_large_for_the_exact_method(monkeypatch):
    monkeypatch.setattr(matching, "LARGEST_EXACT", 1)
    edges = {("a", "x"): 10.0, ("a", "y"): 9.0, ("b", "x"): 9.0}
    assert matching.best_matching(edges) == {("a", "x")}


def test_no_edges():
    assert matching.best_matching({}) == set()
