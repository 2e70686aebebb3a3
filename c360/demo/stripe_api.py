"""Stripe's REST API over a store: lists, objects, nested lists, errors. Reading only."""

import itertools
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from c360.demo.records import Body, EventStub, Record
from c360.demo.stripe_errors import StripeProblem, missing
from c360.demo.stripe_objects import account, subscription_item
from c360.demo.stripe_store import API_VERSION, StripeStore

PAGING = frozenset({"limit", "starting_after", "ending_before", "expand", "created"})
DEFAULT_LIMIT, MAX_LIMIT = 10, 100
REPEATED = frozenset({"events", "invoices", "charges", "customers"})
"""Lists whose pages sometimes repeat the record before them."""
REPEAT_EVERY = 5
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gte": lambda value, limit: value >= limit,
    "gt": lambda value, limit: value > limit,
    "lte": lambda value, limit: value <= limit,
    "lt": lambda value, limit: value < limit,
}
RESOURCES: dict[str, tuple[str, frozenset[str]]] = {
    "customers": ("customer", frozenset({"email"})),
    "subscriptions": ("subscription", frozenset({"customer", "price", "status", "collection_method"})),
    "invoices": ("invoice", frozenset({"customer", "status", "subscription", "collection_method"})),
    "charges": ("charge", frozenset({"customer", "payment_intent"})),
    "products": ("product", frozenset({"active"})),
    "prices": ("price", frozenset({"active", "currency", "product", "type"})),
    "refunds": ("refund", frozenset({"charge", "payment_intent"})),
    "disputes": ("dispute", frozenset({"charge", "payment_intent"})),
    "credit_notes": ("credit note", frozenset({"customer", "invoice"})),
    "balance_transactions": ("balance transaction", frozenset({"currency", "source", "type"})),
    "events": ("event", frozenset({"type", "types"})),
    "coupons": ("coupon", frozenset()),
    "invoice_payments": ("invoice payment", frozenset({"invoice", "status", "payment"})),
}
BRACKETS = re.compile(r"\[([^\]]*)\]")
Item = Record | EventStub
T = TypeVar("T")


