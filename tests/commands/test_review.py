"""`c360 identity review`: what the commands say, and that they hold the lake."""

import json

import pytest

from c360 import cli, lease
from c360.lake import Lake
from tests.released import environment
from tests.stewardship.conftest import ACME, CUS_1, lake, settings  # noqa: F401  # fixtures

HEAD = "left_source_system,left_source_id,right_source_system,right_source_id,decision"
GOOD = f"salesforce,{ACME[2]},stripe,{CUS_1[2]},cannot_link"


@pytest.fixture
def run(lake: Lake, tmp_path, monkeypatch, capsys):  # noqa: F811  # the fixture
    for name, value in environment(lake.settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def make(*arguments):
        capsys.readouterr()
        code = cli.run(["identity", "review", *arguments])
        found = capsys.readouterr()
        return code, found.out, found.err

    return make


def test_a_queue_is_filled_imported_and_exported(run, tmp_path):
    code, out, _ = run("queue", "--limit", "2")
    assert (code, "cus_2" in out, "decision" in out) == (0, True, True)
    assert json.loads(run("queue", "--limit", "1", "--json")[1])[0]["right_source_id"] == "cus_2"
    code, out, err = run("queue", "--out", "queue.csv")
    assert (code, out) == (0, "")
    assert "4 pairs written to queue.csv. Fill in decision" in err
    assert (tmp_path / "queue.csv").stat().st_mode & 0o777 == 0o600
    heads, first, *others = (tmp_path / "queue.csv").read_text().splitlines()
    (tmp_path / "queue.csv").write_text("\n".join([heads, first.removesuffix(",,,") + "cannot_link,,,", *others]))
    code, _, err = run("import", "queue.csv", "--author", "ann")
    assert code == 0
    assert err.splitlines() == [
        "1 decisions added, 0 were there already, 0 rows left out, 3 without a decision.",
        "The next run applies them: `c360 build`, or the daily `c360 run`.",
    ]
    assert json.loads(run("import", "queue.csv", "--author", "ann", "--json")[1])["known_count"] == 1
    code, out, _ = run("export")
    assert (code, out.count("cannot_link,ann")) == (0, 1)
    (tmp_path / "all.csv").touch(mode=0o644)
    code, out, err = run("export", "--out", "all.csv")
    assert (tmp_path / "all.csv").stat().st_mode & 0o777 == 0o600
    assert (code, out, err) == (0, "", "1 decisions written to all.csv.\n")


def test_wrong_rows_are_listed_and_nothing_is_written_unless_they_may_be_skipped(run, tmp_path):
    (tmp_path / "bad.csv").write_text("\n".join([HEAD, GOOD, GOOD.replace("cannot", "should")]))
    code, _, err = run("import", "bad.csv", "--author", "ann")
    assert code == 2
    assert err.splitlines() == [
        "line 3: decision is none of cannot_link, must_link, withdrawn",
        "Error: 1 of 2 decisions in bad.csv cannot be taken over; nothing was written.",
        "Hint: Mend them and import the file again; --skip-bad writes the others.",
    ]
    code, _, err = run("import", "bad.csv", "--author", "ann", "--skip-bad")
    assert code == 0
    assert "1 decisions added, 0 were there already, 1 rows left out" in err
    assert run("import", "none.csv")[0] == 2
    assert run("queue", "--out", "no/such/folder/queue.csv")[0] == 5


def test_an_import_waits_for_a_run_that_holds_the_lake(run, lake, tmp_path):  # noqa: F811  # the fixture
    (tmp_path / "good.csv").write_text("\n".join([HEAD, GOOD]))
    with lease.held(lake.engine, "r" * 32, minutes=5, wait_seconds=0, clock=lake.settings.clock):
        assert run("import", "good.csv", "--author", "ann")[0] == 6
    assert run("import", "good.csv", "--author", "ann")[0] == 0
