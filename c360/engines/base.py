"""What an engine adapter does. Engines never decide about content: they read, run expressions and write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, Self

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.catalog import WriteMode
from c360.sources.base import Entity


@dataclass(frozen=True)
class Head:
    """The newest (or a given) version of a stored table and the record its build left in the commit.

    Attributes:
        version: The engine's version number (differs between engines; never compare them).
        record: The build's JSON record from the commit metadata: `content_id`, `fingerprint`, `inputs`, `as_of`, …
    """

    version: int
    record: Mapping[str, Any]

    @property
    def content_id(self) -> str:
        """Fingerprint of the last build that changed a row; carried on by restores and compactions."""
        return str(self.record.get("content_id", ""))


@dataclass(frozen=True)
class Written:
    """Outcome of a write. `head` is unchanged when no row changed (nothing was committed)."""

    head: Head
    inserted: int
    updated: int
    deleted: int
    total: int
    changed_rows: ir.Table | None

    @property
    def has_changed(self) -> bool:
        """Whether a commit was made."""
        return bool(self.inserted or self.updated or self.deleted)


class Engine(Protocol):
    """One open session on one lake. Table names are `layer.name` (`silver.fct_invoice`), or a name in the root."""

    name: str

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    # -- reading -----------------------------------------------------------------------------------------------------
    def head(self, table: str, version: int | None = None) -> Head | None:
        """Newest (or given) version; None when the table does not exist. Raises LakeError when it is damaged."""
        ...

    def read(self, table: str, version: int | None = None) -> ir.Table:
        """The stored table at a version. Raises LakeError when missing or damaged."""
        ...

    def read_bronze(self, entity: Entity, as_of: date, *, all_versions: bool) -> ir.Table:
        """The entity typed: columns of its schema and the bronze columns, valid records only, computed once per session.

        `all_versions=False`: newest version per record with `date_loaded <= as_of` (tombstones included, `is_deleted`).
        """
        ...

    def bronze_problems(self, entity: Entity, date_loaded: date) -> ir.Table:
        """Versions of one load that cannot be read: `record_id, payload_hash, batch_id, reasons array<string>`."""
        ...

    def materialise(
        self, expr: ir.Table, schema: ibis.Schema | None = None, inputs: Mapping[str, ir.Table] | None = None
    ) -> ir.Table:
        """Runs `expr` into a session-local table (cast to `schema` when given).

        With `inputs`, `expr` is over unbound tables, and these are what their names stand for.
        """
        ...

    def map_batches(self, table: ir.Table, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: ibis.Schema) -> ir.Table:
        """See `Work.map_batches`."""
        ...

    def arrow(self, expr: ir.Table) -> pa.Table:
        """All rows of a small result."""
        ...

    def from_arrow(self, rows: pa.Table, schema: ibis.Schema) -> ir.Table:
        """A session-local table of rows of this process."""
        ...

    def estimate(self, expr: ir.Table | None, inputs: Mapping[str, ir.Table], entities: Mapping[str, Entity]) -> int | None:
        """Bytes a build would read from what is stored, said without running it; None where the engine does not know.

        Args:
            expr: The table over unbound inputs; None for a step, which reads its inputs whole.
            inputs: The inputs that are stored as they are.
            entities: The inputs that are bronze. Their records are read once in a session; here they count for every table.
        """
        ...

    # -- writing -----------------------------------------------------------------------------------------------------
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
        """Carries out a write mode as one atomic commit, comparing new with stored rows by key first.

        No difference: no commit. `scope` restricts the stored rows that the new rows replace (incremental builds).
        `record` goes into the commit metadata as JSON. Statistics stay off on `personal_columns`.
        """
        ...

    def append(
        self, table: str, rows: pa.Table, *, record: Mapping[str, Any] | None = None, expected_version: int | None = None
    ) -> int:
        """Adds rows in one commit and returns the version.

        `expected_version` (-1: the table must not exist yet) makes the commit fail with LeaseError if anybody committed since.
        """
        ...

    def replace(self, table: str, rows: pa.RecordBatchReader, partition: Mapping[str, Any], record: Mapping[str, Any]) -> int:
        """Replaces one partition (column -> value) exactly, in one commit; creates the table, partitioned so, if needed."""
        ...

    def tidy(self, table: str) -> None:
        """Joins a table's many small files, where the engine keeps the files itself; rows and record stay.

        Raises LeaseError when somebody committed meanwhile.
        """
        ...

    def restore(self, table: str, version: int) -> Head:
        """Makes an older version the head again, as a new version that carries the old one's record."""
        ...

    def publish_views(self, tables: Mapping[str, int], release_id: str) -> None:
        """Makes tables of a release readable for SQL tools (name -> version), switched in one step."""
        ...

    def shows(self, release_id: str) -> bool:
        """Whether SQL tools see this release already (true where there are no views to be behind)."""
        ...
