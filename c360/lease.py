"""One build at a time: the lake's lease, rows of the Delta table `_runs` taken by an optimistic commit."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from c360.engines.base import Engine
from c360.errors import LakeError, LeaseError

TABLE = "_runs"
_SCHEMA = pa.schema(
    [
        ("sequence", pa.int64()),
        ("run_id", pa.string()),
        ("action", pa.string()),
        ("host", pa.string()),
        ("process_id", pa.int64()),
        ("at", pa.timestamp("us", "UTC")),
        ("expires_at", pa.timestamp("us", "UTC")),
    ]
)
_POLL_SECONDS = 1.0
_RENEWED_AFTER = 1 / 3
"""Share of the lease after which it is renewed."""


@dataclass(frozen=True)
class Holder:
    """Who holds the lease: run, host, process, and until when (UTC)."""

    run_id: str
    host: str
    process_id: int
    expires_at: datetime


def holder(engine: Engine, now: datetime) -> Holder | None:
    """The run that holds the lake now; None when it is free (released, expired, or its process on this host is gone)."""
    last = _newest(engine)
    if last is None or last["action"] == "release" or last["expires_at"] <= now:
        return None
    found = Holder(last["run_id"], last["host"], last["process_id"], last["expires_at"])
    return None if _is_dead(found) else found


class Lease:
    """The lake, held by one run. A thread renews it, so that a run may take longer than the lease lasts.

    Every renewal is a commit on top of the run's own last one: it fails when another run has taken the lake over.
    """

    def __init__(self, engine: Engine, run_id: str, minutes: int, clock: Callable[[], datetime], version: int) -> None:
        self._engine, self._run_id, self._minutes, self._clock = engine, run_id, minutes, clock
        self._version = version
        self._is_lost = False
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._renewing = threading.Thread(target=self._renew, daemon=True)
        self._renewing.start()

    def check(self) -> None:
        """Called just before anything is published: renews the lease, which proves that nobody took it.

        Raises:
            LeaseError: Another run took the lake over meanwhile.
        """
        self._try_renewing()
        self._refuse_lost()

    def look(self) -> None:
        """Called just before a table is written: reads whether somebody took the lease, without a commit of its own.

        Raises:
            LeaseError: Another run took the lake over meanwhile.
        """
        with self._lock:
            head = self._engine.head(TABLE)
            self._is_lost = self._is_lost or head is None or head.version != self._version
        self._refuse_lost()

    def _refuse_lost(self) -> None:
        if self._is_lost:
            raise LeaseError(
                "Another run took the lake over, because this one was not heard of for too long; nothing was published.",
                hint="Run again; what is built already is not built twice.",
            )

    def give_back(self) -> None:
        """Ends the lease; one that was taken over is its successor's to end."""
        self._is_over.set()
        self._renewing.join()
        if not self._is_lost:
            with suppress(LeaseError):  # taken over just now; the body's own error, if any, stays the error
                self._commit("release", 0)

    def _renew(self) -> None:
        while not self._is_lost and not self._is_over.wait(self._minutes * 60 * _RENEWED_AFTER):
            with suppress(LakeError):  # the lake is out of reach just now; the lease lasts for two more tries
                self._try_renewing()

    def _try_renewing(self) -> None:
        try:
            self._commit("renew", self._minutes)
        except LeaseError:
            self._is_lost = True

    def _commit(self, action: str, minutes: int) -> None:
        with self._lock:
            row = _row(self._version + 1, self._run_id, action, self._clock(), minutes)
            self._version = self._engine.append(TABLE, row, expected_version=self._version)


@contextmanager
def held(engine: Engine, run_id: str, *, minutes: int, wait_seconds: float, clock: Callable[[], datetime]) -> Iterator[Lease]:
    """Holds the lease for the body and gives it back at its end.

    Args:
        engine: The lake's engine.
        run_id: This run.
        minutes: Expiry of the lease, for the case that this process dies without a word on another host.
        wait_seconds: How long to wait for another run to end; 0 stops at once.
        clock: Current UTC instant.

    Raises:
        LeaseError: Another run holds the lake (longer than `wait_seconds`).
    """
    lease = Lease(engine, run_id, minutes, clock, _acquired(engine, run_id, minutes, wait_seconds, clock))
    try:
        yield lease
    finally:
        lease.give_back()


def _acquired(engine: Engine, run_id: str, minutes: int, wait_seconds: float, clock: Callable[[], datetime]) -> int:
    """Takes the lease; returns the version of the commit."""
    deadline = time.monotonic() + wait_seconds
    while True:
        head = engine.head(TABLE)
        other = holder(engine, clock())
        if other is None:
            version = head.version if head else -1
            row = _row(version + 1, run_id, "acquire", clock(), minutes)
            with suppress(LeaseError):  # somebody committed between our look and ours: look again
                return engine.append(TABLE, row, expected_version=version)
        if time.monotonic() >= deadline:
            raise _busy(other)
        time.sleep(_POLL_SECONDS)


def _newest(engine: Engine) -> dict[str, Any] | None:
    if engine.head(TABLE) is None:
        return None
    runs = engine.read(TABLE)
    rows = engine.arrow(runs.order_by(runs.sequence.desc()).limit(1)).to_pylist()
    return rows[0] if rows else None


def _busy(other: Holder | None) -> LeaseError:
    who = f"run {other.run_id} (process {other.process_id} on {other.host})" if other else "another run"
    until = f" until {other.expires_at:%Y-%m-%d %H:%M} UTC at the latest" if other else ""
    return LeaseError(f"The lake is being built by {who}{until}.", hint="Wait for it, or use --wait SECONDS.")


def _is_dead(found: Holder) -> bool:
    """Only a process of this host can be known to be gone."""
    if found.host != socket.gethostname():
        return False
    try:
        os.kill(found.process_id, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _row(sequence: int, run_id: str, action: str, now: datetime, minutes: int) -> pa.Table:
    row = {
        "sequence": sequence,
        "run_id": run_id,
        "action": action,
        "host": socket.gethostname(),
        "process_id": os.getpid(),
        "at": now,
        "expires_at": now + timedelta(minutes=minutes),
    }
    return pa.Table.from_pylist([row], schema=_SCHEMA)
