"""The operations behind every flow and command: ingest a day, build and check a stage, publish. Knows no Prefect.

A run is (lake, load date) with the stages ingest, silver, gold. Tables are written and audited; a stage that passes appends a
candidate, the last one the release. Nothing an audit refuses is ever readable.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date

import ibis.expr.types as ir

from c360 import ingest, lease, release
from c360.build import BuildResult, Progress, begin, build, fingerprint_now
from c360.catalog import Layer, Node
from c360.errors import QualityError, ReleaseError, SelectionError, listing
from c360.lake import PEOPLES_TABLES, Lake, stored_name
from c360.manifest import ManifestRow, landed_at, read_manifest
from c360.progress import Event, Listener, silent
from c360.quality.contract_rules import contract_results
from c360.quality.deadline import deadline_result
from c360.quality.expectations import run_expectations
from c360.quality.log import LOG_TABLE, log_rows
from c360.quality.privacy import Scanned, check_privacy
from c360.quality.quarantine import Quarantine
from c360.quality.results import CheckResult, blocking, refuse_blocking
from c360.readers import PRIVATE_LAYERS
from c360.release import Entry, Stage
from c360.sources.base import Source

STAGE_LAYERS: dict[str, tuple[Layer, ...]] = {"ingest": (), "silver": ("vault", "silver"), "gold": ("gold",)}


@dataclass
class Outcome:
    """What a run did. `is_noop`: the day was released with these very inputs and code; nothing was written."""

    run_id: str
    load_date: date
    is_noop: bool = False
    manifest: list[ManifestRow] = field(default_factory=list)
    builds: list[BuildResult] = field(default_factory=list)
    checks: list[CheckResult] = field(default_factory=list)
    entry: Entry | None = None
    stale: list[str] = field(default_factory=list)


def new_run_id() -> str:
    """A fresh identity for one run."""
    return uuid.uuid4().hex


@contextmanager
def exclusive(lake: Lake, run_id: str, *, wait_seconds: float = 0) -> Iterator[None]:
    """Holds the lake's lease for the body.

    Raises:
        LeaseError: Another run holds the lake.
    """
    minutes, clock = lake.settings.lease_minutes, lake.settings.clock
    with lease.held(lake.engine, run_id, minutes=minutes, wait_seconds=wait_seconds, clock=clock) as lake.lease:
        yield


def complete_dates(lake: Lake) -> set[date]:
    """Load dates on which every entity of every source is complete in bronze, for every account the lake knew by then."""
    rows = read_manifest(lake.engine)
    loaded = {(row.load_date, row.source_account, row.entity) for row in rows if row.is_complete}
    begun: dict[tuple[str, str], date] = {}
    for row in rows:
        key = (row.source_system, row.source_account)
        begun[key] = min(row.load_date, begun.get(key, row.load_date))

    def is_complete(day: date) -> bool:
        accounts = {key for key, first in begun.items() if first <= day}
        wanted = ((entity, a) for entity in lake.registry.entities.values() for s, a in accounts if s == entity.source_system)
        systems = {entity.source_system for entity in lake.registry.entities.values()}
        return systems <= {system for system, _ in accounts} and all((day, a, e.name) in loaded for e, a in wanted)

    return {day for day, _, _ in loaded if is_complete(day)}


def is_up_to_date(lake: Lake, load_date: date) -> bool:
    """Whether `load_date` was released from these inputs with this code, so that a run has nothing to do."""
    entry = _release_of(lake, load_date)
    if entry is None or release.is_held(release.entries(lake.engine), entry.tables) or not _is_whole(lake, entry):
        return False
    if load_date not in complete_dates(lake) or lake.changed_references():
        return False
    params = lake.params(load_date)
    return all(
        node.full_name in entry.tables
        and fingerprint_now(lake, node, params, entry.tables) == entry.tables[node.full_name].fingerprint
        for node in lake.catalog.nodes.values()
    )


def up_to_date(lake: Lake, load_date: date) -> Outcome:
    """The outcome of a run that has nothing to do but to show SQL tools the release, should a run have died before it did."""
    entry, current = _release_of(lake, load_date), release.current(release.entries(lake.engine))
    if current and not lake.engine.shows(current.release_id):
        publish_views(lake, current)
    return Outcome(entry.run_id if entry else "", load_date, is_noop=True, entry=entry)


def refuse_past(lake: Lake, load_date: date) -> None:
    """Raises ReleaseError when a newer day is released already."""
    newest = release.current(release.entries(lake.engine))
    if newest and load_date < newest.load_date:
        raise ReleaseError(
            f"{load_date} is older than the newest release ({newest.load_date}).",
            hint="Rebuilding a past day is a backfill (`c360 backfill`); a daily run only goes forward.",
        )


def run_day(
    lake: Lake,
    sources: Sequence[Source],
    load_date: date,
    *,
    select: Sequence[str] = (),
    refetch: bool = False,
    wait_seconds: float = 0,
    listen: Listener = silent,
) -> Outcome:
    """The daily job: ingest what is not complete, then silver, then gold; each checked before the next.

    Raises:
        C360Error: With one sentence and a remedy; readers keep the last release.
    """
    nodes = lake.catalog.select(select)
    if not refetch and not select and is_up_to_date(lake, load_date):
        return up_to_date(lake, load_date)
    refuse_past(lake, load_date)
    outcome = Outcome(new_run_id(), load_date)
    with exclusive(lake, outcome.run_id, wait_seconds=wait_seconds):
        outcome.manifest = ingest_day(lake, sources, load_date, refetch=refetch, listen=listen)
        if not select and is_up_to_date(lake, load_date):  # nothing new came, or another run was faster
            return replace(up_to_date(lake, load_date), manifest=outcome.manifest)
        progress = start(lake, load_date, outcome, listen=listen)
        for stage in ("silver", "gold"):
            build_stage(lake, stage, nodes, progress, outcome, listen=listen)
    return outcome if select else released(outcome)


def released(outcome: Outcome) -> Outcome:
    """The outcome of a whole run, which ends in a release.

    Raises:
        ReleaseError: It did not: code or settings changed while it ran.
    """
    if outcome.entry is None:
        raise ReleaseError(
            f"{outcome.load_date} was built but not released: {listing(outcome.stale, 5)} behind their inputs.",
            hint="Did code or settings change meanwhile? Run again.",
        )
    return outcome


def ingest_day(
    lake: Lake, sources: Sequence[Source], load_date: date, *, refetch: bool, listen: Listener = silent
) -> list[ManifestRow]:
    """Brings every entity of `sources` into bronze for the day; what is complete is skipped unless `refetch`."""
    rows = ingest.ingest_day(lake.engine, lake.settings, sources, load_date, refetch=refetch, listen=listen, look=lake.look)
    lake.forget_inputs()
    return rows


def open_sources(lake: Lake, names: Sequence[str] | None = None) -> list[Source]:
    """Connections to the accounts of the named sources (default: all of the registry).

    Raises:
        SourceError: Credentials are missing or refused, or the source cannot be reached.
        SelectionError: There is no such source.
    """
    modules = lake.registry.modules
    unknown = set(names or ()) - set(modules)
    if unknown:
        raise SelectionError(f"There is no source {listing(unknown)}.", hint=f"Sources: {listing(modules)}.")
    return [source for name in dict.fromkeys(names or sorted(modules)) for source in lake.registry.open(name, lake.settings)]


def nodes_of_stage(nodes: Sequence[Node], stage: str) -> list[Node]:
    """Those of `nodes` the stage builds, in build order."""
    return [node for node in nodes if node.layer in STAGE_LAYERS[stage]]


def newest_complete_date(lake: Lake) -> date:
    """The newest load date all of whose entities are complete: what `build` builds by default.

    Raises:
        QualityError: There is none.
    """
    dates = complete_dates(lake)
    if not dates:
        raise QualityError("No day is complete in bronze.", hint="Run `c360 ingest` (or `c360 run`) first.")
    return max(dates)


def start(lake: Lake, load_date: date, outcome: Outcome, *, is_scheduled: bool = False, listen: Listener = silent) -> Progress:
    """The state a build of `load_date` starts from, once the checks of bronze have passed.

    Args:
        lake: The open lake.
        load_date: The day to build.
        outcome: Of the run; the results of the checks are added to it.
        is_scheduled: Whether a schedule started the run: only then the load has a deadline (BE-004).
        listen: Hears of the checks.

    Raises:
        QualityError: The day is not complete in bronze, or a P0 expectation of bronze failed.
        ReleaseError: A newer day was released, maybe while this run waited for the lease.
    """
    refuse_past(lake, load_date)
    if load_date not in complete_dates(lake):
        raise QualityError(
            f"{load_date} is not complete in bronze; silver does not start on an incomplete day.",
            hint="`c360 freshness` shows what is missing; `c360 run` continues the load.",
        )
    manifest = read_manifest(lake.engine)
    ingest.forget_unloaded(lake.engine, lake.registry.entities.values(), manifest, lake.settings.today())
    lake.sync_references()
    base = release.base(release.entries(lake.engine), load_date)
    progress = begin(outcome.run_id, lake.params(load_date), base)
    landed = landed_at(manifest, load_date)
    on_time = deadline_result(load_date, landed, lake.settings.load_deadline, is_scheduled=is_scheduled)
    _audit(lake, "ingest", progress, outcome, listen, [on_time])
    return progress


def build_stage(
    lake: Lake, stage: Stage, nodes: Sequence[Node], progress: Progress, outcome: Outcome, *, listen: Listener = silent
) -> None:
    """Builds the stage's tables among `nodes`, checks them, and publishes the candidate or release.

    Raises:
        QualityError: A P0 expectation failed; its results are in the log, nothing was published.
    """
    results = [_build(lake, node, progress, stage, listen) for node in nodes_of_stage(nodes, stage)]
    outcome.builds += results
    finish_stage(lake, stage, results, progress, outcome, listen=listen)


def finish_stage(
    lake: Lake,
    stage: Stage,
    results: Sequence[BuildResult],
    progress: Progress,
    outcome: Outcome,
    *,
    listen: Listener = silent,
) -> Entry | None:
    """Audits a built stage and publishes it when it passes and leaves nothing downstream inconsistent.

    Raises:
        QualityError: A P0 check failed; its results are in the log, nothing was published.
    """
    outcome.stale = _stale(lake, stage, progress)
    _audit(lake, stage, progress, outcome, listen)
    return None if outcome.stale else _publish(lake, stage, results, progress, outcome)


def _audit(
    lake: Lake, stage: Stage, progress: Progress, outcome: Outcome, listen: Listener, more: Sequence[CheckResult] = ()
) -> None:
    """Runs the stage's checks, logs them together with `more`, and stops the run when a P0 check failed."""
    listen(Event(stage, "checks", "started"))
    checks = [*check_stage(lake, stage, progress), *more]
    outcome.checks += checks
    is_held = stage == "gold" and release.is_held(release.entries(lake.engine), progress.now)
    is_published = stage != "ingest" and not outcome.stale and not blocking(checks) and not is_held
    # The log is written first, so that no release lacks it; under the lease the next id is known.
    release_id = release.next_id(lake.engine, progress.params.as_of) if is_published else None
    rows = log_rows(
        checks,
        run_id=progress.run_id,
        load_date=progress.params.as_of,
        release_id=release_id,
        checked_at=lake.settings.clock(),
    )
    lake.engine.append(LOG_TABLE, rows)
    listen(Event(stage, "checks", "finished", checks))
    refuse_blocking(checks)


