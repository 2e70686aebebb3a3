"""What is known of identity on a lake: how sure it is, what is left out, and how it differs from the release before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from c360 import release
from c360.errors import LakeError
from c360.lake import Lake
from c360.readers import released
from c360.release import Entry
from c360.report import measures
from c360.report.figures import total_variation, wilson
from c360.why import Pair, stored

SHOWN = 12
"""Rows of a list."""
PAIRS, IDENTITY, LOG, VAULT = (
    "silver.identity_pair",
    "silver.customer_identity",
    "silver.reconciliation_log",
    "vault.identity_record",
)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Rate:
    """How many of the accounts that should have a counterpart have one; `low` and `high` bound the share (95 %, Wilson).

    `estimated_precision` is the mean probability of the matched customers' links (SE-001).
    """

    numerator: int
    denominator: int
    match_rate: float | None
    low: float | None
    high: float | None
    threshold: float
    estimated_precision: float | None


@dataclass(frozen=True)
class Scores:
    """Pairs of one release.

    Attributes:
        models: What scored them.
        weights: `bin`, `link_count`, `refused_count` (see `measures.weights`).
        rules: Per rule `pair_count`, `link_count`, `link_share` of all links.
        pair_count: Pairs compared.
        link_count: Links among them.
        precision: Mean probability of the links.
        recall: Their probabilities ÷ those of all pairs that have one; what no rule proposed is not in it.
    """

    models: Sequence[str]
    weights: Sequence[Row]
    rules: Sequence[Row]
    pair_count: int
    link_count: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class Drift:
    """The release before, and what changed since.

    Attributes:
        release_id: That release.
        load_date: Its load date.
        rate: Its match rate.
        match_rate_change: Now − then, as a share.
        models: What scored its pairs; weights of another model are another scale.
        links_by_rule: Rule -> links then and now.
        measure: Of the two distances between histograms of weights.
        pairs_distance: Of all pairs.
        links_distance: Of the links.
    """

    release_id: str
    load_date: date
    rate: Rate | None
    match_rate_change: float | None
    models: Sequence[str]
    links_by_rule: Mapping[str, tuple[int, int]]
    pairs_distance: float | None
    links_distance: float | None
    measure: str = "total variation distance"


@dataclass(frozen=True)
class IdentityFacts:
    """Everything the report shows: counts and ids, no personal data.

    `threshold` is the weight that best parts links from refused pairs, `wrong_count` the pairs on its wrong side, `nearest` the
    pairs nearest to it. `drift` is None when `drift_note` says why.
    """

    lake: str
    generated_at: datetime
    release_id: str
    load_date: date
    record_count: int
    customer_count: int
    rate: Rate | None
    scores: Scores
    unlinkable: Sequence[Row]
    sizes: Sequence[Row]
    biggest: Sequence[Row]
    threshold: float | None
    wrong_count: int
    nearest: Sequence[Pair]
    drift: Drift | None
    drift_note: str


def gather_identity(lake: Lake) -> IdentityFacts:
    """The facts of the newest release.

    Raises:
        ReleaseError: Nothing has been released, or no customers yet.
        LakeError: A table cannot be read.
    """
    entry = released(lake.engine)
    pairs, identity = stored(lake, entry, PAIRS), stored(lake, entry, IDENTITY)
    sizes = lake.execute(measures.sizes(identity))
    parting = lake.execute(measures.boundary(pairs))
    threshold = parting[0]["threshold"] if parting else None
    rate, scores = _rate(lake, entry), _scores(lake, entry)
    drift, note = _drift(lake, entry, rate, scores)
    return IdentityFacts(
        lake=lake.settings.lake,
        generated_at=lake.settings.clock(),
        release_id=entry.release_id,
        load_date=entry.load_date,
        record_count=sum(row["record_count"] * row["customer_count"] for row in sizes),
        customer_count=sum(row["customer_count"] for row in sizes),
        rate=rate,
        scores=scores,
        unlinkable=lake.execute(measures.unlinkable(stored(lake, entry, VAULT))) if VAULT in entry.tables else (),
        sizes=sizes,
        biggest=lake.execute(measures.biggest(identity, SHOWN)),
        threshold=threshold,
        wrong_count=parting[0]["wrong_count"] if parting else 0,
        nearest=[] if threshold is None else lake.execute(measures.nearest(pairs, threshold, SHOWN)),
        drift=drift,
        drift_note=note,
    )


def previous(log: Sequence[Entry], entry: Entry) -> Entry | None:
    """The newest release before `entry` of other content, of its load date or an earlier one."""
    here = release.vector_id(entry.tables)
    older = (e for e in reversed(log) if e.is_readable and e.sequence < entry.sequence and e.load_date <= entry.load_date)
    return next((e for e in older if release.vector_id(e.tables) != here), None)


def _rate(lake: Lake, entry: Entry) -> Rate | None:
    if LOG not in entry.tables:
        return None
    log = stored(lake, entry, LOG)
    rows = lake.execute(log.filter(log.load_date == log.load_date.max()))
    if not rows:
        return None
    row = rows[0]
    low, high = wilson(row["numerator"], row["denominator"]) or (None, None)
    return Rate(row["numerator"], row["denominator"], row["match_rate"], low, high, row["threshold"], row["estimated_precision"])


def _scores(lake: Lake, entry: Entry) -> Scores:
    pairs = stored(lake, entry, PAIRS)
    by_rule = lake.execute(measures.rules(pairs))
    links, known, likely = (sum(row[name] for row in by_rule) for name in ("link_count", "link_probability", "pair_probability"))
    rules = [
        {name: row[name] for name in ("rule", "pair_count", "link_count")}
        | {"link_share": row["link_count"] / links if links else None}
        for row in by_rule
    ]
    return Scores(
        models=[row["model_id"] for row in lake.execute(measures.models(pairs))],
        weights=lake.execute(measures.weights(pairs)),
        rules=rules,
        pair_count=sum(row["pair_count"] for row in by_rule),
        link_count=links,
        precision=known / links if links else None,
        recall=known / likely if likely else None,
    )


def _drift(lake: Lake, entry: Entry, rate: Rate | None, scores: Scores) -> tuple[Drift | None, str]:
    before = previous(release.entries(lake.engine), entry)
    if before is None or PAIRS not in before.tables:
        return None, "There is no earlier release to compare with."
    try:
        return drift(before, _rate(lake, before), _scores(lake, before), rate, scores), ""
    except LakeError:
        return None, f"Release {before.release_id} cannot be read any more."


def drift(before: Entry, rate: Rate | None, scores: Scores, rate_now: Rate | None, scores_now: Scores) -> Drift:
    """What changed between two releases. Pure."""
    then, now = (found.match_rate if found else None for found in (rate, rate_now))
    links, links_now = _links(scores), _links(scores_now)
    return Drift(
        release_id=before.release_id,
        load_date=before.load_date,
        rate=rate,
        match_rate_change=None if then is None or now is None else now - then,
        models=scores.models,
        links_by_rule={name: (links.get(name, 0), links_now.get(name, 0)) for name in sorted({*links, *links_now})},
        pairs_distance=total_variation(_histogram(scores, refused=True), _histogram(scores_now, refused=True)),
        links_distance=total_variation(_histogram(scores), _histogram(scores_now)),
    )


def _links(scores: Scores) -> dict[str, int]:
    return {row["rule"]: row["link_count"] for row in scores.rules if row["link_count"]}


def _histogram(scores: Scores, *, refused: bool = False) -> dict[int, int]:
    return {row["bin"]: row["link_count"] + row["refused_count"] * refused for row in scores.weights}
