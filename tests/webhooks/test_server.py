"""The webhook server, by real requests on loopback: what it answers, what it stored by then, what it never says."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from c360.engines.duckdb import DuckDBEngine
from c360.errors import LakeError, SettingsError
from c360.webhooks import events, server
from c360.webhooks.events import TABLE
from tests.demo_world import environment
from tests.webhooks.conftest import CLIENT, NEW_SECRET, NOW, OLD_SECRET, PERSON, Served, event, header, serving, settings_of


def test_what_is_answered_with_200_is_stored_as_it_came(served: Served) -> None:
    text = orjson.dumps(event(1), option=orjson.OPT_INDENT_2).decode()
    answer = served.deliver(text)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    (row,) = served.engine.arrow(served.engine.read(TABLE)).to_pylist()
    assert row == {
        "event_id": "evt_1",
        "event_type": "invoice.updated",
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "created_at": NOW,
        "received_at": NOW,
        "received_date": NOW.date(),
        "payload": text,
    }


def test_a_repeated_delivery_is_acknowledged_and_stored_once_also_by_the_next_server(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "lake")
    for secret in (OLD_SECRET, NEW_SECRET):
        with DuckDBEngine(settings.lake) as engine, serving(settings, engine) as served:
            assert [served.deliver(event(1), secret=secret).status_code for _ in range(3)] == [200] * 3
            assert served.stored() == ["evt_1"]


@pytest.mark.parametrize("case", ["unsigned", "other secret", "tampered", "replayed", "no event", "thin event", "no JSON"])
def test_a_refusal_says_nothing_of_why(served: Served, case: str) -> None:
    text = orjson.dumps(event(1)).decode()
    thin = {"id": "evt_1", "object": "v2.core.event", "type": "v1.invoice.updated", "livemode": False}
    answer = {
        "unsigned": lambda: served.post(text.encode(), None),
        "other secret": lambda: served.deliver(text, secret="whsec_other"),
        "tampered": lambda: served.post(text.replace("in_1", "in_2").encode(), header(text)),
        "replayed": lambda: served.deliver(text, at=NOW - timedelta(seconds=301)),
        "no event": lambda: served.deliver({**event(1), "created": "soon"}),
        "thin event": lambda: served.deliver(thin),
        "no JSON": lambda: served.deliver(f'{{"email": "{PERSON}"'),
    }[case]()
    assert (answer.status_code, answer.json()) == (400, {"error": "refused"})
    assert served.stored() == []
    assert served.said == []


def test_the_other_modes_events_are_acknowledged_and_not_kept(served: Served) -> None:
    assert served.deliver(event(1, livemode=True)).status_code == 200
    assert served.stored() == []


def test_a_body_of_more_than_a_mebibyte_is_refused_however_it_comes(served: Served) -> None:
    whole = orjson.dumps(event(1, padding="")).decode()
    largest = whole.replace('"padding":""', f'"padding":"{"x" * (server.LARGEST_BODY - len(whole))}"')
    assert served.deliver(largest).status_code == 200
    assert served.deliver(largest + " ").status_code == 413
    parts = (b"x" * 65536 for _ in range(32))  # without a length
    with suppress(httpx.TransportError):  # answered and closed before all was sent
        assert CLIENT.post(f"{served.url}/stripe", content=parts).status_code == 413
    assert served.stored() == ["evt_1"]


def test_a_body_that_does_not_come_is_not_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_BODY_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", int(served.url.rsplit(":", 1)[1])), timeout=30) as slow:
        slow.sendall(b"POST /stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        assert slow.recv(100).startswith(b"HTTP/1.1 408")


def test_only_these_two_endpoints_exist(served: Served) -> None:
    found = {path: CLIENT.get(f"{served.url}{path}").status_code for path in ("/stripe", "/docs", "/openapi.json")}
    assert found == {"/stripe": 405, "/docs": 404, "/openapi.json": 404}
    health = CLIENT.get(f"{served.url}/health")
    assert (health.status_code, health.json()) == (200, {"status": "ok"})


def test_while_the_lake_cannot_be_written_nothing_is_acknowledged(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> int:
        raise LakeError("Failed writing.", hint="Make room.")

    def broken(*_: Any, **__: Any) -> int:
        raise ValueError(PERSON)

    for failing in (full, broken):
        monkeypatch.setattr(served.engine, "append", failing)
        answer = served.deliver(event(1))
        assert (answer.status_code, answer.json()) == (503, {"error": "not stored, deliver again"})
    monkeypatch.undo()
    assert [PERSON in line for line in served.said] == [False, False]
    assert "Failed writing. Hint: Make room." in served.said[0]
    assert served.deliver(event(1)).status_code == 200
    assert served.stored() == ["evt_1"]


def test_a_lake_that_is_gone_is_told_by_503(served: Served) -> None:
    root = Path(served.engine.lake.root)  # type: ignore[attr-defined]
    root.rename(root.with_name("moved"))
    root.write_text("no folder")
    assert served.deliver(event(1)).status_code == 503


def test_deliveries_at_once_share_commits_and_none_is_lost_or_doubled(served: Served) -> None:
    before = served.engine.head(TABLE)
    numbers = [n % 150 for n in range(300)]  # each id twice
    with ThreadPoolExecutor(24) as pool:
        codes = list(pool.map(lambda n: served.deliver(event(n)).status_code, numbers))
    assert codes == [200] * 300
    assert served.stored() == sorted(f"evt_{n}" for n in range(150))
    after = served.engine.head(TABLE)
    assert before is not None
    assert after is not None
    assert after.version - before.version < 150


def test_two_servers_on_one_lake_take_nothing_from_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(tmp_path / "lake")
    with DuckDBEngine(settings.lake) as one, DuckDBEngine(settings.lake) as two, serving(settings, one) as first:
        assert first.deliver(event(1)).status_code == 200
        found = two.head
        monkeypatch.setattr(two, "head", lambda *_: None)  # the second looked before the first had made the table
        events.ensure_table(two)
        monkeypatch.setattr(two, "head", found)
        with serving(settings, two) as second, ThreadPoolExecutor(8) as pool:
            servers = [first, second] * 10
            codes = pool.map(lambda pair: pair[1].deliver(event(pair[0])).status_code, enumerate(servers, 10))
            assert set(codes) <= {200, 503}
            assert "evt_1" in first.stored()


def test_payloads_do_not_reach_deltas_log(served: Served) -> None:
    body = event(1)
    assert served.deliver({"a": PERSON, **body}).status_code == 200
    log = Path(served.engine.lake.path(TABLE), "_delta_log")  # type: ignore[attr-defined]
    assert not any(PERSON[:12] in path.read_text() for path in log.glob("*.json"))


@pytest.mark.parametrize(("host", "is_refused"), [("0.0.0.0", True), ("::", True), ("example.com", True), ("localhost", False)])
def test_an_address_others_can_reach_is_refused(host: str, is_refused: bool) -> None:
    if is_refused:
        with pytest.raises(SettingsError, match=r"can be reached by other machines.*--expose"):
            server.listening(host, 0)
    else:
        server.listening(host, 0).close()


def test_an_exposed_address_and_a_taken_port() -> None:
    with server.listening("0.0.0.0", 0, is_exposed=True) as taken:
        taken.listen()
        with pytest.raises(SettingsError, match="cannot be listened on"):
            server.listening("0.0.0.0", taken.getsockname()[1], is_exposed=True)


def started(lake: Path, log: Path) -> "tuple[subprocess.Popen[bytes], str]":
    """The command in a process of its own, and its address."""
    given = {
        "lake": str(lake),
        "now": NOW.isoformat(),
        "stripe_livemode": "false",
        "stripe_webhook_secrets": f"{OLD_SECRET},{NEW_SECRET}",
    }
    command = [str(Path(sys.executable).parent / "c360"), "webhooks", "serve", "--port", "0"]
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=log.parent, env=environment(given), stdout=said, stderr=said)
    deadline = time.monotonic() + 60
    while not (found := re.search(r"Listening on (http://127\.0\.0\.1:\d+)/stripe", log.read_text())):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    return process, found[1]


def test_a_killed_server_lost_nothing_it_had_acknowledged(tmp_path: Path) -> None:
    lake, log = tmp_path / "lake", tmp_path / "log"
    process, url = started(lake, log)
    acknowledged: list[str] = []

    def deliver(number: int) -> None:
        text = orjson.dumps(event(number)).decode()
        try:
            answer = CLIENT.post(f"{url}/stripe", content=text, headers={"Stripe-Signature": header(text)})
        except httpx.TransportError:
            return
        if answer.status_code == 200:
            acknowledged.append(f"evt_{number}")
            if len(acknowledged) == 40:
                os.kill(process.pid, signal.SIGKILL)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(deliver, range(200)))
    assert process.wait(30) == -signal.SIGKILL
    assert 40 <= len(acknowledged) < 200
    with DuckDBEngine(str(lake)) as engine:
        stored = engine.arrow(engine.read(TABLE).select("event_id"))["event_id"].to_pylist()
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))
    assert PERSON not in log.read_text()

    settings = settings_of(lake)  # Stripe delivers again what it did not hear of
    with DuckDBEngine(str(lake)) as engine, serving(settings, engine) as served:
        assert served.deliver(event(int(acknowledged[0].removeprefix("evt_")))).status_code == 200
        assert served.stored() == sorted(stored)


def test_a_port_of_another_process_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="Choose another --port"):
            server.listening("127.0.0.1", taken.getsockname()[1])
