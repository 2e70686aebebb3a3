"""What happened to published customer ids, so that a stored id can be followed to today's."""

from datetime import date

import ibis
import ibis.expr.types as ir

from c360.catalog import Append, step
from c360.contract import Contract, Day, Integer, Text, field, ibis_schema
from c360.work import Work

MERGED, SPLIT, MOVED = "merged", "split", "moved"


class CustomerIdentityChange(Contract):
    """One row per load date, old id and new id of records whose customer changed. Added once, never rewritten."""

    change_date: Day = field("Load date that made the change.")
    old_customer_id: Text = field("Id the records had before.", pii="id")
    customer_id: Text = field("Id they have now.", pii="id")
    reason: Text = field(
        "`merged`: the old id is gone; `split`: the new id did not exist; `moved`: both existed and live on.",
        pii="enum",
        isin=(MERGED, MOVED, SPLIT),
    )
    record_count: Integer = field("Source records concerned.", ge=1)

    class Config:
        unique = ["change_date", "old_customer_id", "customer_id"]


@step(CustomerIdentityChange, write=Append(), traces={"customer_identity": {"customer_id": "customer_id"}})
def customer_identity_change(customer_identity: ir.Table, *, work: Work, as_of: date) -> ir.Table:
    """One row per change of id between the release this run started from and now; none on a first run."""
    previous = work.previous("customer_identity")
    before = customer_identity.limit(0) if previous is None else previous
    key = ["source_system", "source_account", "source_id"]
    old = before.select(*key, old_customer_id="customer_id")
    both = customer_identity.select(*key, "customer_id").join(old, key)
    changed = both.filter(both.customer_id != both.old_customer_id)
    counted = changed.group_by("old_customer_id", "customer_id").agg(record_count=changed.count())
    today = customer_identity.select(today_id="customer_id").distinct()
    yesterday = before.select(yesterday_id="customer_id").distinct()
    known = counted.left_join(today, counted.old_customer_id == today.today_id)
    known = known.left_join(yesterday, known.customer_id == yesterday.yesterday_id)
    reason = ibis.cases((known.today_id.isnull(), MERGED), (known.yesterday_id.isnull(), SPLIT), else_=MOVED)
    return known.mutate(change_date=ibis.literal(as_of), reason=reason).select(*ibis_schema(CustomerIdentityChange))
