"""Survivorship, the unknown member, and matched flags, on rows written by hand."""

from datetime import UTC, datetime

import pytest

from c360.contract import ibis_schema, row_rules
from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.silver.identity.customer_identity import CustomerIdentity
from c360.silver.identity.dim_customer import DimCustomer, dim_customer
from c360.silver.identity.identity_pair import IdentityPair
from c360.silver.identity.identity_record import IdentityRecord

PARTS = ("system", "account", "id")
SALESFORCE, STRIPE = ("salesforce", "org_1"), ("stripe", "acct_1")


@pytest.fixture
def build(table, bronze, work):
    """`build(members, accounts=…, links=…)`: members are (place, id, customer, day created, fields)."""

    def make(members, accounts=(), links=(), users=()):
        identity, records = [], []
        for (system, account), source_id, customer_id, day, fields in members:
            place = {"source_system": system, "source_account": account, "source_id": source_id}
            identity.append({**place, "customer_id": customer_id, "is_person": False, "is_deleted": False, **fields})
            records.append({**place, "created_at": datetime(2025, 1, day, tzinfo=UTC), **fields})
        pairs = [_pair(*link) for link in links]
        result = dim_customer(
            table(ibis_schema(CustomerIdentity), identity),
            table(ibis_schema(IdentityPair), pairs),
            table(ibis_schema(IdentityRecord), records),
            bronze("salesforce_accounts", *accounts),
            bronze("salesforce_users", *users),
        )
        result = work.materialise(result)
        assert all(rule.holds(result).fill_null(True).all().execute() for rule in row_rules(DimCustomer))
        return {row["customer_id"]: row for row in result.to_pyarrow().to_pylist()}

    return make


def _pair(account, customer, rule, probability):
    sides = {"left": (*SALESFORCE, account), "right": (*STRIPE, customer)}
    names = {f"{s}_source_{p}": v for s, values in sides.items() for p, v in zip(PARTS, values, strict=True)}
    return {**names, "rule": rule, "probability": probability, "weight": 1.0, "decision": "accepted"}


def test_no_customers_but_the_unknown_member(build):
    found = build([])
    assert list(found) == [UNKNOWN_CUSTOMER_ID]
    unknown = found[UNKNOWN_CUSTOMER_ID]
    assert (unknown["is_unknown"], unknown["status"], unknown["display_name"]) == (True, "unknown", "Unknown")


def test_live_surviving_oldest_account_first_and_gaps_filled_with_provenance(build):
    members = [
        (SALESFORCE, "A", "c", 1, {"is_deleted": True, "master_id": "B"}),
        (SALESFORCE, "B", "c", 2, {}),
        (SALESFORCE, "D", "c", 3, {}),
    ]
    accounts = [
        {"Id": "A", "Name": "Old", "Industry": "Energy", "BillingCountry": "FR", "BillingState": "x"},
        {"Id": "B", "Name": " New ", "OwnerId": "u1", "BillingCountry": "DE"},
        {"Id": "D", "Name": "Newer", "Type": "Partner", "OwnerId": "u2", "BillingState": "y"},
    ]
    customer = build(members, accounts, users=[{"Id": "u1", "Name": "Olga"}, {"Id": "u2", "Name": "Otto"}])["c"]
    assert (customer["name"], customer["name_source_id"], customer["display_name"]) == ("New", "B", "New")
    assert (customer["industry"], customer["industry_source_id"]) == ("Energy", "A")
    assert (customer["account_type"], customer["account_type_source_id"]) == ("Partner", "D")
    assert (customer["country"], customer["state"], customer["country_source_id"]) == ("DE", None, "B")
    assert (customer["owner_id"], customer["owner_name"], customer["owner_id_source_id"]) == ("u1", "Olga", "B")
    assert (customer["salesforce_account_id"], customer["salesforce_account_count"]) == ("B", 3)
    assert customer["created_at"].day == 1
    assert not customer["is_deleted"]


def test_matched_with_the_most_probable_link(build):
    members = [(SALESFORCE, "A", "c", 1, {}), (STRIPE, "cus_2", "c", 2, {"is_deleted": True}), (STRIPE, "cus_1", "c", 3, {})]
    links = [("A", "cus_1", "domain_name", 0.96), ("A", "cus_2", "email", 0.99)]
    customer = build(members, [{"Id": "A", "Name": "Acme"}], links)["c"]
    assert (customer["is_matched"], customer["reconciliation_confidence"], customer["match_rule"]) == (True, 0.99, "email")
    assert (customer["stripe_customer_id"], customer["stripe_customer_count"]) == ("cus_1", 2)


def test_names_of_persons_are_not_shown(build):
    members = [(SALESFORCE, "P", "p", 1, {"is_person": True}), (STRIPE, "cus_1", "s", 1, {"email_token": None})]
    found = build(members, [{"Id": "P", "Name": "Ann Lee", "IsPersonAccount": True}])
    assert (found["p"]["name"], found["p"]["display_name"], found["p"]["is_person"]) == (None, "P", True)
    assert (found["s"]["display_name"], found["s"]["is_matched"]) == ("cus_1", False)
    assert found["s"]["reconciliation_confidence"] == 0.0


def test_a_link_through_a_quarantined_account_matches_nothing(build):
    customer = build([(STRIPE, "cus_1", "c", 1, {})], links=[("gone", "cus_1", "email", 0.99)])["c"]
    assert (customer["is_matched"], customer["reconciliation_confidence"], customer["match_rule"]) == (False, 0.0, None)


def test_deleted_when_all_records_are(build):
    customer = build([(STRIPE, "cus_1", "c", 1, {"is_deleted": True})])["c"]
    assert (customer["is_deleted"], customer["status"]) == (True, "deleted")
