"""Pairs by shared keys are what comparing all with all would find."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from random import Random

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c360.engines.duckdb_session import DuckDBSession
from c360.expressions import candidates

SCHEMA = ibis.schema({"row": "int64", "side": "int64", "key": "int64"})
Key = tuple[int, int, int]


@pytest.fixture(scope="module")
def session() -> Iterator[DuckDBSession]:
    session = DuckDBSession()
    yield session
    session.close()


def rows_of(keys: list[Key]) -> pa.Table:
    return pa.table(list(map(pa.array, zip(*keys, strict=True))) if keys else [pa.array([], pa.int64())] * 3, names=list(SCHEMA))


def by_hand(keys: list[Key], most: int, *, within: bool) -> list[tuple[int, int]]:
    size = Counter(key for _, _, key in keys)
    return sorted(
        (min(one[0], two[0]), max(one[0], two[0]))
        for one, two in combinations(keys, 2)
        if one[2] == two[2] and size[one[2]] <= most and (within or one[1] != two[1])
    )


def listed(found: pa.Table) -> list[tuple[int, int]]:
    return sorted(zip(found["left"].to_pylist(), found["right"].to_pylist(), strict=True))


KEYS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), unique=True, max_size=20).map(
    lambda found: [(row, row % 3, key) for row, key in found]
)


@given(KEYS, st.integers(1, 5), st.booleans())
@settings(max_examples=20, deadline=None)
def test_pairs_are_those_found_by_hand_and_their_number_is_known_before(session, keys, most, within):
    table = session.from_arrow(rows_of(keys), SCHEMA)
    expected = by_hand(keys, most, within=within)
    assert listed(session.arrow(candidates.pairs(table, most, within=within))) == expected
    assert session.row(candidates.pair_count(table, most, within=within)) == (len(expected),)


def test_frequent_keys_are_told_and_give_no_pairs(session):
    table = session.from_arrow(rows_of([(row, 0, 7) for row in range(4)] + [(0, 0, 8), (1, 0, 8)]), SCHEMA)
    assert session.arrow(candidates.frequent(table, 3)).to_pylist() == [{"key": 7}]
    assert listed(session.arrow(candidates.pairs(table, 3, within=True))) == [(0, 1)]


def test_no_pair_comes_twice_and_each_knows_its_first_rule_and_how_many_gave_it(session):
    first = session.from_arrow(rows_of([(0, 0, 1), (1, 0, 1), (0, 0, 2), (1, 0, 2)]), SCHEMA)
    second = session.from_arrow(rows_of([(0, 0, 1), (1, 0, 1), (2, 0, 1)]), SCHEMA)
    tables = [candidates.pairs(table, 9, within=True) for table in (first, second)]
    found = session.arrow(candidates.once(tables).order_by("left", "right"))
    assert [tuple(row.values()) for row in found.to_pylist()] == [(0, 1, 0, 2), (0, 2, 1, 1), (1, 2, 1, 1)]
    assert session.arrow(candidates.once(tables[:1])).num_rows == 1


def test_the_same_on_spark(spark, session, tmp_path):
    """A larger table of keys on both engines."""
    from c360.engines.spark import SparkEngine

    chance = Random(3)
    keys = sorted({(row := chance.randrange(60), row % 2, chance.randrange(15)) for _ in range(150)})
    engine = SparkEngine(str(tmp_path / "lake"), session=spark)
    on_spark, here = (place.from_arrow(rows_of(keys), SCHEMA) for place in (engine, session))
    results: list[Callable[[ir.Table], ir.Table]] = [
        lambda t: candidates.once([candidates.pairs(t, 12, within=False), candidates.pairs(t, 9, within=True)]),
        lambda t: candidates.pair_count(t, 12, within=False).as_table(),
        lambda t: candidates.frequent(t, 12),
    ]
    for made in results:
        found, expected = engine.arrow(made(on_spark)).to_pylist(), session.arrow(made(here)).to_pylist()
        assert found
        assert sorted(map(repr, found)) == sorted(map(repr, expected))
