"""A scripted API on loopback: a function from method, path and query to (status, body). For answers no healthy server gives."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

Query = dict[str, str]
Answer = tuple[int, Any]
Script = Callable[[str, Query], Answer]


@dataclass
class ScriptedApi:
    """The server's address, the requests it got, in order, and how much its clock is fast."""

    url: str
    script: Script
    requests: list[tuple[str, Query]] = field(default_factory=list)
    fast_seconds: float = 0


@contextmanager
def serve(script: Script) -> Iterator[ScriptedApi]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

        def do_GET(self) -> None:
            self._answer(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, encoded: str) -> None:
            path = urlsplit(self.path).path
            query = {name: ",".join(values) for name, values in parse_qs(encoded).items()}
            api.requests.append((path, query))
            status, body = api.script(path, query)
            content = orjson.dumps(body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((timestamp or time.time()) + api.fast_seconds)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api = ScriptedApi(f"http://127.0.0.1:{server.server_address[1]}", script)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], ScriptedApi]]:
    with ExitStack() as stack:
        yield lambda script: stack.enter_context(serve(script))
