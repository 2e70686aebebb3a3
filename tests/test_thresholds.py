"""Thresholds: which names settings may give, and that the documented examples loosen nothing."""

import re
from pathlib import Path

import pytest

from c360 import cli
from c360.errors import SettingsError
from c360.quality.expectations import ENTRIES
from c360.settings import Settings, described
from c360.thresholds import known_thresholds, refuse_unknown_thresholds

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["SE-001", "SE-001.match_rate", "SE-002", "SE-004.cells", "GE-002.failing_share"])
def test_expectations_and_their_measures_are_names(name: str) -> None:
    refuse_unknown_thresholds(Settings.load(thresholds={name: 0.5}))


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("SE-01", "BE-001, "),
        ("SE-001.match", "SE-001, SE-001.estimated_precision, SE-001.match_rate."),
        ("BE-004.minutes_late", ""),
    ],
)
def test_a_name_no_expectation_has_is_refused_with_those_there_are(name: str, near: str) -> None:
    with pytest.raises(SettingsError, match=f"C360_THRESHOLDS names {name}, which no expectation has") as caught:
        refuse_unknown_thresholds(Settings.load(thresholds={name: 0.5}))
    assert near in caught.value.hint


def test_a_command_does_not_start_with_such_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("C360_THRESHOLDS", "BE-999=1")
    assert cli.run(["run"]) == SettingsError.exit_code
    assert "C360_THRESHOLDS names BE-999" in capsys.readouterr().err


@pytest.mark.parametrize("text", [described("thresholds"), (ROOT / "docs" / "guides" / "operations.md").read_text()])
def test_an_example_copied_from_the_documentation_loosens_nothing(text: str) -> None:
    examples = dict(re.findall(r"\b([A-Z]{2}-\d{3}(?:\.\w+)?)=([\d.]*\d)", text))
    assert len(examples) == 2
    assert examples.keys() <= known_thresholds()
    for name, limit in examples.items():
        check_id, _, measure = name.partition(".")
        entries = [entry for entry in ENTRIES if entry.check_id == check_id and measure in ("", entry.measure)]
        assert entries
        for entry in entries:
            stricter = float(limit) <= entry.threshold if entry.direction == "at_most" else float(limit) >= entry.threshold
            assert stricter, name
