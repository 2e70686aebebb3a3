"""Weights without labels: expectation and maximisation over candidate pairs, from what the rules assume.

What pairs that are not one agree in is counted on pairs drawn at random; what pairs that are one agree in, and how many there
are, comes of the candidates: each counts by the probability it has so far, and the shares follow, until they stay.
Winkler, "Using the EM Algorithm for Weight Computation in the Fellegi-Sunter Model of Record Linkage" (2000).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from c360.identity.columns import Codes, Floats
from c360.identity.model import Levels, Model, Scorer, Shares

MOST_ROUNDS = 50
STILL = 1e-4
"""Shares that change less than this have been found."""
ASSUMED_PAIRS = 20.0
"""As many pairs the rules' assumptions count for."""
ASSUMED_SHARE = 0.25
"""… and this share of those that seem to be one."""
RANDOM_PAIRS = 200_000
"""Pairs drawn at random."""
ASSUMED_DRAWN = 0.05
"""As many of them the rules' assumptions count for: what was never drawn is not impossible."""
LEARNT_PAIRS = 2_000_000
"""Most candidate pairs that are learnt from; of more, every n-th."""


@dataclass(frozen=True)
class Learnt:
    """A model and what learning it showed.

    Attributes:
        model: The model.
        rounds: Rounds until the shares stayed.
        matches: Expected number of pairs that are one.
    """

    model: Model
    rounds: int
    matches: float


def learn(scorer: Scorer, levels: Levels, left: Codes, right: Codes, drawn: Levels, total: float, share: float = 1.0) -> Learnt:
    """The model that explains the candidates, held near what the rules assume.

    Args:
        scorer: The assumed model over the columns.
        levels: Of the candidates.
        left: Row of each candidate's left record, `right` of its right one.
        right: See `left`.
        drawn: Levels of pairs drawn at random.
        total: Number of all pairs there are.
        share: Share of all candidates that these are.
    """
    model = scorer.model
    if scorer.is_alone:
        return Learnt(model, 0, model.prior * total)
    rounds = 0
    matches = model.prior * total
    for rounds in range(1, MOST_ROUNDS + 1):  # noqa: B007  # told to the caller
        believed, relations = _believed(scorer, levels, model)
        matches = float(believed.sum()) / share
        weight = np.where(_is_best(believed, left, right), believed, 0.0)
        before, model = model, _next(scorer, model, levels, weight, matches / total, drawn)
        pairs = relations.sum(axis=0) / share
        model = replace(model, related={n: _share(count, total) for n, count in zip(model.related, pairs.tolist(), strict=True)})
        if change(before, model) < STILL:
            break
    return Learnt(model, rounds, matches)


def random_pairs(sides: Codes, *, within: bool, seed: int = 360) -> tuple[Codes, Codes]:
    """Rows of pairs drawn at random, as far as they may be compared."""
    generator = np.random.default_rng(seed)
    one, two = generator.integers(0, len(sides), (2, RANDOM_PAIRS * (1 if within else 2)))
    left, right = np.minimum(one, two), np.maximum(one, two)
    usable = (left != right) if within else (sides[left] != sides[right])
    return left[usable], right[usable]


def _believed(scorer: Scorer, levels: Levels, model: Model) -> tuple[Floats, Floats]:
    """Probability that each pair is one, and of each relation."""
    contributions = scorer.weights(levels, model)
    odds = np.exp2(np.clip(contributions.sum(axis=1) + model.prior_bits, -500, 500))
    related = np.exp2(np.clip(scorer.related(contributions, model), -500, 500))
    whole = 1 + odds + related.sum(axis=1)
    return odds / whole, related / whole[:, None]


def _next(scorer: Scorer, model: Model, levels: Levels, weight: Floats, share: float, drawn: Levels) -> Model:
    prior = min(max(share, 1e-12), 0.5)
    is_none = 1 - _believed(scorer, drawn, model)[0]
    assumed = Model.assumed(model.entity, prior, model.texts, model.exacts)
    shares = {}
    for position, comparison in enumerate(scorer.comparisons):
        of_level = _counts(levels, position, len(comparison.levels), weight)
        start = np.array(assumed.shares[comparison.name].m)
        trust = ASSUMED_PAIRS + ASSUMED_SHARE * of_level.sum()
        m = bounded((of_level + trust * start) / (of_level.sum() + trust), np.array([level.most for level in comparison.levels]))
        shares[comparison.name] = Shares(
            tuple(m), tuple(_not_one(_counts(drawn, position, len(m), is_none), np.array(assumed.shares[comparison.name].u)))
        )
    return replace(model, prior=prior, shares={**model.shares, **shares})


def _share(pairs: float, total: float) -> float:
    """Share of all pairs, neither none nor most."""
    return min(max(pairs / total, 1e-3 / total), 0.5)


def bounded(m: Floats, most: Floats) -> Floats:
    """Levels keep to what they may be at most; the best level gets the rest."""
    bounded = np.minimum(m, most)
    bounded[0] += 1 - bounded.sum()
    return bounded


def _not_one(counts: Floats, assumed: Floats) -> Floats:
    """Levels of pairs that are not one: of those drawn at random, each as far as it is not believed to be one."""
    trust = 1 + ASSUMED_DRAWN * counts.sum()
    u = (counts + trust * assumed) / (counts.sum() + trust)
    return u / u.sum()


def _counts(levels: Levels, position: int, count: int, weight: Floats | None = None) -> Floats:
    found = levels.found[:, position]
    has = found >= 0
    return np.bincount(found[has], None if weight is None else weight[has], minlength=count).astype(np.float64)


def _is_best(believed: Floats, left: Codes, right: Codes) -> Any:
    """Pairs that are the best of one of their records: relatives and namesakes, who have better ones, teach nothing wrong."""
    size = int(max(left.max(initial=0), right.max(initial=0))) + 1
    best = np.zeros(size)
    np.maximum.at(best, left, believed)
    np.maximum.at(best, right, believed)
    return (believed >= best[left]) | (believed >= best[right])


def change(before: Model, after: Model) -> float:
    """How much the shares differ."""
    changes = [np.abs(np.subtract(after.shares[name].m, shares.m)).max() for name, shares in before.shares.items()]
    return float(max([abs(np.log2(after.prior / before.prior)) / 100, *changes]))
