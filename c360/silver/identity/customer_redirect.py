"""Where a stored customer id that is gone leads today."""

from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.catalog import Overwrite, step
from c360.contract import Contract, Text, field, ibis_schema
from c360.identity.stable_ids import Merge, redirects
from c360.silver.identity.customer_identity_change import MERGED
from c360.work import Work


class CustomerRedirect(Contract):
    """One row per customer id that was given once and is gone: the customer that has its records today.

    Merges are followed one after the other. Of an id whose records went to several customers, most records decide. Join it to
    bring ids stored elsewhere (a campaign's list, last year's export) up to date.
    """

    old_customer_id: Text = field("Id that no customer has any more.", pii="id")
    customer_id: Text = field("Customer that stands for it today.", pii="id")

    class Config:
        unique = ["old_customer_id"]


_SCHEMA = ibis_schema(CustomerRedirect)


@step(CustomerRedirect, write=Overwrite(), traces={"customer_identity": {"customer_id": "customer_id"}})
def customer_redirect(customer_identity: ir.Table, customer_identity_change: ir.Table, *, work: Work, as_of: date) -> ir.Table:
    """One row per id that a merge ended on or before `as_of`; merges are few, so they are followed in one process."""
    log = customer_identity_change
    merged = log.filter((log.reason == MERGED) & (log.change_date <= as_of))
    told = merged.select("change_date", old_id="old_customer_id", new_id="customer_id", record_count="record_count")
    ids = ibis.union(merged.select(customer_id="old_customer_id"), merged.select("customer_id")).distinct()
    living = customer_identity.semi_join(ids, "customer_id").select("customer_id").distinct()
    found = redirects(
        [Merge(**row) for row in work.collect(told).to_pylist()], set(work.collect(living)["customer_id"].to_pylist())
    )
    rows = {"old_customer_id": list(found), "customer_id": list(found.values())}
    return work.table(pa.table(rows, schema=_SCHEMA.to_pyarrow()), _SCHEMA)
