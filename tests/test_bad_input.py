"""What users and the world get wrong: one sentence, a hint, the documented exit code; nothing half-published, nothing lost."""

import copy as copying
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from c360 import cli, lease
from c360.demo.company import Company
from c360.demo.server import DemoServer, serve
from c360.lake import open_lake
from c360.settings import Settings, variable
from tests.released import FIRST, SECOND, STAMPS, Files, Lakes, clock, current, environment, files

pytest_plugins = ["tests.released"]

Copy = Callable[[Path], Path]
Captured = pytest.CaptureFixture[str]
Fails = Callable[..., str]


@pytest.fixture(autouse=True)
def no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory and no settings from outside."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Settings], None]:
    """Makes settings those of the next command."""

    def used(settings: Settings) -> None:
        for name, value in environment(settings).items():
            monkeypatch.setenv(name, value)

    return used


@pytest.fixture
def fails(capsys: Captured) -> Fails:
    """`fails(code, *arguments)`: the command ends with the code, one sentence and a hint; returns what it said."""

    def failed(code: int, *arguments: str) -> str:
        capsys.readouterr()
        assert cli.run(list(arguments)) == code
        found = capsys.readouterr()
        lines = found.err.strip().splitlines()
        assert "Traceback" not in found.err + found.out
        assert [line.split(":")[0] for line in lines[-2:]] == ["Error", "Hint"], found.err
        assert sum(line.startswith("Error:") for line in lines) == 1
        return "\n".join(lines[-2:])

    return failed


def data(lake: Path) -> Files:
    """What a failed command must leave as it was: everything but the lease and the report."""
    return files(lake, ("_runs", "reports"))


def test_secret_missing_or_short(lakes: Lakes, fails: Fails, use: Callable[[Settings], None]) -> None:
    before = files(lakes.second)
    assert "C360_TOKEN_SECRET is not set" in fails(2, "run", "--lake", str(lakes.second))
    use(lakes.settings(lakes.second, token_secret="hunter2"))
    said = fails(2, "run")
    assert "C360_TOKEN_SECRET has 7 bytes" in said
    assert "hunter2" not in said
    assert files(lakes.second) == before


def test_a_table_that_does_not_exist(lakes: Lakes, fails: Fails, use: Callable[[Settings], None], server: DemoServer) -> None:
    before = files(lakes.second)
    use(lakes.settings(lakes.second, SECOND, server))
    for command in ("run", "build", "plan"):
        said = fails(2, command, "--select", "gold.fct_revenue")
        assert "'gold.fct_revenue' names no table" in said
        assert "gold.fct_monthly_revenue" in said
    assert files(lakes.second) == before


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"stripe_api_key": "sk_test_wrong"}, "Stripe"),
        ({"salesforce_password": "wrong-password"}, "Salesforce refused the login"),
        ({"stripe_url": "http://127.0.0.1:9", "stripe_max_retries": 0}, "Stripe"),
        ({"salesforce_url": "http://127.0.0.1:9"}, "Salesforce is not reachable"),
    ],
    ids=["stripe key", "salesforce password", "stripe down", "salesforce down"],
)
def test_a_source_that_refuses_or_is_down(
    lakes: Lakes,
    copy: Copy,
    server: DemoServer,
    fails: Fails,
    use: Callable[[Settings], None],
    monkeypatch: pytest.MonkeyPatch,
    wrong: dict[str, Any],
    sentence: str,
) -> None:
    from c360.sources import salesforce_login

    monkeypatch.setattr(salesforce_login.Retry, "sleep", lambda *_, **__: None)
    path = copy(lakes.first)
    use(lakes.settings(path, SECOND, server, **wrong))
    said = fails(3, "run")
    assert sentence in said
    assert "wrong" not in said
    with open_lake(lakes.settings(path)) as lake:
        assert current(lake).load_date == FIRST
    silver = files(lakes.first / "silver")
    assert {name.replace("\\", "/") for name in files(path / "silver")} == set(silver)


def test_a_damaged_data_file(lakes: Lakes, copy: Copy, fails: Fails, use: Callable[[Settings], None]) -> None:
    path = copy(lakes.loaded)
    for parquet in (path / "bronze" / "stripe_invoices").rglob("*.parquet"):
        parquet.write_bytes(parquet.read_bytes()[:200])
    use(lakes.settings(path))
    said = fails(5, "build")
    assert "c360 doctor" in said
    with open_lake(lakes.settings(path)) as lake:
        assert current(lake).load_date == FIRST
        assert lease.holder(lake.engine, clock(SECOND)) is None


@pytest.mark.parametrize("table", ["silver/fct_invoice", "_releases", "bronze/load_manifest"])
def test_a_damaged_log(lakes: Lakes, copy: Copy, fails: Fails, use: Callable[[Settings], None], table: str) -> None:
    path = copy(lakes.loaded)
    newest = max((path / table / "_delta_log").glob("*.json"))
    newest.write_text('{"commitInfo": {"timest')
    ours = (*STAMPS[:2], "gold/data_quality_log", "reports", "silver", "vault")
    before = files(path, ours)
    use(lakes.settings(path))
    assert "c360 doctor" in fails(5, "build", "--select", "fct_invoice")
    assert files(path, ours) == before


