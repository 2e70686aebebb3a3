"""Pairs with their weights, and the groups they make; copies of one record are compared once and come back here."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from c360.identity.columns import Codes, Floats
from c360.identity.model import Scorer, probability
from c360.resolving.blocks import Candidates
from c360.resolving.given import Given

KEPT = 0.01
"""Least probability of a pair that is kept."""
MOST_COPIES = 100
"""Of so many copies of a record all pairs are written; of more, those of the first ones."""

_BATCH = 500_000
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Scored:
    """Pairs of at least `KEPT`.

    Attributes:
        left: Record of a pair, `right` the other.
        right: See `left`.
        rule: Position of the rule that gave it.
        rule_count: How many rules did.
        contributions: Pairs × comparisons, bits.
        weight: Their sum and the prior's bits.
    """

    left: Codes
    right: Codes
    rule: Codes
    rule_count: Codes
    contributions: Floats
    weight: Floats

    @property
    def probability(self) -> Floats:
        """That the pair is one."""
        return probability(self.weight)

    def take(self, rows: Codes | Flags) -> "Scored":
        """Some of the pairs."""
        return Scored(
            self.left[rows], self.right[rows], self.rule[rows], self.rule_count[rows], self.contributions[rows], self.weight[rows]
        )


def together(parts: Sequence[Scored]) -> Scored:
    """All pairs of several."""
    return Scored(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Scored)))


@dataclass(frozen=True)
class Copies:
    """Which records say the same.

    Attributes:
        first: The records that differ, each the first of its like.
        like: Record -> position of its like in `first`.
    """

    first: Codes
    like: Codes

    @property
    def again(self) -> Codes:
        """Positions in `first`, once for each record more that is like it."""
        return np.repeat(np.arange(len(self.first)), np.bincount(self.like, minlength=len(self.first)) - 1)

    def members(self) -> list[Codes]:
        """Position in `first` -> the records."""
        order = np.argsort(self.like, kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.like, minlength=len(self.first)))[:-1])


def distinct(whole: Given, *, keeps_copies: bool) -> Copies:
    """Records of one file that say the same in everything are found, unless each is to have a counterpart of its own."""
    rows = np.arange(len(whole.ids))
    if keeps_copies:
        return Copies(rows, rows)
    stacked = np.stack([whole.side, *(column.codes for _, column in sorted(whole.columns.items()))], axis=1)
    _, first, inverse = np.unique(stacked, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # records keep their order
    position = np.empty(len(order), np.int64)
    position[order] = np.arange(len(order))
    return Copies(first[order].astype(np.int64), position[inverse.reshape(-1)])


def score(scorer: Scorer, found: Candidates) -> Scored:
    """Weighs candidates, batch by batch."""
    return together([_weighed(scorer, found, slice(start, start + _BATCH)) for start in range(0, max(len(found), 1), _BATCH)])


def _weighed(scorer: Scorer, found: Candidates, rows: slice) -> Scored:
    contributions, weight = scorer.total(scorer.levels(found.left[rows], found.right[rows]))
    scored = Scored(found.left[rows], found.right[rows], found.rule[rows], found.rule_count[rows], contributions, weight)
    return scored.take(scored.probability >= KEPT)


def with_copies(
    scorer: Scorer, scored: Scored, is_link: Flags, group: Codes, copies: Copies, rule: int, threshold: float
) -> tuple[Scored, Flags, Codes]:
    """Pairs, links and groups of all records: a copy is what its like is, if to be alike says enough.

    Args:
        scorer: Weighs a record with its copy.
        scored: Pairs of the records that differ, `is_link` and `group` what was decided of them.
        is_link: See `scored`.
        group: See `scored`.
        copies: Which records are alike.
        rule: Position of the rule that is told of copies.
        threshold: Least probability of a link.
    """
    each = np.arange(len(copies.first))
    own = Scored(each, each, np.full(len(each), rule), np.ones(len(each), np.int64), *scorer.total(scorer.levels(each, each)))
    is_same = own.probability >= threshold
    groups = np.where(is_same[copies.like], copies.first[group[copies.like]], np.arange(len(copies.like)))
    groups[copies.first] = copies.first[group]
    members = [rows[:MOST_COPIES] if same else rows[:1] for rows, same in zip(copies.members(), is_same.tolist(), strict=True)]
    left, right, of = _expanded(scored.left, scored.right, members)
    mine, theirs, alike = _expanded(each, each, members)
    outer, inner = replace(scored.take(of), left=left, right=right), replace(own.take(alike), left=mine, right=theirs)
    return together([outer, inner]), np.concatenate([is_link[of], np.ones(len(alike), np.bool_)]), groups


def _expanded(left: Codes, right: Codes, members: Sequence[Codes]) -> tuple[Codes, Codes, Codes]:
    """Pairs of all copies of both records, and which pair each came from."""
    firsts = np.array([rows[0] for rows in members], np.int64)
    is_many = np.array([len(rows) > 1 for rows in members], np.bool_)
    several = is_many[left] | is_many[right]
    plain = np.flatnonzero(~several & (left != right))
    found = [(firsts[left[plain]], firsts[right[plain]], plain)]
    for at in np.flatnonzero(several):
        one, two = np.meshgrid(members[left[at]], members[right[at]], indexing="ij")
        kept = one < two if left[at] == right[at] else np.ones(one.shape, np.bool_)
        found.append((np.minimum(one, two)[kept], np.maximum(one, two)[kept], np.full(int(kept.sum()), at)))
    lefts, rights, of = (np.concatenate(column).astype(np.int64) for column in zip(*found, strict=True))
    return lefts, rights, of
