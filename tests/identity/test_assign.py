"""Grouping and one-to-one assignment: reviews, ids and guards, and the laws of order and locality."""

from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from c360.identity.assign import Pair, Reviews, components, decide
from c360.identity.contradictions import contradictions

A, B, M = "salesforce|o|A", "salesforce|o|B", "salesforce|o|M"
X, Y, Z = "stripe|s|X", "stripe|s|Y", "stripe|s|Z"
NONE = Reviews()


def accepted(pairs, reviews=NONE, company=None):
    return {pair for pair, reason in decide(pairs, reviews, company or {}).items() if reason is None}


def test_best_total_weight_wins_between_the_systems():
    pairs = [Pair(A, X, 10, "domain_name"), Pair(A, Y, 9, "domain_name"), Pair(B, X, 9, "domain_name")]
    decided = decide(pairs, NONE, {})
    assert decided == {(A, X): "assigned_elsewhere", (A, Y): None, (B, X): None}


def test_duplicates_are_grouped_before_assignment():
    pairs = [Pair(A, X, 16, "metadata_id"), Pair(X, Y, 12, "email")]
    assert accepted(pairs) == {(A, X), (X, Y)}


def test_two_customers_tied_to_one_account_alone_are_duplicates():
    pairs = [Pair(A, X, 16, "metadata_id"), Pair(A, Y, 12, "email")]
    assert accepted(pairs) == {(A, X), (A, Y)}


def test_customers_that_name_different_accounts_are_not_grouped():
    pairs = [Pair(X, Y, 12, "email")]
    assert decide(pairs, NONE, {X: A, Y: B}) == {(X, Y): "conflicting_metadata_id"}


def test_a_customer_that_names_one_account_is_not_assigned_to_another():
    assert decide([Pair(B, X, 12, "email")], NONE, {X: A}) == {(B, X): "conflicting_metadata_id"}


def test_a_customer_that_names_the_loser_of_a_merge_belongs_to_the_survivor():
    pairs = [Pair(A, M, 20, "merged"), Pair(A, X, 16, "metadata_id"), Pair(M, Y, 16, "metadata_id")]
    assert accepted(pairs, company={X: A, Y: M}) == {(A, M), (A, X), (M, Y)}


def test_reviews_win_over_evidence_ids_and_merges():
    pairs = [Pair(A, M, 20, "merged"), Pair(A, X, 16, "metadata_id")]
    reviews = Reviews(must_link=frozenset({(B, X)}), cannot_link=frozenset({(A, M)}))
    assert decide(pairs, reviews, {X: A}) == {(A, M): "cannot_link", (A, X): "assigned_elsewhere", (B, X): None}


def test_what_people_keep_apart_no_chain_unites():
    pairs = [Pair(X, Y, 12, "email"), Pair(Y, Z, 10, "email")]
    assert decide(pairs, Reviews(cannot_link=frozenset({(X, Z)})), {}) == {
        (X, Y): None,
        (Y, Z): "cannot_link",
        (X, Z): "cannot_link",
    }


def test_a_record_people_add_to_a_company_does_not_turn_out_those_it_has():
    pairs = [Pair(A, X, 16, "metadata_id"), Pair(A, Y, 12, "email"), Pair(B, Y, 4, "name_phone")]
    reviews = Reviews(must_link=frozenset({(A, Z)}))
    assert decide(pairs, reviews, {X: A}) == {(A, X): None, (A, Y): None, (B, Y): "conflicting_metadata_id", (A, Z): None}
    moved = Reviews(must_link=frozenset({(A, Z)}), cannot_link=frozenset({(A, X)}))
    assert decide(pairs[:1], moved, {}) == {(A, X): "cannot_link", (A, Z): None}


def test_what_is_kept_from_one_record_does_not_take_its_strongest_partner_along():
    pairs = [Pair(A, X, 27, "metadata_id"), Pair(A, Y, 19, "email_name"), Pair(X, Y, 11, "name_address")]
    assert decide(pairs, NONE, {}) == {(A, X): None, (A, Y): None, (X, Y): None}
    apart = Reviews(cannot_link=frozenset({(A, Y)}))
    assert decide(pairs, apart, {}) == {(A, X): None, (A, Y): "cannot_link", (X, Y): "cannot_link"}
    weaker = [Pair(A, X, 5, "domain_name"), Pair(X, Y, 11, "name_address")]
    assert decide(weaker, apart, {}) == {(A, X): "cannot_link", (A, Y): "cannot_link", (X, Y): None}


