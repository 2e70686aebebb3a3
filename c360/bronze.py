"""One load of one entity on its way into bronze: what is known, what is delivered, what is stored.

Memory holds ids and hashes; payloads wait in the load's spool.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Literal

import ibis
import orjson
import pyarrow as pa

from c360.engines.base import Engine
from c360.engines.bronze import newest
from c360.errors import SourceError
from c360.packed import Known, KnownRecords, Version, content, is_same_content, pack
from c360.sources.base import Entity, Record, Source
from c360.sources.references import Wanted, add, note
from c360.sources.registry import BRONZE_COLUMNS
from c360.spool import Spool

PAYLOAD = "payload"
Kind = Literal["new", "changed", "unchanged"]

_STORED = ibis.schema({n: t.copy(nullable=True) for n, t in {**BRONZE_COLUMNS, PAYLOAD: ibis.dtype("string")}.items()})
_REFERENCES = ibis.schema({"entity": "string", "record_id": "string", "is_renewed": "boolean"})
_DIGEST_MODULUS = 2**256
_BATCH_ROWS = 10_000


class Delivery:
    """The records of one load. Of several deliveries of a record the newest (`updated_at`, hash) counts, in any order.

    Attributes:
        known: What is stored of records.
        seen: Record id -> the version that counts so far, packed.
        buried: Record id -> the tombstone made for it, packed.
        reported_gone: Ids of deletions without a payload.
        fields: Top-level fields of the records.
        duplicates: Deliveries of equal content after the first.
        superseded: Deliveries that one of other content replaced.
    """

    def __init__(self, entity: Entity, known: Mapping[str, Known], spool: Spool) -> None:
        self.entity = entity
        self.known = known
        self._spool = spool
        self.seen: dict[str, bytes] = {}
        self.buried: dict[str, bytes] = {}
        self.fields: set[str] = set()
        self.reported_gone: set[str] = set()
        self.duplicates = 0
        self.superseded = 0
        self._contents: dict[str, list[bytes]] = {}  # of records delivered several times
        self._rows: list[dict[str, Any]] = []
        self._new_fields: set[str] = set()

    @property
    def received(self) -> int:
        """Deliveries, those of equal content counted once."""
        return len(self.seen) + self.superseded

    def take(self, records: Iterable[Record], wanted: Wanted) -> None:
        """Adds records; the references of new and changed ones go into `wanted`.

        A deletion without a payload is only noted in `reported_gone`. All of them together are one batch of the spool.

        Raises:
            SourceError: A payload is no JSON object.
        """
        for record in records:
            if record.is_deleted and not record.payload:
                self._report(record.record_id)
                continue
            body = _body(self.entity, record)
            payload_hash = canonical_hash(body)
            if not record.is_deleted:  # of which a source may give less
                self._meet(body)
            version = Version(record.updated_at, payload_hash, record.is_deleted)
            packed = pack(version)
            if self._counts(record.record_id, packed):
                self.seen[record.record_id] = packed
                is_news = self._kind(record.record_id, payload_hash, is_deleted=record.is_deleted) != "unchanged"
                if is_news:
                    note(self.entity, body, wanted)
                self._keep(record.record_id, version, record.payload if is_news else None)
        self._flush()

    def resume(self, wanted: Wanted) -> int:
        """Takes what an interrupted load had received; returns how many batches that were."""
        return self._spool.replay(lambda rows: self._take_again(rows, wanted))

    def _take_again(self, rows: Sequence[Mapping[str, Any]], wanted: Wanted) -> None:
        for row in rows:
            self._meet((row["fields"] or "").split(",") if row["fields"] else ())
        known, full = [r for r in rows if r[PAYLOAD] is None], [r for r in rows if r[PAYLOAD] is not None]
        for row in known:
            if not row["payload_hash"]:
                self._report(row["record_id"])
                continue
            version = Version(row["source_updated_at"], row["payload_hash"], row["is_deleted"])
            packed = pack(version)
            if self._counts(row["record_id"], packed):
                self.seen[row["record_id"]] = packed
                self._keep(row["record_id"], version, None)
        self.take((Record(r["record_id"], r[PAYLOAD], r["source_updated_at"], is_deleted=r["is_deleted"]) for r in full), wanted)

    def _report(self, record_id: str) -> None:
        self.reported_gone.add(record_id)
        self._keep(record_id, Version(None, "", is_deleted=True), None)

    def _meet(self, fields: Iterable[str]) -> None:
        new = set(fields) - self.fields
        self.fields |= new
        self._new_fields |= new

    def bury(self, payloads: Mapping[str, str]) -> None:
        """Adds tombstones: the last stored payload, marked deleted."""
        for record_id, payload in payloads.items():
            version = Version(None, self.known[record_id].payload_hash, is_deleted=True)
            self.buried[record_id] = pack(version)
            self._keep(record_id, version, payload)
        self._flush()

    def counts(self) -> Counter[str]:
        """How many records are new, changed, unchanged."""
        return Counter(self._kind_of(i) for i in self.seen)

    def live_count(self) -> int:
        """Live records after this load."""
        delivered = sum(not content(version)[1] for version in self.seen.values())
        kept = sum(not k.is_deleted for i, k in self.known.items() if i not in self.seen and i not in self.buried)
        return delivered + kept

    def digest(self) -> str:
        """Order-free digest of what is to be stored."""
        return digest_of((i, *content(version)) for i, version in self._stored())

    def batches(self, constants: Mapping[str, Any], load_date: date) -> Iterator[pa.RecordBatch]:
        """The rows to store, from the spool: what counts, without what a later delivery superseded."""
        for batch in self._spool.batches():
            rows = [r for r in batch.drop_columns("fields").to_pylist() if _is(self._counting(r["record_id"]), r)]
            full = [{**constants, **r, "first_date_loaded": self._first(r["record_id"], load_date)} for r in rows]
            yield pa.RecordBatch.from_pylist(full, schema=_STORED.to_pyarrow())

    def stored_count(self) -> int:
        """How many versions are to be stored."""
        return sum(1 for _ in self._stored())

    def _stored(self) -> Iterator[tuple[str, bytes]]:
        yield from ((i, version) for i, version in self.seen.items() if self._kind_of(i) != "unchanged")
        yield from self.buried.items()

    def _counting(self, record_id: str) -> bytes | None:
        """What is stored of a record; None for one that is as it was."""
        if record_id in self.buried:
            return self.buried[record_id]
        version = self.seen.get(record_id)  # none of a deletion without a payload
        return None if version is None or self._kind_of(record_id) == "unchanged" else version

    def _first(self, record_id: str, load_date: date) -> date:
        known = self.known.get(record_id)
        return load_date if known is None else known.first_date_loaded

    def _kind_of(self, record_id: str) -> Kind:
        payload_hash, is_deleted = content(self.seen[record_id])
        return self._kind(record_id, payload_hash, is_deleted=is_deleted)

    def _kind(self, record_id: str, payload_hash: str, *, is_deleted: bool) -> Kind:
        known = self.known.get(record_id)
        if known is None:
            return "new"
        return "unchanged" if (known.payload_hash, known.is_deleted) == (payload_hash, is_deleted) else "changed"

    def _counts(self, record_id: str, version: bytes) -> bool:
        """Whether this delivery is the newest of its record so far; keeps count of those that are not."""
        earlier = self.seen.get(record_id)
        if earlier is None:
            return True
        contents = self._contents.setdefault(record_id, [earlier])
        if any(is_same_content(version, other) for other in contents):
            self.duplicates += 1
            return False
        contents.append(version)
        self.superseded += 1
        return version > earlier

    def _keep(self, record_id: str, version: Version, payload: str | None) -> None:
        self._rows.append(
            {
                "record_id": record_id,
                "payload_hash": version.payload_hash,
                "source_updated_at": version.updated_at,
                "is_deleted": version.is_deleted,
                PAYLOAD: payload,
            }
        )

    def _flush(self) -> None:
        if self._rows and self._new_fields:
            self._rows[0]["fields"] = ",".join(sorted(self._new_fields))
            self._new_fields = set()
        self._spool.append(self._rows)
        self._rows = []


def canonical_hash(body: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no spaces): equal content, equal hash."""
    return sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def digest_of(versions: Iterable[tuple[str, str, bool]]) -> str:
    """Digest of (record_id, payload_hash, is_deleted) that does not depend on their order; 64 zeros for none."""
    total = 0
    for record_id, payload_hash, is_deleted in versions:
        text = "\0".join((record_id, payload_hash, str(is_deleted)))
        total += int.from_bytes(sha256(text.encode()).digest())
    return f"{total % _DIGEST_MODULUS:064x}"


