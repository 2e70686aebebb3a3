"""What a customer looked like at any time: owner, industry, type, region and status."""

import ibis
import ibis.expr.types as ir

from c360.catalog import Merge, table
from c360.contract import Flag, Instant, Text, field, row_check
from c360.expressions.domains import cleaned, is_true
from c360.expressions.history import HOLDS_FROM, dated, intervals
from c360.expressions.lineage import LINEAGE, Lineage, shaped
from c360.silver.identity.dim_customer import ACTIVE

TRACKED = ("owner_id", "industry", "account_type", "country", "state", "status")


class DimCustomerHistory(Lineage):
    """One row per customer and stretch of time without a change, half-open [`valid_from`, `valid_to`).

    Of one record per customer: its best Salesforce account, else its best Stripe customer (which has only a status).
    `source_system` to `date_loaded` name the version that opened the interval.
    """

    customer_id: Text = field("The customer.", pii="id")
    valid_from: Instant = field("First instant the values hold (UTC).")
    valid_to: Instant = field("First instant they no longer hold (UTC); null while they do.", nullable=True)
    is_current: Flag = field("Whether the values still hold.")
    owner_id: Text = field("Salesforce user who owned the account.", nullable=True, pii="id")
    owner_name: Text = field("That user's name as of the load date.", nullable=True, pii="staff")
    industry: Text = field("Industry.", nullable=True, pii="organisation")
    account_type: Text = field("Salesforce's type of the account.", nullable=True, pii="organisation")
    country: Text = field("Country of the billing address.", nullable=True, pii="organisation")
    state: Text = field("State of the same address.", nullable=True, pii="organisation")
    status: Text = field("`active`: a deleted record has no interval.", pii="enum", isin=(ACTIVE,))

    class Config:
        """Intervals of a customer do not overlap, so their beginnings differ."""

        unique = ["customer_id", "valid_from"]

    @row_check("an interval ends before it begins")
    def ends_after_it_begins(cls, row: ir.Table) -> ir.BooleanValue:
        return row.valid_from < row.valid_to

    @row_check("a current row has an end, or another has none")
    def current_is_open(cls, row: ir.Table) -> ir.BooleanValue:
        return row.is_current == row.valid_to.isnull()


@table(
    DimCustomerHistory,
    write=Merge(),
    traces={
        name: {"source_account": "source_account", "record_id": "record_id", "payload_hash": "payload_hash"}
        for name in ("salesforce_accounts_versions", "stripe_customers_versions")
    },
)
def dim_customer_history(
    salesforce_accounts_versions: ir.Table,
    stripe_customers_versions: ir.Table,
    salesforce_users: ir.Table,
    customer_identity: ir.Table,
    dim_customer: ir.Table,
) -> ir.Table:
    """One row per customer and interval in which no tracked attribute changed.

    A version holds from the source's own change instant, else from the start of its load date (UTC); the first from the
    record's creation. What the record said before its first stored version is not known: the first version stands for it.
    """
    versions = ibis.union(_account_versions(salesforce_accounts_versions), _stripe_versions(stripe_customers_versions))
    own = dated(_of_customers(versions, dim_customer, customer_identity), ["customer_id"])
    found = intervals(own, ["customer_id"], TRACKED, HOLDS_FROM, newest_by=["date_loaded", "payload_hash", "is_deleted"])
    return shaped(_with_owner_name(found, salesforce_users), DimCustomerHistory)


def _account_versions(versions: ir.Table) -> ir.Table:
    return versions.select(
        *LINEAGE,
        "source_updated_at",
        is_deleted=versions.is_deleted | is_true(versions.IsDeleted),
        created_at=versions.CreatedDate,
        owner_id=versions.OwnerId,
        industry=cleaned(versions.Industry),
        account_type=cleaned(versions.Type),
        country=cleaned(versions.BillingCountry),
        state=cleaned(versions.BillingState),
        status=ibis.literal(ACTIVE),
    )


def _stripe_versions(versions: ir.Table) -> ir.Table:
    nothing = ibis.null("string")
    return versions.select(
        *LINEAGE,
        "source_updated_at",
        is_deleted=versions.is_deleted | is_true(versions.deleted),
        created_at=versions.created,
        **dict.fromkeys(("owner_id", "industry", "account_type", "country", "state"), nothing),
        status=ibis.literal(ACTIVE),
    )


def _of_customers(versions: ir.Table, customers: ir.Table, identity: ir.Table) -> ir.Table:
    """Versions of each customer's best record, with `customer_id`."""
    best = customers.filter(~customers.is_unknown).select(
        "customer_id",
        source_system=ibis.ifelse(customers.salesforce_account_id.notnull(), "salesforce", "stripe"),
        source_id=ibis.coalesce(customers.salesforce_account_id, customers.stripe_customer_id),
    )
    # An id copied to another Stripe account belongs to the same customer twice: one of the two speaks.
    records = identity.group_by("customer_id", "source_system", "source_id").agg(source_account=identity.source_account.min())
    located = best.join(records, ["customer_id", "source_system", "source_id"])
    return versions.join(
        located,
        [
            versions.source_system == located.source_system,
            versions.source_account == located.source_account,
            versions.record_id == located.source_id,
        ],
    ).select(*versions.columns, "customer_id")


def _with_owner_name(rows: ir.Table, users: ir.Table) -> ir.Table:
    owners = users.select(_account=users.source_account, _owner=users.record_id, owner_name=users.Name)
    return rows.left_join(owners, [rows.source_account == owners._account, rows.owner_id == owners._owner])
