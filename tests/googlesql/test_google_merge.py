"""The MERGE statement of a write: GoogleSQL analyses it but does not run it, so its three branches are run as SELECTs."""

import ibis
import ibis.expr.datatypes as dt
import pytest

from c360.engines import changes
from c360.engines.bigquery_merge import merge_sql, same_row
from c360.engines.bigquery_sql import DIALECT, bigquery_sql
from tests.googlesql.both import Both, plain
from tests.googlesql.test_google_writes import KEY, NEW, OLD, SCHEMA, SCOPE, stored
from tests.googlesql.wasm import GoogleSqlError

SOURCE = changes.merge_source(changes.difference(NEW, changes.in_reach(NEW, OLD, KEY, SCOPE), KEY), NEW.columns)
STRICT = ibis.schema({name: dt.dtype(dtype).copy(nullable=name not in KEY) for name, dtype in SCHEMA.items()})


@pytest.mark.parametrize("schema", [SCHEMA, STRICT], ids=["nullable key", "key without nulls"])
def test_it_is_accepted(both: Both, schema: ibis.Schema) -> None:
    statement = both.google(stored(1)).analyze(merge_sql("old_rows", schema, KEY, SOURCE))
    assert statement.WhichOneof("node") == "resolved_merge_stmt_node"


def test_all_columns_may_be_the_key(both: Both) -> None:
    source = changes.merge_source(changes.difference(NEW, OLD, NEW.columns), NEW.columns)
    assert both.google(stored(1)).analyze(merge_sql("old_rows", SCHEMA, NEW.columns, source))


def test_a_wrong_column_is_refused(both: Both) -> None:
    with pytest.raises(GoogleSqlError, match="nowhere"):
        both.google(stored(1)).analyze(merge_sql("old_rows", ibis.schema({**SCHEMA, "nowhere": "string"}), KEY, SOURCE))


@pytest.mark.parametrize("seed", range(6))
def test_its_effect_is_the_table_after_the_write(both: Both, seed: int) -> None:
    given = stored(seed)
    google = both.google(given)
    source, condition = bigquery_sql(SOURCE), same_row(SCHEMA, KEY).sql(dialect=DIALECT)
    columns = ", ".join(SCHEMA)
    matched = f"SELECT source._change FROM old_rows AS target JOIN ({source}) AS source ON {condition}"
    unmatched = f"SELECT _change FROM ({source}) AS source WHERE NOT EXISTS (SELECT 1 FROM old_rows AS target WHERE {condition})"
    kept = f"SELECT {columns} FROM old_rows AS target WHERE NOT EXISTS (SELECT 1 FROM ({source}) AS source WHERE {condition})"
    written = f"SELECT {columns} FROM ({source}) WHERE _change IN ('insert', 'update')"
    assert {change for (change,) in google.query(matched).rows} <= {"update", "delete"}
    assert {change for (change,) in google.query(unmatched).rows} <= {"insert"}
    after = google.query(f"{kept} UNION ALL {written}").rows
    expected = both.on_duckdb(changes.kept_and_new(NEW, OLD, KEY, SCOPE), given)
    assert sorted(map(repr, map(plain, after))) == sorted(map(repr, expected.elements()))
