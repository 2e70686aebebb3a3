"""Which customer each account and Stripe customer is: the only way from a source record to a customer."""

from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.catalog import Merge, step
from c360.contract import Contract, Day, Flag, Share, Text, field, ibis_schema, row_check
from c360.identity import block
from c360.identity.assign import components
from c360.identity.rules import REVIEWED, RULE_NAMES
from c360.identity.stable_ids import Published, assign_ids
from c360.silver.identity.identity_pair import ACCEPTED
from c360.work import Work

SINGLE = "single"
"""Rule of a record that is linked with no other."""
CERTAIN = 1.0

_ASSIGNED = pa.schema(
    [
        *(pa.field(name, pa.string(), nullable=False) for name in ("source_system", "source_account", "source_id")),
        pa.field("customer_id", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("confidence", pa.float64(), nullable=False),
        pa.field("is_reviewed", pa.bool_(), nullable=False),
        pa.field("since_date", pa.date32(), nullable=False),
    ]
)


class CustomerIdentity(Contract):
    """One row per account and Stripe customer ever stored: live, deleted or merged. Contacts have none.

    A Salesforce business account without a name fails `account_has_name`: its row is in quarantine, and no table knows the
    account. Other members keep the customer; if there are none, its facts go to the unknown member.
    """

    source_system: Text = field("Where the record lives.", pii="enum", isin=("salesforce", "stripe"))
    source_account: Text = field("The Salesforce organisation or Stripe account it lives in.", pii="id")
    source_id: Text = field("The record's id there (Salesforce: 18 characters).", pii="id")
    customer_id: Text = field("The customer. Never changes for a record unless `customer_identity_change` says so.", pii="id")
    rule: Text = field(
        "Strongest rule that links the record with another of its customer, `single` if it is the only one.",
        pii="enum",
        isin=(SINGLE, *RULE_NAMES),
    )
    confidence: Share = field("Probability of that link; 1 for a single record.", ge=0, le=1)
    is_reviewed: Flag = field("Whether people decided a link of this record.")
    since_date: Day = field("Load date since which the record has had this customer.")
    is_person: Flag = field("Whether it is a person account.")
    has_name: Flag = field("Whether the record has a name.")
    is_deleted: Flag = field("Whether it is deleted at the source (a merged account is).")
    master_id: Text = field("The account that survived the merge this account lost.", nullable=True, pii="id")
    record_id: Text = field("Bronze record it was made from.", pii="id")
    payload_hash: Text = field("Bronze version it was made from.", pii="id")
    date_loaded: Day = field("Load date of that version.")

    class Config:
        unique = ["source_system", "source_account", "source_id"]

    @row_check("a Salesforce business account without a name")
    def account_has_name(cls, row: ir.Table) -> ir.BooleanValue:
        return row.has_name | row.is_person | (row.source_system != "salesforce")


@step(
    CustomerIdentity,
    write=Merge(),
    traces={"identity_record": {name: name for name in ("source_system", "source_account", "source_id")}},
)
def customer_identity(identity_record: ir.Table, identity_pair: ir.Table, *, work: Work, as_of: date) -> ir.Table:
    """One row per account and Stripe customer; a customer is a connected component of accepted pairs, its id a stable one.

    `since_date` is `as_of` for a record that is new or whose customer changed, else what it was.
    """
    own = identity_record.filter(identity_record.source_entity != "contact")
    known = own.select("source_system", "source_account", "source_id", "created_at")
    links = identity_pair.filter(identity_pair.decision == ACCEPTED).drop("model_id", "decision", "reason")
    rows = _assign(work.collect(known), work.collect(links), _published(work), as_of)
    assigned = work.table(rows, ibis.Schema.from_pyarrow(_ASSIGNED))
    joined = assigned.join(own, ["source_system", "source_account", "source_id"])
    return joined.mutate(has_name=joined.name.notnull()).select(*ibis_schema(CustomerIdentity))


def _published(work: Work) -> dict[str, Published]:
    before = work.previous("customer_identity")
    if before is None:
        return {}
    wanted = before.select("source_system", "source_account", "source_id", "customer_id", "since_date")
    return {_member(row, ""): Published(row["customer_id"], row["since_date"]) for row in work.collect(wanted).to_pylist()}


def _assign(records: pa.Table, links: pa.Table, published: dict[str, Published], as_of: date) -> pa.Table:
    created_at = {_member(row, ""): row["created_at"] for row in records.to_pylist()}
    strongest = _strongest(links)
    clusters: dict[str, set[str]] = {}
    found = components((_member(row, "left_"), _member(row, "right_")) for row in links.to_pylist())
    for member in created_at:
        clusters.setdefault(found.get(member, member), set()).add(member)
    ids = assign_ids(list(clusters.values()), created_at, published)
    rows = [_row(member, ids[member], strongest.get(member), published.get(member), as_of) for member in sorted(created_at)]
    return pa.Table.from_pylist(rows, _ASSIGNED)


def _strongest(links: pa.Table) -> dict[str, tuple[str, float]]:
    """Member -> rule and probability of its strongest link; a reviewed one before all others."""
    found: dict[str, tuple[bool, float, str]] = {}
    for row in links.to_pylist():
        rank = (row["rule"] == REVIEWED, row["probability"], row["rule"])
        for side in ("left_", "right_"):
            member = _member(row, side)
            found[member] = max(rank, found.get(member, rank))
    return {member: (rule, probability) for member, (_, probability, rule) in found.items()}


def _row(
    member: str, customer_id: str, link: tuple[str, float] | None, before: Published | None, as_of: date
) -> dict[str, str | float | bool | date]:
    system, account, source_id = block.parts(member)
    rule, confidence = link or (SINGLE, CERTAIN)
    is_unchanged = before is not None and before.customer_id == customer_id
    return {
        "source_system": system,
        "source_account": account,
        "source_id": source_id,
        "customer_id": customer_id,
        "rule": rule,
        "confidence": confidence,
        "is_reviewed": rule == REVIEWED,
        "since_date": before.since_date if before is not None and is_unchanged else as_of,
    }


def _member(row: dict[str, str], side: str) -> str:
    return block.member(row[f"{side}source_system"], row[f"{side}source_account"], row[f"{side}source_id"])
