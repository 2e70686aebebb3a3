"""Flows run from this process for one command: a local server without telemetry, and events for a progress bar."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_SERVER_ANALYTICS_ENABLED,
    PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS,
    temporary_settings,
)

from c360.progress import Event, Listener
from flows.build import build_table, check_and_publish
from flows.ingest import ingest_entity

_START_SECONDS = 180
_STAGES = {"ingest": "ingest", "gold": "gold"}


@contextmanager
def local_prefect() -> Iterator[Callable[[], None]]:
    """Prefect without telemetry and without sending logs to its own server, which starts meanwhile; call the value to wait.

    The first start ever migrates Prefect's database, some 20 s; a server of the user's own (`PREFECT_API_URL`) is used as it is.
    """
    quiet = {
        PREFECT_SERVER_ANALYTICS_ENABLED: False,
        PREFECT_LOGGING_TO_API_ENABLED: False,
        PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS: _START_SECONDS,
    }
    with temporary_settings(quiet), ThreadPoolExecutor(1) as pool:
        starting = pool.submit(copy_context().run, _start_server)
        yield starting.result


def _start_server() -> None:
    if PREFECT_API_URL.value() is None:
        SubprocessASGIServer().start()


def tell(listener: Listener) -> None:
    """Makes the tasks of this process tell `listener` what is done (item only, no detail)."""

    def on_completion(_: Any, task_run: Any, __: Any) -> None:
        verb, item = task_run.name.split(" ", 1)
        is_check = verb == "check"
        stage = item if is_check else _STAGES.get(item.split(".")[0] if verb == "build" else verb, "silver")
        listener(Event(stage, "checks" if is_check else item, "finished"))

    for task in (ingest_entity, build_table, check_and_publish):
        task.on_completion_hooks = [on_completion]
