"""Weights without labels: pairs made with known shares give these shares back."""

from dataclasses import replace

import numpy as np
import pytest

from c360.identity.columns import Column
from c360.identity.learn import ASSUMED_DRAWN, ASSUMED_PAIRS, ASSUMED_SHARE, learn, random_pairs
from c360.identity.model import Levels, Model, Scorer
from tests.identity_rows import rows

PAIRS, ONES, TOTAL, DRAWN = 8000, 2000, 1_000_000, 100_000
TRUE = {  # comparison -> share by level of pairs that are one
    "first_name": (0.6, 0.15, 0.0, 0.1, 0.05, 0.1),
    "last_name": (0.8, 0.1, 0.0, 0.05, 0.0, 0.05),
    "birth_date": (0.7, 0.15, 0.05, 0.05, 0.05),
    "email": (0.5, 0.1, 0.1, 0.0, 0.3),
}
CHANCE = {
    "first_name": (0.02, 0.01, 0.0, 0.02, 0.02, 0.93),
    "last_name": (0.01, 0.01, 0.0, 0.02, 0.0, 0.96),
    "birth_date": (0.001, 0.009, 0.01, 0.02, 0.96),
    "email": (0.0005, 0.0005, 0.0005, 0.0085, 0.99),
}


def drawn(chance, shares, count):
    return np.stack([chance.choice(len(share), count, p=share) for share in shares.values()], axis=1).astype(np.int8)


def without_rarity(found):
    return Levels(found, np.zeros(found.shape, np.float32))


def scorer(*fields):
    some = Column(np.array(["a", "b"], object), rows(0, 1))
    return Scorer(Model.assumed("person", 1e-4), dict.fromkeys(fields, some), own_counts=True)


@pytest.fixture(scope="module")
def made():
    """Levels of candidates, the first `ONES` of which are one, and of pairs drawn at random."""
    chance = np.random.default_rng(1)
    found = np.concatenate([drawn(chance, TRUE, ONES), drawn(chance, CHANCE, PAIRS - ONES)])
    among_all = round(DRAWN * ONES / TOTAL)  # pairs drawn at random hold those that are one, too
    return found, np.concatenate([drawn(chance, CHANCE, DRAWN - among_all), drawn(chance, TRUE, among_all)])


def held(share, start, count, least, part):
    """A share of `count` pairs, of which assumptions count for `least` and a part more."""
    trust = least + part * count
    return (np.array(share) * count + trust * np.array(start)) / (count + trust)


def learnt(made, order=slice(None), share=1.0):
    left, right = np.arange(PAIRS)[order] * 2, np.arange(PAIRS)[order] * 2 + 1
    found = scorer(*TRUE)
    return learn(found, without_rarity(made[0][order]), left, right, without_rarity(made[1]), TOTAL, share)


@pytest.fixture(scope="module")
def known(made):
    return learnt(made)


def test_the_shares_pairs_were_made_with_are_found(known):
    start = Model.assumed("person", 1e-4).shares
    assert known.matches == pytest.approx(ONES, rel=0.1)
    assert known.model.prior == pytest.approx(ONES / TOTAL, rel=0.1)
    for name, share in TRUE.items():
        expected = held(share, start[name].m, ONES, ASSUMED_PAIRS, ASSUMED_SHARE)
        # The few that are missed agree in little, so agreement seems a little more frequent.
        assert list(known.model.shares[name].m) == pytest.approx(expected, abs=0.03), name
    for name, share in CHANCE.items():
        expected = held(share, start[name].u, DRAWN, 1, ASSUMED_DRAWN)
        assert list(known.model.shares[name].u) == pytest.approx(expected, abs=0.003), name


def test_shares_of_each_field_add_up_to_one(known):
    for shares in (known.model.shares[name] for name in TRUE):
        assert sum(shares.m) == pytest.approx(1)
        assert sum(shares.u) == pytest.approx(1)


