"""Small Stripe records as bronze hands them to silver, and the way from them to MRR."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from inspect import signature
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from c360.gold.revenue.fct_mrr import fct_mrr
from c360.reference.currencies import load
from c360.silver.billing.fct_invoice_line import fct_invoice_line
from c360.silver.billing.fct_subscription_event import fct_subscription_event
from c360.sql import canonical_sql, written_once
from tests.inputs import schema_of

Row = dict[str, Any]
ACCOUNT = "acct_1"
FIRST_LOAD = date(2026, 7, 1)
CURRENCIES = load().to_pylist()
KNOWN = [{"source_system": "stripe", "source_account": ACCOUNT, "source_id": "cus_1", "customer_id": "c-1"}]


def at(text: str) -> datetime:
    """`2026-05-01` or `2026-05-01 12:00` as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def record(entity: str, record_id: str, *, loaded: date = FIRST_LOAD, **fields: Any) -> Row:
    """A bronze row with the record's own fields."""
    row: Row = {
        "record_id": record_id,
        "source_system": "stripe",
        "source_account": ACCOUNT,
        "entity": entity,
        "date_loaded": loaded,
        "first_date_loaded": loaded,
        "extracted_at": at(f"{loaded} 22:00"),
        "payload_hash": f"{record_id}@{loaded}",
        "is_deleted": False,
        "id": record_id,
    }
    return row | fields


def coupon(discount_id: str, start: str = "2020-01-01", end: str | None = None, **terms: Any) -> Row:
    """A discount in Stripe's newest shape."""
    return {
        "id": discount_id,
        "start": at(start),
        "end": at(end) if end else None,
        "source": {"type": "coupon", "coupon": {"duration": "forever"} | terms},
    }


def state(start: str, *items: tuple[str, str, int], status: str = "active", **fields: Any) -> Row:
    """A subscription's fields; items are (item id, price id, quantity)."""
    made = [{"id": i, "price": {"id": p}, "quantity": q, "created": at(start)} for i, p, q in items]
    base = {"customer": "cus_1", "status": status, "currency": "usd", "start_date": at(start), "created": at(start)}
    return base | {"items": {"data": made}, "discounts": []} | fields


def version(subscription: Row, *, loaded: date = FIRST_LOAD, record_id: str = "sub_1") -> Row:
    """A stored version of a subscription."""
    return record("stripe_subscriptions", record_id, loaded=loaded, **subscription)


def event(when: str, subscription: Row, kind: str = "updated", *, n: str = "", loaded: date = FIRST_LOAD) -> Row:
    """An event with a subscription's state."""
    body = {"id": "sub_1"} | subscription
    type_ = f"customer.subscription.{kind}"
    return record("stripe_events", f"evt_{when}{n}", loaded=loaded, type=type_, created=at(when), data={"object": body})


def line(line_id: str, period: tuple[str, str], price: str, quantity: int, amount: int = 1000, **fields: Any) -> Row:
    """An invoice line of item si_1 in Stripe's newest shape."""
    item = {"subscription_item": fields.pop("item", "si_1"), "subscription": "sub_1"}
    item["proration"] = fields.pop("proration", False)
    return {
        "id": line_id,
        "amount": amount,
        "quantity": quantity,
        "period": {"start": at(period[0]), "end": at(period[1])},
        "parent": {"type": "subscription_item_details", "subscription_item_details": item},
        "pricing": {"type": "price_details", "price_details": {"price": price, "product": "prod_1"}},
    } | fields


def invoice(invoice_id: str, created: str, *lines: Row, **fields: Any) -> Row:
    """A paid invoice of sub_1 in Stripe's newest shape."""
    parent = {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}
    base = {"customer": "cus_1", "currency": "usd", "status": "paid", "created": at(created), "parent": parent}
    base |= {"amount_due": 1000, "amount_paid": 1000, "amount_remaining": 0, "lines": {"data": list(lines)}}
    base |= {"status_transitions": {"paid_at": at(created), "finalized_at": at(created)}}
    return record("stripe_invoices", invoice_id, **(base | fields))