HOLDS = """
import sys, time
from datetime import datetime
from c360 import lease
from c360.engines.duckdb import DuckDBEngine
clock = lambda: datetime.fromisoformat(sys.argv[2])
with DuckDBEngine(sys.argv[1]) as engine, lease.held(engine, "other", minutes=30, wait_seconds=0, clock=clock):
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_runs_at_the_same_time(
    lakes: Lakes, copy: Copy, server: DemoServer, fails: Fails, use: Callable[[Settings], None]
) -> None:
    path = copy(lakes.first)
    use(lakes.settings(path, SECOND, server))
    command = [sys.executable, "-c", HOLDS, str(path), clock(SECOND).isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        before = files(path)
        said = fails(6, "run")
        other.kill()
    assert f"run other (process {other.pid}" in said
    assert "--wait" in said
    assert files(path) == before


def test_a_lake_that_cannot_be_written(
    lakes: Lakes, tmp_path: Path, server: DemoServer, fails: Fails, use: Callable[[Settings], None]
) -> None:
    (tmp_path / "file").write_text("kept")
    use(lakes.settings(tmp_path / "file" / "lake", SECOND, server))
    said = fails(5, "run")
    assert "writable" in said or "permissions" in said
    assert (tmp_path / "file").read_text() == "kept"


def test_a_day_that_is_over(
    lakes: Lakes, copy: Copy, tmp_path: Path, server: DemoServer, fails: Fails, use: Callable[[Settings], None]
) -> None:
    path = copy(lakes.second)
    before = data(path)
    use(lakes.settings(path, SECOND, server))
    said = fails(7, "run", "--date", (FIRST - timedelta(days=1)).isoformat())
    assert "older than the newest release" in said
    assert "c360 backfill" in said
    assert data(path) == before
    use(lakes.settings(tmp_path / "new", SECOND, server))
    said = fails(3, "run", "--date", FIRST.isoformat())
    assert "the day is over" in said
    assert not (tmp_path / "new" / "bronze").exists()
    said = fails(3, "run", "--date", (SECOND + timedelta(days=1)).isoformat())
    assert "has not begun" in said


def test_a_column_that_vanished_at_the_source(
    lakes: Lakes, copy: Copy, company: Company, fails: Fails, use: Callable[[Settings], None]
) -> None:
    changed = copying.deepcopy(company)
    for record in changed.world.salesforce.records["Account"].values():
        for _, body in record.versions:
            (body or {}).pop("Industry", None)
    path = copy(lakes.first)
    with serve(changed, now=clock(SECOND)) as server:
        use(lakes.settings(path, SECOND, server))
        said = fails(3, "run")
    assert "Salesforce's Account no longer shows Industry" in said
    assert "field-level security" in said
    with open_lake(lakes.settings(path)) as lake:
        assert current(lake).load_date == FIRST


def test_a_record_that_cannot_be_read_is_set_apart_and_the_rest_released(
    lakes: Lakes, copy: Copy, company: Company, use: Callable[[Settings], None], capsys: Captured
) -> None:
    changed = copying.deepcopy(company)
    refund = next(iter(changed.world.book.records["refunds"].values()))
    (refund.versions[0][1] or {})["amount"] = {"value": "secret@example.com"}
    path = copy(lakes.first)
    with open_lake(lakes.settings(path)) as lake:
        before = set(lake.engine.arrow(lake.engine.read("silver.fct_refund").select("refund_id"))["refund_id"].to_pylist())
    assert refund.id in before
    with serve(changed, now=clock(SECOND)) as server:
        use(lakes.settings(path, SECOND, server))
        assert cli.run(["run"]) == 0, capsys.readouterr().err
    with open_lake(lakes.settings(path)) as lake:
        assert current(lake).load_date == SECOND
        (bad,) = lake.engine.arrow(lake.engine.read("quarantine.stripe_refunds")).to_pylist()
        assert bad["record_id"] == refund.id
        assert "amount" in bad["reasons"]
        assert "secret@example.com" not in str(bad)
        silver = lake.engine.read("silver.fct_refund", current(lake).tables["silver.fct_refund"].version)
        ids = set(lake.engine.arrow(silver.select("refund_id"))["refund_id"].to_pylist())
        stored = lake.engine.read("bronze.stripe_refunds")
        kept = lake.engine.arrow(stored.filter(stored.date_loaded == SECOND)).to_pylist()
    assert refund.id not in ids
    assert ids == before - {refund.id}
    assert "secret@example.com" in next(row["payload"] for row in kept if row["record_id"] == refund.id)


def test_a_lake_that_was_moved_away_starts_empty_and_says_so(
    lakes: Lakes, tmp_path: Path, fails: Fails, use: Callable[[Settings], None]
) -> None:
    shutil.rmtree(tmp_path / "gone", ignore_errors=True)
    use(lakes.settings(tmp_path / "gone"))
    assert "No day is complete in bronze" in fails(4, "build")
    assert "Nothing has been released yet" in fails(7, "release", "rollback")
