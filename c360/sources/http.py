"""What HTTP sources share: a token bucket, and reading one page ahead."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


class Throttle:
    """Token bucket: at most `rate` requests per second on average, `rate` at once; `wait()` blocks until one is free."""

    def __init__(
        self, rate: float, *, monotonic: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._rate = rate
        self._capacity = max(rate, 1.0)
        self._monotonic = monotonic
        self._sleep = sleep
        self._tokens = self._capacity
        self._refilled_at = monotonic()
        self._lock = Lock()

    def wait(self) -> None:
        """Takes one token, sleeping until there is one."""
        with self._lock:
            now = self._monotonic()
            self._tokens = min(self._capacity, self._tokens + (now - self._refilled_at) * self._rate)
            self._refilled_at = now
            self._tokens -= 1
            debt = -self._tokens / self._rate
        if debt > 0:
            self._sleep(debt)


def one_ahead(pages: Iterator[T]) -> Iterator[T]:
    """The same pages; the next is asked for, in a thread of its own, while the caller works on this one."""
    end = object()
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, pages, end)
        while (page := coming.result()) is not end:
            coming = pool.submit(next, pages, end)
            yield page  # type: ignore[misc]  # not `end`, hence a page
