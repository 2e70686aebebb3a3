"""Commits made by Spark to the Delta tables of a lake of files; the log is read by delta-rs, without a Spark job."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ibis.expr.types as ir
from pyspark.sql import DataFrameWriter

from c360.engines.base import Head
from c360.engines.changes import CHANGE
from c360.engines.delta import RECORD_KEY, DeltaLake
from c360.engines.delta_errors import conflict
from c360.engines.delta_layout import PLAIN, Layout
from c360.engines.literals import all_of, is_one_of, is_within, plain_name
from c360.engines.spark_session import SparkRunner, spark_errors
from c360.errors import LakeError

_SQL_METADATA = "spark.databricks.delta.commitInfo.userMetadata"
_TARGET, _SOURCE = "target", "source"


class SparkStore:
    """`c360.engines.writer.Store` by Spark: rows stay on the executors.

    Delta on Spark puts a commit on top of what others committed meanwhile when the two do not collide. A commit that landed on
    rows it was not computed from is taken back and reported as a conflict; the writer then compares again.
    """

    def __init__(self, runner: SparkRunner, lake: DeltaLake) -> None:
        self._runner = runner
        self._lake = lake

    def head(self, table: str) -> Head | None:
        """See `Store.head`."""
        return self._lake.head(table)

    def partition_columns(self, table: str, version: int) -> tuple[str, ...]:
        """See `Store.partition_columns`."""
        return self._lake.partition_columns(table, version)

    def byte_count(self, table: str, version: int) -> int:
        """See `Store.byte_count`."""
        return self._lake.byte_count(table, version)

    def create(self, table: str, rows: ir.Table, record: Mapping[str, Any], layout: Layout) -> int:
        """See `Store.create`."""
        if self._lake.version(table) is not None:
            raise conflict(f"creating {table}")
        writer = self._writer(rows, record, layout).mode("error")
        for name, value in layout.configuration(rows.schema().to_pyarrow()).items():
            writer = writer.option(name, value)
        try:
            return self._committed(table, -1, record, lambda: writer.save(self._lake.path(table)))
        except LakeError:
            if self._lake.version(table) is not None:  # another created it meanwhile
                raise conflict(f"creating {table}") from None
            raise

    def append(self, table: str, version: int, rows: ir.Table, record: Mapping[str, Any], layout: Layout = PLAIN) -> int:
        """See `Store.append`; columns the table did not have are added to it."""
        writer = self._writer(rows, record, layout).mode("append").option("mergeSchema", "true")
        return self._committed(table, version, record, lambda: writer.save(self._lake.path(table)))

    def overwrite(
        self,
        table: str,
        version: int,
        rows: ir.Table,
        record: Mapping[str, Any],
        layout: Layout = PLAIN,
        *,
        within: Mapping[str, Sequence[Any]] | None = None,
        is_new_schema: bool = False,
    ) -> int:
        """See `Store.overwrite`."""
        if is_new_schema:
            version = self._lake.declare(table, version, rows.schema().to_pyarrow(), layout)
        writer = self._writer(rows, record, layout).mode("overwrite")
        if predicate := is_within(within):
            writer = writer.option("replaceWhere", predicate)
        if is_new_schema:
            writer = writer.option("overwriteSchema", "true")
        return self._committed(table, version, record, lambda: writer.save(self._lake.path(table)))

    def merge(
        self,
        table: str,
        version: int,
        rows: ir.Table,
        key: Sequence[str],
        record: Mapping[str, Any],
        layout: Layout,  # noqa: ARG002 - Spark has no column settings for a MERGE
        partitions: Mapping[str, Sequence[Any]],
    ) -> int:
        """See `Store.merge`."""
        names = [plain_name(c) for c in rows.columns if c != CHANGE]
        same_key = [f"{_TARGET}.{plain_name(k)} = {_SOURCE}.{k}" for k in key]
        within = [is_one_of(f"{_TARGET}.{c}", values) for c, values in partitions.items()]
        source = self._runner.materialise(rows)
        statement = " ".join(
            [
                f"MERGE INTO delta.`{self._lake.path(table)}` AS {_TARGET}",
                f"USING `{source.op().name}` AS {_SOURCE} ON {all_of([*same_key, *within])}",
                f"WHEN MATCHED AND {_is('update')} THEN UPDATE SET {', '.join(f'{c} = {_SOURCE}.{c}' for c in names)}",
                f"WHEN MATCHED AND {_is('delete')} THEN DELETE",
                f"WHEN NOT MATCHED AND {_is('insert')} THEN INSERT ({', '.join(names)})",
                f"VALUES ({', '.join(f'{_SOURCE}.{c}' for c in names)})",
            ]
        )

        def run() -> None:
            spark = self._runner.spark
            spark.conf.set(_SQL_METADATA, _text(record))
            try:
                spark.sql(statement)
            finally:
                spark.conf.unset(_SQL_METADATA)

        return self._committed(table, version, record, run)

    def _writer(self, rows: ir.Table, record: Mapping[str, Any], layout: Layout) -> DataFrameWriter:
        writer = self._runner.frame(rows).write.format("delta").option(RECORD_KEY, _text(record))
        for column in sorted(layout.personal_columns):
            writer = writer.option(f"parquet.column.statistics.enabled#{column}", "false")
        return writer.partitionBy(*layout.partition_by) if layout.partition_by else writer

    def _committed(self, table: str, version: int, record: Mapping[str, Any], commit: Callable[[], object]) -> int:
        """The version the table is at after a commit that landed right on `version`, but for commits that change no row.

        Clusters compact when they like, before and after ours. A commit that landed on other rows is taken back.
        """
        if (self._lake.version(table) if version >= 0 else version) != version:
            raise conflict(f"writing {table}")
        with spark_errors(f"writing {table}"):
            commit()
        newest = self._lake.version(table) or 0
        records = {number: self._record(table, number) for number in range(version, newest + 1)}
        own = next((number for number in range(version + 1, newest + 1) if records[number] == json.loads(_text(record))), None)
        if own is None:
            raise conflict(f"writing {table}")
        if records[own - 1] != records[version]:
            self._lake.restore(table, own - 1)
            raise conflict(f"writing {table}")
        return newest

    def _record(self, table: str, version: int) -> Mapping[str, Any] | None:
        head = self._lake.head(table, version) if version >= 0 else None
        return head.record if head else None


def _text(record: Mapping[str, Any]) -> str:
    return json.dumps(dict(record), sort_keys=True)


def _is(change: str) -> str:
    return f"{_SOURCE}.{CHANGE} = '{change}'"
