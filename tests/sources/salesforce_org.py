"""A small Salesforce organisation on loopback: the demo's server behind sockets that fail by a schedule.

The n-th request may be answered by an error, a reset, half a body or too slowly, may find its session or its query's place
expired, or may be preceded by a change of the organisation's records.
"""

import asyncio
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.applications import Starlette

from c360.demo.ids import with_checksum
from c360.demo.records import Body, Record
from c360.demo.salesforce_api import Credentials, SalesforceApi
from c360.settings import Settings
from c360.sources.salesforce import SalesforceSource
from c360.sources.salesforce_client import SalesforceClient
from c360.sources.salesforce_entities import REQUIRED_FIELDS

BEGIN = datetime(2026, 6, 1, 9, tzinfo=UTC)
CUTOFF = datetime(2026, 6, 14, 22, tzinfo=UTC)
PAGE_SIZE = 5
PATIENCE_SECONDS, LITTLE_PATIENCE_SECONDS = 10.0, 0.15
SLOW_SECONDS = 0.4
RETRY_AFTER_SECONDS = 7
BUSY = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests Limit exceeded."}]
ERRORS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "429": (429, {"Retry-After": str(RETRY_AFTER_SECONDS)}, b"[]"),
    "500": (500, {}, b"<html>oops</html>"),
    "503": (503, {}, b'[{"errorCode": "SERVER_UNAVAILABLE"}]'),
    "concurrent": (403, {}, orjson.dumps(BUSY)),
}
FAULTS = ("429", "500", "503", "concurrent", "reset", "cut", "half", "tail", "line", "slow", "session", "locator")
"""`cut`: the connection ends within the body. `half`, `tail`, `line`: a body without its second half, last characters or last
line, said to be whole. `slow`: after the client's patience."""

PREFIXES = {"Account": "001", "Contact": "003", "Opportunity": "006", "User": "005", "Organization": "00D"}
SAMPLES: dict[str, Any] = {
    "Amount": 1234567890.5,
    "Probability": 60.0,
    "CloseDate": "2026-07-01",
    "FiscalYearStartMonth": 2,
    "TimeZoneSidKey": "Europe/Berlin",
}
TEXTS = ('says "no", twice', "two\r\nlines\n", " spaces ", "true", "null", "0012", "Ünïcode ☃, 漢字", "2026-06-14T10:00:00.000Z")


def record_id(kind: str, number: int) -> str:
    return with_checksum(f"{PREFIXES[kind]}Dn{number:010d}")


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def epoch(at: datetime) -> int:
    return int(at.timestamp())


