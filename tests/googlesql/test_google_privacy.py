"""The scan for personal data (SE-004) on GoogleSQL: it finds what it finds on DuckDB."""

from typing import Any

import ibis
import ibis.expr.types as ir

from c360.contract import ibis_schema
from c360.quality.privacy import Scanned, scan, vault_values
from tests.googlesql.both import Both, Inputs
from tests.quality.test_privacy import PEOPLE, TOKEN, Row, Vault

CELLS: list[dict[str, Any]] = [
    {"row_id": "r_1", "token": TOKEN, "note": "write to jo@corp.example", "label": "plain"},
    {"row_id": "r_2", "token": "jo@corp.example", "note": "call +49 30 901820 today", "label": "Cher"},
    {"row_id": "r_3", "note": "Jo Doe asked; lives in Berlin 12", "company": "Acme Widgets", "owner": "Jo Doe"},
    {"row_id": "jo doe", "status": "active", "label": "1 Main Street Springfield"},
]


def nullable(schema: ibis.Schema) -> ibis.Schema:
    return ibis.schema({name: dtype.copy(nullable=True) for name, dtype in schema.items()})


def test_the_same_leaks_are_found(both: Both) -> None:
    row, vault = nullable(ibis_schema(Row)), nullable(ibis_schema(Vault))
    given: Inputs = {
        "scanned": (row, [{c: cell.get(c) for c in row} for cell in CELLS]),
        "vault": (vault, [{c: person.get(c) for c in vault} for person in PEOPLE]),
    }
    table = Scanned("silver.row", ibis.table(row, name="scanned"), Row)
    known = vault_values(ibis.table(vault, name="vault"))

    def execute(expr: ir.Table) -> list[dict[str, Any]]:
        both.equal(expr, given)  # every query on the way gives DuckDB's rows
        return both.rows_on_duckdb(expr, given)

    checked, leaks = scan(table, known, execute)
    assert checked == len(CELLS)
    assert len(leaks) > 3
