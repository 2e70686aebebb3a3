"""Finds every table and step by walking `silver/` and `gold/`; answers order, selection and lineage.

A table is a decorated pure function named as the table. Its positional parameters name its inputs (a table of any layer, a
bronze entity, `<entity>_versions`, a reference table); its keyword-only parameters name fields of `RunParams` (and `work`, in a
step). A file is one table; the folder is its domain.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal

import ibis

from c360.contract import Contract, ibis_schema, key
from c360.errors import ContractError, SelectionError, listing
from c360.params import RunParams

Layer = Literal["vault", "silver", "gold"]
LAYERS: tuple[Layer, ...] = ("vault", "silver", "gold")


@dataclass(frozen=True)
class Overwrite:
    """The table is what the function returns; nothing else survives."""


@dataclass(frozen=True)
class ReplacePartition:
    """The partitions (values of `by`) the function returns are replaced; the others stay."""

    by: str


@dataclass(frozen=True)
class Merge:
    """Rows are replaced by the contract's key; rows the function no longer returns are deleted, in the same commit.

    `partition_by` names a column the files are partitioned by (large tables only).
    """

    partition_by: str | None = None


@dataclass(frozen=True)
class Append:
    """Rows are added once and never touched again: a row whose key is there already is left alone."""


WriteMode = Overwrite | ReplacePartition | Merge | Append


@dataclass(frozen=True)
class LocalTo:
    """The rows for one key depend only on the input rows of that key.

    Attributes:
        column: The key's column in the output.
        inputs: Input name -> the key's column there. Inputs not named are broadcast: a change there means a full build.
    """

    column: str
    inputs: Mapping[str, str]


@dataclass(frozen=True)
class Spec:
    """What a table declares beside its function."""

    contract: type[Contract]
    write: WriteMode
    layer: Layer | None
    local_to: LocalTo | None
    ages_by: Literal["day", "month"] | None
    month_column: str | None
    traces: Mapping[str, Mapping[str, str]] | None
    max_quarantined_share: float
    is_step: bool


@dataclass(frozen=True)
class Node:
    """One table of silver, gold or vault with all that is known of it."""

    name: str
    layer: Layer
    domain: str
    function: Callable[..., Any]
    spec: Spec
    inputs: tuple[str, ...]
    params: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """`<layer>.<name>`."""
        return f"{self.layer}.{self.name}"

    @property
    def contract(self) -> type[Contract]:
        """The pandera model."""
        return self.spec.contract

    @cached_property
    def schema(self) -> ibis.Schema:
        """The contract's Ibis schema."""
        return ibis_schema(self.spec.contract)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The contract's key columns."""
        return key(self.spec.contract)


