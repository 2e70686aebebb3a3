"""How fast and in how much memory Stripe's lists are read: `python -m benchmarks.extraction [--invoices N] [--seconds S]`.

Prints, for one run on this machine:
- the share of a server's limit (25 requests a second per endpoint, by a rolling second) that the extractor uses, and how many of
  its requests were refused (429); the reference is the limit itself;
- seconds and peak memory of a first load of N invoices into bronze, beside the same pages read by the official client's own
  `auto_paging_iter` without storing anything.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import deque
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from urllib.parse import parse_qs, urlsplit

import orjson
import stripe

from c360.engines.duckdb import DuckDBEngine
from c360.errors import SourceError
from c360.ingest import begin_loads, ingest_entity
from c360.settings import Settings
from c360.sources.base import Evidence, Window
from c360.sources.registry import discover
from c360.sources.stripe import open_source

NOW = datetime(2026, 6, 14, 22, tzinfo=UTC)
LIMIT = 25
PAGE = 100
_CREATED = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())


def _invoice(number: int) -> dict[str, object]:
    lines = [{"id": f"il_{number}_{n}", "object": "line_item", "amount": 1000 + n, "currency": "usd"} for n in range(3)]
    return {
        "id": f"in_{number:024d}",
        "object": "invoice",
        "livemode": True,
        "created": _CREATED,
        "customer": f"cus_{number % 5000:014d}",
        "status": "paid",
        "currency": "usd",
        "amount_due": 3003,
        "amount_paid": 3003,
        "status_transitions": {"paid_at": _CREATED, "finalized_at": _CREATED},
        "lines": {"object": "list", "data": lines, "has_more": False, "url": f"/v1/invoices/in_{number:024d}/lines"},
    }


def serve(pipe: Connection, count: int, limit: int | None) -> None:
    """A Stripe of `count` invoices; with `limit`, more requests than that within a second are answered 429."""
    recent: deque[float] = deque()
    refused = [0]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

        def do_GET(self) -> None:
            now = time.monotonic()
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if limit is not None and len(recent) >= limit:
                refused[0] += 1
                return self._send(429, {"error": {"type": "invalid_request_error", "message": "slow down"}})
            recent.append(now)
            path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            if path == "/v1/account":
                return self._send(200, {"id": "acct_1", "object": "account"})
            if path == "/refused":
                return self._send(200, {"refused": refused[0]})
            start = int(query["starting_after"][0].removeprefix("in_")) + 1 if "starting_after" in query else 0
            data = [_invoice(number) for number in range(start, min(start + PAGE, count))]
            return self._send(200, {"object": "list", "url": path, "data": data, "has_more": start + PAGE < count})

        def _send(self, status: int, body: object) -> None:
            content = orjson.dumps(body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_address[1])
    server.serve_forever()


def pace(url: str, seconds: float) -> dict[str, object]:
    """Requests a second with the default settings, against the server's limit."""
    given = Settings(_env_file=None, stripe_api_key="rk", stripe_url=url, stripe_account="acct_1", stripe_max_retries=0)
    entity = discover().entities["stripe_invoices"]
    window = Window(NOW, NOW.replace(year=NOW.year - 1, day=1, hour=0))
    evidence = Evidence()
    refused = 0
    began, first = time.perf_counter(), 0
    try:
        for page, _ in enumerate(open_source(given).extract(entity, window, evidence)):
            if page == 0:  # connected
                began, first = time.perf_counter(), evidence.request_count
            if time.perf_counter() - began > seconds:
                break
    except SourceError:
        refused = 1
    taken = time.perf_counter() - began
    rate = (evidence.request_count - first) / taken
    share = round(rate / LIMIT, 3)
    return {"requests": evidence.request_count, "per_second": round(rate, 2), "share_of_limit": share, "refused": refused}


def load(url: str, count: int) -> dict[str, object]:
    """A first load into bronze; peak memory is this process's."""
    with tempfile.TemporaryDirectory(prefix="c360-benchmark-") as lake, DuckDBEngine(lake) as engine:
        rate = {"stripe_requests_per_second": 1e6, "stripe_account_requests_per_second": 1e6}
        given = Settings(_env_file=None, lake=lake, now=NOW, stripe_api_key="rk", stripe_url=url, stripe_account="acct_1", **rate)
        [one] = begin_loads(engine, given, [open_source(given)], NOW.date())
        began, peak = time.perf_counter(), _peak_mb()
        extracted: list[int] = []
        row = ingest_entity(
            engine,
            one,
            discover().entities["stripe_invoices"],
            NOW.date(),
            listen=lambda event: extracted.append(_peak_mb()) if event.state == "running" else None,
        )
        if row.received_count != count:
            sys.exit(f"{row.received_count} of {count} invoices came")
        return {
            "seconds": round(time.perf_counter() - began, 1),
            "mb_before": peak,
            "mb_after_a_tenth": extracted[len(extracted) // 10],
            "mb_after_the_list": extracted[-1],
            "mb_at_the_end": _peak_mb(),
        }


def plain(url: str, count: int) -> dict[str, object]:
    """The official client alone, storing nothing."""
    client = stripe.StripeClient("rk", base_addresses={"api": url})
    began = time.perf_counter()
    found = sum(1 for _ in client.v1.invoices.list({"limit": PAGE}).auto_paging_iter())
    if found != count:
        sys.exit(f"{found} of {count} invoices came")
    return {"seconds": round(time.perf_counter() - began, 1), "mb_at_the_end": _peak_mb()}


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _apart(function: object, *arguments: object) -> object:
    """Runs in a process of its own, whose memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)  # type: ignore[arg-type]


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    urls = {}
    for name, count, limit in (("limited", 10**7, LIMIT), ("free", given.invoices, None)):
        ours, theirs = context.Pipe()
        context.Process(target=serve, args=(theirs, count, limit), daemon=True).start()
        urls[name] = f"http://127.0.0.1:{ours.recv()}"
    found = {
        "pace": _apart(pace, urls["limited"], given.seconds),
        "load": _apart(load, urls["free"], given.invoices),
        "official_client_alone": _apart(plain, urls["free"], given.invoices),
    }
    sys.stdout.write(orjson.dumps({"invoices": given.invoices, **found}, option=orjson.OPT_INDENT_2).decode() + "\n")


if __name__ == "__main__":
    main()
