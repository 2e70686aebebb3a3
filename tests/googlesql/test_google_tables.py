"""Every table of the catalog on GoogleSQL: accepted, typed as its contract says, and DuckDB's rows on generated inputs.

`C360_GOOGLESQL_SEEDS` sets how many inputs each table gets (3 by default, the first of them empty).
"""

import os
from collections import Counter
from random import Random
from typing import Any

import pytest

from c360.catalog import Node
from c360.engines.bigquery_sql import MAX_QUERY_CHARACTERS, bigquery_sql
from c360.fingerprint import expression
from tests.googlesql.both import Both, Inputs, columns
from tests.inputs import PARAMS, random_rows, schema_of, schemas_of, tables

SEEDS = int(os.environ.get("C360_GOOGLESQL_SEEDS", "3"))
LONG = 50_000
"""Statements of more characters take the analyzer 2 to 10 s each; they get fewer inputs, of more rows."""


def inputs(node: Node, seed: int, row_count: int) -> Inputs:
    """Rows of every input; none at all for seed 0."""
    random = Random(seed)
    return {name: (schema_of(name), random_rows(name, row_count if seed else 0, random)) for name in node.inputs}


def seeds(node: Node, sql: str) -> list[tuple[int, int]]:
    """Seed and number of rows."""
    if not node.inputs:
        return [(0, 0)]
    if len(sql) > LONG:
        return [(seed, 14) for seed in range(max(2, SEEDS - 1))]
    return [(seed, 6 + 8 * (seed % 2)) for seed in range(SEEDS)]


@pytest.mark.parametrize("node", tables(), ids=lambda node: node.full_name)
def test_it_gives_duckdbs_rows(both: Both, node: Node) -> None:
    expr = expression(node, PARAMS, schemas_of(node))
    sql = bigquery_sql(expr)
    assert len(sql) < MAX_QUERY_CHARACTERS
    seen: Counter[Any] = Counter()
    for seed, row_count in seeds(node, sql):
        given = inputs(node, seed, row_count)
        expected = both.on_duckdb(expr, given, node.schema)
        assert columns(expr.schema()) == columns(node.schema)
        assert both.on_google(expr, given) == expected
        seen.update(expected)
    assert seen, "the inputs never led to a row, so nothing was shown"