def test_the_order_of_pairs_changes_nothing(made, known):
    other = learnt(made, np.random.default_rng(2).permutation(PAIRS))
    assert other.matches == pytest.approx(known.matches, rel=1e-9)
    for name in TRUE:
        assert other.model.shares[name].m == pytest.approx(known.model.shares[name].m, abs=1e-9)


def test_of_every_second_pair_as_many_are_expected_as_of_all(made, known):
    half = learnt(made, slice(None, None, 2), share=0.5)
    assert half.matches == pytest.approx(known.matches, rel=0.05)


def test_a_household_takes_pairs_of_one_address_with_other_names(made):
    """Half of the candidates live together: same last name and street, other first name and day of birth."""
    fields = ("first_name", "last_name", "birth_date", "street")
    found = scorer(*fields)
    names = [[level.name for level in c.levels] for c in found.comparisons]
    one = [0, 0, 0, 0]
    family = [names[0].index("different"), 0, names[2].index("different"), 0]
    others = [len(n) - 1 for n in names]
    pairs = np.array([one] * 500 + [family] * 1000 + [others] * 500, np.int8)
    left = np.arange(len(pairs)) * 2
    result = learn(found, without_rarity(pairs), left, left + 1, without_rarity(np.array([others] * 50_000, np.int8)), TOTAL)
    assert result.matches == pytest.approx(500, rel=0.02)
    assert result.model.related["household"] * TOTAL == pytest.approx(1000, rel=0.02)
    contributions, weight = found.total(without_rarity(np.array([one, family], np.int8)), result.model)
    assert weight[0] > 5
    assert weight[1] < -5
    assert contributions[1, -1] < -5


def test_one_field_alone_teaches_nothing():
    found = scorer("email")
    nothing = without_rarity(np.zeros((4, 1), np.int8))
    result = learn(found, nothing, rows(0, 2, 4, 6), rows(1, 3, 5, 7), nothing, TOTAL)
    assert (result.model, result.rounds, result.matches) == (found.model, 0, pytest.approx(100))


def test_without_candidates_the_assumptions_stay():
    found = scorer("first_name", "birth_date")
    nothing, none = without_rarity(np.empty((0, 2), np.int8)), rows()
    result = learn(found, nothing, none, none, nothing, TOTAL)
    assert result.matches == 0
    assert 0 < result.model.prior <= 1 / TOTAL
    assert result.model.shares["birth_date"].m == pytest.approx(found.model.shares["birth_date"].m)


def test_a_record_like_many_others_teaches_by_its_best_pair_only():
    """Namesakes: each record has one counterpart that agrees in all, and many that share its name only."""
    found = scorer("first_name", "last_name", "birth_date")
    last = [len(c.levels) - 1 for c in found.comparisons]
    best = [(2 * i, 2 * i + 1, [0, 0, 0]) for i in range(100)]
    namesakes = [(2 * i, 2 * j + 1, [0, 0, last[2]]) for i in range(100) for j in range(i + 1, min(i + 4, 100))]
    left, right, pairs = zip(*best, *namesakes, strict=True)
    result = learn(
        found,
        without_rarity(np.array(pairs, np.int8)),
        rows(*left),
        rows(*right),
        without_rarity(np.array([last] * 50_000, np.int8)),
        TOTAL,
    )
    assert result.model.shares["birth_date"].m[0] > 0.9
    assert replace(result.model, prior=0.5).shares["birth_date"].bits()[-1] < -3


@pytest.mark.parametrize("within", [True, False])
def test_pairs_at_random_are_pairs_that_may_be_compared_and_always_the_same(within):
    side = np.repeat([0, 1], [30, 70]).astype(np.int64)
    left, right = random_pairs(side, within=within)
    assert (left < right).all()
    assert len(left) > 100_000
    assert within or (side[left] != side[right]).all()
    assert all((one == two).all() for one, two in zip(random_pairs(side, within=within), (left, right), strict=True))


def test_one_record_has_no_pairs():
    assert len(random_pairs(rows(0), within=True)[0]) == 0
