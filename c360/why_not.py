"""Why a pair is no link, in words."""

from collections.abc import Collection
from itertools import product

from c360.identity import block
from c360.why import Pair

NAMES_ID = "metadata_id"
"""The rule of a link by an id that one record says of the other."""

_REASONS = {
    "assigned_elsewhere": "a rival is stronger, and a customer of one system has one counterpart in the other",
    "cannot_link": "people decided against it, or for something it contradicts",
    "conflicting_metadata_id": "ids conflict: Stripe's metadata names another Salesforce account",
    "mailbox_not_enough": "weak evidence: a mailbox that many may use is not enough, and their names do not agree",
    "names_differ": "weak evidence: their mailboxes agree, but their names differ",
    "weak_evidence": "weak evidence: what they share satisfies no rule",
}
_KINDS = {
    "address": "address",
    "domain": "e-mail domain",
    "email": "e-mail",
    "id": "explicit id",
    "master": "merge",
    "name": "name",
    "near": "e-mail with a typing error",
    "phone": "phone number",
}


def why_not(pair: Pair) -> str:
    """Why a refused pair was refused."""
    reason = str(pair["reason"])
    if reason == "weak_evidence" and pair.get("rule"):
        return f"weak evidence: rule {pair['rule']} holds, but the weight makes a link less likely than is asked for"
    return _REASONS.get(reason, reason.replace("_", " "))


def no_rule_proposed(left: Collection[str], right: Collection[str]) -> str:
    """Says that two records (as `block.member` writes them), or any two of two customers, were never compared, and why."""
    systems = {(block.parts(one)[0], block.parts(other)[0]) for one, other in product(left, right)}
    kinds = {kind for one, other in systems for kind in (block.KINDS if one != other else block.COMPARED_WITHIN.get(one, ()))}
    if not kinds:
        return "No rule compares records of that system with each other."
    *most, last = (_KINDS.get(kind, kind) for kind in sorted(kinds))
    shared = f"{', '.join(most)} or {last}"
    whom = "the two records" if len(left) == len(right) == 1 else "the two customers' records"
    return f"No rule proposed a pair: {whom} share no {shared} that is rare enough to compare them by."


def counted(count: int, what: str) -> str:
    """A number of things."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
