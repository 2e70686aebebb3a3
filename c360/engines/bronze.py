"""Bronze as silver sees it: the newest (or every) version of each record, typed. Expressions for any engine."""

from datetime import date

import ibis
import ibis.expr.types as ir

from c360.expressions import records
from c360.sources.base import Entity
from c360.sources.registry import BRONZE_COLUMNS

PAYLOAD = "payload"
RAW = "_raw"
IS_READABLE = "_is_readable"
PROBLEMS = ibis.schema({"record_id": "string", "payload_hash": "string", "batch_id": "string", "reasons": "array<string>"})
_RECORD = ("source_system", "source_account", "record_id")
_NEWEST_FIRST = ("date_loaded", "source_updated_at", "payload_hash")


def versions(stored: ir.Table, as_of: date) -> ir.Table:
    """Grain: one row per stored version loaded up to `as_of`."""
    return stored.filter(stored.date_loaded <= ibis.literal(as_of))


def newest(stored: ir.Table, as_of: date) -> ir.Table:
    """Grain: one row per record, its newest version loaded up to `as_of`; tombstones included.

    Within a load the source's own change instant decides, then the payload's hash; the order of arrival never does.
    """
    known = versions(stored, as_of)
    order = [ibis.desc(known[c], nulls_first=False) for c in _NEWEST_FIRST]
    window = ibis.window(group_by=list(_RECORD), order_by=order)
    ranked = known.mutate(_rank=ibis.row_number().over(window))
    return ranked.filter(ranked["_rank"] == 0).drop("_rank")


def stored_schema() -> ibis.Schema:
    """What `with_raw` reads of a stored bronze table."""
    return ibis.schema({**BRONZE_COLUMNS, PAYLOAD: "string"})


def with_raw(rows: ir.Table, entity: Entity, parse: records.Parse) -> ir.Table:
    """The bronze columns and the payload parsed into text leaves (`_raw`)."""
    raw = parse(rows[PAYLOAD], records.text_type(entity))
    return rows.select(**{c: rows[c] for c in BRONZE_COLUMNS}, **{RAW: raw})


def judged(parsed: ir.Table, entity: Entity, parse: records.Parse) -> ir.Table:
    """Grain of `parsed`: the columns of `registry.typed_schema`, and whether the record can be read."""
    read = parsed.select(*BRONZE_COLUMNS, RAW, **records.typed(parsed[RAW], entity, parse))
    is_readable = records.is_readable(read[RAW], {c: read[c] for c in entity.schema}, entity, parse)
    return read.mutate(**{IS_READABLE: is_readable}).drop(RAW)


def readable(rows: ir.Table) -> ir.Table:
    """Of `judged` rows those that can be read."""
    return rows.filter(rows[IS_READABLE]).drop(IS_READABLE)


def broken(rows: ir.Table, date_loaded: date) -> ir.Table:
    """Grain: one row per version of a load that cannot be read; of `judged` rows."""
    found = rows.filter(~rows[IS_READABLE], rows.date_loaded == ibis.literal(date_loaded))
    return found.select("record_id", "payload_hash", "batch_id")


def unreadable(parsed: ir.Table, entity: Entity, parse: records.Parse) -> ir.Table:
    """Grain of `parsed`, which holds only records that cannot be read: why not."""
    identity = {c: parsed[c] for c in ("record_id", "payload_hash", "batch_id")}
    return parsed.select(**identity, reasons=records.problems(parsed[RAW], entity, parse))
