"""Levels, weights and rules of single pairs."""

import pyarrow as pa
import pytest

from c360.identity import score
from c360.identity.evidence import FIELDS, Weights, assumed

WEIGHTS = Weights.of(assumed())

EVIDENCE = {
    "left": "salesforce|o|A",
    "right": "stripe|s|X",
    "left_name": "acme widgets",
    "right_name": "acme widgets",
    "left_company": "salesforce|o|A",
    "right_company": None,
    "email_rank": 0,
    "person_similarity": 0.0,
    "within": None,
    **dict.fromkeys(("has_address", "has_domain", "has_id", "has_master", "has_phone"), False),
}
EXACT, FREE, SHARED, NEAR = (score.EMAIL_RANKS[level] for level in ("exact", "exact_free", "exact_shared", "near"))


def pair(*, least=0.5, **evidence):
    batch = pa.RecordBatch.from_pylist([EVIDENCE | evidence])
    return score.pairs(batch, weights=WEIGHTS, least=least).to_pylist()[0]


@pytest.mark.parametrize(
    ("evidence", "rule"),
    [
        ({"has_id": True, "right_name": "someone else"}, "metadata_id"),
        ({"email_rank": EXACT, "right_name": None}, "email"),
        ({"email_rank": FREE}, "email_name"),
        ({"email_rank": FREE, "right_name": "ann lee", "person_similarity": 1.0}, "email_name"),
        ({"email_rank": SHARED}, "email_name"),
        ({"email_rank": NEAR, "right_name": "acme widget"}, "email_near_name"),
        ({"has_domain": True, "right_name": "acme wigdets"}, "domain_name"),
        ({"has_phone": True}, "name_phone"),
        ({"has_address": True}, "name_address"),
        ({"has_master": True, "right": "salesforce|o|B", "within": "salesforce", "right_company": "x"}, "merged"),
        ({"has_id": True, "within": "stripe", "left_company": "a", "right_company": "a"}, "metadata_id"),
    ],
)
def test_rules(evidence, rule):
    found = pair(**evidence)
    assert (found["rule"], found["reason"]) == (rule, None)
    assert found["probability"] >= 0.9


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ({"email_rank": FREE, "right_name": None}, "mailbox_not_enough"),
        ({"email_rank": SHARED, "right_name": None}, "mailbox_not_enough"),
        ({"email_rank": EXACT, "right_name": "zenith power"}, "names_differ"),
        ({"has_domain": True, "right_name": "acme gardens"}, "weak_evidence"),
        ({}, "weak_evidence"),
        ({"email_rank": EXACT, "right_company": "salesforce|o|B"}, "conflicting_metadata_id"),
        ({"has_domain": True, "within": "salesforce", "right_company": "salesforce|o|B"}, "weak_evidence"),
    ],
)
def test_what_is_not_enough(evidence, reason):
    found = pair(**evidence)
    assert (found["rule"], found["reason"]) == (None, reason)


def test_a_rule_is_not_enough_without_the_probability():
    sure, unsure = pair(has_domain=True, right_name="acme wigdets"), pair(has_domain=True, right_name="acme wigdets", least=0.999)
    assert (sure["rule"], sure["reason"]) == ("domain_name", None)
    assert (unsure["rule"], unsure["reason"]) == ("domain_name", "weak_evidence")
    assert sure["probability"] == unsure["probability"] < 0.999


def test_contributions_add_up_and_unknown_weighs_nothing():
    found = pair(email_rank=EXACT, has_domain=True, has_phone=True)
    parts = {field: found[f"{field}_weight"] for field in ("prior", *FIELDS)}
    assert found["weight"] == pytest.approx(sum(parts.values()), abs=1e-12)
    assert {field: found[f"{field}_level"] for field in FIELDS} == {
        "merge": "none", "id": "unknown", "email": "exact", "domain": "same", "name": "exact", "phone": "same", "address": "none",
    }  # fmt: skip
    assert parts["id"] == 0.0
    assert min(parts["email"], parts["domain"], parts["name"], parts["phone"]) > 2
    assert found["probability"] == pytest.approx(1 / (1 + 2 ** -found["weight"]), abs=1e-9)


@pytest.mark.parametrize(
    ("left", "right", "least", "most"),
    [
        ("acme widgets", "widgets acme", 1.0, 1.0),
        ("acme widgets", "acmewidgets", 1.0, 1.0),
        ("acme widgets", "acme wigdets", 0.85, 0.99),
        ("lynx diagnostics", "onyx diagnostics", 0.0, 0.6),
        ("acme health", "acme logistics", 0.0, 0.8),
    ],
)
def test_name_similarity(left, right, least, most):
    assert least <= score.name_similarity(left, right) <= most
    assert score.name_similarity(left, right) == score.name_similarity(right, left)


def test_a_missing_name_has_no_similarity():
    assert score.name_similarity(None, "acme") is None


@pytest.mark.parametrize(
    ("left", "right", "is_near"),
    [
        ("jonh@a.co", "john@a.co", True),
        ("john@a.co", "johnn@a.co", True),
        ("john@a.co", "john@a.co", False),
        ("ann@a.co", "bob@a.co", False),
    ],
)
def test_near_emails(left, right, is_near):
    assert score.is_near(left, right) is is_near


HIT = {
    **dict.fromkeys(("left_person_name", "right_person_name", "left_name", "right_name", "left_domain", "right_domain"), None),
    "left": "salesforce|o|A",
    "right": "stripe|s|X",
    "kind": "email",
    "left_email": "ann@acme.com",
    "right_email": "ann@acme.com",
    "email_class": "corporate",
    "is_shared": False,
}


@pytest.mark.parametrize(
    ("hit", "rank"),
    [
        ({}, EXACT),
        ({"left_domain": "acme.com"}, EXACT),
        ({"left_domain": "zenith.com"}, SHARED),
        ({"is_shared": True}, SHARED),
        ({"email_class": "role"}, SHARED),
        ({"email_class": "free"}, FREE),
        ({"kind": "near", "left_email": "anne@acme.com"}, NEAR),
        ({"kind": "near", "left_email": "bob@acme.com"}, 0),
        ({"kind": "domain"}, 0),
    ],
)
def test_levels_of_emails(hit, rank):
    batch = pa.RecordBatch.from_pylist([HIT | hit], schema=_schema())
    assert score.hits(batch).to_pylist()[0]["email_rank"] == rank


def test_a_customer_may_bear_the_name_of_the_contact_behind_the_email():
    batch = pa.RecordBatch.from_pylist([HIT | {"left_person_name": "ann lee", "right_name": "lee ann"}], schema=_schema())
    assert score.hits(batch).to_pylist()[0]["person_similarity"] == 1.0


def _schema():
    return pa.schema([(name, pa.bool_() if name == "is_shared" else pa.string()) for name in HIT])
