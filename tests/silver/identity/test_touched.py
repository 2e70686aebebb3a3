"""A load that compares only what is new or changed gives what a run over everything gives."""

from datetime import UTC, datetime

import ibis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from c360.contract import ibis_schema
from c360.identity import score
from c360.identity.normalise import salesforce_id
from c360.silver.identity import identity_pair as pairs_module
from c360.silver.identity.identity_pair import identity_pair
from c360.silver.identity.identity_record import identity_record
from c360.silver.identity.identity_review import IdentityReview

ACCOUNTS = [salesforce_id(f"001D00000{letter * 6}") for letter in "abcd"]
CUSTOMERS = [f"cus_{number}" for number in range(4)]
NAMES, MAILS = ("Acme", "Acme Inc", "Bolt", "Zenith"), ("a@acme.com", "b@acme.com", "x@bolt.com", "pay@gmail.com", None)
AT = datetime(2025, 1, 1, tzinfo=UTC)

ACCOUNT = st.fixed_dictionaries({
    "Name": st.sampled_from(NAMES), "Billing_Email__c": st.sampled_from(MAILS),
    "Phone": st.sampled_from(["+49 30 1234567", None]), "MasterRecordId": st.sampled_from([None, None, None, ACCOUNTS[0]]),
})  # fmt: skip
CONTACT = st.fixed_dictionaries(
    {"AccountId": st.sampled_from(ACCOUNTS), "Name": st.just("Ann Lee"), "Email": st.sampled_from(MAILS)}
)
CUSTOMER = st.fixed_dictionaries({
    "name": st.sampled_from(NAMES), "email": st.sampled_from(MAILS),
    "metadata": st.sampled_from([None, None, *(f'{{"salesforce_account_id": "{i}"}}' for i in ACCOUNTS[:2])]),
})  # fmt: skip
WORLD = st.fixed_dictionaries({
    "accounts": st.dictionaries(st.sampled_from(ACCOUNTS), ACCOUNT), "contacts": st.dictionaries(st.just("003A"), CONTACT),
    "customers": st.dictionaries(st.sampled_from(CUSTOMERS), CUSTOMER),
    "reviews": st.dictionaries(st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(CUSTOMERS)),
                               st.sampled_from(["must_link", "cannot_link"]), max_size=1),
})  # fmt: skip


def review(pair, decision):
    sides = {"left": ("salesforce", "org_1", pair[0]), "right": ("stripe", "acct_1", pair[1])}
    named = {
        f"{s}_source_{p}": v for s, values in sides.items() for p, v in zip(("system", "account", "id"), values, strict=True)
    }
    return {**named, "decision": decision, "author": "ann", "decided_at": AT}


@pytest.fixture
def build(work, bronze, table):
    def made(world, before=None):
        work.before, work.continues = before or {}, before is not None

        def rows(kind, key, created):
            found = [{**fields, key: name, created: AT} for name, fields in world[kind].items()]
            return [{**row, "payload_hash": repr(sorted(row.items(), key=str))} for row in found]

        records = work.materialise(
            identity_record(
                bronze("salesforce_accounts", *rows("accounts", "Id", "CreatedDate")),
                bronze("salesforce_contacts", *rows("contacts", "Id", "CreatedDate")),
                bronze("stripe_customers", *rows("customers", "id", "created")),
                work=work,
                metadata_key="salesforce_account_id",
            )
        )
        reviews = table(ibis_schema(IdentityReview), [review(*item) for item in world["reviews"].items()])
        pairs = work.materialise(identity_pair(records, reviews, work=work, link_probability=0.5))
        return {"identity_record": records, "identity_pair": pairs}

    return made


def rows_of(made):
    return {name: sorted(map(repr, table.to_pyarrow().to_pylist())) for name, table in made.items()}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORLD, WORLD, st.sets(st.sampled_from(["accounts", "contacts", "customers", "reviews"])))
