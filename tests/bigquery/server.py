"""A BigQuery for tests: `bqemulator` on loopback, in an environment of its own, or a real project (`make test-bigquery`)."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen
from uuid import uuid4

import pytest

from c360.engines.bigquery_client import connect
from c360.storage import Warehouse

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-bqemulator" / "bin" / "python"
SERVER = Path(__file__).with_name("emulator.py")
PROJECT_VARIABLE, LOCATION_VARIABLE = "TEST_BIGQUERY_PROJECT", "TEST_BIGQUERY_LOCATION"
"""Name a real project to run on; without it the emulator is started."""
EMULATED = "test"
_STARTS_WITHIN_SECONDS = 60


@contextmanager
def serving(home: Path) -> Iterator[Warehouse]:
    """Where to keep tables.

    Args:
        home: Home folder of the emulator, which looks for an extension there.
    """
    if project := os.environ.get(PROJECT_VARIABLE):
        yield Warehouse(project, os.environ.get(LOCATION_VARIABLE, "US"))
        return
    if not PYTHON.exists():
        pytest.skip("`make .venv-bqemulator` installs the server")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    home.mkdir(parents=True, exist_ok=True)
    with (home / "log").open("w") as log:
        command = [str(PYTHON), str(SERVER), str(port)]
        with subprocess.Popen(command, env={**os.environ, "HOME": str(home)}, stdout=log, stderr=log) as server:
            try:
                _wait_for(f"http://127.0.0.1:{port}", server)
                yield Warehouse(EMULATED, endpoint=f"http://127.0.0.1:{port}")
            finally:
                server.kill()


def own_datasets() -> str:
    """A beginning of names that no other test has."""
    return "c360_test_" + uuid4().hex[:8]


def drop_datasets(place: Warehouse) -> None:
    """Removes what a test left behind."""
    client = connect(place)
    for dataset in list(client.list_datasets()):
        if dataset.dataset_id.startswith(place.dataset + "_"):
            client.delete_dataset(dataset.reference, delete_contents=True, not_found_ok=True)
    client.close()


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(URLError, ConnectionError):
            try:
                urlopen(url, timeout=2).close()
            except HTTPError:  # it answers
                return
            return
        time.sleep(0.1)
    raise TimeoutError("the BigQuery server did not start")
