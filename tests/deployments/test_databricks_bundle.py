"""The Databricks bundle: Databricks' own types accept it, and it runs our commands at our times with our settings.

The types are those of the PyPI package `databricks-bundles`, which cover resources. The CLI's JSON schema covers the rest of the
file too; it may be used for work with Databricks only, so it is not in this repository:
`databricks bundle schema > schema.json && python -m tests.deployments.whole_bundle schema.json`.
"""

import copy
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from databricks.bundles.alerts import Alert
from databricks.bundles.jobs import Job
from databricks.bundles.schemas import Schema
from databricks.bundles.volumes import Volume

from c360 import cli
from c360.catalog import LAYERS
from c360.engines.spark_names import RELEASED, ROOT_LAYER, Names
from c360.settings import PREFIX, Settings, variable
from flows.serve import definitions

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deployments" / "databricks.yml"
BUNDLE = yaml.safe_load(FILE.read_text())
JOBS: dict[str, Any] = BUNDLE["resources"]["jobs"]
TASKS = {task["task_key"]: task for job in JOBS.values() for task in job["tasks"]}
CLUSTERS = [cluster["new_cluster"] for job in JOBS.values() for cluster in job["job_clusters"]]
BUDGET = BUNDLE["targets"]["prod"]["resources"]["alerts"]["budget"]
TYPES = {"jobs": Job, "schemas": Schema, "volumes": Volume, "alerts": Alert}
COMMANDS = {
    "ingest-salesforce": "ingest",
    "ingest-stripe": "ingest",
    "silver": "build",
    "gold": "build",
    "daily": "run",
    "doctor": "doctor",
    "rollback": "release rollback",
}
NOT_THERE = "webhooks"
"""No job: it belongs to the server of deliveries, which is none of Databricks', and a cluster would never come to rest."""
DEPLOYMENTS = [one for one in definitions() if one["name"] != NOT_THERE]


def resources(bundle: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """All resources, those of targets too, with their kind."""
    places = [bundle, *bundle["targets"].values()]
    return [(kind, one) for place in places for kind, named in place.get("resources", {}).items() for one in named.values()]


def check(bundle: dict[str, Any]) -> None:
    for kind, one in resources(bundle):
        TYPES[kind].from_dict(one)


def test_databricks_types_accept_every_resource() -> None:
    assert {kind for kind, _ in resources(BUNDLE)} == set(TYPES)
    check(BUNDLE)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("resources", "jobs", "gold"), "max_concurent_runs"),
        (("resources", "jobs", "gold", "tasks", 0), "max_retry"),
        (("resources", "jobs", "gold", "job_clusters", 0, "new_cluster"), "spark_env"),
        (("resources", "schemas", "vault"), "grant"),
        (("resources", "volumes", "files"), "schema"),
        (("targets", "prod", "resources", "alerts", "budget"), "query"),
    ],
)
def test_a_misspelt_field_is_refused(path: tuple[Any, ...], field: str) -> None:
    bundle = copy.deepcopy(BUNDLE)
    place = bundle
    for step in path:
        place = place[step]
    place[field] = 1
    with pytest.raises(ValueError, match=f"Unexpected field '{field}'"):
        check(bundle)


def test_a_wrong_word_and_a_missing_field_are_refused() -> None:
    with pytest.raises(ValueError, match="SELEKT"):
        Schema.from_dict({"catalog_name": "c", "name": "n", "grants": [{"principal": "p", "privileges": ["SELEKT"]}]})
    with pytest.raises(TypeError, match="query_text"):
        Alert.from_dict({key: value for key, value in BUDGET.items() if key != "query_text"})


def test_the_jobs_are_the_deployments_of_prefect_at_the_same_times() -> None:
    crons = {task["task_key"]: _cron(job) for job in JOBS.values() for task in job["tasks"]}
    deployments = {one["name"]: [_quartz(schedule["cron"]) for schedule in one["schedules"]] for one in DEPLOYMENTS}
    assert {name: crons[name] for name in deployments} == deployments
    assert NOT_THERE not in crons
    assert {name for name in crons if name not in deployments} == {"doctor", "rollback"}
    assert all(not crons[name] for name in ("doctor", "rollback"))
    schedules = [job["schedule"] for job in JOBS.values() if "schedule" in job]
    assert {schedule["timezone_id"] for schedule in schedules} == {"UTC"}
    assert not any("pause_status" in schedule for schedule in schedules)  # else dev would run every night


