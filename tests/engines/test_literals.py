"""Quoting: a value never becomes part of a statement."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from c360.engines.literals import is_one_of, plain_name, quoted_name, sql_literal
from c360.errors import LakeError


@pytest.mark.parametrize(
    "value", ["it's", "'; DROP TABLE x; --", "\\' ", "", "ü\n", 12, -3, True, None, date(2024, 2, 29), Decimal("1.50")]
)
def test_a_literal_is_the_value(value: Any) -> None:
    assert duckdb.execute("SELECT " + sql_literal(value)).fetchone() == (value,)


@pytest.mark.parametrize("value", [1.5, b"x", datetime(2024, 1, 1, tzinfo=UTC), ["a"], "a\0b"])
def test_other_types_are_refused(value: Any) -> None:
    with pytest.raises(LakeError):
        sql_literal(value)


def test_membership_knows_null() -> None:
    assert is_one_of("target.day", [date(2024, 1, 2), date(2024, 1, 1)]) == "target.day IN (DATE '2024-01-01', DATE '2024-01-02')"
    assert is_one_of("a", [None]) == "a IS NULL"
    assert is_one_of("a", [None, "x"]) == "(a IN ('x') OR a IS NULL)"


@pytest.mark.parametrize("name", ["a b", "A", 'a"', "a;b", "", "1a"])
def test_plain_names(name: str) -> None:
    with pytest.raises(LakeError):
        plain_name(name)
    assert duckdb.execute("SELECT 1 AS " + (quoted_name(name) if name else '"x"')).fetchone() == (1,)
