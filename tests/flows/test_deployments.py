"""`prefect.yaml` says what the flows can do, at the specification's times."""

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from prefect.flows import load_flow_from_entrypoint

from c360.manifest import landed_at
from flows import session
from flows.serve import ROOT, definitions, served

CRONS = {
    "ingest-salesforce": ["0 22 * * *"],
    "ingest-stripe": ["0 22 * * *"],
    "webhooks": ["*/5 * * * *"],
    "silver": ["0 3 * * *"],
    "gold": ["0 5 * * *"],
    "daily": [],
}


def test_the_deployments_run_at_the_specifications_times_in_utc() -> None:
    found = definitions()
    assert {one["name"]: [s["cron"] for s in one["schedules"]] for one in found} == CRONS
    assert {schedule["timezone"] for one in found for schedule in one["schedules"]} == {"UTC"}


def test_every_placeholder_of_the_file_is_an_environment_variable_that_the_readme_names() -> None:
    document = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    assert document["pull"] == [{"prefect.deployments.steps.set_working_directory": {"directory": "{{ $C360_HOME }}"}}]
    assert "C360_HOME=" in (ROOT / "deployments" / "README.md").read_text()


def test_an_image_has_the_locked_libraries_and_no_secret_and_no_lake() -> None:
    lines = (ROOT / "deployments" / "Containerfile").read_text().splitlines()
    installs = [line for line in lines if line.startswith("RUN pip install")]
    assert len(installs) == 2
    assert all(" --no-deps " in line for line in installs)
    first, *patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    let_in = [pattern.removeprefix("!") for pattern in patterns if pattern.startswith("!")]
    assert first == "*"  # what is not named below stays out
    assert all((ROOT / path).exists() for path in let_in)
    assert not {Path(path).parts[0] for path in let_in} & {".env", "lake", ".git", ".venv"}
    assert patterns[-2:] == ["**/.env", "**/__pycache__/"]  # the last match wins


@pytest.mark.parametrize("definition", definitions(), ids=lambda one: one["name"])
def test_the_flow_exists_and_takes_the_parameters(definition: dict[str, Any]) -> None:
    flow = load_flow_from_entrypoint(str(ROOT / definition["entrypoint"]))
    is_of_a_day = definition["name"] != "webhooks"  # which handles what came since, for the present day
    given = flow.validate_parameters({**definition["parameters"], **({"load_date": "2026-06-14"} if is_of_a_day else {})})
    assert given.get("load_date") == (date(2026, 6, 14) if is_of_a_day else None)
    assert definition["description"]
    assert Path(definition["entrypoint"].split(":")[0]).parts[0] == "flows"


def test_what_is_served_is_what_the_file_says() -> None:
    found = {one.name: one for one in served([])}
    assert list(found) == list(CRONS)
    for definition in definitions():
        one = found[definition["name"]]
        assert one.parameters == definition["parameters"]
        assert [s.schedule.cron for s in one.schedules or []] == CRONS[definition["name"]]
        assert {s.schedule.timezone for s in one.schedules or []} <= {"UTC"}
    assert [one.name for one in served(["daily"])] == ["daily"]


@pytest.mark.parametrize(
    ("flow_run", "expected"),
    [(SimpleNamespace(auto_scheduled=True), True), (SimpleNamespace(auto_scheduled=False), False), (None, False)],
)
def test_only_flow_runs_a_schedule_made_are_scheduled(monkeypatch: pytest.MonkeyPatch, flow_run: Any, expected: bool) -> None:
    monkeypatch.setattr(session.FlowRunContext, "get", lambda: SimpleNamespace(flow_run=flow_run))
    assert session.started_by_schedule() is expected


def test_outside_of_prefect_nothing_is_scheduled() -> None:
    assert not session.started_by_schedule()


def test_a_load_has_landed_when_its_last_entity_has() -> None:
    """Entities of one load are read one after the other; another load of the day starts anew."""
    day, early, late = date(2026, 6, 14), datetime(2026, 6, 14, 22, tzinfo=UTC), datetime(2026, 6, 14, 23, tzinfo=UTC)
    rows = [(day, early, 1800.0), (day, early, 1500.0), (day, late, 60.0), (date(2026, 6, 15), late, 9e9)]
    manifest: Any = [SimpleNamespace(load_date=d, cutoff_at=at, seconds=s) for d, at, s in rows]
    assert landed_at(manifest, day) == datetime(2026, 6, 14, 23, 1, tzinfo=UTC)
    assert landed_at(manifest[:2], day) == datetime(2026, 6, 14, 22, 55, tzinfo=UTC)
