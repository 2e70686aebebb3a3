"""A lake with released tables about identity, of inline rows: who is who, pairs, what is known of the records, match rates."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from c360 import release
from c360.catalog import Catalog, Merge
from c360.contract import Contract, ibis_schema, key
from c360.engines.duckdb import DuckDBEngine
from c360.lake import Lake
from c360.release import TableState
from c360.settings import Settings
from c360.silver.identity.customer_identity import CustomerIdentity
from c360.silver.identity.identity_pair import ACCEPTED, IdentityPair
from c360.silver.identity.identity_record import IdentityRecord
from c360.silver.identity.reconciliation_log import ReconciliationLog
from c360.sources.registry import Registry

DAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 22, tzinfo=UTC)
ACCOUNTS = {"salesforce": "org_1", "stripe": "acct_1"}
CONTRACTS: Mapping[str, type[Contract]] = {
    "silver.customer_identity": CustomerIdentity,
    "silver.identity_pair": IdentityPair,
    "silver.reconciliation_log": ReconciliationLog,
    "vault.identity_record": IdentityRecord,
}
Row = dict[str, Any]
_ZEROS = {"string": "", "int64": 0, "float64": 0.0, "boolean": False, "date": DAY}


def record(source_id: str, customer_id: str, account: str = "", **fields: Any) -> Row:
    """A row of `customer_identity`; ids `cus_…` are Stripe's."""
    own = {**who(source_id, account), "customer_id": customer_id, "rule": "single", "confidence": 1.0}
    return _filled(CustomerIdentity, {**own, "has_name": True, **fields})


def pair(left: str, right: str, reason: str | None = None, rule: str | None = None, **bits: float) -> Row:
    """A row of `identity_pair`: accepted unless a reason is given. `bits` of its fields; `probability` may be among them."""
    probability = bits.pop("probability", 0.99 if rule else None)
    weights = {f"{name}_weight": value for name, value in bits.items()}
    sides = {f"{side}_{name}": value for side, end in (("left", left), ("right", right)) for name, value in who(end).items()}
    decision = ACCEPTED if reason is None else "rejected"
    made = {"weight": sum(bits.values()), "rule": rule, "probability": probability, "decision": decision, "reason": reason}
    return {**_filled(IdentityPair, {**sides, **made, "model_id": "m1"}), **weights}


def known(source_id: str, member_id: str = "", **fields: Any) -> Row:
    """A row of the vault; a contact where `member_id` is told."""
    entity = "contact" if member_id else "customer" if source_id.startswith("cus_") else "account"
    own = {**who(source_id), "source_entity": entity, "member_id": member_id or source_id}
    return _filled(IdentityRecord, {**own, **fields})


def rate(numerator: int, denominator: int, load_date: date = DAY, **fields: Any) -> Row:
    """A row of `reconciliation_log`."""
    share = numerator / denominator if denominator else None
    own = {"load_date": load_date, "left_source_system": "salesforce", "right_source_system": "stripe", "match_rate": share}
    return _filled(ReconciliationLog, {**own, "numerator": numerator, "denominator": denominator, **fields})


def who(source_id: str, account: str = "") -> Row:
    system = "stripe" if source_id.startswith("cus_") else "salesforce"
    return {"source_system": system, "source_account": account or ACCOUNTS[system], "source_id": source_id}


@contextmanager
def identity_lake(folder: Path, *releases: Mapping[str, Sequence[Row]], days: Sequence[date] = (DAY,)) -> Iterator[Lake]:
    """A lake with a release per mapping of table -> rows, on `days`."""
    settings = Settings(lake=str(folder), now=NOW, token_secret="s" * 32)
    with DuckDBEngine(settings.lake) as engine:
        lake = Lake(settings, engine, Catalog({}), Registry({}, {}))
        for day, tables in zip(days, releases, strict=True):
            vector = {name: _write(lake, name, rows) for name, rows in tables.items()}
            publish(lake, vector, day)
        yield lake


def publish(lake: Lake, vector: Mapping[str, TableState], day: date = DAY) -> None:
    told = {"kind": "released", "stage": "gold", "load_date": day, "run_id": "r" * 32, "now": NOW}
    release.publish(lake.engine, tables=vector, **told)


def _write(lake: Lake, name: str, rows: Sequence[Row]) -> TableState:
    contract = CONTRACTS[name]
    schema = ibis_schema(contract)
    table = lake.engine.from_arrow(pa.Table.from_pylist(list(rows), schema=schema.to_pyarrow()), schema)
    written = lake.engine.write(name, table, schema, key(contract), Merge(), {"content_id": str(rows)})
    return TableState(written.head.version, written.head.content_id, "f", rows=len(rows))


def _filled(contract: type[Contract], row: Row) -> Row:
    """A row with every column: what may be null is, other numbers are 0 and texts empty."""
    schema: ibis.Schema = ibis_schema(contract)
    empty = {name: None if kind.nullable else _ZEROS[str(kind.copy(nullable=True))] for name, kind in schema.items()}
    return {**empty, **row}
