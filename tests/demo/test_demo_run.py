"""What surrounds the demo's two loads: whose lake it is, what is compared, what is shown."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from c360.demo import compare
from c360.demo.run import Result, Wanted, _claim, layer_rows
from c360.env_file import ensure_secret, secret_in
from c360.errors import LakeError, SettingsError

DAY = date(2026, 6, 15)


def test_a_lake_belongs_to_one_company(tmp_path: Path) -> None:
    wanted = Wanted(str(tmp_path / "lake"), accounts=100)
    _claim(wanted)
    _claim(wanted)
    with pytest.raises(SettingsError, match=r"another demo company \(accounts 100, seed 360, dirt default\).*--lake"):
        _claim(Wanted(str(tmp_path / "lake"), accounts=200))


def test_a_lake_of_real_accounts_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "lake" / "bronze").mkdir(parents=True)
    with pytest.raises(SettingsError, match="not the demo's"):
        _claim(Wanted(str(tmp_path / "lake")))
    assert [path.name for path in (tmp_path / "lake").iterdir()] == ["bronze"]


def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LakeError, match="cannot be written"):
        _claim(Wanted(str(tmp_path / "file" / "lake")))


def test_a_secret_is_added_to_an_env_without_losing_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("C360_LAKE=/data\n")
    secret = ensure_secret(path)
    assert secret_in(path) == secret
    assert "C360_LAKE=/data" in path.read_text()
    assert secret_in(tmp_path / "none") == ""


def test_figures_are_equal_when_zero_meets_nothing_and_differences_are_named() -> None:
    even = compare._tie("revenue", {("2026-05", "usd"): 5, ("2026-06", "usd"): 0}, {("2026-05", "usd"): 5})
    assert (even.holds, even.compared, even.ours) == (True, 1, "usd 5")
    odd = compare._tie("mrr", {("2026-05", "eur"): Decimal("1.5")}, {("2026-05", "eur"): Decimal("2.5")})
    assert not odd.holds
    assert odd.differences == ("2026-05 eur: 1.5 instead of 2.5",)
    assert not Result(ties=[{"differences": odd.differences}]).holds
    assert not Result().holds


def test_layers_add_up_their_tables_and_checks() -> None:
    def build(table: str, rows: int) -> dict[str, Any]:
        return {"table": table, "rows_in": rows + 1, "state": {"rows": rows, "quarantined": 1}, "seconds": 0.5}

    outcome = {
        "manifest": [{"received_count": 10, "stored_count": 4, "seconds": 1.0}],
        "builds": [build("silver.a", 3), build("silver.b", 4), build("gold.c", 5)],
        "checks": [
            {"table_name": "silver.a", "stage": "silver", "result": "passed"},
            {"table_name": "gold.c", "stage": "gold", "result": "failed"},
            {"table_name": "gold.c", "stage": "gold", "result": "not_applicable"},
        ],
    }
    rows = {row["layer"]: row for row in layer_rows(DAY, outcome)}
    assert (rows["bronze"]["rows_in"], rows["bronze"]["rows_out"]) == (10, 4)
    silver, gold = rows["silver"], rows["gold"]
    assert [silver[n] for n in ("tables", "rows_in", "rows_out", "quarantined", "checks_passed")] == [2, 9, 7, 2, 1]
    assert (gold["checks_passed"], gold["checks_failed"]) == (0, 1)
    assert json.dumps(list(rows.values()))
