import json
import subprocess
import sys
from pathlib import Path

import pytest

from c360 import cli
from c360.commands import setup
from c360.env_file import env_text, secret_in
from c360.errors import LeaseError
from c360.settings import Settings, variable


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory and no settings from outside."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ready(folder: Path) -> Path:
    """A folder with a `.env` as `c360 init` writes it."""
    assert cli.run(["init"]) == 0
    return folder


Captured = pytest.CaptureFixture[str]


def test_init_writes_a_private_env_once_with_every_setting(ready: Path, capsys: Captured) -> None:
    first = (ready / ".env").read_text()
    assert (ready / ".env").stat().st_mode & 0o777 == 0o600
    assert len(secret_in(ready / ".env")) == 64
    assert all(f"{variable(name)}=" in first for name in Settings.model_fields if name != "now")
    capsys.readouterr()
    assert cli.run(["init"]) == 2
    assert "exists and is left as it is.\nHint: `c360 init --show`" in capsys.readouterr().err
    assert (ready / ".env").read_text() == first


def test_two_inits_make_two_secrets_and_the_file_is_readable_settings(ready: Path) -> None:
    assert env_text() != env_text()
    settings = Settings.load()
    assert settings.token_key() == secret_in(ready / ".env").encode()
    assert settings == Settings.load(token_secret=settings.token_secret)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence", "hint"),
    [
        (["run"], 2, "C360_STRIPE_API_KEY is not set.", "c360 init"),
        (["build"], 4, "No day is complete in bronze.", "c360 ingest"),
        (["plan"], 4, "No day is complete in bronze.", "c360 ingest"),
        (["tables", "--select", "gold.nope"], 2, "--select 'gold.nope' names no table, layer or domain.", "gold.fct_mrr"),
        (["run", "--select", "nope"], 2, "--select 'nope' names no table, layer or domain.", "gold.fct_mrr"),
        (["ingest", "--source", "hubspot"], 2, "There is no source hubspot.", "stripe"),
        (["release", "show", "20260101-1"], 7, "There is no release '20260101-1'.", "release list"),
        (["release", "rollback"], 7, "Nothing has been released yet.", "c360 run"),
        (["release", "resume"], 7, "Nothing is on hold.", "release list"),
        (["close", "may"], 2, "'may' is no month.", "YYYY-MM"),
        (["close", "2026-05"], 7, "Nothing has been released yet.", "c360 run"),
        (["diff", "gold.fct_mrr"], 7, "There are no two releases to compare.", "release list"),
        (["webhooks", "serve"], 2, "C360_STRIPE_WEBHOOK_SECRETS is not set.", "Signing secret"),
        (
            ["webhooks", "serve", "--host", "0.0.0.0"],
            2,
            "0.0.0.0 can be reached by other machines, and this server speaks plain HTTP.",
            "--expose",
        ),
        (["why", "cus_1"], 7, "Nothing has been released yet.", "c360 run"),
        (["trace", "gold.nope", "--key", "a=1"], 2, "There is no table 'gold.nope'.", "gold.fct_mrr"),
        (["trace", "gold.fct_mrr", "--key", "a"], 2, "--key 'a' has no `=`.", "--key customer_id="),
    ],
)
def test_each_error_is_one_sentence_and_a_hint(
    ready: Path, capsys: Captured, arguments: list[str], code: int, sentence: str, hint: str
) -> None:
    capsys.readouterr()
    assert cli.run(arguments) == code
    found = capsys.readouterr()
    lines = found.err.strip().splitlines()
    assert lines[0] == f"Error: {sentence}"
    assert lines[1].startswith("Hint: ")
    assert hint in lines[1]
    assert len(lines) == 2
    assert found.out == ""


def test_a_missing_secret_stops_before_anything_is_made(folder: Path, capsys: Captured) -> None:
    assert cli.run(["run"]) == 2
    assert "C360_TOKEN_SECRET is not set" in capsys.readouterr().err
    assert not (folder / "lake").exists()


