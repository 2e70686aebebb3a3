"""The steps on a few rows: evidence, guards, reviews, stable ids over runs, quarantine, the log of changes."""

from datetime import UTC, date, datetime

import ibis
import pytest

from c360.contract import ibis_schema, row_rules
from c360.identity.normalise import salesforce_id
from c360.identity.tokens import TOKEN_PATTERN
from c360.silver.identity.customer_identity import CustomerIdentity, customer_identity
from c360.silver.identity.customer_identity_change import customer_identity_change
from c360.silver.identity.customer_redirect import customer_redirect
from c360.silver.identity.identity_pair import IdentityPair, identity_pair
from c360.silver.identity.identity_record import IdentityRecord, identity_record
from c360.silver.identity.identity_review import IdentityReview

A, B, C = (salesforce_id(f"001D00000{letter * 6}") for letter in "aBc")
PARTS = ("system", "account", "id")
DAY_1, DAY_2 = date(2026, 1, 2), date(2026, 1, 3)


def at(day):
    return datetime(2025, 1, day, tzinfo=UTC)


@pytest.fixture
def run(work, bronze, table):
    """Runs the three steps and returns records, pairs and identity."""

    def make(accounts=(), contacts=(), customers=(), reviews=(), as_of=DAY_1, previous=None):
        work.before = {} if previous is None else {"customer_identity": previous}
        records = work.materialise(
            identity_record(
                bronze("salesforce_accounts", *accounts),
                bronze("salesforce_contacts", *contacts),
                bronze("stripe_customers", *customers),
                work=work,
                metadata_key="salesforce_account_id",
            )
        )
        reviewed = table(ibis_schema(IdentityReview), reviews)
        pairs = work.materialise(identity_pair(records, reviewed, work=work, link_probability=0.5))
        return records, pairs, work.materialise(customer_identity(records, pairs, work=work, as_of=as_of))

    return make


def account(id_, name, day=1, **fields):
    return {"Id": id_, "Name": name, "CreatedDate": at(day), **fields}


def customer(id_, name=None, email=None, day=10, **fields):
    return {"id": id_, "name": name, "email": email, "created": at(day), **fields}


def review(left, right, decision, day=1):
    sides = {"left": ("salesforce", "org_1", left), "right": ("stripe", "acct_1", right)}
    names = {f"{side}_source_{part}": v for side, values in sides.items() for part, v in zip(PARTS, values, strict=True)}
    return {**names, "decision": decision, "author": "ann", "decided_at": at(day)}


def ids(identity):
    return {r["source_id"]: r["customer_id"] for r in identity.to_pyarrow().to_pylist()}


def rows(table):
    return {r["source_id"]: r for r in table.to_pyarrow().to_pylist()}


def check(contract, table):
    """Names of the rules that some row breaks."""
    return {rule.name for rule in row_rules(contract) if not rule.holds(table).fill_null(True).all().execute()}


def test_records_are_normalised_and_tokenised(run):
    records, _, _ = run(
        [account(A, " Acme  GmbH ", Website="www.acme.com", Billing_Email__c="Pay+1@ACME.com", Phone="+49 30 1234567")],
        [{"Id": "003A", "AccountId": A, "FirstName": "Ann", "LastName": "Lee", "Email": "ann@acme.com", "CreatedDate": at(1)}],
        [customer("cus_1", "Acme", "pay@acme.com", metadata=f'{{"salesforce_account_id": "{A}"}}')],
    )
    found = rows(records)
    assert found[A]["name"] == "Acme GmbH"
    assert (found[A]["name_core"], found[A]["email_key"], found[A]["domain"]) == ("acme", "pay@acme.com", "acme.com")
    assert (found["003A"]["member_id"], found["003A"]["name"], found["003A"]["is_person"]) == (A, "Ann Lee", True)
    assert found["cus_1"]["metadata_account_id"] == A
    assert all(row["name_token"].startswith("tok_k1_nm_") for row in found.values())
    assert list(records.columns) == list(ibis_schema(IdentityRecord))
    assert check(IdentityRecord, records) == set()
    assert records.email_token.re_search(f"^{TOKEN_PATTERN}$").all().execute()


def test_metadata_id_of_15_characters_links(run):
    short = customer("cus_1", "Other", metadata=f'{{"salesforce_account_id": "{A[:15]}"}}')
    _, pairs, identity = run([account(A, "Acme")], customers=[short])
    found = rows(identity)
    assert found["cus_1"]["customer_id"] == found[A]["customer_id"]
    assert found["cus_1"]["rule"] == "metadata_id"
    assert found["cus_1"]["confidence"] > 0.95
    assert check(IdentityPair, pairs) == check(CustomerIdentity, identity) == set()


