"""Imports files into bronze: the tables a load from the API writes, by the same code. Free of Prefect.

Every file is read twice: first all of them are checked, so that nothing is written from a folder with a bad file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path

from c360 import release
from c360.bronze import known_records
from c360.errors import PastDateError, SelectionError, SourceError, listing
from c360.ingest import Load, ingest_entity
from c360.lake import Lake
from c360.manifest import ManifestRow, complete_loads, find, read_manifest
from c360.progress import Event, Listener, silent
from c360.settings import variable
from c360.sources import file_names
from c360.sources.base import Entity, Evidence, Window
from c360.sources.file_names import Found
from c360.sources.file_rules import Seen
from c360.sources.files import API_VERSION, FileSource
from c360.sources.salesforce import id18

ALL = "all"
_MONTHS_OF = "stripe_invoices"


@dataclass(frozen=True)
class Request:
    """What is to be imported.

    Attributes:
        system: `stripe` or `salesforce`.
        folder: Where the files are.
        load_date: The day of the export (UTC).
        account: Whose records they are; empty to take the setting's, or the id of the Organization among the files.
        history_from: First day of a month from which on the files hold everything; None to take it from the records.
        empty: Entities that have no records, as the user calls them; `all` for every one without a file.
        replaces: What was imported for the date already is read again and replaced.
    """

    system: str
    folder: Path
    load_date: date
    account: str = ""
    history_from: date | None = None
    empty: Sequence[str] = ()
    replaces: bool = False


@dataclass(frozen=True)
class Part:
    """One entity of an import.

    Attributes:
        entity: Bronze table.
        state: `imported`, `empty` (said to be), `kept` (complete for the date before), or `missing` (no file: not complete).
        files: Its files.
        skipped_count: Records of Stripe's other mode.
        absent_count: Records that others name and the files do not hold.
        row: Its row of the manifest; None if missing.
    """

    entity: str
    state: str
    files: list[str]
    skipped_count: int
    absent_count: int
    row: ManifestRow | None


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        system: Whose records.
        account: Of which account.
        load_date: The day they were imported for.
        history_from: First day of the history.
        parts: What became of each entity of the source.
        others: Files that belong to no entity; they were not read.
        waiting: Entities of all sources that are not complete for the date; without them it cannot be built.
    """

    system: str
    account: str
    load_date: date
    history_from: date
    parts: list[Part] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """An import that may begin.

    Attributes:
        request: What was asked.
        source: The files.
        cutoff: The load's instant (UTC).
        rows: The manifest.
        states: Entity -> what will become of it; see `Part`.
    """

    request: Request
    source: FileSource
    cutoff: datetime
    rows: list[ManifestRow]
    states: dict[str, str]

    @property
    def wanted(self) -> list[Entity]:
        """The entities that are to be read."""
        return [entity for entity in self.source.declared if self.states[entity.name] in {"imported", "empty"}]


def planned(lake: Lake, request: Request) -> Plan:
    """Finds the files, and whose records of which day they are to be. The caller holds the lease.

    Raises:
        SourceError: There are no files, or it cannot be told whose they are, or the account has been loaded from its API.
        PastDateError: A later load or release exists, or the day has not begun.
        SelectionError: An entity of `empty` does not exist, or has a file.
    """
    rows = read_manifest(lake.engine)
    declared = [entity for entity in lake.registry.entities.values() if entity.source_system == request.system]
    found = file_names.find(request.folder, declared)
    empty = _empty(request, declared, found)
    cutoff = _cutoff(request.load_date, lake.settings.clock())
    source = FileSource(request.system, "", found, declared, lake.settings.stripe_livemode)
    source.account = _account(lake, request, source, cutoff)
    _refuse_later(lake, rows, source.account, request.load_date)
    states = {entity.name: _state(rows, source.account, entity, request, found, empty) for entity in declared}
    return Plan(request, source, cutoff, rows, states)


def import_files(lake: Lake, plan: Plan, *, listen: Listener = silent) -> Imported:
    """Brings the records of the files into bronze as the account's load of the date. The caller holds the lease.

    Raises:
        SourceError: A file is damaged or incomplete; nothing was written.
    """
    request, source = plan.request, plan.source
    _check(plan, listen)
    history = _history(plan.rows, request, source)
    load = Load(source, Window(plan.cutoff, datetime.combine(history, time(), UTC)), plan.rows, look=lake.look)
    source.stored = lambda entity: _stored(lake, load, entity, request.load_date)
    for entity in plan.wanted:
        listen(Event("ingest", entity.name, "started"))
        row = ingest_entity(lake.engine, load, entity, request.load_date, refetch=request.replaces)
        listen(Event("ingest", entity.name, "finished", row))
    lake.forget_inputs()
    there = {row.entity for row in load.manifest if row.is_complete and row.load_date == request.load_date}
    return Imported(
        system=request.system,
        account=source.account,
        load_date=request.load_date,
        history_from=history,
        parts=[_part(load, source, entity, plan.states[entity.name], request.load_date) for entity in source.declared],
        others=source.found.others,
        waiting=sorted(set(lake.registry.entities) - there),
    )


