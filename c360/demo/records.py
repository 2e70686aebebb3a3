"""Versioned objects: what an API shows of each record at an instant."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from c360.demo.ids import stripe_id

Body = dict[str, Any]


@dataclass(slots=True)
class Record:
    """One object and its states.

    Attributes:
        kind: API collection (`invoices`) or Salesforce object (`Account`).
        id: The source's id.
        created: The object's own `created`, epoch seconds UTC (may be earlier than it becomes visible).
        versions: (visible from, changed fields); the first holds all fields, None means deleted.
    """

    kind: str
    id: str
    created: int
    versions: list[tuple[int, Body | None]]

    def index_at(self, at: int) -> int:
        """Number of the version that is visible at an instant; -1 if none is yet."""
        index = -1
        for number, (since, _) in enumerate(self.versions):
            if since > at:
                break
            index = number
        return index

    def state(self, index: int) -> Body | None:
        """All fields as of a version; None if it is deleted."""
        merged: Body = {}
        for _, patch in self.versions[: index + 1]:
            if patch is None:
                return None
            merged.update(patch)
        return merged

    def state_at(self, at: int) -> Body | None:
        """All fields at an instant; None if it does not exist then."""
        index = self.index_at(at)
        return None if index < 0 else self.state(index)


@dataclass(slots=True, frozen=True)
class EventStub:
    """An event: which version of which record it tells. `created` in epoch seconds UTC."""

    id: str
    created: int
    type: str
    kind: str
    object_id: str
    version: int


@dataclass(slots=True)
class Book:
    """All Stripe objects of a world while it is being written.

    Attributes:
        rng: Stream for ids.
        event_floor: Events before it are not kept (no load can see them).
    """

    rng: Random
    event_floor: int
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    events: list[EventStub] = field(default_factory=list)

    def add(self, kind: str, body: Body, *, at: int, event: str = "", visible_at: int | None = None) -> Record:
        """A new object, created at `at`, seen from `visible_at` (else `at`) on."""
        seen = at if visible_at is None else visible_at
        record = Record(kind, body["id"], at, [(seen, body)])
        self.records.setdefault(kind, {})[record.id] = record
        self._tell(record, event)
        return record

    def update(self, record: Record, at: int, patch: Body | None, *, event: str = "") -> int:
        """A change; two changes of one record never share a second. Returns its instant."""
        instant = max(at, record.versions[-1][0] + 1)
        record.versions.append((instant, patch))
        self._tell(record, event)
        return instant

    def id(self, prefix: str) -> str:
        """A new Stripe id."""
        return stripe_id(prefix, self.rng)

    def _tell(self, record: Record, event: str) -> None:
        at = record.versions[-1][0]
        if event and at >= self.event_floor:
            version = len(record.versions) - 1
            self.events.append(EventStub(self.id("evt"), at, event, record.kind, record.id, version))


@contextmanager
def without_collection() -> Iterator[None]:
    """Holds the cyclic collector off while a million long-lived dicts are made: it would take three quarters of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
