"""Every table of the catalog compiles for every engine from nothing but contracts, and always to the same text."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import ibis
import pytest

from c360.catalog import Node
from c360.fingerprint import expression
from c360.sql import canonical_sql
from tests.inputs import PARAMS, schemas_of, tables

DIALECTS = ("duckdb", "pyspark", "bigquery")
ROOT = Path(__file__).parents[1]
EACH_TABLE = pytest.mark.parametrize("node", tables(), ids=lambda node: node.full_name)
PRINT_DIGESTS = "from tests.test_compile import digests; import json; print(json.dumps(digests()))"


def digests() -> dict[str, str]:
    """Table -> digest of its SQL in the dialect of fingerprints."""
    return {
        node.full_name: hashlib.sha256(canonical_sql(expression(node, PARAMS, schemas_of(node))).encode()).hexdigest()
        for node in tables()
    }


@EACH_TABLE
@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_compiles(node: Node, dialect: str) -> None:
    assert "SELECT" in ibis.to_sql(expression(node, PARAMS, schemas_of(node)), dialect=dialect)


@EACH_TABLE
def test_it_returns_what_its_contract_says(node: Node) -> None:
    returned = expression(node, PARAMS, schemas_of(node)).schema()
    # A query cannot prove that a column is never null: the contract's check does.
    assert {name: str(t.copy(nullable=True)) for name, t in returned.items()} == {
        name: str(t.copy(nullable=True)) for name, t in node.schema.items()
    }
    assert list(returned) == list(node.schema)


def test_the_text_depends_on_no_hash_seed_and_no_process() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "2", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PRINT_DIGESTS]
    other = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    here, there = digests(), json.loads(other)
    assert here
    assert {name for name in here if here[name] != there[name]} == set()
