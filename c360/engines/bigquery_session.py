"""One session on BigQuery: runs expressions as jobs, loads Parquet, holds session-local tables where tables expire."""

import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import IO

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot as sg
import sqlglot.expressions as sge
from google.api_core.exceptions import NotFound
from google.cloud import bigquery
from google.cloud.bigquery.format_options import ParquetOptions
from google.cloud.bigquery.job import QueryJob
from ibis.backends.bigquery.datatypes import BigQuerySchema
from ibis.backends.sql.datatypes import BigQueryType
from ibis.expr import operations as ops

from c360.engines.bigquery_client import bigquery_errors, connect, credentials, labels
from c360.engines.bigquery_json import definitions
from c360.engines.bigquery_names import Names, Place
from c360.engines.bigquery_sql import DIALECT, Compiler, syntax_tree
from c360.engines.nullable import nullable
from c360.storage import Warehouse

_STAGED_MILLISECONDS = 24 * 3600 * 1000
"""After this a table of a session that died is gone; the shortest BigQuery takes is an hour."""
_WHOLE_DIGITS, _MOST_DIGITS = 29, 38
_FINDS_NULL_LISTS = ParquetOptions.from_api_repr({"enableListInference": True})


class BigQuerySession:
    """A client, and the tables of one session; see `c360.engines.table_engine.Session`.

    Args:
        place: Project, location, endpoint.
    """

    def __init__(self, place: Warehouse) -> None:
        self.client = connect(place)
        self.names = Names(place.project, place.dataset)
        self._location = place.location
        staging = f"{place.project}.{self.names.staged('').dataset}"
        self.backend = ibis.bigquery.connect(client=self.client, credentials=credentials(place), dataset_id=staging)
        self.backend.compiler = Compiler()
        # Other servers have no Storage API; without it rows come by REST.
        self._storage = None if place.endpoint else self.backend.storage_client
        self._datasets: set[str] = set()
        self._own_tables: set[str] = set()
        self._unheld: list[str] = []

    def close(self) -> None:
        """Drops the tables of the session."""
        with bigquery_errors("dropping tables of the session"):
            for name in self._own_tables:
                self.client.delete_table(self.names.staged(name).id, not_found_ok=True)
        self.client.close()  # type: ignore[no-untyped-call]

    def run(self, statement: str, more_labels: Mapping[str, str] | None = None) -> QueryJob:
        """Runs a statement or script, made by sqlglot or the helpers of `c360.engines`, to its end."""
        job = self.client.query(statement, job_config=bigquery.QueryJobConfig(labels={**self._labels, **(more_labels or {})}))
        job.result()
        return job

    def table(self, place: Place, schema: ibis.Schema) -> ir.Table:
        """What is at a place, as an expression; its columns are known and not asked for."""
        namespace = ops.Namespace(catalog=place.project, database=place.dataset)
        return ops.DatabaseTable(place.name, schema=schema, source=self.backend, namespace=namespace).to_expr()

    def need_dataset(self, place: Place, *, expires: bool = False) -> None:
        """Makes the dataset of a place unless it exists."""
        if place.dataset in self._datasets:
            return
        dataset = bigquery.Dataset(f"{place.project}.{place.dataset}")
        dataset.location = self._location
        if expires:
            dataset.default_table_expiration_ms = _STAGED_MILLISECONDS
        with bigquery_errors(f"making the dataset {place.dataset}"):
            self.client.create_dataset(dataset, exists_ok=True)
        self._datasets.add(place.dataset)

    def materialise(
        self, expr: ir.Table, schema: ibis.Schema | None = None, inputs: Mapping[str, ir.Table] | None = None
    ) -> ir.Table:
        """Runs `expr` into a table of the session; see `Engine.materialise`."""
        wanted = nullable(schema or expr.schema())
        if isinstance(expr.op(), ops.DatabaseTable) and expr.op().name in self._own_tables and expr.schema() == wanted:
            return expr
        place = self._new_place()
        with bigquery_errors("computing rows"):
            rows = query_of(expr, wanted, inputs or {})
            self.run(script(sge.Create(this=place.tree, kind="TABLE", expression=rows), expr, *(inputs or {}).values()))
        return self._own(place, wanted)

    def from_arrow(self, rows: pa.Table, schema: ibis.Schema) -> ir.Table:
        """A table of the session of Arrow rows; columns by name."""
        wanted = nullable(schema)
        return self.load(rows.select(list(wanted)).cast(wanted.to_pyarrow()).to_batches(), wanted)

    def map_batches(self, table: ir.Table, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: ibis.Schema) -> ir.Table:
        """Brings `table` through this process, page by page, and loads what `function` makes of it."""
        wanted = nullable(schema)
        types = wanted.to_pyarrow()

        def mapped() -> Iterator[pa.RecordBatch]:
            for batch in self._batches(table):
                yield from pa.Table.from_batches([function(batch)]).select(types.names).cast(types).to_batches()

        return self.load(mapped(), wanted)

    def load(self, batches: Iterable[pa.RecordBatch], schema: ibis.Schema) -> ir.Table:
        """A table of the session by a load job: one Parquet file of all batches."""
        place = self._new_place()
        with tempfile.TemporaryFile() as file:
            row_count = _write_parquet(file, batches, schema)
            with bigquery_errors("loading rows"):
                if row_count:
                    file.seek(0)
                    self.client.load_table_from_file(file, place.id, job_config=_load_config(schema, self._labels)).result()
                else:
                    self.client.create_table(bigquery.Table(place.id, schema=BigQuerySchema.from_ibis(schema)))
        return self._own(place, schema)

    def arrow(self, expr: ir.Table) -> pa.Table:
        """All rows of a small result, in this process."""
        wanted = nullable(expr.schema()).to_pyarrow()
        with bigquery_errors("reading rows"):
            return pa.Table.from_batches(self._batches(expr), schema=wanted)

    def exists(self, place: Place) -> bool:
        """Whether there is a table at a place."""
        with bigquery_errors("looking for a table"):
            try:
                self.client.get_table(place.id)
            except NotFound:
                return False
        return True

    def _batches(self, expr: ir.Table) -> Iterator[pa.RecordBatch]:
        wanted = nullable(expr.schema())
        with bigquery_errors("reading rows"):
            rows = self.client.query(script(syntax_tree(expr), expr)).result()
            for batch in rows.to_arrow_iterable(bqstorage_client=self._storage):
                # By position: BigQuery has not all names that Ibis makes up.
                named = pa.Table.from_batches([batch]).rename_columns(list(wanted))
                yield from named.cast(wanted.to_pyarrow()).to_batches()

    @property
    def _labels(self) -> dict[str, str]:
        return labels(app="c360")

    def _new_place(self) -> Place:
        self._drop_unheld()
        place = self.names.staged(ibis.util.gen_name("c360"))
        self.need_dataset(place, expires=True)
        return place

    def _drop_unheld(self) -> None:
        with suppress(IndexError):  # the thread that renews the lease was faster
            while True:
                name = self._unheld.pop()
                self._own_tables.discard(name)
                self.client.delete_table(self.names.staged(name).id, not_found_ok=True)

    def _own(self, place: Place, schema: ibis.Schema) -> ir.Table:
        """Keeps a table for as long as an expression holds it; what is held no longer is dropped between statements."""
        self._own_tables.add(place.name)
        table = self.table(place, schema)
        weakref.finalize(table.op(), self._unheld.append, place.name).atexit = False
        return table


