"""Serves the deployments of `prefect.yaml` from this process: `python -m flows.serve [NAME …]`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from prefect import Flow, serve
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.flows import load_flow_from_entrypoint

ROOT = Path(__file__).resolve().parent.parent


def definitions() -> list[dict[str, Any]]:
    """The deployments of `prefect.yaml`, as plain records."""
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    return found


def served(names: list[str]) -> Iterator[RunnerDeployment]:
    """Runnable deployments of these names (all when empty)."""
    for definition in definitions():
        if not names or definition["name"] in names:
            flow: Flow[..., Any] = load_flow_from_entrypoint(str(ROOT / definition["entrypoint"]))
            schedules = [CronSchedule(cron=s["cron"], timezone=s["timezone"]) for s in definition["schedules"]]
            yield flow.to_deployment(  # type: ignore[misc]  # typed as awaitable too, for async callers
                name=definition["name"],
                parameters=definition["parameters"],
                schedules=schedules or None,
                description=definition["description"],
                tags=definition["tags"],
            )


if __name__ == "__main__":
    serve(*served(sys.argv[1:]), pause_on_shutdown=False)
