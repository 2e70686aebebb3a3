"""Commits of rows that are in BigQuery: `c360.engines.writer.Store`, each in one transaction with its row in the table's log.

Rows written anew go into a table of their own, which the commit names: until then nobody sees it, and what a version was written
to stays. Where rows change in place (MERGE, partitions, appended rows) a snapshot of the version before is taken first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis.expr.types as ir
import sqlglot as sg
import sqlglot.expressions as sge
from google.api_core.exceptions import Conflict
from ibis.backends.sql.datatypes import BigQueryType

from c360.engines.base import Head
from c360.engines.bigquery_client import bigquery_errors
from c360.engines.bigquery_commits import NONE, Commit, Commits, Stored, chosen
from c360.engines.bigquery_merge import merge_sql
from c360.engines.bigquery_names import Place
from c360.engines.bigquery_session import BigQuerySession, query_of
from c360.engines.bigquery_sql import DIALECT
from c360.engines.changes import as_schema
from c360.engines.delta_errors import missing
from c360.engines.delta_layout import PLAIN, Layout
from c360.engines.nullable import nullable

BUILT = "content_id"
"""What the record of a build has, and that of a load or a log has not: only builds are released, so only they have snapshots."""
_MOST_CLUSTERED = 4


class BigQueryStore:
    """See `c360.engines.writer.Store`.

    Args:
        session: Runs the statements, and has the rows.
        commits: The logs.
    """

    def __init__(self, session: BigQuerySession, commits: Commits) -> None:
        self._session = session
        self._commits = commits

    def head(self, table: str) -> Head | None:
        """See `Store.head`."""
        newest = self._commits.newest(table)
        return newest.head if newest else None

    def partition_columns(self, table: str, version: int) -> tuple[str, ...]:
        """See `Store.partition_columns`."""
        return self._at(table, version).stored.partition_by

    def byte_count(self, table: str, version: int) -> int:
        """See `Store.byte_count`."""
        place = self._session.names.rows(table, self._at(table, version).stored.name)
        with bigquery_errors(f"looking at {table}"):
            return int(self._session.client.get_table(place.id).num_bytes or 0)

    def create(self, table: str, rows: ir.Table, record: Mapping[str, Any], layout: Layout) -> int:
        """See `Store.create`. A snapshot is taken at once: the writer goes on reading the rows created, whatever comes next."""
        version = self._anew(table, NONE, rows, record, layout)
        self.keep(table, self._at(table, version))
        return version

    def begin(self, table: str, rows: ir.Table, record: Mapping[str, Any]) -> int:
        """A new table of rows that are only ever appended to; no snapshot of it is taken."""
        return self._anew(table, NONE, rows, record, PLAIN)

    def append(self, table: str, version: int, rows: ir.Table, record: Mapping[str, Any], layout: Layout = PLAIN) -> int:
        """See `Store.append`; columns the table did not have are added to it."""
        before = self._at(table, version)
        added = rows.schema()
        if set(added) <= set(before.stored.schema):
            self.keep(table, before)
            return self.add(table, before, rows, record)
        place = self._session.names.rows(table, before.stored.name)
        old = as_schema(self._session.table(place, before.stored.schema), nullable(before.stored.schema | added))
        return self._anew(table, version, old.union(as_schema(rows, old.schema())), record, layout)

    def add(self, table: str, before: Commit, rows: ir.Table, record: Mapping[str, Any]) -> int:
        """Adds rows after a commit, without a snapshot of it."""
        place = self._session.names.rows(table, before.stored.name)
        return self._commits.commit(table, before.version, before.stored, record, [insertion(place, rows)])

    def overwrite(
        self,
        table: str,
        version: int,
        rows: ir.Table,
        record: Mapping[str, Any],
        layout: Layout = PLAIN,
        *,
        within: Mapping[str, Sequence[Any]] | None = None,
        is_new_schema: bool = False,
    ) -> int:
        """See `Store.overwrite`."""
        if not within or is_new_schema:
            return self._anew(table, version, rows, record, layout)
        before = self._at(table, version)
        self.keep(table, before)
        return self.replace(table, before, rows, record, within)

    def replace(
        self, table: str, before: Commit, rows: ir.Table, record: Mapping[str, Any], within: Mapping[str, Sequence[Any]]
    ) -> int:
        """Replaces partitions after a commit, without a snapshot of it."""
        place = self._session.names.rows(table, before.stored.name)
        statements = [sge.delete(place.tree, where=_is_within(within)).sql(DIALECT), insertion(place, rows)]
        return self._commits.commit(table, before.version, before.stored, record, statements)

    def merge(
        self,
        table: str,
        version: int,
        rows: ir.Table,
        key: Sequence[str],
        record: Mapping[str, Any],
        layout: Layout,  # noqa: ARG002 - the table has it already
        partitions: Mapping[str, Sequence[Any]],  # noqa: ARG002 - BigQuery's MERGE finds the rows by the clustered key
    ) -> int:
        """See `Store.merge`."""
        before = self._at(table, version)
        self.keep(table, before)
        place = self._session.names.rows(table, before.stored.name)
        merge = merge_sql(place.sql, before.stored.schema, key, self._session.materialise(rows))
        return self._commits.commit(table, version, before.stored, record, [merge])

    def restore(self, table: str, version: int) -> Head:
        """Makes an older version the newest again: a clone of it, no rows are moved."""
        newest, wanted = self._at(table, None), self._at(table, version)
        if wanted.version == newest.version:
            return newest.head
        place = self._session.names.new_rows(table)
        with bigquery_errors(f"restoring version {version} of {table}"):
            self._session.run(f"CREATE TABLE {place.sql} CLONE {self.kept(table, version).sql}")
        stored = Stored(place.name, wanted.stored.columns, wanted.stored.partition_by)
        return Head(self._commits.commit(table, newest.version, stored, wanted.record, []), wanted.record)

    def read(self, table: str, version: int | None = None) -> ir.Table:
        """The newest (or given) version."""
        commits = self._commits.all(table)
        if not commits:
            raise missing(table)
        commit = chosen(table, commits, version)
        return self._session.table(self._holder(table, commits, commit), commit.stored.schema)

    def kept(self, table: str, version: int) -> Place:
        """What holds a version and never changes, whatever is committed later."""
        commits = self._commits.all(table)
        commit = chosen(table, commits, version)
        if commit is commits[-1]:
            self.keep(table, commit)
        return self._holder(table, commits, commit)

    def _holder(self, table: str, commits: Sequence[Commit], commit: Commit) -> Place:
        """The version's table, unless rows of that changed in place afterwards; then its snapshot.

        The newest version of a build may have one, too: it was released. Whoever reads it there is not disturbed by the next run.
        """
        rows = self._session.names.rows(table, commit.stored.name)
        snapshot = self._session.names.snapshot(table, commit.stored.name, commit.version)
        if commit is commits[-1]:
            return snapshot if BUILT in commit.record and self._session.exists(snapshot) else rows
        return snapshot if commits[commit.version + 1].stored.name == commit.stored.name else rows

    def keep(self, table: str, before: Commit) -> None:
        """Takes a snapshot of a version that is about to change in place, unless there is one.

        Whoever changes a version takes its snapshot first, so one that exists was taken before any change.
        """
        place = self._session.names.snapshot(table, before.stored.name, before.version)
        if self._session.exists(place):
            return
        self._session.need_dataset(place)
        rows = self._session.names.rows(table, before.stored.name)
        with bigquery_errors(f"keeping version {before.version} of {table}"):
            try:
                self._session.run(f"CREATE SNAPSHOT TABLE {place.sql} CLONE {rows.sql}")
            except Conflict:  # another run took it meanwhile
                return

    def new_table(self, table: str, rows: ir.Table, layout: Layout) -> Stored:
        """An empty table for rows like these; nothing names it before a commit does."""
        place = self._session.names.new_rows(table)
        self._session.need_dataset(place)
        schema = nullable(rows.schema())
        with bigquery_errors(f"creating {table}"):
            self._session.run(declaration(place, schema, layout).sql(DIALECT))
        return Stored(place.name, {name: str(dtype) for name, dtype in schema.items()}, layout.partition_by)

    def _anew(self, table: str, version: int, rows: ir.Table, record: Mapping[str, Any], layout: Layout) -> int:
        stored = self.new_table(table, rows, layout)
        place = self._session.names.rows(table, stored.name)
        return self._commits.commit(table, version, stored, record, [insertion(place, rows)])

    def _at(self, table: str, version: int | None) -> Commit:
        found = self._commits.newest(table, version)
        if found is None:
            raise missing(table)
        return found


def insertion(place: Place, rows: ir.Table) -> str:
    """The statement that adds rows to a table."""
    query = query_of(rows, nullable(rows.schema()), {})
    columns = [sg.to_identifier(name, quoted=True) for name in rows.columns]
    return sge.insert(query, place.tree, columns=columns).sql(DIALECT)


def declaration(place: Place, schema: Any, layout: Layout) -> sge.Create:
    """The statement that makes an empty table, partitioned by the layout's day and clustered by its key."""
    columns = [
        sge.ColumnDef(this=sg.to_identifier(name, quoted=True), kind=BigQueryType.from_ibis(dtype))
        for name, dtype in schema.items()
    ]
    days = [name for name in layout.partition_by if schema[name].is_date()]
    lookups = [*(name for name in layout.partition_by if name not in days[:1]), *layout.cluster_by]
    clustered = [name for name in dict.fromkeys(lookups) if not (schema[name].is_nested() or schema[name].is_floating())]
    properties: list[sge.Expr] = []
    if days:
        properties.append(sge.PartitionedByProperty(this=sg.column(days[0], quoted=True)))
    if clustered:
        names = [sg.column(name, quoted=True) for name in clustered[:_MOST_CLUSTERED]]
        properties.append(sge.Cluster(expressions=names))
    return sge.Create(
        this=sge.Schema(this=place.tree, expressions=columns), kind="TABLE", properties=sge.Properties(expressions=properties)
    )


def _is_within(partitions: Mapping[str, Sequence[Any]]) -> sge.Condition:
    return sg.and_(*(_is_one_of(sg.column(column, quoted=True), values) for column, values in partitions.items()))


def _is_one_of(column: sge.Column, values: Sequence[Any]) -> sge.Condition:
    known = [sge.convert(value) for value in sorted((v for v in values if v is not None), key=str)]
    listed = [column.isin(*known)] if known else []
    return sg.or_(*listed, *([column.is_(sge.null())] if len(known) < len(values) else []))