def query_of(expr: ir.Table, schema: ibis.Schema, inputs: Mapping[str, ir.Table]) -> sge.Select:
    """The query for an expression, every column in its stored type; `inputs` are what its unbound tables stand for."""
    rows = expr.cast({name: dtype for name, dtype in schema.items() if expr[name].type().copy(nullable=True) != dtype})
    query = sg.select(*(_stored(name, dtype) for name, dtype in schema.items())).from_(syntax_tree(rows).subquery("computed"))
    for name, table in inputs.items():
        query = query.with_(sg.to_identifier(name, quoted=True), as_=syntax_tree(table))
    return query


def script(statement: sge.Expr, *exprs: ir.Table) -> str:
    """A statement with the functions its expressions call before it."""
    functions = dict.fromkeys(text for expr in exprs for text in definitions(expr))
    return ";\n".join([*functions, statement.sql(DIALECT)])


def _stored(name: str, dtype: dt.DataType) -> sge.Expr:
    """A column in the type it is stored with: what is computed may be wider than Ibis thinks."""
    column = sg.column(name, quoted=True)
    return column if dtype.is_nested() else sge.Cast(this=column, to=BigQueryType.from_ibis(dtype)).as_(name, quoted=True)


def _write_parquet(file: IO[bytes], batches: Iterable[pa.RecordBatch], schema: ibis.Schema) -> int:
    """Writes the batches, and returns the number of rows."""
    stored = pa.schema([(field.name, _fitting(field.type)) for field in schema.to_pyarrow()])
    row_count = 0
    with pq.ParquetWriter(file, stored) as writer:
        for batch in batches:
            writer.write_table(pa.Table.from_batches([batch]).cast(stored))
            row_count += batch.num_rows
    return row_count


def _fitting(dtype: pa.DataType) -> pa.DataType:
    """A decimal with as many digits before the point as NUMERIC has, for a file of wider ones is not loaded into it."""
    if not pa.types.is_decimal(dtype):
        return dtype
    return pa.decimal128(min(_MOST_DIGITS, _WHOLE_DIGITS + dtype.scale), dtype.scale)


def _load_config(schema: ibis.Schema, labels: Mapping[str, str]) -> bigquery.LoadJobConfig:
    config = bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.PARQUET,
        schema=BigQuerySchema.from_ibis(schema),
        write_disposition=bigquery.WriteDisposition.WRITE_EMPTY,
        labels=dict(labels),
    )
    config.parquet_options = _FINDS_NULL_LISTS
    return config
