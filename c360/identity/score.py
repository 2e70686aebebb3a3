"""Candidate pairs -> levels of agreement, match weights per field, and the rule that holds. Pure functions of one pair."""

import math
from typing import Any

import pyarrow as pa
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from c360.identity.block import parts
from c360.identity.evidence import FIELDS, Weights
from c360.identity.normalise import corporate_domain
from c360.identity.rules import LEAST_WORD_SIMILARITY, MAX_EMAIL_ERRORS, NAME_LEVELS, RULES, UNKNOWN, Rule

NAMED_SYSTEM = "salesforce"
"""The system whose ids the other systems' metadata may name."""

EMAIL_RANKS = {"exact": 4, "exact_free": 3, "exact_shared": 2, "near": 1}
"""Levels of agreement of two e-mails as numbers, so that the engine can take the best of a pair's many."""
_EMAIL_LEVELS = {rank: level for level, rank in EMAIL_RANKS.items()}

HITS = pa.schema(
    [
        ("left", pa.string()),
        ("right", pa.string()),
        ("kind", pa.string()),
        ("email_rank", pa.int64()),
        ("person_similarity", pa.float64()),
    ]
)

SIDES = tuple(f"{side}_source_{part}" for side in ("left", "right") for part in ("system", "account", "id"))
"""The six columns that name both records of a pair."""

PAIRS = pa.schema(
    [
        *(pa.field(name, pa.string(), nullable=False) for name in SIDES),
        pa.field("left", pa.string(), nullable=False),
        pa.field("right", pa.string(), nullable=False),
        ("rule", pa.string()),
        pa.field("probability", pa.float64(), nullable=False),
        ("reason", pa.string()),
        pa.field("weight", pa.float64(), nullable=False),
        pa.field("prior_weight", pa.float64(), nullable=False),
        *(pa.field(f"{name}_weight", pa.float64(), nullable=False) for name in FIELDS),
        *(pa.field(f"{name}_level", pa.string(), nullable=False) for name in FIELDS),
    ]
)


def name_similarity(left: str | None, right: str | None) -> float | None:
    """0-1 of two normalised names, whatever the order of their words or the spaces; null when one is missing.

    A name with a word of its own (`lynx diagnostics`, `onyx diagnostics`) scores that word's similarity at most.
    """
    if not left or not right:
        return None
    together = fuzz.ratio(left.replace(" ", ""), right.replace(" ", ""))
    overall = max(together, fuzz.token_sort_ratio(left, right)) / 100
    least = _least_word_similarity(left.split(), right.split())
    return overall if least >= LEAST_WORD_SIMILARITY else min(overall, LEAST_WORD_SIMILARITY)


def is_near(left: str, right: str) -> bool:
    """Whether two different e-mails are at most `MAX_EMAIL_ERRORS` typing errors apart."""
    return left != right and OSA.distance(left, right, score_cutoff=MAX_EMAIL_ERRORS) <= MAX_EMAIL_ERRORS


def _least_word_similarity(left: list[str], right: list[str]) -> float:
    """The similarity of the word that has the worst best match; 1 for names of different word counts (words may be joined)."""
    if len(left) != len(right):
        return 1.0
    both = ((left, right), (right, left))
    return min(max(fuzz.ratio(word, other) for other in others) for words, others in both for word in words) / 100


