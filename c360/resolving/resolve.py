"""Who is who in any files: finds candidates on the engine, weighs them, and groups the records."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from c360.engines.duckdb_session import DuckDBSession
from c360.errors import listing
from c360.identity import cluster
from c360.identity.columns import Codes
from c360.identity.entities import ENTITIES
from c360.identity.learn import LEARNT_PAIRS, learn, random_pairs
from c360.identity.model import PRIOR, RELATED, Model, Scorer
from c360.identity.stable_ids import NAMESPACE
from c360.resolving.blocks import Candidates, find, proposals, usable
from c360.resolving.given import EXACT, TEXT, Given, Request, compared_as, read
from c360.resolving.scored import Copies, Flags, Scored, distinct, score, with_copies

SAME = "same"
"""Rule of two records of a file that are alike in all that is compared."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Resolved:
    """What was found.

    Attributes:
        given: The records.
        model: What weighed them.
        prior_bits: Weight of a pair of which nothing is known.
        comparisons: Names of what was compared, in the order of `scored.contributions`.
        rules: Names of the rules that proposed pairs, in the order `scored.rule` counts.
        scored: Pairs worth telling.
        is_link: Which of them are links.
        group: Record -> first record of its customer.
        candidate_count: Pairs that were compared.
        seconds: It took.
    """

    given: Given
    model: Model
    prior_bits: float
    comparisons: Sequence[str]
    rules: Sequence[str]
    scored: Scored
    is_link: Flags
    group: Codes
    candidate_count: int
    seconds: float

    @property
    def customer_ids(self) -> list[str]:
        """Record -> id of its customer, made of the customer's first record."""
        names = [f"{self.given.sources[side]}|{record}" for side, record in zip(self.given.side, self.given.ids, strict=True)]
        made = {root: str(uuid.uuid5(NAMESPACE, names[root])) for root in np.unique(self.group).tolist()}
        return [made[root] for root in self.group.tolist()]


def resolve(request: Request, tell: Tell = lambda _: None) -> Resolved:
    """Finds who is who. Deterministic: neither the order of rows nor that of columns changes anything.

    Raises:
        SelectionError: A column or field does not exist, ids are not unique, nothing is left to compare.
        SourceError: A file cannot be read.
    """
    begun = time.monotonic()
    whole, copies, found = _prepared(request, tell)
    given = whole.take(copies.first)
    model = request.model or _learnt(request, whole, given, found, copies, tell)
    matched = model.prior * whole.pair_count / _most_matches(whole) if request.is_one_to_one else 0.0
    scorer = Scorer(model, given.columns, own_counts=request.model is None, matched_share=matched)
    scored = score(scorer, found)
    is_link, group = _decided(request, given, scorer, scored)
    rules = [block.name for block in usable(ENTITIES[request.entity].blocks, given.columns)]
    pairs, links, groups = with_copies(scorer, scored, is_link, group, copies, len(rules), request.threshold)
    names = [*(comparison.name for comparison in scorer.comparisons), RELATED]
    return Resolved(
        whole, model, scorer.prior_bits, names, [*rules, SAME], pairs, links, groups, len(found), time.monotonic() - begun
    )


def train(request: Request, tell: Tell = lambda _: None) -> Model:
    """The model files teach, without labels; see `resolve` for what it raises."""
    whole, copies, found = _prepared(request, tell)
    given = whole.take(copies.first)
    model = _learnt(request, whole, given, found, copies, tell)
    return model.with_counts(given.columns)


def clusters_table(resolved: Resolved) -> pa.Table:
    """`source, id, customer_id`: one row per record."""
    sources = [resolved.given.sources[side] for side in resolved.given.side]
    return pa.table({"source": sources, "id": list(resolved.given.ids), "customer_id": resolved.customer_ids})


def pairs_table(resolved: Resolved) -> pa.Table:
    """One row per pair of at least `KEPT` probability: both records, weight and its parts, probability, rule, whether a link."""
    given, scored = resolved.given, resolved.scored
    ids, sources = np.array(given.ids, object), np.array(given.sources, object)
    sides = {
        f"{name}_{what}": pa.array(values, pa.string())
        for name, rows in (("left", scored.left), ("right", scored.right))
        for what, values in (("source", sources[given.side[rows]]), ("id", ids[rows]))
    }
    told = {
        "score": scored.weight,
        "match_probability": scored.probability,
        "rule": pa.array(np.array(resolved.rules, object)[scored.rule], pa.string()),
        "rule_count": scored.rule_count,
        "is_link": resolved.is_link,
        f"{PRIOR}_weight": np.full(len(scored.weight), resolved.prior_bits),
    }
    parts = {f"{name}_weight": scored.contributions[:, i] for i, name in enumerate(resolved.comparisons)}
    return pa.table({**sides, **told, **parts})


