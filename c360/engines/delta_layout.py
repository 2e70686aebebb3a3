"""Where and how a table is stored below the lake's root."""

from dataclasses import dataclass

import pyarrow as pa
from deltalake import ColumnProperties, WriterProperties

from c360.engines.literals import plain_name

# Releases promise 90 days of versions. Reading a table costs 4 ms, and 45 ms with 61 commits since its checkpoint.
_CONFIGURATION = {
    "delta.logRetentionDuration": "interval 90 days",
    "delta.deletedFileRetentionDuration": "interval 90 days",
    "delta.checkpointInterval": "10",
}
_STATISTICS_COLUMNS = "delta.dataSkippingStatsColumns"
_STATISTICS_COUNT = "delta.dataSkippingNumIndexedCols"


def table_path(root: str, table: str) -> str:
    """Where a table lives: `layer.name` in `<root>/layer/name`; a name without a dot in `<root>/name`.

    Raises:
        LakeError: A part of the name is not lower snake_case.
    """
    return "/".join([root.rstrip("/"), *(plain_name(part) for part in table.split("."))])


@dataclass(frozen=True)
class Layout:
    """How a table is stored.

    Attributes:
        partition_by: Columns the files are partitioned by.
        personal_columns: Columns without statistics in the log and in file footers.
        has_statistics: False: no column has any.
        cluster_by: Columns rows are mostly looked up by, for stores that sort by them; Delta files here are not sorted.
    """

    partition_by: tuple[str, ...] = ()
    personal_columns: frozenset[str] = frozenset()
    has_statistics: bool = True
    cluster_by: tuple[str, ...] = ()

    def configuration(self, schema: pa.Schema) -> dict[str, str]:
        """Delta table properties for a table of these columns."""
        indexed = [column.name for column in schema if self._may_have_statistics(column)] if self.has_statistics else []
        if not indexed:
            return {**_CONFIGURATION, _STATISTICS_COUNT: "0"}
        return {**_CONFIGURATION, **({_STATISTICS_COLUMNS: ",".join(indexed)} if self.personal_columns else {})}

    def _may_have_statistics(self, column: pa.Field) -> bool:
        """Delta on Spark refuses to list partition columns, flags, bytes and nested columns."""
        is_plain = not (pa.types.is_nested(column.type) or pa.types.is_boolean(column.type) or pa.types.is_binary(column.type))
        return is_plain and column.name not in {*self.personal_columns, *self.partition_by}

    def writer(self) -> WriterProperties:
        """Parquet settings."""
        silent = {c: ColumnProperties(statistics_enabled="NONE") for c in sorted(self.personal_columns)}
        default = None if self.has_statistics else ColumnProperties(statistics_enabled="NONE")
        return WriterProperties(
            compression="ZSTD", compression_level=1, column_properties=silent or None, default_column_properties=default
        )


PLAIN = Layout()
"""Unpartitioned, nothing personal."""
