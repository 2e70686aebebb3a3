"""What keeps the check honest: statements BigQuery refuses are refused, and values it cannot hold too."""

from decimal import Decimal
from pathlib import Path

import ibis
import pytest

from tests.googlesql.evaluator import Google
from tests.googlesql.wasm import GoogleSqlError, Service

STATEMENTS = [s.strip() for s in Path(__file__).with_name("neg.sql").read_text().split("---")]
SCHEMAS = {
    "orders": ibis.schema(
        {
            "id": "int64",
            "cust": "string",
            "amt": "decimal(38, 9)",
            "flag": "boolean",
            "d": "date",
            "ts": "timestamp('UTC', 6)",
        }
    ),
    "cust": ibis.schema({"cust": "string", "lvl": "int64"}),
    "arr": ibis.schema({"id": "int64", "tags": "array<string>"}),
}
ACCEPTED = {
    "select id || 1 from ds.orders": "legal: a number is turned into text",
    "select ts - ts from ds.orders limit 1": "legal: an interval",
    "select array_agg(cust) from ds.orders": "refused by BigQuery only when a row has a null",
    "create table ds.badp (a int64, b array<int64>) partition by a": "what may partition a table is storage's business",
    "create table ds.bad2 (a string) partition by a": "what may partition a table is storage's business",
    "select * from (select 1 a, 2 a)": "refused by BigQuery where the result is stored",
    "merge ds.cust t using (select 'c0' cust union all select 'c0') s on t.cust = s.cust when matched then update set lvl = 0":
        "refused by BigQuery when two rows meet one",
}  # fmt: skip
"""Statements of neg.sql that the analyzer accepts, and why that is no surprise."""


@pytest.fixture(scope="module")
def google(service: Service) -> Google:
    return Google(service, {name: (schema, []) for name, schema in SCHEMAS.items()})


def is_accepted(google: Google, sql: str) -> bool:
    try:
        google.analyze(sql)
    except GoogleSqlError:
        return False
    return True


def test_bad_statements_are_refused(google: Google) -> None:
    assert len(STATEMENTS) == 42
    accepted = {sql for sql in STATEMENTS if is_accepted(google, sql.replace("ds.", ""))}
    assert accepted == set(ACCEPTED)


@pytest.mark.parametrize(
    "value",
    [
        "CAST('1e29' AS NUMERIC)",
        "CAST(NUMERIC '123.456' AS NUMERIC(4, 2))",
        "CAST('abcd' AS STRING(3))",
        "CAST('12a' AS INT64)",
        "9223372036854775807 + 1",
    ],
)
def test_values_that_do_not_fit_are_refused(google: Google, value: str) -> None:
    with pytest.raises(GoogleSqlError):
        google.query(f"SELECT {value} AS a")


def test_decimals_are_exact(google: Google) -> None:
    ((nine, ten),) = google.query("SELECT NUMERIC '1.123456789' AS a, BIGNUMERIC '1.1234567891' AS b").rows
    assert (nine, ten) == (Decimal("1.123456789"), Decimal("1.1234567891"))