@dataclass(slots=True)
class StripeApi:
    """The endpoints. `found` caches filtered lists until the world moves."""

    store: StripeStore
    api_key: str
    counts: dict[str, int] = field(default_factory=dict)
    found: dict[tuple[object, ...], tuple[Sequence[Item], dict[str, int]]] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def routes(self) -> list[Route]:
        """All routes under `/v1`."""
        return [Route("/v1/{path:path}", self.answer, methods=["GET", "POST", "DELETE"])]

    def move(self, now: int) -> None:
        """The world at another instant."""
        self.store.move(now)
        self.found.clear()

    async def answer(self, request: Request) -> Response:
        """One request: authenticated, answered, errors in Stripe's words."""
        parts = [part for part in request.path_params["path"].split("/") if part]
        self.counts[parts[0] if parts else ""] = self.counts.get(parts[0] if parts else "", 0) + 1
        try:
            self._authenticate(request.headers.get("authorization", ""))
            if request.method != "GET":
                raise _unknown_url(request)
            body, status = self._get(parts, _parameters(request.url.query), request), 200
        except StripeProblem as problem:
            body, status = problem.body(), problem.status
        headers = {
            "Request-Id": f"req_Demo{next(self.numbers):08d}",
            "Stripe-Version": request.headers.get("stripe-version", API_VERSION),
        }
        return Response(orjson.dumps(body), status, headers, media_type="application/json")

    def _authenticate(self, header: str) -> None:
        if not header:
            raise StripeProblem(401, "You did not provide an API key.")
        key = header.removeprefix("Bearer ")
        if key != self.api_key:
            raise StripeProblem(401, f"Invalid API Key provided: {key[:8]}****{key[-4:]}")

    def _get(self, parts: list[str], parameters: Mapping[str, object], request: Request) -> Body:
        match parts:
            case ["account"]:
                return account()
            case ["subscription_items"]:
                return self._items_of(parameters)
            case [kind] if kind in RESOURCES:
                return self._list(kind, parameters)
            case [kind, identifier] if kind in RESOURCES:
                return self._one(kind, identifier, parameters)
            case ["invoices" | "credit_notes" as kind, identifier, "lines"]:
                state = self.store.state(kind, identifier)
                if state is None:
                    raise missing(RESOURCES[kind][0], identifier, param="invoice" if kind == "invoices" else "id")
                return self._page_of(state["lines"], parameters, f"/v1/{kind}/{identifier}/lines", "line item")
            case ["charges", identifier, "refunds"]:
                return self._list("refunds", {**parameters, "charge": identifier})
            case _:
                raise _unknown_url(request)

    def _one(self, kind: str, identifier: str, parameters: Mapping[str, object]) -> Body:
        _refuse_unknown(parameters, {"expand"})
        if kind == "events":
            stubs = [stub for stub in self.store.visible_events() if stub.id == identifier]
            body = self.store.render_event(stubs[0]) if stubs else None
        else:
            body = self.store.get(kind, identifier)
        if body is None:
            raise missing(RESOURCES[kind][0], identifier)
        for path in _paths(parameters):
            self.store.expand(body, path)
        return body

    def _list(self, kind: str, parameters: Mapping[str, object]) -> Body:
        filters = RESOURCES[kind][1]
        _refuse_unknown(parameters, PAGING | filters)
        items, positions = self._filtered(kind, {key: parameters[key] for key in parameters if key in filters | {"created"}})
        page, has_more = _cut(items, positions, parameters, RESOURCES[kind][0], may_repeat=kind in REPEATED)
        data = [self.store.render_event(item) if isinstance(item, EventStub) else self._rendered(item) for item in page]
        body: Body = {"object": "list", "data": data, "has_more": has_more, "url": f"/v1/{kind}"}
        for path in _paths(parameters):
            if not path.startswith("data"):
                raise StripeProblem(400, f"This property cannot be expanded ({path}).", param="expand")
            if data:
                self.store.expand(body, path)
        return body

    def _rendered(self, record: Record) -> Body:
        return self.store.get(record.kind, record.id) or {}

    def _filtered(self, kind: str, filters: Mapping[str, object]) -> tuple[Sequence[Item], dict[str, int]]:
        key = (kind, *sorted((name, str(value)) for name, value in filters.items()))
        if key not in self.found:
            items: Sequence[Item] = self.store.visible_events() if kind == "events" else self.store.visible(kind)
            items = [item for item in items if _created_fits(item.created, filters.get("created"))]
            others = {name: value for name, value in filters.items() if name != "created"}
            if kind == "subscriptions":
                others.setdefault("status", "not_canceled")
            if others:
                items = [item for item in items if all(self._fits(item, name, value) for name, value in others.items())]
            self.found[key] = items, {item.id: position for position, item in enumerate(items)}
        return self.found[key]

    def _fits(self, item: Item, name: str, value: object) -> bool:
        if isinstance(item, EventStub):
            return item.type in (value if isinstance(value, list) else [value])
        state = item.state_at(self.store.now) or {}
        match name, value:
            case "status", "not_canceled":
                return bool(state["status"] != "canceled")
            case "status", "all":
                return True
            case "status", "ended":
                return state["status"] in {"canceled", "incomplete_expired"}
            case "subscription", _:
                parent = state["parent"]
                return bool(parent and parent["subscription_details"]["subscription"] == value)
            case "price", _:
                return any(part["price"] == value for part in state["items"])
            case "payment", dict():
                return all(state["payment"].get(key) == wanted for key, wanted in value.items())
            case "active", _:
                return str(state["active"]).lower() == value
            case _:
                return bool(state.get(name) == value)

    def _items_of(self, parameters: Mapping[str, object]) -> Body:
        identifier = str(parameters.get("subscription", ""))
        state = self.store.state("subscriptions", identifier)
        if state is None:
            raise missing("subscription", identifier, param="subscription")
        rest = {key: value for key, value in parameters.items() if key != "subscription"}
        items = [subscription_item(item, self.store.get) for item in state["items"]]
        return self._page_of(items, rest, "/v1/subscription_items", "subscription item")

    def _page_of(self, items: list[Body], parameters: Mapping[str, object], url: str, what: str) -> Body:
        _refuse_unknown(parameters, PAGING - {"created"})
        positions = {item["id"]: position for position, item in enumerate(items)}
        page, has_more = _cut(items, positions, parameters, what)
        body: Body = {"object": "list", "data": [dict(item) for item in page], "has_more": has_more, "url": url}
        for path in _paths(parameters):
            self.store.expand(body, path)
        return body