def table_name(entity: Entity) -> str:
    """The entity's bronze table."""
    return f"bronze.{entity.name}"


def known_records(engine: Engine, entity: Entity, account: str, loads: Sequence[date]) -> KnownRecords:
    """The newest version of each record that these loads stored.

    Loads that died before their manifest row must not be among them: what only they stored is new to every table.
    """
    table = _of_loads(engine, entity, account, loads)
    if table is None:
        return KnownRecords()
    return known_of(engine, table)


def known_of(engine: Engine, stored: ibis.Table) -> KnownRecords:
    """The versions of a table with one row per record."""
    rows = engine.arrow(stored.select("record_id", "payload_hash", "is_deleted", "first_date_loaded"))
    batches = (zip(*(column.to_pylist() for column in batch.columns), strict=True) for batch in rows.to_batches(_BATCH_ROWS))
    return KnownRecords(row for batch in batches for row in batch)


def payloads(engine: Engine, entity: Entity, account: str, loads: Sequence[date], ids: Sequence[str]) -> dict[str, str]:
    """The newest payload these loads stored, of these records."""
    table = _of_loads(engine, entity, account, loads)
    if table is None or not ids:
        return {}
    wanted = engine.from_arrow(pa.table({"record_id": list(ids)}), ibis.schema({"record_id": "string"}))
    rows = engine.arrow(table.semi_join(wanted, "record_id").select("record_id", PAYLOAD))
    return dict(zip(rows["record_id"].to_pylist(), rows[PAYLOAD].to_pylist(), strict=True))


