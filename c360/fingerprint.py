"""What a build depends on, as one hash: SQL (or a step's source), contract, write mode, parameters, input contents.

The same on every engine, process and machine: SQL is compiled to one dialect from unbound inputs, and the random names
Ibis gives to aliases are replaced by counters.
"""

import ast
import hashlib
import importlib.metadata
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

import c360.identity
from c360.catalog import Node
from c360.contract import row_rules
from c360.engines import bronze
from c360.errors import ContractError
from c360.params import RunParams
from c360.sources.base import Entity
from c360.sql import canonical_sql, written_once

LIBRARIES = ("rapidfuzz",)
"""Distributions whose version decides what a step returns."""

_SOURCE_PARTS = ("expressions", "gold", "identity", "reference", "silver")
_BYTECODE = "__pycache__"


def expression(node: Node, params: RunParams, schemas: Mapping[str, ibis.Schema]) -> ir.Table:
    """The table's expression over unbound inputs named as the parameters are.

    Raises:
        ContractError: A schema is missing.
    """
    missing = sorted(set(node.inputs) - set(schemas))
    if missing:
        raise ContractError(f"{node.full_name} reads {missing}, whose schema is not known.")
    inputs = [ibis.table(schemas[name], name=name) for name in node.inputs]
    return written_once(node.function(*inputs, **used_params(node, params)))


def used_params(node: Node, params: RunParams) -> dict[str, Any]:
    """The fields of the run's parameters that the function names."""
    return {name: getattr(params, name) for name in node.params}


def step_digest(node: Node, *, model_id: str, token_key_id: str) -> str:
    """Digest of everything that decides what a step does with its inputs.

    The step's module and what it imports from c360's expressions, references, silver and gold; all code and data under
    `c360/identity/`; the version of rapidfuzz; the matching model; the key of the tokens.
    """
    sources = _module_sources(node.function.__module__) | _identity_sources()
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return _digest({"sources": sources, "versions": versions, "model": model_id, "token_key": token_key_id})


def reading_digest(entity: Entity) -> str:
    """Digest of how stored records of an entity become the rows tables see: its declaration, and the code that types them."""
    declared = {name: str(value) for name, value in vars(entity).items()}
    return _digest({"entity": declared, "sources": _module_sources(bronze.__name__)})


def definition(node: Node, params: RunParams, expr: ir.Table | None, *, model_id: str, token_key_id: str) -> str:
    """The part of a fingerprint that does not depend on what the inputs hold: code, contract, write mode, parameters.

    Args:
        node: The table or step.
        params: The run's parameters; only those the function names count.
        expr: `expression(node, …)`; None for a step.
        model_id: Matching model (steps only).
        token_key_id: Id of the key tokens are made with (steps only).
    """
    code = step_digest(node, model_id=model_id, token_key_id=token_key_id) if expr is None else canonical_sql(expr)
    return _digest(
        {
            "table": node.full_name,
            "code": code,
            "contract": _contract(node),
            "write": [type(node.spec.write).__name__, asdict(node.spec.write)],
            "params": used_params(node, params),
        }
    )


def with_inputs(node: Node, defined: str, input_content_ids: Mapping[str, str]) -> str:
    """The fingerprint of a definition on inputs.

    Raises:
        ContractError: A content id is missing.
    """
    missing = sorted(set(node.inputs) - set(input_content_ids))
    if missing:
        raise ContractError(f"{node.full_name} reads {missing}, whose content is not known.")
    return _digest({"definition": defined, "inputs": {name: input_content_ids[name] for name in node.inputs}})


def _contract(node: Node) -> dict[str, Any]:
    rules = list(row_rules(node.contract))
    rows = ibis.table(node.schema, name=node.name)
    conditions = rows.mutate(**{f"rule_{i}": rule.holds(rows) for i, rule in enumerate(rules)})
    return {
        "columns": [[name, str(dtype)] for name, dtype in node.schema.items()],
        "key": node.key,
        "rules": [[rule.name, rule.expectation] for rule in rules],
        "conditions": canonical_sql(conditions),
    }


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_plain)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    raise ContractError(f"A run parameter of type {type(value).__name__} cannot enter a fingerprint.")


def _module_sources(name: str) -> dict[str, str]:
    """Digests of a module's source and, through its imports, of the first-party modules a step may call."""
    found: dict[str, str] = {}
    queue = [name]
    while queue:
        module = queue.pop()
        path = _path(module)
        if module in found or path is None:
            continue
        found[module] = _file_digest(path)
        queue.extend(_imports(path))
    return found


def _path(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:  # `from package.module import name`: the name is no module
        return None
    return Path(spec.origin) if spec and spec.origin else None


def _imports(path: Path) -> list[str]:
    names: list[str] = []
    for statement in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(statement, ast.ImportFrom) and statement.module:
            names += [statement.module, *(f"{statement.module}.{alias.name}" for alias in statement.names)]
        elif isinstance(statement, ast.Import):
            names += [alias.name for alias in statement.names]
    return [name for name in names if _is_part(name)]


def _is_part(name: str) -> bool:
    parts = name.split(".")
    return len(parts) > 1 and parts[0] == c360.__name__ and parts[1] in _SOURCE_PARTS


@cache
def _identity_digests() -> tuple[tuple[str, str], ...]:
    root = Path(c360.identity.__path__[0])
    files = sorted(p for p in root.rglob("*") if p.is_file() and _BYTECODE not in p.parts)
    return tuple((f"identity/{p.relative_to(root).as_posix()}", _file_digest(p)) for p in files)


def _identity_sources() -> dict[str, str]:
    return dict(_identity_digests())


def _file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
