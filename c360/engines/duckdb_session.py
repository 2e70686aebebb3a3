"""One DuckDB connection: runs expressions, holds session-local tables, streams Arrow. Knows no lake layout."""

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
from ibis.expr import operations as ops

from c360.engines import duckdb_extension
from c360.engines.delta_errors import damaged_file
from c360.engines.literals import quoted_name, sql_literal
from c360.engines.nullable import nullable
from c360.errors import LakeError, SettingsError
from c360.sql import canonical_sql
from c360.storage import Storage

BATCH_ROWS = 100_000
# Mistakes in code, not in the lake: they name columns and SQL, no values, and stay as they are.
_CODE_ERRORS = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
_HINT = "Run `c360 doctor`; it names damaged tables. `c360 release rollback` goes back to a whole release."
_MEMORY_HINT = "Give DuckDB more memory (C360_DUCKDB_MEMORY) or the temporary directory (TMPDIR) more space."


@contextmanager
def query_errors(doing: str) -> Iterator[None]:
    """Turns DuckDB's run-time errors into ours; their texts may quote values, so they are dropped.

    Raises:
        LakeError: The statement failed on what is stored, or for lack of memory or disk.
    """
    try:
        yield
    except _CODE_ERRORS:
        raise
    except duckdb.OutOfMemoryException:
        raise LakeError(f"Out of memory {doing}.", hint=_MEMORY_HINT) from None
    except duckdb.Error as error:
        raise LakeError(f"Failed {doing}{damaged_file(error)} ({type(error).__name__}).", hint=_HINT) from None


