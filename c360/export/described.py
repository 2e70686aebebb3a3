"""What the generated pages and data contracts say of a table, read from its contract and declaration once."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from c360.catalog import Catalog, Node
from c360.contract import Contract, ibis_schema, key, metadata, row_rules
from c360.quality.log import LOG_TABLE, DataQualityLog


@dataclass(frozen=True)
class Column:
    """One column; `rules` are the reasons of its value rules (nulls apart)."""

    name: str
    type: str
    is_nullable: bool
    key_position: int | None
    unit: str | None
    privacy: str
    doc: str
    rules: Sequence[str]


@dataclass(frozen=True)
class Described:
    """One table for people and tools outside; `uses` and `used_by` are full names, `write` is null for logs."""

    name: str
    layer: str
    domain: str
    doc: str
    write: str | None
    key: Sequence[str]
    columns: Sequence[Column]
    row_rules: Sequence[str]
    expectations: Sequence[str]
    uses: Sequence[str]
    used_by: Sequence[str]
    traces: Mapping[str, Mapping[str, str]]
    max_quarantined_share: float
    contract: type[Contract]

    @property
    def full_name(self) -> str:
        """`<layer>.<name>`."""
        return f"{self.layer}.{self.name}"


def describe_all(catalog: Catalog) -> list[Described]:
    """Every table of the catalog in build order, then the quality log."""
    return [*(describe(node, catalog) for node in catalog.nodes.values()), _log()]


def describe(node: Node, catalog: Catalog) -> Described:
    """One table of the catalog."""
    readers = sorted(other.full_name for other in catalog.nodes.values() if node.name in other.inputs)
    uses = sorted(catalog.nodes[name].full_name if name in catalog.nodes else name for name in node.inputs)
    write, traces, share = type(node.spec.write).__name__, node.spec.traces or {}, node.spec.max_quarantined_share
    return _described(node.name, node.layer, node.domain, node.contract, write, uses, readers, traces, share)


def _log() -> Described:
    layer, name = LOG_TABLE.split(".")
    return _described(name, layer, "quality", DataQualityLog, None, [], [], {}, 0.0)


def _described(
    name: str,
    layer: str,
    domain: str,
    contract: type[Contract],
    write: str | None,
    uses: Sequence[str],
    used_by: Sequence[str],
    traces: Mapping[str, Mapping[str, str]],
    max_quarantined_share: float,
) -> Described:
    rules = list(row_rules(contract))
    return Described(
        name=name,
        layer=layer,
        domain=domain,
        doc=inspect.cleandoc(contract.__doc__ or ""),
        write=write,
        key=key(contract),
        columns=_columns(contract),
        row_rules=[rule.reason for rule in rules if rule.column is None],
        expectations=sorted({rule.expectation for rule in rules if rule.expectation}),
        uses=uses,
        used_by=used_by,
        traces=traces,
        max_quarantined_share=max_quarantined_share,
        contract=contract,
    )


def _columns(contract: type[Contract]) -> list[Column]:
    keys = list(key(contract))
    columns = []
    for name, dtype in ibis_schema(contract).items():
        told = metadata(contract, name)
        values = [rule for rule in row_rules(contract) if rule.column == name and rule.name != f"{name}.not_null"]
        columns.append(
            Column(
                name=name,
                type=str(dtype.copy(nullable=True)),
                is_nullable=dtype.nullable,
                key_position=keys.index(name) + 1 if name in keys else None,
                unit=told["unit"],
                privacy=told["pii"],
                doc=told["doc"] or "",
                rules=[rule.reason.removeprefix(f"{name}: ") for rule in values],
            )
        )
    return columns
