"""Commits made by Spark to tables by name, rows of this process included."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import ibis
import pyarrow as pa
from pyspark.sql import DataFrame, DataFrameWriter

from c360.engines.delta import RECORD_KEY
from c360.engines.delta_errors import missing
from c360.engines.delta_layout import PLAIN, Layout
from c360.engines.spark_names import NamedTables, catalog_errors, layer_of
from c360.engines.spark_session import SparkRunner
from c360.engines.spark_store import SparkStore, as_text

_WRITER = "c360"
"""Name under which appends that expect a version number themselves in a table's log."""


class NamedStore(SparkStore):
    """The store of a lake of names. A table with other columns is replaced, rows, properties and all, in one commit."""

    def __init__(self, runner: SparkRunner, tables: NamedTables) -> None:
        super().__init__(runner, tables)
        self._tables = tables

    def _address(self, table: str) -> str:
        return self._tables.names.table(table)

    def _save(self, writer: DataFrameWriter, table: str) -> None:
        writer.saveAsTable(self._address(table))

    def _create(self, table: str, rows: DataFrame, layout: Layout, properties: Mapping[str, str]) -> None:
        make_schema(self._runner, self._tables.names.schema(layer_of(table)))
        with catalog_errors(f"creating {table}"):
            self._declared(table, rows, layout, properties).create()

    def _renew(self, table: str, rows: DataFrame, layout: Layout, properties: Mapping[str, str]) -> None:
        self._declared(table, rows, layout, properties).replace()

    def _declared(self, table: str, rows: DataFrame, layout: Layout, properties: Mapping[str, str]) -> Any:
        writer = rows.writeTo(self._address(table)).using("delta")
        for name, value in properties.items():
            writer = writer.tableProperty(name, value)
        return writer.partitionedBy(*(rows[column] for column in layout.partition_by)) if layout.partition_by else writer

    def append_next(self, table: str, version: int, rows: DataFrame, record: Mapping[str, Any] | None) -> int:
        """Adds rows as the next commit after `version`: of several writers that name it, Delta lets one through.

        Blind appends never collide in Delta. These carry a transaction number of one writer, as streams do: the version they
        follow (the last that could change rows). Delta refuses a second commit with the number of one made meanwhile and leaves
        out one whose number is not above the table's last, whatever the isolation level.
        """
        if self._tables.head(table, version) is None:
            raise missing(table)
        number = self._tables.changed(table, version)
        own = {**(record or {}), "append": uuid4().hex}  # tells an append that was left out from another's
        writer = rows.write.format("delta").mode("append").option("mergeSchema", "true").option(RECORD_KEY, as_text(own))
        writer = writer.option("txnAppId", _WRITER).option("txnVersion", str(number))
        return self._landed(table, version, own, lambda: self._save(writer, table))


@dataclass(frozen=True)
class NamedCommits:
    """`Commits` on a lake of names: rows of this process go to Spark and from there into the table."""

    runner: SparkRunner
    store: NamedStore
    tables: NamedTables

    def version(self, table: str) -> int | None:
        """Newest version; None when the table does not exist."""
        return self.tables.version(table)

    def create(
        self, table: str, rows: pa.RecordBatchReader, record: Mapping[str, Any] | None = None, layout: Layout = PLAIN
    ) -> int:
        """See `Commits.create`."""
        schema = ibis.Schema.from_pyarrow(rows.schema)
        return self.store.create(table, self.runner.from_arrow(rows.read_all(), schema), record or {}, layout)

    def append(self, table: str, version: int, rows: pa.RecordBatchReader, record: Mapping[str, Any] | None) -> int:
        """See `Commits.append`."""
        frame = self.runner.brought(rows.read_all(), ibis.Schema.from_pyarrow(rows.schema))
        return self.store.append_next(table, version, frame, record)

    def overwrite(
        self,
        table: str,
        version: int,
        rows: pa.RecordBatchReader,
        record: Mapping[str, Any],
        layout: Layout = PLAIN,
        *,
        predicate: str | None = None,
    ) -> int:
        """See `Commits.overwrite`."""
        new = self.runner.from_arrow(rows.read_all(), ibis.Schema.from_pyarrow(rows.schema))
        return self.store.overwrite_where(table, version, self.runner.frame(new), record, layout, predicate)


def make_schema(runner: SparkRunner, schema: str) -> None:
    """Makes a schema that does not exist: who may use one need not be allowed to make one."""
    with catalog_errors(f"making the schema {schema}"):
        if not runner.spark.catalog.databaseExists(schema):
            runner.spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
