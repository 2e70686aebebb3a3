"""Flows run from this process for one command: a local server without telemetry, and events for a progress bar."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, PREFECT_SERVER_ANALYTICS_ENABLED, temporary_settings

from c360.progress import Event, Listener
from flows.build import build_table, check_and_publish
from flows.ingest import ingest_entity

_STAGES = {"ingest": "ingest", "gold": "gold"}


@contextmanager
def local_prefect() -> Iterator[None]:
    """Prefect without telemetry and without sending logs to its own server."""
    with temporary_settings({PREFECT_SERVER_ANALYTICS_ENABLED: False, PREFECT_LOGGING_TO_API_ENABLED: False}):
        yield


def tell(listener: Listener) -> None:
    """Makes the tasks of this process tell `listener` what is done (item only, no detail)."""

    def on_completion(_: Any, task_run: Any, __: Any) -> None:
        verb, item = task_run.name.split(" ", 1)
        is_check = verb == "check"
        stage = item if is_check else _STAGES.get(item.split(".")[0] if verb == "build" else verb, "silver")
        listener(Event(stage, "checks" if is_check else item, "finished"))

    for task in (ingest_entity, build_table, check_and_publish):
        task.on_completion_hooks = [on_completion]
