"""The customers: one per company or person, whatever records the sources have of it."""

import ibis
import ibis.expr.types as ir

from c360.catalog import Overwrite, table
from c360.contract import Contract, Flag, Instant, Integer, Share, Text, field, ibis_schema, row_check
from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.expressions.lineage import shaped
from c360.identity.rules import RULE_NAMES
from c360.identity.tokens import TOKEN_PATTERN
from c360.silver.identity.identity_pair import ACCEPTED

ACTIVE, DELETED, UNKNOWN = "active", "deleted", "unknown"
UNMATCHED_CONFIDENCE = 0.0

_SURVIVING = {  # own column -> account columns that survive together, the first decides from which account
    "name": ("name",),
    "industry": ("industry",),
    "account_type": ("account_type",),
    "country": ("country", "state"),
    "owner_id": ("owner_id", "owner_name"),
    "email_token": ("email_token",),
    "phone_token": ("phone_token",),
}


class DimCustomer(Contract):
    """One row per customer, and the unknown member (`is_unknown`), which facts without a customer point to.

    Attributes come from the best account that has one: live before deleted, surviving before merged, oldest first. The
    `*_source_id` beside an attribute names the account it came from.
    """

    customer_id: Text = field("The customer; stable.", pii="id")
    display_name: Text = field("Name of a business account, else the Stripe id, else the Salesforce id.", pii="organisation")
    name: Text = field("Name of the Salesforce business account, trimmed.", nullable=True, pii="organisation")
    name_source_id: Text = field("Account the name came from.", nullable=True, pii="id")
    industry: Text = field("Industry.", nullable=True, pii="organisation")
    industry_source_id: Text = field("Account the industry came from.", nullable=True, pii="id")
    account_type: Text = field("Salesforce's type of the account.", nullable=True, pii="organisation")
    account_type_source_id: Text = field("Account the type came from.", nullable=True, pii="id")
    country: Text = field("Country of the billing address.", nullable=True, pii="organisation")
    state: Text = field("State of the same address.", nullable=True, pii="organisation")
    country_source_id: Text = field("Account country and state came from.", nullable=True, pii="id")
    owner_id: Text = field("Salesforce user who owns the account.", nullable=True, pii="id")
    owner_name: Text = field("That user's name.", nullable=True, pii="staff")
    owner_id_source_id: Text = field("Account the owner came from.", nullable=True, pii="id")
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
    phone_token: Text = field("Token of the best record's phone number.", nullable=True, pii="token", matches=TOKEN_PATTERN)
    created_at: Instant = field("When its first record was created (UTC).", nullable=True)

    class Config:
        unique = ["customer_id"]

    @row_check("matched without records of both systems")
    def matched_has_both(cls, row: ir.Table) -> ir.BooleanValue:
        return row.is_matched == (row.has_salesforce & row.has_stripe)


@table(DimCustomer, write=Overwrite(), traces={"customer_identity": {"customer_id": "customer_id"}})
def dim_customer(
    customer_identity: ir.Table,
    identity_pair: ir.Table,
    identity_record: ir.Table,
    salesforce_accounts: ir.Table,
    salesforce_users: ir.Table,
) -> ir.Table:
    """One row per customer id of `customer_identity`, plus the unknown member."""
    accounts = _account_attributes(salesforce_accounts, salesforce_users)
    customers = _survivors(_ranked(_members(customer_identity, identity_record, accounts)))
    links = _strongest_links(customer_identity, identity_pair)
    joined = customers.left_join(links, customers.customer_id == links.linked_id)
    known = shaped(joined, DimCustomer, **_derived(joined))
    return known.union(_unknown_member(customer_identity))


def _account_attributes(accounts: ir.Table, users: ir.Table) -> ir.Table:
    owners = users.select(owner_account="source_account", owner="record_id", owner_name="Name")
    owned = accounts.left_join(owners, [accounts.source_account == owners.owner_account, accounts.OwnerId == owners.owner])
    is_business = ~owned.IsPersonAccount.fill_null(False)
    return owned.select(
        source_system=owned.source_system,
        source_account=owned.source_account,
        source_id=owned.record_id,
        name=ibis.ifelse(is_business, owned.Name.strip(), ibis.null("string")).nullif(""),
        industry=owned.Industry.strip().nullif(""),
        account_type=owned.Type.strip().nullif(""),
        country=owned.BillingCountry.strip().nullif(""),
        state=owned.BillingState.strip().nullif(""),
        owner_id=owned.OwnerId,
        owner_name=owned.owner_name,
    )


def _members(identity: ir.Table, records: ir.Table, accounts: ir.Table) -> ir.Table:
    """One row per source record of a customer: where it stands among the others, its tokens, and an account's attributes."""
    key = ["source_system", "source_account", "source_id"]
    features = records.select(*key, "created_at", "email_token", "phone_token")
    mine = identity.select(*key, "customer_id", "is_person", "is_deleted", is_merged=identity.master_id.notnull())
    return mine.join(features, key).left_join(accounts, key).drop(*(f"{name}_right" for name in key))


def _ranked(members: ir.Table) -> ir.Table:
    """`rank` 0 is a customer's best record; `best_<field>` the rank of the best record that has the field."""
    best_first = ibis.window(
        group_by="customer_id",
        order_by=[
            members.is_deleted,
            members.is_merged,
            members.source_system,
            members.created_at.isnull(),
            members.created_at,
            members.source_account,
            members.source_id,
        ],
    )
    ranked = members.mutate(rank=ibis.row_number().over(best_first))
    whole = ibis.window(group_by="customer_id")
    best = {
        f"best_{name}": ibis.ifelse(ranked[name].notnull(), ranked["rank"], ibis.null("int64")).min().over(whole)
        for name in _SURVIVING
    }
    systems = {
        f"best_{system}": ibis.ifelse(ranked.source_system == system, ranked["rank"], ibis.null("int64")).min().over(whole)
        for system in ("salesforce", "stripe")
    }
    return ranked.mutate(**best, **systems)


def _survivors(members: ir.Table) -> ir.Table:
    """One row per customer: each field of the best record that has it, and of which record it is."""

    def of_best(field_name: str, value: str) -> ir.Value:
        return ibis.ifelse(members["rank"] == members[f"best_{field_name}"], members[value], ibis.null("string")).max()

    fields = {value: of_best(name, value) for name, group in _SURVIVING.items() for value in group}
    shown = ("name", "industry", "account_type", "country", "owner_id")
    sources = {f"{name}_source_id": of_best(name, "source_id") for name in shown}
    is_account = members.source_system == "salesforce"
    return members.group_by("customer_id").agg(
        **fields,
        **sources,
        salesforce_account_id=of_best("salesforce", "source_id"),
        stripe_customer_id=of_best("stripe", "source_id"),
        salesforce_account_count=is_account.cast("int64").sum(),
        stripe_customer_count=(~is_account).cast("int64").sum(),
        is_person=members.is_person.cast("int64").max() == 1,
        is_deleted=members.is_deleted.cast("int64").min() == 1,
        created_at=members.created_at.min(),
    )


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
