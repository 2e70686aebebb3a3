"""What surrounds the demo's two loads: whose lake it is, what is compared, what is shown."""

import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer

from c360.commands.demo import demo
from c360.commands.output import settings_for
from c360.demo import compare
from c360.demo.home import refuse_real_accounts, secret_file
from c360.demo.run import Result, Wanted, _claim, _settings, layer_rows, run_demo
from c360.env_file import ensure_secret, secret_in
from c360.errors import LakeError, SettingsError
from c360.settings import Settings, variable
from tests.demo_world import ACCOUNTS, OF_REAL_ACCOUNTS, SEED, demo_folder

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


@pytest.fixture
def real_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment and `.env` of somebody with accounts of their own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"C360_TOKEN_SECRET={'r' * 64}\nC360_METADATA_KEY=crm_id\nC360_UNKNOWN=x\n")
    for name, value in OF_REAL_ACCOUNTS.items():
        monkeypatch.setenv(variable(name), value)


@pytest.mark.usefixtures("real_accounts")
def test_the_demo_heeds_no_setting_of_real_accounts(tmp_path: Path) -> None:
    wanted = Wanted(str(tmp_path / "lake"))
    _claim(wanted)
    settings = _settings(wanted)
    assert settings.model_fields_set == {"lake", "engine", "now", "fx_rates_file", "token_secret"}
    assert (settings.reporting_zone, settings.metadata_key, settings.history_months) == ("UTC", "salesforce_account_id", 12)
    assert settings.token_key() == secret_in(secret_file(wanted.lake)).encode() != b"r" * 64
    assert _settings(wanted) == settings


def test_commands_take_secret_and_rates_of_a_demos_lake_and_of_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("C360_TOKEN_SECRET", "r" * 64)
    wanted = Wanted("./lake")
    assert settings_for("./lake").token_key() == b"r" * 64
    _claim(wanted)
    own = _settings(wanted)
    for found in (settings_for("./lake"), settings_for()):
        assert (found.token_key(), found.fx_rates_file) == (own.token_key(), own.fx_rates_file)
    assert settings_for("./other").token_key() == b"r" * 64


def test_in_a_warehouse_the_demo_has_datasets_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Wanted] = []

    def run(wanted: Wanted, **_: Any) -> Result:
        asked.append(wanted)
        raise typer.Exit

    monkeypatch.setattr("c360.commands.demo.run_demo", run)
    for name, value in {"bigquery_project": "theirs", "bigquery_dataset": "shop"}.items():
        monkeypatch.setenv(variable(name), value)
    with pytest.raises(typer.Exit):
        demo(engine="bigquery")
    assert asked[0].opened_with == {"bigquery_project": "theirs", "bigquery_dataset": "shop_demo"}


def test_real_accounts_do_not_go_into_a_demos_lake(tmp_path: Path) -> None:
    wanted = Wanted(str(tmp_path / "lake"))
    refuse_real_accounts(Settings.load(lake=wanted.lake))
    _claim(wanted)
    refuse_real_accounts(_settings(wanted))
    with pytest.raises(SettingsError, match=r"is the demo's lake.*Hint: Set C360_LAKE"):
        refuse_real_accounts(Settings.load(lake=wanted.lake))


def test_a_demo_killed_before_it_kept_its_result_proves_it_again(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lake = Path(shutil.copytree(demo_folder(tmp_path_factory.getbasetemp()) / "lake", tmp_path / "lake"))
    stored = lake / "demo" / "result.json"
    before = json.loads(stored.read_text())
    stored.rename(stored.with_suffix(".half"))
    wanted = Wanted(str(lake), ACCOUNTS, SEED)
    again = run_demo(wanted, say=lambda _: None)
    assert again.holds
    assert (again.is_noop, again.layers, again.match) == (False, before["layers"], before["match"])
    assert len(again.layers) == 8
    assert run_demo(wanted, say=lambda _: None).is_noop


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
