"""Tables of a lake by the names of a catalog (Unity Catalog): what versions there are, asked of the session."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.errors import AnalysisException

from c360.engines.base import Head
from c360.engines.delta import ROW_NEUTRAL, own_record
from c360.engines.delta_errors import missing
from c360.engines.literals import plain_name, sql_literal
from c360.engines.spark_session import SparkRunner, spark_errors
from c360.engines.spark_store import commit_settings
from c360.errors import LakeError, SettingsError
from c360.storage import NAMED

ROOT_LAYER = "lake"
"""Schema of tables without a layer: the lease, the release log."""
RELEASED = "released"
_CATALOG = re.compile(r"[A-Za-z0-9_-]+")
_PREFIX = re.compile(r"[a-z][a-z0-9_]*")
_COMMITS_AT_ONCE = 5
_HINT = "Check that the catalog of C360_LAKE exists, and that this user may use it and create schemas, tables and views there."


@dataclass(frozen=True)
class Names:
    """What tables are called: `silver.fct_invoice` is `<catalog>.<prefix>_silver.fct_invoice`.

    Attributes:
        catalog: The catalog.
        prefix: Begins the names of all schemas; may be empty.
    """

    catalog: str
    prefix: str = ""

    @classmethod
    def of(cls, lake: str) -> "Names":
        """The names of a lake at `unity://catalog` or `unity://catalog/prefix`.

        Raises:
            SettingsError: It is neither.
        """
        catalog, _, prefix = lake.removeprefix(NAMED).rstrip("/").partition("/")
        if not _CATALOG.fullmatch(catalog) or (prefix and not _PREFIX.fullmatch(prefix)):
            raise SettingsError(f"{lake!r} names no catalog.", hint="Use unity://catalog or unity://catalog/prefix (C360_LAKE).")
        return cls(catalog, prefix)

    def schema(self, layer: str, *, is_released: bool = False) -> str:
        """A layer's schema, or that of its views over released versions."""
        parts = [self.prefix, RELEASED if is_released else "", plain_name(layer)]
        return f"`{self.catalog}`.`{'_'.join(part for part in parts if part)}`"

    def table(self, table: str, *, is_released: bool = False) -> str:
        """A table, or the view over its released version.

        Raises:
            LakeError: A part of the name is not lower snake_case.
        """
        return f"{self.schema(layer_of(table), is_released=is_released)}.`{plain_name(table.rpartition('.')[2])}`"


def layer_of(table: str) -> str:
    """The layer in a table's name; a name without one is in the root.

    Raises:
        LakeError: There are more parts than layer and name.
    """
    return plain_name(table.rpartition(".")[0]) if "." in table else ROOT_LAYER


@contextmanager
def catalog_errors(doing: str) -> Iterator[None]:
    """Like `spark_errors`, where the statement is ours: what is wrong is then the catalog or the rights on it.

    Raises:
        LakeError: The statement failed.
    """
    try:
        with spark_errors(doing):
            yield
    except AnalysisException as error:
        raise LakeError(f"Failed {doing} ({error.getCondition()}).", hint=_HINT) from None


class NamedTables:
    """`StoredTables` by `DESCRIBE HISTORY` and `DESCRIBE DETAIL`.

    A commit's record never changes and is asked for once; the newest version is asked for every time.
    """

    def __init__(self, runner: SparkRunner, names: Names) -> None:
        self.names = names
        self._runner = runner
        self._commits: dict[tuple[str, int], Mapping[str, Any]] = {}

    def has(self, table: str) -> bool:
        """Whether the table exists."""
        with catalog_errors(f"looking for {table}"):
            return self._runner.spark.catalog.tableExists(self.names.table(table))

    def version(self, table: str) -> int | None:
        """Newest version; None when the table does not exist."""
        return self._newest(table, _COMMITS_AT_ONCE) if self.has(table) else None

    def head(self, table: str, version: int | None = None) -> Head | None:
        """The newest (or given) version with the record of the last commit that could change rows.

        Raises:
            LakeError: The log is damaged, or there is no such version.
        """
        if version is not None and (table, version) in self._commits and self.has(table):
            return Head(version, self._last_change(table, version)[1])
        newest = self.version(table)
        if newest is None:
            return None
        wanted = newest if version is None else version
        if not 0 <= wanted <= newest:
            raise LakeError(f"{table} has no version {wanted}.", hint=f"Its versions end with {newest}.")
        return Head(wanted, self._last_change(table, wanted)[1])

    def changed(self, table: str, version: int) -> int:
        """The newest version up to a given one whose commit could change rows."""
        return self._last_change(table, version)[0]

    def restore(self, table: str, version: int) -> Head:
        """Makes an older version the head again, with its record."""
        head = self.head(table)
        found = self.head(table, version)
        if head is None or found is None:
            raise missing(table)
        if version == head.version:
            return head
        statement = f"RESTORE TABLE {self.names.table(table)} TO VERSION AS OF {sql_literal(version)}"
        with catalog_errors(f"restoring version {version} of {table}"), self._runner.setting(commit_settings(found.record)):
            self._runner.spark.sql(statement)
        return Head(self.version(table) or 0, found.record)

    def partition_columns(self, table: str, version: int) -> tuple[str, ...]:  # noqa: ARG002 - a commit on another version conflicts
        """The columns the files of the newest version are partitioned by."""
        return tuple(self._detail(table, "partitionColumns"))

    def byte_count(self, table: str, version: int) -> int:  # noqa: ARG002 - likewise
        """Size of the newest version's data files."""
        return int(self._detail(table, "sizeInBytes"))

    def file_count(self, table: str) -> int:
        """Data files of the newest version."""
        return int(self._detail(table, "numFiles"))

    def _last_change(self, table: str, version: int) -> tuple[int, Mapping[str, Any]]:
        """The newest version up to a given one whose commit could change rows, and its record; empty if another tool made it."""
        for number in range(version, -1, -1):
            commit = self._commit(table, number)
            record = own_record(commit.get("userMetadata"))
            if record is not None or commit.get("operation") not in ROW_NEUTRAL:
                return number, record or {}
        return 0, {}

    def _commit(self, table: str, version: int) -> Mapping[str, Any]:
        """A commit's operation and metadata; empty for one the log no longer has."""
        if (table, version) not in self._commits:
            newest = self._newest(table, _COMMITS_AT_ONCE)
            self._newest(table, newest - version + _COMMITS_AT_ONCE)
        return self._commits.get((table, version), {})

    def _newest(self, table: str, count: int) -> int:
        """The newest version; remembers this many commits up to it."""
        with catalog_errors(f"reading the log of {table}"):
            found = self._runner.spark.sql(f"DESCRIBE HISTORY {self.names.table(table)} LIMIT {sql_literal(count)}")
            commits = found.select("version", "operation", "userMetadata").collect()
        self._commits |= {(table, commit["version"]): commit.asDict() for commit in commits}
        return max(int(commit["version"]) for commit in commits)

    def _detail(self, table: str, column: str) -> Any:
        with catalog_errors(f"looking at {table}"):
            return self._runner.spark.sql(f"DESCRIBE DETAIL {self.names.table(table)}").select(column).collect()[0][0]
