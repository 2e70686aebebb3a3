"""The load manifest: one row of evidence per source account, entity and load; what is read out of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

import ibis
import pyarrow as pa

from c360.engines.base import Engine
from c360.errors import SourceError

TABLE = "bronze.load_manifest"


@dataclass(frozen=True, kw_only=True)
class ManifestRow:
    """Grain: one load of one entity of one source account.

    `received_count` = new + changed + unchanged + superseded (deliveries of equal content are counted once, the rest in
    `duplicate_count`). `stored_count` = new + changed + deleted versions written. `deleted_count` counts tombstones made for
    records the source no longer has; deletions the source itself lists are received, hence new or changed.

    Attributes:
        cutoff_at: The load's start (UTC); nothing created later was asked for.
        expected_count: The source's own count of the list, where the API has one.
        referenced_count: Records of `received_count` that no list contained, fetched by id.
        superseded_count: Deliveries of a record in this load that a newer one of other content replaced.
        is_full_listing: Everything was listed; else what changed since the load before.
        request_digest: Of what decides what a record looks like: API version, settings; see `Settings.asks`.
        live_count_before: Live records before this load date.
        digest: Order-free digest of the stored (record_id, payload_hash, is_deleted).
        fields: Top-level fields seen in this load, comma-separated.
        history_from_date: First day of the history of historical entities.
    """

    source_system: str
    source_account: str
    entity: str
    load_date: date
    batch_id: str
    api_version: str
    request_digest: str
    cutoff_at: datetime
    history_from_date: date
    is_complete: bool
    is_full_listing: bool
    expected_count: int | None
    received_count: int
    new_count: int
    changed_count: int
    unchanged_count: int
    superseded_count: int
    duplicate_count: int
    referenced_count: int
    deleted_count: int
    stored_count: int
    live_count_before: int
    live_count_after: int
    page_count: int
    nested_list_count: int
    request_count: int
    first_cursor: str | None
    last_cursor: str | None
    fields: str
    fields_appeared: str
    fields_vanished: str
    digest: str
    seconds: float


_IBIS_TYPES = {
    "str": "!string",
    "str | None": "string",
    "int": "!int64",
    "int | None": "int64",
    "float": "!float64",
    "bool": "!boolean",
    "date": "!date",
    "datetime": "!timestamp('UTC', 6)",
}


def _type_name(annotation: object) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


MANIFEST_SCHEMA = ibis.schema({n: _IBIS_TYPES[_type_name(t)] for n, t in ManifestRow.__annotations__.items()})
"""Columns of `bronze.load_manifest`."""


def read_manifest(engine: Engine) -> list[ManifestRow]:
    """All rows, oldest load first; empty for a new lake."""
    if engine.head(TABLE) is None:
        return []
    rows = engine.arrow(engine.read(TABLE).select(*MANIFEST_SCHEMA)).to_pylist()
    return sorted((ManifestRow(**row) for row in rows), key=lambda r: (r.load_date, r.source_account, r.entity))


def write_manifest(engine: Engine, row: ManifestRow) -> None:
    """Stores the row in place of the one of the same load, entity and account."""
    nullable = ibis.schema({name: dtype.copy(nullable=True) for name, dtype in MANIFEST_SCHEMA.items()})
    table = pa.Table.from_pylist([asdict(row)], schema=nullable.to_pyarrow())
    partition = {"load_date": row.load_date, "entity": row.entity, "source_account": row.source_account}
    record = {"entity": row.entity, "load_date": row.load_date.isoformat(), "digest": row.digest}
    engine.replace(TABLE, table.to_reader(), partition, record)


def find(rows: Iterable[ManifestRow], account: str, entity: str, load_date: date) -> ManifestRow | None:
    """The complete load of an entity on a date, if there is one."""
    key = (account, entity, load_date)
    return next((r for r in rows if r.is_complete and (r.source_account, r.entity, r.load_date) == key), None)


def complete_loads(rows: Iterable[ManifestRow], account: str, entity: str, before: date) -> list[date]:
    """Dates before `before` on which an entity was loaded to its end, oldest first."""
    loads = (r for r in rows if r.is_complete and (r.source_account, r.entity) == (account, entity))
    return sorted(r.load_date for r in loads if r.load_date < before)


def previous(rows: Iterable[ManifestRow], account: str, entity: str, load_date: date) -> ManifestRow | None:
    """The newest load of an entity before a date."""
    earlier = [r for r in rows if (r.source_account, r.entity) == (account, entity) and r.load_date < load_date]
    return max(earlier, key=lambda r: r.load_date, default=None)


def newest_full_load(rows: Iterable[ManifestRow], account: str, entity: str, before: date) -> date | None:
    """The newest date before `before` on which everything of an entity was listed."""
    full = [
        r.load_date for r in rows if r.is_complete and r.is_full_listing and (r.source_account, r.entity) == (account, entity)
    ]
    return max((day for day in full if day < before), default=None)


def bronze_content_ids(rows: Iterable[ManifestRow], as_of: date) -> dict[str, str]:
    """Content id of each bronze entity up to a load date: a digest over its loads that stored anything, in order.

    The same on every engine, and the same after a day on which nothing changed.
    """
    digests: dict[str, list[str]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: (r.entity, r.load_date, r.source_account)):
        if row.load_date <= as_of:
            digests[row.entity] += [f"{row.load_date} {row.source_account} {row.digest}"] if row.stored_count else []
    return {entity: sha256("\n".join(parts).encode()).hexdigest() for entity, parts in digests.items()}


def landed_at(rows: Iterable[ManifestRow], load_date: date) -> datetime:
    """When the day's last entity had landed (UTC): the entities of a load come one after the other from its cut-off on."""
    seconds: dict[datetime, float] = defaultdict(float)
    for row in rows:
        if row.load_date == load_date:
            seconds[row.cutoff_at] += row.seconds
    return max(cutoff + timedelta(seconds=taken) for cutoff, taken in seconds.items())


def lake_history(rows: Sequence[ManifestRow]) -> tuple[date, date]:
    """(first day of the history the lake holds, load date of the first load).

    With several accounts the history all of them have in common counts.

    Raises:
        SourceError: Nothing was loaded yet.
    """
    if not rows:
        raise SourceError("Nothing was loaded yet.", hint="Run `c360 run`.")
    by_account: dict[str, date] = {}
    for row in rows:
        by_account[row.source_account] = min(row.history_from_date, by_account.get(row.source_account, row.history_from_date))
    return max(by_account.values()), min(row.load_date for row in rows)
