"""A lake with one release of four records: Acme twice, Bolt twice, and what the model thinks of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from c360 import release
from c360.catalog import Overwrite
from c360.contract import Contract, ibis_schema, key
from c360.gold.customer.dim_customer_account import DimCustomerAccount
from c360.lake import Lake, open_lake
from c360.release import TableState
from c360.settings import Settings
from c360.silver.identity.customer_identity import CustomerIdentity
from c360.silver.identity.identity_pair import IdentityPair
from c360.silver.identity.identity_record import IdentityRecord

NOW = datetime(2026, 6, 15, 22, tzinfo=UTC)
DAY = date(2026, 6, 15)
ORG, ACCT = ("salesforce", "00Dx"), ("stripe", "acct_1")
ACME, BOLT = (*ORG, "001D000000aaaaaIAA"), (*ORG, "001D000000bbbbbIAA")
CUS_1, CUS_2, CUS_3 = ((*ACCT, name) for name in ("cus_1", "cus_2", "cus_3"))
Record = tuple[str, str, str]

CUSTOMER = {ACME: "c_acme", CUS_1: "c_acme", BOLT: "c_bolt", CUS_2: "c_2", CUS_3: "c_3"}
PAIRS: list[tuple[Record, Record, dict[str, Any]]] = [
    (ACME, CUS_1, {"rule": "email", "probability": 0.99, "weight": 16.0, "decision": "accepted"}),
    (BOLT, CUS_2, {"rule": "email", "probability": 0.99, "weight": 15.0, "decision": "rejected", "reason": "assigned_elsewhere"}),
    (BOLT, CUS_3, {"weight": 0.5, "probability": 0.59, "decision": "rejected", "reason": "weak_evidence"}),
    (ACME, CUS_3, {"weight": -5.0, "probability": 0.03, "decision": "rejected", "reason": "weak_evidence"}),
    (ACME, CUS_2, {"rule": "merged", "probability": 1.0, "weight": 20.0, "decision": "accepted"}),
    (CUS_1, CUS_2, {"rule": "email", "probability": 0.7, "weight": 9.0, "decision": "rejected", "reason": "cannot_link"}),
]
"""Pairs of the release: an accepted one, a rival, an undecided one, a hopeless one, and two nobody should be asked about."""


def sides(left: Record, right: Record) -> dict[str, str]:
    """The six columns that name both records."""
    parts = ("source_system", "source_account", "source_id")
    both = (("left", left), ("right", right))
    return {f"{side}_{part}": text for side, record in both for part, text in zip(parts, record, strict=True)}


def filled(contract: type[Contract], row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with something in every column that must not be null."""
    empty = {"string": "x", "float64": 0.0, "int64": 0, "boolean": False, "date": DAY}
    schema = ibis_schema(contract)
    return {c: row.get(c, None if t.nullable else empty.get(str(t.copy(nullable=True)), 0)) for c, t in schema.items()}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, lake=str(tmp_path / "lake"), now=NOW, token_secret="s" * 32, reporting_currency="eur")


@pytest.fixture
def lake(settings: Settings) -> Iterator[Lake]:
    with open_lake(settings) as opened:
        identity = [{**dict(zip(("source_system", "source_account", "source_id"), r, strict=True)), "customer_id": c}
                    for r, c in CUSTOMER.items()]  # fmt: skip
        people = [{**row, "name": "Ann Lee", "is_person": True, "email": f"{row['source_id']}@x.example"} for row in identity]
        money = [{"customer_id": "c_bolt", "revenue_amount": 100, "mrr_amount": 10}, {"customer_id": "c_acme", "mrr_amount": 50}]
        tables = {
            "silver.customer_identity": _written(opened, "silver.customer_identity", CustomerIdentity, identity),
            "silver.identity_pair": _written(
                opened, "silver.identity_pair", IdentityPair, [{**sides(left, right), **row} for left, right, row in PAIRS]
            ),
            "vault.identity_record": _written(opened, "vault.identity_record", IdentityRecord, people),
            "gold.dim_customer_account": _written(opened, "gold.dim_customer_account", DimCustomerAccount, money),
        }
        release.publish(
            opened.engine, kind="released", stage="gold", load_date=DAY, run_id="r" * 32, now=NOW, tables=tables, builds=[]
        )
        yield opened


def _written(lake: Lake, name: str, contract: type[Contract], rows: Sequence[Mapping[str, Any]]) -> TableState:
    schema = ibis_schema(contract)
    arrow = pa.Table.from_pylist([filled(contract, row) for row in rows], schema.to_pyarrow())
    table = lake.engine.from_arrow(arrow, schema)
    written = lake.engine.write(name, table, schema, key(contract), Overwrite(), {"content_id": name})
    return TableState(written.head.version, name, "f", rows=len(rows), quarantined=0)
