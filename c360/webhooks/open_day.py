"""A day's partition of an entity before its load: what webhooks bring, kept until the load replaces it.

A day is open for an entity between the load before it and its own. Nothing builds from an open day, and no manifest row speaks of
it: whatever is here, the load leaves what it would have left without. A day that never got its load is emptied
(`c360.ingest.forget_unloaded`).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime

import ibis
import pyarrow as pa

from c360.bronze import PAYLOAD, Delivery, digest_of, known_of, partition_digest, payloads, table_name, write_partition
from c360.engines.base import Engine
from c360.engines.bronze import newest
from c360.manifest import ManifestRow, complete_loads, find
from c360.packed import KnownRecords
from c360.sources.base import Entity, Record, Source, Window
from c360.spool import Spool

BATCH_PREFIX = "webhooks/"
"""Begins the `batch_id` of rows that webhooks brought."""
_CHUNK = 100
_READ_CHUNK = 2_000
_NOTHING = digest_of(())


def is_open(rows: Iterable[ManifestRow], account: str, entity: str, today: date) -> bool:
    """Whether the entity was loaded before today, and is not yet today; without a first load there is nothing to change."""
    known = list(rows)
    return bool(complete_loads(known, account, entity, today)) and find(known, account, entity, today) is None


def refetch_into(
    engine: Engine, source: Source, entity: Entity, ids: Collection[str], loads: Sequence[date], now: datetime
) -> int:
    """Fetches records anew and puts what changed since the loads into today's partition; returns how many versions it has then.

    What was put there before stays for other records. A record that is as the loads left it has no version there, one the source
    no longer has gets a tombstone. The same state of the source gives the same partition, whatever was fetched before.

    Args:
        engine: Where bronze is; the caller holds the lease.
        source: Asked for the records.
        entity: Their entity.
        ids: Which records.
        loads: The entity's complete loads before today; not empty.
        now: The present instant (UTC); its day is the partition.

    Raises:
        SourceError: The source could not be read; nothing was written.
    """
    today = now.date()
    kept = sorted(_ids_of(engine, entity, source.account, today) - set(ids))
    known = _known(engine, entity, source.account, loads, [*ids, *kept])
    with Spool(None, Window(now, now)) as spool:
        delivery = Delivery(entity, known, spool)
        for chunk in _chunks(kept, _READ_CHUNK):
            delivery.take(_stored(engine, entity, source.account, today, chunk), {})
        for chunk in _chunks(sorted(ids), _CHUNK):
            delivery.take(_telling(source.fetch(entity, chunk), known), {})
        gone = sorted(i for i in ids if i in known and not known[i].is_deleted and i not in delivery.seen)
        delivery.bury(payloads(engine, entity, source.account, loads, gone))
        if delivery.digest() != (partition_digest(engine, entity, source.account, today) or _NOTHING):
            batch_id = f"{BATCH_PREFIX}{source.account}/{now:%Y%m%dT%H%M%S%fZ}"
            write_partition(engine, source, delivery, today, now, batch_id)
        return delivery.stored_count()


def _telling(records: Iterable[Record], known: KnownRecords) -> list[Record]:
    """Records without those deleted ones of which more is stored than the source still tells."""
    return [record for record in records if not (record.is_deleted and record.record_id in known)]


def _ids_of(engine: Engine, entity: Entity, account: str, day: date) -> set[str]:
    if engine.head(table_name(entity)) is None:
        return set()
    return set(engine.arrow(_partition(engine, entity, account, day).select("record_id"))["record_id"].to_pylist())


def _known(engine: Engine, entity: Entity, account: str, loads: Sequence[date], ids: Sequence[str]) -> KnownRecords:
    """See `c360.bronze.known_records`, of these records only."""
    if not ids or engine.head(table_name(entity)) is None:
        return KnownRecords()
    stored = engine.read(table_name(entity)).semi_join(_named(engine, ids), "record_id")
    of_loads = stored.filter(stored.source_account == account, stored.date_loaded.isin(sorted(loads)))
    return known_of(engine, newest(of_loads, max(loads)))


def _stored(engine: Engine, entity: Entity, account: str, day: date, ids: Sequence[str]) -> Iterator[Record]:
    """Records of the partition as they are stored, tombstones too."""
    rows = _partition(engine, entity, account, day).semi_join(_named(engine, ids), "record_id")
    for row in engine.arrow(rows.select("record_id", PAYLOAD, "source_updated_at", "is_deleted")).to_pylist():
        yield Record(row["record_id"], row[PAYLOAD], row["source_updated_at"], is_deleted=row["is_deleted"])


def _partition(engine: Engine, entity: Entity, account: str, day: date) -> ibis.Table:
    stored = engine.read(table_name(entity))
    return stored.filter(stored.source_account == account, stored.date_loaded == ibis.literal(day))


def _named(engine: Engine, ids: Sequence[str]) -> ibis.Table:
    return engine.from_arrow(pa.table({"record_id": list(ids)}), ibis.schema({"record_id": "string"}))


def _chunks(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
