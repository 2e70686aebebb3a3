"""One Spark session, classic or Connect: runs expressions, holds session-local tables. Knows no lake layout."""

import logging
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import sqlglot.expressions as sge
from ibis.backends.sql.compilers import PySparkCompiler
from ibis.expr import operations as ops
from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, ParseException, PySparkException
from pyspark.sql import DataFrame, SparkSession

from c360.engines.delta_errors import conflict, damaged_file, foreign_rows
from c360.engines.literals import plain_name
from c360.engines.nullable import nullable
from c360.errors import LakeError

# Mistakes in code, not in the lake: they name columns and SQL, no values, and stay as they are.
_CODE_ERRORS = (AnalysisException, ParseException)
_HINT = "Run `c360 doctor`; it names damaged tables. `c360 release rollback` goes back to a whole release."
_FOREIGN_ROWS = "DELTA_REPLACE_WHERE_MISMATCH"
_CONFLICTS = ("DELTA_CONCURRENT", "Concurrent", "DELTA_METADATA_CHANGED", "DELTA_PROTOCOL_CHANGED")
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
}
"""What decides content; set on every session, whoever made it."""
_SETTING = threading.RLock()
_DIALECT = PySparkCompiler.dialect
_ANY = ibis.schema({"any": "string"})
"""Stands for the columns of a table that is only named, never bound."""


@contextmanager
def spark_errors(doing: str) -> Iterator[None]:
    """Turns Spark's run-time errors into ours; their texts may quote values, so they are dropped.

    Raises:
        ConflictError: A commit lost against another.
        LakeError: The statement failed on what is stored, or for lack of memory or disk.
    """
    try:
        yield
    except (PySparkException, Py4JError) as error:
        condition = (error.getCondition() if isinstance(error, PySparkException) else "") or ""
        if any(word in f"{condition} {type(error).__name__}" or word in str(error)[:200] for word in _CONFLICTS):
            raise conflict(doing) from None
        if condition == _FOREIGN_ROWS:
            raise foreign_rows(doing) from None
        if isinstance(error, _CODE_ERRORS) and not condition.startswith("DELTA_"):
            raise
        raise LakeError(f"Failed {doing}{damaged_file(error)} ({condition or type(error).__name__}).", hint=_HINT) from None


