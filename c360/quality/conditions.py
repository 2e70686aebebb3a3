"""Combining many expressions without nesting them deeply, and deciding what null means."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import ibis
import ibis.expr.types as ir

from c360.expressions.lineage import nullable

T = TypeVar("T")

FALSE = ibis.literal(value=False)
TRUE = ibis.literal(value=True)


def fold(parts: Sequence[T], combine: Callable[[T, T], T]) -> T:
    """Combines `parts` in order as a balanced tree: 100 parts nest 7 deep, not 100 (some engines' parsers recurse)."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return combine(fold(parts[:middle], combine), fold(parts[middle:], combine))


def any_of(conditions: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    """True when one is true; false for none."""
    return fold([FALSE, *conditions], lambda a, b: a | b)


def all_of(conditions: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    """True when all are true; true for none."""
    return fold([TRUE, *conditions], lambda a, b: a & b)


def stacked(*tables: ir.Table) -> ir.Table:
    """The rows of all tables, duplicates kept; nullability, which Ibis wants to be equal, does not matter."""
    return ibis.union(*(nullable(table) for table in tables))


def is_true(condition: ir.BooleanValue) -> ir.BooleanValue:
    """The condition with null as false."""
    return ibis.coalesce(condition, FALSE)


def is_false(condition: ir.BooleanValue) -> ir.BooleanValue:
    """Whether the condition is false; null is not false (as in SQL's CHECK)."""
    return ~ibis.coalesce(condition, TRUE)
