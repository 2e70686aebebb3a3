"""BigQuery: tables in datasets per layer, computed and committed by jobs; a release is views on versions that do not change.

To this process come what `arrow` is asked for (counts, reviews, accepted pairs) and what steps send through Python functions;
records on their way from a source to bronze go to BigQuery as Parquet, by load jobs.
"""

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.engines import bigquery_json, bronze
from c360.engines.base import Head
from c360.engines.bigquery_commits import NONE, Commit, Commits
from c360.engines.bigquery_cost import bytes_of
from c360.engines.bigquery_session import BigQuerySession
from c360.engines.bigquery_store import BigQueryStore
from c360.engines.bigquery_views import shown_release, write_views
from c360.engines.delta_errors import conflict
from c360.engines.delta_layout import Layout
from c360.engines.nullable import nullable
from c360.engines.table_engine import TableEngine, stored_name
from c360.engines.writer import retrying
from c360.errors import LakeError
from c360.sources.base import Entity
from c360.sources.registry import typed_schema
from c360.storage import Warehouse

_LOOKED_UP_BY = ("record_id",)


class BigQueryEngine(TableEngine):
    """`c360.engines.base.Engine` on BigQuery.

    Args:
        place: Project, location, names of datasets.
    """

    name = "bigquery"

    def __init__(self, place: Warehouse) -> None:
        self._bigquery = BigQuerySession(place)
        self._commits = Commits(self._bigquery)
        self._tables = BigQueryStore(self._bigquery, self._commits)
        super().__init__(self._bigquery, self._tables, bigquery_json.parse)

    def head(self, table: str, version: int | None = None) -> Head | None:
        """See `Engine.head`."""
        found = self._commits.newest(table, version)
        return found.head if found else None

    def append(
        self, table: str, rows: pa.Table, *, record: Mapping[str, Any] | None = None, expected_version: int | None = None
    ) -> int:
        """See `Engine.append`. No snapshot is taken: tables of appended rows are read at their head."""
        schema = nullable(ibis.Schema.from_pyarrow(rows.schema))
        staged = self.from_arrow(rows, schema)
        if expected_version is not None:
            return self._append(table, staged, record or {}, expected_version)
        return retrying(lambda: self._append(table, staged, record or {}, None))

    def replace(self, table: str, rows: pa.RecordBatchReader, partition: Mapping[str, Any], record: Mapping[str, Any]) -> int:
        """See `Engine.replace`: a load job, then one transaction. No snapshot is taken: bronze is read at its head."""
        schema = nullable(ibis.Schema.from_pyarrow(rows.schema))
        staged = self._bigquery.load((_checked(batch, partition) for batch in rows), schema)
        before = self._commits.newest(table)
        if before is None:
            by = tuple(partition)
            before = Commit(NONE, "", self._tables.new_table(table, staged, Layout(by, cluster_by=_lookups(schema))), {})
        return self._tables.replace(table, before, staged, record, {column: [value] for column, value in partition.items()})

    def restore(self, table: str, version: int) -> Head:
        """See `Engine.restore`."""
        return self._tables.restore(table, version)

    def publish_views(self, tables: Mapping[str, int], release_id: str) -> None:
        """See `Engine.publish_views`."""
        holders = {table: self._tables.kept(table, version) for table, version in tables.items()}
        write_views(self._bigquery, holders, release_id)

    def shows(self, release_id: str) -> bool:
        """See `Engine.shows`."""
        return shown_release(self._bigquery) == release_id

    def read(self, table: str, version: int | None = None) -> ir.Table:
        """See `Engine.read`."""
        return self._tables.read(table, version)

    def estimate(self, expr: ir.Table | None, inputs: Mapping[str, ir.Table], entities: Mapping[str, Entity]) -> int | None:
        """See `Engine.estimate`."""
        once = {entity.name: entity for entity in entities.values()}
        parsed = {name: typed_schema(entity) for name, entity in entities.items()}
        payloads = [self.read(stored_name(entity)).select(*bronze.stored_schema()) for entity in once.values()]
        computed = [] if expr is None else [bytes_of(self._bigquery, expr, {**inputs, **parsed})]
        whole = payloads if expr is not None else [*payloads, *inputs.values()]
        found = [*computed, *(bytes_of(self._bigquery, rows, {}) for rows in whole)]
        return None if None in found else sum(n for n in found if n is not None)

    def _append(self, table: str, staged: ir.Table, record: Mapping[str, Any], expected: int | None) -> int:
        before = self._commits.newest(table)
        version = before.version if before else NONE
        if expected is not None and version > expected:
            raise conflict(f"writing {table}")
        if expected is not None and version < expected:
            raise LakeError(f"{table} has no version {expected}.", hint=f"Its versions end with {version}.")
        if before is None:
            return self._tables.begin(table, staged, record)
        if set(staged.schema()) <= set(before.stored.schema):
            return self._tables.add(table, before, staged, record)
        return self._tables.append(table, version, staged, record)

    def _version(self, table: str) -> int | None:
        found = self._commits.newest(table)
        return found.version if found else None


def _checked(batch: pa.RecordBatch, partition: Mapping[str, Any]) -> pa.RecordBatch:
    """The batch, all of whose rows belong to the partition."""
    for column, value in partition.items():
        if any(found != value for found in batch.column(column).unique().to_pylist()):
            wrong = "Failed replacing a partition: rows belong to another partition than the one replaced."
            raise LakeError(wrong, hint="Replace one partition at a time.")
    return batch


def _lookups(schema: ibis.Schema) -> tuple[str, ...]:
    return tuple(name for name in _LOOKED_UP_BY if name in schema)
