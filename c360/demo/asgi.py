"""The two applications of the demo's server process, and the loop they run in."""

import asyncio
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from c360.demo.salesforce_api import SalesforceApi
from c360.demo.stripe_api import StripeApi
from c360.demo.stripe_store import StripeStore

if TYPE_CHECKING:
    from c360.demo.server import Served


def applications(served: "Served", api_key: str, salesforce_url: str) -> tuple[Starlette, Starlette]:
    """Stripe's application (with the clock under `/_demo`) and Salesforce's."""
    stripe = StripeApi(StripeStore(served.stripe, served.events, served.now), api_key)
    salesforce = SalesforceApi(served.salesforce, served.now, page_size=served.page_size, url=salesforce_url)

    async def set_now(request: Request) -> Response:
        now = orjson.loads(await request.body())["now"]
        stripe.move(now)
        salesforce.move(now)
        return Response(orjson.dumps({"now": now}))

    async def counts(_request: Request) -> Response:
        return Response(orjson.dumps({**stripe.counts, "salesforce": salesforce.request_count}))

    control = [Route("/_demo/now", set_now, methods=["POST"]), Route("/_demo/counts", counts)]
    return Starlette(routes=[*control, *stripe.routes()]), Starlette(routes=salesforce.routes())


def run(served: "Served", sockets: list[socket.socket], api_key: str, ready: Callable[[], None]) -> None:
    """Serves both until the process ends; `ready` is called when both listen."""
    host, port = sockets[1].getsockname()
    apps = applications(served, api_key, f"http://{host}:{port}")
    servers = [uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")) for app in apps]
    asyncio.run(_run(servers, sockets, ready))


async def _run(servers: list[uvicorn.Server], sockets: list[socket.socket], ready: Callable[[], None]) -> None:
    for listener in sockets:
        listener.listen(128)
    ready()
    await asyncio.gather(*(server.serve([listener]) for server, listener in zip(servers, sockets, strict=True)))