class DuckDBSession:
    """An in-memory DuckDB with the `delta` extension, UTC, spilling into a directory of its own.

    Session-local tables are plain tables of the in-memory database: the cursors that stream could not see temporary ones.

    Args:
        memory: Most memory it takes (`4GB`), beyond which it spills; empty for DuckDB's default, 80 % of the machine's.
        threads: Threads it computes with; 0 for one per core.
    """

    def __init__(self, *, memory: str = "", threads: int = 0) -> None:
        self._spill = TemporaryDirectory(prefix="c360-")
        self.backend = ibis.duckdb.connect(**duckdb_extension.CONNECTION)
        self._own_tables: set[str] = set()
        self._unheld: list[str] = []
        settings = {
            "TimeZone": "UTC",
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "temp_directory": self._spill.name,
        }
        limits = {"memory_limit": memory, "threads": threads}
        for name, value in (settings | {limit: value for limit, value in limits.items() if value}).items():
            self.run("SET GLOBAL " + name + " = " + sql_literal(value))
        self.run("SET enable_progress_bar = false")  # it would be printed between our own lines, and into --json
        duckdb_extension.load(self.backend.con, "delta")
        duckdb_extension.seal(self.backend.con)

    def close(self) -> None:
        """Ends the session; its tables are gone."""
        self.backend.disconnect()
        self._spill.cleanup()

    def open_s3(self, storage: Storage) -> None:
        """Lets queries read files at `s3://`.

        Raises:
            SettingsError: The extension for it is not installed, or there is no key: DuckDB asks no role of the machine.
        """
        if not storage.key_id:
            raise SettingsError(
                "C360_S3_ACCESS_KEY_ID is not set.", hint="DuckDB reads a bucket with a key only; see `c360 init`."
            )
        duckdb_extension.load(self.backend.con, "httpfs")
        given = {
            "KEY_ID": storage.key_id,
            "SECRET": storage.secret,
            "SESSION_TOKEN": storage.token,
            "REGION": storage.region,
            "ENDPOINT": storage.host,
            "URL_STYLE": "path" if storage.host else "",
        }
        named = [name + " " + sql_literal(value) for name, value in given.items() if value]
        with query_errors("opening the bucket"):
            settings = ["TYPE s3", "USE_SSL " + sql_literal(storage.is_encrypted), *named]
            self.run("CREATE OR REPLACE SECRET c360 (" + ", ".join(settings) + ")")

    def run(self, statement: str) -> None:
        """Runs a statement made by the helpers of `c360.engines.literals`."""
        self.backend.raw_sql(statement)

    def materialise(
        self, expr: ir.Table, schema: ibis.Schema | None = None, inputs: Mapping[str, ir.Table] | None = None
    ) -> ir.Table:
        """Runs `expr` into a session-local table (cast to `schema` when given); such a table itself is returned as is.

        With `inputs`, `expr` is over unbound tables, and these are what their names stand for.
        """
        wanted = nullable(schema or expr.schema())
        if isinstance(expr.op(), ops.DatabaseTable) and expr.op().name in self._own_tables and expr.schema() == wanted:
            return expr
        name = ibis.util.gen_name("c360")
        columns = ", ".join(self._converted(column, dtype) for column, dtype in wanted.items())
        with query_errors("computing rows"):
            # Ibis' own create_table compiles the expression twice, and that is most of what small tables cost.
            query = self._query(expr) if inputs is None else self._bound(expr, inputs)
            self.run("CREATE TABLE " + quoted_name(name) + " AS SELECT " + columns + " FROM (" + query + ")")  # noqa: S608 - own names, quoted
        return self._own(self._own_table(name, wanted))

    def from_arrow(self, rows: pa.Table, schema: ibis.Schema) -> ir.Table:
        """A session-local table of Arrow rows; columns by name."""
        wanted = nullable(schema)
        ordered = rows.select(list(wanted)).cast(wanted.to_pyarrow())
        return self._own(self.backend.create_table(ibis.util.gen_name("c360"), ordered, schema=wanted))

    def map_batches(self, table: ir.Table, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: ibis.Schema) -> ir.Table:
        """Streams `table` through `function` into a session-local table; one batch in memory at a time."""
        source = self.materialise(table)
        wanted = nullable(schema)
        result = self._own(self.backend.create_table(ibis.util.gen_name("c360"), schema=wanted))
        with query_errors("mapping batches"):
            for batch in self.stream(source):
                made = pa.Table.from_batches([function(batch)]).select(list(wanted)).cast(wanted.to_pyarrow())
                self.backend.con.register("_batch", made)
                self.run("INSERT INTO " + quoted_name(result.op().name) + " SELECT * FROM _batch")  # noqa: S608 - an own name, quoted
                self.backend.con.unregister("_batch")
        return result

    def arrow(self, expr: ir.Table) -> pa.Table:
        """All rows of a small result."""
        with query_errors("reading rows"):
            # Ibis' own to_pyarrow asks DuckDB for the result's types first, which plans every query twice.
            found = self.backend.con.execute(self._query(expr)).to_arrow_table()
            return found.cast(nullable(expr.schema()).to_pyarrow())

    def row(self, expr: ir.Table) -> tuple[Any, ...]:
        """The only row of a result."""
        return tuple(self.arrow(expr).to_pylist()[0].values())

    def count(self, rows: ir.Table) -> int:
        """Number of rows."""
        number: int = self.row(rows.agg(row_count=rows.count()))[0]
        return number

    def stream(self, expr: ir.Table) -> pa.RecordBatchReader:
        """Rows as Arrow batches over a cursor of its own, so that other statements may run meanwhile."""
        if expr.op().find(ops.InMemoryTable):  # registered with the main connection only
            expr = self.materialise(expr)
        cursor = self.backend.con.cursor()
        cursor.execute("SET TimeZone = 'UTC'")
        with query_errors("reading rows"):
            return cursor.execute(self.backend.compile(expr)).to_arrow_reader(BATCH_ROWS)

    def _query(self, expr: ir.Table) -> str:
        self.backend._run_pre_execute_hooks(expr)
        return self.backend.compile(expr)

    def _bound(self, expr: ir.Table, inputs: Mapping[str, ir.Table]) -> str:
        """The text fingerprints are made of, which is compiled already, over the inputs under their names."""
        named = [quoted_name(name) + " AS NOT MATERIALIZED (" + self._query(table) + ")" for name, table in inputs.items()]
        return ("WITH " + ", ".join(named) + " " if named else "") + "SELECT * FROM (" + canonical_sql(expr) + ")"  # noqa: S608 - compiled by Ibis

    def _converted(self, column: str, dtype: dt.DataType) -> str:
        # DuckDB's type may be wider than the one Ibis expects (a sum of integers is a HUGEINT).
        name = quoted_name(column)
        return "CAST(" + name + " AS " + self.backend.compiler.type_mapper.to_string(dtype) + ") AS " + name

    def _own_table(self, name: str, schema: ibis.Schema) -> ir.Table:
        """A table just made; its columns need not be asked for."""
        return ops.DatabaseTable(name, schema=schema, source=self.backend, namespace=ops.Namespace()).to_expr()

    def _own(self, table: ir.Table) -> ir.Table:
        """Keeps a table for as long as an expression holds it; what is held no longer is dropped here, between statements."""
        while self._unheld:
            name = self._unheld.pop()
            self._own_tables.discard(name)
            self.run("DROP TABLE " + quoted_name(name))
        self._own_tables.add(table.op().name)
        weakref.finalize(table.op(), self._unheld.append, table.op().name).atexit = False
        return table