def test_a_short_secret_and_a_wrong_setting_are_told_without_their_values(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("C360_TOKEN_SECRET", "hunter2")
    assert cli.run(["run"]) == 2
    monkeypatch.setenv("C360_REPORTING_ZONE", "Moon/Base")
    assert cli.run(["run"]) == 2
    shown = capsys.readouterr().err
    assert "has 7 bytes" in shown
    assert "C360_REPORTING_ZONE is wrong" in shown
    assert "hunter2" not in shown
    assert "Moon" not in shown


def test_a_path_that_is_a_file_is_no_lake(ready: Path, capsys: Captured) -> None:
    (ready / "file").write_text("")
    capsys.readouterr()
    assert cli.run(["report", "--lake", str(ready / "file" / "lake")]) == 5
    assert capsys.readouterr().err.splitlines()[-1].startswith("Hint: ")


def test_wrong_use_ends_with_two_and_interruption_with_130(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli.run(["nonsense"]) == 2
    assert cli.run(["build", "--stage", "bronze"]) == 2
    assert "There is no stage 'bronze'" in capsys.readouterr().err

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(setup, "env_text", interrupted)
    assert cli.run(["init", "--show"]) == 130


def test_an_unexpected_fault_is_one_line_with_a_private_log(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise ValueError("secret@example.com")

    monkeypatch.setattr(setup, "env_text", broken)
    assert cli.run(["init", "--show"]) == 70
    shown = capsys.readouterr().err
    assert "unexpected ValueError" in shown
    assert "Traceback" not in shown
    assert "secret@example.com" not in shown
    log = Path(shown.split("The log is ")[1].split(".log")[0] + ".log")
    assert "secret@example.com" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
    log.unlink()


def test_debug_shows_the_traceback_wherever_it_stands(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> str:
        raise LeaseError("The lake is being built.", hint="Wait.")

    monkeypatch.setattr(setup, "env_text", busy)
    assert cli.run(["init", "--show", "--debug"]) == 6
    assert "Traceback" in capsys.readouterr().err


def test_doctor_lists_what_is_right_and_how_to_mend_the_rest(ready: Path, capsys: Captured) -> None:
    capsys.readouterr()
    assert cli.run(["doctor", "--json"]) == 1
    found = {line["subject"]: line for line in json.loads(capsys.readouterr().out)}
    assert {name for name, line in found.items() if line["status"] == "fail"} == {"salesforce", "stripe"}
    assert all(line["remedy"] for line in found.values() if line["status"] == "fail")
    assert found["engine"]["message"] == "duckdb writes and reads Delta tables"
    assert found["token secret"]["message"] == "64 bytes, key id k1"
    assert not (ready / "lake" / "reports" / ".probe").exists()


def test_doctor_stops_at_settings_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("C360_HISTORY_MONTHS", "many")
    assert cli.run(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "fail  settings" in shown
    assert "Hint: Months of invoices" in shown
    assert "stripe" not in shown


def test_commands_on_an_empty_lake_say_that_it_is_empty(ready: Path, capsys: Captured) -> None:
    capsys.readouterr()
    assert cli.run(["freshness"]) == 0
    assert "Newest complete load date: none yet." in capsys.readouterr().err
    assert cli.run(["release", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert cli.run(["tables", "--select", "silver.calendar", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["table"] == "silver.dim_date"
    assert cli.run(["report"]) == 0
    assert "The lake is empty" in Path(capsys.readouterr().out.strip()).read_text()


def test_every_command_explains_itself(capsys: Captured) -> None:
    for name in (
        "demo",
        "init",
        "doctor",
        "run",
        "ingest",
        "build",
        "plan",
        "tables",
        "freshness",
        "why",
        "trace",
        "report",
        "docs",
    ):
        assert cli.run([name, "--help"]) == 0
        assert f"Usage: c360 {name}" in capsys.readouterr().out
    for name in ("list", "show", "rollback", "resume"):
        assert cli.run(["release", name, "--help"]) == 0
    for name in ("resolve", "train", "report"):
        assert cli.run(["identity", name, "--help"]) == 0
    for name in ("serve", "refetch"):
        assert cli.run(["webhooks", name, "--help"]) == 0


def test_the_command_itself_makes_no_noise_and_does_not_start_prefect(ready: Path) -> None:
    code = "import sys; from c360 import cli; end = cli.run(['--version']); sys.exit(end or 'prefect' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ready, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("c360 ")
