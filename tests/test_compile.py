"""Every table compiles for every engine from nothing but contracts, to the text that is committed in tests/compiled/.

Review the texts in diffs. `make compiled` writes them anew. No engine is asked, nor need one be installed: the dialects are
Ibis' and sqlglot's. Equal texts in all processes are what fingerprints stand on, too.
"""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import ibis.expr.types as ir
import pytest

from c360.batch import as_batch_process
from c360.catalog import Node
from c360.engines.bigquery_sql import bigquery_sql
from c360.fingerprint import expression
from c360.sql import canonical_sql
from tests.inputs import EACH_TABLE, PARAMS, schemas_of, tables

ENGINES = ("duckdb", "pyspark", "bigquery")
OTHERS = ("databricks", "snowflake")
COMPILED = Path(__file__).parent / "compiled"
WRITE = "C360_WRITE_COMPILED" in os.environ
_NEW_LINE = re.compile(
    r" (?=(?:SELECT|FROM|WHERE|QUALIFY|GROUP BY|UNION|(?:(?:LEFT|INNER|CROSS|FULL|SEMI|ANTI|OUTER) ){0,2}JOIN)\b)"
    r"(?<!LEFT )(?<!INNER )(?<!CROSS )(?<!FULL )(?<!SEMI )(?<!ANTI )(?<!OUTER )"  # not within a join's words
    r'|(?<=,) (?=["`]?t\d+["`]?\.|(?:CASE|CAST|COALESCE)\b)'
)
_SEPARATOR = re.compile("'[0-9a-f]{32}'")
"""Ibis joins and splits arrays by a random text on Snowflake."""
_PACKAGES = ("duckdb", "deltalake", "pyspark", "google.cloud", "databricks", "snowflake")
_ELSEWHERE = (
    f"import sys; sys.modules.update(dict.fromkeys({_PACKAGES})); from tests.test_compile import compile_all; compile_all()"
)


@cache
def expression_of(name: str) -> ir.Table:
    node = next(node for node in tables() if node.full_name == name)
    return expression(node, PARAMS, schemas_of(node))


def compiled(node: Node, dialect: str) -> str:
    """The statement with a line per column and clause; BigQuery's by our own compiler."""
    expr = expression_of(node.full_name)
    sql = bigquery_sql(expr) if dialect == "bigquery" else canonical_sql(expr, dialect)
    return _SEPARATOR.sub("'any'", _NEW_LINE.sub("\n", sql)) + "\n"


@EACH_TABLE
@pytest.mark.parametrize("dialect", [*ENGINES, *(pytest.param(dialect, marks=pytest.mark.heavy) for dialect in OTHERS)])
def test_it_compiles_to_the_committed_text(node: Node, dialect: str) -> None:
    file = COMPILED / dialect / f"{node.full_name}.sql"
    text = compiled(node, dialect)
    if WRITE:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    assert file.exists(), "run `make compiled` and commit the file"
    assert text == file.read_bytes().decode(), "run `make compiled` and review the difference"


def compile_all() -> None:
    """Every table in every dialect, on all cores; seconds on the clock to standard output, without those for imports."""
    as_batch_process()
    begun = time.monotonic()
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:  # forked: the packages stay away
        other = [text for texts in pool.map(other_texts, [node.full_name for node in tables()]) for text in texts]
    sys.stdout.write(f"{len(tables())} tables in {len(ENGINES + OTHERS)} dialects: {time.monotonic() - begun:.1f} s\n")
    assert other == []


def other_texts(name: str) -> list[str]:
    """Files of a table whose text is not the compiled one."""
    node = next(node for node in tables() if node.full_name == name)
    files = {dialect: COMPILED / dialect / f"{name}.sql" for dialect in (*ENGINES, *OTHERS)}
    return [str(file) for dialect, file in files.items() if compiled(node, dialect) != file.read_bytes().decode()]


@pytest.mark.heavy
def test_no_engine_needs_to_be_installed() -> None:
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", _ELSEWHERE], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    sys.stdout.write(done.stdout)  # shown by pytest's -rP


def test_no_file_is_of_a_table_that_is_gone() -> None:
    files = {path.relative_to(COMPILED).with_suffix("").as_posix() for path in COMPILED.rglob("*.sql")}
    assert files == {f"{dialect}/{node.full_name}" for dialect in (*ENGINES, *OTHERS) for node in tables()}


@EACH_TABLE
def test_it_returns_what_its_contract_says(node: Node) -> None:
    returned = expression_of(node.full_name).schema()
    # A query cannot prove that a column is never null: the contract's check does.
    assert {name: str(t.copy(nullable=True)) for name, t in returned.items()} == {
        name: str(t.copy(nullable=True)) for name, t in node.schema.items()
    }
    assert list(returned) == list(node.schema)