def _empty(request: Request, declared: Sequence[Entity], found: Found) -> set[str]:
    if ALL in request.empty:
        return {entity.name for entity in declared} - set(found.files)
    names = set()
    for given in request.empty:
        entity = file_names.called(given, declared)
        if entity is None:
            hint = f"Entities: {listing(e.name for e in declared)}; or --empty {ALL}."
            raise SelectionError(f"--empty {given!r} names no entity of {request.system}.", hint=hint)
        if entity.name in found.files:
            file = found.name(found.files[entity.name][0])
            raise SelectionError(f"{entity.name} is said to be empty, but there is {file}.", hint="Leave one of them out.")
        names.add(entity.name)
    if not names and not found.files:
        raise SourceError(
            f"{request.folder} holds no files of {request.system}'s records.",
            hint=f"Files are called as their objects: {', '.join(e.name.split('_', 1)[1] + '.jsonl' for e in declared)}.",
        )
    return names


def _cutoff(load_date: date, now: datetime) -> datetime:
    """The load's instant: now, or the end of a day that is over."""
    if load_date > now.date():
        raise PastDateError(f"{load_date} has not begun (today is {now.date()}, UTC).", hint="--date is the day of the export.")
    return min(now, datetime.combine(load_date, time.max, UTC))


def _account(lake: Lake, request: Request, source: FileSource, cutoff: datetime) -> str:
    if request.system == "stripe":
        account = request.account or lake.settings.stripe_account
        if not account:
            said = "Stripe's records do not say whose they are."
            raise SourceError(said, hint=f"Give the account's id: --account acct_…, or {variable('stripe_account')}.")
        return account
    organization = next(entity for entity in source.declared if entity.api_object == "Organization")
    ids = {r.record_id for batch in source.extract(organization, Window(cutoff, cutoff), Evidence()) for r in batch}
    if request.account:
        ids.add(id18(request.account))
    if len(ids) != 1:
        state = "do not say whose they are" if not ids else f"are of {len(ids)} organisations ({listing(ids)})"
        hint = "Add the file of Organization, or give its 18-character id: --account 00D…"
        raise SourceError(f"Salesforce's records {state}.", hint=hint)
    return ids.pop()


def _refuse_later(lake: Lake, rows: Sequence[ManifestRow], account: str, load_date: date) -> None:
    mine = [row for row in rows if row.source_account == account]
    asked = [row.load_date for row in mine if row.api_version != API_VERSION]
    if asked:
        raise SourceError(
            f"{account} has been loaded from its API since {min(asked)}; files do not go between such loads.",
            hint="Import into a new lake (C360_LAKE) first, then let `c360 run` go on there.",
        )
    later = max((row.load_date for row in mine if row.load_date > load_date), default=None)
    if later:
        said = f"{account} has an import of {later}, which {load_date} would go behind."
        raise PastDateError(said, hint="Import the oldest export first, into a new lake (C360_LAKE).")
    newest = release.current(release.entries(lake.engine))
    if newest and newest.load_date > load_date:
        said = f"{newest.load_date} is released, which {load_date} would go behind."
        raise PastDateError(said, hint="Import the oldest export first, into a new lake (C360_LAKE).")


def _state(rows: Sequence[ManifestRow], account: str, entity: Entity, request: Request, found: Found, empty: set[str]) -> str:
    is_given = entity.name in found.files or entity.name in empty
    if find(rows, account, entity.name, request.load_date) and not (is_given and request.replaces):
        return "kept"
    if entity.name in found.files:
        return "imported"
    return "empty" if entity.name in empty else "missing"


def _check(plan: Plan, listen: Listener) -> None:
    """Reads everything once, writing nothing."""
    for entity in plan.wanted:
        listen(Event("check", entity.name, "started"))
        for _ in plan.source.extract(entity, Window(plan.cutoff, plan.cutoff), Evidence()):
            pass
        listen(Event("check", entity.name, "finished"))


def _history(rows: Sequence[ManifestRow], request: Request, source: FileSource) -> date:
    """First day of the history: what was said, else what the account's earlier imports or its records show."""
    before = [row.history_from_date for row in rows if row.source_account == source.account]
    if before and request.history_from not in (None, min(before)):
        said = f"The history of {source.account} begins on {min(before)}; its first import has said so."
        raise SourceError(said, hint="Leave --history-from out, or import into a new lake (C360_LAKE).")
    if before:
        return min(before)
    if request.history_from:
        return request.history_from
    first_of_month = request.load_date.replace(day=1)
    if request.system == "stripe":
        return _gapless(_months(source.seen), first_of_month)
    others = [row.history_from_date for row in rows]
    return min({*others, *(month for seen in source.seen.values() for month in seen.months), first_of_month})


def _months(seen: dict[str, Seen]) -> set[date]:
    return seen[_MONTHS_OF].months if _MONTHS_OF in seen else set()


def _gapless(months: set[date], otherwise: date) -> date:
    """The first of the months that lead to the newest without one missing: a gap may be what an export left out."""
    month = max(months, default=otherwise)
    while (before := _month_before(month)) in months:
        month = before
    return month


def _month_before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def _stored(lake: Lake, load: Load, entity: Entity, load_date: date) -> frozenset[str]:
    loads = complete_loads(load.manifest, load.source.account, entity.name, load_date)
    return frozenset(known_records(lake.engine, entity, load.source.account, loads))


def _part(load: Load, source: FileSource, entity: Entity, state: str, load_date: date) -> Part:
    named = load.wanted.get(entity.name, {}) if state == "missing" else source.absent.get(entity.name, ())
    return Part(
        entity=entity.name,
        state=state,
        files=[source.found.name(path) for path in source.found.files.get(entity.name, [])],
        skipped_count=source.seen[entity.name].skipped_count if entity.name in source.seen else 0,
        absent_count=len(named),
        row=find(load.manifest, source.account, entity.name, load_date),
    )