def test_organisations_that_share_an_id_have_one_row_per_pair(run):
    """A sandbox has the ids of the production it was copied from; only the records' accounts tell them apart."""
    accounts = [account(A, "Acme"), account(A, "Acme", source_account="org_2")]
    _, pairs, identity = run(accounts, customers=[customer("cus_1", "Acme", metadata=f'{{"salesforce_account_id": "{A}"}}')])
    key = pairs.select(IdentityPair.Config.unique)
    assert key.distinct().count().execute() == key.count().execute() == 3
    assert identity.count().execute() == 3


def test_contact_email_links_its_account_and_contacts_are_no_members(run):
    contact = {"Id": "003A", "AccountId": A, "Name": "Ann Lee", "Email": "ann@acme.com", "CreatedDate": at(1)}
    _, _, identity = run([account(A, "Acme")], [contact], [customer("cus_1", None, "ANN@acme.com")])
    assert set(ids(identity)) == {A, "cus_1"}
    assert len(set(ids(identity).values())) == 1


@pytest.mark.parametrize("email", ["office@gmail.com", "billing@acme.com"])
def test_free_and_role_mailboxes_are_never_enough_alone(run, email):
    accounts = [account(A, "Acme", Billing_Email__c=email)]
    _, pairs, identity = run(accounts, customers=[customer("cus_1", None, email), customer("cus_2", "Acme Ltd", email)])
    found = ids(identity)
    assert found["cus_2"] == found[A]
    assert found["cus_1"] not in {found[A]}
    assert "mailbox_not_enough" in pairs.reason.to_pyarrow().to_pylist()


def test_a_mailbox_of_two_companies_is_not_enough_alone(run):
    agency = "clients@agency.com"
    accounts = [account(A, "Acme", Billing_Email__c=agency), account(B, "Bolt", Billing_Email__c=agency)]
    _, _, identity = run(accounts, customers=[customer("cus_1", None, agency), customer("cus_2", "bolt", agency)])
    found = ids(identity)
    assert found["cus_2"] == found[B]
    assert found["cus_1"] not in {found[A], found[B]}


def test_subsidiaries_on_one_domain_are_told_apart_by_name(run):
    accounts = [account(A, "Acme Health", Website="acme.com"), account(B, "Acme Logistics", Website="acme.com")]
    customers = [customer("cus_1", "ACME Logistics Inc", "x@acme.com"), customer("cus_2", "Acme health", "y@acme.com")]
    found = ids(run(accounts, customers=customers)[2])
    assert (found["cus_1"], found["cus_2"]) == (found[B], found[A])
    assert found[A] != found[B]


def test_merged_accounts_follow_their_master_and_duplicates_are_one(run):
    loser = account(B, "Acme Inc", day=3, MasterRecordId=A, IsDeleted=True)
    customers = [customer("cus_1", "Acme", "a@acme.com"), customer("cus_2", "Acme Inc.", "a@acme.com")]
    _, _, identity = run([account(A, "Acme", Website="acme.com"), loser], customers=customers)
    assert len(set(ids(identity).values())) == 1
    assert rows(identity)[B]["is_deleted"]
    assert rows(identity)[B]["rule"] == "merged"


def test_reviews_win_and_the_newest_counts(run):
    accounts = [account(A, "Acme", Billing_Email__c="a@acme.com"), account(B, "Zenith")]
    reviews = [review(A, "cus_1", "must_link", 1), review(A, "cus_1", "cannot_link", 2), review(B, "cus_1", "must_link")]
    _, pairs, identity = run(accounts, customers=[customer("cus_1", "Acme", "a@acme.com")], reviews=reviews)
    found = rows(identity)
    assert found["cus_1"]["customer_id"] == found[B]["customer_id"] != found[A]["customer_id"]
    assert (found["cus_1"]["rule"], found["cus_1"]["is_reviewed"]) == ("reviewed", True)
    decided = {r["left_source_id"]: (r["decision"], r["probability"], r["reason"]) for r in pairs.to_pyarrow().to_pylist()}
    assert decided == {A: ("rejected", 0.0, "cannot_link"), B: ("accepted", 1.0, None)}
    assert check(IdentityPair, pairs) == set()


