from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from ibis.backends.duckdb import Backend

from c360.contract import Contract, Flag, Text, field, ibis_schema
from c360.quality import privacy
from c360.quality.privacy import Leak, Scanned, _suspicions, check_privacy, scan, vault_values
from tests.conftest import TableFactory

TOKEN = "tok_k1_em_" + "abcdefghijklmnop" * 2


class Row(Contract):
    """One row."""

    row_id: Text = field("Id.", pii="id")
    token: Text = field("Token.", nullable=True, pii="token")
    status: Text = field("State.", nullable=True, pii="enum")
    company: Text = field("Company.", nullable=True, pii="organisation")
    owner: Text = field("Employee.", nullable=True, pii="staff")
    note: Text = field("Text.", nullable=True, pii="text")
    label: Text = field("No class.", nullable=True)

    class Config:
        unique = ["row_id"]


class Open(Contract):
    """A table that declares personal data where it must not."""

    name: Text = field("Name.", pii="personal", nullable=True)

    class Config:
        unique = ["name"]


class Vault(Contract):
    """The columns of the vault that are compared."""

    email: Text = field("E-mail.", nullable=True, pii="personal")
    phone: Text = field("Phone.", nullable=True, pii="personal")
    name: Text = field("Name.", nullable=True, pii="personal")
    name_normal: Text = field("Name, normalised.", nullable=True, pii="personal")
    address: Text = field("Address.", nullable=True, pii="personal")
    is_person: Flag = field("Person.")

    class Config:
        unique = ["email"]


PEOPLE = [
    {"email": "jo@corp.example", "phone": "+4930901820", "name": "Jo Doe", "name_normal": "jo doe", "is_person": True},
    {"name": "Cher", "name_normal": "cher", "address": "berlin", "phone": "12", "is_person": True},
    {"name": "Acme Widgets", "address": "1 main street springfield", "is_person": False},
]


def _scan(backend: Backend, table: TableFactory, row: dict[str, Any]) -> list[tuple[str, str]]:
    rows = table(ibis_schema(Row), [{"row_id": "r_1", **row}, {"row_id": "r_2"}])
    known = vault_values(table(ibis_schema(Vault), PEOPLE))
    checked, leaks = scan(Scanned("silver.row", rows, Row), known, lambda e: backend.to_pyarrow(e).to_pylist())
    assert checked == 2
    assert all(leak.cells == 1 and leak.table == "silver.row" for leak in leaks)
    return [(leak.column, leak.kind) for leak in leaks]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"note": "mail jo@x.example"}, [("note", "email")]),
        ({"label": "+49 30 901820"}, [("label", "phone")]),
        ({"note": "4242 4242 4242 4242"}, [("note", "card")]),
        ({"note": " JO@corp.example "}, [("note", "email"), ("note", "vault email")]),
        ({"note": "jo doe"}, [("note", "vault name")]),
        ({"label": "1 Main Street Springfield"}, [("label", "vault address")]),
        ({"company": "jo@x.example"}, [("company", "email")]),
        ({"owner": "+49 30 901820"}, [("owner", "phone")]),
        ({"row_id": "jo@x.example"}, [("row_id", "not a value of class id")]),
        ({"row_id": "4242424242424242"}, [("row_id", "card")]),
        ({"token": "jo"}, [("token", "not a value of class token")]),
        ({"status": "jo@x.example"}, [("status", "not a value of class enum")]),
        ({"status": "+49 30 901820"}, [("status", "phone")]),
    ],
)
def test_personal_data_is_found_where_it_is(
    backend: Backend, table: TableFactory, row: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert _scan(backend, table, row) == found


@pytest.mark.parametrize(
    "row",
    [
        {"note": "Cher", "label": "berlin"},
        {"note": "Acme Widgets", "company": "Jo Doe", "owner": "jo@corp.example", "status": "Closed Won"},
        {"token": TOKEN, "note": TOKEN, "row_id": "in_1,in_2"},
    ],
)
def test_other_values_are_left_in_peace(backend: Backend, table: TableFactory, row: dict[str, Any]) -> None:
    assert _scan(backend, table, row) == []


def test_a_personal_column_outside_the_vault_is_a_leak(backend: Backend, table: TableFactory) -> None:
    rows = table(ibis_schema(Open), [{"name": "x"}, {"name": None}])
    found = scan(Scanned("silver.open", rows, Open), None, lambda e: backend.to_pyarrow(e).to_pylist())
    assert found == (2, [Leak("silver.open", "name", "declared personal", 1)])


def test_the_result_names_columns_and_counts_but_no_value(backend: Backend, table: TableFactory) -> None:
    rows = table(ibis_schema(Row), [{"row_id": "r_1", "note": "jo@x.example"}, {"row_id": "r_2", "note": "jo@x.example"}])
    empty = table(ibis_schema(Row), [])
    tables = [Scanned("silver.row", rows, Row), Scanned("silver.empty", empty, Row)]
    results = check_privacy("silver", tables, None, {}, lambda e: backend.to_pyarrow(e).to_pylist())
    assert [(r.table_name, r.result, r.rows_checked, r.rows_failing) for r in results] == [
        ("silver.row", "failed", 2, 2),
        ("silver.empty", "not_applicable", 0, 0),
    ]
    assert results[0].sample_keys == ("note: email (2)",)
    assert results[0].is_blocking
    assert "jo@" not in repr(results)


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark", "bigquery"])
def test_it_compiles(dialect: str) -> None:
    rows: ir.Table = ibis.table(ibis_schema(Row), name="t")
    classes = {"row_id": "id", "token": "token", "note": "text"}
    for expr in (_suspicions(rows, classes), vault_values(ibis.table(ibis_schema(Vault), name="v"))):
        assert "SELECT" in ibis.to_sql(expr, dialect=dialect)


def test_every_suspicious_value_is_judged_however_many_there_are(
    backend: Backend, table: TableFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "_PAGE_VALUES", 2)
    rows = table(
        ibis_schema(Row), [{"row_id": f"r_{i}", "note": f"write to {name}@corp.example"} for i, name in enumerate("edcba")]
    )
    _, leaks = scan(Scanned("silver.row", rows, Row), None, lambda e: backend.to_pyarrow(e).to_pylist())
    assert leaks == [Leak("silver.row", "note", "email", 5)]
