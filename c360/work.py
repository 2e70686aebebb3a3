"""What a step may ask of an engine: the only way from a query to Python and back."""

from collections.abc import Callable
from typing import Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.identity.model import Model


class Work(Protocol):
    """Handle given to a step (`*, work: Work`). Each engine implements it."""

    @property
    def model(self) -> Model:
        """The pinned model that weighs who is who (`c360.identity.evidence`)."""
        ...

    @property
    def continues(self) -> bool:
        """Whether the step may go on from what `previous` has: its code, contract and parameters are those that made it."""
        ...

    def materialise(self, expr: ir.Table) -> ir.Table:
        """Runs `expr` once on the engine and returns a table of its rows for the rest of the build."""
        ...

    def map_batches(self, table: ir.Table, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: ibis.Schema) -> ir.Table:
        """Applies a pure function to the rows of `table`, batch by batch, where they are; never needs them all in one place."""
        ...

    def collect(self, expr: ir.Table) -> pa.Table:
        """All rows of `expr` in this process. Only for what is small by nature (accepted pairs, groups)."""
        ...

    def table(self, rows: pa.Table, schema: ibis.Schema) -> ir.Table:
        """A table on the engine of rows made in this process."""
        ...

    def previous(self, table: str) -> ir.Table | None:
        """The table as of the release or candidate this run started from; None on the first run."""
        ...

    def token(self, kind: str, values: pa.Array) -> pa.Array:
        """Keyed tokens (HMAC-SHA256, key id inside) of values of one kind (`email`, `name`, …); null stays null."""
        ...
