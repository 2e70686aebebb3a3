"""The months a customer (or a customer's currency) has a row for."""

import datetime
from collections.abc import Sequence

import ibis.expr.types as ir

from c360.expressions.arrays import each_integer
from c360.expressions.time import month_index, month_of_index


def months_since_first(firsts: ir.Table, keys: Sequence[str], as_of: datetime.date) -> ir.Table:
    """One row per key and month from that of the earliest `first_date` to `as_of`'s: `keys`, `month_start_date`."""
    inside = firsts.filter(firsts.first_date <= as_of)
    earliest = inside.group_by(list(keys)).agg(first_date=inside.first_date.min())
    bounded = earliest.mutate(_first=month_index(earliest.first_date), _last=month_index(as_of))
    each = each_integer(bounded, "month", first="_first", last="_last")
    return each.select(*keys, month_start_date=month_of_index(each.month))
