"""Arrays by the same rule on every engine."""

import ibis
import ibis.expr.types as ir


def total(numbers: ir.ArrayValue) -> ir.IntegerValue:
    """Sum of the elements that are not null; null where there are none.

    Engines differ in both: on Spark one null makes a sum null, and an empty array sums to 0.
    """
    known = numbers.filter(lambda number: number.notnull())
    return ibis.ifelse(known.length() > 0, known.sums(), ibis.null("int64"))


def each_integer(rows: ir.Table, name: str, *, first: str, last: str) -> ir.Table:
    """Every row once per integer from `first` to `last`, which is the new column `name`.

    Args:
        rows: The rows.
        name: The new column.
        first: Column of the first integer; a column, because Ibis forgets the parentheses around an expression there.
        last: Column of the last integer; a row whose last is below its first is gone.
    """
    return rows.mutate(**{name: ibis.range(rows[first], rows[last] + 1).unnest()})
