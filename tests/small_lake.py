"""A lake of one entity and three tables with one release: bills, totals per buyer, and a calendar nothing traces."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360 import release
from c360.catalog import Catalog, Merge, Node, Overwrite, table
from c360.contract import Contract, Day, Integer, Text, field
from c360.engines.duckdb import DuckDBEngine
from c360.lake import Lake
from c360.release import TableState
from c360.settings import Settings
from c360.sources.base import Entity
from c360.sources.registry import BRONZE_COLUMNS, Registry

DAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 22, tzinfo=UTC)
BILLS = Entity("shop_bills", "shop", "bill", ibis.schema({"id": "string", "buyer": "string", "amount": "int64"}))


class Bill(Contract):
    """One row per bill."""

    bill_id: Text = field("Id.", pii="id")
    buyer: Text = field("Buyer.", pii="id")
    amount: Integer = field("Amount.")

    class Config:
        unique = ["bill_id"]  # how pandera is configured


class Total(Contract):
    """One row per buyer and month."""

    buyer: Text = field("Buyer.", pii="id")
    month_start_date: Day = field("Month.")
    amount: Integer = field("Amount.")

    class Config:
        unique = ["buyer", "month_start_date"]  # how pandera is configured


@table(Bill, write=Merge(), traces={"shop_bills": {"bill_id": "record_id"}})
def fct_bill(shop_bills: ir.Table) -> ir.Table:
    return shop_bills.select(bill_id="id", buyer="buyer", amount="amount")


@table(Total, write=Merge(), traces={"fct_bill": {"buyer": "buyer"}, "shop_bills_versions": {"buyer": "buyer"}})
def fct_total(fct_bill: ir.Table, shop_bills_versions: ir.Table) -> ir.Table:
    return fct_bill.group_by("buyer").aggregate(month_start_date=ibis.literal(DAY), amount=fct_bill.amount.sum())


@table(Total, write=Overwrite())
def dim_made_up() -> ir.Table:
    raise NotImplementedError


def node(layer: Any, function: Any, inputs: tuple[str, ...]) -> Node:
    return Node(function.__name__, layer, "shop", function, function.__c360__, inputs, ())


CATALOG = Catalog(
    {
        "dim_made_up": node("silver", dim_made_up, ()),
        "fct_bill": node("silver", fct_bill, ("shop_bills",)),
        "fct_total": node("gold", fct_total, ("fct_bill", "shop_bills_versions")),
    }
)
BODIES = {
    "b1": '{"id": "b1", "buyer": "ann", "amount": 5}',
    "b2": '{"id": "b2", "buyer": "ann", "amount": 7}',
    "b3": '{"id": "b3", "buyer": "bob", "amount": 1}',
}
ROWS = {
    "silver.fct_bill": [
        {"bill_id": "b1", "buyer": "ann", "amount": 5},
        {"bill_id": "b2", "buyer": "ann", "amount": 7},
        {"bill_id": "b3", "buyer": "bob", "amount": 1},
    ],
    "gold.fct_total": [
        {"buyer": "ann", "month_start_date": DAY, "amount": 12},
        {"buyer": "bob", "month_start_date": DAY, "amount": 1},
    ],
    "silver.dim_made_up": [{"buyer": "nobody", "month_start_date": DAY, "amount": 0}],
    "vault.identity_record": [{"bill_id": "v", "buyer": "v", "amount": 0}],
}


@contextmanager
def empty_lake(folder: Path) -> Iterator[Lake]:
    settings = Settings(lake=str(folder), now=NOW, token_secret="s" * 32)
    with DuckDBEngine(settings.lake) as engine:
        yield Lake(settings, engine, CATALOG, Registry({}, {BILLS.name: BILLS}))


@contextmanager
def small_lake(folder: Path) -> Iterator[Lake]:
    """The lake with bronze, tables and one release."""
    with empty_lake(folder) as lake:
        load(lake, "h1", BODIES)
        tables = {name: write(lake, name, rows) for name, rows in ROWS.items()}
        publish(lake, tables)
        yield lake


def load(lake: Lake, payload_hash: str, bodies: dict[str, str], day: date = DAY) -> None:
    common = {
        "source_system": "shop", "source_account": "acct", "entity": BILLS.name, "date_loaded": day, "first_date_loaded": day,
        "extracted_at": NOW, "batch_id": "b", "api_version": "1", "payload_hash": payload_hash, "is_deleted": False,
    }  # fmt: skip
    rows = [{**common, "record_id": i, "payload": body, "source_updated_at": None} for i, body in bodies.items()]
    schema = ibis.schema({**BRONZE_COLUMNS, "payload": "string"}).to_pyarrow()
    reader = pa.Table.from_pylist(rows, schema=schema).to_reader()
    lake.engine.replace(f"bronze.{BILLS.name}", reader, {"source_account": "acct", "date_loaded": day}, {})


def write(lake: Lake, name: str, rows: list[dict[str, Any]]) -> TableState:
    short = name.split(".")[1]
    schema = CATALOG.nodes[short].schema if short in CATALOG.nodes else CATALOG.nodes["fct_bill"].schema
    arrow = pa.Table.from_pylist(rows, schema=schema.to_pyarrow())
    written = lake.engine.write(
        name, lake.engine.from_arrow(arrow, schema), schema, list(schema)[:2], Merge(), {"content_id": str(rows)}
    )
    return TableState(written.head.version, written.head.content_id, "f", rows=len(rows), quarantined=0)


def publish(lake: Lake, tables: dict[str, TableState]) -> release.Entry:
    return release.publish(
        lake.engine, kind="released", stage="gold", load_date=DAY, run_id="r" * 32, now=NOW, tables=tables,
        builds=[{"table": name, "outcome": "built", "state": vars(state), "rows_in": 3, "inserted": 3, "updated": 0,
                 "deleted": 0, "seconds": 0.4} for name, state in tables.items()],
    )  # fmt: skip
