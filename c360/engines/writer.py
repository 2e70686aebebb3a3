"""Write modes on DuckDB and delta-rs: compare new with stored rows in one query, then at most one commit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from c360.catalog import Append, Merge, ReplacePartition, WriteMode
from c360.engines import changes
from c360.engines.base import Head, Written
from c360.engines.delta import DeltaLake
from c360.engines.delta_layout import Layout
from c360.engines.duckdb_session import DuckDBSession
from c360.engines.literals import all_of, is_one_of

# Below this size, and for more than this share of rows, writing files anew is as fast as a merge (1 M rows in one
# 27 MB file, 1 % changed: 0.6 s against 0.8 s) and needs no join in delta-rs.
_MERGE_FROM_BYTES = 64 * 2**20
_MERGE_UP_TO_SHARE = 0.2

Read = Callable[[str, int | None], ir.Table]


@dataclass(frozen=True)
class Write:
    """One call of `Engine.write`; `new` is materialised, with the contract's columns."""

    table: str
    new: ir.Table
    key: tuple[str, ...]
    mode: WriteMode
    record: Mapping[str, Any]
    scope: Callable[[ir.Table], ir.BooleanValue] | None
    personal_columns: frozenset[str]

    @property
    def layout(self) -> Layout:
        """How the table is stored."""
        by = {Merge: "partition_by", ReplacePartition: "by"}.get(type(self.mode))
        column = getattr(self.mode, by) if by else None
        return Layout((column,) if column else (), self.personal_columns)


@dataclass(frozen=True)
class Stored:
    """The table as it is, under the new schema."""

    head: Head
    rows: ir.Table
    is_new_schema: bool


@dataclass(frozen=True)
class Plan:
    """What a write changes. `is_ambiguous`: keys repeat, so that row changes by key would not say enough."""

    changes: ir.Table
    in_scope: ir.BooleanValue | None
    inserted: int
    updated: int
    deleted: int
    total: int
    is_ambiguous: bool


def write_once(session: DuckDBSession, lake: DeltaLake, read: Read, write: Write) -> Written:
    """Carries out a write on the newest version.

    Raises:
        ConflictError: Somebody committed meanwhile; comparing again may help.
        LakeError: The table is damaged or cannot be written.
    """
    head = lake.head(write.table)
    if head is None:
        return _create(session, lake, read, write)
    stored = _stored(read, write, head)
    if isinstance(write.mode, Append):
        return _append(session, lake, write, stored)
    plan = _plan(session, write, stored)
    if not (plan.inserted or plan.updated or plan.deleted or stored.is_new_schema):
        return Written(head, 0, 0, 0, plan.total, None)
    version = _commit(session, lake, write, stored, plan)
    changed = changes.changed_rows(plan.changes, write.new.columns)
    return Written(Head(version, write.record), plan.inserted, plan.updated, plan.deleted, plan.total, changed)


def _create(session: DuckDBSession, lake: DeltaLake, read: Read, write: Write) -> Written:
    version = lake.create(write.table, session.stream(write.new), write.record, write.layout)
    rows = read(write.table, version)
    total = session.count(rows)
    changed = rows.mutate(**{changes.CHANGE: ibis.literal("insert")})
    return Written(Head(version, write.record), total, 0, 0, total, changed)


def _stored(read: Read, write: Write, head: Head) -> Stored:
    rows, wanted = read(write.table, head.version), write.new.schema()
    is_new_schema = rows.schema() != wanted
    return Stored(head, changes.as_schema(rows, wanted) if is_new_schema else rows, is_new_schema)


def _append(session: DuckDBSession, lake: DeltaLake, write: Write, stored: Stored) -> Written:
    known = stored.rows.select(write.key).distinct()
    fresh = session.materialise(write.new.anti_join(known, [write.new[k].identical_to(known[k]) for k in write.key]))
    added, total = session.count(fresh), session.count(stored.rows)
    if not added:
        return Written(stored.head, 0, 0, 0, total, None)
    version = lake.append(write.table, stored.head.version, session.stream(fresh), write.record, write.layout)
    changed = fresh.mutate(**{changes.CHANGE: ibis.literal("insert")})
    return Written(Head(version, write.record), added, 0, 0, total + added, changed)


