"""DuckDB's rows committed by delta-rs: `c360.engines.writer.Store`, with rows streamed from DuckDB."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis.expr.types as ir

from c360.engines.base import Head
from c360.engines.delta import DeltaLake
from c360.engines.delta_layout import PLAIN, Layout
from c360.engines.duckdb_session import DuckDBSession
from c360.engines.literals import is_within


class DuckDBStore:
    """See `c360.engines.writer.Store`."""

    def __init__(self, session: DuckDBSession, lake: DeltaLake) -> None:
        self._session = session
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
        return self._lake.create(table, self._session.stream(rows), record, layout)

    def append(self, table: str, version: int, rows: ir.Table, record: Mapping[str, Any], layout: Layout = PLAIN) -> int:
        """See `Store.append`."""
        return self._lake.append(table, version, self._session.stream(rows), record, layout)

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
        reader = self._session.stream(rows)
        return self._lake.overwrite(
            table, version, reader, record, layout, predicate=is_within(within), is_new_schema=is_new_schema
        )

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
        return self._lake.merge(table, version, self._session.stream(rows), key, record, layout, partitions)