def _cron(job: dict[str, Any]) -> list[str]:
    return [job["schedule"]["quartz_cron_expression"]] if "schedule" in job else []


def _quartz(cron: str) -> str:
    """A daily cron of five fields in Quartz' six: seconds first, and one of the two kinds of day is `?`."""
    minute, hour, *rest = cron.split()
    assert rest == ["*", "*", "*"]
    return f"0 {minute} {hour} * * ?"


@pytest.mark.parametrize("name", TASKS)
def test_a_task_runs_a_command_there_is(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` is answered once the words and options before it are known to be right."""
    task = TASKS[name]["python_wheel_task"]
    scripts = (ROOT / "pyproject.toml").read_text()
    assert task["package_name"] == "c360"
    assert f'[project.scripts]\n{task["entry_point"]} = "c360.cli:main"' in scripts
    assert cli.run([*task["parameters"], "--help"]) == 0
    assert f"Usage: c360 {COMMANDS[name]} " in capsys.readouterr().out
    assert cli.run([*task["parameters"], "--nope", "--help"]) == 2


def test_the_entry_point_returns_when_all_went_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["c360", "--version"])
    cli.main()
    monkeypatch.setattr(sys, "argv", ["c360", "nope"])
    with pytest.raises(SystemExit, match="2"):
        cli.main()


def test_tasks_do_what_the_deployments_do() -> None:
    for one in DEPLOYMENTS:
        words = TASKS[one["name"]]["python_wheel_task"]["parameters"]
        assert [after for before, after in pairwise(words) if before in ("--source", "--stage")] == [
            *one["parameters"].get("sources", []),
            *one["parameters"].get("stages", []),
        ]
        assert words[-2:] == ["--wait", "3600"]  # as long as flows wait


def test_every_variable_is_a_setting_and_no_secret_is_literal() -> None:
    fields = {variable(name): field for name, field in Settings.model_fields.items()}
    secret = {name for name, field in fields.items() if "SecretStr" in str(field.annotation)}
    for cluster in CLUSTERS:
        found = {name: value for name, value in cluster["spark_env_vars"].items() if name.startswith(PREFIX)}
        assert set(found) <= set(fields)
        assert found["C360_ENGINE"] == "spark"
        assert secret & set(found)
        assert all(found[name].startswith("{{secrets/${var.secret_scope}/") for name in secret & set(found))


def test_every_run_is_bounded_tagged_and_told_of() -> None:
    for job in JOBS.values():
        assert job["max_concurrent_runs"] == 1
        assert 0 < job["timeout_seconds"] <= 8 * 3600
    for name in ("ingest", "silver", "gold", "daily"):
        assert JOBS[name]["email_notifications"]["on_failure"]
        assert all(task["max_retries"] >= 1 for task in JOBS[name]["tasks"])
    assert TASKS["rollback"]["max_retries"] == 0
    for cluster in CLUSTERS:
        assert cluster["num_workers"] == 2
        assert cluster["custom_tags"] == {"project": "c360", "target": "${bundle.target}"}


def test_every_target_has_all_jobs_and_only_people_run_dev_and_staging() -> None:
    targets = BUNDLE["targets"]
    assert set(targets) == {"dev", "staging", "prod"}
    assert all("jobs" not in target.get("resources", {}) for target in targets.values())
    assert targets["dev"]["mode"] == "development"  # pauses schedules
    assert targets["staging"]["presets"]["trigger_pause_status"] == "PAUSED"
    assert "presets" not in targets["prod"]
    assert targets["prod"]["run_as"] == {"service_principal_name": "${var.service_principal}"}
    assert len({target["variables"]["catalog"] for target in targets.values()}) == 3


def test_variables_that_are_used_are_declared() -> None:
    used = set(re.findall(r"\$\{var\.(\w+)\}", FILE.read_text()))
    assert used == set(BUNDLE["variables"])


def test_the_budget_alert_counts_what_is_tagged() -> None:
    assert BUDGET["evaluation"]["threshold"] == {"value": {"double_value": 80}}
    assert BUNDLE["variables"]["monthly_budget_usd"]["default"] == 500
    query = sqlglot.parse_one(BUDGET["query_text"].replace("${var.monthly_budget_usd}", "500"), dialect="databricks")
    assert query.named_selects == [BUDGET["evaluation"]["source"]["name"]]
    assert "custom_tags['project'] = 'c360'" in BUDGET["query_text"]


def test_each_layer_is_read_by_those_it_is_for() -> None:
    readers = {
        name: {grant["principal"].removeprefix("${var.").removesuffix("}") for grant in schema["grants"]}
        for name, schema in BUNDLE["resources"]["schemas"].items()
    }
    assert readers == {
        "lake": {"service_principal", "engineers"},
        "bronze": {"service_principal"},
        "quarantine": {"service_principal"},
        "reference": {"service_principal", "engineers"},
        "vault": {"service_principal", "vault_readers"},
        "silver": {"service_principal", "engineers"},
        "gold": {"service_principal", "engineers"},
        "released_lake": {"service_principal", "engineers", "analysts"},
        "released_silver": {"service_principal", "engineers"},
        "released_gold": {"service_principal", "engineers", "analysts"},
    }
    for schema in BUNDLE["resources"]["schemas"].values():
        assert all("MODIFY" not in grant["privileges"] for grant in schema["grants"][1:])


def test_schemas_are_those_of_the_lakes_names() -> None:
    """In the target `dev` the bundle prefixes both with `dev_` and the user's name."""
    schemas = BUNDLE["resources"]["schemas"]
    for target in BUNDLE["targets"].values():
        lake = target["variables"]["lake"].replace("${workspace.current_user.short_name}", "ann")
        names = Names.of(lake)
        assert names.catalog == target["variables"]["catalog"]
        assert names.prefix == ("dev_ann" if target["variables"]["catalog"] == "c360_dev" else "")
    layers = {"bronze", "quarantine", "reference", *LAYERS}
    tables = {ROOT_LAYER, *layers, *(f"{RELEASED}_{one}" for one in (ROOT_LAYER, "silver", "gold"))}
    assert set(schemas) == tables == {one["name"] for one in schemas.values()}
    plain = Names.of("unity://c360")
    assert {plain.schema(layer) for layer in layers} <= {f"`c360`.`{name}`" for name in schemas}
    assert all(one["lifecycle"] == {"prevent_destroy": True} for name, one in schemas.items() if not name.startswith(RELEASED))


def test_reports_go_to_the_bundles_volume() -> None:
    volume = BUNDLE["resources"]["volumes"]["files"]
    place = f"/Volumes/{volume['catalog_name']}/{volume['schema_name']}/{volume['name']}"
    assert {cluster["spark_env_vars"]["C360_FILES"] for cluster in CLUSTERS} == {place}


def test_the_guide_names_jobs_targets_and_every_variable_that_has_to_be_given() -> None:
    guide = (ROOT / "docs" / "guides" / "from-laptop-to-databricks.md").read_text()
    runs = re.findall(r"bundle run -t (\w+) (\w+)", guide)
    assert {job for _, job in runs} == {"doctor", "daily", "rollback"} <= set(JOBS)
    assert {target for target, _ in runs} <= set(BUNDLE["targets"])
    open_ones = {name for name, one in BUNDLE["variables"].items() if "default" not in one}
    given = {name for target in BUNDLE["targets"].values() for name in target["variables"]}
    exported = set(re.findall(r"export BUNDLE_VAR_(\w+)=", guide))
    assert exported - {"warehouse_id"} == open_ones - given
    secrets = {value.rsplit("/", 1)[1].removesuffix("}}") for value in CLUSTERS[0]["spark_env_vars"].values() if "{{" in value}
    assert set(re.findall(r"put-secret c360 (\w+)", guide)) == secrets
