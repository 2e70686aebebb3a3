"""What changed since the base, and the part of a table that can differ because of it (incremental by key and by age)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Node
from c360.lake import Lake
from c360.release import Vector
from c360.sources.registry import VERSIONS_SUFFIX

Changes = dict[str, ir.Table | None]
"""Table name -> its changed rows (old and new values) since the base; None: no row changed; absent: not known."""

SMALLEST_ROWS = 500_000
"""Below this many stored rows a whole build is cheaper than finding out what changed (compiling twice, reading versions)."""
LARGEST_SHARE = 0.2
"""From this share of changed keys on, a whole build is cheaper than a restricted one and a merge."""


@dataclass(frozen=True)
class Scope:
    """The rows of a table that may differ from the base: those of changed keys, and those of months that still age.

    Attributes:
        local_to: The table's own declaration.
        keys: One column `key` of changed keys; None when no input changed.
        month_column: Column that holds a row's month.
        since: First month that ages; None when age changes nothing.
    """

    local_to: LocalTo | None
    keys: ir.Table | None
    month_column: str | None
    since: date | None

    def covers(self, rows: ir.Table) -> ir.BooleanValue:
        """Whether a row (stored or new) is in the scope."""
        inside = ibis.literal(False)
        if self.keys is not None and self.local_to is not None:
            inside = inside | rows[self.local_to.column].isin(self.keys.key)
        if self.since is not None and self.month_column is not None:
            inside = inside | (rows[self.month_column] >= self.since)
        return inside

    def rows(self, function: Callable[[Mapping[str, ir.Table]], ir.Table], inputs: Mapping[str, ir.Table]) -> ir.Table:
        """The new rows of the scope: the pure function on restricted inputs, and the months that age on all of them."""
        parts: list[ir.Table] = []
        if self.keys is not None and self.local_to is not None:
            local = function(self._restricted(inputs, self.local_to, self.keys))
            parts.append(local if self.since is None else local.filter(local[self.month_column] < self.since))
        if self.since is not None:
            whole = function(inputs)
            parts.append(whole.filter(whole[self.month_column] >= self.since))
        return parts[0] if len(parts) == 1 else ibis.union(*parts, distinct=False)

    @staticmethod
    def _restricted(inputs: Mapping[str, ir.Table], local_to: LocalTo, keys: ir.Table) -> dict[str, ir.Table]:
        return {
            name: table.semi_join(keys, table[local_to.inputs[name]] == keys.key) if name in local_to.inputs else table
            for name, table in inputs.items()
        }


def narrow(lake: Lake, node: Node, *, as_of: date, base_as_of: date, base: Vector, changes: Changes) -> Scope | None:
    """The scope of a build whose base is right but for changed inputs and a later day; None asks for a whole build.

    Args:
        lake: The open lake.
        node: The table; its code, contract and other parameters are those of the base.
        as_of: Load date of this build.
        base_as_of: Load date of the base.
        base: Vector of the base.
        changes: Rows that changed on the way here.
    """
    since = _since(node, as_of, base_as_of)
    if since is None and "as_of" in node.params and as_of != base_as_of:
        return None
    keys: list[ir.Table] = []
    for name in node.inputs:
        if not _may_differ(lake, name, as_of, base_as_of, changes):
            continue
        column = node.spec.local_to.inputs.get(name) if node.spec.local_to else None
        found = column and _changed_keys(lake, name, column, as_of, base_as_of, changes)
        if found is None or isinstance(found, str):
            return None
        keys.append(found)
    if not keys:
        return None if since is None else Scope(None, None, node.spec.month_column, since)
    merged = lake.engine.materialise(ibis.union(*keys, distinct=True) if len(keys) > 1 else keys[0])
    if not _is_worthwhile(lake, node, merged, base):
        return None
    return Scope(node.spec.local_to, merged, node.spec.month_column, since)


def _since(node: Node, as_of: date, base_as_of: date) -> date | None:
    if node.spec.ages_by != "month" or "as_of" not in node.params or as_of == base_as_of:
        return None
    return base_as_of.replace(day=1)


def _may_differ(lake: Lake, name: str, as_of: date, base_as_of: date, changes: Changes) -> bool:
    if name in lake.catalog.nodes:
        return name not in changes or changes[name] is not None
    return lake.external_content_id(name, as_of) != lake.external_content_id(name, base_as_of)


def _changed_keys(lake: Lake, name: str, column: str, as_of: date, base_as_of: date, changes: Changes) -> ir.Table | None:
    """Old and new values of the key column in changed rows; None when they are not known."""
    if name in lake.catalog.nodes:
        rows = changes.get(name)
    elif name.removesuffix(VERSIONS_SUFFIX) in lake.registry.entities and as_of > base_as_of:
        entity = lake.registry.entities[name.removesuffix(VERSIONS_SUFFIX)]
        versions = lake.engine.read_bronze(entity, as_of, all_versions=True)
        touched = versions.filter(versions.date_loaded > base_as_of).select("source_account", "record_id").distinct()
        rows = versions.semi_join(touched, ["source_account", "record_id"])
    else:
        return None
    return None if rows is None else rows.select(key=rows[column]).distinct()


def _is_worthwhile(lake: Lake, node: Node, keys: ir.Table, base: Vector) -> bool:
    counts = lake.engine.arrow(keys.aggregate(keys=keys.count(), nulls=keys.key.isnull().sum())).to_pylist()[0]
    stored = base[node.full_name].rows
    return not counts["nulls"] and counts["keys"] <= stored * LARGEST_SHARE
