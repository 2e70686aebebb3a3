"""From any stored row back to the records it was made from, by following each table's `traces` down to bronze."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.catalog import Node
from c360.errors import SelectionError, listing
from c360.lake import Lake
from c360.readers import released
from c360.release import Vector
from c360.sources.registry import VERSIONS_SUFFIX

ROW = "trace_row"
"""Column that says which of the rows asked for a row on the way belongs to."""

_BRONZE = ("source_system", "source_account", "record_id", "payload_hash", "date_loaded", "is_deleted")


@dataclass(frozen=True, order=True)
class BronzeRef:
    """One version of one source record.

    Attributes:
        entity: Bronze table, e.g. `stripe_invoices`.
        source_system: `stripe`, `salesforce`, …
        source_account: The account or organisation it came from.
        record_id: The source's id.
        payload_hash: Which version.
        date_loaded: Load date that stored it.
        is_deleted: Whether the version says the record was deleted.
    """

    entity: str
    source_system: str
    source_account: str
    record_id: str
    payload_hash: str
    date_loaded: date
    is_deleted: bool


def trace(lake: Lake, table: str, key: Mapping[str, Any]) -> list[BronzeRef]:
    """The bronze versions behind the rows of a released table whose columns equal `key`; sorted.

    Args:
        lake: The open lake.
        table: `layer.name`, or the name alone.
        key: Column -> value; the contract's key, or fewer columns for all rows that share them.

    Raises:
        SelectionError: There is no such table, column or row.
        ReleaseError: Nothing has been released.
    """
    node = lake.catalog[table]
    if _count(lake, node, [key]) == 0:
        given = ", ".join(f"{column}={value}" for column, value in key.items())
        raise SelectionError(f"{node.full_name} has no row with {given}.", hint=f"Its key is {', '.join(node.key)}.")
    return trace_many(lake, table, [key])[0]


def trace_many(lake: Lake, table: str, keys: Sequence[Mapping[str, Any]]) -> list[list[BronzeRef]]:
    """`trace` for many keys at once (all naming the same columns): one list per key, empty where nothing was found.

    Every table on the way is read once, whatever the number of keys.
    """
    if not keys:
        return []
    node = lake.catalog[table]
    entry = released(lake.engine)
    pending: dict[str, list[ir.Table]] = {node.name: [_rows_of_keys(lake, node, keys, entry.tables, entry.load_date)]}
    found: list[list[BronzeRef]] = [[] for _ in keys]
    for name in reversed(list(lake.catalog.nodes)):
        if name in pending:
            _follow(lake, lake.catalog.nodes[name], pending, entry.tables, entry.load_date)
    for name in sorted(set(pending) - set(lake.catalog.nodes)):
        _collect(lake, name, pending[name], found)
    return [sorted(set(refs)) for refs in found]


def typed_key(lake: Lake, table: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Texts of the command line as values of the table's column types.

    Raises:
        SelectionError: There is no such column, or the text is no value of its type.
    """
    node = lake.catalog[table]
    return {column: _value(node, column, text) for column, text in given.items()}


def _value(node: Node, column: str, text: str) -> Any:
    if column not in node.schema:
        raise SelectionError(f"{node.full_name} has no column {column!r}.", hint=f"Its columns: {listing(node.schema, 60)}.")
    dtype = node.schema[column]
    try:
        return pa.scalar(text).cast(dtype.to_pyarrow()).as_py()
    except pa.ArrowInvalid:
        raise SelectionError(f"{column} is a {dtype}; the given value is none.", hint="Dates are YYYY-MM-DD.") from None


def _count(lake: Lake, node: Node, keys: Sequence[Mapping[str, Any]]) -> int:
    entry = released(lake.engine)
    rows = _rows_of_keys(lake, node, keys, entry.tables, entry.load_date)
    return int(lake.engine.arrow(rows.aggregate(count=rows.count()))["count"][0].as_py())


def _rows_of_keys(lake: Lake, node: Node, keys: Sequence[Mapping[str, Any]], vector: Vector, as_of: date) -> ir.Table:
    columns = list(keys[0])
    unknown = [column for column in columns if column not in node.schema]
    if unknown:
        raise SelectionError(f"{node.full_name} has no column {listing(unknown)}.", hint=f"Its key is {', '.join(node.key)}.")
    schema = ibis.schema({ROW: "int64"} | {column: node.schema[column].copy(nullable=True) for column in columns})
    rows = [{ROW: position, **key} for position, key in enumerate(keys)]
    wanted = lake.engine.from_arrow(pa.Table.from_pylist(rows, schema=schema.to_pyarrow()), schema)
    return _joined(wanted, lake.input(node.name, as_of, vector), {column: column for column in columns}, list(node.schema))


def _follow(lake: Lake, node: Node, pending: dict[str, list[ir.Table]], vector: Vector, as_of: date) -> None:
    """Moves the rows found in `node` on to each of its traced inputs."""
    traces = node.spec.traces or {}
    needed = sorted({own for join in traces.values() for own in join})
    if not traces:
        return
    rows = _together(lake, [part.select(ROW, *needed) for part in pending[node.name]])
    for name, join in traces.items():
        source = lake.input(name, as_of, vector)
        parts = pending.setdefault(name, [])
        parts.append(_joined(rows, source, join, _wanted(lake, name)))


def _wanted(lake: Lake, name: str) -> list[str]:
    """The columns the next hop needs: the bronze reference, or what the table's own traces join on."""
    node = lake.catalog.nodes.get(name)
    if node is None:
        return [column for column in _BRONZE if column in lake.schema(name)]
    return sorted({own for join in (node.spec.traces or {}).values() for own in join})


def _joined(rows: ir.Table, source: ir.Table, join: Mapping[str, str], columns: Sequence[str]) -> ir.Table:
    """The rows of `source` that `rows` leads to, with the number of the row asked for."""
    left = rows.select(ROW, **{f"own_{position}": rows[own] for position, own in enumerate(join)}).distinct()
    right = source.mutate(**{f"other_{position}": source[other] for position, other in enumerate(join.values())})
    conditions = [left[f"own_{position}"] == right[f"other_{position}"] for position in range(len(join))]
    return left.inner_join(right, conditions).select(ROW, *columns).distinct()


def _together(lake: Lake, parts: Sequence[ir.Table]) -> ir.Table:
    return lake.engine.materialise(ibis.union(*parts, distinct=True) if len(parts) > 1 else parts[0])


def _collect(lake: Lake, name: str, parts: Sequence[ir.Table], found: list[list[BronzeRef]]) -> None:
    """Notes the bronze references; reference tables, which have no records, lead no further."""
    entity = name.removesuffix(VERSIONS_SUFFIX)
    if entity not in lake.registry.entities:
        return
    for row in lake.engine.arrow(_together(lake, parts)).to_pylist():
        found[row.pop(ROW)].append(BronzeRef(entity=entity, **row))
