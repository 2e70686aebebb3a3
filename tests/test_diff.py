"""`c360 diff`: rows added, removed and changed between two releases, never what is personal."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from c360 import cli
from c360.catalog import Catalog, Overwrite, table
from c360.contract import Contract, Integer, Text, field
from c360.diff import RowDifference, diff
from c360.errors import ReleaseError, SelectionError
from c360.lake import Lake
from c360.release import TableState
from tests import small_lake

NEXT = date(2026, 7, 1)
TOTALS = [
    {"buyer": "ann", "month_start_date": small_lake.DAY, "amount": 13},
    {"buyer": "cid", "month_start_date": small_lake.DAY, "amount": 4},
    {"buyer": "cid", "month_start_date": NEXT, "amount": 5},
]


class Person(Contract):
    """One row per person."""

    person_id: Text = field("Id.", pii="id")
    name: Text = field("Name.", nullable=True, pii="personal")
    visits: Integer = field("Visits.", nullable=True)

    class Config:
        unique = ["person_id"]


@table(Person, write=Overwrite())
def dim_person() -> ir.Table:
    raise NotImplementedError


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with small_lake.small_lake(tmp_path / "lake") as opened:
        yield opened


def _released(lake: Lake, name: str, rows: list[dict[str, object]]) -> str:
    """The id of a release of one table."""
    return small_lake.publish(lake, {name: small_lake.write(lake, name, rows)}).release_id


def test_rows_are_compared_by_key(lake: Lake) -> None:
    new = _released(lake, "gold.fct_total", TOTALS)
    found = diff(lake, "fct_total")
    assert (found.table, found.new_release, found.not_compared) == ("gold.fct_total", new, [])
    assert (found.added_count, found.removed_count, found.changed_count) == (2, 1, 1)
    key = {"month_start_date": small_lake.DAY}
    assert found.rows == [
        RowDifference("added", {"buyer": "cid", **key}, {"amount": (None, 4)}),
        RowDifference("added", {"buyer": "cid", "month_start_date": NEXT}, {"amount": (None, 5)}),
        RowDifference("removed", {"buyer": "bob", **key}, {"amount": (1, None)}),
        RowDifference("changed", {"buyer": "ann", **key}, {"amount": (12, 13)}),
    ]
    back = diff(lake, "gold.fct_total", (found.new_release, found.old_release), limit=1)
    assert (back.added_count, back.removed_count, back.changed_count) == (1, 2, 1)
    assert [(row.change, row.key["buyer"]) for row in back.rows] == [("added", "bob"), ("removed", "cid"), ("changed", "ann")]


def test_equal_releases_have_no_difference(lake: Lake) -> None:
    only = small_lake.publish(
        lake, {"gold.fct_total": small_lake.write(lake, "gold.fct_total", small_lake.ROWS["gold.fct_total"])}
    )
    found = diff(lake, "gold.fct_total", (only.release_id, only.release_id))
    assert (found.added_count, found.removed_count, found.changed_count, found.rows) == (0, 0, 0, [])


def test_what_cannot_be_compared_is_refused_with_a_hint(lake: Lake) -> None:
    with pytest.raises(ReleaseError, match="no two releases") as found:
        diff(lake, "gold.fct_total")
    assert "c360 release list" in found.value.hint
    new = _released(lake, "gold.fct_total", TOTALS)
    old = diff(lake, "gold.fct_total").old_release
    with pytest.raises(ReleaseError, match="no release 'x'"):
        diff(lake, "gold.fct_total", ("x", new))
    with pytest.raises(SelectionError, match=r"no table 'gold\.nope'"):
        diff(lake, "gold.nope")
    with pytest.raises(SelectionError, match=f"Release {new} has no table 'silver.fct_bill'"):
        diff(lake, "silver.fct_bill", (old, new))


def _persons(lake: Lake, *rows: dict[str, object], **columns: str) -> TableState:
    schema = ibis.schema({"person_id": "!string", "name": "string", "visits": "int64", **columns})
    arrow = pa.Table.from_pylist(list(rows), schema=schema.to_pyarrow())
    record = {"content_id": str(rows)}
    written = lake.engine.write(
        "silver.dim_person", lake.engine.from_arrow(arrow, schema), schema, ["person_id"], Overwrite(), record
    )
    return TableState(written.head.version, written.head.content_id, "f", rows=len(rows))


def test_personal_columns_and_those_of_one_release_are_not_shown(lake: Lake) -> None:
    lake.catalog = Catalog({"dim_person": small_lake.node("silver", dim_person, ())})
    small_lake.publish(lake, {"silver.dim_person": _persons(lake, {"person_id": "p", "name": "Jane Roe", "visits": 1})})
    later = _persons(lake, {"person_id": "p", "name": "Jane Doe", "visits": 2, "city": "Bonn"}, city="string")
    small_lake.publish(lake, {"silver.dim_person": later})
    found = diff(lake, "dim_person")
    assert found.rows == [RowDifference("changed", {"person_id": "p"}, {"visits": (1, 2)})]
    assert found.not_compared == ["city", "name"]
    assert "Jane" not in json.dumps(asdict(found), default=str)


def test_the_vault_is_not_compared(lake: Lake) -> None:
    lake.catalog = Catalog({"dim_person": small_lake.node("vault", dim_person, ())})
    with pytest.raises(SelectionError, match="holds personal data") as found:
        diff(lake, "dim_person")
    assert "--reveal" in found.value.hint


def test_the_command_tells_of_a_lake_without_releases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(["diff", "gold.fct_mrr", "--lake", str(tmp_path / "lake")]) == 7
    assert "no two releases" in capsys.readouterr().err
    assert cli.run(["diff", "gold.fct_mrr", "--release", "a", "b", "--lake", str(tmp_path / "lake")]) == 7
    assert "no release 'a'" in capsys.readouterr().err
