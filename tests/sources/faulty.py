"""A proxy on loopback that spoils some answers of a server behind it, as networks and services do."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

FAULTS = ("busy", "broken", "gone", "reset", "cut", "half", "slow")
"""429 with Retry-After, 500, 503, a reset connection, a body shorter than promised, half a JSON body, a slow one."""
_STATUS = {"busy": 429, "broken": 500, "gone": 503}
_HOP = frozenset({"connection", "content-length", "transfer-encoding", "date", "server"})


@dataclass
class Faulty:
    """The proxy: its address, which requests it spoils (by their number, from 0), and what it is asked.

    Attributes:
        url: Its address.
        schedule: Number of a request -> fault.
        asked: Paths in order.
        failing: Requests whose path is this one are answered 500, always.
        on_request: Called with each request's number before it is passed on.
    """

    url: str
    schedule: Mapping[int, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    failing: str = ""
    on_request: Callable[[int], None] = lambda number: None

    def restart(self, schedule: Mapping[int, str]) -> None:
        """Counts requests anew."""
        self.schedule, self.failing = schedule, ""
        self.asked.clear()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    lock: threading.Lock
    proxy: Faulty
    upstream: str

    def handle_error(self, *args: object) -> None:
        """Resets are meant."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement
    server: _Server

    def do_GET(self) -> None:
        proxy = self.server.proxy
        with self.server.lock:
            number = len(proxy.asked)
            proxy.asked.append(self.path)
        proxy.on_request(number)
        fault = "broken" if self.path.split("?")[0] == proxy.failing else proxy.schedule.get(number, "")
        if fault in _STATUS:
            self._send(_STATUS[fault], b'{"error": {"message": "later", "type": "api_error"}}', {"Retry-After": "0"})
        elif fault == "reset":
            self._reset()
        else:
            time.sleep(0.05 if fault == "slow" else 0)
            status, body, headers = self._passed_on()
            body = body[: len(body) // 2] if fault == "half" else body
            self._send(status, body, headers, missing=100 if fault == "cut" else 0)

    def _passed_on(self) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection(self.server.upstream, timeout=30)
        try:
            given = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "accept-encoding"}}
            connection.request("GET", self.path, headers=given)
            answer = connection.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
            return answer.status, answer.read(), headers
        finally:
            connection.close()

    def _send(self, status: int, body: bytes, headers: Mapping[str, str], *, missing: int = 0) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + missing))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = bool(missing)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def faulty(upstream: str) -> Iterator[Faulty]:
    """A proxy before the server at `upstream`."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.lock, server.upstream = threading.Lock(), urlsplit(upstream).netloc
        server.proxy = Faulty(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.proxy
        finally:
            server.shutdown()
            thread.join()


def longest_run(schedule: Mapping[int, str]) -> int:
    """Faults in a row, which is how often one request may fail."""
    longest = run = 0
    for number in range(max(schedule, default=-1) + 1):
        run = run + 1 if schedule.get(number, "slow") != "slow" else 0
        longest = max(longest, run)
    return longest


def every(fault: str, count: int) -> Mapping[int, str]:
    """The same fault for the first `count` requests."""
    return dict.fromkeys(range(count), fault)