def check_stage(lake: Lake, stage: Stage, progress: Progress) -> list[CheckResult]:
    """Results of the stage's contract rules and expectations on the tables as they are in `progress`."""
    nodes = lake.catalog.layer(*STAGE_LAYERS[stage])
    named = run_expectations(
        stage,
        lambda name: lake.table_or_none(name, progress.params.as_of, progress.now),
        progress.params,
        lake.settings.thresholds,
        lake.execute,
    )
    rules = contract_results(stage, nodes, progress.now, lake.settings.thresholds)
    return [*rules, *named, *_privacy(lake, stage, nodes, progress)]


def _privacy(lake: Lake, stage: Stage, nodes: Sequence[Node], progress: Progress) -> list[CheckResult]:
    """SE-004 on the stage's tables and what was quarantined of them; the vault is where personal data belong."""

    def opened(name: str) -> ir.Table | None:
        return lake.table_or_none(name, progress.params.as_of, progress.now)

    scanned = []
    for node in nodes:
        rows = opened(node.name) if node.layer != "vault" else None
        scanned += [Scanned(node.full_name, rows, node.contract)] if rows is not None else []
        bad = opened(f"quarantine_{node.name}")
        scanned += [Scanned(f"quarantine.{node.name}", bad, Quarantine)] if bad is not None else []
    if stage == "silver":
        scanned += _scanned_beside(lake, opened)
    if not scanned:
        return []
    return check_privacy(stage, scanned, opened("identity_record"), lake.settings.thresholds, lake.execute)


