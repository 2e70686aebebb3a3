"""From a source's record to our customer."""

import ibis
import ibis.expr.types as ir

UNKNOWN_CUSTOMER_ID = "00000000-0000-0000-0000-000000000000"
"""The unknown member of `dim_customer`: facts that find no customer point to it."""

NO_CUSTOMER_ON_RECORD = "no_customer_on_record"
CUSTOMER_NOT_STORED = "customer_not_stored"
CUSTOMER_QUARANTINED = "customer_quarantined"
UNKNOWN_CUSTOMER_REASONS = (NO_CUSTOMER_ON_RECORD, CUSTOMER_NOT_STORED, CUSTOMER_QUARANTINED)

_HELPERS = ("_account", "_source_id", "_found", "_stored_account", "_stored_id")


def resolve(
    facts: ir.Table,
    customer_identity: ir.Table,
    *,
    source_system: str,
    id_column: str,
    stored: ir.Table | None = None,
) -> ir.Table:
    """Adds `customer_id` and `unknown_customer_reason` (null when found) to facts; keeps every row exactly once.

    Args:
        facts: Rows with `source_account` and the source's customer id.
        customer_identity: One row per source record.
        source_system: The system the id belongs to.
        id_column: Column of `facts` with the source's customer id (null allowed).
        stored: The customers' own records, where some may be quarantined: one that is stored but has no identity is.
    """
    of_system = customer_identity.filter(customer_identity.source_system == source_system)
    known = of_system.select(_account=of_system.source_account, _source_id=of_system.source_id, _found=of_system.customer_id)
    joined = facts.left_join(known, [facts.source_account == known._account, facts[id_column] == known._source_id])
    is_stored = ibis.literal(False)
    if stored is not None:
        records = stored.select(_stored_account=stored.source_account, _stored_id=stored.record_id)
        joined = joined.left_join(
            records, [joined.source_account == records._stored_account, joined[id_column] == records._stored_id]
        )
        is_stored = joined._stored_id.notnull()
    reason = ibis.cases(
        (joined[id_column].isnull(), NO_CUSTOMER_ON_RECORD),
        (joined._found.isnull() & is_stored, CUSTOMER_QUARANTINED),
        (joined._found.isnull(), CUSTOMER_NOT_STORED),
        else_=ibis.null("string"),
    )
    resolved = joined.mutate(
        customer_id=ibis.coalesce(joined._found, ibis.literal(UNKNOWN_CUSTOMER_ID)), unknown_customer_reason=reason
    )
    return resolved.drop(*(name for name in resolved.columns if name in _HELPERS))
