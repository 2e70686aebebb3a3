"""The matching rules as data: frequent values, match weights per field and level, and what each rule's link is worth.

A matching rule is one entry of `RULES`; a level of agreement is one entry of `WEIGHTS`. Weights are match weights in bits,
multiples of 1/4, so that their sum is exact in floating point on every engine. A rule carries a fixed probability (section 4
of the specification), which is not derived from the weight: the weight ranks rivals, the probability says what to expect.
"""

import csv
import hashlib
from dataclasses import dataclass
from importlib.resources import files


def reference(file: str) -> list[dict[str, str]]:
    """Rows of a file of `c360/identity/data`."""
    with files("c360.identity").joinpath("data", file).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


FREE_MAIL_DOMAINS = frozenset(row["domain"] for row in reference("free_mail_domains.csv"))
"""Domains where anybody may have a mailbox."""
ROLE_MAILBOXES = frozenset(row["local_part"] for row in reference("role_mailboxes.csv"))
"""Local parts that name a function, not a person."""
LEGAL_FORMS = {row["suffix"]: row["form"] for row in reference("legal_suffixes.csv")}
"""What ends a company's name, normalised -> its legal form; spellings and close relatives of a form are one."""
LEGAL_SUFFIXES = frozenset(LEGAL_FORMS)
DOMAIN_ALIASES = {row["domain"]: row["canonical"] for row in reference("domain_aliases.csv")}
"""Domains whose mailboxes are those of another domain."""

WEIGHTS: dict[str, dict[str, float]] = {
    "merge": {"same": 20.0},
    "id": {"same": 16.0, "conflict": -16.0},
    "email": {"exact": 9.0, "exact_free": 8.0, "exact_shared": 5.0, "near": 6.0},
    "domain": {"same": 3.0},
    "name": {"exact": 7.0, "close": 5.5, "similar": 3.5, "weak": 0.0, "different": -4.0},
    "phone": {"same": 5.0},
    "address": {"same": 4.0},
}
"""Field -> level -> match weight in bits; a level not listed counts 0."""

NAME_LEVELS: tuple[tuple[float, str], ...] = (
    (1.0, "exact"),
    (0.93, "close"),
    (0.85, "similar"),
    (0.6, "weak"),
    (0.0, "different"),
)
"""Least similarity (0-1) of two names for each level, best first."""

MAX_EMAIL_ERRORS = 1
"""Most typing errors (letter missing, added, replaced, neighbours swapped) between two e-mails that count as near."""

LEAST_WORD_SIMILARITY = 0.6
"""Names of equally many words agree at most weakly when a word of one resembles no word of the other more than this."""

MAX_SHARED = {"id": 100, "master": 100, "email": 50, "near": 20, "domain": 60, "phone": 20, "address": 20, "name": 20}
"""Blocking kind -> most records per system that may share a value before it is too common to propose pairs."""


@dataclass(frozen=True)
class Rule:
    """One way two records may be linked. The first rule of `RULES` that holds decides.

    Attributes:
        name: What the tables call it.
        probability: Fixed probability that such a link is right.
        evidence: Field -> levels of which one must hold (all fields must).
        within: Systems in which it may also group two records of the same system.
        is_hub: Two records tied to one record of the other system by it belong together.
    """

    name: str
    probability: float
    evidence: dict[str, tuple[str, ...]]
    within: tuple[str, ...] = ()
    is_hub: bool = False


_AGREES = ("exact", "close", "similar")
_NOT_DIFFERENT = (*_AGREES, "weak", "missing")

RULES: tuple[Rule, ...] = (
    Rule("merged", 1.0, {"merge": ("same",)}, within=("salesforce",)),
    Rule("metadata_id", 0.999, {"id": ("same",)}, within=("stripe",), is_hub=True),
    Rule("email", 0.99, {"email": ("exact",), "name": _NOT_DIFFERENT}, within=("stripe",), is_hub=True),
    Rule("email_name", 0.99, {"email": ("exact_free", "exact_shared"), "name": _AGREES}, within=("stripe",), is_hub=True),
    Rule("email_near_name", 0.97, {"email": ("near",), "name": _AGREES}, within=("stripe",), is_hub=True),
    Rule("domain_name", 0.96, {"domain": ("same",), "name": _AGREES}, within=("stripe",), is_hub=True),
    Rule("name_phone", 0.95, {"phone": ("same",), "name": ("exact", "close")}, within=("salesforce", "stripe")),
    Rule("name_address", 0.95, {"address": ("same",), "name": ("exact", "close")}, within=("salesforce", "stripe")),
)
"""Strongest first."""

REVIEWED = "reviewed"
"""The rule of a pair a person decided."""
RULE_NAMES = (REVIEWED, *(rule.name for rule in RULES))

_REFERENCE = [sorted(values) for values in (FREE_MAIL_DOMAINS, ROLE_MAILBOXES, LEGAL_SUFFIXES, DOMAIN_ALIASES.items())]
_MODEL = (_REFERENCE, WEIGHTS, NAME_LEVELS, MAX_EMAIL_ERRORS, LEAST_WORD_SIMILARITY, MAX_SHARED, RULES)
MODEL_ID = "rules-" + hashlib.sha256(repr(_MODEL).encode()).hexdigest()[:10]
"""Names these rules and reference data; another rule is another model."""
