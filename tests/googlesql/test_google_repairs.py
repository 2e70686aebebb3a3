"""Every repair of Ibis' compiler is needed and enough: Ibis' own statement is refused or gives other rows, ours does not.

`docs/portability.md` tells the same; a repair whose fault is gone fails here and can be deleted.
"""

from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from c360.engines.bigquery_sql import UNSUPPORTED, bigquery_sql
from c360.errors import ContractError
from tests.googlesql.both import Both, Inputs, plain
from tests.googlesql.wasm import GoogleSqlError

SCHEMA = ibis.schema({"i": "int64", "j": "int64", "text": "string", "exact": "decimal(38, 12)", "share": "float64"})
T = ibis.table(SCHEMA, name="t")
COLUMNS = list(SCHEMA)
ROWS: list[tuple[Any, ...]] = [
    (1, 3, '"currency":"usd"', Decimal("0.000000004999"), 0.126),
    (2, 3, "two\nlines \"currency\":\"eur\"\nof it", Decimal("0.000000005"), 0.30000000000000004),
    (3, None, "nothing", Decimal("-0.000000005"), 2.5),
    (None, 4, "1e30", Decimal("12345678901234567890.123456789012"), -2.5),
    (5, 6, "5e-13", Decimal(1), 0.375),
    (6, 6, "1.0000000000005", Decimal("1.5"), 1e16),
    (7, 1, None, None, None),
    (8, 8, " 12345678 ", Decimal("0.994999995"), 0.0),
]  # fmt: skip
INPUTS: Inputs = {"t": (SCHEMA, [dict(zip(COLUMNS, row, strict=True)) for row in ROWS])}
BY_J = ibis.window(order_by=[ibis.asc(T.j, nulls_first=False), T.i.desc(nulls_first=True)])

EACH = ibis.array([T.text, ibis.null("string"), T.text]).filter(lambda text: text.notnull() & (T.i > 1))

REPAIRED: dict[str, ir.Table] = {
    "a decimal cast to fewer digits": T.select("i", a=T.exact.cast("decimal(38, 8)"), b=T.exact.cast("decimal(38, 6)")),
    "a float cast to a decimal of few digits": T.select("i", a=T.share.cast("decimal(38, 2)")),
    "a text tried as a decimal": T.select("i", a=T.text.try_cast("decimal(38, 12)")),
    "greatest with a null": T.select("i", a=ibis.greatest(T.i, T.j, 2)),
    "least with a null": T.select("i", a=ibis.least(T.i, T.j, 2)),
    "a pattern without a match, or over lines": T.select("i", a=T.text.re_extract('"currency":"([a-z]{3})"', 1)),
    "an empty array joined": T.select("i", a=EACH.join("-"), b=EACH.unique().sort().join("-")),
    "nulls last in a window": T.select("i", a=ibis.row_number().over(BY_J), b=T.i.lag().over(BY_J)),
    "a range of one number, of none, of null": T.select("i", n=ibis.range(T.i + T.j - 5, 2).unnest()),
}
EQUAL: dict[str, ir.Table] = {
    "integer arithmetic": T.select("i", a=T.i % 3, b=-T.i % 3, c=T.i // 3, d=(T.i / T.j.nullif(0)).round(), e=T.i.cast("string")),
    "float to integer": T.select("i", a=T.share.round().cast("int64")),
    "trimmed, lower case, replaced": T.select(
        "i", a=T.text.strip(), b=T.text.upper().lower(), c=T.text.re_replace("[0-9]+", "n"), d=T.text.replace('"', "")
    ),
    "null equals null": T.select("i", a=T.i.identical_to(T.j), b=~T.i.identical_to(T.j)),
    "sums, smallest and greatest of groups with nulls": T.group_by("j").agg(
        a=T.i.sum(), b=T.exact.max(), c=T.share.min(), d=T.count()
    ),
    "distinct rows with nulls": T.select("j").distinct(),
    "decimals summed": T.agg(a=T.exact.sum().cast("decimal(38, 12)")),
}
REFUSED: dict[str, ir.Table] = {
    "InMemoryTable": ibis.memtable({"a": [1]}),
    "Hash": T.select(a=T.text.hash()),
    "Median": T.agg(a=T.i.median()),
    "ArgMax": T.agg(a=T.i.argmax(T.j)),
    "Levenshtein": T.select(a=T.text.levenshtein("a")),
    "float to string": T.select(a=T.share.cast("string")),
    "float to int64": T.select(a=T.share.cast("int64")),
    "digits of a float": T.select(a=T.share.round(1)),
    "only group": T.select(a=T.text.re_extract("(a)(b)", 2)),
    "steps of 1": T.select(a=ibis.range(T.i, T.j, 2)),
    "one array of a row": T.select(a=ibis.range(T.i, T.j).unnest(), b=ibis.range(T.i, T.j).unnest()),
}


@pytest.mark.parametrize("name", REPAIRED)
def test_a_repair_is_enough(both: Both, name: str) -> None:
    assert both.equal(REPAIRED[name], INPUTS)


@pytest.mark.parametrize("name", REPAIRED)
def test_a_repair_is_needed(both: Both, name: str) -> None:
    expected = both.on_duckdb(REPAIRED[name], INPUTS)
    try:
        rows = both.google(INPUTS).query(str(ibis.to_sql(REPAIRED[name], dialect="bigquery"))).rows
    except GoogleSqlError:
        return
    assert sorted(map(repr, map(plain, rows))) != sorted(map(repr, expected.elements()))


@pytest.mark.parametrize("name", EQUAL)
def test_what_needs_no_repair(both: Both, name: str) -> None:
    assert both.equal(EQUAL[name], INPUTS)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_supported_is_named(name: str) -> None:
    with pytest.raises(ContractError, match=name):
        bigquery_sql(REFUSED[name])


def test_every_unsupported_operation_has_a_reason() -> None:
    assert all(UNSUPPORTED.values())


def test_joins_on_null_safe_keys_are_equalities() -> None:
    """BigQuery's planner, which is not here, wants them; the rows are `difference`'s of the test of writes."""
    other = T.view()
    for how in ("outer", "left", "semi", "anti"):
        sql = bigquery_sql(T.join(other, [T.i.identical_to(other.i)], how=how).select("j"))
        assert "TO_JSON_STRING" in sql
        assert "IS NOT DISTINCT FROM" not in sql
