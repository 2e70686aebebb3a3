"""What a write changes: new rows against stored rows by key, as expressions for any engine."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

CHANGE = "_change"
NEW, OLD = "new_", "old_"
OCCURRENCE = "_occurrence"
_IS_NEW, _IS_OLD, _IN_SCOPE = "_is_new", "_is_old", "_in_scope"


def difference(new: ir.Table, old: ir.Table, key: Sequence[str]) -> ir.Table:
    """Grain: one row per key whose stored row is not what it should be.

    Args:
        new: The rows that should be there.
        old: The stored rows, same columns; of `in_reach` when only some of them may vanish.
        key: Columns that name a row; null equals null.

    Returns:
        `_change` (insert, update, delete) and every column twice: `new_*`, `old_*`.
    """
    may_vanish = old[_IN_SCOPE] if _IN_SCOPE in old.columns else ibis.literal(True)
    left = new.select(**{NEW + c: new[c] for c in new.columns}, **{_IS_NEW: ibis.literal(True)})
    right = old.select(**{OLD + c: old[c] for c in new.columns}, **{_IN_SCOPE: may_vanish, _IS_OLD: ibis.literal(True)})
    both = left.outer_join(right, [left[NEW + k].identical_to(right[OLD + k]) for k in key])
    is_insert, is_delete = both[_IS_OLD].isnull(), both[_IS_NEW].isnull()
    values = [c for c in new.columns if c not in key]
    differs = reduce(or_, (~both[NEW + c].identical_to(both[OLD + c]) for c in values), ibis.literal(False))
    change = ibis.cases((is_insert, "insert"), (is_delete, "delete"), else_="update")
    is_due = ibis.cases((is_insert, True), (is_delete, both[_IN_SCOPE]), else_=differs)
    return both.mutate(**{CHANGE: change}).filter(is_due).drop(_IS_NEW, _IS_OLD, _IN_SCOPE)


def in_reach(new: ir.Table, old: ir.Table, key: Sequence[str], in_scope: ir.BooleanValue) -> ir.Table:
    """Stored rows in scope, which vanish unless `new` has their key, and rows outside of it whose key `new` has.

    The latter should not exist; compared, they are replaced instead of doubled.
    """
    scope = in_scope.fill_null(ibis.literal(False))
    inside, outside = old.filter(scope), old.filter(~scope)
    returned = outside.semi_join(new, [outside[k].identical_to(new[k]) for k in key])
    return ibis.union(inside.mutate(**{_IN_SCOPE: True}), returned.mutate(**{_IN_SCOPE: False}))


def numbered(rows: ir.Table, key: Sequence[str], columns: Sequence[str]) -> ir.Table:
    """Rows with their number among equal keys (`OCCURRENCE`), so that repeated keys can be compared one by one."""
    window = ibis.window(group_by=list(key), order_by=[rows[c] for c in columns])
    return rows.mutate(**{OCCURRENCE: ibis.row_number().over(window)})


def key_faults(rows: ir.Table, key: Sequence[str]) -> ir.Table:
    """Grain: one row. `repeated`: rows too many for `key` to be unique; `unnamed`: keys with a null."""
    keys = rows.group_by(list(key)).agg(row_count=rows.count())
    has_null = reduce(or_, (keys[k].isnull() for k in key))
    return keys.agg(repeated=(keys.row_count - 1).sum(), unnamed=has_null.sum()).fill_null(0)


def counts(changes: ir.Table) -> ir.Table:
    """Grain: one row per kind of change; `row_count`."""
    return changes.group_by(CHANGE).agg(row_count=changes.count())


def changed_rows(changes: ir.Table, columns: Sequence[str]) -> ir.Table:
    """Grain: one row per side of a change; `_change` is insert, update_old, update_new or delete."""
    sides = [("insert", "insert", NEW), ("update", "update_old", OLD), ("update", "update_new", NEW), ("delete", "delete", OLD)]
    return ibis.union(*(_side(changes, change, name, prefix, columns) for change, name, prefix in sides))


def merge_source(changes: ir.Table, columns: Sequence[str]) -> ir.Table:
    """Grain: one row per change, with the table's columns (the new row, or the deleted one) and `_change`."""
    is_delete = changes[CHANGE] == "delete"
    values = {c: ibis.ifelse(is_delete, changes[OLD + c], changes[NEW + c]) for c in columns}
    return changes.select(**values, **{CHANGE: changes[CHANGE]})


def as_schema(stored: ir.Table, schema: ibis.Schema) -> ir.Table:
    """Stored rows under a newer schema: columns it adds are null, those it dropped are gone, types follow it."""
    columns = {}
    for name, dtype in schema.items():
        if name not in stored.columns:
            columns[name] = ibis.null(dtype)
        else:
            columns[name] = stored[name] if stored[name].type() == dtype else stored[name].try_cast(dtype)
    return stored.select(**columns)


def kept_and_new(new: ir.Table, old: ir.Table, key: Sequence[str], in_scope: ir.BooleanValue) -> ir.Table:
    """The whole table after a write with scope: stored rows outside of it and without a new row, and the new rows."""
    outside = old.filter(~in_scope.fill_null(ibis.literal(False)))
    kept = outside.anti_join(new, [outside[k].identical_to(new[k]) for k in key])
    return ibis.union(kept.select(list(new.columns)), new)


def _side(changes: ir.Table, change: str, name: str, prefix: str, columns: Sequence[str]) -> ir.Table:
    rows = changes.filter(changes[CHANGE] == change)
    return rows.select(**{c: rows[prefix + c] for c in columns}, **{CHANGE: ibis.literal(name)})
