"""Every table of the catalog on GoogleSQL: accepted, typed as its contract says, and DuckDB's rows on generated inputs.

`C360_GOOGLESQL_SEEDS` sets how many inputs each table gets (2 by default, the first of them empty).
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from c360.catalog import Node
from c360.engines.bigquery_sql import MAX_QUERY_CHARACTERS, bigquery_sql
from c360.fingerprint import expression
from tests import inputs as generated
from tests.googlesql.both import Both, Inputs, columns
from tests.inputs import EACH_TABLE, random_rows, schema_of, schemas_of

SEEDS = int(os.environ.get("C360_GOOGLESQL_SEEDS", "2"))
TRIES = 60
LONG = 50_000
"""Statements of more characters take the analyzer 2 to 10 s each; they get fewer inputs."""

PARAMS = replace(generated.PARAMS, reporting_zone="America/New_York", fiscal_start_month=4)
INSTANTS = [
    datetime(2026, 3, 8, 6, 59, 59, 999_999, tzinfo=UTC),  # the last one of New York's winter …
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # … and the first one of its summer
    datetime(2025, 11, 2, 5, 59, 59, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC),
]


@pytest.fixture(autouse=True)
def more_instants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "INSTANTS", generated.INSTANTS + INSTANTS)


def inputs(node: Node, seed: int, row_count: int) -> Inputs:
    """Rows of every input; none at all for seed 0."""
    random = Random(seed)
    return {name: (schema_of(name), random_rows(name, row_count if seed else 0, random)) for name in node.inputs}


def examples(both: Both, node: Node, wanted: int) -> Iterator[tuple[Inputs, Counter[Any]]]:
    """Inputs with DuckDB's rows: no rows at all first, then inputs that lead to rows (few do where many keys must meet)."""
    expr = expression(node, PARAMS, schemas_of(node))
    found = 0
    for seed in range(TRIES):
        given = inputs(node, seed, 6 + 8 * (seed % 2))
        expected = both.on_duckdb(expr, given, node.schema)
        if seed == 0 or expected:
            yield given, expected
            found += 1
        if found == wanted or not node.inputs:
            return


@EACH_TABLE
def test_it_gives_duckdbs_rows(both: Both, node: Node) -> None:
    expr = expression(node, PARAMS, schemas_of(node))
    sql = bigquery_sql(expr)
    assert len(sql) < MAX_QUERY_CHARACTERS
    assert columns(expr.schema()) == columns(node.schema)
    seen: Counter[Any] = Counter()
    for given, expected in examples(both, node, max(2, SEEDS - 1) if len(sql) > LONG else SEEDS):
        assert both.on_google(expr, given) == expected
        seen.update(expected)
    assert seen, "the inputs never led to a row, so nothing was shown"