def _scanned_beside(lake: Lake, opened: Callable[[str], ir.Table | None]) -> list[Scanned]:
    """Tables no function makes that could hold personal data all the same: records set apart, and what people wrote."""
    bad = ((name, opened(f"quarantine_{name}")) for name in lake.registry.entities)
    written = [(stored_name(name), contract) for name, contract in PEOPLES_TABLES.items() if lake.engine.head(stored_name(name))]
    return [
        *(Scanned(f"quarantine.{name}", rows, Quarantine) for name, rows in bad if rows is not None),
        *(Scanned(name, lake.engine.read(name), contract) for name, contract in written),
    ]


def _build(lake: Lake, node: Node, progress: Progress, stage: str, listen: Listener) -> BuildResult:
    listen(Event(stage, node.full_name, "started"))
    result = build(lake, node, progress)
    listen(Event(stage, node.full_name, "finished", result))
    return result


def _publish(lake: Lake, stage: Stage, results: Sequence[BuildResult], progress: Progress, outcome: Outcome) -> Entry | None:
    """Appends the stage's row: a candidate, or the release, which switches readers."""
    if lake.lease:
        lake.lease.check()
    entry = release.publish(
        lake.engine,
        kind="released" if stage == "gold" else "candidate",
        stage=stage,
        load_date=progress.params.as_of,
        run_id=progress.run_id,
        now=lake.settings.clock(),
        tables=progress.now,
        checks=[asdict(check) for check in outcome.checks],
        builds=[asdict(result) for result in results],
    )
    if entry.is_readable:
        publish_views(lake, entry)
        outcome.entry = entry
    return entry