def _prepared(request: Request, tell: Tell) -> tuple[Given, Copies, Candidates]:
    session = DuckDBSession()
    try:
        whole = read(session, request)
        tell(f"{len(whole.ids):,} records of {listing(whole.sources)}")
        copies = distinct(whole, keeps_copies=request.is_one_to_one)
        given = whole.take(copies.first)
        rules = usable(ENTITIES[request.entity].blocks, given.columns)
        by_rule = proposals(session, given, rules, is_adaptive=request.model is None)
        expected = sum(proposal.pair_count for proposed in by_rule for proposal in proposed)
        tell(f"At most {expected:,} pairs to compare, proposed by {len(rules)} rules")
        found = find(session, given, by_rule)
    finally:
        session.close()
    tell(f"{len(found):,} of {given.pair_count:,.0f} pairs to compare, each once")
    return whole, copies, found


def _learnt(request: Request, whole: Given, given: Given, found: Candidates, copies: Copies, tell: Tell) -> Model:
    others = {kind: [compared_as(c, f) for c, f in sorted(given.fields.items()) if f == kind] for kind in (TEXT, EXACT)}
    sizes = np.bincount(whole.side)
    likely = sizes[0] / 10 if whole.is_within else sizes.min() / 2
    prior = min(max(likely, 1) / whole.pair_count, 0.5)  # of two records the only pair is not certain to be one
    model = Model.assumed(request.entity, prior, others[TEXT], others[EXACT])
    scorer = Scorer(model, given.columns, own_counts=True)
    again = copies.again if whole.is_within else copies.again[:0]
    left, right = np.concatenate([found.left, again]), np.concatenate([found.right, again])
    step = max(1, -(-len(left) // LEARNT_PAIRS))
    share = len(left[::step]) / len(left) if len(left) else 1.0
    left, right = left[::step], right[::step]
    drawn = scorer.levels(*random_pairs(given.side, within=given.is_within))
    learnt = learn(scorer, scorer.levels(left, right), left, right, drawn, whole.pair_count, share)
    tell(f"Learnt the weights in {learnt.rounds} rounds; about {learnt.matches:,.0f} pairs are one")
    training = {"records": len(whole.ids), "pairs": len(left), "rounds": learnt.rounds, "matches": round(learnt.matches, 1)}
    return replace(learnt.model, record_count=len(whole.ids), training=training)


def _decided(request: Request, given: Given, scorer: Scorer, scored: Scored) -> tuple[Flags, Codes]:
    is_link = scored.probability >= request.threshold
    count = len(given.ids)
    if request.is_one_to_one:
        at = np.flatnonzero(is_link)
        chosen = np.zeros(len(is_link), np.bool_)
        weight = scored.weight[at] - _bits(request.threshold)  # a link is worth what it is above the least one
        chosen[at[cluster.one_of_each(scored.left[at], scored.right[at], weight, given.side)]] = True
        return chosen, cluster.connected(count, scored.left[chosen].tolist(), scored.right[chosen].tolist())
    between = _weights(scorer, cluster.within(count, scored.left[is_link], scored.right[is_link]))
    large = cluster.in_large(count, scored.left, scored.right, is_link)
    ends = zip(scored.left[large].tolist(), scored.right[large].tolist(), strict=True)
    between |= dict(zip(ends, scored.weight[large].tolist(), strict=True))
    trust = ENTITIES[request.entity].trust
    group = cluster.grown(count, scored.left, scored.right, scored.weight, is_link, between, trust)
    return is_link & (group[scored.left] == group[scored.right]), group


def _bits(threshold: float) -> float:
    """Weight of a probability, a little less, so that a link at the threshold is worth something."""
    least = min(threshold, 1 - 2**-40)
    return float(np.log2(least / (1 - least))) - 2**-10


def _most_matches(whole: Given) -> int:
    """Most pairs there can be where each record has one counterpart in each other file."""
    sizes = np.sort(np.bincount(whole.side))
    return int((sizes * np.arange(len(sizes))[::-1]).sum())


def _weights(scorer: Scorer, pairs: tuple[Codes, Codes]) -> dict[tuple[int, int], float]:
    left, right = pairs
    _, weight = scorer.total(scorer.levels(left, right))
    return dict(zip(zip(left.tolist(), right.tolist(), strict=True), weight.tolist(), strict=True))
