"""A small company, its server, and the unchanged official clients on it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import stripe
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from c360.demo.company import Company, generate
from c360.demo.server import DemoServer, serve

FIRST_LOAD = datetime(2026, 6, 14, 22, 0, tzinfo=UTC)
SECOND_LOAD = datetime(2026, 6, 15, 22, 0, tzinfo=UTC)


class LoopbackAdapter(HTTPAdapter):
    """simple_salesforce writes https:// everywhere; the demo speaks http on loopback."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = str(request.url).replace("https://127.0.0.1", "http://127.0.0.1", 1)
        return super().send(request, *args, **kwargs)


@pytest.fixture(scope="session")
def company() -> Company:
    return generate(accounts=60)


@pytest.fixture(scope="session")
def running(company: Company) -> Iterator[DemoServer]:
    with serve(company, now=FIRST_LOAD, page_size=25) as server:
        yield server


@pytest.fixture
def server(running: DemoServer) -> DemoServer:
    running.set_now(FIRST_LOAD)
    return running


@pytest.fixture
def stripe_client(server: DemoServer) -> stripe.StripeClient:
    return stripe.StripeClient(server.stripe_api_key, base_addresses={"api": server.stripe_url}, max_network_retries=0)


@pytest.fixture
def salesforce(server: DemoServer) -> Salesforce:
    credentials = server.salesforce_credentials
    form = {
        "grant_type": "password",
        "username": credentials.username,
        "password": credentials.password,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }
    token = requests.post(f"{server.salesforce_url}/services/oauth2/token", form, timeout=10).json()
    session = requests.Session()
    session.mount("https://127.0.0.1", LoopbackAdapter())
    return Salesforce(instance_url=token["instance_url"], session_id=token["access_token"], session=session)


@pytest.fixture
def listed(stripe_client: stripe.StripeClient) -> Callable[..., list[dict[str, Any]]]:
    """`listed(kind, **parameters)`: a whole list as plain dicts, repeated deliveries dropped."""

    def read(kind: str, **parameters: Any) -> list[dict[str, Any]]:
        service = getattr(stripe_client.v1, kind)
        found = {one.id: one.to_dict() for one in service.list({"limit": 100, **parameters}).auto_paging_iter()}
        return list(found.values())

    return read
