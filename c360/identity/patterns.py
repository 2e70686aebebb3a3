"""The lake's weights without labels: expectation and maximisation over counts of how candidates agree.

Pairs that agree in the same levels are one pattern, and there are a few hundred whatever the number of pairs, so the engine
counts and this process learns. What people decided is believed, and so is what a source says itself (`TOLD`): an account id in
Stripe's metadata shows how e-mails and names of one company agree, and so what they are worth where there is no id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from c360.identity.columns import Floats
from c360.identity.evidence import EVIDENCE, FIELDS, TOLD, assumed
from c360.identity.learn import ASSUMED_PAIRS, ASSUMED_SHARE, MOST_ROUNDS, STILL, bounded, change
from c360.identity.model import Model, Shares, probability
from c360.identity.rules import UNKNOWN

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99)
"""Probabilities of which the training report says what to expect of them as the least of a link."""


@dataclass(frozen=True)
class Pattern:
    """Candidates that agree alike.

    Attributes:
        levels: Level of each of `FIELDS`.
        count: How many candidates there are.
        reviewed: Whether they are one by decision of people; None: nobody decided.
    """

    levels: tuple[str, ...]
    count: int
    reviewed: bool | None = None

    @property
    def is_one(self) -> bool | None:
        """Whether they are one, where people or the source tell; None: to be believed by their weight."""
        if self.reviewed is not None:
            return self.reviewed
        told = (TOLD.get(field, {}).get(level) for field, level in zip(FIELDS, self.levels, strict=True))
        return next((is_one for is_one in told if is_one is not None), None)


def learn(patterns: Sequence[Pattern]) -> Model:
    """The model that explains the patterns, held near what is assumed. The order of patterns changes nothing."""
    ordered = sorted(patterns, key=lambda p: (p.levels, str(p.reviewed), p.count))
    codes = _codes(ordered)
    count = np.array([p.count for p in ordered], np.float64)
    known = np.array([np.nan if p.is_one is None else float(p.is_one) for p in ordered])
    model, rounds = assumed(), 0
    for rounds in range(1, MOST_ROUNDS + 1):  # noqa: B007  # told to the caller
        believed = np.where(np.isnan(known), probability(weigh(model, codes)), known)
        before, model = model, _next(codes, count, believed, np.isnan(known))
        if change(before, model) < STILL:
            break
    believed = np.where(np.isnan(known), probability(weigh(model, codes)), known)
    matches = float((believed * count).sum())
    training = {
        "pairs": int(count.sum()),
        "patterns": len(ordered),
        "rounds": rounds,
        "matches": round(matches, 1),
        "thresholds": [_expected(least, believed, count) for least in THRESHOLDS],
    }
    return replace(model, training=training)


def weigh(model: Model, codes: Any) -> Floats:
    """Weight in bits of patterns, given as the position of each field's level (-1: unknown)."""
    tables = [np.append(model.shares[field].bits(), 0.0) for field in FIELDS]
    return model.prior_bits + np.sum([table[codes[:, at]] for at, table in enumerate(tables)], axis=0)


def _codes(patterns: Sequence[Pattern]) -> Any:
    position = [{level.name: at for at, level in enumerate(EVIDENCE[field])} | {UNKNOWN: -1} for field in FIELDS]
    rows = [[position[at][level] for at, level in enumerate(pattern.levels)] for pattern in patterns]
    return np.array(rows, np.int64).reshape(-1, len(FIELDS))


def _next(codes: Any, count: Floats, believed: Floats, is_open: Any) -> Model:
    start = assumed()
    one, other = believed * count, (1 - believed) * count
    prior = (one[is_open].sum() + ASSUMED_PAIRS * start.prior) / (count[is_open].sum() + ASSUMED_PAIRS)
    shares = dict(start.shares)
    for at, field in enumerate(FIELDS):
        if field in TOLD:
            continue
        has, size = codes[:, at] >= 0, len(EVIDENCE[field])
        of_one = np.bincount(codes[has, at], one[has], minlength=size)
        of_other = np.bincount(codes[has, at], other[has], minlength=size)
        trust = ASSUMED_PAIRS + ASSUMED_SHARE * of_one.sum()
        m = (of_one + trust * np.array(start.shares[field].m)) / (of_one.sum() + trust)
        trust = ASSUMED_PAIRS + ASSUMED_SHARE * of_other.sum()
        u = (of_other + trust * np.array(start.shares[field].u)) / (of_other.sum() + trust)
        most = np.array([level.most for level in EVIDENCE[field]])
        shares[field] = Shares(tuple(bounded(m, most).tolist()), tuple((u / u.sum()).tolist()))
    return replace(start, prior=float(prior), shares=shares)


def _expected(least: float, believed: Floats, count: Floats) -> dict[str, float | None]:
    """Precision and recall of taking all candidates of at least a probability, as the model expects them."""
    taken, matches = believed >= least, float((believed * count).sum())
    right, links = float((believed * count)[taken].sum()), float(count[taken].sum())
    return {
        "probability": least,
        "expected_precision": round(right / links, 6) if links else None,
        "expected_recall": round(right / matches, 6) if matches else None,
    }