def test_after_a_withdrawn_decision_the_pair_is_decided_by_the_model_again(run):
    accounts, customers = [account(A, "Acme", Billing_Email__c="a@acme.com")], [customer("cus_1", "Acme", "a@acme.com")]
    plain = run(accounts, customers=customers)
    decided = [review(A, "cus_1", "cannot_link", 1)]
    apart = run(accounts, customers=customers, reviews=decided)
    assert len(set(ids(apart[2]).values())) == 2
    back = run(accounts, customers=customers, reviews=[review(A, "cus_1", "withdrawn", 2), *decided])
    assert [t.to_pyarrow().to_pylist() for t in back[1:]] == [t.to_pyarrow().to_pylist() for t in plain[1:]]


def test_a_review_of_an_unknown_record_changes_nothing(run):
    _, pairs, identity = run([account(A, "Acme")], reviews=[review(A, "cus_gone", "must_link")])
    assert pairs.count().execute() == 0
    assert rows(identity)[A]["rule"] == "single"


def test_an_account_without_name_breaks_the_contract_and_its_customer_lives_on(run):
    customers = [customer("cus_1", "Acme", metadata=f'{{"salesforce_account_id": "{A}"}}')]
    _, _, identity = run([account(A, "  ")], customers=customers)
    rule = next(r for r in row_rules(CustomerIdentity) if r.name == "account_has_name")
    assert rule.reason == "a Salesforce business account without a name"
    good = identity.filter(rule.holds(identity))
    assert list(ids(good)) == ["cus_1"]


def test_person_accounts_need_no_business_name(run):
    person = account(A, None, IsPersonAccount=True, FirstName="Ann", LastName="Lee", PersonEmail="ann@gmail.com")
    _, _, identity = run([person], customers=[customer("cus_1", "Ann Lee", "ann@gmail.com")])
    assert len(set(ids(identity).values())) == 1
    assert check(CustomerIdentity, identity) == set()


def test_ids_survive_a_link_and_changes_are_logged(run, work):
    accounts, lonely = [account(A, "Acme")], [customer("cus_1", "Acme Inc", "a@acme.com")]
    _, _, first = run(accounts, customers=lonely)
    linked = [account(A, "Acme", Billing_Email__c="a@acme.com")]
    _, _, second = run(linked, customers=lonely, as_of=DAY_2, previous=first)
    before, after = ids(first), ids(second)
    assert set(after.values()) == {before[A]}
    since = {source_id: row["since_date"] for source_id, row in rows(second).items()}
    assert since == {A: DAY_1, "cus_1": DAY_2}
    change = customer_identity_change(second, work=work, as_of=DAY_2).to_pyarrow().to_pylist()
    assert change == [{"change_date": DAY_2, "old_customer_id": before["cus_1"], "customer_id": before[A], "reason": "merged",
                       "record_count": 1}]  # fmt: skip
    log = customer_identity_change(second, work=work, as_of=DAY_2)
    led = customer_redirect(second, log, work=work, as_of=DAY_2).to_pyarrow().to_pylist()
    assert led == [{"old_customer_id": before["cus_1"], "customer_id": before[A]}]
    _, _, third = run(accounts, customers=lonely, as_of=DAY_2, previous=second)
    assert ids(third) == before
    reasons = customer_identity_change(third, work=work, as_of=DAY_2).reason.to_pyarrow().to_pylist()
    assert reasons == ["split"]
    assert customer_redirect(third, log, work=work, as_of=DAY_2).count().execute() == 0


def test_a_first_run_logs_no_change(run, work):
    _, _, identity = run([account(A, "Acme")])
    assert customer_identity_change(identity, work=work, as_of=DAY_1).count().execute() == 0


def test_order_of_arrival_and_unrelated_records_change_nothing(run):
    accounts = [account(A, "Acme", Billing_Email__c="a@acme.com"), account(B, "Bolt", Website="bolt.com")]
    bolts = [customer("cus_2", "BOLT Ltd", "x@bolt.com"), customer("cus_3", "Bolt", "y@bolt.com")]
    customers = [customer("cus_1", "Acme", "a@acme.com"), *bolts]
    _, _, identity = run(accounts, customers=customers)
    more = [customer("cus_9", "Zenith", "z@zenith.com"), *reversed(customers)]
    _, _, again = run([account(C, "Zenith", Website="zenith.com"), *reversed(accounts)], customers=more)
    assert {source_id: ids(again)[source_id] for source_id in ids(identity)} == ids(identity)


def test_nothing_at_all(run):
    records, pairs, identity = run()
    assert [t.count().execute() for t in (records, pairs, identity)] == [0, 0, 0]
    assert identity.schema() == ibis.schema({n: t.copy(nullable=True) for n, t in ibis_schema(CustomerIdentity).items()})