def _parameters(query: str) -> dict[str, object]:
    """Query parameters in Stripe's bracket form: `expand[0]=a`, `expand[]=a`, `created[gte]=1`."""
    found: dict[str, object] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        name, inner = key.partition("[")[0], BRACKETS.findall(key)
        if not inner:
            found[name] = value
        elif inner[0] == "" or inner[0].isdigit():
            values = found.setdefault(name, [])
            if isinstance(values, list):
                values.append(value)
        else:
            pairs = found.setdefault(name, {})
            if isinstance(pairs, dict):
                pairs[inner[0]] = value
    return found


def _refuse_unknown(parameters: Mapping[str, object], known: frozenset[str] | set[str]) -> None:
    unknown = sorted(set(parameters) - known)
    if unknown:
        raise StripeProblem(400, f"Received unknown parameter: {unknown[0]}", code="parameter_unknown", param=unknown[0])


def _paths(parameters: Mapping[str, object]) -> list[str]:
    value = parameters.get("expand", [])
    return [str(path) for path in value] if isinstance(value, list) else [str(value)]


def _created_fits(created: int, wanted: object) -> bool:
    if wanted is None:
        return True
    if not isinstance(wanted, dict):
        return created == _integer(wanted, "created")
    unknown = sorted(set(wanted) - set(COMPARISONS))
    if unknown:
        raise StripeProblem(400, f"Received unknown parameter: created[{unknown[0]}]", code="parameter_unknown", param="created")
    return all(COMPARISONS[name](created, _integer(limit, f"created[{name}]")) for name, limit in wanted.items())


def _integer(value: object, param: str) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise StripeProblem(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=param) from None


def _cut(
    items: Sequence[T], positions: dict[str, int], parameters: Mapping[str, object], what: str, *, may_repeat: bool = False
) -> tuple[Sequence[T], bool]:
    """One page and whether more follow; after some cursors the page begins with the cursor's own record again."""
    limit = _integer(parameters.get("limit", DEFAULT_LIMIT), "limit")
    if not 1 <= limit <= MAX_LIMIT:
        side = "less than or equal to 100" if limit > MAX_LIMIT else "greater than or equal to 1"
        message = f"This value must be {side} (it currently is '{limit}')."
        raise StripeProblem(400, message, code="parameter_invalid_integer", param="limit")
    if "ending_before" in parameters:
        end = _position(positions, str(parameters["ending_before"]), what, "ending_before")
        start = max(0, end - limit)
        return items[start:end], start > 0
    start = 0
    if "starting_after" in parameters:
        cursor = str(parameters["starting_after"])
        start = _position(positions, cursor, what, "starting_after") + 1
        if may_repeat and limit >= DEFAULT_LIMIT and zlib.crc32(cursor.encode()) % REPEAT_EVERY == 0:
            start -= 1
    return items[start : start + limit], start + limit < len(items)


def _position(positions: dict[str, int], cursor: str, what: str, param: str) -> int:
    if cursor not in positions:
        raise missing(what, cursor, status=400, param=param)
    return positions[cursor]


def _unknown_url(request: Request) -> StripeProblem:
    return StripeProblem(404, f"Unrecognized request URL ({request.method}: {request.url.path}).")
