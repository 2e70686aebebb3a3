"""Flows run from this process for one command: a local server without telemetry, and events for a progress bar."""

import atexit
import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_SERVER_ANALYTICS_ENABLED,
    get_current_settings,
    temporary_settings,
)

from c360.errors import C360Error
from c360.progress import Event, Listener
from flows.build import build_table, check_and_publish
from flows.ingest import ingest_entity

_HOST = "127.0.0.1"
_START_SECONDS = 180
_STAGES = {"ingest": "ingest", "gold": "gold"}
_OWN_SERVER = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}
"""What Prefect's own temporary server is started with."""


@contextmanager
def local_prefect() -> Iterator[Callable[[], None]]:
    """Prefect without telemetry and without sending logs to its own server, which starts meanwhile; call the value to wait.

    The first start ever migrates Prefect's database, some 20 s; a server of the user's own (`PREFECT_API_URL`) is used as it is.
    """
    quiet = {PREFECT_SERVER_ANALYTICS_ENABLED: False, PREFECT_LOGGING_TO_API_ENABLED: False}
    with temporary_settings(quiet):
        if PREFECT_API_URL.value() is not None:
            yield lambda: None
            return
        url, await_start = _started()
        # Nobody watches heartbeats on a server of one command, and every flow would wait for its last one, up to a second.
        with temporary_settings({PREFECT_API_URL: url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            yield await_start


def _started() -> tuple[str, Callable[[], None]]:
    """Starts a Prefect server for this process, until its end: its address, and what waits until it answers.

    Prefect would start one itself, but its class for that imports the whole server into this process, two seconds of work.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited; uvicorn takes the file for a Unix socket
        listener.bind((_HOST, 0))
        listener.listen()  # requests wait here until the server takes them
        port = listener.getsockname()[1]
        app = ["uvicorn", "--factory", "prefect.server.api.server:create_app", "--log-level", "error"]
        environment = {**os.environ, **_OWN_SERVER, **get_current_settings().to_environment_variables(exclude_unset=True)}
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, nothing given from outside
            [sys.executable, "-m", *app, "--fd", str(listener.fileno())], env=environment, pass_fds=[listener.fileno()]
        )
    atexit.register(_stop, process)  # after Prefect has sent its last events
    return f"http://{_HOST}:{port}/api", lambda: _await_health(port)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _await_health(port: int) -> None:
    connection = http.client.HTTPConnection(_HOST, port, timeout=_START_SECONDS)
    try:
        connection.request("GET", "/api/health")
        found = str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        found = str(error) or type(error).__name__
    finally:
        connection.close()
    if found != "200":
        hint = "Its own error is above; or name a server in PREFECT_API_URL."
        raise C360Error(f"Prefect's server did not start within {_START_SECONDS} s ({found}).", hint=hint)


def tell(listener: Listener) -> None:
    """Makes the tasks of this process tell `listener` what is done (item only, no detail)."""

    def on_completion(_: Any, task_run: Any, __: Any) -> None:
        verb, item = task_run.name.split(" ", 1)
        is_check = verb == "check"
        stage = item if is_check else _STAGES.get(item.split(".")[0] if verb == "build" else verb, "silver")
        listener(Event(stage, "checks" if is_check else item, "finished"))

    for task in (ingest_entity, build_table, check_and_publish):
        task.on_completion_hooks = [on_completion]
