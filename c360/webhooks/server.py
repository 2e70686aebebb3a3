"""The server behind `c360 webhooks serve`: checks a delivery, stores it, and only then answers 200."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from datetime import timedelta

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from c360.engines.base import Engine
from c360.errors import SettingsError
from c360.settings import Settings
from c360.webhooks.events import TABLE, Delivered, ensure_table, read_event, store, stored_ids
from c360.webhooks.inbox import Inbox
from c360.webhooks.signature import HEADER, is_genuine, secrets_of

LARGEST_BODY = 2**20
_REPEATED_DAYS = 4
"""Stripe repeats a delivery for three days."""
_MOST_CONNECTIONS = 500
_BODY_SECONDS = 20.0
"""Stripe sends a body at once; who takes longer holds a connection."""
_LOCAL_NAME = "localhost"


def application(settings: Settings, engine: Engine, tell: Callable[[str], None]) -> FastAPI:
    """The endpoints `POST /stripe` and `GET /health`, ready to store into the lake of `engine`.

    Args:
        settings: Secrets, clock, and whether live or test events are ours.
        engine: The open lake.
        tell: Told in a sentence what the operator should know.

    Raises:
        SettingsError: No signing secret is set.
        LakeError: The lake cannot be written.
    """
    secrets = secrets_of(settings)
    ensure_table(engine)
    known = stored_ids(engine, settings.today() - timedelta(days=_REPEATED_DAYS))
    inbox = Inbox(_Commits(engine).store, known, tell)
    app = FastAPI(title="c360 webhooks", docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/stripe")
    async def stripe(request: Request) -> JSONResponse:
        """One delivery. 400 tells nothing of the reason, so that nobody learns from it."""
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _body(request)
        except TimeoutError:
            return JSONResponse({"error": "too slow"}, 408)
        if body is None:
            return JSONResponse({"error": "too large"}, 413)
        now = settings.clock()
        if not is_genuine(body, request.headers.get(HEADER, ""), secrets, now):
            return JSONResponse({"error": "refused"}, 400)
        event = read_event(body, now)
        if event is None:
            return JSONResponse({"error": "refused"}, 400)
        if event.livemode == settings.stripe_livemode and not await inbox.put(event):
            return JSONResponse({"error": "not stored, deliver again"}, 503)
        return JSONResponse({"received": True})  # also for the other mode's events: repeating them would change nothing

    @app.get("/health")
    async def health() -> JSONResponse:
        """200 while the lake can be read."""
        is_well = await inbox.aside(lambda: engine.head(TABLE))
        return JSONResponse({"status": "ok" if is_well else "the lake cannot be read"}, 200 if is_well else 503)

    return app


def listening(host: str, port: int, *, is_exposed: bool = False) -> socket.socket:
    """A socket on an address of this machine; port 0 takes a free one.

    Raises:
        SettingsError: The address is none of loopback and `is_exposed` is not set, or it cannot be taken.
    """
    if not is_exposed and not _is_loopback(host):
        raise SettingsError(
            f"{host} can be reached by other machines, and this server speaks plain HTTP.",
            hint="Listen on 127.0.0.1 behind a proxy that does TLS, or add --expose where the network is the proxy's alone.",
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()  # from here on who connects waits, until the lake is open
    except OSError as error:
        raise SettingsError(f"{host}:{port} cannot be listened on ({error.strerror}).", hint="Choose another --port.") from error
    return listener


def serve(app: FastAPI, listener: socket.socket) -> None:
    """Serves until the process is told to end; what is being stored is stored before."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, lifespan="off", limit_concurrency=_MOST_CONNECTIONS
    )
    uvicorn.Server(config).run(sockets=[listener])


class _Commits:
    """Stores events on top of its own last commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._version: int | None = None

    def store(self, events: list[Delivered]) -> None:
        """See `c360.webhooks.events.store`."""
        after, self._version = self._version, None  # unknown, should this fail
        self._version = store(self._engine, events, after=after)


async def _body(request: Request) -> bytes | None:
    """The raw body; None when it is larger than allowed, of which no more is read."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == _LOCAL_NAME
