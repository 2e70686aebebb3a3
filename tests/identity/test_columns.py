"""Columns as dictionaries of distinct values, and pairs of them."""

import numpy as np
import pyarrow as pa
import pytest

from c360.identity.columns import Column, Pairs, join
from tests.identity_rows import given, rows, texts


def test_each_distinct_text_is_normalised_once_and_nothing_is_missing():
    seen = []
    column = Column.of(pa.array(["b", "a", None, "b", " "], pa.string()), lambda text: seen.append(text) or text.strip())
    assert texts(column) == ["b", "a", None, "b", None]
    assert sorted(seen) == [" ", "a", "b"]
    assert column.counts.tolist() == [1, 2]


def test_the_order_of_rows_does_not_decide_the_dictionary():
    one, two = (Column.of(pa.array(values)) for values in (["x", "y", "z"], ["z", "y", "x"]))
    assert one.values.tolist() == two.values.tolist()
    assert one.codes.tolist() == two.codes.tolist()[::-1]


def test_chunks_are_one_column():
    assert texts(Column.of(pa.chunked_array([["a"], [None, "b"]], pa.string()))) == ["a", None, "b"]


@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_column_may_be_empty(values):
    column = Column.of(pa.array(values, pa.string()))
    assert column.is_empty
    assert texts(column.map(str.upper)) == values
    assert texts(join((column, column), lambda one, two: one)) == values


def test_split_or_else_and_take():
    column = Column.of(pa.array(["a b", "c d", None]))
    first, second = column.split(str.split, 2)
    assert (texts(first), texts(second)) == (["a", "c", None], ["b", "d", None])
    other = Column.of(pa.array([None, "y", "z"]))
    assert texts(other.or_else(first)) == ["a", "y", "z"]
    assert texts(column.take(rows(2, 0, 0))) == [None, "a b", "a b"]


def test_a_join_asks_once_for_each_combination():
    asked = []
    joined = join(
        (Column.of(pa.array(["a", "a", None])), Column.of(pa.array(["x", "x", "x"]))),
        lambda one, two: asked.append((one, two)) or (one and one + two),
    )
    assert texts(joined) == ["ax", "ax", None]
    assert sorted(asked, key=str) == [("a", "x"), (None, "x")]


def test_two_texts_are_measured_once_however_many_pairs_have_them():
    asked = []

    def measure(left, right):
        asked.extend(zip(left, right, strict=True))
        return np.full(len(left), 0.5)

    pairs = Pairs(given(city=["ulm", "bern", "ulm", None]), rows(0, 2, 0, 0), rows(1, 1, 2, 3))
    assert pairs.measured("city", measure).tolist() == [0.5, 0.5, 1.0, -1.0]
    assert asked == [("ulm", "bern")]
    assert pairs.same("city").tolist() == [False, False, True, False]
    assert pairs.has("city").tolist() == [True, True, True, False]
