"""Commits made by Spark to Delta tables: what is one for tables by path and tables by name, and the store by path."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import ibis.expr.types as ir
from pyspark.sql import DataFrame, DataFrameWriter

from c360.engines.base import Head
from c360.engines.changes import CHANGE
from c360.engines.delta import DeltaLake
from c360.engines.delta_engine import Tables
from c360.engines.delta_errors import conflict
from c360.engines.delta_layout import PLAIN, Layout
from c360.engines.literals import all_of, is_one_of, is_within, plain_name
from c360.engines.spark_session import SparkRunner, spark_errors
from c360.errors import LakeError

_SQL_METADATA = "spark.databricks.delta.commitInfo.userMetadata"
_STATISTICS = "parquet.column.statistics.enabled"
_TARGET, _SOURCE = "target", "source"


class StoredTables(Tables, Protocol):
    """What a table is like."""

    def changed(self, table: str, version: int) -> int:
        """The newest version up to a given one whose commit could change rows."""
        ...

    def partition_columns(self, table: str, version: int) -> tuple[str, ...]:
        """See `Store.partition_columns`."""
        ...

    def byte_count(self, table: str, version: int) -> int:
        """See `Store.byte_count`."""
        ...


class SparkStore(ABC):
    """`c360.engines.writer.Store` by Spark: rows stay on the executors.

    Delta on Spark puts a commit on top of what others committed meanwhile when the two do not collide. A commit that landed on
    rows it was not computed from is taken back and reported as a conflict; the writer then compares again.
    """

    def __init__(self, runner: SparkRunner, lake: StoredTables) -> None:
        self._runner = runner
        self._lake = lake

    @abstractmethod
    def _address(self, table: str) -> str:
        """What a statement calls the table."""

    @abstractmethod
    def _save(self, writer: DataFrameWriter, table: str) -> None:
        """Writes to the table there is."""

    @abstractmethod
    def _create(self, table: str, rows: DataFrame, layout: Layout, properties: Mapping[str, str]) -> None:
        """Makes the table with its first rows; fails when there is one."""

    @abstractmethod
    def _renew(self, table: str, rows: DataFrame, layout: Layout, properties: Mapping[str, str]) -> None:
        """Gives the table other columns, properties and rows."""

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
        if self._lake.has(table):
            raise conflict(f"creating {table}")
        frame, properties = self._runner.frame(rows), layout.configuration(rows.schema().to_pyarrow())
        try:
            return self._committed(table, -1, record, layout, lambda: self._create(table, frame, layout, properties))
        except LakeError:
            if self._lake.has(table):  # another created it meanwhile
                raise conflict(f"creating {table}") from None
            raise

    def append(self, table: str, version: int, rows: ir.Table, record: Mapping[str, Any], layout: Layout = PLAIN) -> int:
        """See `Store.append`; columns the table did not have are added to it."""
        writer = self._runner.frame(rows).write.format("delta").mode("append").option("mergeSchema", "true")
        return self._committed(table, version, record, layout, lambda: self._save(writer, table))

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
        frame = self._runner.frame(rows)
        if is_new_schema:
            properties = layout.configuration(rows.schema().to_pyarrow())
            return self._committed(table, version, record, layout, lambda: self._renew(table, frame, layout, properties))
        return self.overwrite_where(table, version, frame, record, layout, is_within(within))

    def overwrite_where(
        self, table: str, version: int, rows: DataFrame, record: Mapping[str, Any], layout: Layout, predicate: str | None
    ) -> int:
        """Replaces all rows, or those under a predicate."""
        writer = rows.write.format("delta").mode("overwrite")
        if predicate:
            writer = writer.option("replaceWhere", predicate)
        return self._committed(table, version, record, layout, lambda: self._save(writer, table))

    def merge(
        self,
        table: str,
        version: int,
        rows: ir.Table,
        key: Sequence[str],
        record: Mapping[str, Any],
        layout: Layout,
        partitions: Mapping[str, Sequence[Any]],
    ) -> int:
        """See `Store.merge`."""
        names = [plain_name(c) for c in rows.columns if c != CHANGE]
        same_key = [f"{_TARGET}.{plain_name(k)} = {_SOURCE}.{k}" for k in key]
        within = [is_one_of(f"{_TARGET}.{c}", values) for c, values in partitions.items()]
        source = self._runner.materialise(rows)
        statement = " ".join(
            [
                f"MERGE INTO {self._address(table)} AS {_TARGET}",
                f"USING `{source.op().name}` AS {_SOURCE} ON {all_of([*same_key, *within])}",
                f"WHEN MATCHED AND {_is('update')} THEN UPDATE SET {', '.join(f'{c} = {_SOURCE}.{c}' for c in names)}",
                f"WHEN MATCHED AND {_is('delete')} THEN DELETE",
                f"WHEN NOT MATCHED AND {_is('insert')} THEN INSERT ({', '.join(names)})",
                f"VALUES ({', '.join(f'{_SOURCE}.{c}' for c in names)})",
            ]
        )
        return self._committed(table, version, record, layout, lambda: self._runner.spark.sql(statement))

    def _committed(
        self, table: str, version: int, record: Mapping[str, Any], layout: Layout, commit: Callable[[], object]
    ) -> int:
        """The version a commit with this record made right on `version`; see `_landed`."""

        def run() -> None:
            with self._runner.setting(commit_settings(record, layout)):
                commit()

        return self._landed(table, version, record, run)

    def _landed(self, table: str, version: int, record: Mapping[str, Any], commit: Callable[[], object]) -> int:
        """The version after a commit that landed right on `version`, but for commits that change no row.

        Clusters compact when they like, before and after ours. A commit that landed on other rows is taken back. What fails after
        the commit does not undo it: Spark's own catalogs refuse new columns of a partitioned table once Delta has them.
        """
        failure: LakeError | None = None
        changed = self._lake.changed
        before = -1 if version < 0 else self._lake.version(table) or 0
        if version >= 0 and changed(table, before) != changed(table, version):
            raise conflict(f"writing {table}")
        try:
            with spark_errors(f"writing {table}"):
                commit()
        except LakeError as error:
            if version < 0:
                raise  # a table that is there now may be another's
            failure = error
        numbers = range(before + 1, (self._lake.version(table) or 0) + 1)
        own = next((number for number in numbers if self._has_record(table, number, record)), None)
        if own is None:
            raise failure or conflict(f"writing {table}")
        if version >= 0 and changed(table, own - 1) != changed(table, version):
            self._lake.restore(table, own - 1)
            raise conflict(f"writing {table}")
        return max(number for number in numbers if changed(table, number) == own)

    def _has_record(self, table: str, version: int, record: Mapping[str, Any]) -> bool:
        """Whether this very commit carries the record; commits that change no row have that of the one before."""
        head = self._lake.head(table, version)
        is_own = self._lake.changed(table, version) == version
        return is_own and head is not None and head.record == json.loads(as_text(record))


class PathStore(SparkStore):
    """The store of a lake of files; its log is read by delta-rs, without a Spark job."""

    def __init__(self, runner: SparkRunner, lake: DeltaLake) -> None:
        super().__init__(runner, lake)
        self._files = lake

    def _address(self, table: str) -> str:
        return f"delta.`{self._files.path(table)}`"

    def _save(self, writer: DataFrameWriter, table: str) -> None:
        writer.save(self._files.path(table))

    def _create(self, table: str, rows: DataFrame, layout: Layout, properties: Mapping[str, str]) -> None:
        writer = rows.write.format("delta").mode("error").partitionBy(*layout.partition_by)
        writer.options(**properties).save(self._files.path(table))

    def _renew(self, table: str, rows: DataFrame, layout: Layout, properties: Mapping[str, str]) -> None:  # noqa: ARG002 - declared before
        writer = rows.write.format("delta").mode("overwrite").partitionBy(*layout.partition_by)
        writer.option("overwriteSchema", "true").save(self._files.path(table))

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
            version = self._files.declare(table, version, rows.schema().to_pyarrow(), layout)
        return super().overwrite(table, version, rows, record, layout, within=within, is_new_schema=is_new_schema)


def commit_settings(record: Mapping[str, Any], layout: Layout = PLAIN) -> dict[str, str]:
    """What a session is told for one commit: its record, and which columns get no statistics in the files' footers.

    Delta on Spark hands neither from a writer's options to all kinds of commits; Parquet's options it drops altogether.
    """
    silent = {f"{_STATISTICS}#{column}": "false" for column in sorted(layout.personal_columns)}
    return {_SQL_METADATA: as_text(record), **silent, **({} if layout.has_statistics else {_STATISTICS: "false"})}


def as_text(record: Mapping[str, Any]) -> str:
    """A record as it stands in a commit."""
    return json.dumps(dict(record), sort_keys=True)


def _is(change: str) -> str:
    return f"{_SOURCE}.{CHANGE} = '{change}'"
