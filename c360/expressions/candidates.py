"""Candidate pairs by shared keys, on the engine: nothing compares all with all, no pair comes twice."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir


def frequent(keys: ir.Table, most: int) -> ir.Table:
    """`key`s that more than `most` rows share: one row each."""
    counted = keys.group_by("key").agg(row_count=keys.count())
    return counted.filter(counted.row_count > most).select("key")


def pair_count(keys: ir.Table, most: int, *, within: bool) -> ir.IntegerColumn:
    """How many pairs `pairs` will give, one row: known from counts, before any pair is made.

    Args:
        keys: `row, side, key`.
        most: Most rows that may share a key.
        within: Whether rows of one side are compared, or only rows of two.
    """
    sides = keys.group_by("key", "side").agg(row_count=keys.count())
    whole = sides.group_by("key").agg(total=sides.row_count.sum(), squares=(sides.row_count * sides.row_count).sum())
    usable = whole.filter(whole.total <= most)
    twice = usable.total * usable.total - (usable.total if within else usable.squares)
    return usable.aggregate(pair_count=(twice.sum() // 2).fill_null(0).cast("int64"))


def pairs(keys: ir.Table, most: int, *, within: bool) -> ir.Table:
    """`left, right`: rows that share a key which at most `most` rows have; left < right. See `pair_count`."""
    counted = keys.group_by("key").agg(row_count=keys.count())
    usable = keys.semi_join(counted.filter((counted.row_count > 1) & (counted.row_count <= most)), "key")
    left, right = usable.view(), usable.view()
    conditions = [left.key == right.key, left.row < right.row]
    if not within:
        conditions.append(left.side != right.side)
    return left.join(right, conditions).select(left=left.row, right=right.row)


def once(found: Sequence[ir.Table]) -> ir.Table:
    """`left, right, rule, rule_count`: each pair once, with the first rule that gave it and how many did."""
    numbered = [table.distinct().mutate(rule=ibis.literal(number, "int64")) for number, table in enumerate(found)]
    together = ibis.union(*numbered) if len(numbered) > 1 else numbered[0]
    return together.group_by("left", "right").agg(rule=together.rule.min(), rule_count=together.count())
