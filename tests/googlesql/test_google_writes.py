"""What a write, a check and the quarantine ask of BigQuery: accepted, and DuckDB's rows."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from c360.catalog import Node
from c360.contract import key, row_rules
from c360.engines import changes
from c360.quality import quarantine
from c360.quality.evaluate import duplicate_counts, rule_counts, split
from tests.googlesql.both import Both, Inputs
from tests.inputs import AS_OF, catalog, random_rows

SCHEMA = ibis.schema({"id": "int64", "part": "string", "day": "date", "amount": "decimal(38, 8)", "share": "float64"})
NEW, OLD = (ibis.table(SCHEMA, name=name) for name in ("new_rows", "old_rows"))
KEY = ["id", "part"]
SCOPE = OLD.day >= date(2026, 1, 2)
DIFFERENCE = changes.difference(NEW, OLD, KEY)
PARTIAL = changes.difference(NEW, changes.in_reach(NEW, OLD, KEY, SCOPE), KEY)
EXPRESSIONS: dict[str, Callable[[], ir.Table]] = {
    "difference": lambda: DIFFERENCE,
    "difference by all columns": lambda: changes.difference(NEW, OLD, NEW.columns),
    "in_reach": lambda: changes.in_reach(NEW, OLD, KEY, SCOPE),
    "difference in scope": lambda: PARTIAL,
    "changed_rows": lambda: changes.changed_rows(PARTIAL, NEW.columns),
    "merge_source": lambda: changes.merge_source(PARTIAL, NEW.columns),
    "counts": lambda: changes.counts(PARTIAL),
    "key_faults": lambda: changes.key_faults(NEW, ["part"]),
    "numbered": lambda: changes.numbered(NEW, ["part"], NEW.columns),
    "kept_and_new": lambda: changes.kept_and_new(NEW, OLD, KEY, SCOPE),
    "as_schema": lambda: changes.as_schema(OLD, ibis.schema({"id": "string", "tag": "string", "amount": "decimal(38, 12)"})),
}
WITH_CONTRACT = list(catalog().nodes.values())


def rows(random: Random) -> list[dict[str, Any]]:
    """Rows with distinct keys, nulls in keys and values, and values that differ in the last digit only."""
    found = {}
    for _ in range(12):
        row = {
            "id": random.choice((1, 2, 3, None)),
            "part": random.choice(("a", "null", "", None)),
            "day": random.choice((date(2026, 1, 1), date(2026, 1, 2), None)),
            "amount": random.choice((Decimal("1.00000001"), Decimal("1.00000002"), Decimal(-1), None)),
            "share": random.choice((0.1, 0.3, 0.0, None)),
        }
        found[row["id"], row["part"]] = row
    return list(found.values())


def stored(seed: int) -> Inputs:
    random = Random(seed)
    return {"new_rows": (SCHEMA, rows(random) if seed else []), "old_rows": (SCHEMA, rows(random))}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_expressions_of_a_write(both: Both, name: str) -> None:
    seen = sum(both.equal(EXPRESSIONS[name](), stored(seed)).total() for seed in range(3))
    assert seen > 1


def broken_rows(node: Node, seed: int) -> list[dict[str, Any]]:
    """Rows of a table of which most break a rule, some twice; texts hold what JSON must escape."""
    random = Random(seed)
    found = random_rows(node.name, 9, random)
    texts = ('a "b"\\\n', "someone@mail.example", "\t\x01")
    for row in found:
        for name, dtype in node.schema.items():
            if random.random() < 0.1:
                row[name] = random.choice(texts) if dtype.is_string() and random.random() < 0.5 else None
    return found + found[:2]


@pytest.mark.heavy
@pytest.mark.parametrize("node", WITH_CONTRACT, ids=lambda node: node.full_name)
def test_the_checks_of_a_contract(both: Both, node: Node) -> None:
    table = ibis.table(node.schema, name="checked")
    nullable = ibis.schema({name: dtype.copy(nullable=True) for name, dtype in node.schema.items()})
    good, bad = split(table, node.contract)
    found = quarantine.bad_rows(bad, node.contract, run_id="run", load_date=AS_OF)
    given = {"checked": (nullable, broken_rows(node, 1))}
    both.equal(rule_counts(table, list(row_rules(node.contract))), given)
    both.equal(duplicate_counts(table, key(node.contract)), given)
    both.equal(good, given)
    assert both.equal(found, given)


def test_the_checks_of_an_empty_table(both: Both) -> None:
    node = catalog()["fct_invoice"]
    table, given = ibis.table(node.schema, name="checked"), {"checked": (node.schema, [])}
    (counts,) = both.equal(rule_counts(table, list(row_rules(node.contract))), given)
    assert set(counts) == {0}
    assert not both.equal(split(table, node.contract)[1], given)


def test_the_next_state_of_a_quarantine(both: Both) -> None:
    node = catalog()["fct_invoice"]
    nullable = ibis.schema({name: dtype.copy(nullable=True) for name, dtype in node.schema.items()})
    table = ibis.table(nullable, name="checked")
    bad = quarantine.bad_rows(split(table, node.contract)[1], node.contract, run_id="run", load_date=AS_OF)
    states = [both.rows_on_duckdb(bad, {"checked": (nullable, broken_rows(node, seed))}) for seed in (1, 2)]
    state, now = (ibis.table(quarantine.SCHEMA, name=name) for name in ("state", "now"))
    given = {"state": (quarantine.SCHEMA, states[0]), "now": (quarantine.SCHEMA, states[1])}
    following = quarantine.next_state(state, now, load_date=AS_OF)
    assert both.equal(following, given).total() >= len(states[0])
    assert both.equal(quarantine.open_keys(state, "invoice_id", "nothing"), given)
