"""Expressions as SQL text: the same text for equal expressions, compiled once per process.

Compiling is most of what a small table costs, so the text a fingerprint is made of is also the text DuckDB runs.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import ibis.backends.sql.compilers as compilers
import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.backends.sql import rewrites
from ibis.common.graph import Graph
from ibis.common.patterns import InstanceOf, NoMatch

from c360.errors import ContractError

DIALECT = "duckdb"
"""The one dialect of fingerprints."""

# Relations that Ibis 12 writes again wherever they are used; others it makes common tables itself.
_WRITTEN_AGAIN = (ops.Distinct, ops.DropColumns, ops.DropNull, ops.FillNull, ops.TableUnnest)
_STORED = (ops.PhysicalTable, ops.AliasedRelation)
# What Ibis makes a SELECT of, the same one for every dialect.
_AS_SELECT = (
    rewrites.project_to_select
    | rewrites.filter_to_select
    | rewrites.sort_to_select
    | rewrites.distinct_to_select
    | rewrites.fill_null_to_select
    | rewrites.drop_null_to_select
    | rewrites.drop_columns_to_select
)

_RANDOM_NAME = re.compile(r"\bibis_(\w+?)_[a-z2-7]{26}\b")
_DROPPED_COLUMNS = re.compile(r"""\b(EXCLUDE|EXCEPT) \(([\s"`\w,]+)\)""")


def canonical_sql(expr: ir.Table, dialect: str = DIALECT) -> str:
    """SQL of an expression over unbound tables, without what differs between two runs of Ibis.

    Random names become counters in order of appearance; columns left out by `drop`, which Ibis keeps in a set, are sorted.

    Raises:
        ContractError: The expression holds rows of its own (`ibis.memtable`), which SQL would only name.
    """
    return _canonical_sql(expr.op(), dialect)


@lru_cache(maxsize=2048)
def _canonical_sql(op: ops.Relation, dialect: str) -> str:
    if op.find(ops.InMemoryTable):
        raise ContractError("A table holds rows of its own (ibis.memtable).", hint="Make them a table of c360/reference/.")
    compiler = getattr(compilers, dialect).compiler
    # Not by `ibis.to_sql`: it looks through the whole expression for tables to unbind.
    return stable(compiler.to_sqlglot(op.to_expr()).sql(dialect=compiler.dialect))


def stable(sql: str) -> str:
    """Compiled SQL without what differs between two runs of Ibis: random names, and the order of columns left out."""
    counters: dict[str, str] = {}

    def numbered(match: re.Match[str]) -> str:
        return counters.setdefault(match.group(0), f"ibis_{match.group(1)}_{len(counters) + 1}")

    return _RANDOM_NAME.sub(numbered, _DROPPED_COLUMNS.sub(_sorted_columns, sql))


def written_once(expr: ir.Table) -> ir.Table:
    """The same rows, with a name (`shared_1`, …) for every relation that Ibis would write out more than once.

    Ibis makes a common table of most relations used twice, but not of one that only joins use, nor of a `distinct` or
    `drop`: their text grows with every use (230,000 characters for `fct_subscription_event` instead of 73,000).
    On the way, relations become the SELECTs that Ibis would make of them anew for each dialect.
    """
    names = {relation: f"shared_{number}" for number, relation in enumerate(_written_again(expr.op()), start=1)}

    def named(node: ops.Node, changed: Mapping[str, Any] | None) -> ops.Node:
        new = _select(node.__recreate__(changed) if changed else node)
        return ops.AliasedRelation(parent=new, name=names[node]) if node in names else new

    result: ir.Table = expr.op().replace(named).to_expr()
    return result


def _written_again(query: ops.Relation) -> list[ops.Relation]:
    """Relations with several users that Ibis does not make common tables, in a fixed order."""
    found: dict[ops.Relation, None] = {}
    for node, users in Graph.from_bfs(query, filter=~InstanceOf(ops.Field)).invert().items():
        if len(users) > 1 and isinstance(node, (ops.JoinReference, *_WRITTEN_AGAIN)):
            relation = node.parent if isinstance(node, ops.JoinReference) else node
            if not isinstance(relation, _STORED):
                found[relation] = None
    return list(found)


def _select(node: ops.Node) -> ops.Node:
    made = _AS_SELECT.match(node, {}) if isinstance(node, ops.Relation) else NoMatch
    return node if made is NoMatch else made


def _sorted_columns(match: re.Match[str]) -> str:
    columns = sorted(column.strip() for column in match.group(2).split(","))
    return f"{match.group(1)} ({', '.join(columns)})"