def _plan(session: DuckDBSession, write: Write, stored: Stored) -> Plan:
    new, old, key = write.new, stored.rows, write.key
    in_scope = _in_scope(session, write, old)
    compared = old if in_scope is None else changes.in_reach(new, old, key, in_scope)
    is_repeated = session.row(changes.key_faults(new, key))[0] > 0
    if is_repeated:
        new, compared = (changes.numbered(rows, key, write.new.columns) for rows in (new, compared))
        key = (*key, changes.OCCURRENCE)
    found = session.materialise(changes.difference(new, compared, key))
    kinds = {row[changes.CHANGE]: row["row_count"] for row in session.arrow(changes.counts(found)).to_pylist()}
    inserted, updated, deleted = (kinds.get(kind, 0) for kind in ("insert", "update", "delete"))
    before = session.count(old)
    total = before + inserted - deleted if in_scope is not None else session.count(write.new)
    # Stored rows that repeat a key hide from the comparison; the totals show them, and a table written anew is rid of them.
    hidden = before + inserted - deleted - total
    return Plan(found, in_scope, inserted, updated, deleted + hidden, total, is_repeated or hidden > 0)


def _in_scope(session: DuckDBSession, write: Write, old: ir.Table) -> ir.BooleanValue | None:
    in_scope = write.scope(old) if write.scope else None
    if not isinstance(write.mode, ReplacePartition):
        return in_scope
    is_replaced = _is_in(old[write.mode.by], _values(session, write.new, write.mode.by))
    return is_replaced if in_scope is None else in_scope & is_replaced


def _commit(session: DuckDBSession, lake: DeltaLake, write: Write, stored: Stored, plan: Plan) -> int:
    table, version, layout = write.table, stored.head.version, write.layout
    rows = write.new
    if plan.in_scope is not None:
        rows = changes.kept_and_new(write.new, stored.rows, write.key, plan.in_scope)
    if stored.is_new_schema or lake.partition_columns(table, version) != layout.partition_by:
        return lake.overwrite(table, version, session.stream(rows), write.record, layout, is_new_schema=True)
    if plan.is_ambiguous:
        return lake.overwrite(table, version, session.stream(rows), write.record, layout)
    partitions = {c: _touched(session, write, plan, c) for c in layout.partition_by}
    source = changes.merge_source(plan.changes, write.new.columns)
    if _is_worth_merging(lake, write, stored, plan) and not any(session.row(changes.key_faults(source, write.key))):
        return lake.merge(table, version, session.stream(source), write.key, write.record, layout, partitions)
    for column, values in partitions.items():
        rows = rows.filter(_is_in(rows[column], values))
    predicate = all_of([is_one_of(column, values) for column, values in partitions.items()]) or None
    return lake.overwrite(table, version, session.stream(rows), write.record, layout, predicate=predicate)


def _is_worth_merging(lake: DeltaLake, write: Write, stored: Stored, plan: Plan) -> bool:
    changed = plan.inserted + plan.updated + plan.deleted
    is_small_change = changed <= _MERGE_UP_TO_SHARE * plan.total
    return is_small_change and lake.byte_count(write.table, stored.head.version) >= _MERGE_FROM_BYTES


def _touched(session: DuckDBSession, write: Write, plan: Plan, column: str) -> list[Any]:
    return _values(session, changes.changed_rows(plan.changes, write.new.columns), column)


def _values(session: DuckDBSession, rows: ir.Table, column: str) -> list[Any]:
    return session.arrow(rows.select(column).distinct()).column(column).to_pylist()


def _is_in(column: ir.Value, values: list[Any]) -> ir.BooleanValue:
    known = sorted(v for v in values if v is not None)
    is_known = column.isin(known) if known else ibis.literal(False)
    return (
        is_known.fill_null(ibis.literal(False)) | column.isnull() if None in values else is_known.fill_null(ibis.literal(False))
    )
