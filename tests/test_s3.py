"""A lake at `s3://`, on a real S3 server on loopback: two writers, a kill between data and commit, and the whole demo."""

import http.client
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest

from c360.engines import open_engine
from c360.errors import LeaseError, SettingsError
from c360.settings import Settings
from tests import s3
from tests.demo_world import ACCOUNTS, SEED, environment, prefect_home

LAKE = f"s3://{s3.BUCKET}/lake"
TABLE = "silver.fct_thing"


@pytest.fixture(scope="module")
def server() -> Iterator[Mapping[str, str]]:
    with s3.serving() as opened:
        yield opened


def settings(opened: Mapping[str, str], lake: str = LAKE) -> Settings:
    return Settings.load(_env_file=None, lake=lake, **opened)


def engine_on(given: Settings) -> Any:
    return open_engine(given.engine, given.lake, given.storage())


def numbers(*values: int) -> pa.Table:
    return pa.table({"n": list(values)})


def test_of_writers_at_once_one_wins(server: Mapping[str, str]) -> None:
    given = settings(server, f"{LAKE}-race")
    with engine_on(given) as engine:
        engine.append(TABLE, numbers(0), expected_version=-1)
    won: list[int] = []
    lost: list[str] = []

    def commit(number: int) -> None:
        try:
            with engine_on(given) as engine:
                engine.append(TABLE, numbers(number), expected_version=0)
            won.append(number)
        except LeaseError as error:
            lost.append(error.message)

    threads = [threading.Thread(target=commit, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 3)
    with engine_on(given) as engine:
        assert sorted(engine.arrow(engine.read(TABLE))["n"].to_pylist()) == [0, *won]


APPEND = """
import sys, json
import pyarrow as pa
from c360.engines import open_engine
from c360.settings import Settings
given = Settings.load(**json.loads(sys.argv[1]))
with open_engine(given.engine, given.lake, given.storage()) as engine:
    engine.append(sys.argv[2], pa.table({"n": [2]}), record={"content_id": "2"})
"""


def test_a_kill_between_data_and_commit_leaves_the_table_as_it_was(server: Mapping[str, str]) -> None:
    lake = f"{LAKE}-kill"
    given = settings(server, lake)
    with engine_on(given) as engine:
        engine.append(TABLE, numbers(1), record={"content_id": "1"})
        with holding_commits(server["s3_endpoint"]) as (proxy, is_held):
            told = json.dumps({**server, "s3_endpoint": proxy, "lake": lake})
            with subprocess.Popen([sys.executable, "-c", APPEND, told, TABLE], env=environment({})) as writer:
                assert is_held.wait(60), "the writer never came to its commit"
                writer.send_signal(signal.SIGKILL)
        assert writer.returncode == -signal.SIGKILL
        head = engine.head(TABLE)
        assert (head.version, head.content_id) == (0, "1")
        assert engine.arrow(engine.read(TABLE))["n"].to_pylist() == [1]
        engine.append(TABLE, numbers(2), record={"content_id": "2"})
        assert sorted(engine.arrow(engine.read(TABLE))["n"].to_pylist()) == [1, 2]


@contextmanager
def holding_commits(endpoint: str) -> Iterator[tuple[str, threading.Event]]:
    """A proxy before the S3 server that never passes on a commit; its URL, and whether one came."""
    is_held, is_over = threading.Event(), threading.Event()

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

        def passed_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.command == "PUT" and "_delta_log" in self.path:
                is_held.set()
                is_over.wait(120)
                return
            upstream = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=30)
            upstream.request(self.command, self.path, body, dict(self.headers))
            answer = upstream.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(content)
            upstream.close()

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = passed_on  # noqa: N815 - names the server looks for

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        serving = threading.Thread(target=proxy.serve_forever, daemon=True)
        serving.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_address[1]}", is_held
        finally:
            is_over.set()
            proxy.shutdown()


def test_a_bucket_of_another_kind_is_refused() -> None:
    for lake in ("gs://company/lake", "abfss://lake@company.dfs.core.windows.net"):
        with pytest.raises(SettingsError, match=r"is not supported.*Hint: Use a path, s3://"):
            settings({}, lake).storage()


def test_spark_is_refused_where_it_would_overwrite_commits() -> None:
    with pytest.raises(SettingsError, match=r"Spark overwrites commits of others.*Hint: Use --engine duckdb"):
        engine_on(settings({"engine": "spark"}, LAKE))


def test_credentials_are_never_shown(server: Mapping[str, str]) -> None:
    assert s3.SECRET not in repr(settings(server)) + repr(settings(server).storage())


@pytest.mark.heavy
def test_the_demo_ends_to_end_and_again_with_nothing_to_do(
    server: Mapping[str, str], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = prefect_home(tmp_path_factory.getbasetemp(), tmp_path / "prefect")
    env = environment(server, PREFECT_HOME=str(home))
    command = [
        str(Path(sys.executable).parent / "c360"),
        "demo",
        "--accounts",
        str(ACCOUNTS),
        "--seed",
        str(SEED),
        "--lake",
        LAKE,
    ]
    first, second = (
        subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=600, check=False) for _ in range(2)
    )
    assert first.returncode == 0, first.stderr[-2000:]
    assert "nothing had to be done" in second.stderr
    assert first.stdout.split("Report:")[0] == second.stdout.split("Report:")[0]
    read = "import c360; print(len(c360.read('gold.fct_monthly_revenue').to_pyarrow()))"
    rows = subprocess.run(
        [sys.executable, "-c", read], env={**env, "C360_LAKE": LAKE}, capture_output=True, text=True, check=True
    )
    assert int(rows.stdout) > 100
    assert not (tmp_path / "lake").exists()
