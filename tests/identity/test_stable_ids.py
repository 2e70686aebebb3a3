"""Ids stay: alone, merged, split, and whatever the order."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from c360.identity.stable_ids import Merge, Published, assign_ids, founding_id, redirects

MEMBERS = [f"stripe|s|{i}" for i in range(7)]
CREATED = {m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=i) for i, m in enumerate(MEMBERS)}
A, B, C = MEMBERS[:3]
D1, D2 = date(2026, 1, 1), date(2026, 1, 2)


def published(ids, day=D1):
    return {member: Published(customer_id, day) for member, customer_id in ids.items()}


def test_a_new_cluster_is_named_after_its_oldest_record():
    assert assign_ids([{B, A}], CREATED, {}) == {A: founding_id(A), B: founding_id(A)}


def test_a_record_without_a_creation_instant_is_the_youngest():
    assert assign_ids([{B, A}], {A: None, B: CREATED[B]}, {})[A] == founding_id(B)


def test_an_older_record_that_joins_later_takes_the_published_id():
    first = assign_ids([{B}], CREATED, {})
    assert assign_ids([{A, B}], CREATED, published(first)) == {A: founding_id(B), B: founding_id(B)}


def test_on_a_merge_the_older_id_survives():
    before = {A: Published("young", D2), B: Published("old", D1)}
    assert assign_ids([{A, B}], CREATED, before) == {A: "old", B: "old"}


def test_on_a_split_the_part_with_the_oldest_record_keeps_the_id():
    first = assign_ids([{A, B, C}], CREATED, {})
    second = assign_ids([{A}, {B, C}], CREATED, published(first))
    assert second == {A: first[A], B: founding_id(B), C: founding_id(B)}


def test_merge_then_split_gives_no_two_clusters_one_id():
    first = assign_ids([{A}, {B}], CREATED, {})
    joined = assign_ids([{A, B}], CREATED, published(first))
    again = assign_ids([{A}, {B}], CREATED, published(joined))
    assert again == first


def test_a_founders_id_held_by_another_cluster_is_not_given_twice():
    before = {B: Published(founding_id(A), D1)}  # A founded, then left
    ids = assign_ids([{A}, {B}], CREATED, before)
    assert ids[B] == founding_id(A)
    assert ids[A] not in {founding_id(A), None}


PARTITIONS = st.lists(st.integers(0, 3), min_size=len(MEMBERS), max_size=len(MEMBERS)).map(
    lambda labels: [{m for m, label in zip(MEMBERS, labels, strict=True) if label == n} for n in sorted(set(labels))]
)


@given(PARTITIONS, PARTITIONS, st.integers(0, 9))
def test_laws(first, second, seed):
    ids = published(assign_ids(first, CREATED, {}))
    after = assign_ids(second, CREATED, ids)
    shuffled = [set(Random(seed).sample(sorted(c), len(c))) for c in second]
    Random(seed).shuffle(shuffled)
    assert assign_ids(shuffled, CREATED, ids) == after
    assert len({after[m] for m in MEMBERS}) == len(second)
    for cluster in second:
        assert len({after[m] for m in cluster}) == 1
        if cluster in first:
            assert all(after[m] == ids[m].customer_id for m in cluster)
    assert assign_ids(second, CREATED, published(after, D2)) == after


def merge(day, old, new, count=1):
    return Merge(date(2026, 1, day), old, new, count)


def test_an_id_that_is_gone_leads_to_todays_over_any_number_of_merges():
    merges = [merge(2, "b", "c"), merge(1, "a", "b"), merge(3, "c", "d")]
    assert redirects(merges, {"d"}) == {"a": "d", "b": "d", "c": "d"}
    assert redirects(merges, {"b", "d"}) == {"a": "b", "c": "d"}


def test_most_records_decide_where_an_id_leads_and_ties_go_by_id():
    assert redirects([merge(1, "a", "z", 1), merge(1, "a", "y", 3), merge(1, "a", "x", 2)], {"x", "y", "z"}) == {"a": "y"}
    assert redirects([merge(1, "a", "y", 2), merge(1, "a", "x", 2)], {"x", "y"}) == {"a": "x"}


def test_an_id_that_came_back_and_went_again_follows_its_last_merge():
    assert redirects([merge(1, "a", "b"), merge(2, "b", "a"), merge(3, "a", "c")], {"c"}) == {"a": "c", "b": "c"}
    assert redirects([merge(1, "a", "b"), merge(2, "b", "a")], {"a"}) == {"b": "a"}
    assert redirects([merge(1, "a", "b"), merge(2, "b", "a")], set()) == {}


@given(st.lists(st.builds(merge, st.integers(1, 9), st.sampled_from("abcdef"), st.sampled_from("abcdef"), st.integers(1, 3))),
       st.sets(st.sampled_from("abcdef")), st.randoms())  # fmt: skip
def test_redirects_lead_from_what_is_gone_to_what_lives_in_any_order(merges, living, random):
    found = redirects(merges, living)
    assert set(found.values()) <= living
    assert living.isdisjoint(found)
    assert redirects(random.sample(merges, len(merges)), living) == found
