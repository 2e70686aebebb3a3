"""The list of one entity, received page by page into a spool: at the entity's turn, or ahead of it in a thread.

What needs the engine (what is stored already) stays with the caller; a list only asks its source and fills its spool.
"""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from threading import Event as Flag
from types import TracebackType
from typing import Self

from c360.bronze import Delivery
from c360.progress import Event, Listener, Received
from c360.sources.base import Entity, Evidence, Source
from c360.sources.http import StoppedError, stopped
from c360.sources.references import Wanted
from c360.spool import Spool


@dataclass
class Listing:
    """The list of one entity, in its spool; a context that drops the spool unless it ends with an error.

    Attributes:
        wanted: What its records name; apart from the load's, because other lists are under way at the same time.
        seconds: How long it took.
    """

    source: Source
    entity: Entity
    delivery: Delivery
    spool: Spool
    wanted: Wanted = field(default_factory=dict)
    seconds: float = 0.0
    begun: Future[Evidence] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.spool.__exit__(kind, error, trace)

    def evidence(self, listen: Listener) -> Evidence:
        """What the whole list shows for its completeness; waits for it, or receives it now.

        Raises:
            SourceError: The list could not be received completely.
        """
        return self.begun.result() if self.begun else self.receive(listen, Flag())

    def receive(self, listen: Listener, end: Flag) -> Evidence:
        """Receives the list, or of an interrupted load the rest of it.

        Raises:
            SourceError: The list could not be received completely.
            StoppedError: `end` was set meanwhile.
        """
        began = time.perf_counter()
        pages = self.delivery.resume(self.wanted)
        ended = self.spool.listed()
        if ended is not None:
            return ended
        evidence = Evidence(page_count=pages)
        window = replace(self.spool.window, after=self.spool.last_id) if pages else self.spool.window
        expected = len(self.delivery.known) if window.is_full else 0
        for batch in self.source.extract(self.entity, window, evidence):
            self.delivery.take(batch, self.wanted)
            self.seconds = time.perf_counter() - began
            listen(Event("ingest", self.entity.name, "running", Received(self.delivery.received, expected, self.seconds)))
            if end.is_set():
                raise StoppedError("The list was left.")
        self.spool.end_list(evidence)
        self.seconds = time.perf_counter() - began
        return evidence


class Ahead:
    """Lists under way in threads, at most `at_once` of one source; `planned` are those to begin before their turn, in order.

    When the context ends, lists nobody took are waited for; what they received stays in their spools. Once `end` is set they
    are left at their next page or wait.
    """

    def __init__(self, at_once: int, planned: Sequence[Entity], end: Flag) -> None:
        self._at_once = at_once
        self._planned = list(planned)
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="list")
        self._end = end
        self._listings: dict[str, Listing] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        for listing in self._listings.values():
            listing.__exit__(StoppedError, None, None)

    def next_planned(self) -> Entity | None:
        """The entity whose list is to begin now, which is planned no longer; None where enough are under way, or all."""
        return self._planned.pop(0) if self._planned and len(self._listings) < self._at_once else None

    def has(self, entity: Entity) -> bool:
        """Whether the list of an entity is under way, or received and not taken."""
        return entity.name in self._listings

    def begin(self, listing: Listing, listen: Listener) -> None:
        """Begins a list as soon as fewer than `at_once` are under way."""
        self._listings[listing.entity.name] = listing
        context = copy_context()
        context.run(stopped.set, self._end)
        listing.begun = self._pool.submit(context.run, listing.receive, listen, self._end)

    def take(self, entity: Entity) -> Listing:
        """The list of an entity whose turn it is; it is the caller's now."""
        self._planned = [planned for planned in self._planned if planned != entity]
        return self._listings.pop(entity.name)