def publish_views(lake: Lake, entry: Entry) -> None:
    """Shows SQL tools the tables of a release; the vault is not for readers."""
    public = {name: state.version for name, state in entry.tables.items() if name.split(".")[0] not in PRIVATE_LAYERS}
    lake.engine.publish_views(public, entry.release_id)


def _is_whole(lake: Lake, entry: Entry) -> bool:
    """Whether the lake still has every table of a release; a missing one is to be built again."""
    heads = ((state, lake.engine.head(name, state.version)) for name, state in entry.tables.items())
    return all(head is not None and head.content_id == state.content_id for state, head in heads)


def _stale(lake: Lake, stage: Stage, progress: Progress) -> list[str]:
    """Tables of the stage (of all stages, for a release) whose stored build is not the one its inputs ask for now."""
    nodes = lake.catalog.layer("vault", "silver", *(("gold",) if stage == "gold" else ()))
    return [
        node.full_name
        for node in nodes
        if node.full_name not in progress.now
        or fingerprint_now(lake, node, progress.params, progress.now) != progress.now[node.full_name].fingerprint
    ]


def _release_of(lake: Lake, load_date: date) -> Entry | None:
    log = release.entries(lake.engine)
    return next((e for e in reversed(log) if e.kind in ("released", "resume") and e.load_date == load_date), None)
