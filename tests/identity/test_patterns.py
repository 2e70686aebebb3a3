"""Learning the lake's weights: from pairs drawn by a known model, from what sources and people tell, and laws."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c360.identity.evidence import EVIDENCE, FIELDS, Weights, assumed
from c360.identity.learn import ASSUMED_SHARE
from c360.identity.patterns import Pattern, learn
from c360.identity.rules import UNKNOWN

NOTHING = {**{field: levels[-1].name for field, levels in EVIDENCE.items()}, "id": UNKNOWN, "name": UNKNOWN}


def pattern(count, reviewed=None, **levels):
    return Pattern(tuple({**NOTHING, **levels}[field] for field in FIELDS), count, reviewed)


def drawn(count, prior, shares, seed=360):
    """Patterns of candidates drawn by shares, independent field by field, without ids and merges."""
    generator = np.random.default_rng(seed)
    is_one = generator.random(count) < prior
    columns = {"merge": np.full(count, "none"), "id": np.full(count, UNKNOWN)}
    for field, (m, u) in shares.items():
        names = [level.name for level in EVIDENCE[field]]
        columns[field] = np.where(is_one, generator.choice(names, count, p=m), generator.choice(names, count, p=u))
    found = Counter(zip(*(columns[field].tolist() for field in FIELDS), strict=True))
    return [Pattern(levels, number) for levels, number in found.items()]


SHARES = {
    "email": ((0.5, 0.2, 0.1, 0.1, 0.1), (0.001, 0.004, 0.05, 0.045, 0.9)),
    "domain": ((0.8, 0.2), (0.2, 0.8)),
    "name": ((0.8, 0.1, 0.05, 0.03, 0.02), (0.005, 0.005, 0.03, 0.16, 0.8)),
    "phone": ((0.4, 0.6), (0.05, 0.95)),
    "address": ((0.5, 0.5), (0.2, 0.8)),
}


def held(share, field, side):
    """A share of so many pairs that only a part of what is assumed still counts."""
    given = np.array([getattr(level, side) for level in EVIDENCE[field]])
    return (np.array(share) + ASSUMED_SHARE * given) / (1 + ASSUMED_SHARE)


def test_what_pairs_were_drawn_by_is_learnt():
    learnt = learn(drawn(40_000, 0.4, SHARES))
    assert learnt.training["matches"] == pytest.approx(16_000, rel=0.05)
    for field, (m, u) in SHARES.items():
        assert np.array(learnt.shares[field].m) == pytest.approx(held(m, field, "m"), abs=0.03)
        assert np.array(learnt.shares[field].u) == pytest.approx(held(u, field, "u"), abs=0.03)


def test_ids_the_source_tells_teach_what_a_mailbox_is_worth():
    told = [pattern(300, id="same", email="exact_shared"), pattern(300, id="conflict", email="near")]
    bits = Weights.of(learn(told)).bits["email"]
    before = Weights.of(assumed()).bits["email"]
    assert bits["exact_shared"] > before["exact_shared"]
    assert bits["near"] < before["near"]


def test_decisions_of_people_teach_too():
    pairs = [pattern(500, reviewed=False, name="exact"), pattern(500, reviewed=True, phone="same")]
    bits = Weights.of(learn(pairs)).bits
    assert bits["name"]["exact"] < Weights.of(assumed()).bits["name"]["exact"]
    assert bits["phone"]["same"] > Weights.of(assumed()).bits["phone"]["same"]


def test_without_pairs_what_is_assumed_stands():
    learnt = learn([])
    before, after = Weights.of(assumed()), Weights.of(learnt)
    assert (after.prior, after.bits) == (before.prior, before.bits)
    assert learnt.training["thresholds"][0]["expected_precision"] is None


LEVELS = st.tuples(*(st.sampled_from([UNKNOWN, *(level.name for level in EVIDENCE[field])]) for field in FIELDS))
PATTERNS = st.lists(st.builds(Pattern, LEVELS, st.integers(1, 1000), st.sampled_from([None, None, True, False])), max_size=20)


@settings(max_examples=25, deadline=None)
@given(PATTERNS, st.randoms())
def test_order_changes_nothing_and_a_better_level_never_weighs_less(patterns, random):
    learnt = learn(patterns)
    shuffled = random.sample(patterns, len(patterns))
    assert learn(shuffled).to_json() == learnt.to_json()
    for shares in learnt.shares.values():
        assert sum(shares.m) == pytest.approx(1)
        assert list(shares.bits()) == sorted(shares.bits(), reverse=True)
    expected = [row["expected_recall"] for row in learnt.training["thresholds"] if row["expected_recall"] is not None]
    assert expected == sorted(expected, reverse=True)
