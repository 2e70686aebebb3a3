"""A webhook server on loopback, and deliveries signed as Stripe signs them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import stripe
import uvicorn

from c360.engines.base import Engine
from c360.engines.duckdb import DuckDBEngine
from c360.settings import Settings
from c360.webhooks import server
from c360.webhooks.events import TABLE

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OLD_SECRET, NEW_SECRET = "whsec_old_for_tests", "whsec_new_for_tests"
CLIENT = httpx.Client(trust_env=False, verify=False, timeout=60)
"""One for all requests: making one takes longer than asking."""
PERSON = "jane.roe@customer.example"


def event(number: int, **more: Any) -> dict[str, Any]:
    """An event as Stripe sends it; its object names a person."""
    body = {"id": "in_1", "object": "invoice", "customer_email": PERSON}
    common = {"object": "event", "api_version": "2026-10-28.endive", "created": int(NOW.timestamp()), "livemode": False}
    return {"id": f"evt_{number}", "type": "invoice.updated", **common, "data": {"object": body}, **more}


def header(body: str, secret: str = NEW_SECRET, *, at: datetime = NOW) -> str:
    """The signature header, made by Stripe's own library."""
    return stripe.WebhookSignature.generate_signature_header(body, secret, int(at.timestamp()))


@dataclass
class Served:
    """A running server, what it said to its operator, and its lake."""

    url: str
    engine: Engine
    said: list[str] = field(default_factory=list)

    def deliver(self, body: dict[str, Any] | str, *, secret: str = NEW_SECRET, at: datetime = NOW) -> httpx.Response:
        text = body if isinstance(body, str) else orjson.dumps(body).decode()
        return self.post(text.encode(), header(text, secret, at=at))

    def post(self, content: bytes, signature: str | None) -> httpx.Response:
        headers = {} if signature is None else {"Stripe-Signature": signature}
        return CLIENT.post(f"{self.url}/stripe", content=content, headers=headers)

    def stored(self) -> list[str]:
        """Ids in the table, once per row."""
        with DuckDBEngine(self.engine.lake.root) as other:  # type: ignore[attr-defined]  # as another process reads it
            return sorted(other.arrow(other.read(TABLE).select("event_id"))["event_id"].to_pylist())


@contextmanager
def serving(settings: Settings, engine: Engine) -> Iterator[Served]:
    listener = server.listening("127.0.0.1", 0)
    served = Served(f"http://127.0.0.1:{listener.getsockname()[1]}", engine)
    app = server.application(settings, engine, served.said.append)
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        running.should_exit = True
        thread.join(30)
        listener.close()


def settings_of(lake: Path, **more: Any) -> Settings:
    secrets = f"{OLD_SECRET}, {NEW_SECRET}"
    given = {"lake": str(lake), "now": NOW, "stripe_webhook_secrets": secrets, "stripe_livemode": False, **more}
    return Settings(_env_file=None, **given)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    settings = settings_of(tmp_path / "lake")
    with DuckDBEngine(settings.lake) as engine, serving(settings, engine) as found:
        yield found
