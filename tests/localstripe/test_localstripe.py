"""A third party's Stripe server as witness: what bronze holds of it is what the official client lists."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import orjson
import pytest
import stripe

from c360.bronze import canonical_hash
from c360.engines.duckdb import DuckDBEngine
from c360.errors import SourceError
from c360.ingest import begin_loads, ingest_entity
from c360.settings import Settings
from c360.sources.base import Evidence, Record, Window
from c360.sources.stripe import StripeSource, open_source

pytestmark = pytest.mark.heavy
ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-localstripe" / "bin" / "python"
SERVER = Path(__file__).with_name("server.py")
KEY = "sk_test_only_on_loopback"
SERVED = (
    "stripe_events",
    "stripe_balance_transactions",
    "stripe_refunds",
    "stripe_charges",
    "stripe_subscriptions",
    "stripe_invoices",
    "stripe_customers",
    "stripe_products",
)
NOT_SERVED = ("stripe_credit_notes", "stripe_disputes", "stripe_prices")
CUSTOMERS, LINES, PAGE = 8, 13, 3


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[str]:
    """The server's address."""
    if not PYTHON.exists():
        pytest.skip("`make .venv-localstripe/.made` installs the server")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    with (folder / "log").open("w") as log:
        command = [str(PYTHON), str(SERVER), str(port), *arguments]
        with subprocess.Popen(command, cwd=folder, env={"PATH": os.environ["PATH"]}, stdout=log, stderr=log) as server:
            try:
                _wait_for(url, server)
                yield url
            finally:
                server.kill()


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(URLError, ConnectionError):
            try:
                urlopen(url, timeout=2).close()
            except HTTPError:  # it answers
                return
            return
        time.sleep(0.1)
    raise TimeoutError("localstripe did not start")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a small business, made through the official client."""
    with serving(tmp_path_factory.mktemp("localstripe")) as url:
        _do_business(client(url))
        yield url


def client(url: str) -> stripe.StripeClient:
    return stripe.StripeClient(KEY, base_addresses={"api": url})


def _do_business(client: stripe.StripeClient) -> None:
    v1 = client.v1
    product = v1.products.create({"name": "Desk", "type": "service"})
    plans = [
        v1.plans.create({"product": product.id, "amount": amount, "currency": currency, "interval": interval, "nickname": "é"})
        for amount, currency, interval in ((4900, "usd", "month"), (49000, "eur", "year"))
    ]
    customers = []
    for number in range(CUSTOMERS):
        customer = v1.customers.create(
            {"name": f"Customer {number}", "email": f"c{number}@shop.example", "metadata": {"n": str(number)}}
        )
        card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2035, "cvc": "123"}
        method = v1.payment_methods.create({"type": "card", "card": card})
        v1.payment_methods.attach(method.id, {"customer": customer.id})
        v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
        customers.append(customer.id)
    subscriptions = [
        v1.subscriptions.create({"customer": customer, "items": [{"plan": plans[number % 2].id, "quantity": number + 1}]})
        for number, customer in enumerate(customers[:5])
    ]
    v1.subscriptions.cancel(subscriptions[0].id)
    v1.subscriptions.update(subscriptions[1].id, {"metadata": {"seen": "yes"}})
    for number in range(LINES):  # more lines than an invoice shows at once
        item = {"customer": customers[4], "amount": 100 + number, "currency": "usd", "description": f"Hour {number}"}
        v1.invoice_items.create(item)
    v1.invoices.pay(v1.invoices.create({"customer": customers[4]}).id)
    v1.invoice_items.create({"customer": customers[3], "amount": 5, "currency": "eur"})
    v1.invoices.create({"customer": customers[3], "description": "a draft"})
    v1.refunds.create({"charge": next(iter(v1.charges.list().data)).id, "amount": 700})
    v1.customers.delete(customers[7])


def listed(client: stripe.StripeClient, name: str) -> dict[str, dict[str, Any]]:
    """What the official client lists: every record by id, its lists to their end."""
    service = getattr(client.v1, name.removeprefix("stripe_"))
    params = {"status": "all"} if name == "stripe_subscriptions" else {}
    found = {}
    for record in service.list(params).auto_paging_iter():
        body = _plain(record)
        for path in ("lines", "items"):
            if isinstance(body.get(path), dict) and body[path]["has_more"]:
                body[path]["data"] = [_plain(line) for line in record[path].auto_paging_iter()]
                body[path]["has_more"] = False
        found[record.id] = body
    return found


def _plain(record: stripe.StripeObject) -> dict[str, Any]:
    plain: dict[str, Any] = orjson.loads(str(record))
    return plain


def settings(url: str) -> Settings:
    given = {"stripe_url": url, "stripe_api_key": KEY, "stripe_livemode": False, "stripe_requests_per_second": 10_000}
    return Settings(_env_file=None, stripe_account="acct_local", stripe_page_size=PAGE, stripe_max_retries=0, **given)


def extracted(source: StripeSource, name: str) -> list[Record]:
    entity = next(e for e in source.entities() if e.name == name)
    now = datetime.now(UTC)
    return [record for page in source.extract(entity, Window(now, now - timedelta(days=30)), Evidence()) for record in page]


def test_bronze_is_what_the_official_client_lists(url: str, tmp_path: Path) -> None:
    given = settings(url)
    source = open_source(given)
    stored: dict[str, dict[str, str]] = {}
    with DuckDBEngine(str(tmp_path / "lake")) as engine:
        (load,) = begin_loads(engine, given, [source], given.today())
        rows = {e.name: ingest_entity(engine, load, e, given.today()) for e in source.entities() if e.name in SERVED}
        for name in SERVED:
            table = engine.read(f"bronze.{name}")
            found = engine.arrow(table.filter(~table.is_deleted)).to_pylist()
            stored[name] = {row["record_id"]: row["payload_hash"] for row in found}
            problems = engine.bronze_problems(next(e for e in source.entities() if e.name == name), given.today())
            assert engine.arrow(problems).num_rows == 0
    expected = {name: {i: canonical_hash(body) for i, body in listed(client(url), name).items()} for name in SERVED}
    assert {name: len(ids) for name, ids in stored.items()} == {name: len(ids) for name, ids in expected.items()}
    assert stored == expected
    assert all(expected.values())
    assert rows["stripe_customers"].page_count == -(-(CUSTOMERS - 1) // PAGE)
    assert rows["stripe_invoices"].nested_list_count >= rows["stripe_invoices"].received_count


def test_a_list_inside_an_invoice_is_read_to_its_end(url: str) -> None:
    bodies = [record.body for record in extracted(open_source(settings(url)), "stripe_invoices")]
    longest = max((body["lines"] for body in bodies if body), key=lambda lines: len(lines["data"]))
    assert len(longest["data"]) == longest["total_count"] == LINES + 1
    assert not longest["has_more"]


@pytest.mark.parametrize("name", NOT_SERVED)
def test_what_it_does_not_serve_is_refused_and_not_taken_for_empty(url: str, name: str) -> None:
    with pytest.raises(SourceError, match=r"Stripe knows no /v1/"):
        extracted(open_source(settings(url)), name)


def test_as_it_is_it_serves_events_and_refuses_other_lists(tmp_path: Path) -> None:
    with serving(tmp_path, "as-it-is") as url:
        client(url).v1.products.create({"name": "Desk", "type": "service"})
        source = open_source(settings(url))
        assert [record.body["type"] for record in extracted(source, "stripe_events") if record.body] == ["product.created"]
        for name in set(SERVED) - {"stripe_events"}:
            with pytest.raises(SourceError, match=r"Stripe (refused how|could not answer) /v1/"):
                extracted(source, name)
