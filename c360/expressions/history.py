"""Intervals of validity from versions of a record: slowly changing dimensions (type 2) as a pure function."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from c360.expressions.calendar import EPOCH, days_between

HOLDS_FROM = "holds_from"
VALID_FROM = "valid_from"
VALID_TO = "valid_to"
IS_CURRENT = "is_current"

SECONDS_PER_DAY = 86_400

_IS_CHANGE = "_is_change"
_RANK = "_rank"


def dated(versions: ir.Table, key: Sequence[str]) -> ir.Table:
    """Adds `changed_at` and `holds_from` (UTC): a version holds from its change, the first one from the record's creation.

    Args:
        versions: Stored versions with `source_updated_at` and `created_at`, both nullable, `date_loaded`, `payload_hash` and
            `is_deleted`.
        key: Columns that name what has a history.

    Returns:
        `changed_at`: the source's own instant, else the start of the load date (UTC). `holds_from`: never before the creation.
    """
    changed = versions.mutate(changed_at=changed_at(versions))
    in_time = [changed.changed_at, changed.date_loaded, changed.payload_hash, changed.is_deleted]
    is_first = ibis.row_number().over(ibis.window(group_by=list(key), order_by=in_time)) == 0
    opens_at_creation = (is_first | (changed.changed_at < changed.created_at)) & changed.created_at.notnull()
    return changed.mutate(holds_from=ibis.ifelse(opens_at_creation, changed.created_at, changed.changed_at))


def changed_at(versions: ir.Table) -> ir.TimestampValue:
    """When a version came to be: the source's own instant of change, else the start of its load date (UTC).

    Args:
        versions: With `source_updated_at` and `date_loaded`.
    """
    loaded_at = (days_between(EPOCH, versions.date_loaded) * SECONDS_PER_DAY).as_timestamp("s")
    return ibis.coalesce(versions.source_updated_at, loaded_at.cast("timestamp('UTC', 6)"))


def intervals(
    versions: ir.Table,
    key: Sequence[str],
    tracked: Sequence[str],
    valid_from: str,
    *,
    newest_by: Sequence[str],
    deleted: str = "is_deleted",
) -> ir.Table:
    """One row per key and stretch of time in which no tracked column changed: half-open [`valid_from`, `valid_to`).

    Depends on the set of versions only, never on their order of arrival: a late version splits the interval it falls
    into, a version that changes nothing opens no interval, a deletion closes one, a return after it opens the next.

    Args:
        versions: All versions of all keys; its other columns are carried from the version that opened the interval.
        key: Columns that name what has a history.
        tracked: Columns whose change opens an interval. A null is a value like any other.
        valid_from: Instant from which a version holds; not null.
        newest_by: Not-null columns that decide between versions of one instant (the greatest wins); total within key
            and instant.
        deleted: Not-null flag of a version that says the record is gone.

    Returns:
        The columns of `versions` without `valid_from`'s own name and `deleted`, then `valid_from`, `valid_to` (null:
        still holds) and `is_current`.
    """
    one_per_instant = _newest_per_instant(versions, key, valid_from, newest_by)
    changes = _changes_only(one_per_instant, key, tracked, valid_from, deleted)
    by_key = ibis.window(group_by=list(key), order_by=changes[valid_from])
    closed = changes.mutate(**{VALID_TO: changes[valid_from].lead().over(by_key)})
    held = closed.filter(~closed[deleted])
    carried = [c for c in versions.columns if c not in (valid_from, deleted)]
    return held.select(*carried, held[valid_from].name(VALID_FROM), VALID_TO, held[VALID_TO].isnull().name(IS_CURRENT))


def _newest_per_instant(versions: ir.Table, key: Sequence[str], valid_from: str, newest_by: Sequence[str]) -> ir.Table:
    newest_first = [versions[c].desc() for c in newest_by]
    window = ibis.window(group_by=[*key, valid_from], order_by=newest_first)
    ranked = versions.mutate(**{_RANK: ibis.row_number().over(window)})
    return ranked.filter(ranked[_RANK] == 0).drop(_RANK)


def _changes_only(versions: ir.Table, key: Sequence[str], tracked: Sequence[str], valid_from: str, deleted: str) -> ir.Table:
    """Versions that differ from the one before; a deletion differs from any state and equals another deletion."""
    by_key = ibis.window(group_by=list(key), order_by=versions[valid_from])
    is_first = ibis.row_number().over(by_key) == 0
    was_deleted = versions[deleted].lag().over(by_key)
    has_new_value = _any(~versions[c].identical_to(versions[c].lag().over(by_key)) for c in tracked)
    is_live_change = ~versions[deleted] & (was_deleted | has_new_value)
    is_deletion = versions[deleted] & ~was_deleted
    marked = versions.mutate(**{_IS_CHANGE: is_first | is_live_change | is_deletion})
    return marked.filter(marked[_IS_CHANGE]).drop(_IS_CHANGE)


def _any(conditions: Iterable[ir.BooleanValue]) -> ir.BooleanValue:
    return reduce(or_, conditions)
