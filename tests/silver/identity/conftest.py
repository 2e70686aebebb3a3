"""A `Work` in memory over DuckDB, and bronze rows of a few words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import ibis
import ibis.config
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from ibis.backends.duckdb import Backend

from c360.identity.evidence import load
from c360.identity.model import Model
from c360.identity.tokens import Tokens
from c360.sources import salesforce, stripe
from c360.sources.registry import typed_schema

ENTITIES = {entity.name: entity for entity in (*salesforce.ENTITIES, *stripe.ENTITIES)}
Bronze = Callable[..., ir.Table]


class _SparkOptions(ibis.config.Config):
    treat_nan_as_null: bool = False


@pytest.fixture(autouse=True)
def _spark_options() -> None:
    """Lets Ibis compile floats for Spark where pyspark, which registers the option, is not installed."""
    if ibis.options.pyspark is None:
        ibis.options.pyspark = _SparkOptions()


@dataclass
class MemoryWork:
    """What a step may ask, answered by one DuckDB connection."""

    backend: Backend
    before: Mapping[str, ir.Table] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=lambda: Tokens(b"0" * 32, "k1"))
    model: Model = field(default_factory=load)
    continues: bool = False

    def materialise(self, expr: ir.Table) -> ir.Table:
        return self.backend.create_table(ibis.util.gen_name("m"), expr, temp=True)

    def map_batches(self, table: ir.Table, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: ibis.Schema) -> ir.Table:
        batches = [function(batch) for batch in self.backend.to_pyarrow(table).to_batches(max_chunksize=1000)]
        return self.table(pa.Table.from_batches(batches, schema.to_pyarrow()), schema)

    def collect(self, expr: ir.Table) -> pa.Table:
        return self.backend.to_pyarrow(expr)

    def table(self, rows: pa.Table, schema: ibis.Schema) -> ir.Table:
        return self.backend.create_table(ibis.util.gen_name("w"), rows, schema=schema, temp=True)

    def previous(self, table: str) -> ir.Table | None:
        return self.before.get(table)

    def token(self, kind: str, values: pa.Array) -> pa.Array:
        return self.tokens.token(kind, values)


@pytest.fixture
def work(backend: Backend) -> MemoryWork:
    return MemoryWork(backend)


@pytest.fixture
def bronze(table: Callable[..., ir.Table]) -> Bronze:
    """`bronze(entity, {"Id": …}, …)`: typed bronze rows; the bronze columns have defaults, `record_id` is the id."""

    def make(name: str, *rows: Mapping[str, Any]) -> ir.Table:
        entity = ENTITIES[name]
        common = {
            "source_system": entity.source_system,
            "source_account": "acct_1" if entity.source_system == "stripe" else "org_1",
            "entity": name,
            "date_loaded": date(2026, 1, 2),
            "first_date_loaded": date(2026, 1, 2),
            "extracted_at": datetime(2026, 1, 2, tzinfo=UTC),
            "batch_id": "b1",
            "api_version": "v1",
            "is_deleted": False,
        }
        full = [{**common, "record_id": row[entity.key], "payload_hash": f"h_{row[entity.key]}", **row} for row in rows]
        return table(typed_schema(entity), full)

    return make
