from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from c360.expressions.history import intervals

TEXTS = dict.fromkeys(("k", "owner", "region", "note"), "string")
SCHEMA = ibis.schema({**TEXTS, "at": "timestamp('UTC', 6)", "loaded": "int64", "is_deleted": "boolean"})
START = datetime(2026, 1, 1, tzinfo=UTC)
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def con() -> Iterator[Backend]:
    backend = ibis.duckdb.connect()
    backend.raw_sql("SET TimeZone = 'UTC'")
    yield backend
    backend.disconnect()


def _row(
    k: str, day: int, loaded: int, owner: str | None, region: str | None = None, *, is_deleted: bool = False
) -> dict[str, Any]:
    values = {"k": k, "owner": owner, "region": region, "note": f"{loaded}", "loaded": loaded, "is_deleted": is_deleted}
    return values | {"at": START + timedelta(days=day)}


def _run(con: Backend, rows: Rows) -> Rows:
    versions = con.create_table("versions", pa.Table.from_pylist(rows, schema=SCHEMA.to_pyarrow()), overwrite=True)
    found = intervals(versions, ["k"], ["owner", "region"], "at", newest_by=["loaded"])
    return con.to_pyarrow(found.order_by("k", "valid_from")).to_pylist()


def _spans(rows: Rows) -> list[tuple[str, int, int | None, str | None]]:
    def day(at: datetime | None) -> int | None:
        return None if at is None else (at - START).days

    return [(r["k"], day(r["valid_from"]), day(r["valid_to"]), r["owner"]) for r in rows]


def test_a_change_closes_one_interval_and_opens_the_next(con: Backend) -> None:
    rows = [_row("a", 0, 1, "Ann"), _row("a", 5, 2, "Bo")]
    found = _run(con, rows)
    assert _spans(found) == [("a", 0, 5, "Ann"), ("a", 5, None, "Bo")]
    assert [r["is_current"] for r in found] == [False, True]


def test_no_change_opens_no_row_and_the_first_version_is_named(con: Backend) -> None:
    found = _run(con, [_row("a", 0, 1, "Ann"), _row("a", 5, 2, "Ann")])
    assert _spans(found) == [("a", 0, None, "Ann")]
    assert found[0]["note"] == "1"


def test_a_late_version_splits_an_interval(con: Backend) -> None:
    rows = [_row("a", 0, 1, "Ann"), _row("a", 9, 2, "Cy"), _row("a", 4, 3, "Bo")]
    assert _spans(_run(con, rows)) == [("a", 0, 4, "Ann"), ("a", 4, 9, "Bo"), ("a", 9, None, "Cy")]


def test_a_deletion_closes_and_a_return_reopens(con: Backend) -> None:
    rows = [
        _row("a", 0, 1, "Ann"),
        _row("a", 3, 2, "Ann", is_deleted=True),
        _row("a", 4, 3, "Bo", is_deleted=True),
        _row("a", 6, 4, "Ann"),
    ]
    assert _spans(_run(con, rows)) == [("a", 0, 3, "Ann"), ("a", 6, None, "Ann")]


def test_null_is_a_value(con: Backend) -> None:
    rows = [_row("a", 0, 1, None), _row("a", 1, 2, "Ann"), _row("a", 2, 3, None), _row("a", 3, 4, None)]
    assert _spans(_run(con, rows)) == [("a", 0, 1, None), ("a", 1, 2, "Ann"), ("a", 2, None, None)]


def test_the_newest_version_of_one_instant_wins(con: Backend) -> None:
    assert _spans(_run(con, [_row("a", 0, 2, "Bo"), _row("a", 0, 1, "Ann")])) == [("a", 0, None, "Bo")]


VERSIONS = st.lists(
    st.builds(
        lambda k, day, owner, region, gone: {"k": k, "day": day, "owner": owner, "region": region, "gone": gone},
        st.sampled_from("ab"),
        st.integers(0, 8),
        st.sampled_from(["Ann", "Bo", None]),
        st.sampled_from(["north", None]),
        st.sampled_from([False, False, False, True]),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(VERSIONS, st.randoms(use_true_random=False))
def test_laws(con: Backend, drawn: Rows, random: Any) -> None:
    rows = [_row(v["k"], v["day"], i, v["owner"], v["region"], is_deleted=v["gone"]) for i, v in enumerate(drawn)]
    found = _run(con, rows)
    shuffled = random.sample(rows, len(rows))
    assert _run(con, shuffled) == found, "depends on the order of arrival"
    for key, group in groupby(found, key=lambda r: r["k"]):
        mine = list(group)
        deleted = [r["at"] for r in _effective(rows, key) if r["is_deleted"]]
        assert sum(r["is_current"] for r in mine) <= 1
        for one, two in pairwise(mine):
            assert one["valid_to"] is not None
            assert one["valid_to"] <= two["valid_from"], "overlap"
            if one["valid_to"] == two["valid_from"]:
                assert (one["owner"], one["region"]) != (two["owner"], two["region"]), "adjacent intervals are equal"
            else:
                assert one["valid_to"] in deleted, "a gap without a deletion"
    _check_every_instant(rows, found)


def _effective(rows: Rows, key: str) -> Rows:
    """The winning version per instant, in order of time."""
    winners: dict[datetime, dict[str, Any]] = {}
    for row in sorted((r for r in rows if r["k"] == key), key=lambda r: (r["at"], r["loaded"])):
        winners[row["at"]] = row
    return list(winners.values())


def _check_every_instant(rows: Rows, found: Rows) -> None:
    """At any instant the interval says what the newest version at or before it says."""
    for key in "ab":
        for day in range(-1, 10):
            at = START + timedelta(days=day)
            known = [r for r in _effective(rows, key) if r["at"] <= at]
            expected = (known[-1]["owner"], known[-1]["region"]) if known and not known[-1]["is_deleted"] else None
            mine = [r for r in found if r["k"] == key]
            holding = [r for r in mine if r["valid_from"] <= at and (r["valid_to"] is None or at < r["valid_to"])]
            assert [(r["owner"], r["region"]) for r in holding] == ([expected] if expected else [])
