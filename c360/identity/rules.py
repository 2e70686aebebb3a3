"""The matching rules as data: reference values, how often a value may be shared, and what evidence may make a link.

A rule says what may be a link at all: a free or shared mailbox never is by itself, however rare. How sure a link is, and which of
two rivals it is, the model's weights say (`evidence.py`).
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

UNKNOWN = "unknown"
"""Level of a pair that says nothing of a field; it weighs nothing."""

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
        evidence: Field -> levels of which one must hold (all fields must).
        within: Systems in which it may also group two records of the same system.
        is_hub: Two records tied to one record of the other system by it belong together.
    """

    name: str
    evidence: dict[str, tuple[str, ...]]
    within: tuple[str, ...] = ()
    is_hub: bool = False


_AGREES = ("exact", "close", "similar")
_NOT_DIFFERENT = (*_AGREES, "weak", UNKNOWN)

RULES: tuple[Rule, ...] = (
    Rule("merged", {"merge": ("same",)}, within=("salesforce",)),
    Rule("metadata_id", {"id": ("same",)}, within=("stripe",), is_hub=True),
    Rule("email", {"email": ("exact",), "name": _NOT_DIFFERENT}, within=("stripe",), is_hub=True),
    Rule("email_name", {"email": ("exact_free", "exact_shared"), "name": _AGREES}, within=("stripe",), is_hub=True),
    Rule("email_near_name", {"email": ("near",), "name": _AGREES}, within=("stripe",), is_hub=True),
    Rule("domain_name", {"domain": ("same",), "name": _AGREES}, within=("stripe",), is_hub=True),
    Rule("name_phone", {"phone": ("same",), "name": ("exact", "close")}, within=("salesforce", "stripe")),
    Rule("name_address", {"address": ("same",), "name": ("exact", "close")}, within=("salesforce", "stripe")),
)
"""Strongest first."""

REVIEWED = "reviewed"
"""The rule of a pair a person decided."""
RULE_NAMES = (REVIEWED, *(rule.name for rule in RULES))

_REFERENCE = [sorted(values) for values in (FREE_MAIL_DOMAINS, ROLE_MAILBOXES, LEGAL_SUFFIXES, DOMAIN_ALIASES.items())]
_RULES = (_REFERENCE, NAME_LEVELS, MAX_EMAIL_ERRORS, LEAST_WORD_SIMILARITY, MAX_SHARED, RULES)
RULES_ID = "rules-" + hashlib.sha256(repr(_RULES).encode()).hexdigest()[:10]
"""Names these rules and reference data."""
