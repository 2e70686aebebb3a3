"""Groups of records: components, one-to-one, and groups that no chain of weak links makes."""

from itertools import product

import networkx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from c360.identity import cluster
from c360.identity.assign import components
from tests.identity_rows import rows

COUNT = 8
EDGES = st.lists(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)).filter(lambda e: e[0] < e[1]), unique=True, max_size=10
)
LINKS = st.dictionaries(
    st.tuples(st.integers(0, 2), st.integers(3, 5)), st.sampled_from([0.5, 1.0, 2.25, 4.0, 9.5]), min_size=1, max_size=8
)


def two(edges):
    return rows(*(e[0] for e in edges)), rows(*(e[1] for e in edges))


def reached(edges, count=COUNT):
    """Record -> all records of its component, by networkx."""
    graph = networkx.Graph(edges)
    graph.add_nodes_from(range(count))
    return {record: component for component in networkx.connected_components(graph) for record in component}


def matchings(edges):
    """All choices of edges that use each record at most once."""
    for taken in product((False, True), repeat=len(edges)):
        chosen = [edge for edge, is_taken in zip(edges, taken, strict=True) if is_taken]
        if len({e[0] for e in chosen}) == len({e[1] for e in chosen}) == len(chosen):
            yield chosen


def grown(edges, weights, between, trust=0.0, count=COUNT):
    left, right = two(edges)
    weight = np.array(weights)
    return cluster.grown(count, left, right, weight, weight > 0, between, trust).tolist()


@given(EDGES)
@settings(max_examples=30, deadline=None)
def test_components_are_those_of_networkx(edges):
    expected = reached(edges)
    assert cluster.connected(COUNT, *two(edges)).tolist() == [min(expected[record]) for record in range(COUNT)]
    linked = {str(record): str(min(expected[record])) for edge in edges for record in edge}
    assert components([(str(a), str(b)) for a, b in edges]) == linked


@given(EDGES)
@settings(max_examples=30, deadline=None)
def test_all_pairs_of_components_of_more_than_two(edges):
    left, right = cluster.within(COUNT, *two(edges))
    groups = {frozenset(component) for component in reached(edges).values()}
    expected = {(a, b) for group in groups if len(group) > 2 for a in group for b in group if a < b}
    assert sorted(zip(left.tolist(), right.tolist(), strict=True)) == sorted(expected)


@given(LINKS)
@settings(max_examples=30, deadline=None)
def test_one_to_one_is_the_best_of_all_choices(links):
    edges = sorted(links)
    chosen = cluster.one_to_one(*two(edges), np.array([links[e] for e in edges]))
    kept = [edge for edge, is_kept in zip(edges, chosen, strict=True) if is_kept]
    assert kept in list(matchings(edges))
    assert sum(links[e] for e in kept) == max(sum(links[e] for e in choice) for choice in matchings(edges))


@given(LINKS, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_of_two_files_one_of_each_is_one_to_one_in_any_order(links, chance):
    edges = sorted(links)
    weight = np.array([links[e] for e in edges])
    side = rows(0, 0, 0, 1, 1, 1)
    expected = cluster.one_to_one(*two(edges), weight)
    assert cluster.one_of_each(*two(edges), weight, side).tolist() == expected.tolist()
    order = chance.sample(range(len(edges)), len(edges))
    left, right = two(edges)
    shuffled = cluster.one_of_each(left[order], right[order], weight[order], side)
    assert shuffled.tolist() == expected[order].tolist()


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda e: e[0] // 2 < e[1] // 2),
        st.sampled_from([0.5, 1.0, 2.25, 4.0]),
        min_size=1,
    )
)
@settings(max_examples=30, deadline=None)
def test_of_three_files_no_group_has_two_records_of_one(links):
    edges = sorted(links)
    side = rows(0, 0, 1, 1, 2, 2)
    chosen = cluster.one_of_each(*two(edges), np.array([links[e] for e in edges]), side)
    kept = [edge for edge, is_kept in zip(edges, chosen, strict=True) if is_kept]
    for record in range(6):
        files = [int(side[other]) for other in reached(kept)[record]]
        assert len(set(files)) == len(files)


def test_a_record_of_a_middle_file_has_a_counterpart_in_both_others():
    edges = [(0, 1), (0, 2), (1, 2)]
    assert cluster.one_of_each(*two(edges), np.array([5.0, 5.0, 5.0]), rows(0, 1, 2)).tolist() == [True, True, True]


def test_the_weakest_link_that_would_bring_two_records_of_a_file_together_goes():
    edges = [(0, 2), (2, 4), (1, 4)]  # files: 0 and 1, 2, 4
    assert cluster.one_of_each(*two(edges), np.array([9.0, 5.0, 2.0]), rows(0, 0, 1, 1, 2)).tolist() == [True, True, False]


def test_a_chain_of_weak_links_is_not_one_group():
    edges, far = [(0, 1), (1, 2), (2, 3)], {(0, 2): -9.0, (1, 3): -9.0, (0, 3): -9.0}
    weights = [3.0, 2.0, 3.0]
    assert grown(edges, weights, {**dict(zip(edges, weights, strict=True)), **far}, count=4) == [0, 0, 2, 2]


def test_a_group_all_of_whose_records_agree_grows():
    edges, weights = [(0, 1), (1, 2)], [3.0, 2.0]
    assert grown(edges, weights, {(0, 1): 3.0, (1, 2): 2.0, (0, 2): 0.5}, count=3) == [0, 0, 0]


def test_a_strong_link_makes_up_for_records_that_differ_as_far_as_it_is_trusted():
    edges, between = [(0, 1), (1, 2)], {(0, 1): 30.0, (1, 2): 20.0, (0, 2): -24.0}
    assert grown(edges, [30.0, 20.0], between, count=3) == [0, 0, 2]
    assert grown(edges, [30.0, 20.0], between, trust=0.4, count=3) == [0, 0, 0]


def test_pairs_of_too_large_a_component_speak_against(monkeypatch):
    monkeypatch.setattr(cluster, "LARGEST", 2)
    left, right = cluster.within(3, rows(0, 1), rows(1, 2))
    assert len(left) == len(right) == 0
    assert grown([(0, 1), (1, 2)], [3.0, 2.0], {}, count=3) == [0, 0, 2]


@given(EDGES, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_links_changes_no_group(edges, chance):
    weights = {edge: 1.0 + sum(edge) % 3 for edge in edges}
    between = {(a, b): weights.get((a, b), -1.0) for a in range(COUNT) for b in range(a + 1, COUNT)}
    shuffled = chance.sample(edges, len(edges))
    one, other = (grown(order, [weights[e] for e in order], between, trust=0.4) for order in (edges, shuffled))
    assert one == other


def test_nothing_linked_leaves_everybody_alone():
    nothing = rows()
    assert cluster.connected(3, nothing, nothing).tolist() == [0, 1, 2]
    assert cluster.one_of_each(nothing, nothing, np.empty(0), rows(0, 1)).tolist() == []
    assert grown([], [], {}, count=2) == [0, 1]


def test_a_group_of_more_records_than_are_compared_all_with_all_stays_one():
    count = cluster.LARGEST + 1
    left, right = (side.astype(np.int64) for side in np.triu_indices(count, 1))
    weight, is_link = np.full(len(left), 20.0), np.ones(len(left), np.bool_)
    assert cluster.in_large(count, left, right, is_link).all()
    between = dict(zip(zip(left.tolist(), right.tolist(), strict=True), weight.tolist(), strict=True))
    assert set(cluster.grown(count, left, right, weight, is_link, between)) == {0}
