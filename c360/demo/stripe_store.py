"""The Stripe objects of a world as they are at an instant, looked up, rendered, expanded."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from c360.demo.clock import EVENT_RETENTION
from c360.demo.records import Body, EventStub, Record
from c360.demo.stripe_errors import StripeProblem
from c360.demo.stripe_objects import deleted, event, nested, render

API_VERSION = "2026-10-28.endive"
MAX_DEPTH = 4
ABSENT = frozenset({("price", "tiers"), ("price", "currency_options")})
"""What may be asked of every object of a kind, but none of the demo's has."""
PREFIXES = {
    "cus": "customers",
    "sub": "subscriptions",
    "in": "invoices",
    "ch": "charges",
    "prod": "products",
    "price": "prices",
    "re": "refunds",
    "du": "disputes",
    "cn": "credit_notes",
    "txn": "balance_transactions",
    "di": "discounts",
}


@dataclass(slots=True)
class StripeStore:
    """Objects at `now` (epoch seconds UTC). `listed` caches the visible records per kind, newest first."""

    records: dict[str, dict[str, Record]]
    events: list[EventStub]
    now: int
    listed: dict[str, list[Record]] = field(default_factory=dict)
    charges_by_intent: dict[str, str] = field(default_factory=dict)

    def move(self, now: int) -> None:
        """The world at another instant."""
        self.now = now
        self.listed.clear()
        self.charges_by_intent.clear()

    def visible(self, kind: str) -> list[Record]:
        """Records of a kind that exist now and are not deleted, by (created, id), newest first."""
        if kind not in self.listed:
            found = [record for record in self.records.get(kind, {}).values() if self._is_live(record)]
            found.sort(key=lambda record: (record.created, record.id), reverse=True)
            self.listed[kind] = found
        return self.listed[kind]

    def visible_events(self) -> list[EventStub]:
        """Events of the last 30 days, newest first."""
        floor = self.now - EVENT_RETENTION
        found = [stub for stub in self.events if floor <= stub.created <= self.now]
        found.sort(key=lambda stub: (stub.created, stub.id), reverse=True)
        return found

    def state(self, kind: str, identifier: str) -> Body | None:
        """The compact state now; None if it does not exist or is deleted."""
        record = self.records.get(kind, {}).get(identifier)
        return None if record is None else record.state_at(self.now)

    def get(self, kind: str, identifier: str) -> Body | None:
        """The object as a GET by id shows it, `deleted` stubs included; None if it never existed."""
        record = self.records.get(kind, {}).get(identifier)
        if record is None or record.index_at(self.now) < 0:
            return None
        state = record.state_at(self.now)
        return deleted(kind, identifier) if state is None else render(kind, state, self.get)

    def render_event(self, stub: EventStub) -> Body:
        """An event with its object as it was then (nested lists whole) and what had changed."""
        record = self.records[stub.kind][stub.object_id]
        state, before = record.state(stub.version), record.state(stub.version - 1) if stub.version else None
        if state is None:
            last = render(stub.kind, before or {}, self.get, nested_limit=None)
            return event(stub, last, None, API_VERSION)
        body = render(stub.kind, state, self.get, nested_limit=None)
        if before is None:
            return event(stub, body, None, API_VERSION)
        old = render(stub.kind, before, self.get, nested_limit=None)
        previous = {key: old.get(key) for key in body if body[key] != old.get(key)}
        return event(stub, body, previous, API_VERSION)

    def expand(self, body: Body, path: str) -> None:
        """Replaces the ids at a dotted path by objects, in place, as `expand[]` asks."""
        steps = path.split(".")
        if len([step for step in steps if step != "data"]) > MAX_DEPTH:
            raise StripeProblem(
                400, f"You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}", param="expand"
            )
        self._expand([body], steps, path)

    def _expand(self, bodies: list[Body], steps: list[str], path: str) -> None:
        step, rest = steps[0], steps[1:]
        below: list[Body] = []
        for body in bodies:
            if step not in body and not self._include(body, step):
                if body.get("deleted") or (body["object"], step) in ABSENT:
                    continue
                raise StripeProblem(400, f"This property cannot be expanded ({path}).", param="expand")
            body[step] = self._resolved(body[step], step, path, is_last=not rest)
            value = body[step]
            below += [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
            below += [value] if isinstance(value, dict) else []
        if rest and below:
            self._expand(below, rest, path)

    def _resolved(self, value: object, step: str, path: str, *, is_last: bool) -> object:
        if isinstance(value, list):
            return [self._resolved(item, step, path, is_last=is_last) for item in value]
        if isinstance(value, dict):
            return dict(value)
        if not isinstance(value, str):
            return value
        kind = "coupons" if step == "coupon" else PREFIXES.get(value.partition("_")[0])
        found = self.get(kind, value) if kind else self._intent(value)
        if found is None:
            raise StripeProblem(400, f"This property cannot be expanded ({path}).", param="expand")
        return found

    def _include(self, body: Body, step: str) -> bool:
        """Lists that an object only shows when they are asked for."""
        match body.get("object"), step:
            case "invoice", "payments":
                data = list(self.payments_of(body["id"]))
                url = f"/v1/invoice_payments?invoice={body['id']}"
            case "charge", "refunds":
                data = [render("refunds", state, self.get) for state in self._refunds_of(body["id"])]
                url = f"/v1/charges/{body['id']}/refunds"
            case "price", "tiers":
                body[step] = None  # the demo sells per-unit prices only
                return True
            case _:
                return False
        body[step] = nested(data, url, None)
        return True

    def payments_of(self, invoice: str) -> Iterator[Body]:
        """The invoice payments of an invoice."""
        state = self.state("invoices", invoice) or {"payments": []}
        for payment in state["payments"]:
            found = self.get("invoice_payments", payment)
            if found is not None:
                yield found

    def _refunds_of(self, charge: str) -> Iterator[Body]:
        for record in self.visible("refunds"):
            state = record.state_at(self.now) or {}
            if state["charge"] == charge:
                yield state

    def _intent(self, value: str) -> Body | None:
        """A payment intent, as far as an expansion needs it: its latest charge."""
        if not value.startswith("pi_"):
            return None
        if not self.charges_by_intent:
            for record in reversed(self.visible("charges")):
                state = record.versions[0][1] or {}
                self.charges_by_intent[state["payment_intent"] or ""] = record.id
        latest = self.charges_by_intent.get(value)
        return {"id": value, "object": "payment_intent", "latest_charge": latest, "livemode": False}

    def _is_live(self, record: Record) -> bool:
        index = record.index_at(self.now)
        return index >= 0 and record.versions[index][1] is not None
