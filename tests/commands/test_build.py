"""What `c360 build` says and how it ends when only a part is built, or nothing can be released; what `c360 plan` foresees."""

import json
from collections.abc import Callable
from pathlib import Path

import ibis
import pytest

from c360 import cli
from c360.errors import ReleaseError, SettingsError
from c360.identity.evidence import matching_id
from c360.lake import open_lake
from c360.silver.billing import fct_refund
from tests.released import Lakes, environment

pytest_plugins = ["tests.released"]

Copy = Callable[[Path], Path]
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def use(lakes: Lakes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Settings of the second day in the environment."""

    def put(lake: Path, **changes: object) -> None:
        for name, value in environment(lakes.settings(lake, **changes)).items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)

    return put


def test_silver_alone_ends_with_a_candidate_and_says_so(
    lakes: Lakes, copy: Copy, use: Callable[..., None], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fct_refund.local_date
    monkeypatch.setattr(fct_refund, "local_date", lambda instant, zone: real(instant, zone).sub(ibis.interval(days=40)))
    use(copy(lakes.second))
    assert cli.run(["build", "--stage", "silver"]) == 0
    said = capsys.readouterr().err
    assert "Silver of 2026-06-15 is a candidate" in said
    assert "Released" not in said
    assert cli.run(["build", "--stage", "gold"]) == 0
    assert "Released 20260615-" in capsys.readouterr().err


def test_gold_that_cannot_be_released_is_no_success(lakes: Lakes, copy: Copy, use: Callable[..., None], capsys: Captured) -> None:
    use(copy(lakes.loaded))
    assert cli.run(["build", "--stage", "gold"]) == ReleaseError.exit_code
    assert "2026-06-15 was built but not released" in capsys.readouterr().err


def test_a_stage_that_build_has_not_is_refused(capsys: Captured) -> None:
    assert cli.run(["build", "--stage", "ingest"]) == 2
    assert "There is no stage 'ingest'; stages: silver, gold." in capsys.readouterr().err


def test_a_plan_foresees_what_a_changed_reference_file_reaches(
    lakes: Lakes, use: Callable[..., None], tmp_path: Path, capsys: Captured
) -> None:
    def planned() -> dict[str, tuple[str, str]]:
        capsys.readouterr()
        assert cli.run(["plan", "--json"]) == 0
        return {row["table"]: (row["action"], row["why"]) for row in json.loads(capsys.readouterr().out)}

    use(lakes.second)
    assert {action for action, _ in planned().values()} == {"skip"}
    heads, newest, *older = lakes.rates.read_text().splitlines()
    day, usd, *others = newest.split(",")
    rates = tmp_path / "rates.csv"
    rates.write_text("\n".join([heads, ",".join([day, f"{usd}1", *others]), *older]))
    use(lakes.second, fx_rates_file=rates)
    found = planned()
    assert found["silver.fx_rate"] == ("build", "the reference file of fx_rates changed")
    assert found["gold.fct_monthly_revenue"][0] == "maybe"
    assert found["silver.dim_date"][0] == "skip"


def test_a_model_trained_on_the_lake_is_pinned_by_a_setting(
    lakes: Lakes, use: Callable[..., None], tmp_path: Path, capsys: Captured
) -> None:
    use(lakes.second)
    assert cli.run(["identity", "train", "--out", str(tmp_path / "lake.json"), "--json"]) == 0
    trained = json.loads(capsys.readouterr().out)
    assert trained["pairs"] > trained["matches"] > 0
    assert [row["probability"] for row in trained["thresholds"]] == sorted(row["probability"] for row in trained["thresholds"])
    use(lakes.second, identity_model=tmp_path / "lake.json")
    assert cli.run(["plan", "--select", "silver.identity_pair", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["action"] == "build"


@pytest.mark.heavy
def test_a_pinned_model_builds_who_is_who_again(
    lakes: Lakes, copy: Copy, use: Callable[..., None], tmp_path: Path, capsys: Captured
) -> None:
    use(copy(lakes.second))
    assert cli.run(["identity", "train", "--out", str(tmp_path / "lake.json"), "--json"]) == 0
    trained = json.loads(capsys.readouterr().out)
    use(tmp_path / "lake", identity_model=tmp_path / "lake.json")
    assert cli.run(["build", "--stage", "silver"]) == 0
    settings = lakes.settings(tmp_path / "lake", identity_model=tmp_path / "lake.json")
    with open_lake(settings) as lake:
        pairs = lake.engine.read("silver.identity_pair")
        assert lake.execute(pairs.select("model_id").distinct()) == [{"model_id": matching_id(lake.model)}]
        assert lake.model.id == trained["model"]


def test_training_from_files_needs_to_know_what_they_hold(tmp_path: Path, capsys: Captured) -> None:
    assert cli.run(["identity", "train", "people.csv", "--out", str(tmp_path / "m.json")]) == SettingsError.exit_code
    assert "Training from files needs --entity and --id." in capsys.readouterr().err
    assert cli.run(["identity", "train", "--id", "id", "--out", str(tmp_path / "m.json")]) == SettingsError.exit_code
    assert "there are none" in capsys.readouterr().err