def table(
    contract: type[Contract],
    *,
    write: WriteMode,
    local_to: LocalTo | None = None,
    ages_by: Literal["day", "month"] | None = None,
    month_column: str | None = None,
    traces: Mapping[str, Mapping[str, str]] | None = None,
    max_quarantined_share: float = 0.05,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares a pure table function.

    Args:
        contract: The pandera model of the rows it returns.
        write: How the rows are written.
        local_to: Declares that rows of a key depend only on input rows of that key.
        ages_by: For tables that use `as_of`: `"month"` when only rows of months from the last build's `as_of` on change on a
            new day, `"day"` when all may.
        month_column: The date column (first day of the month) `ages_by="month"` speaks of.
        traces: Input name -> {own column: input column}; following them ends at bronze. None: exempt (calendar, reference).
        max_quarantined_share: Share of rows failing their contract from which the build fails.
    """
    spec = Spec(contract, write, None, local_to, ages_by, month_column, traces, max_quarantined_share, is_step=False)
    return _declare(spec)


def step(
    contract: type[Contract],
    *,
    write: WriteMode,
    layer: Layer | None = None,
    traces: Mapping[str, Mapping[str, str]] | None = None,
    max_quarantined_share: float = 0.05,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares a step: wired like a table, but given a `Work` handle (`*, work`) to run Python over Arrow batches."""
    return _declare(Spec(contract, write, layer, None, None, None, traces, max_quarantined_share, is_step=True))


def _declare(spec: Spec) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        function.__c360__ = spec  # type: ignore[attr-defined]  # how the walk recognises a table
        return function

    return mark


@dataclass(frozen=True)
class Catalog:
    """All tables by name, in build order, and the names of what they may read besides."""

    nodes: Mapping[str, Node]
    external: frozenset[str] = field(default_factory=frozenset)

    def __getitem__(self, name: str) -> Node:
        """The node called `name` or `layer.name`.

        Raises:
            SelectionError: There is no such table.
        """
        short = name.split(".", 1)[1] if name.split(".", 1)[0] in LAYERS and "." in name else name
        node = self.nodes.get(short)
        if node is None or ("." in name and node.full_name != name):
            known = listing(n.full_name for n in self.nodes.values())
            raise SelectionError(f"There is no table {name!r}.", hint=f"Tables: {known}.")
        return node

    def layer(self, *layers: Layer) -> list[Node]:
        """The nodes of these layers in build order."""
        return [n for n in self.nodes.values() if n.layer in layers]

    def upstream(self, names: Iterable[str]) -> set[str]:
        """`names` and every table they are made from."""
        return _closure(names, lambda n: (i for i in self.nodes[n].inputs if i in self.nodes))

    def downstream(self, names: Iterable[str]) -> set[str]:
        """`names` and every table made from them."""
        return _closure(names, lambda n: (m for m, node in self.nodes.items() if n in node.inputs))

    def select(self, expressions: Iterable[str]) -> list[Node]:
        """Nodes named by selection expressions, in build order.

        An expression is a table (`fct_invoice`, `silver.fct_invoice`), a layer (`gold`), a domain (`gold.revenue`), each with
        `+` before (its inputs too) or after (what is made from it too). No expression: everything.

        Raises:
            SelectionError: An expression names nothing.
        """
        wanted: set[str] = set()
        for expression in expressions:
            names = {n.name for n in self._named(expression.strip("+"))}
            wanted |= names
            if expression.startswith("+"):
                wanted |= self.upstream(names)
            if expression.endswith("+"):
                wanted |= self.downstream(names)
        return [n for n in self.nodes.values() if not wanted or n.name in wanted]

    def _named(self, expression: str) -> list[Node]:
        nodes = [n for n in self.nodes.values() if expression in (n.name, n.full_name, n.layer, f"{n.layer}.{n.domain}")]
        if not nodes:
            domains = {f"{n.layer}.{n.domain}" for n in self.nodes.values()}
            tables = {n.full_name for n in self.nodes.values()}
            raise SelectionError(
                f"--select {expression!r} names no table, layer or domain.",
                hint=f"Domains: {listing(domains)}. Tables: {listing(tables, 40)}.",
            )
        return nodes


def discover(packages: Iterable[str], external: Iterable[str]) -> Catalog:
    """Walks `<package>.silver` and `<package>.gold` of every package.

    Args:
        packages: Python packages laid out like `c360` (its own first).
        external: Names tables may read that no function makes: bronze entities, their `_versions`, reference tables.

    Raises:
        ContractError: Two tables share a name, an input does not exist, a keyword is no run parameter, or tables form a circle.
    """
    nodes: dict[str, Node] = {}
    names = frozenset(external)
    for package in packages:
        for node in _walk(package):
            if node.name in nodes or node.name in names:
                raise ContractError(f"Two tables are called {node.name!r}.", hint="Table names are unique over all layers.")
            nodes[node.name] = node
    for node in nodes.values():
        _check_wiring(node, names | set(nodes))
    return Catalog({name: nodes[name] for name in _build_order(nodes)}, names)


def _walk(package: str) -> Iterable[Node]:
    for layer in ("silver", "gold"):
        try:
            root = importlib.import_module(f"{package}.{layer}")
        except ModuleNotFoundError as error:
            if error.name != f"{package}.{layer}":
                raise
            continue
        for info in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            module = importlib.import_module(info.name)
            for name, function in vars(module).items():
                if callable(function) and hasattr(function, "__c360__") and function.__module__ == module.__name__:
                    yield _node(name, layer, info.name, function)


def _node(name: str, folder: str, module: str, function: Callable[..., Any]) -> Node:
    spec: Spec = function.__c360__  # type: ignore[attr-defined]
    parameters = inspect.signature(function).parameters.values()
    inputs = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
    params = tuple(p.name for p in parameters if p.kind == p.KEYWORD_ONLY and p.name != "work")
    domain = module.split(f".{folder}.", 1)[1].split(".")[0]
    return Node(name, spec.layer or folder, domain, function, spec, inputs, params)  # type: ignore[arg-type]


def _check_wiring(node: Node, names: Iterable[str]) -> None:
    known = set(names)
    for name in node.inputs:
        if name not in known:
            raise ContractError(
                f"{node.full_name} reads {name!r}, which does not exist.", hint=f"There are: {listing(known, 60)}."
            )
    for name in node.params:
        if name not in RunParams.__dataclass_fields__:
            fields = listing(RunParams.__dataclass_fields__)
            raise ContractError(f"{node.full_name} asks for {name!r}, which is no run parameter.", hint=f"There are: {fields}.")
    missing = set(node.spec.local_to.inputs if node.spec.local_to else ()) - set(node.inputs)
    missing |= set(node.spec.traces or ()) - set(node.inputs)
    if missing:
        raise ContractError(f"{node.full_name} declares {listing(missing)} in local_to or traces, but does not read it.")


def _build_order(nodes: Mapping[str, Node]) -> list[str]:
    sorter = TopologicalSorter({n: sorted(i for i in node.inputs if i in nodes) for n, node in sorted(nodes.items())})
    try:
        order = list(sorter.static_order())
    except CycleError as error:
        raise ContractError(f"Tables form a circle: {' -> '.join(error.args[1])}.") from error
    rank = {"vault": 0, "silver": 0, "gold": 1}
    return sorted(order, key=lambda n: rank[nodes[n].layer])


def _closure(names: Iterable[str], neighbours: Callable[[str], Iterable[str]]) -> set[str]:
    found: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue.extend(neighbours(name))
    return found
