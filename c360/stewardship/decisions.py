"""One decision of a person about two records, and which of several about one pair stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from c360.contract import ibis_schema
from c360.identity.assign import Reviews
from c360.identity.block import member, parts
from c360.silver.identity.identity_review import CANNOT_LINK, MUST_LINK, IdentityReview

Pair = tuple[str, str]
_SIDES = ("left", "right")
_PARTS = ("system", "account", "id")


@dataclass(frozen=True)
class Decision:
    """A row of `identity_review`.

    Attributes:
        pair: Both records as texts of `block.member`; the lesser one is left.
        decision: One of `DECISIONS`.
        author: Who decided.
        reason: Why, or None.
        decided_at: When (UTC).
    """

    pair: Pair
    decision: str
    author: str
    reason: str | None
    decided_at: datetime

    @property
    def said(self) -> tuple[Pair, str, str, str | None]:
        """The decision but for its instant: who says it twice has not decided twice."""
        return (self.pair, self.decision, self.author, self.reason)


def pair_of(one: str, other: str) -> Pair:
    """Two members in the order of the table."""
    return (one, other) if one < other else (other, one)


def standing(decisions: Iterable[Decision]) -> dict[Pair, Decision]:
    """Pair -> its newest decision, withdrawn ones too; of two of one instant the first by name (as `identity_pair`)."""
    newest: dict[Pair, Decision] = {}
    for found in sorted(decisions, key=lambda d: d.decision, reverse=True):
        before = newest.get(found.pair)
        if before is None or found.decided_at >= before.decided_at:
            newest[found.pair] = found
    return newest


def reviews(stand: Mapping[Pair, Decision]) -> Reviews:
    """What `decide` is told."""

    def pairs(kind: str) -> frozenset[Pair]:
        return frozenset(pair for pair, found in stand.items() if found.decision == kind)

    return Reviews(must_link=pairs(MUST_LINK), cannot_link=pairs(CANNOT_LINK))


def newest_first(decisions: Iterable[Decision]) -> list[Decision]:
    """Newest first, those of one instant by their records."""
    return sorted(sorted(decisions, key=lambda d: (d.pair, d.decision)), key=lambda d: d.decided_at, reverse=True)


def of_row(found: Mapping[str, Any]) -> Decision:
    """The decision of a row of `identity_review`, whichever of its sides is left."""
    one, other = (member(*(found[f"{side}_source_{part}"] for part in _PARTS)) for side in _SIDES)
    return Decision(pair_of(one, other), found["decision"], found["author"], found["reason"], found["decided_at"])


def rows(decisions: Sequence[Decision]) -> pa.Table:
    """Decisions as rows of `identity_review`."""
    return pa.Table.from_pylist([row(decision) for decision in decisions], ibis_schema(IdentityReview).to_pyarrow())


def row(decision: Decision) -> dict[str, str | datetime | None]:
    """A decision as a row of `identity_review`."""
    sides = {
        f"{side}_source_{part}": value
        for side, record in zip(_SIDES, decision.pair, strict=True)
        for part, value in zip(_PARTS, parts(record), strict=True)
    }
    said = {"decision": decision.decision, "author": decision.author, "reason": decision.reason}
    return {**sides, **said, "decided_at": decision.decided_at}