def note_loaded(engine: Engine, entity: Entity, account: str, load_date: date, wanted: Wanted) -> None:
    """Adds to `wanted` the references of the versions one load stored."""
    if engine.head(table_name(entity)) is None:
        return

    def references(batch: pa.RecordBatch) -> pa.RecordBatch:
        found: Wanted = {}
        for payload in batch.column(0).to_pylist():
            note(entity, orjson.loads(payload), found)
        rows = [(target, i, is_renewed) for target, ids in found.items() for i, is_renewed in ids.items()]
        return pa.RecordBatch.from_pylist([dict(zip(_REFERENCES, row, strict=True)) for row in rows], _REFERENCES.to_pyarrow())

    stored = engine.read(table_name(entity))
    mine = stored.filter(stored.source_account == account, stored.date_loaded == ibis.literal(load_date))
    rows = engine.arrow(engine.map_batches(mine.select(PAYLOAD), references, _REFERENCES).distinct())
    for target, record_id, is_renewed in zip(*(rows.column(n).to_pylist() for n in _REFERENCES), strict=True):
        add(wanted, target, record_id, is_renewed=is_renewed)


def partition_digest(engine: Engine, entity: Entity, account: str, load_date: date) -> str | None:
    """Digest of what is stored for this load already; None when the table does not exist."""
    if engine.head(table_name(entity)) is None:
        return None
    stored = engine.read(table_name(entity))
    mine = stored.filter(stored.source_account == account, stored.date_loaded == ibis.literal(load_date))
    rows = engine.arrow(mine.select("record_id", "payload_hash", "is_deleted"))
    return digest_of(zip(*(rows.column(i).to_pylist() for i in range(3)), strict=True))


def partitions(engine: Engine, entity: Entity) -> list[tuple[str, date]]:
    """(source account, load date) of everything stored."""
    if engine.head(table_name(entity)) is None:
        return []
    rows = engine.arrow(engine.read(table_name(entity)).select("source_account", "date_loaded").distinct()).to_pylist()
    return [(row["source_account"], row["date_loaded"]) for row in rows]


def empty_partition(engine: Engine, entity: Entity, account: str, load_date: date) -> None:
    """Removes what is stored of one load."""
    none = pa.Table.from_pylist([], schema=_STORED.to_pyarrow())
    partition = {"source_account": account, "date_loaded": load_date}
    engine.replace(table_name(entity), none.to_reader(), partition, {"digest": digest_of(())})


def write_partition(
    engine: Engine, source: Source, delivery: Delivery, load_date: date, extracted_at: datetime, batch_id: str
) -> None:
    """Replaces the load's partition with what the delivery stores, in one commit."""
    entity = delivery.entity
    constants = {
        "source_system": source.system,
        "source_account": source.account,
        "entity": entity.name,
        "date_loaded": load_date,
        "extracted_at": extracted_at,
        "batch_id": batch_id,
        "api_version": source.api_version,
    }
    reader = pa.RecordBatchReader.from_batches(_STORED.to_pyarrow(), delivery.batches(constants, load_date))
    partition = {"source_account": source.account, "date_loaded": load_date}
    engine.replace(table_name(entity), reader, partition, {"batch_id": batch_id, "digest": delivery.digest()})


def _of_loads(engine: Engine, entity: Entity, account: str, loads: Sequence[date]) -> ibis.Table | None:
    if not loads or engine.head(table_name(entity)) is None:
        return None
    stored = engine.read(table_name(entity))
    return newest(stored.filter(stored.source_account == account, stored.date_loaded.isin(sorted(loads))), max(loads))


def _body(entity: Entity, record: Record) -> Mapping[str, Any]:
    if record.body is not None:
        return record.body
    try:
        body = orjson.loads(record.payload)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise SourceError(f"{entity.name}: a record is no JSON object.", hint="The source's answer is damaged; run again.")
    return body


def _is(version: bytes | None, row: Mapping[str, Any]) -> bool:
    is_whole = row[PAYLOAD] is not None
    return is_whole and version is not None and content(version) == (row["payload_hash"], row["is_deleted"])
