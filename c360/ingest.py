"""Loads sources into bronze: versions, tombstones, references fetched by id, and the manifest. Free of Prefect.

A load of an entity is: list everything, or what changed (spooled, so that memory holds ids and hashes only), fetch what
other records name but no list contained, make tombstones for what is gone, replace the day's partition in one commit if
it differs, write the manifest row. A crash before that row leaves the entity incomplete, and a rerun makes the same rows.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event as Flag

import ibis
import orjson

from c360.bronze import (
    Delivery,
    empty_partition,
    known_records,
    note_loaded,
    partition_digest,
    partitions,
    payloads,
    table_name,
    write_partition,
)
from c360.engines.base import Engine
from c360.errors import C360Error, PastDateError
from c360.errors import listing as as_listing
from c360.listing import Ahead, Listing
from c360.manifest import ManifestRow, complete_loads, find, newest_full_load, previous, read_manifest, write_manifest
from c360.progress import Event, Listener, silent
from c360.quality import quarantine
from c360.settings import Settings
from c360.sources.base import Entity, Evidence, Record, Source, Window
from c360.sources.references import NOTED, Wanted, join
from c360.spool import Spool

_FETCH_BATCH = 100
_LONGEST_GAP = timedelta(days=14)
"""Of changes: Salesforce forgets deleted records after 15 days, Stripe its events after 30."""


@dataclass
class Load:
    """One load of one source: one cut-off instant for all its entities, and the ids their records name.

    Attributes:
        source: Where the records come from.
        window: What to ask for; see `load_window`, and `entity_window` for each entity.
        manifest: All rows of the manifest, kept current by this load; the lease keeps others away.
        full_listing_days: Days after which an entity is listed as a whole again.
        spool: Folder for what an unfinished load has received; None for none.
        request_digest: Of what decides what a record looks like; where it changed, nothing received before is of use.
        records_per_request: Of a list, against one for a record fetched by id.
        wanted: Ids that records of this load name, by entity.
        ahead: Lists begun before their turn; see `listing_ahead`.
        look: Called before each write of a load; raises LeaseError where another run has taken the lake.
    """

    source: Source
    window: Window
    manifest: list[ManifestRow]
    full_listing_days: int = 1
    spool: Path | None = None
    request_digest: str = ""
    records_per_request: int = 100
    wanted: Wanted = field(default_factory=dict)
    ahead: Ahead | None = None
    look: Callable[[], None] = lambda: None

    def spool_of(self, entity: Entity) -> Path | None:
        """The folder of one entity."""
        return self.spool / self.source.account / entity.name if self.spool else None


def begin_loads(
    engine: Engine,
    settings: Settings,
    sources: Sequence[Source],
    load_date: date,
    *,
    refetch: bool = False,
    look: Callable[[], None] = lambda: None,
) -> list[Load]:
    """Loads that start now; what loads of past days left without completing goes first. `look`: see `Load`.

    Raises:
        PastDateError: Something is missing on a day that is over (or has not begun).
    """
    rows, now = read_manifest(engine), settings.clock()
    _refuse_other_days(rows, sources, load_date, now.date(), refetch=refetch)
    days, spool = settings.full_listing_days, settings.spool_folder()
    forget_unloaded(engine, [entity for source in sources for entity in source.entities()], rows, now.date())
    return [
        Load(source, load_window(rows, source, settings, now), rows, days, spool, _digest(source, settings), look=look)
        for source in sources
    ]


def _digest(source: Source, settings: Settings) -> str:
    asked = {"api_version": source.api_version, **settings.asks(source.system)}
    return sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


def ingest_day(
    engine: Engine,
    settings: Settings,
    sources: Sequence[Source],
    load_date: date,
    *,
    refetch: bool = False,
    listen: Listener = silent,
    look: Callable[[], None] = lambda: None,
) -> list[ManifestRow]:
    """Loads every entity of every source that is not complete for the date; `refetch` asks for complete ones again.

    `look`: see `Load`.

    Raises:
        PastDateError: Something is missing on a day that is over (or has not begun).
        SourceError: A source could not be read completely; what was complete before it stays.
    """
    rows: list[ManifestRow] = []
    loads = begin_loads(engine, settings, sources, load_date, refetch=refetch, look=look)
    with listing_ahead(engine, loads, load_date, refetch=refetch, listen=listen):
        for load in loads:
            for entity in load.source.entities():
                listen(Event("ingest", entity.name, "started"))
                rows.append(ingest_entity(engine, load, entity, load_date, refetch=refetch, listen=listen))
                listen(Event("ingest", entity.name, "finished", rows[-1]))
    return rows


@contextmanager
def listing_ahead(
    engine: Engine, loads: Sequence[Load], load_date: date, *, refetch: bool = False, listen: Listener = silent
) -> Iterator[None]:
    """Inside, lists are received while other entities are written: of every source as many at once as it allows.

    Args:
        engine: Where bronze is; used by the caller's thread only.
        loads: What is to be loaded, by `ingest_entity`, in any order of sources and each source's own order of entities.
        load_date: The UTC day of the loads' start.
        refetch: As `ingest_entity` will be told.
        listen: Told, from several threads, how many records came so far.
    """
    end = Flag()
    with ExitStack() as stack:
        try:
            for load in loads:
                if load.source.lists_at_once > 1:
                    planned = _planned(load, load_date, refetch=refetch)
                    load.ahead = stack.enter_context(Ahead(load.source.lists_at_once, planned, end))
                    stack.callback(setattr, load, "ahead", None)
                    _begin_ahead(engine, load, load_date, refetch=refetch, listen=listen)
            yield
        finally:
            end.set()  # for the lists of all sources, before any is waited for


def ingest_entity(
    engine: Engine, load: Load, entity: Entity, load_date: date, *, refetch: bool = False, listen: Listener = silent
) -> ManifestRow:
    """Brings one entity into bronze and sets unreadable records apart; a complete load is left as it is, unless `refetch`.

    Args:
        engine: Where bronze is.
        load: The load this belongs to.
        entity: One of the source's entities.
        load_date: The UTC day of the load's start.
        refetch: Ask again even if the load is complete; only differences are written.
        listen: Told how many records came so far.

    Raises:
        PastDateError: `load_date` is not the day of the load's cut-off, and the load is not complete.
        SourceError: The source could not be read completely.
    """
    row = _loaded(engine, load, entity, load_date, refetch=refetch, listen=listen)
    if row.stored_count:
        problems = engine.bronze_problems(entity, load_date)
        stored = engine.read(f"bronze.{entity.name}")
        loaded = stored.filter(stored.date_loaded == ibis.literal(load_date))
        load.look()
        quarantine.write_records(
            engine, entity.name, problems, loaded, entity.source_system, run_id=row.batch_id, load_date=load_date
        )
    return row


def load_window(rows: Sequence[ManifestRow], source: Source, settings: Settings, now: datetime) -> Window:
    """What loads that start now have in common. The first load of an account fixes its history: whole months, UTC.

    An account that is added later is asked for the history the lake has already, so that no published month becomes unknown.
    """
    firsts = [r.history_from_date for r in rows if r.source_account == source.account]
    months = now.year * 12 + now.month - 1 - settings.history_months
    wanted = [date(months // 12, months % 12 + 1, 1), *(r.history_from_date for r in rows)]
    first = min(firsts or wanted)
    return Window(cutoff=now, history_from=datetime(first.year, first.month, first.day, tzinfo=UTC))


def entity_window(load: Load, entity: Entity, load_date: date) -> Window:
    """What to ask for of one entity.

    Everything on the first load, after a long gap, every `full_listing_days`, and when records look otherwise than before
    (another API version, other fields). In between changes suffice. A full listing finds what no change tells of: records
    deleted long ago, formula fields.
    """
    account, rows = load.source.account, load.manifest
    loads = complete_loads(rows, account, entity.name, load_date)
    full = newest_full_load(rows, account, entity.name, load_date)
    if not loads or full is None:
        return load.window
    before = find(rows, account, entity.name, loads[-1])
    if before is None:
        return load.window
    since = before.cutoff_at
    is_other = before.request_digest != load.request_digest or load.window.cutoff - since > _LONGEST_GAP
    is_full = is_other or (load_date - full).days >= load.full_listing_days
    return replace(load.window, since=since, is_full=is_full)


def _loaded(engine: Engine, load: Load, entity: Entity, load_date: date, *, refetch: bool, listen: Listener) -> ManifestRow:
    source, rows, wanted = load.source, load.manifest, load.wanted
    done = find(rows, source.account, entity.name, load_date)
    if done is not None and not refetch:
        return done
    window = entity_window(load, entity, load_date)
    _refuse_day(load_date, window.cutoff.date(), [entity.name])
    loads = complete_loads(rows, source.account, entity.name, load_date)
    _note_named(engine, source, entity, window.since, rows, wanted)
    wanted.setdefault(NOTED, {})[_noted(entity.name, load_date)] = True
    with _taken(engine, load, entity, load_date, refetch=refetch, listen=listen) as listing:
        evidence = listing.evidence(listen)
        started = time.perf_counter()
        window, delivery = listing.spool.window, listing.delivery
        join(wanted, listing.wanted)
        referenced = _fetch_referenced(source, entity, delivery, wanted)
        gone = _gone(engine, source, entity, loads, window, evidence, delivery, wanted)
        batch_id = f"{entity.name}/{source.account}/{window.cutoff:%Y%m%dT%H%M%S%fZ}"
        before = partition_digest(engine, entity, source.account, load_date)
        digest = delivery.digest()
        if before != digest:
            if done is not None:  # what this load had stored goes now: until its new row is there, it is not complete
                _note(engine, load, replace(done, is_complete=False))
            load.look()
            write_partition(engine, source, delivery, load_date, window.cutoff, batch_id)
        row = _manifest_row(
            source,
            delivery,
            evidence,
            previous(rows, source.account, entity.name, load_date),
            load_date=load_date,
            window=window,
            batch_id=batch_id,
            digest=digest,
            referenced=referenced,
            deleted=gone,
            seconds=listing.seconds + time.perf_counter() - started,
            request_digest=load.request_digest,
        )
        if done is not None and not _differs(done, row):
            return done
        _note(engine, load, row)
        return row


def _taken(engine: Engine, load: Load, entity: Entity, load_date: date, *, refetch: bool, listen: Listener) -> Listing:
    """The list of an entity whose turn it is, begun already or not; lists of the entities after it are begun."""
    if load.ahead is None:
        return _opened(engine, load, entity, load_date, refetch=refetch)
    if not load.ahead.has(entity):
        load.ahead.begin(_opened(engine, load, entity, load_date, refetch=refetch), listen)
    listing = load.ahead.take(entity)
    _begin_ahead(engine, load, load_date, refetch=refetch, listen=listen)
    return listing


def _opened(engine: Engine, load: Load, entity: Entity, load_date: date, *, refetch: bool) -> Listing:
    loads = complete_loads(load.manifest, load.source.account, entity.name, load_date)
    known = known_records(engine, entity, load.source.account, loads)
    window = _cheaper(load, entity_window(load, entity, load_date), len(known), sum(load.wanted.get(entity.name, {}).values()))
    spool = Spool(load.spool_of(entity), window, load.request_digest, is_fresh=refetch).__enter__()
    return Listing(load.source, entity, Delivery(entity, known, spool), spool)


def _begin_ahead(engine: Engine, load: Load, load_date: date, *, refetch: bool, listen: Listener) -> None:
    while load.ahead and (entity := load.ahead.next_planned()):
        with suppress(C360Error, OSError):  # raised again, by its name, when it is the entity's turn
            load.ahead.begin(_opened(engine, load, entity, load_date, refetch=refetch), listen)


def _planned(load: Load, load_date: date, *, refetch: bool) -> list[Entity]:
    """The entities whose lists may begin before their turn: those that list everything.

    Lists of changes wait for their turn: whether they are worth it depends on what the entities before them name.
    """
    account, rows = load.source.account, load.manifest
    due = [entity for entity in load.source.entities() if refetch or find(rows, account, entity.name, load_date) is None]
    return [entity for entity in due if entity_window(load, entity, load_date).is_full]


def _cheaper(load: Load, window: Window, known_count: int, named_count: int) -> Window:
    """Lists everything where that takes fewer requests than to fetch by id what is said to have changed."""
    requests = 1 + named_count  # of changes: a page of what is new at least, and each by its id
    return replace(window, is_full=True) if known_count <= requests * load.records_per_request else window


def _note(engine: Engine, load: Load, new: ManifestRow) -> None:
    load.look()
    write_manifest(engine, new)
    key = (new.source_account, new.entity, new.load_date)
    load.manifest[:] = [*(r for r in load.manifest if (r.source_account, r.entity, r.load_date) != key), new]


def _fetch_referenced(source: Source, entity: Entity, delivery: Delivery, wanted: Wanted) -> int:
    """Fetches what records of this load name and the list lacks, until nothing new is named; returns how many came."""
    asked: set[str] = set()
    before = delivery.received
    while True:
        missing = sorted(
            record_id
            for record_id, is_renewed in wanted.get(entity.name, {}).items()
            if record_id not in delivery.seen and record_id not in asked and (is_renewed or record_id not in delivery.known)
        )
        if not missing:
            return delivery.received - before
        asked.update(missing)
        for ids in _chunks(missing):
            delivery.take(_telling(source.fetch(entity, ids), delivery), wanted)


def _telling(records: Sequence[Record], delivery: Delivery) -> list[Record]:
    """Records fetched by id, without those deleted ones of which more is stored than the source still tells."""
    return [record for record in records if not (record.is_deleted and record.record_id in delivery.known)]


def _gone(
    engine: Engine,
    source: Source,
    entity: Entity,
    loads: Sequence[date],
    window: Window,
    evidence: Evidence,
    delivery: Delivery,
    wanted: Wanted,
) -> int:
    """Makes tombstones for stored live records the source no longer has; returns how many.

    A record a list lacks is asked for by id first: it may have changed after the cut-off, and is then no deletion.
    """
    if entity.is_log:
        return 0
    told = wanted.get(entity.name, {}).items() if evidence.can_be_asked else ()
    named = {record_id for record_id, is_renewed in told if is_renewed}
    absent = delivery.known if evidence.is_full_listing else (delivery.reported_gone | named) & delivery.known.keys()
    candidates = sorted(i for i in absent if not delivery.known[i].is_deleted and i not in delivery.seen)
    count = 0
    for ids in _chunks(candidates):
        stored = payloads(engine, entity, source.account, loads, ids)
        listed = [i for i in ids if i in named or not entity.is_historical or _is_inside(stored[i], entity, window)]
        doubtful = [i for i in listed if i not in delivery.reported_gone]
        delivery.take(_telling(source.fetch(entity, doubtful), delivery) if doubtful else [], wanted)
        dead = {i: stored[i] for i in {*listed, *(delivery.reported_gone & set(ids))} if i not in delivery.seen}
        delivery.bury(dead)
        count += len(dead)
    return count


def _is_inside(payload: str, entity: Entity, window: Window) -> bool:
    """Whether the list of a historical entity would have contained the stored record, had it not been deleted."""
    value = orjson.loads(payload).get(entity.window_field)
    if not isinstance(value, int | str):
        return False
    at = datetime.fromtimestamp(value, tz=UTC) if isinstance(value, int) else datetime.fromisoformat(value)
    return at >= window.history_from


def _note_named(
    engine: Engine, source: Source, entity: Entity, since: datetime | None, rows: Sequence[ManifestRow], wanted: Wanted
) -> None:
    """Adds what records name that other processes loaded since the entity's last load.

    A run that is repeated skips them, and runs of earlier days may have ended before they came to this entity.
    """
    noted = wanted.setdefault(NOTED, {})
    for other in source.entities():
        if not any(reference.entity == entity.name for reference in other.references):
            continue
        for row in rows:
            is_newer = row.is_complete and (since is None or row.cutoff_at > since)
            key = _noted(other.name, row.load_date)
            if is_newer and (row.source_account, row.entity) == (source.account, other.name) and key not in noted:
                note_loaded(engine, other, source.account, row.load_date, wanted)
                noted[key] = True


def _noted(entity: str, load_date: date) -> str:
    return f"{entity} {load_date}"


def forget_unloaded(engine: Engine, entities: Iterable[Entity], rows: Sequence[ManifestRow], today: date) -> None:
    """Empties the partitions of past days that no load completed: a run died before their row, or only webhooks came.

    Loads compare with complete loads only. Without this a record that changed and changed back would stay changed, and one that
    was made and deleted would stay. A table of one account whose newest commit a load accounts for is not looked through:
    whoever made that commit had done so.
    """
    accounted = {(row.entity, row.batch_id) for row in rows if row.is_complete}
    for entity in entities:
        head = engine.head(table_name(entity))
        has_one_account = len({row.source_account for row in rows if row.entity == entity.name}) <= 1
        if head is None or (has_one_account and (entity.name, head.record.get("batch_id")) in accounted):
            continue
        for account, day in partitions(engine, entity):
            if day < today and find(rows, account, entity.name, day) is None:
                empty_partition(engine, entity, account, day)


def _refuse_other_days(
    rows: Sequence[ManifestRow], sources: Sequence[Source], load_date: date, today: date, *, refetch: bool
) -> None:
    missing = [e.name for s in sources for e in s.entities() if refetch or find(rows, s.account, e.name, load_date) is None]
    if missing:
        _refuse_day(load_date, today, missing)


def _refuse_day(load_date: date, today: date, entities: Sequence[str]) -> None:
    if load_date == today:
        return
    when = "is over" if load_date < today else "has not begun"
    raise PastDateError(
        f"The load of {load_date} cannot be made: the day {when} (today is {today}, UTC) and an API only tells the present. "
        f"Not loaded: {as_listing(entities)}.",
        hint="Load today with `c360 run`; rebuild a past day from what was stored with `c360 build --date`.",
    )


def _manifest_row(
    source: Source,
    delivery: Delivery,
    evidence: Evidence,
    before: ManifestRow | None,
    *,
    load_date: date,
    window: Window,
    batch_id: str,
    digest: str,
    referenced: int,
    deleted: int,
    seconds: float,
    request_digest: str,
) -> ManifestRow:
    seen = delivery.fields
    earlier = set(before.fields.split(",")) if before is not None and before.fields else set(seen)
    is_full = evidence.is_full_listing and bool(seen)  # a few changed records need not have every field
    fields = seen if is_full else seen | earlier
    counts = delivery.counts()
    return ManifestRow(
        source_system=source.system,
        source_account=source.account,
        entity=delivery.entity.name,
        load_date=load_date,
        batch_id=batch_id,
        api_version=source.api_version,
        request_digest=request_digest,
        cutoff_at=window.cutoff,
        history_from_date=window.history_from.date(),
        is_complete=True,
        is_full_listing=evidence.is_full_listing,
        expected_count=evidence.expected_count,
        received_count=delivery.received,
        new_count=counts["new"],
        changed_count=counts["changed"],
        unchanged_count=counts["unchanged"],
        superseded_count=delivery.superseded,
        duplicate_count=delivery.duplicates + evidence.duplicate_count,
        referenced_count=referenced,
        deleted_count=deleted,
        stored_count=counts["new"] + counts["changed"] + deleted,
        live_count_before=sum(not k.is_deleted for k in delivery.known.values()),
        live_count_after=delivery.live_count(),
        page_count=evidence.page_count,
        nested_list_count=evidence.nested_list_count,
        request_count=evidence.request_count,
        first_cursor=evidence.first_cursor,
        last_cursor=evidence.last_cursor,
        fields=",".join(sorted(fields)),
        fields_appeared=",".join(sorted({*(seen - earlier), *evidence.fields_appeared})),
        fields_vanished=",".join(sorted({*(earlier - fields), *evidence.fields_vanished})),
        digest=digest,
        seconds=round(seconds, 3),
    )


def _differs(done: ManifestRow, row: ManifestRow) -> bool:
    return (done.digest, done.received_count, done.live_count_after) != (row.digest, row.received_count, row.live_count_after)


def _chunks(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _FETCH_BATCH):
        yield list(ids[start : start + _FETCH_BATCH])
