"""Handles what webhooks delivered: fetches the objects the events name anew, and stores what changed in the open day.

An event says that something changed; what it is now, the API says. So neither the order nor the number of deliveries matters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from c360 import run
from c360.engines.base import Engine
from c360.errors import SettingsError
from c360.ingest import forget_unloaded
from c360.lake import Lake
from c360.manifest import ManifestRow, complete_loads, read_manifest
from c360.settings import Settings, variable
from c360.sources.base import Source
from c360.sources.references import note
from c360.webhooks.events import note_handled, pending, tidy
from c360.webhooks.open_day import is_open, refetch_into

SYSTEM = "stripe"
EVENTS_ENTITY = "stripe_events"
"""Its declared references say which entity an id belongs to."""
_MOST_EVENTS = 20_000
_MOST_OBJECTS = 2_000
"""Fetched in one go, some 80 seconds at 25 requests a second: loads wait for the lease meanwhile."""


@dataclass
class Handled:
    """What one go did.

    Attributes:
        event_count: Events handled.
        waiting_count: Events that wait: of an entity whose day is not open, or for the next go.
        fetched: Entity -> how many objects were asked for.
        stored: Entity -> versions in today's partition afterwards.
    """

    event_count: int = 0
    waiting_count: int = 0
    fetched: dict[str, int] = field(default_factory=dict)
    stored: dict[str, int] = field(default_factory=dict)


@dataclass
class _Plan:
    """Events that can be handled now, the objects they name by entity, and how many events cannot."""

    event_ids: list[str] = field(default_factory=list)
    wanted: dict[str, set[str]] = field(default_factory=dict)
    waiting_count: int = 0


def refetch(lake: Lake, *, wait_seconds: float = 0) -> Handled:
    """Handles the events that wait. Without any that can be handled now nothing is written, and the lease is not asked for.

    Raises:
        SettingsError: There are several Stripe accounts.
        LeaseError: Another run holds the lake; the events wait.
        SourceError: Stripe could not be read; the events wait.
    """
    if not pending(lake.engine, 1):
        return Handled()
    source, *others = run.open_sources(lake, [SYSTEM])
    if others:
        hint = f"Unset {variable('stripe_further_api_keys')} where webhooks are handled, or leave the accounts to the daily load."
        raise SettingsError("Events do not say which of several Stripe accounts they are of.", hint=hint)
    planned = _plan(lake.engine, source, read_manifest(lake.engine), lake.settings.today())
    if not planned.event_ids:
        return Handled(waiting_count=planned.waiting_count)
    with run.exclusive(lake, run.new_run_id(), wait_seconds=wait_seconds):
        return handle_events(lake.engine, lake.settings, source)


def handle_events(engine: Engine, settings: Settings, source: Source) -> Handled:
    """Like `refetch`, with the lease held. Events are remembered as handled last: a crash before repeats the work, harmlessly.

    Raises:
        SourceError: The source could not be read; the events wait.
    """
    now, rows = settings.clock(), read_manifest(engine)
    entities = {entity.name: entity for entity in source.entities()}
    forget_unloaded(engine, entities.values(), rows, now.date())
    planned = _plan(engine, source, rows, now.date())
    done = Handled(len(planned.event_ids), planned.waiting_count)
    for name, ids in sorted(planned.wanted.items()):
        loads = complete_loads(rows, source.account, name, now.date())
        done.stored[name] = refetch_into(engine, source, entities[name], ids, loads, now)
        done.fetched[name] = len(ids)
    note_handled(engine, planned.event_ids, now.date(), now)
    tidy(engine)
    return done


def _plan(engine: Engine, source: Source, rows: Sequence[ManifestRow], today: date) -> _Plan:
    """Events that name only objects whose entity is open today, up to a number of objects; one that names none counts."""
    entities = {entity.name: entity for entity in source.entities()}
    closed = {name for name in entities if not is_open(rows, source.account, name, today)}
    plan = _Plan()
    for event_id, body in pending(engine, _MOST_EVENTS):
        named: dict[str, dict[str, bool]] = {}
        note(entities[EVENTS_ENTITY], body, named)
        if named.keys() & closed or sum(map(len, plan.wanted.values())) >= _MOST_OBJECTS:
            plan.waiting_count += 1
            continue
        plan.event_ids.append(event_id)
        for name, ids in named.items():
            plan.wanted.setdefault(name, set()).update(ids)
    return plan
