"""For every table of the catalog: a row that breaks one rule is found by that rule alone and lands in quarantine with it."""

import json
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pytest
from ibis.backends.duckdb import Backend

from c360.catalog import Node
from c360.contract import ibis_schema, row_rules
from c360.quality.evaluate import DUPLICATE_KEY, evaluate, split
from c360.quality.quarantine import bad_rows
from tests.conftest import TableFactory
from tests.inputs import catalog
from tests.quality.canaries import Canaries, batches

DAY = date(2026, 1, 2)
EACH_TABLE = pytest.mark.parametrize("node", catalog().nodes.values(), ids=lambda node: node.full_name)


def _quarantined(backend: Backend, node: Node, rows: ir.Table) -> list[list[str]]:
    bad = bad_rows(split(rows, node.contract)[1], node.contract, run_id="r", load_date=DAY)
    return [json.loads(row["reasons"]) for row in backend.to_pyarrow(bad).to_pylist()]


def _failing(backend: Backend, node: Node, rows: ir.Table) -> dict[str, int]:
    evaluation = evaluate(rows, node.contract, lambda expr: backend.to_pyarrow(expr).to_pylist())
    return {name: count for name, count in evaluation.failing.items() if count}


@EACH_TABLE
def test_each_rule_fires_alone_and_its_row_is_quarantined(backend: Backend, table: TableFactory, node: Node) -> None:
    reasons = {rule.name: rule.reason for rule in row_rules(node.contract)}
    canaries = Canaries(backend, node.contract).alone()
    assert [name for name in reasons if name not in canaries] == []  # what cannot fire alone is implied: drop it
    names = {id(row): name for name, row in canaries.items()}
    for batch in batches(node.contract, list(canaries.values())):
        rows = table(ibis_schema(node.contract), batch)
        fired = [names[id(row)] for row in batch]
        assert _failing(backend, node, rows) == dict.fromkeys(fired, 1)
        assert sorted(_quarantined(backend, node, rows)) == sorted([reasons[name]] for name in fired)


@EACH_TABLE
def test_a_good_row_passes_and_its_double_does_not(backend: Backend, table: TableFactory, node: Node) -> None:
    row: dict[str, Any] = Canaries(backend, node.contract).good_row()
    alone = table(ibis_schema(node.contract), [row])
    assert _failing(backend, node, alone) == {}
    assert _quarantined(backend, node, alone) == []
    double = table(ibis_schema(node.contract), [row, row])
    assert _failing(backend, node, double) == {DUPLICATE_KEY: 2}
    assert _quarantined(backend, node, double) == [[DUPLICATE_KEY]] * 2