def test_to_go_on_is_to_run_over_everything(build, first, second, kept):
    second = {kind: first[kind] if kind in kept else rows for kind, rows in second.items()}
    before = build(first)
    assert rows_of(build(second, before)) == rows_of(build(second))


def test_only_pairs_in_reach_of_a_change_are_scored(build, monkeypatch):
    seen = []
    real = score.pairs
    monkeypatch.setattr(
        pairs_module.score, "pairs", lambda batch, **given: (seen.extend(batch["left"].to_pylist()), real(batch, **given))[1]
    )
    a, b = ACCOUNTS[:2]
    fields = {"Phone": None, "MasterRecordId": None}
    world = {
        "accounts": {a: {"Name": "Acme", "Billing_Email__c": "a@acme.com", **fields},
                     b: {"Name": "Bolt", "Billing_Email__c": "x@bolt.com", **fields}},
        "contacts": {},
        "customers": {"cus_0": {"name": "Acme", "email": "a@acme.com", "metadata": None},
                      "cus_1": {"name": "Bolt", "email": "x@bolt.com", "metadata": None}},
        "reviews": {},
    }  # fmt: skip
    before = build(world)
    assert len(seen) == 2
    seen.clear()
    world["customers"]["cus_1"] = {"name": "Bolt Inc", "email": "x@bolt.com", "metadata": None}
    after = build(world, before)
    assert seen == [f"salesforce|org_1|{b}"]
    assert after["identity_pair"].count().execute() == 2


def test_an_account_that_comes_later_reaches_the_pairs_of_who_names_it(build):
    """The customer's pair with another account becomes a conflict, though neither of the two changed."""
    named, other = ACCOUNTS[:2]
    fields = {"Phone": None, "MasterRecordId": None}
    there = {other: {"Name": "Acme", "Billing_Email__c": "a@acme.com", **fields}}
    customer = {"name": "Acme", "email": "a@acme.com", "metadata": f'{{"salesforce_account_id": "{named}"}}'}
    world = {"accounts": there, "contacts": {}, "customers": {"cus_0": customer}, "reviews": {}}
    before = build(world)
    assert before["identity_pair"].id_level.to_pyarrow().to_pylist() == ["unknown"]
    later = {**world, "accounts": {**there, named: {"Name": "Zenith", "Billing_Email__c": None, **fields}}}
    after = build(later, before)
    assert sorted(after["identity_pair"].id_level.to_pyarrow().to_pylist()) == ["conflict", "same"]
    assert rows_of(after) == rows_of(build(later))


def test_another_reading_of_the_same_payload_is_a_change(work, build):
    """A new release of c360 may read an e-mail from another field: the payload is the same, what is compared is not."""
    fields = {"Phone": None, "MasterRecordId": None}
    account = {"Name": "Acme", "Billing_Email__c": "a@acme.com", **fields}
    customer = {"name": "Acme", "email": "a@acme.com", "metadata": None}
    world = {"accounts": {ACCOUNTS[0]: account}, "contacts": {}, "customers": {"cus_0": customer}, "reviews": {}}
    before = build(world)
    read = before["identity_record"].mutate(email_key=ibis.literal("x@bolt.com"), domain=ibis.literal("bolt.com"))
    was_read = work.materialise(read.mutate(email_key=(read.source_entity == "customer").ifelse("a@acme.com", read.email_key)))
    reviews = ibis.memtable([], schema=ibis_schema(IdentityReview))
    work.continues = False
    was_paired = identity_pair(was_read, reviews, work=work, link_probability=0.5)
    assert was_paired.email_level.to_pyarrow().to_pylist() == ["none"]
    work.before = {"identity_record": was_read, "identity_pair": was_paired}
    work.continues = True
    after = identity_pair(before["identity_record"], reviews, work=work, link_probability=0.5)
    assert after.email_level.to_pyarrow().to_pylist() == ["exact"]