@dataclass
class Org:
    """The records, the server, and what is to go wrong: request number (from 0, logins included) -> fault or change."""

    api: SalesforceApi
    faults: dict[int, str] = field(default_factory=dict)
    changes: dict[int, Callable[["Org"], None]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    fields: Mapping[str, Any] = field(default_factory=dict)
    patience_seconds: float = PATIENCE_SECONDS

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.api.now, tz=UTC)

    def add(self, kind: str, number: int, at: datetime, **values: Any) -> str:
        """A new record."""
        own = record_id(kind, number)
        names = sorted(REQUIRED_FIELDS[kind] - {"CreatedDate"})
        body: Body = {name: SAMPLES.get(name, f"{name} {number}") for name in names}
        body |= {name: name == "IsActive" for name in names if name.startswith("Is")}
        body |= {name: None for name in names if name in {"MasterRecordId", "AccountId", "OwnerId"}}
        body |= {"Id": own, **({} if kind in {"User", "Organization"} else {"IsDeleted": False}), **values}
        full = {**body, "CreatedDate": stamp(at), "LastModifiedDate": stamp(at), "SystemModstamp": stamp(at)}
        self.api.records.setdefault(kind, {})[own] = Record(kind, own, epoch(at), [(epoch(at), full)])
        return own

    def account(self, number: int, at: datetime) -> str:
        """A new account, with a text that CSV files find hard; every fourth has none of the organisation's own fields."""
        own = {name: None if number % 4 == 3 else value for name, value in self.fields.items()}
        text = TEXTS[number % len(TEXTS)]
        return self.add("Account", number, at, NumberOfEmployees=number * 7, AnnualRevenue=number / 3, Description=text, **own)

    def change(self, kind: str, number: int, at: datetime, *, is_stamped: bool = True, **values: Any) -> None:
        """Another state of a record; a formula field changes without a stamp."""
        stamps = {"LastModifiedDate": stamp(at), "SystemModstamp": stamp(at)} if is_stamped else {}
        self.api.records[kind][record_id(kind, number)].versions.append((epoch(at), {**values, **stamps}))

    def move(self, at: datetime) -> None:
        """Another instant, at which open queries stay open."""
        self.api.now = epoch(at)

    def befall(self, number: int, path: str) -> str:
        """Lets happen what is due with a request; returns the fault its answer is to have."""
        if change := self.changes.pop(number, None):
            change(self)
        fault = self.faults.pop(number, "") or next((f for part, f in self.refused.items() if part in path), "")
        if fault == "concurrent" and "/token" in path:  # counts requests of a session
            return ""
        if fault == "session":
            self.api.expire_session()
        if fault == "locator":
            self.api.open_queries.clear()
        return fault

    def settings(self, **more: Any) -> Settings:
        """Settings of a client, without the environment."""
        login = self.api.credentials
        given: dict[str, Any] = {
            "now": self.now,
            "salesforce_url": self.api.url,
            "salesforce_client_id": login.client_id,
            "salesforce_client_secret": login.client_secret,
            "salesforce_username": login.username,
            "salesforce_password": login.password,
            "salesforce_requests_per_second": 10_000,
            "salesforce_minimum_requests_left": 0,
            "salesforce_max_retries": 10,
        }
        return Settings(_env_file=None, **{**given, **more})

    def source(self, **more: Any) -> SalesforceSource:
        """A source whose pauses are noted, not slept."""
        settings = self.settings(**more)
        return SalesforceSource(
            settings, SalesforceClient(settings, sleep=self.pauses.append, timeout_seconds=self.patience_seconds)
        )

    def asked(self, part: str) -> list[str]:
        """Addresses of the requests that contain a text."""
        return [f"{method} {path}" for method, path in self.requests if part in path]


def small_org(url: str, accounts: int, fields: Mapping[str, Any] | None = None) -> Org:
    """An organisation of accounts, two of each instant, every third deleted; few records of the other objects."""
    org = Org(SalesforceApi({}, epoch(CUTOFF), page_size=PAGE_SIZE, url=url), fields=fields or {})
    org.add("Organization", 1, BEGIN)
    org.add("User", 1, BEGIN)
    for number in range(3):
        org.add("Contact", number, BEGIN, AccountId=record_id("Account", number))
        org.add("Opportunity", number, BEGIN, AccountId=record_id("Account", number))
    for number in range(accounts):
        at = BEGIN + timedelta(hours=number // 2)  # ties
        org.account(number, at)
        if number % 3 == 2:
            org.change("Account", number, at + timedelta(minutes=1), IsDeleted=True)
    return org


@contextmanager
def serving(accounts: int = 23, fields: Mapping[str, Any] | None = None, **credentials: str) -> Iterator[Org]:
    """Serves an organisation until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's acknowledgement of its headers

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            number = len(org.requests)
            org.requests.append((self.command, self.path))
            fault = org.befall(number, self.path)
            status, headers, content = ERRORS.get(fault) or asyncio.run(
                _answer(app, self.command, self.path, self.headers.items(), body)
            )
            if fault == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
                return
            if fault == "slow":
                time.sleep(SLOW_SECONDS)
            content = spoilt(content, fault)
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if fault == "cut" else content)
            self.close_connection = fault in {"cut", "slow"}

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):
                return self._serve
            raise AttributeError(name)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: object) -> None:
            """A client that lost its patience is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    org = small_org(f"http://127.0.0.1:{server.server_address[1]}", accounts, fields)
    org.api.credentials = replace(Credentials(), **credentials)
    app = Starlette(routes=org.api.routes())
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield org
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def spoilt(content: bytes, fault: str) -> bytes:
    """A body as a fault leaves it."""
    ends = {"half": len(content) // 2, "tail": -3, "line": content[:-1].rfind(b"\n") + 1}
    return content[: ends[fault]] if fault in ends else content


async def _answer(app: Starlette, method: str, target: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """One request through the application, without a socket of its own."""
    parts = urlsplit(target)
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    scope = {
        "type": "http",
        "method": method,
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": raw,
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    status = next(m for m in sent if m["type"] == "http.response.start")
    content = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return status["status"], {name.decode(): value.decode() for name, value in status["headers"]}, content
