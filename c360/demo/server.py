"""A process on loopback that speaks Stripe's and Salesforce's protocols for a generated company.

`serve` starts `python -m c360.demo.server` and hands it the company through standard input; the process ends when that closes,
so it never outlives the one who started it.
"""

import gc
import http.client
import os
import pickle
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO

import orjson

from c360.demo.company import Company
from c360.demo.records import EventStub, Record, without_collection
from c360.demo.salesforce_api import PAGE_SIZE, Credentials

HOST = "127.0.0.1"
API_KEY = "sk_test_c360demo000000000000"
CONTROL = "/_demo"


@dataclass(frozen=True, slots=True)
class Served:
    """What the server process needs of a company; `now` in epoch seconds UTC."""

    stripe: dict[str, dict[str, Record]]
    events: list[EventStub]
    salesforce: dict[str, dict[str, Record]]
    now: int
    page_size: int


@dataclass(frozen=True, slots=True)
class DemoServer:
    """A running server: base URLs and credentials of both systems, and a clock to set."""

    stripe_url: str
    salesforce_url: str
    stripe_api_key: str
    salesforce_credentials: Credentials

    def set_now(self, now: datetime) -> None:
        """Moves the world to an instant (aware); open Salesforce queries are forgotten."""
        self._control("POST", "/now", orjson.dumps({"now": epoch(now)}))

    def request_count(self) -> dict[str, int]:
        """Requests answered so far: Stripe by resource, Salesforce in all under `salesforce`."""
        counts: dict[str, int] = self._control("GET", "/counts")
        return counts

    def _control(self, method: str, path: str, body: bytes | None = None) -> dict[str, int]:
        connection = http.client.HTTPConnection(self.stripe_url.removeprefix("http://"), timeout=30)
        try:
            connection.request(method, CONTROL + path, body)
            answer: dict[str, int] = orjson.loads(connection.getresponse().read())
        finally:
            connection.close()
        return answer


@contextmanager
def serve(company: Company, *, now: datetime, page_size: int = PAGE_SIZE) -> Iterator[DemoServer]:
    """Serves a company as it is at `now` (aware) in a process of its own; `page_size` is Salesforce's records per query page."""
    world = company.world
    served = Served(world.book.records, world.book.events, world.salesforce.records, epoch(now), page_size)
    process = subprocess.Popen(
        [sys.executable, "-m", "c360.demo.server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        yield _started(process, served)
    finally:
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def epoch(moment: datetime) -> int:
    """An aware instant in epoch seconds."""
    if moment.tzinfo is None:
        raise ValueError(f"wanted an instant with a time zone, found {moment!r}")
    return int(moment.timestamp())


def _started(process: "subprocess.Popen[bytes]", served: Served) -> DemoServer:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the demo server's pipes are closed")
    with without_collection():
        pickle.dump(served, process.stdin, protocol=5)
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("the demo server did not start; its error is on standard error")
    ports = orjson.loads(line)
    urls = [f"http://{HOST}:{ports[name]}" for name in ("stripe", "salesforce")]
    return DemoServer(urls[0], urls[1], API_KEY, Credentials())


def main() -> None:
    """The server process: reads a pickled `Served` from standard input, writes its ports to standard output as one JSON line."""
    gc.disable()
    served: Served = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent process
    gc.freeze()
    gc.enable()
    sockets = [_listening() for _ in range(2)]
    threading.Thread(target=_end_with_parent, args=(sys.stdin.buffer,), daemon=True).start()
    ports = {"stripe": sockets[0].getsockname()[1], "salesforce": sockets[1].getsockname()[1]}
    from c360.demo.asgi import run

    run(served, sockets, API_KEY, lambda: _announce(ports))


def _announce(ports: dict[str, int]) -> None:
    sys.stdout.buffer.write(orjson.dumps(ports) + b"\n")
    sys.stdout.buffer.flush()


def _listening() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # only then asyncio sets TCP_NODELAY
    listener.bind((HOST, 0))
    return listener


def _end_with_parent(pipe: IO[bytes]) -> None:
    pipe.read()
    os._exit(0)


if __name__ == "__main__":
    main()
