"""What every engine on Delta tables has in common; engines differ in what computes, opens a version and commits rows."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

import ibis.expr.types as ir
import pyarrow as pa

from c360.engines.base import Head
from c360.engines.delta import DeltaLake
from c360.engines.delta_errors import missing
from c360.engines.delta_files import Commits, DeltaFiles
from c360.engines.duckdb_views import shown_release, write_views
from c360.engines.table_engine import Session, TableEngine
from c360.engines.writer import Store
from c360.expressions.records import Parse
from c360.storage import is_url

_MANY_FILES = 100


class Tables(Protocol):
    """What versions there are."""

    def has(self, table: str) -> bool:
        """Whether the table exists."""
        ...

    def version(self, table: str) -> int | None:
        """Newest version; None when the table does not exist."""
        ...

    def head(self, table: str, version: int | None = None) -> Head | None:
        """See `Engine.head`."""
        ...

    def restore(self, table: str, version: int) -> Head:
        """See `Engine.restore`."""
        ...

    def file_count(self, table: str) -> int:
        """Data files of the newest version."""
        ...


class DeltaEngine(TableEngine):
    """`c360.engines.base.Engine` on Delta tables, wherever they are.

    Args:
        lake: The tables.
        session: Computes.
        store: Commits what the session computed.
        parse: The session's JSON parser.
        commits: Commits rows of this process.
    """

    def __init__(self, lake: Tables, session: Session, store: Store, parse: Parse, commits: Commits) -> None:
        super().__init__(session, store, parse)
        self.lake = lake
        self._files = DeltaFiles(commits)
        self._opened: dict[tuple[str, int], ir.Table] = {}

    def __exit__(self, *exc: object) -> None:
        self._opened.clear()
        super().__exit__(*exc)

    @abstractmethod
    def _open(self, table: str, version: int) -> ir.Table:
        """A version of a table that exists."""

    def head(self, table: str, version: int | None = None) -> Head | None:
        """See `Engine.head`."""
        return self.lake.head(table, version)

    def read(self, table: str, version: int | None = None) -> ir.Table:
        """See `Engine.read`."""
        newest = self.lake.version(table) if version is None else version
        if newest is None or not self.lake.has(table):
            raise missing(table)
        if (table, newest) not in self._opened:
            self._opened[table, newest] = self._open(table, newest)
        return self._opened[table, newest]

    def append(
        self, table: str, rows: pa.Table, *, record: Mapping[str, Any] | None = None, expected_version: int | None = None
    ) -> int:
        """See `Engine.append`."""
        return self._files.append(table, rows, record=record, expected_version=expected_version)

    def replace(self, table: str, rows: pa.RecordBatchReader, partition: Mapping[str, Any], record: Mapping[str, Any]) -> int:
        """See `Engine.replace`."""
        return self._files.replace(table, rows, partition, record)

    def restore(self, table: str, version: int) -> Head:
        """See `Engine.restore`: a commit of names of files, no rows."""
        return self.lake.restore(table, version)

    @abstractmethod
    def publish_views(self, tables: Mapping[str, int], release_id: str) -> None:
        """See `Engine.publish_views`."""

    @abstractmethod
    def shows(self, release_id: str) -> bool:
        """See `Engine.shows`."""

    def data_files(self, table: str) -> int:
        """Number of data files of the newest version."""
        return self.lake.file_count(table)

    def _version(self, table: str) -> int | None:
        return self.lake.version(table)


class FileEngine(DeltaEngine):
    """An engine on Delta tables below a path or URL; rows of this process are committed by delta-rs."""

    lake: DeltaLake

    def __init__(self, lake: DeltaLake, session: Session, store: Store, parse: Parse) -> None:
        super().__init__(lake, session, store, parse, lake)

    def tidy(self, table: str) -> None:
        """See `Engine.tidy`."""
        if self.lake.has(table) and self.lake.file_count(table) > _MANY_FILES:
            self.lake.compact(table)

    def publish_views(self, tables: Mapping[str, int], release_id: str) -> None:
        """See `Engine.publish_views`; into `<lake>/c360.duckdb` (a lake at a URL gets none)."""
        write_views(self.lake, tables, release_id)

    def shows(self, release_id: str) -> bool:
        """See `Engine.shows`."""
        return is_url(self.lake.root) or shown_release(self.lake) == release_id
