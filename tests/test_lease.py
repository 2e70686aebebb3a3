"""One build at a time: who holds the lake, who waits, who takes over."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from c360 import lease
from c360.engines.duckdb import DuckDBEngine
from c360.errors import LeaseError

NOW = datetime(2026, 6, 15, 22, tzinfo=UTC)
HOLDS = """
import sys, time
from datetime import UTC, datetime
from c360 import lease
from c360.engines.duckdb import DuckDBEngine
clock = lambda: datetime.fromisoformat(sys.argv[2])
with DuckDBEngine(sys.argv[1]) as engine, lease.held(engine, "other", minutes=30, wait_seconds=0, clock=clock):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    with DuckDBEngine(str(tmp_path / "lake")) as opened:
        yield opened


@pytest.fixture
def other(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lease."""
    command = [sys.executable, "-c", HOLDS, str(tmp_path / "lake"), NOW.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def held(
    engine: DuckDBEngine, run_id: str, *, wait: float = 0, now: datetime = NOW, minutes: int = 30
) -> AbstractContextManager[lease.Lease]:
    return lease.held(engine, run_id, minutes=minutes, wait_seconds=wait, clock=lambda: now)


def actions(engine: DuckDBEngine) -> list[tuple[str, str]]:
    runs = engine.read(lease.TABLE)
    return [(row["run_id"], row["action"]) for row in engine.arrow(runs.order_by("sequence")).to_pylist()]


def test_a_lease_is_taken_and_given_back(engine: DuckDBEngine) -> None:
    assert lease.holder(engine, NOW) is None
    with held(engine, "a"):
        found = lease.holder(engine, NOW)
        assert found is not None
        assert (found.run_id, found.host, found.expires_at) == ("a", socket.gethostname(), NOW + timedelta(minutes=30))
    assert lease.holder(engine, NOW) is None
    with pytest.raises(ZeroDivisionError), held(engine, "b"):
        _ = 1 // 0
    assert lease.holder(engine, NOW) is None
    assert actions(engine) == [("a", "acquire"), ("a", "release"), ("b", "acquire"), ("b", "release")]


def test_a_second_run_stops_at_once_and_names_the_first(engine: DuckDBEngine, other: "subprocess.Popen[str]") -> None:
    started = time.monotonic()
    with pytest.raises(LeaseError) as found, held(engine, "late"):
        pytest.fail("two runs at the same time")
    assert time.monotonic() - started < 1
    assert found.value.exit_code == 6
    assert f"run other (process {other.pid} on {socket.gethostname()})" in found.value.message
    assert "22:30 UTC" in found.value.message
    assert "--wait" in found.value.hint
    assert actions(engine) == [("other", "acquire")]


def test_a_patient_run_waits_for_the_end_of_the_first(
    engine: DuckDBEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_POLL_SECONDS", 0.05)
    taken, end = threading.Event(), threading.Event()

    def first() -> None:
        with DuckDBEngine(str(tmp_path / "lake")) as own, held(own, "first"):
            taken.set()
            end.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    assert taken.wait(10)
    with pytest.raises(LeaseError), held(engine, "hasty", wait=0.2):
        pytest.fail("two runs at the same time")
    threading.Timer(0.3, end.set).start()
    with held(engine, "patient", wait=10):
        thread.join(10)
        assert actions(engine) == [("first", "acquire"), ("first", "release"), ("patient", "acquire")]


def test_the_lease_of_a_dead_process_is_taken_over(engine: DuckDBEngine, other: "subprocess.Popen[str]") -> None:
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert lease.holder(engine, NOW) is None
    with held(engine, "next"):
        assert actions(engine) == [("other", "acquire"), ("next", "acquire")]


def test_a_lease_of_another_host_is_kept_until_it_expires(
    engine: DuckDBEngine, other: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    other.kill()
    other.wait()
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    with pytest.raises(LeaseError), held(engine, "early", now=NOW + timedelta(minutes=29)):
        pytest.fail("nobody knows that it is dead")
    with held(engine, "later", now=NOW + timedelta(minutes=30)):
        assert actions(engine) == [("other", "acquire"), ("later", "acquire")]


def test_a_run_that_was_taken_over_does_not_give_back_the_lease_of_its_successor(engine: DuckDBEngine) -> None:
    later = NOW + timedelta(minutes=31)
    with held(engine, "slow"):
        successor = held(engine, "new", now=later)
        successor.__enter__()
    found = lease.holder(engine, later)
    assert found is not None
    assert found.run_id == "new"
    successor.__exit__(None, None, None)
    assert lease.holder(engine, later) is None


def test_a_long_run_renews_its_lease_and_learns_when_it_lost_it(engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_RENEWED_AFTER", 0.05 / (30 * 60))
    with held(engine, "sleeping", minutes=60 * 24 * 30) as asleep:  # whose thread never woke
        asleep.check()
        asleep.look()
        until(lambda: _committed(engine, lease._row(98, "new", "release", NOW, 0)))
        with pytest.raises(LeaseError, match="took the lake over"):
            asleep.look()
        with pytest.raises(LeaseError, match="took the lake over"):
            asleep.check()
    with held(engine, "long") as mine:
        until(lambda: ("long", "renew") in actions(engine))
        mine.check()
        taken_over = lease._row(99, "new", "acquire", NOW, 30)
        until(lambda: _committed(engine, taken_over))
        with pytest.raises(LeaseError, match="took the lake over"):
            mine.check()
    assert actions(engine)[-1] == ("new", "acquire")


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _committed(engine: DuckDBEngine, row: Any) -> bool:
    head = engine.head(lease.TABLE)
    try:
        engine.append(lease.TABLE, row, expected_version=head.version if head else -1)
    except LeaseError:
        return False
    return True


def test_of_two_that_grasp_at_the_same_time_one_gets_it(engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    with held(engine, "before"):
        pass
    real = engine.append
    rivals: list[Any] = []

    def overtaken(table: str, rows: Any, **more: Any) -> int:
        if not rivals:
            rivals.append(real(table, lease._row(9, "rival", "acquire", NOW, 30), expected_version=more["expected_version"]))
        return real(table, rows, **more)

    monkeypatch.setattr(engine, "append", overtaken)
    with pytest.raises(LeaseError, match="being built"), held(engine, "late"):
        pytest.fail("two runs at the same time")
    assert [run for run, _ in actions(engine)] == ["before", "before", "rival"]