class SparkRunner:
    """A given session with the settings that decide content; session-local tables are checkpointed temporary views."""

    def __init__(self, spark: SparkSession) -> None:
        self.spark = spark
        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # PySpark's own: repeats errors, which quote values
        for name, value in _SETTINGS.items():
            spark.conf.set(name, value)
        self.backend = ibis.pyspark.connect(spark)
        self._own_tables: set[str] = set()
        self._unheld: list[str] = []

    def close(self) -> None:
        """Drops the session-local tables; the session is its owner's."""
        for name in [*self._own_tables, *self._unheld]:
            self.spark.catalog.dropTempView(name)

    @contextmanager
    def setting(self, settings: Mapping[str, str]) -> Iterator[None]:
        """Settings for the body alone. A session has them once, whichever thread asks: one body at a time."""
        with _SETTING:
            try:
                for name, value in settings.items():
                    self.spark.conf.set(name, value)
                yield
            finally:
                for name in settings:
                    self.spark.conf.unset(name)

    def frame(self, expr: ir.Table) -> DataFrame:
        """The expression as a Spark data frame, not yet run."""
        return self.spark.sql(self.backend.compile(expr))

    def materialise(
        self, expr: ir.Table, schema: ibis.Schema | None = None, inputs: Mapping[str, ir.Table] | None = None
    ) -> ir.Table:
        """Runs `expr` once and cuts its plan (`localCheckpoint`); see `Engine.materialise`."""
        wanted = nullable(schema or expr.schema())
        if isinstance(expr.op(), ops.DatabaseTable) and expr.op().name in self._own_tables and expr.schema() == wanted:
            return expr
        columns = ", ".join(self._converted(column, dtype) for column, dtype in wanted.items())
        named = {name: self.backend.compile(table) for name, table in (inputs or {}).items()}
        query = self.backend.compiler.to_sqlglot(expr)
        with spark_errors("computing rows"):
            shared = self._share(query, named)
            frame = self.spark.sql(_with(named) + "SELECT " + columns + " FROM (" + _body(query) + ")")  # noqa: S608 - compiled by Ibis
            made = self.own(frame.localCheckpoint(), wanted)
        del shared  # its tables were needed until here
        return made

    def from_arrow(self, rows: pa.Table, schema: ibis.Schema) -> ir.Table:
        """A session-local table of Arrow rows; columns by name."""
        return self.own(self.brought(rows, schema), nullable(schema))

    def brought(self, rows: pa.Table, schema: ibis.Schema) -> DataFrame:
        """Arrow rows as a Spark data frame without a name, which any thread may make; columns by name."""
        wanted = nullable(schema)
        ordered = rows.select(list(wanted)).cast(wanted.to_pyarrow())
        with spark_errors("bringing rows to Spark"):
            return self.spark.createDataFrame(ordered, self._spark_type(wanted))

    def map_batches(self, table: ir.Table, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: ibis.Schema) -> ir.Table:
        """Runs `function` on the executors, batch by batch (`mapInArrow`); what it closes over is sent there, pickled."""
        wanted = nullable(schema)
        types = wanted.to_pyarrow()

        def mapped(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                yield from pa.Table.from_batches([function(batch)]).select(types.names).cast(types).to_batches()

        with spark_errors("mapping batches"):
            frame = self.frame(table).mapInArrow(mapped, self._spark_type(wanted))
            return self.own(frame.localCheckpoint(), wanted)

    def arrow(self, expr: ir.Table) -> pa.Table:
        """All rows of a small result, in this process."""
        with spark_errors("reading rows"):
            return self.frame(expr).toArrow().cast(nullable(expr.schema()).to_pyarrow())

    def own(self, frame: DataFrame, schema: ibis.Schema) -> ir.Table:
        """Names a frame; the name is dropped here, between statements, when no expression holds it any longer."""
        while self._unheld:
            self._own_tables.discard(name := self._unheld.pop())
            self.spark.catalog.dropTempView(name)
        name = plain_name(ibis.util.gen_name("c360"))
        frame.createOrReplaceTempView(name)
        self._own_tables.add(name)
        table = ops.DatabaseTable(name, schema=schema, source=self.backend, namespace=ops.Namespace()).to_expr()
        weakref.finalize(table.op(), self._unheld.append, name).atexit = False
        return table

    def _share(self, query: sge.Query, named: dict[str, str]) -> list[ir.Table]:
        """Adds the query's common tables to `named`; those used more than once are computed here, once, and returned.

        Spark puts the text of a common table wherever it is used: a plan of twelve such tables took 40 s to optimise.
        """
        used = Counter(table.name for table in query.find_all(sge.Table))
        computed = []
        for common in query.ctes:
            text = common.this.sql(_DIALECT)
            if used[common.alias] > 1:
                table = self.own(self.spark.sql(_with(named) + text).localCheckpoint(), _ANY)
                computed.append(table)
                text = "SELECT * FROM `" + table.op().name + "`"  # noqa: S608 - an own name
            named[common.alias] = text
        return computed

    def _converted(self, column: str, dtype: dt.DataType) -> str:
        return f"CAST(`{column}` AS {self.type_name(dtype)}) AS `{column}`"

    def type_name(self, dtype: dt.DataType) -> str:
        """Spark's name of a type."""
        return str(self.backend.compiler.type_mapper.to_string(dtype))

    def _spark_type(self, schema: ibis.Schema) -> Any:
        return ", ".join(f"`{name}` {self.type_name(dtype)}" for name, dtype in schema.items())


def _with(named: Mapping[str, str]) -> str:
    """The beginning of a statement that gives these queries names."""
    return "WITH " + ", ".join(f"`{plain_name(name)}` AS ({text})" for name, text in named.items()) + " " if named else ""


def _body(query: sge.Query) -> str:
    """The query without its common tables."""
    body = query.copy()
    body.set("with_", None)
    return body.sql(_DIALECT)
