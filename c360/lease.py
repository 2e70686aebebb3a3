"""One build at a time: the lake's lease, rows of the Delta table `_runs` taken by an optimistic commit."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from c360.engines.base import Engine
from c360.errors import LeaseError

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


@contextmanager
def held(engine: Engine, run_id: str, *, minutes: int, wait_seconds: float, clock: Callable[[], datetime]) -> Iterator[None]:
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
    _acquire(engine, run_id, minutes, wait_seconds, clock)
    try:
        yield
    finally:
        _give_back(engine, run_id, clock())


def _give_back(engine: Engine, run_id: str, now: datetime) -> None:
    """Ends this run's lease; one that expired and was taken over is its successor's to end."""
    head, last = engine.head(TABLE), _newest(engine)
    if head is None or last is None or last["run_id"] != run_id:
        return
    with suppress(LeaseError):  # taken over just now; the body's own error, if any, stays the error
        engine.append(TABLE, _row(head.version + 1, run_id, "release", now, 0), expected_version=head.version)


def _acquire(engine: Engine, run_id: str, minutes: int, wait_seconds: float, clock: Callable[[], datetime]) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        head = engine.head(TABLE)
        other = holder(engine, clock())
        if other is None:
            try:
                version = head.version if head else -1
                row = _row(version + 1, run_id, "acquire", clock(), minutes)
                engine.append(TABLE, row, expected_version=version)
            except LeaseError:
                pass  # somebody committed between our look and ours: look again
            else:
                return
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
