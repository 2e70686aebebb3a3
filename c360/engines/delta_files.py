"""Rows of this process committed to Delta tables, whichever engine computes: logs, leases, bronze."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import ibis
import pyarrow as pa

from c360.engines.delta_layout import PLAIN, Layout
from c360.engines.literals import all_of, is_one_of
from c360.engines.nullable import nullable
from c360.engines.writer import retrying


class Commits(Protocol):
    """What commits them; each method that writes raises ConflictError when somebody committed since `version`."""

    def version(self, table: str) -> int | None:
        """Newest version; None when the table does not exist."""
        ...

    def create(
        self, table: str, rows: pa.RecordBatchReader, record: Mapping[str, Any] | None = None, layout: Layout = PLAIN
    ) -> int:
        """A new table with its first rows."""
        ...

    def append(self, table: str, version: int, rows: pa.RecordBatchReader, record: Mapping[str, Any] | None) -> int:
        """Adds rows; columns the table did not have are added to it."""
        ...

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
        """Replaces the rows under `predicate`; rows outside of it are refused."""
        ...


@dataclass(frozen=True)
class DeltaFiles:
    """`Engine.append` and `Engine.replace` by what commits rows of this process."""

    lake: Commits

    def append(
        self, table: str, rows: pa.Table, *, record: Mapping[str, Any] | None = None, expected_version: int | None = None
    ) -> int:
        """See `Engine.append`."""
        if expected_version is not None:
            return self._append_to(table, rows, record, None if expected_version < 0 else expected_version)
        return retrying(lambda: self._append_to(table, rows, record, self.lake.version(table)))

    def replace(self, table: str, rows: pa.RecordBatchReader, partition: Mapping[str, Any], record: Mapping[str, Any]) -> int:
        """See `Engine.replace`. No column gets statistics: raw records must not reach the log."""
        layout = Layout(partition_by=tuple(partition), has_statistics=False)
        stored = nullable(ibis.Schema.from_pyarrow(rows.schema)).to_pyarrow()
        version = self.lake.version(table)
        if version is None:
            version = self.lake.create(table, stored.empty_table().to_reader(), None, layout)
        predicate = all_of([is_one_of(column, [value]) for column, value in partition.items()])
        return self.lake.overwrite(table, version, rows.cast(stored), record, layout, predicate=predicate)

    def _append_to(self, table: str, rows: pa.Table, record: Mapping[str, Any] | None, version: int | None) -> int:
        stored = nullable(ibis.Schema.from_pyarrow(rows.schema)).to_pyarrow()
        reader = rows.cast(stored).to_reader()
        if version is None:
            return self.lake.create(table, reader, record)
        return self.lake.append(table, version, reader, record)
