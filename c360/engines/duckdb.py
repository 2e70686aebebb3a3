"""The embedded engine: DuckDB computes and reads, delta-rs commits."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Self, TypeVar

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.catalog import WriteMode
from c360.engines import bronze, duckdb_json
from c360.engines.base import Head, Written
from c360.engines.delta import DeltaLake
from c360.engines.delta_errors import ConflictError, missing
from c360.engines.delta_layout import Layout
from c360.engines.duckdb_session import DuckDBSession, nullable, query_errors
from c360.engines.duckdb_views import scan, shown_release, write_views
from c360.engines.duckdb_writer import Write, write_once
from c360.engines.literals import all_of, is_one_of, quoted_name
from c360.sources.base import Entity
from c360.sources.registry import typed_schema

T = TypeVar("T")

_ATTEMPTS = 6
_PAUSE_SECONDS = 0.2
_ROWS = "rows"


class DuckDBEngine:
    """`c360.engines.base.Engine` on one machine; the lake is a directory (or a URL delta-rs and DuckDB can read).

    Args:
        lake: Root of the lake.
        storage_options: Credentials and settings for a lake at a URL.
        memory_limit: DuckDB's limit (`4GB`); beyond it intermediate rows go to a temporary directory.
        threads: DuckDB's threads.
    """

    name = "duckdb"

    def __init__(
        self,
        lake: str,
        *,
        storage_options: Mapping[str, str] | None = None,
        memory_limit: str | None = None,
        threads: int | None = None,
    ) -> None:
        self.lake = DeltaLake.at(lake, storage_options)
        self._session = DuckDBSession(memory_limit=memory_limit, threads=threads)
        self._opened: dict[tuple[str, int], ir.Table] = {}
        self._bronze: dict[tuple[Any, ...], ir.Table] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._session.close()

    def head(self, table: str, version: int | None = None) -> Head | None:
        """See `Engine.head`."""
        return self.lake.head(table, version)

    def read(self, table: str, version: int | None = None) -> ir.Table:
        """See `Engine.read`."""
        newest = self.lake.version(table) if version is None else version
        if newest is None or self.lake.version(table) is None:
            raise missing(table)
        if (table, newest) not in self._opened:
            self._opened[table, newest] = self._open(table, newest)
        return self._opened[table, newest]

    def read_bronze(self, entity: Entity, as_of: date, *, all_versions: bool) -> ir.Table:
        """See `Engine.read_bronze`."""
        table = "bronze." + entity.name
        version = self.lake.version(table)
        if version is None:
            return self.from_arrow(typed_schema(entity).to_pyarrow().empty_table(), typed_schema(entity))
        return bronze.readable(self._judged(entity, as_of, version, all_versions=all_versions))

    def bronze_problems(self, entity: Entity, date_loaded: date) -> ir.Table:
        """See `Engine.bronze_problems`."""
        if self.lake.version("bronze." + entity.name) is None:
            return self.from_arrow(bronze.PROBLEMS.to_pyarrow().empty_table(), bronze.PROBLEMS)
        version = self.lake.version("bronze." + entity.name) or 0
        # A load holds one version per record, its newest on that day: what the build parses anyway.
        judged = self._judged(entity, date_loaded, version, all_versions=False)
        broken = bronze.broken(judged, date_loaded)
        if not self._session.count(broken):
            return self.from_arrow(bronze.PROBLEMS.to_pyarrow().empty_table(), bronze.PROBLEMS)
        stored = self.read("bronze." + entity.name, version)
        rows = stored.semi_join(broken, ["record_id", "payload_hash", "batch_id"])
        parsed = self.materialise(_parsing(entity), inputs={_ROWS: rows})
        return self.materialise(bronze.unreadable(parsed, entity, duckdb_json.parse))

    def materialise(
        self, expr: ir.Table, schema: ibis.Schema | None = None, inputs: Mapping[str, ir.Table] | None = None
    ) -> ir.Table:
        """See `Engine.materialise`."""
        return self._session.materialise(expr, schema, inputs)

    def map_batches(self, table: ir.Table, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: ibis.Schema) -> ir.Table:
        """See `Engine.map_batches`."""
        return self._session.map_batches(table, function, schema)

    def arrow(self, expr: ir.Table) -> pa.Table:
        """See `Engine.arrow`."""
        return self._session.arrow(expr)

    def from_arrow(self, rows: pa.Table, schema: ibis.Schema) -> ir.Table:
        """See `Engine.from_arrow`."""
        return self._session.from_arrow(rows, schema)

    def write(
        self,
        table: str,
        rows: ir.Table,
        schema: ibis.Schema,
        key: Sequence[str],
        mode: WriteMode,
        record: Mapping[str, Any],
        *,
        scope: Callable[[ir.Table], ir.BooleanValue] | None = None,
        personal_columns: Sequence[str] = (),
    ) -> Written:
        """See `Engine.write`. Rows are compared again if somebody commits meanwhile."""
        new = self.materialise(rows, schema)
        wanted = Write(table, new, tuple(key) or tuple(schema), mode, record, scope, frozenset(personal_columns))
        return _retrying(lambda: write_once(self._session, self.lake, self.read, wanted))

    def append(
        self, table: str, rows: pa.Table, *, record: Mapping[str, Any] | None = None, expected_version: int | None = None
    ) -> int:
        """See `Engine.append`."""
        if expected_version is not None:
            return self._append_to(table, rows, record, None if expected_version < 0 else expected_version)
        return _retrying(lambda: self._append_to(table, rows, record, self.lake.version(table)))

    def replace(self, table: str, rows: pa.RecordBatchReader, partition: Mapping[str, Any], record: Mapping[str, Any]) -> int:
        """See `Engine.replace`. No column gets statistics: raw records must not reach the log."""
        layout = Layout(partition_by=tuple(partition), has_statistics=False)
        stored = nullable(ibis.Schema.from_pyarrow(rows.schema)).to_pyarrow()
        version = self.lake.version(table)
        if version is None:
            version = self.lake.create(table, stored.empty_table().to_reader(), None, layout)
        predicate = all_of([is_one_of(column, [value]) for column, value in partition.items()])
        return self.lake.overwrite(table, version, rows.cast(stored), record, layout, predicate=predicate)

    def restore(self, table: str, version: int) -> Head:
        """See `Engine.restore`."""
        return self.lake.restore(table, version)

    def publish_views(self, tables: Mapping[str, int], release_id: str) -> None:
        """See `Engine.publish_views`; into `<lake>/c360.duckdb` (a lake at a URL gets none)."""
        write_views(self.lake, tables, release_id)

    def shows(self, release_id: str) -> bool:
        """See `Engine.shows`."""
        return "://" in self.lake.root or shown_release(self.lake) == release_id

    def data_files(self, table: str) -> int:
        """Number of data files of the newest version."""
        return self.lake.file_count(table)

    def _open(self, table: str, version: int) -> ir.Table:
        view = f"{table}@{version}"
        with query_errors(f"opening version {version} of {table}"):
            self._session.run("CREATE OR REPLACE VIEW " + quoted_name(view) + " AS " + scan(self.lake.path(table), version))
            return self._session.backend.table(view)

    def _judged(self, entity: Entity, as_of: date, version: int, *, all_versions: bool) -> ir.Table:
        """Typed records with a flag whether each can be read; computed once per session and stored version.

        Parses once into a table of text leaves, then casts from there: the parse is the dear part.
        """
        wanted = (entity.name, as_of, all_versions, version)
        if wanted not in self._bronze:
            choose = bronze.versions if all_versions else bronze.newest
            rows = choose(self.read("bronze." + entity.name, version), as_of)
            parsed = self.materialise(_parsing(entity), inputs={_ROWS: rows})
            self._bronze[wanted] = self.materialise(_judging(entity), inputs={_ROWS: parsed})
        return self._bronze[wanted]

    def _append_to(self, table: str, rows: pa.Table, record: Mapping[str, Any] | None, version: int | None) -> int:
        stored = nullable(ibis.Schema.from_pyarrow(rows.schema)).to_pyarrow()
        reader = rows.cast(stored).to_reader()
        if version is None:
            return self.lake.create(table, reader, record)
        return self.lake.append(table, version, reader, record)


@lru_cache(maxsize=256)
def _parsing(entity: Entity) -> ir.Table:
    return bronze.with_raw(ibis.table(bronze.stored_schema(), name=_ROWS), entity, duckdb_json.parse)


@lru_cache(maxsize=256)
def _judging(entity: Entity) -> ir.Table:
    return bronze.judged(ibis.table(_parsing(entity).schema(), name=_ROWS), entity, duckdb_json.parse)


def _retrying(commit: Callable[[], T]) -> T:
    for attempt in range(1, _ATTEMPTS):
        try:
            return commit()
        except ConflictError:
            time.sleep(random.uniform(0, _PAUSE_SECONDS * attempt))  # noqa: S311 - jitter
    return commit()
