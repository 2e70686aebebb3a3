"""Precision and recall on the demo's truth, at its second load date."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from functools import reduce
from operator import and_

import pytest

from c360.contract import ibis_schema, row_rules
from c360.demo.company import generate
from c360.silver.identity.customer_identity import CustomerIdentity, customer_identity
from c360.silver.identity.dim_customer import dim_customer
from c360.silver.identity.identity_pair import identity_pair
from c360.silver.identity.identity_record import identity_record
from c360.silver.identity.identity_review import IdentityReview
from c360.silver.identity.reconciliation_log import reconciliation_log

ACCOUNTS = 500
_INSTANTS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")


def _salesforce(company, kind):
    at = company.world.calendar.cutoffs[-1]
    states = [record.state_at(at) for record in company.world.salesforce.records[kind].values()]
    return [{k: datetime.fromisoformat(v) if k in _INSTANTS else v for k, v in s.items()} for s in states if s]


def _customers(company):
    at = company.world.calendar.cutoffs[-1]
    for record in company.world.book.records["customers"].values():
        index = record.index_at(at)
        if index < 0:
            continue
        is_deleted = record.versions[index][1] is None
        state = record.state(index - 1 if is_deleted else index)
        created = datetime.fromtimestamp(state["created"], UTC)
        yield {**state, "created": created, "metadata": json.dumps(state["metadata"]), "is_deleted": is_deleted}


def build(company, work, bronze, table):
    as_of = company.load_dates[-1]
    accounts = bronze("salesforce_accounts", *_salesforce(company, "Account"))
    records = work.materialise(
        identity_record(
            accounts,
            bronze("salesforce_contacts", *_salesforce(company, "Contact")),
            bronze("stripe_customers", *_customers(company)),
            work=work,
            metadata_key="salesforce_account_id",
        )
    )
    reviews = table(ibis_schema(IdentityReview), [])
    pairs = work.materialise(identity_pair(records, reviews, work=work, link_probability=0.5))
    identity = work.materialise(customer_identity(records, pairs, work=work, as_of=as_of))
    good = work.materialise(identity.filter(_accepted(identity)))
    users = bronze("salesforce_users", *_salesforce(company, "User"))
    stripe = bronze("stripe_customers", *_customers(company))
    customers = work.materialise(dim_customer(good, pairs, records, accounts, users, stripe))
    deals = [{k: d[k] for k in ("Id", "AccountId", "IsWon", "IsDeleted")} for d in _salesforce(company, "Opportunity")]
    log = reconciliation_log(
        good, customers, accounts, bronze("salesforce_opportunities", *deals), as_of=as_of, match_confidence=0.95, match_rate=0.98
    )
    return identity, good, customers, log.to_pyarrow().to_pylist()[0]


def _accepted(identity):
    """The rows the quality layer lets through."""
    return reduce(and_, (rule.holds(identity).fill_null(True) for rule in row_rules(CustomerIdentity)))


def cross_pairs(labels):
    """(account, customer) pairs that carry one label."""
    groups = defaultdict(lambda: ([], []))
    for (system, source_id), label in labels.items():
        groups[label][system == "stripe"].append(source_id)
    return {(account, customer) for accounts, customers in groups.values() for account in accounts for customer in customers}


@pytest.mark.parametrize(("dirt", "least_precision", "least_recall"), [("default", 0.995, 0.985), ("heavy", 0.995, 0.98)])
def test_precision_and_recall(dirt, least_precision, least_recall, work, bronze, table):
    company = generate(accounts=ACCOUNTS, dirt=dirt)
    identity, good, customers, log = build(company, work, bronze, table)
    found = {(r["source_system"], r["source_id"]): r["customer_id"] for r in identity.to_pyarrow().to_pylist()}
    linked = cross_pairs(found)
    true = {pair for pair in company.truth.pairs if ("salesforce", pair[0]) in found and ("stripe", pair[1]) in found}
    assert len(linked & true) / len(linked) >= least_precision
    assert len(linked & true) / len(true) >= least_recall
    assert good.customer_id.nunique().execute() == customers.count().execute() - 1
    if dirt == "default":
        assert log["passed"] is True
        assert log["confidence_median"] >= 0.95
