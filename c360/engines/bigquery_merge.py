"""The MERGE statement of a write: one row of changes per key (`changes.merge_source`) into a table, as one job."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import sqlglot as sg
import sqlglot.expressions as sge

from c360.engines.bigquery_sql import DIALECT, syntax_tree
from c360.engines.changes import CHANGE

_TARGET, _SOURCE = "target", "source"


def merge_sql(table: str, schema: ibis.Schema, key: Sequence[str], changes: ir.Table) -> str:
    """Carries out changes on a table.

    Args:
        table: Its name, with dataset and project if they are wanted.
        schema: Its columns; of a nullable key column null equals null.
        key: Columns that name a row.
        changes: Rows of `changes.merge_source`: the table's columns and `_change`, at most one per key.
    """
    columns = list(schema)
    insert = sge.Insert(this=_tuple(columns), expression=_tuple(columns, _SOURCE))
    updates = [sge.EQ(this=sg.column(c, quoted=True), expression=_column(c, _SOURCE)) for c in columns if c not in key]
    matched = [_when(sge.Var(this="DELETE"), "delete", is_matched=True)]
    if updates:
        matched.append(_when(sge.Update(expressions=updates), "update", is_matched=True))
    merge = sge.Merge(
        this=sg.to_table(table, dialect=DIALECT).as_(_TARGET),
        using=sge.Subquery(this=syntax_tree(changes)).as_(_SOURCE),
        on=same_row(schema, key),
        whens=sge.Whens(expressions=[*matched, _when(insert, "insert", is_matched=False)]),
    )
    return merge.sql(dialect=DIALECT)


def same_row(schema: ibis.Schema, key: Sequence[str]) -> sge.Condition:
    """Whether a row of the table and a change have the same key."""
    return sg.and_(*(_equal(c, nullable=schema[c].nullable) for c in key))


def _equal(column: str, *, nullable: bool) -> sge.Expression:
    target, source = _column(column, _TARGET), _column(column, _SOURCE)
    if not nullable:
        return target.eq(source)  # what BigQuery can prune by
    return sge.func("TO_JSON_STRING", target).eq(sge.func("TO_JSON_STRING", source))


def _when(then: sge.Expression, change: str, *, is_matched: bool) -> sge.When:
    return sge.When(matched=is_matched, condition=_column(CHANGE, _SOURCE).eq(sge.convert(change)), then=then)


def _tuple(columns: Sequence[str], table: str | None = None) -> sge.Tuple:
    return sge.Tuple(expressions=[_column(c, table) for c in columns])


def _column(name: str, table: str | None) -> sge.Column:
    return sg.column(name, table=table, quoted=True)
