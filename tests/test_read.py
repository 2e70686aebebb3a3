from pathlib import Path

import pytest

import c360
from c360 import readers
from c360.errors import ReleaseError, SelectionError
from c360.storage import LOCAL
from tests import small_lake


def test_reads_the_released_version_by_full_or_short_name(tmp_path: Path) -> None:
    folder = str(tmp_path / "lake")
    with small_lake.small_lake(tmp_path / "lake") as lake:
        small_lake.write(lake, "gold.fct_total", [{"buyer": "zoe", "month_start_date": small_lake.DAY, "amount": 99}])
    for name in ("gold.fct_total", "fct_total"):
        rows = c360.read(name, lake=folder).order_by("buyer").to_pyarrow().to_pylist()
        assert [(row["buyer"], row["amount"]) for row in rows] == [("ann", 12), ("bob", 1)]
    assert readers._session("duckdb", folder, LOCAL) is readers._session("duckdb", folder, LOCAL)


def test_a_table_opened_before_a_release_stays_as_it_was(tmp_path: Path) -> None:
    with small_lake.small_lake(tmp_path / "lake") as lake:
        before = c360.read("fct_total", lake=str(tmp_path / "lake"))
        after = [{"buyer": "zoe", "month_start_date": small_lake.DAY, "amount": 99}]
        small_lake.publish(lake, {"gold.fct_total": small_lake.write(lake, "gold.fct_total", after)})
        assert before.amount.sum().execute() == 13
        assert c360.read("fct_total", lake=str(tmp_path / "lake")).amount.sum().execute() == 99


def test_the_vault_is_not_read_this_way(tmp_path: Path) -> None:
    with small_lake.small_lake(tmp_path / "lake"):
        pass
    for name in ("vault.identity_record", "identity_record"):
        with pytest.raises(SelectionError, match=r"vault.*c360 why ID --reveal"):
            c360.read(name, lake=str(tmp_path / "lake"))


def test_an_unknown_table_is_answered_with_what_exists(tmp_path: Path) -> None:
    with small_lake.small_lake(tmp_path / "lake"):
        pass
    with pytest.raises(SelectionError, match=r"no table 'gold.nope'.*gold.fct_total, silver.dim_made_up, silver.fct_bill"):
        c360.read("gold.nope", lake=str(tmp_path / "lake"))


def test_nothing_is_read_before_a_release(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"Nothing has been released yet.*c360 run"):
        c360.read("gold.fct_total", lake=str(tmp_path / "empty"))
