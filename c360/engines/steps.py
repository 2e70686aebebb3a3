"""What a step is given: `c360.work.Work` over any engine."""

from collections.abc import Callable, Mapping
from typing import Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.engines.base import Engine
from c360.identity.model import Model


class Tokens(Protocol):
    """Makes keyed tokens (`c360.identity.tokens`)."""

    def token(self, kind: str, values: pa.Array) -> pa.Array:
        """Tokens of values of one kind; null stays null."""
        ...


class EngineWork:
    """`Work` by an engine, the versions the run started from (name -> `layer.name`, version), the token key and the model."""

    def __init__(
        self, engine: Engine, previous: Mapping[str, tuple[str, int]], tokens: Tokens, model: Model, *, continues: bool = False
    ) -> None:
        self._engine = engine
        self.model = model
        """See `Work.model`."""
        self.continues = continues
        """See `Work.continues`."""
        self._previous = previous
        self.token = tokens.token
        """See `Work.token`. The tokens' own method: engines pickle it, and with it nothing of the engine."""

    def materialise(self, expr: ir.Table) -> ir.Table:
        """See `Work.materialise`."""
        return self._engine.materialise(expr)

    def map_batches(self, table: ir.Table, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: ibis.Schema) -> ir.Table:
        """See `Work.map_batches`."""
        return self._engine.map_batches(table, function, schema)

    def collect(self, expr: ir.Table) -> pa.Table:
        """See `Work.collect`."""
        return self._engine.arrow(expr)

    def table(self, rows: pa.Table, schema: ibis.Schema) -> ir.Table:
        """See `Work.table`."""
        return self._engine.from_arrow(rows, schema)

    def previous(self, table: str) -> ir.Table | None:
        """See `Work.previous`."""
        stored = self._previous.get(table)
        return None if stored is None else self._engine.read(*stored)