def price(price_id: str, unit_amount: int | None, interval: str = "month", count: int = 1, **fields: Any) -> Row:
    """A row of dim_price."""
    row: Row = {"source_account": ACCOUNT, "price_id": price_id, "product_id": "prod_1", "currency": "usd"}
    row |= {"unit_amount_minor": unit_amount, "billing_interval": interval, "billing_interval_count": count}
    return row | {"usage_type": "licensed", "billing_scheme": "per_unit"} | fields


PRICES = [price("p10", 1000), price("p20", 2000)]


_SQL: dict[tuple[Any, ...], str] = {}
"""Compiling the larger tables takes longer than running them on five rows."""


class Pipeline:
    """From records to events and MRR on DuckDB."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def run(self, function: Callable[..., ir.Table], inputs: dict[str, Sequence[Row]], **params: Any) -> list[Row]:
        """The rows a table function makes of rows (inputs that are left out are empty)."""
        names = [p.name for p in signature(function).parameters.values() if p.kind is not p.KEYWORD_ONLY]
        for name in names:
            schema = _nullable(schema_of(name))
            full = [{c: row.get(c) for c in schema} for row in inputs.get(name, ())]
            self.backend.con.register(name, pa.Table.from_pylist(full, schema=schema.to_pyarrow()))
        key = (function.__name__, *sorted(params.items()))
        if key not in _SQL:
            unbound = [ibis.table(_nullable(schema_of(name)), name=name) for name in names]
            _SQL[key] = canonical_sql(written_once(function(*unbound, **params)))
        found: list[Row] = self.backend.con.execute(_SQL[key]).to_arrow_table().to_pylist()
        return found

    def events(
        self,
        versions: Sequence[Row],
        events: Sequence[Row] = (),
        invoices: Sequence[Row] = (),
        *,
        as_of: str = "2026-07-01",
        zone: str = "UTC",
    ) -> list[Row]:
        """fct_subscription_event of bronze rows, in order."""
        lines = self.run(fct_invoice_line, {"stripe_invoices": invoices, "customer_identity": KNOWN})
        inputs = {
            "stripe_subscriptions_versions": versions,
            "stripe_events": events,
            "stripe_invoices": invoices,
            "fct_invoice_line": lines,
            "customer_identity": KNOWN,
        }
        dates = {"as_of": date.fromisoformat(as_of), "first_load_date": FIRST_LOAD}
        found = self.run(fct_subscription_event, inputs, reporting_zone=zone, late_after_days=2, **dates)
        return sorted(found, key=lambda r: (r["subscription_item_id"], r["event_at"], r["event_sequence"]))

    def changes(self, *args: Any, **kwargs: Any) -> list[tuple[str, str, str]]:
        """(day, type, item) of each event in order."""
        return [(str(r["event_at"])[:10], r["event_type"], r["subscription_item_id"]) for r in self.events(*args, **kwargs)]

    def mrr_rows(
        self,
        events: Sequence[Row],
        prices: Sequence[Row] = tuple(PRICES),
        rates: Sequence[Row] = (),
        *,
        as_of: str = "2026-07-01",
        history_from: str = "2026-01-01",
    ) -> list[Row]:
        """fct_mrr of events, in order."""
        inputs = {"fct_subscription_event": events, "dim_price": prices, "currency": CURRENCIES, "fx_rate": rates}
        dates = {"as_of": date.fromisoformat(as_of), "history_from": date.fromisoformat(history_from)}
        found = self.run(fct_mrr, inputs, reporting_currency="usd", **dates)
        return sorted(found, key=lambda r: (r["month_start_date"], r["subscription_id"], r["subscription_item_id"]))

    def mrr(self, *args: Any, prices: Sequence[Row] = tuple(PRICES), **kwargs: Any) -> dict[str, str]:
        """Month -> MRR of all items, as text without trailing zeros."""
        rows = self.mrr_rows(self.events(*args, **kwargs), prices, as_of=kwargs.get("as_of", "2026-07-01"))
        sums: dict[str, Decimal] = {}
        for r in rows:
            month = f"{r['month_start_date']:%Y-%m}"
            sums[month] = sums.get(month, Decimal(0)) + r["mrr_amount"]
        return {month: f"{value.normalize():f}" for month, value in sums.items()}


def _nullable(schema: ibis.Schema) -> ibis.Schema:
    return ibis.schema({name: dtype.copy(nullable=True) for name, dtype in schema.items()})
