"""The customers: one per company or person, whatever records the sources have of it."""

from functools import reduce
from operator import and_
from typing import Any

import ibis
import ibis.expr.types as ir

from c360.catalog import Overwrite, table
from c360.contract import Contract, Flag, Instant, Integer, Share, Text, field, ibis_schema, row_check
from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.expressions.domains import cleaned
from c360.expressions.history import changed_at
from c360.expressions.lineage import nullable, shaped
from c360.identity.rules import RULE_NAMES
from c360.identity.tokens import TOKEN_PATTERN
from c360.silver.identity.identity_pair import ACCEPTED
from c360.silver.identity.survivorship import PROVENANCE, survivors

ACTIVE, DELETED, UNKNOWN = "active", "deleted", "unknown"
UNMATCHED_CONFIDENCE = 0.0
_PLACE = ("source_system", "source_account", "source_updated_at")


def _system(what: str) -> Text:
    return field(f"System of the record {what} came from.", nullable=True, pii="enum")


def _id(what: str) -> Text:
    return field(f"Id of the record {what} came from.", nullable=True, pii="id")


def _known_at(what: str) -> Instant:
    return field(f"When the source last changed the record {what} came from, else the day it was loaded (UTC).", nullable=True)


def _has_source(group: str) -> Any:
    def is_told(cls: type, row: ir.Table) -> ir.BooleanValue:  # noqa: ARG001  # a method of the contract
        return reduce(and_, (row[group].notnull() == row[f"{group}_{what}"].notnull() for what in PROVENANCE))

    is_told.__name__ = f"{group}_has_source"
    return row_check(f"{group} without the record it came from, or the other way round")(is_told)


class DimCustomer(Contract):
    """One row per customer, and the unknown member (`is_unknown`), which facts without a customer point to.

    Attributes come from the best record that has one: live before deleted, surviving before merged, Salesforce before Stripe,
    oldest first; `silver/identity/survivorship.py` has the rules. Values that mean something only together, such as country and
    state, come from one record. Beside each is which record it came from, and when that version of it was made.
    """

    customer_id: Text = field("The customer; stable.", pii="id")
    display_name: Text = field("Name of a business account, else the Stripe id, else the Salesforce id.", pii="organisation")
    name: Text = field("Name of the Salesforce business account, trimmed.", nullable=True, pii="organisation")
    name_source_system: Text = _system("the name")
    name_source_id: Text = _id("the name")
    name_known_at: Instant = _known_at("the name")
    industry: Text = field("Industry.", nullable=True, pii="organisation")
    industry_source_system: Text = _system("the industry")
    industry_source_id: Text = _id("the industry")
    industry_known_at: Instant = _known_at("the industry")
    account_type: Text = field("Salesforce's type of the account.", nullable=True, pii="organisation")
    account_type_source_system: Text = _system("the type")
    account_type_source_id: Text = _id("the type")
    account_type_known_at: Instant = _known_at("the type")
    country: Text = field(
        "Country of the billing address, as the source writes it (Stripe: ISO code).", nullable=True, pii="organisation"
    )
    state: Text = field("State of the same address.", nullable=True, pii="organisation")
    country_source_system: Text = _system("country and state")
    country_source_id: Text = _id("country and state")
    country_known_at: Instant = _known_at("country and state")
    owner_id: Text = field("Salesforce user who owns the account.", nullable=True, pii="id")
    owner_name: Text = field("That user's name.", nullable=True, pii="staff")
    owner_id_source_system: Text = _system("the owner")
    owner_id_source_id: Text = _id("the owner")
    owner_id_known_at: Instant = _known_at("the owner")
    status: Text = field("`active` while a record of it is live.", pii="enum", isin=(ACTIVE, DELETED, UNKNOWN))
    is_unknown: Flag = field("Whether this is the unknown member; it is no customer and counts as none.")
    is_person: Flag = field("Whether one of its accounts is a person account.")
    is_deleted: Flag = field("Whether all its records are deleted.")
    has_salesforce: Flag = field("Whether Salesforce knows it.")
    has_stripe: Flag = field("Whether Stripe knows it.")
    is_matched: Flag = field("Whether both know it.")
    reconciliation_confidence: Share = field("Probability of the strongest link between the systems; 0 without.", ge=0, le=1)
    match_rule: Text = field("Rule of that link.", nullable=True, pii="enum", isin=RULE_NAMES)
    salesforce_account_count: Integer = field("Its accounts, deleted and merged ones too.", ge=0)
    stripe_customer_count: Integer = field("Its Stripe customers, deleted ones too.", ge=0)
    salesforce_account_id: Text = field("Its best account.", nullable=True, pii="id")
    stripe_customer_id: Text = field("Its best Stripe customer.", nullable=True, pii="id")
    email_token: Text = field("Token of the best record's e-mail.", nullable=True, pii="token", matches=TOKEN_PATTERN)
    email_token_source_system: Text = _system("the e-mail")
    email_token_source_id: Text = _id("the e-mail")
    email_token_known_at: Instant = _known_at("the e-mail")
    phone_token: Text = field("Token of the best record's phone number.", nullable=True, pii="token", matches=TOKEN_PATTERN)
    phone_token_source_system: Text = _system("the phone number")
    phone_token_source_id: Text = _id("the phone number")
    phone_token_known_at: Instant = _known_at("the phone number")
    created_at: Instant = field("When its first record was created (UTC).", nullable=True)

    class Config:
        unique = ["customer_id"]

    @row_check("matched without records of both systems")
    def matched_has_both(cls, row: ir.Table) -> ir.BooleanValue:
        return row.is_matched == (row.has_salesforce & row.has_stripe)

    name_has_source = _has_source("name")
    industry_has_source = _has_source("industry")
    account_type_has_source = _has_source("account_type")
    country_has_source = _has_source("country")
    owner_id_has_source = _has_source("owner_id")
    email_token_has_source = _has_source("email_token")
    phone_token_has_source = _has_source("phone_token")


