"""Settings: where values come from, what is refused, the clock, secrets."""

import re
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from c360.errors import SettingsError
from c360.settings import Settings, described, new_secret, variable

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    return tmp_path


def test_defaults_need_nothing() -> None:
    settings = Settings.load()
    assert (settings.lake, settings.history_months, settings.load_deadline) == ("./lake", 12, time(2, 0))


def test_environment_wins_over_env_file(empty_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_directory / ".env").write_text("C360_LAKE=a\nC360_HISTORY_MONTHS=3\nOTHER=x\n")
    monkeypatch.setenv("C360_LAKE", "b")
    settings = Settings.load()
    assert (settings.lake, settings.history_months) == ("b", 3)
    assert Settings.load(lake="c").lake == "c"


def test_lists_and_thresholds_are_written_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("C360_PLUGINS", "one, two")
    monkeypatch.setenv("C360_THRESHOLDS", "BE-001=0.9, SE-001=0.97")
    settings = Settings.load()
    assert settings.plugins == ["one", "two"]
    assert settings.thresholds == {"BE-001": 0.9, "SE-001": 0.97}


@pytest.mark.parametrize(
    ("given", "expected"),
    [("30", {"": 30}), ("30, stripe=2.5", {"": 30, "stripe": 2.5}), ("stripe=2", {"stripe": 2}), (12, {"": 12}), ("", {})],
)
def test_hours_are_one_number_or_by_source(given: Any, expected: dict[str, float]) -> None:
    assert Settings.load(freshness_warn_hours=given).freshness_warn_hours == expected


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("HISTORY_MONTHS", "0", "greater than or equal to 1"),
        ("REPORTING_ZONE", "Mars/Olympus", "no such IANA time zone"),
        ("REPORTING_CURRENCY", "USD", "should match pattern"),
        ("STRIPE_URL", "http://example.com", "plain http"),
        ("THRESHOLDS", "BE-001", "expected pairs"),
        ("FRESHNESS_WARN_HOURS", "=3", "expected hours like"),
        ("FRESHNESS_ERROR_HOURS", "stripe=0", "greater than 0"),
        ("NOW", "2026-01-01T00:00:00", "timezone"),
        ("STRIPE_PAGE_SIZE", "jane@example.com", "valid integer"),
    ],
)
def test_a_wrong_value_names_variable_and_remedy(monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str) -> None:
    monkeypatch.setenv(f"C360_{name}", value)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert f"C360_{name} is wrong" in caught.value.message
    assert reason in caught.value.message
    assert described(name.lower()) in caught.value.hint
    assert value not in str(caught.value) or len(value) < 8


def test_an_unknown_setting_in_env_file_is_named(empty_directory: Path) -> None:
    (empty_directory / ".env").write_text("C360_LAKES=a\n")
    with pytest.raises(SettingsError, match="C360_LAKES, which is no setting"):
        Settings.load()


def test_the_clock_is_utc_and_may_be_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert abs(Settings.load().clock() - datetime.now(UTC)).total_seconds() < 5
    monkeypatch.setenv("C360_NOW", "2026-01-01T01:00:00+02:00")
    settings = Settings.load()
    assert settings.clock() == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert settings.today().isoformat() == "2025-12-31"


@pytest.mark.parametrize("secret", ["", "x" * 31])
def test_the_token_secret_is_needed_only_when_used(secret: str) -> None:
    settings = Settings.load(token_secret=secret)
    with pytest.raises(SettingsError, match="at least 32 bytes") as caught:
        settings.token_key()
    assert "token_hex" in caught.value.hint


def test_secrets_do_not_show() -> None:
    settings = Settings.load(token_secret=new_secret(), stripe_api_key="rk_live_secret")
    assert "rk_live_secret" not in repr(settings)
    assert len(settings.token_key()) == 64
    assert settings.required("stripe_api_key") == "rk_live_secret"


def test_what_is_required_is_named() -> None:
    with pytest.raises(SettingsError, match="C360_SALESFORCE_CLIENT_ID is not set"):
        Settings.load().required("salesforce_client_id")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_read_somewhere(name: str) -> None:
    """A setting nothing reads promises what nothing does."""
    sources = [path.read_text() for path in (ROOT / "c360").rglob("*.py")]
    own = (ROOT / "c360" / "settings.py").read_text()
    assert any(re.search(rf"\b{name}\b", text) for text in sources if text != own) or f"self.{name}" in own


def test_every_variable_the_documentation_names_is_a_setting() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "guides").glob("*.md")]
    named = {name for page in pages for name in re.findall(r"\bC360_[A-Z0-9_]*[A-Z]", page.read_text())}
    assert named - {variable(name) for name in Settings.model_fields} == {"C360_HOME"}


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_described_in_a_sentence(name: str) -> None:
    text: Any = described(name)
    assert text.endswith(".")
