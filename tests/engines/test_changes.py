"""The expressions of a write and of bronze compile for every engine."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pytest

from c360.engines import bronze, changes
from tests.engines.test_bronze import DAY_1, STORED

SCHEMA = ibis.schema({"id": "int64", "day": "date", "amount": "decimal(38, 8)"})
NEW, OLD = (ibis.table(SCHEMA, name=name) for name in ("new_rows", "old_rows"))
KEY = ["id"]
SCOPE = OLD.day.notnull()
DIFFERENCE = changes.difference(NEW, OLD, KEY)
BRONZE = ibis.table(ibis.Schema.from_pyarrow(STORED), name="stored")


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark", "bigquery"])
@pytest.mark.parametrize(
    "make",
    [
        lambda: DIFFERENCE,
        lambda: changes.difference(NEW, changes.in_reach(NEW, OLD, KEY, SCOPE), KEY),
        lambda: changes.changed_rows(DIFFERENCE, NEW.columns),
        lambda: changes.merge_source(DIFFERENCE, NEW.columns),
        lambda: changes.counts(DIFFERENCE),
        lambda: changes.key_faults(NEW, KEY),
        lambda: changes.numbered(NEW, KEY, NEW.columns),
        lambda: changes.kept_and_new(NEW, OLD, KEY, SCOPE),
        lambda: changes.as_schema(OLD, ibis.schema({"id": "string", "tag": "string"})),
        lambda: bronze.newest(BRONZE, DAY_1),
    ],
)
def test_compiles(make: Callable[[], ir.Table], dialect: str) -> None:
    assert ibis.to_sql(make(), dialect=dialect)


def test_all_columns_may_be_the_key() -> None:
    assert ibis.to_sql(changes.difference(NEW, OLD, NEW.columns), dialect="duckdb")
