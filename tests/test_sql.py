"""Expressions as SQL text: what is used several times is written once."""

from collections import Counter
from collections.abc import Iterator

import ibis
from ibis.backends.duckdb import Backend

from c360.fingerprint import expression
from c360.sql import canonical_sql, written_once
from tests.inputs import PARAMS, schemas_of, tables

LONG = 300
"""Characters; shorter queries may be repeated."""


def test_what_several_joins_use_is_written_once_and_gives_the_same_rows(backend: Backend) -> None:
    sales = backend.create_table("sales", ibis.memtable({"shop": ["a", "a", "b"], "amount": [1, 2, 3]}))
    shops = sales.select("shop").distinct()
    totals = shops.join(sales.group_by("shop").agg(total=sales.amount.sum()), "shop")
    query = totals.union(shops.join(sales.group_by("shop").agg(total=sales.count()), "shop"))
    assert canonical_sql(query).count("DISTINCT") == 2
    named = written_once(query)
    assert canonical_sql(named).count("DISTINCT") == 1
    rows = [sorted((row["shop"], row["total"]) for row in one.to_pyarrow().to_pylist()) for one in (query, named)]
    assert rows == [[("a", 2), ("a", 3), ("b", 1), ("b", 3)]] * 2


def test_no_table_repeats_a_query() -> None:
    seen: Counter[str] = Counter()
    for node in tables():
        texts = Counter(subqueries(canonical_sql(expression(node, PARAMS, schemas_of(node)))))
        assert [text[:LONG] for text, count in texts.items() if count > 1] == [], node.full_name
        seen.update(texts)
    assert seen


def subqueries(sql: str) -> Iterator[str]:
    """The text of each long query in brackets."""
    opened: list[int] = []
    for place, character in enumerate(sql):
        if character == "(":
            opened.append(place)
        elif character == ")" and sql.startswith("(SELECT", start := opened.pop()) and place - start > LONG:
            yield sql[start:place]
