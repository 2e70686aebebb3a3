"""What differs between a table in one release and in another: rows added, removed and changed, by the table's key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from c360 import release
from c360.catalog import Node
from c360.contract import columns_of_class
from c360.engines.changes import CHANGE, NEW, OLD, as_schema, counts, difference
from c360.errors import ReleaseError, SelectionError, listing
from c360.lake import Lake
from c360.readers import PRIVATE_LAYERS
from c360.release import Entry

KINDS = {"insert": "added", "delete": "removed", "update": "changed"}


@dataclass(frozen=True)
class RowDifference:
    """One row that differs.

    Attributes:
        change: `added`, `removed` or `changed`.
        key: Its key.
        columns: Column -> (old, new) of the values that differ; of an added or removed row those that are not null.
    """

    change: str
    key: Mapping[str, Any]
    columns: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Difference:
    """A table in two releases. `rows`: the first differing rows of each kind, by key.

    Attributes:
        not_compared: Columns that are personal, or that only one of the releases has.
    """

    table: str
    old_release: str
    new_release: str
    added_count: int
    removed_count: int
    changed_count: int
    not_compared: Sequence[str]
    rows: Sequence[RowDifference]


def diff(lake: Lake, table: str, releases: tuple[str, str] | None = None, *, limit: int = 10) -> Difference:
    """Compares a table of silver or gold in two releases.

    Args:
        lake: The open lake.
        table: `layer.name`, or the name alone.
        releases: Ids of the old and the new one; None takes the release readers see and the one before it.
        limit: Rows of each kind to show.

    Raises:
        SelectionError: There is no such table, it is in the vault, a release lacks it, or its key was another one.
        ReleaseError: There is no such release, or none to compare with.
    """
    node = lake.catalog[table]
    if node.layer in PRIVATE_LAYERS:
        raise SelectionError(
            f"{node.full_name} is in the vault, which holds personal data and is not compared.",
            hint="`c360 why ID --reveal` shows what an identity rests on.",
        )
    old, new = _entries(lake, releases)
    before, after = _stored(lake, node, old), _stored(lake, node, new)
    personal = columns_of_class(node.contract, "personal")
    shared = [column for column in after.columns if column in before.columns and column not in personal]
    _refuse_other_key(node, shared, old, new)
    found = lake.engine.materialise(_compared(after.select(*shared), before, node.key))
    sizes = {row[CHANGE]: row["row_count"] for row in lake.execute(counts(found))}
    return Difference(
        table=node.full_name,
        old_release=old.release_id,
        new_release=new.release_id,
        added_count=sizes.get("insert", 0),
        removed_count=sizes.get("delete", 0),
        changed_count=sizes.get("update", 0),
        not_compared=sorted({*before.columns, *after.columns} - set(shared)),
        rows=[row for kind in KINDS if sizes.get(kind) for row in _first(lake, node, found, kind, shared, limit)],
    )


def _entries(lake: Lake, releases: tuple[str, str] | None) -> tuple[Entry, Entry]:
    log = release.entries(lake.engine)
    if releases is not None:
        return release.find(log, releases[0]), release.find(log, releases[1])
    readable = [entry for entry in log if entry.is_readable]
    if len(readable) < 2:
        raise ReleaseError("There are no two releases to compare.", hint="`c360 release list` shows the releases.")
    return readable[-2], readable[-1]


def _stored(lake: Lake, node: Node, entry: Entry) -> ir.Table:
    state = entry.tables.get(node.full_name)
    if state is None:
        raise SelectionError(
            f"Release {entry.release_id} has no table {node.full_name!r}.",
            hint=f"`c360 release show {entry.release_id}` lists its tables.",
        )
    return lake.engine.read(node.full_name, state.version)


def _refuse_other_key(node: Node, shared: Sequence[str], old: Entry, new: Entry) -> None:
    missing = [column for column in node.key if column not in shared]
    if missing:
        raise SelectionError(
            f"{node.full_name} cannot be compared by its key: {listing(missing)} is not in both releases.",
            hint=f"Compare releases made after its key changed; these are {old.release_id} and {new.release_id}.",
        )


def _compared(after: ir.Table, before: ir.Table, key: Sequence[str]) -> ir.Table:
    return difference(after, as_schema(before, after.schema()), key)


def _first(lake: Lake, node: Node, found: ir.Table, kind: str, columns: Sequence[str], limit: int) -> list[RowDifference]:
    side = OLD if kind == "delete" else NEW
    of_kind = found.filter(found[CHANGE] == kind).order_by([side + column for column in node.key]).limit(limit)
    values = [column for column in columns if column not in node.key]
    return [
        RowDifference(
            change=KINDS[kind],
            key={column: row[side + column] for column in node.key},
            columns={c: (row[OLD + c], row[NEW + c]) for c in values if row[OLD + c] != row[NEW + c]},
        )
        for row in lake.execute(of_kind)
    ]
