"""Expressions as SQL text: the same text for equal expressions, compiled once per process.

Compiling is most of what a small table costs, so the text a fingerprint is made of is also the text DuckDB runs.
"""

import re
from functools import lru_cache

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from c360.errors import ContractError

DIALECT = "duckdb"
"""The one dialect of fingerprints."""

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
    compiled = str(ibis.to_sql(op.to_expr(), dialect=dialect, pretty=False))
    sql = _DROPPED_COLUMNS.sub(_sorted_columns, compiled)
    counters: dict[str, str] = {}

    def numbered(match: re.Match[str]) -> str:
        return counters.setdefault(match.group(0), f"ibis_{match.group(1)}_{len(counters) + 1}")

    return _RANDOM_NAME.sub(numbered, sql)


def _sorted_columns(match: re.Match[str]) -> str:
    columns = sorted(column.strip() for column in match.group(2).split(","))
    return f"{match.group(1)} ({', '.join(columns)})"
