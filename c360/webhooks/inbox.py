"""Group commit: deliveries that come at once are stored in one commit, and each hears whether it is stored."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from c360.errors import C360Error
from c360.webhooks.events import Delivered

Store = Callable[[list[Delivered]], None]
"""Stores events in one commit, or raises."""

_GATHER_SECONDS = 0.01
_LARGEST_COMMIT = 500
_REMEMBERED = 500_000
"""Ids held in memory (some 50 MB). Stripe repeats a delivery for three days; a repetition that is forgotten is stored twice."""


class Inbox:
    """Events on their way into the lake. Used in one event loop; `store` runs in one thread, one commit at a time.

    Args:
        store: Stores events in one commit.
        known: Ids stored already, oldest first.
        tell: Told in a sentence of a commit that failed; never of what an event holds.
    """

    def __init__(self, store: Store, known: Iterable[str], tell: Callable[[str], None]) -> None:
        self._store, self._tell = store, tell
        self._known = OrderedDict.fromkeys(known)
        self._queue: list[Delivered] = []
        self._waiting: dict[str, asyncio.Future[bool]] = {}
        self._draining: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1)

    async def put(self, event: Delivered) -> bool:
        """Whether the event is stored, by this delivery or an earlier one. A repetition waits for the first delivery's commit."""
        if event.event_id in self._known:
            return True
        if event.event_id not in self._waiting:
            self._waiting[event.event_id] = asyncio.get_running_loop().create_future()
            self._queue.append(event)
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain())
        return await asyncio.shield(self._waiting[event.event_id])  # one who hangs up does not take it from the others

    async def aside(self, work: Callable[[], object]) -> bool:
        """Whether other work on the lake succeeds, between two commits."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except C360Error:
            return False
        return True

    async def _drain(self) -> None:
        while self._queue:
            await asyncio.sleep(_GATHER_SECONDS)
            batch, self._queue = self._queue[:_LARGEST_COMMIT], self._queue[_LARGEST_COMMIT:]
            is_stored = await self._is_stored(batch)
            for event in batch:
                if is_stored:
                    self._known[event.event_id] = None
                self._waiting.pop(event.event_id).set_result(is_stored)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        self._draining = None

    async def _is_stored(self, batch: list[Delivered]) -> bool:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._store, batch)
        except C360Error as error:
            self._tell(f"{len(batch)} events were not stored; Stripe will deliver them again. {error}")
            return False
        except Exception as error:  # noqa: BLE001  # the answer is 503 whatever failed; its text may quote rows
            self._tell(f"{len(batch)} events were not stored ({type(error).__name__}); Stripe will deliver them again.")
            return False
        return True