@table(DimCustomer, write=Overwrite(), traces={"customer_identity": {"customer_id": "customer_id"}})
def dim_customer(
    customer_identity: ir.Table,
    identity_pair: ir.Table,
    identity_record: ir.Table,
    salesforce_accounts: ir.Table,
    salesforce_users: ir.Table,
    stripe_customers: ir.Table,
) -> ir.Table:
    """One row per customer id of `customer_identity`, plus the unknown member."""
    accounts = _account_attributes(salesforce_accounts, salesforce_users)
    attributes = ibis.union(accounts, _stripe_attributes(stripe_customers).cast(accounts.schema()))
    customers = survivors(_members(customer_identity, identity_record, attributes))
    links = _strongest_links(customer_identity, identity_pair)
    joined = customers.left_join(links, customers.customer_id == links.linked_id)
    known = shaped(joined, DimCustomer, **_derived(joined))
    return known.union(_unknown_member(customer_identity))


def _account_attributes(accounts: ir.Table, users: ir.Table) -> ir.Table:
    owners = users.select(owner_account="source_account", owner="record_id", owner_name="Name")
    owned = accounts.left_join(owners, [accounts.source_account == owners.owner_account, accounts.OwnerId == owners.owner])
    is_business = ~owned.IsPersonAccount.fill_null(False)
    return nullable(
        owned.select(
            *_PLACE,
            source_id=owned.record_id,
            name=ibis.ifelse(is_business, cleaned(owned.Name), ibis.null("string")),
            industry=cleaned(owned.Industry),
            account_type=cleaned(owned.Type),
            country=cleaned(owned.BillingCountry),
            state=cleaned(owned.BillingState),
            owner_id=owned.OwnerId,
            owner_name=owned.owner_name,
        )
    )


