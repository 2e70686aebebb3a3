"""Survivorship, the unknown member, and matched flags, on rows written by hand."""

from datetime import UTC, date, datetime
from random import Random

import pytest

from c360.contract import ibis_schema, row_rules
from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.silver.identity.customer_identity import CustomerIdentity
from c360.silver.identity.dim_customer import DimCustomer, dim_customer
from c360.silver.identity.identity_pair import IdentityPair
from c360.silver.identity.identity_record import IdentityRecord
from c360.silver.identity.survivorship import PROVENANCE, SURVIVORSHIP

PARTS = ("system", "account", "id")
TOKEN = "tok_k1_em_" + "a" * 32
CHANGED = datetime(2025, 6, 1, 12, tzinfo=UTC)
LOADED = date(2026, 1, 2)
SALESFORCE, STRIPE = ("salesforce", "org_1"), ("stripe", "acct_1")


@pytest.fixture
def build(table, bronze, work):
    """`build(members, accounts=…, links=…)`: members are (place, id, customer, day created, fields)."""

    def make(members, accounts=(), links=(), users=(), customers=()):
        identity, records = [], []
        for (system, account), source_id, customer_id, day, fields in members:
            place = {"source_system": system, "source_account": account, "source_id": source_id}
            identity.append({**place, "customer_id": customer_id, "is_person": False, "is_deleted": False, **fields})
            records.append({**place, "created_at": datetime(2025, 1, day, tzinfo=UTC), "date_loaded": LOADED, **fields})
        pairs = [_pair(*link) for link in links]
        result = dim_customer(
            table(ibis_schema(CustomerIdentity), identity),
            table(ibis_schema(IdentityPair), pairs),
            table(ibis_schema(IdentityRecord), records),
            bronze("salesforce_accounts", *accounts),
            bronze("salesforce_users", *users),
            bronze("stripe_customers", *customers),
        )
        result = work.materialise(result)
        held = result.aggregate(**{rule.name: rule.holds(result).fill_null(True).all() for rule in row_rules(DimCustomer)})
        assert all(held.to_pyarrow().to_pylist()[0].values())
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


def test_stripe_serves_where_salesforce_has_none_and_an_address_is_never_mixed(build):
    members = [(SALESFORCE, "A", "c", 2, {}), (STRIPE, "cus_1", "c", 1, {"email_token": TOKEN, "phone_token": TOKEN})]
    accounts = [{"Id": "A", "Name": "Acme", "BillingState": "Bavaria", "source_updated_at": CHANGED}]
    customers = [{"id": "cus_1", "name": "Ann Lee", "address": {"country": " US ", "state": "CA"}}]
    found = build(members, accounts, customers=customers)["c"]
    loaded = datetime(2026, 1, 2, tzinfo=UTC)
    assert told(found, "country", "state") == ("US", "CA", "stripe", "cus_1", loaded)
    assert told(found, "email_token") == (TOKEN, "stripe", "cus_1", loaded)
    assert told(found, "name") == ("Acme", "salesforce", "A", CHANGED)
    assert told(found, "industry") == (None, None, None, None)
    accounts[0]["BillingCountry"] = "Germany"
    assert told(build(members, accounts, customers=customers)["c"], "country", "state") == (
        "Germany", "Bavaria", "salesforce", "A", CHANGED
    )  # fmt: skip


def test_a_live_record_of_stripe_comes_before_a_deleted_one_of_salesforce(build):
    members = [(SALESFORCE, "A", "c", 1, {"is_deleted": True}), (STRIPE, "cus_1", "c", 2, {})]
    customers = [{"id": "cus_1", "address": {"country": "US"}}]
    found = build(members, [{"Id": "A", "Name": "Acme", "BillingCountry": "DE"}], customers=customers)["c"]
    assert told(found, "country") == ("US", "stripe", "cus_1", datetime(2026, 1, 2, tzinfo=UTC))
    assert (found["name"], found["name_source_id"]) == ("Acme", "A")


def told(customer, *columns):
    return tuple(customer[name] for name in (*columns, *(f"{columns[0]}_{what}" for what in PROVENANCE)))


@pytest.mark.parametrize("seed", range(3))
def test_all_values_of_a_group_are_of_one_record_of_the_customer_the_best_that_has_them(build, seed):
    random = Random(seed)
    words = (None, None, "", " x", "y", "z")
    members, accounts, stripe = [], [], []
    for number in range(60):
        place = random.choice((SALESFORCE, STRIPE))
        name, customer, day = f"r{number}", f"c{random.randrange(15)}", random.randrange(1, 4)
        flags = {"is_deleted": random.random() < 0.3, "master_id": random.choice((None, None, "m"))}
        tokens = {kind: random.choice((None, f"tok_k1_{kind[:2]}_{'a' * 32}")) for kind in ("email_token", "phone_token")}
        members.append((place, name, customer, day, {**flags, **tokens}))
        pick = {what: random.choice(words) for what in ("name", "industry", "account_type", "country", "state")}
        if place == SALESFORCE:
            owner = random.choice((None, "u1", "u2"))
            fields = dict(zip(("Name", "Industry", "Type", "BillingCountry", "BillingState"), pick.values(), strict=True))
            accounts.append({"Id": name, **fields, "OwnerId": owner})
        else:
            pick = {**dict.fromkeys(pick), "country": pick["country"], "state": pick["state"]}
            owner = None
            stripe.append({"id": name, "name": "Ann Lee", "address": {"country": pick["country"], "state": pick["state"]}})
        clean = {what: (text or "").strip() or None for what, text in pick.items()}
        members[-1][4]["expected"] = {**clean, **tokens, "owner_id": owner, "owner_name": owner and owner.upper()}
    users = [{"Id": "u1", "Name": "U1"}, {"Id": "u2", "Name": "U2"}]
    found = build(members, accounts, users=users, customers=stripe)
    for group in SURVIVORSHIP:
        for customer_id in {member[2] for member in members}:
            mine = [m for m in members if m[2] == customer_id]
            having = [m for m in mine if m[4]["expected"][group.name] is not None and m[0][0] in group.sources]
            best = min(having, key=lambda m: _standing(m, group), default=None)
            values = {name: found[customer_id][name] for name in group.columns}
            source = (found[customer_id][f"{group.name}_source_system"], found[customer_id][f"{group.name}_source_id"])
            assert source == ((best[0][0], best[1]) if best else (None, None))
            assert values == {name: best[4]["expected"][name] if best else None for name in group.columns}


def _standing(member, group):
    (system, account), source_id, _, day, fields = member
    return (fields["is_deleted"], fields["master_id"] is not None, group.sources.index(system), day, system, account, source_id)


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


def test_every_group_is_checked_to_have_a_source():
    names = {rule.name for rule in row_rules(DimCustomer)}
    assert {f"{group.name}_has_source" for group in SURVIVORSHIP} <= names
    columns = set(ibis_schema(DimCustomer))
    assert {f"{group.name}_{what}" for group in SURVIVORSHIP for what in PROVENANCE} <= columns
