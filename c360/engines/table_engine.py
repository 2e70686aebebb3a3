"""What all engines have in common: reading versions, typed bronze, writes that compare by key; whatever stores the tables."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Protocol, Self

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.catalog import WriteMode
from c360.engines import bronze
from c360.engines.base import Written
from c360.engines.writer import Store, Write, retrying, write_once
from c360.expressions.records import Parse
from c360.sources.base import Entity
from c360.sources.registry import typed_schema

_ROWS = "rows"


class Session(Protocol):
    """What computes; see the methods of `c360.engines.base.Engine` of the same names."""

    def materialise(
        self, expr: ir.Table, schema: ibis.Schema | None = None, inputs: Mapping[str, ir.Table] | None = None
    ) -> ir.Table:
        """See `Engine.materialise`."""
        ...

    def map_batches(self, table: ir.Table, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: ibis.Schema) -> ir.Table:
        """See `Engine.map_batches`."""
        ...

    def arrow(self, expr: ir.Table) -> pa.Table:
        """See `Engine.arrow`."""
        ...

    def from_arrow(self, rows: pa.Table, schema: ibis.Schema) -> ir.Table:
        """See `Engine.from_arrow`."""
        ...

    def close(self) -> None:
        """Drops what is session-local."""
        ...


class TableEngine(ABC):
    """`c360.engines.base.Engine` but for what keeps the tables.

    Args:
        session: Computes.
        store: Commits what the session computed.
        parse: The session's JSON parser.
    """

    name: str

    def __init__(self, session: Session, store: Store, parse: Parse) -> None:
        self._session = session
        self._store = store
        self._parse = parse
        self._bronze: dict[tuple[Any, ...], ir.Table] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._bronze.clear()
        self._session.close()

    @abstractmethod
    def _version(self, table: str) -> int | None:
        """Newest version; None when the table does not exist."""

    @abstractmethod
    def read(self, table: str, version: int | None = None) -> ir.Table:
        """See `Engine.read`."""

    def read_bronze(self, entity: Entity, as_of: date, *, all_versions: bool) -> ir.Table:
        """See `Engine.read_bronze`."""
        version = self._version(stored_name(entity))
        if version is None:
            return self._none(typed_schema(entity))
        return bronze.readable(self._judged(entity, as_of, version, all_versions=all_versions))

    def bronze_problems(self, entity: Entity, date_loaded: date) -> ir.Table:
        """See `Engine.bronze_problems`."""
        version = self._version(stored_name(entity))
        if version is None:
            return self._none(bronze.PROBLEMS)
        # A load holds one version per record, its newest on that day: what the build parses anyway.
        broken = bronze.broken(self._judged(entity, date_loaded, version, all_versions=False), date_loaded)
        if not self.arrow(broken.limit(1)).num_rows:
            return self._none(bronze.PROBLEMS)
        rows = self.read(stored_name(entity), version).semi_join(broken, ["record_id", "payload_hash", "batch_id"])
        parsed = self.materialise(_parsing(entity, self._parse), inputs={_ROWS: rows})
        return self.materialise(bronze.unreadable(parsed, entity, self._parse))

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
        return retrying(lambda: write_once(self._session, self._store, self.read, wanted))

    def tidy(self, table: str) -> None:  # noqa: B027  # optional
        """See `Engine.tidy`: catalogs and warehouses do it themselves."""

    def estimate(self, expr: ir.Table | None, inputs: Mapping[str, ir.Table], entities: Mapping[str, Entity]) -> int | None:  # noqa: ARG002
        """See `Engine.estimate`: engines that charge nothing for bytes do not count them."""
        return None

    def _none(self, schema: ibis.Schema) -> ir.Table:
        return self.from_arrow(schema.to_pyarrow().empty_table(), schema)

    def _judged(self, entity: Entity, as_of: date, version: int, *, all_versions: bool) -> ir.Table:
        """Typed records with a flag whether each can be read; computed once per session and stored version.

        Parses once into a table of text leaves, then casts from there: the parse is the dear part.
        """
        wanted = (entity.name, as_of, all_versions, version)
        if wanted not in self._bronze:
            choose = bronze.versions if all_versions else bronze.newest
            rows = choose(self.read(stored_name(entity), version), as_of)
            parsed = self.materialise(_parsing(entity, self._parse), inputs={_ROWS: rows})
            self._bronze[wanted] = self.materialise(_judging(entity, self._parse), inputs={_ROWS: parsed})
        return self._bronze[wanted]


def stored_name(entity: Entity) -> str:
    """The entity's bronze table."""
    return "bronze." + entity.name


@lru_cache(maxsize=256)
def _parsing(entity: Entity, parse: Parse) -> ir.Table:
    return bronze.with_raw(ibis.table(bronze.stored_schema(), name=_ROWS), entity, parse)


@lru_cache(maxsize=256)
def _judging(entity: Entity, parse: Parse) -> ir.Table:
    return bronze.judged(ibis.table(_parsing(entity, parse).schema(), name=_ROWS), entity, parse)