def _stripe_attributes(customers: ir.Table) -> ir.Table:
    """What Stripe has of the same: the address. Its names may be those of persons."""
    nothing = dict.fromkeys(("name", "industry", "account_type", "owner_id", "owner_name"), ibis.null("string"))
    address = customers.address
    found = {**nothing, "country": cleaned(address["country"]), "state": cleaned(address["state"])}
    ordered = ("name", "industry", "account_type", "country", "state", "owner_id", "owner_name")
    return nullable(customers.select(*_PLACE, source_id=customers.record_id, **{name: found[name] for name in ordered}))


def _members(identity: ir.Table, records: ir.Table, attributes: ir.Table) -> ir.Table:
    """One row per source record of a customer, with its tokens and attributes, and when this version of it was made."""
    key = ["source_system", "source_account", "source_id"]
    features = records.select(*key, "created_at", "email_token", "phone_token", "date_loaded")
    mine = identity.select(*key, "customer_id", "is_person", "is_deleted", is_merged=identity.master_id.notnull())
    joined = mine.join(features, key).left_join(attributes, key).drop(*(f"{name}_right" for name in key))
    return joined.mutate(known_at=changed_at(joined))


def _strongest_links(identity: ir.Table, pairs: ir.Table) -> ir.Table:
    """Per customer the rule and probability of its most probable link between the two systems."""
    links = pairs.filter((pairs.decision == ACCEPTED) & (pairs.left_source_system != pairs.right_source_system))
    holders = identity.select("source_system", "source_account", "source_id", linked_id="customer_id")
    held = links.join(
        holders,
        [
            links.right_source_system == holders.source_system,
            links.right_source_account == holders.source_account,
            links.right_source_id == holders.source_id,
        ],
    )
    best_first = ibis.window(
        group_by="linked_id",
        order_by=[
            held.probability.desc(),
            held.weight.desc(),
            held.left_source_account,
            held.left_source_id,
            held.right_source_account,
            held.right_source_id,
        ],
    )
    ranked = held.mutate(link_rank=ibis.row_number().over(best_first))
    return ranked.filter(ranked.link_rank == 0).select("linked_id", "probability", "rule")


def _derived(customers: ir.Table) -> dict[str, ir.Value]:
    has_salesforce, has_stripe = customers.salesforce_account_count > 0, customers.stripe_customer_count > 0
    is_matched = has_salesforce & has_stripe
    confidence = ibis.ifelse(is_matched, customers.probability, UNMATCHED_CONFIDENCE)
    return {
        "display_name": ibis.coalesce(customers.name, customers.stripe_customer_id, customers.salesforce_account_id),
        "status": ibis.ifelse(customers.is_deleted, ibis.literal(DELETED), ibis.literal(ACTIVE)),
        "is_unknown": ibis.literal(value=False),
        "has_salesforce": has_salesforce,
        "has_stripe": has_stripe,
        "is_matched": is_matched,
        "reconciliation_confidence": confidence.fill_null(UNMATCHED_CONFIDENCE),
        "match_rule": ibis.ifelse(is_matched, customers.rule, ibis.null("string")),
    }


def _unknown_member(identity: ir.Table) -> ir.Table:
    """One row, also when there are no customers: an aggregate without groups always has one."""
    one = identity.aggregate(record_count=identity.count())
    flags = ("is_person", "is_deleted", "has_salesforce", "has_stripe", "is_matched")
    values: dict[str, ir.Value] = {
        **dict.fromkeys(flags, ibis.literal(value=False)),
        "customer_id": ibis.literal(UNKNOWN_CUSTOMER_ID),
        "display_name": ibis.literal("Unknown"),
        "status": ibis.literal(UNKNOWN),
        "is_unknown": ibis.literal(value=True),
        "reconciliation_confidence": ibis.literal(UNMATCHED_CONFIDENCE),
        "salesforce_account_count": ibis.literal(0),
        "stripe_customer_count": ibis.literal(0),
    }
    absent = {name: ibis.null(dtype.copy(nullable=True)) for name, dtype in ibis_schema(DimCustomer).items()}
    return shaped(one, DimCustomer, **{**absent, **values})
