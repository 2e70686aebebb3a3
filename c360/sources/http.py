"""What HTTP sources share: a token bucket, retries, waits that can be ended, reading one page ahead, clocks that agree."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Event, Lock
from typing import TypeVar

from c360.errors import C360Error, SourceError

T = TypeVar("T")
_BURST = 2.0  # tokens
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0  # seconds
LARGEST_SKEW = timedelta(minutes=10)
"""Between this machine's clock and a source's: half of what lists of changes overlap."""


class StoppedError(C360Error):
    """A list was left because the run it belongs to has ended."""


stopped: ContextVar[Event | None] = ContextVar("stopped", default=None)
"""Set by who receives a list in a thread: once the event is, waits end."""


def pause(seconds: float) -> None:
    """Waits.

    Raises:
        StoppedError: Nobody wants the list any more.
    """
    end = stopped.get()
    if end is None:
        time.sleep(seconds)
    elif end.wait(seconds):
        raise StoppedError("The list was left.")


@dataclass(frozen=True)
class Retries:
    """Repeats what failed in passing: at most `count` times, after waits that double and vary, or as long as the server asks.

    A request waits a minute at most, so `count` of them take no more than `count` minutes.
    """

    count: int
    sleep: Callable[[float], None] = pause
    uniform: Callable[[float, float], float] = random.uniform

    def call(self, ask: Callable[[], T], passing: Callable[[Exception], float | None]) -> T:
        """The answer of `ask`.

        Args:
            ask: One attempt.
            passing: Of its exception: seconds the server asks to wait (0: it does not say), or None if repeating is of no use.
        """
        for attempt in range(self.count):
            try:
                return ask()
            except Exception as error:
                asked = passing(error)
                if asked is None:
                    raise
                self.sleep(max(min(asked, _LONGEST_WAIT), self.uniform(0, min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT))))
        return ask()


class Throttle:
    """At most `rate` requests per second, evenly: a token bucket of two; `wait()` blocks until a token is there.

    A bucket of a whole second's tokens would send twice the rate in the first second, which a server answers with 429.
    """

    def __init__(
        self, rate: float, *, monotonic: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = pause
    ) -> None:
        self._rate = rate
        self._monotonic = monotonic
        self._sleep = sleep
        self._tokens = _BURST
        self._refilled_at = monotonic()
        self._lock = Lock()

    def wait(self) -> None:
        """Takes one token, sleeping until there is one."""
        with self._lock:
            now = self._monotonic()
            self._tokens = min(_BURST, self._tokens + (now - self._refilled_at) * self._rate)
            self._refilled_at = now
            self._tokens -= 1
            debt = -self._tokens / self._rate
        if debt > 0:
            self._sleep(debt)


def refuse_skew(date: str | None, whose: str) -> None:
    """Compares the clocks: a load asks for what changed since the one before, by this machine's clock.

    Args:
        date: The `Date` of an answer that has just come; None or no date is not judged.
        whose: The source, as messages name it.

    Raises:
        SourceError: They are further apart than `LARGEST_SKEW`; changes would be missed.
    """
    try:
        told = parsedate_to_datetime(date or "")
    except (ValueError, OverflowError):
        return
    ahead = datetime.now(UTC) - (told if told.tzinfo else told.replace(tzinfo=UTC))
    if abs(ahead) > LARGEST_SKEW:
        minutes, side = abs(ahead) // timedelta(minutes=1), "ahead of" if ahead > timedelta() else "behind"
        hint = "Set the clock right (NTP), then run again."
        raise SourceError(f"This machine's clock is {minutes} minutes {side} {whose}'s; changes would be missed.", hint=hint)


def one_ahead(pages: Iterator[T]) -> Iterator[T]:
    """The same pages; the next is asked for, in a thread of its own, while the caller works on this one."""
    end = object()

    def ask() -> T | object:
        return next(pages, end)

    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(copy_context().run, ask)
        while (page := coming.result()) is not end:
            coming = pool.submit(copy_context().run, ask)
            yield page  # type: ignore[misc]  # not `end`, hence a page
