"""Laws every table must keep that declares how it may be built in part: `local_to` a key, `ages_by` month."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from random import Random

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from c360.catalog import LocalTo, Node
from c360.params import RunParams
from c360.sql import written_once
from tests.inputs import PARAMS, WORDS, random_rows, schema_of, tables

EXAMPLES = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a seed says nothing smaller: shrinking takes minutes
)
KEYS = ("a", "b")
"""The changed keys; rows of the third word stay outside."""
ROUNDS = 10
NEXT_DAY = date(2026, 7, 5)
NEXT_MONTH = date(2026, 8, 1)

LOCAL = [n for n in tables() if n.spec.local_to]
AGEING = [n for n in tables() if n.spec.ages_by == "month"]
Drawn = dict[str, tuple[int, int]]


@pytest.fixture(scope="module")
def con() -> Iterator[Backend]:
    backend = ibis.duckdb.connect()
    backend.raw_sql("SET TimeZone = 'UTC'")
    backend.raw_sql("SET threads = 1")
    yield backend
    backend.disconnect()


def _drawn(node: Node) -> st.SearchStrategy[Drawn]:
    """Number of rows and seed of the values, per input: shrinks to few rows without drawing every leaf."""
    return st.fixed_dictionaries({name: st.tuples(st.integers(2, 9), st.integers(0, 10_000)) for name in node.inputs})


def _fill(con: Backend, drawn: Drawn) -> None:
    for name, (count, seed) in drawn.items():
        schema = _nullable(schema_of(name))
        rows = random_rows(name, count, Random(seed))
        con.create_table(name, pa.Table.from_pylist(rows, schema=schema.to_pyarrow()), schema=schema, overwrite=True)


def _compiled(con: Backend, node: Node, params: RunParams, rename: Callable[[str], str] = str) -> str:
    inputs = [ibis.table(schema_of(name), name=rename(name)) for name in node.inputs]
    used = {name: getattr(params, name) for name in node.params}
    return str(con.compile(written_once(node.function(*inputs, **used))))


def _rows(con: Backend, sql: str) -> Counter[str]:
    return Counter(repr(row) for row in con.con.execute(sql).to_arrow_table().to_pylist())


def _where(sql: str, condition: str) -> str:
    return f"SELECT * FROM ({sql}) AS whole WHERE {condition}"


def _nullable(schema: ibis.Schema) -> ibis.Schema:
    return ibis.schema({name: dtype.copy(nullable=True) for name, dtype in schema.items()})


def _restricted(name: str, local_to: LocalTo) -> str:
    return f"only_{name}" if name in local_to.inputs else name


def _restrict(con: Backend, local_to: LocalTo) -> None:
    for name, column in local_to.inputs.items():
        kept = _where(f'SELECT * FROM "{name}"', f'"{column}" IN {KEYS}')
        con.raw_sql(f'CREATE OR REPLACE VIEW "only_{name}" AS {kept}')


def _until_shown(law: Callable[[], None], seen: Counter[str]) -> None:
    """Few inputs lead to rows of some tables; a law that was never tried on a row shows nothing."""
    for _ in range(ROUNDS):
        law()
        if seen:
            return
    raise AssertionError("the inputs never led to a row, so nothing was shown")


@pytest.mark.parametrize("node", LOCAL, ids=lambda node: node.full_name)
def test_rows_of_a_key_depend_only_on_input_rows_of_that_key(con: Backend, node: Node) -> None:
    local_to = node.spec.local_to
    assert local_to
    whole = _where(_compiled(con, node, PARAMS), f'"{local_to.column}" IN {KEYS}')
    part = _compiled(con, node, PARAMS, lambda name: _restricted(name, local_to))
    seen: Counter[str] = Counter()

    @EXAMPLES
    @given(_drawn(node))
    def law(drawn: Drawn) -> None:
        _fill(con, drawn)
        _restrict(con, local_to)
        expected = _rows(con, whole)
        assert _rows(con, part) == expected
        seen.update(expected)

    _until_shown(law, seen)


@pytest.mark.parametrize("node", AGEING, ids=lambda node: node.full_name)
def test_months_before_the_last_loads_month_do_not_change_with_age(con: Backend, node: Node) -> None:
    done = f"\"{node.spec.month_column}\" < DATE '{PARAMS.as_of.replace(day=1)}'"
    before = _where(_compiled(con, node, PARAMS), done)
    later = [_where(_compiled(con, node, replace(PARAMS, as_of=day)), done) for day in (NEXT_DAY, NEXT_MONTH)]
    seen: Counter[str] = Counter()

    @EXAMPLES
    @given(_drawn(node))
    def law(drawn: Drawn) -> None:
        _fill(con, drawn)
        expected = _rows(con, before)
        assert [_rows(con, after) for after in later] == [expected, expected]
        seen.update(expected)

    _until_shown(law, seen)


def test_the_keys_are_words_of_the_generator() -> None:
    assert set(KEYS) < set(WORDS)