def test_a_merge_of_salesforce_is_not_torn_apart_by_a_stronger_pair():
    pairs = [Pair(A, M, 20, "merged"), Pair(M, X, 28, "metadata_id")]
    apart = Reviews(cannot_link=frozenset({(A, X)}))
    assert decide(pairs, apart, {}) == {(A, M): None, (M, X): "cannot_link", (A, X): "cannot_link"}


def test_components_are_named_by_their_least_member():
    assert components([(Y, Z), (X, Y), (A, B)]) == {X: X, Y: X, Z: X, A: A, B: A}


MEMBERS = [f"salesforce|o|{i}" for i in range(4)] + [f"stripe|s|{i}" for i in range(4)]
PAIRS = st.dictionaries(
    st.tuples(st.sampled_from(MEMBERS), st.sampled_from(MEMBERS)).filter(lambda p: p[0] < p[1]),
    st.sampled_from([(16.0, "metadata_id"), (12.0, "email"), (7.0, "domain_name")]),
    max_size=12,
)
REVIEWS = st.lists(st.tuples(st.sampled_from(MEMBERS), st.sampled_from(MEMBERS)).filter(lambda p: p[0] < p[1]), max_size=3)


@given(PAIRS, REVIEWS, st.integers(0, 9))
def test_order_and_unrelated_records_change_nothing(evidence, apart, seed):
    pairs = [Pair(*ends, *found) for ends, found in evidence.items()]
    reviews = Reviews(cannot_link=frozenset(apart))
    unrelated = [Pair("salesforce|o|a", "stripe|s|a", 9.0, "email"), Pair("stripe|s|a", "stripe|s|b", 8.0, "email")]
    shuffled = pairs + unrelated
    Random(seed).shuffle(shuffled)
    decided = decide(pairs, reviews, {})
    assert {p: r for p, r in decide(shuffled, reviews, {}).items() if p in decided} == decided


@given(PAIRS, REVIEWS)
def test_no_cluster_holds_what_people_keep_apart(evidence, apart):
    pairs = [Pair(*ends, *found) for ends, found in evidence.items()]
    reviews = Reviews(cannot_link=frozenset(apart))
    found = components(accepted(pairs, reviews))
    assert all(found.get(left, left) != found.get(right, right) for left, right in apart)


COMPANIES = st.dictionaries(st.sampled_from(MEMBERS[4:]), st.sampled_from(MEMBERS[:4]), max_size=3)


def clusters(evidence, reviews, company):
    """Member -> name of its cluster, a member alone included."""
    found = components(accepted([Pair(*ends, *what) for ends, what in evidence.items()], reviews, company))
    return {member: found.get(member, member) for member in MEMBERS}


@settings(max_examples=50, deadline=None)
@given(PAIRS, PAIRS, COMPANIES, REVIEWS, REVIEWS)
def test_decisions_of_people_hold_whatever_the_evidence_and_the_model(evidence, other_evidence, company, together, apart):
    reviews = Reviews(frozenset(together), frozenset(apart))
    assume(not contradictions(reviews))
    for scored in (evidence, other_evidence, {}):
        found = clusters(scored, reviews, company)
        assert all(found[left] == found[right] for left, right in together)
        assert all(found[left] != found[right] for left, right in apart)


@settings(max_examples=50, deadline=None)
@given(PAIRS, COMPANIES, REVIEWS, REVIEWS)
def test_of_decisions_that_contradict_each_other_apart_wins_and_the_rest_holds(evidence, company, together, apart):
    reviews = Reviews(frozenset(together), frozenset(apart))
    found = clusters(evidence, reviews, company)
    assert all(found[left] != found[right] for left, right in apart)
    linked = components(together)
    denied = {linked[left] for left, right in apart if linked.get(left, left) == linked.get(right, right)}
    assert all(found[left] == found[right] for left, right in together if linked[left] not in denied)