def hits(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Each shared blocking key of a pair -> how well the e-mails and persons behind it agree.

    Args:
        batch: `left, right, kind, left_email, right_email, email_class, is_shared, left_person_name, right_person_name,
            left_name, right_name, left_domain, right_domain` (names and domains of the members).
    """
    rows = [
        {**{c: row[c] for c in ("left", "right", "kind")}, "email_rank": _email_rank(row), "person_similarity": _person(row)}
        for row in batch.to_pylist()
    ]
    return pa.RecordBatch.from_pylist(rows, schema=HITS)


def pairs(batch: pa.RecordBatch, *, weights: Weights, least: float) -> pa.RecordBatch:
    """Candidate pairs with their fields side by side -> levels, contributions, weight, probability, rule, or why it is no link.

    Args:
        batch: `left, right, left_name, right_name, left_company, right_company` (the Salesforce company a record is or names),
            `email_rank, person_similarity, has_id, has_master, has_domain, has_phone, has_address, within` (the system of
            both, or null).
        weights: What each level weighs.
        least: Least probability of a link.
    """
    return pa.RecordBatch.from_pylist([_pair(row, weights, least) for row in batch.to_pylist()], schema=PAIRS)


def levels(row: dict[str, Any]) -> dict[str, str]:
    """Field -> level of agreement of one candidate pair."""
    return {
        "merge": "same" if row["has_master"] else "none",
        "id": _id_level(row),
        "email": _EMAIL_LEVELS.get(row["email_rank"], "none"),
        "domain": "same" if row["has_domain"] else "none",
        "name": _name_level(row),
        "phone": "same" if row["has_phone"] else "none",
        "address": "same" if row["has_address"] else "none",
    }


def _email_rank(row: dict[str, Any]) -> int:
    left, right = row["left_email"], row["right_email"]
    if row["kind"] == "email":
        if row["email_class"] == "free":
            return EMAIL_RANKS["exact_free"]
        is_weak = row["email_class"] == "role" or row["is_shared"] or _is_outsider(row)
        return EMAIL_RANKS["exact_shared" if is_weak else "exact"]
    if row["kind"] == "near" and is_near(left, right):
        return EMAIL_RANKS["near"]
    return 0


def _is_outsider(row: dict[str, Any]) -> bool:
    """Whether the mailbox lies on another domain than the company's own: an agency's, a consultant's."""
    domain = corporate_domain(row["left_email"])
    return any(row[side] is not None and row[side] != domain for side in ("left_domain", "right_domain"))


def _person(row: dict[str, Any]) -> float:
    """How well the person behind the e-mail and the other side's name agree: Stripe customers may bear a person's name."""
    if row["kind"] not in ("email", "near"):
        return 0.0
    left, right = row["left_person_name"], row["right_person_name"]
    found = (name_similarity(left, right or row["right_name"]), name_similarity(right, left or row["left_name"]))
    return max((s for s in found if s is not None), default=0.0) if left or right else 0.0


def _id_level(row: dict[str, Any]) -> str:
    left, right = row["left_company"], row["right_company"]
    if row["within"] == NAMED_SYSTEM:
        return UNKNOWN  # two accounts; only Salesforce's own merge makes them one by id
    if row["has_id"] or (left is not None and left == right):
        return "same"
    return UNKNOWN if left is None or right is None else "conflict"


def _name_level(row: dict[str, Any]) -> str:
    found = name_similarity(row["left_name"], row["right_name"])
    best = row["person_similarity"] if found is None else max(found, row["person_similarity"])
    if found is None and not best:
        return UNKNOWN
    return next(level for least, level in NAME_LEVELS if best >= least)


def _pair(row: dict[str, Any], weights: Weights, least: float) -> dict[str, Any]:
    level = levels(row)
    contributions = {name: 0.0 if level[name] == UNKNOWN else weights.bits[name][level[name]] for name in FIELDS}
    weight = math.fsum((weights.prior, *contributions.values()))
    probability = _probability(weight)
    rule = next((r for r in RULES if _holds(r, level, row["within"])), None)
    return {
        **dict(zip(SIDES, (*parts(row["left"]), *parts(row["right"])), strict=True)),
        "left": row["left"],
        "right": row["right"],
        "rule": rule.name if rule else None,
        "probability": probability,
        "reason": _why_not(level) if rule is None else "weak_evidence" if probability < least else None,
        "weight": weight,
        "prior_weight": weights.prior,
        **{f"{name}_weight": value for name, value in contributions.items()},
        **{f"{name}_level": value for name, value in level.items()},
    }


def _probability(weight: float) -> float:
    """Probability of a weight in bits, rounded, so that no platform's power decides."""
    return round(1 / (1 + 2.0 ** -max(min(weight, 1000.0), -1000.0)), 9)


def _holds(rule: Rule, level: dict[str, str], within: str | None) -> bool:
    if within is not None and within not in rule.within:
        return False
    if level["id"] == "conflict" and level["merge"] != "same":
        return False
    return all(level[name] in allowed for name, allowed in rule.evidence.items())


def _why_not(level: dict[str, str]) -> str:
    if level["id"] == "conflict":
        return "conflicting_metadata_id"
    if level["email"] == "none":
        return "weak_evidence"
    return "names_differ" if level["name"] == "different" else "mailbox_not_enough"
