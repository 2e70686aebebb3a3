"""Ordinary column operations, by group, over rows that show where engines part: what the portability page compares."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir

SCHEMA = ibis.schema(
    {
        "id": "int64",
        "i": "int64",
        "j": "int64",
        "text": "string",
        "exact": "decimal(38, 6)",
        "share": "float64",
        "at": "timestamp('UTC', 6)",
        "day": "date",
        "flag": "boolean",
        "words": "array<string>",
        "numbers": "array<int64>",
    }
)
T = ibis.table(SCHEMA, name="t")


def _at(year: int, *rest: int) -> datetime:
    return datetime(year, *rest, tzinfo=UTC)  # type: ignore[misc, arg-type]


_MANY_DIGITS = Decimal("12345678901234567890.123456")
_ROWS: list[tuple[Any, ...]] = [
    (1, 7, 2, "Straße", Decimal("2.675"), 2.55, _at(2026, 3, 29, 1), date(2024, 2, 29), True, ["a", "b"], [1, 2]),
    (2, -7, 2, " İstanbul ", Decimal("-0.5"), -2.5, _at(2025, 12, 31, 23, 59, 59, 999_999), date(2026, 1, 4), False, [], []),
    (3, 3, 0, "two\nlines, id 42", Decimal("0.005"), 0.1, _at(1969, 12, 31, 23), date(1970, 1, 1), None, ["x", None], [4, None]),
    (4, None, 5, "", Decimal("1.5"), 1e16, _at(2026, 7, 1), date(2026, 12, 31), True, ["b", "a", "b"], [3, 3]),
    (5, 2**53 + 1, -3, "a%_'b\"\\c", _MANY_DIGITS, 0.3, _at(2026, 10, 25, 1, 30), date(2026, 10, 25), False, ["é"], [-1]),
    (6, 10, None, None, None, None, None, None, None, None, None),
]
ROWS = [dict(zip(SCHEMA, row, strict=True)) for row in _ROWS]
BY_FLAG = ibis.window(group_by=T.flag)
BY_J = ibis.window(order_by=[T.j, T.id])
LAST = ibis.window(order_by=[ibis.asc(T.j, nulls_first=False), T.id])

OPERATIONS: dict[str, dict[str, ir.Value]] = {
    "Integers": {
        "i + j, i - j, i * 3": ibis.array([T.i + T.j, T.i - T.j, T.i * 3]),
        "i // j": T.i // T.j.nullif(0),
        "i // j by zero": T.i // T.j,
        "i / j": T.i / T.j.nullif(0),
        "i / j by zero": T.i / T.j,
        "i % j": T.i % T.j.nullif(0),
        "abs, negate, sign": ibis.array([T.j.abs(), -T.j, T.j.sign().cast("int64")]),
        "int64 to text": T.i.cast("string"),
        "int64 to float": T.i.cast("float64"),
        "greatest with a null": ibis.greatest(T.i, T.j),
        "least with a null": ibis.least(T.i, T.j),
        "bitwise and": T.i & 5,
    },
    "Decimals": {
        "to two decimals": T.exact.cast("decimal(38, 2)"),
        "round(2)": T.exact.round(2).cast("decimal(38, 2)"),
        "divided by 3": (T.exact / 3).cast("decimal(38, 6)"),
        "product of decimals": (T.j.cast("decimal(18, 3)") * T.j.cast("decimal(18, 3)")).cast("decimal(38, 6)"),
        "half to int64": (T.j.cast("decimal(10, 1)") + ibis.literal("0.5").cast("decimal(10, 1)")).cast("int64"),
        "to text": T.exact.cast("string"),
        "text tried as decimal": T.text.try_cast("decimal(38, 2)"),
    },
    "Floats": {
        "to int64": T.share.cast("int64"),
        "round().to int64": T.share.round().cast("int64"),
        "round(1)": T.share.round(1),
        "floor, ceil": ibis.array([T.share.floor().cast("int64"), T.share.ceil().cast("int64")]),
        "to text": T.share.cast("string"),
        "to two decimals": T.share.cast("decimal(38, 2)"),
        "is it NaN": T.share.isnan(),
        "ln, exp, sqrt to nine digits": (T.j.abs() + 1).cast("float64").ln().round(9),
    },
    "Text": {
        "length": T.text.length(),
        "lower": T.text.lower(),
        "upper": T.text.upper(),
        "strip": T.text.strip(),
        "reverse": T.text.reverse(),
        "substring(1, 3)": T.text.substr(1, 3),
        "left(2), right(2)": T.text.left(2) + "|" + T.text.right(2),
        "contains, startswith": ibis.array([T.text.contains("a"), T.text.startswith("S")]),
        "like %": T.text.like("a\\%%"),
        "replace": T.text.replace("a", ""),
        "re_replace": T.text.re_replace("[0-9]+", "#"),
        "re_extract with and without match": T.text.re_extract("id ([0-9]+)", 1),
        "re_search": T.text.re_search("^[a-z]"),
        "split": T.text.split(" "),
        "find": T.text.find("a"),
        "lpad": T.text.lpad(4, "0"),
        "concatenated with a null": T.text + "x",
        "levenshtein": T.text.levenshtein("Strasse"),
        "cast to int64, tried": T.text.re_extract("[0-9]+", 0).try_cast("int64"),
        "ascii_str": T.text.ascii_str(),
        "hexdigest": T.text.hexdigest(),
    },
    "Days and instants": {
        "day of an instant": T.at.date(),
        "truncate to month": T.at.truncate("M"),
        "day truncate to week": T.day.truncate("W"),
        "year, month, day": ibis.array([T.day.year().cast("int64"), T.day.month().cast("int64"), T.day.day().cast("int64")]),
        "quarter, day of year": ibis.array([T.day.quarter().cast("int64"), T.day.day_of_year().cast("int64")]),
        "ISO week": T.day.week_of_year().cast("int64"),
        "day of week": T.day.day_of_week.index().cast("int64"),
        "name of weekday": T.day.day_of_week.full_name(),
        "plus a month": T.day + ibis.interval(months=1),
        "plus 30 days": T.day + ibis.interval(days=30),
        "days between": T.day.delta(ibis.date("2026-01-01"), unit="day"),
        "seconds since 1970": T.at.epoch_seconds().cast("int64"),
        "strftime": T.at.strftime("%Y-%m"),
        "hour": T.at.hour().cast("int64"),
        "instant to text": T.at.cast("string"),
        "day to text": T.day.cast("string"),
        "text to day": T.day.cast("string").cast("date"),
    },
    "Null and truth": {
        "null equals null": T.i.identical_to(T.j),
        "flag and null, or null": ibis.array([T.flag & ibis.null("boolean"), T.flag | ibis.null("boolean")]),
        "is in (with null)": T.j.isin([2, 5]),
        "is not in": T.j.notin([2, 5]),
        "coalesce": ibis.coalesce(T.i, T.j, 0),
        "nullif": T.j.nullif(2),
        "boolean to text": T.flag.cast("string"),
        "boolean to int64": T.flag.cast("int64"),
    },
    "Arrays": {
        "length": T.words.length(),
        "element 0": T.words[0],
        "element beyond the end": T.words[5],
        "contains": T.words.contains("a"),
        "join": T.words.join(","),
        "sort": T.words.sort(),
        "unique, sorted": T.words.unique().sort(),
        "filter": T.words.filter(lambda word: word == "b"),
        "map": T.numbers.map(lambda number: number + 1),
        "sums": T.numbers.sums(),
        "concat": T.words.concat(["z"]),
    },
    "Windows": {
        "row_number": ibis.row_number().over(BY_J),
        "row_number, nulls last": ibis.row_number().over(LAST),
        "lag": T.i.lag().over(LAST),
        "first of the whole": T.i.first().over(ibis.window(group_by=T.flag, order_by=[T.id], preceding=None, following=None)),
        "running sum": T.id.sum().over(ibis.cumulative_window(order_by=T.id)),
        "rank": ibis.rank().over(ibis.window(order_by=[ibis.asc(T.flag.fill_null(False))])),
        "share of total to nine digits": (T.id / T.id.sum().over(BY_FLAG)).round(9),
    },
    "Aggregates (of groups by flag)": {
        "count, count distinct": ibis.array([T.count().over(BY_FLAG), T.j.nunique().over(BY_FLAG)]),
        "mean to nine digits": T.j.mean().over(BY_FLAG).round(9),
        "median": T.j.median().over(BY_FLAG),
        "std to nine digits": T.id.std().over(BY_FLAG).round(9),
        "min, max of text": T.text.max().over(BY_FLAG),
        "argmax": T.text.argmax(T.id).over(BY_FLAG),
        "decimal sum": T.exact.sum().over(BY_FLAG).cast("decimal(38, 6)"),
    },
}  # fmt: skip
"""Group -> name -> operation."""


def query(operation: ir.Value) -> ir.Table:
    """The operation's value per `id`."""
    return T.select("id", value=operation)
