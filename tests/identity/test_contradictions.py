"""Decisions that cannot all hold are found with the chain that denies them."""

from hypothesis import given
from hypothesis import strategies as st

from c360.identity.assign import Reviews, components
from c360.identity.contradictions import Contradiction, contradictions

A, B, C, D = "salesforce|o|A", "salesforce|o|B", "stripe|s|C", "stripe|s|D"


def reviews(must=(), cannot=()):
    return Reviews(frozenset(must), frozenset(cannot))


def test_a_chain_that_a_cannot_link_forbids_is_shown_whole():
    found = contradictions(reviews(must=[(A, C), (B, C), (B, D)], cannot=[(A, D)]))
    assert found == [Contradiction((A, D), (A, C, B, D))]
    assert found[0].pairs == ((A, D), (A, C), (B, C), (B, D))


def test_the_shortest_chain_is_shown():
    found = contradictions(reviews(must=[(A, B), (B, C), (C, D), (A, C)], cannot=[(A, D)]))
    assert found[0].chain == (A, C, D)


def test_what_can_hold_together_is_no_contradiction():
    assert contradictions(reviews(must=[(A, C), (B, D)], cannot=[(A, B), (C, D), (A, D)])) == []


MEMBERS = [f"salesforce|o|{i}" for i in range(3)] + [f"stripe|s|{i}" for i in range(3)]
PAIRS = st.frozensets(st.tuples(st.sampled_from(MEMBERS), st.sampled_from(MEMBERS)).filter(lambda p: p[0] < p[1]), max_size=6)


@given(PAIRS, PAIRS)
def test_found_are_exactly_the_cannot_links_inside_a_component_of_must_links(must, cannot):
    found = contradictions(Reviews(must, cannot))
    linked = components(must)
    assert [c.apart for c in found] == sorted(p for p in cannot if linked.get(p[0], p[0]) == linked.get(p[1], p[1]))
    assert all((c.chain[0], c.chain[-1]) == c.apart and set(c.pairs[1:]) <= must for c in found)
