"""A served deployment, triggered by `prefect deployment run` on a Prefect server of this machine: no cloud, no network."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from c360 import lease, release
from c360.lake import open_lake
from flows.serve import ROOT
from tests.demo_world import FIRST, company, credentials, environment, prefect_home, served, settings, values

PREFECT = str(Path(sys.executable).parent / "prefect")
SERVER_SECONDS = 60
SERVE_SECONDS = 60
RUN_SECONDS = 240
QUIET = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_CLI_COLORS": "false", "DO_NOT_TRACK": "1"}


@contextmanager
def process(command: list[str], env: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that ends with the body, with all it started."""
    with log.open("wb") as out:
        started = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)
        try:
            yield started
        finally:
            _end(started)


def _end(started: "subprocess.Popen[bytes]") -> None:
    for sign, seconds in ((signal.SIGTERM, 15), (signal.SIGKILL, 15)):
        try:
            os.killpg(started.pid, sign)
            started.wait(seconds)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(url: str, started: "subprocess.Popen[bytes]", log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and started.poll() is None:
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])


def test_a_served_deployment_runs_the_day_when_it_is_asked_to(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    made, rates = company(tmp_path)
    url = f"http://127.0.0.1:{(port := free_port())}/api"
    log = {name: tmp_path / f"{name}.log" for name in ("server", "serve")}
    home = prefect_home(tmp_path_factory.getbasetemp(), tmp_path / "prefect")
    prefect = {**QUIET, "PREFECT_HOME": str(home), "PREFECT_API_URL": url}
    with served(made) as company_server:
        given = values(tmp_path / "lake", rates, FIRST) | credentials(company_server)
        env = environment(given, **prefect)
        start = [PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
        with process(start, env, log["server"]) as server:
            wait_for(f"{url}/health", server, log["server"], SERVER_SECONDS)
            with process([sys.executable, "-m", "flows.serve", "daily"], env, log["serve"]):
                wait_for_deployment(env, log["serve"])
                asked = ["deployment", "run", "daily/daily", "--param", f'load_date="{FIRST}"', "--watch"]
                done = run_prefect(asked, env)
        assert done.returncode == 0, done.stdout + log["serve"].read_text()[-2000:]
        assert "Completed" in done.stdout, done.stdout
    with open_lake(settings(given)) as lake:
        entry = release.current(release.entries(lake.engine))
        assert entry
        assert entry.load_date == FIRST
        assert len(entry.tables) == len(lake.catalog.nodes)
        assert lease.holder(lake.engine, lake.settings.clock()) is None
    assert (tmp_path / "lake" / "reports" / "index.html").exists()
    assert "Traceback" not in log["serve"].read_text()


def run_prefect(arguments: list[str], env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [PREFECT, *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)


def wait_for_deployment(env: dict[str, str], log: Path) -> None:
    """`prefect deployment run` itself takes seconds to start, so the log is asked instead."""
    deadline = time.monotonic() + SERVE_SECONDS
    while "daily/daily" not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()[-2000:]
        time.sleep(0.2)
