"""A tiny made-up company, served on loopback, and a lake `c360 demo` made of it: built once, shared by every test process."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

from c360.demo.company import DEFAULT_LOAD_DATES, Company, generate
from c360.demo.server import DemoServer, serve
from c360.settings import PREFIX, Settings, variable

ACCOUNTS, SEED = 60, 3
FIRST, SECOND = DEFAULT_LOAD_DATES
OF_REAL_ACCOUNTS = {
    "reporting_zone": "America/New_York",
    "reporting_currency": "eur",
    "history_months": "3",
    "metadata_key": "crm",
}
SECRET = "only-for-tests-" + "0123456789abcdef" * 2


def company(folder: Path) -> tuple[Company, Path]:
    """The company and its rates file."""
    made = generate(accounts=ACCOUNTS, seed=SEED)
    rates = folder / "fx_rates.csv"
    made.write_fx_rates(rates)
    return made, rates


@contextmanager
def served(made: Company, day: date = FIRST) -> Iterator[DemoServer]:
    with serve(made, now=at(day)) as server:
        yield server


def at(day: date) -> datetime:
    return datetime.combine(day, time(22), UTC)


def values(lake: Path, rates: Path, day: date, secret: str = SECRET) -> dict[str, str]:
    """Settings of a run on that day that asks no source, as texts."""
    return {
        "lake": str(lake),
        "now": at(day).isoformat(),
        "token_secret": secret,
        "fx_rates_file": str(rates),
    }


def credentials(server: DemoServer) -> dict[str, str]:
    """Settings that lead to the served company."""
    login = server.salesforce_credentials
    return {
        "stripe_url": server.stripe_url,
        "stripe_api_key": server.stripe_api_key,
        "stripe_livemode": "false",
        "stripe_requests_per_second": "10000",
        "salesforce_url": server.salesforce_url,
        "salesforce_requests_per_second": "10000",
        "salesforce_client_id": login.client_id,
        "salesforce_client_secret": login.client_secret,
        "salesforce_username": login.username,
        "salesforce_password": login.password,
    }


def settings(given: Mapping[str, str]) -> Settings:
    return Settings(**given)  # type: ignore[arg-type]  # texts, as in the environment


def environment(given: Mapping[str, str], **more: str) -> dict[str, str]:
    """The environment of a process with these settings and none of ours."""
    own = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PREFECT_"))}
    return own | {variable(name): value for name, value in given.items()} | more


def demo_folder(base: Path) -> Path:
    """A folder with `lake/` and what `c360 demo` printed; made by the first process that asks.

    The environment has settings of real accounts, which the demo does not heed.

    Args:
        base: `tmp_path_factory.getbasetemp()`; the processes of a run share its parent.
    """
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "code").exists():
            (shared / "code").write_text(str(_run_demo(shared)))
    if (shared / "code").read_text() != "0":
        raise RuntimeError((shared / "stderr").read_text()[-2000:])
    return shared


def prefect_home(base: Path, own: Path) -> Path:
    """A Prefect home of the test's own whose database is migrated already: a copy of the demo's, which takes 20 s less."""
    return Path(shutil.copytree(demo_folder(base) / "prefect", own))


def _run_demo(folder: Path) -> int:
    with (folder / "stdout").open("w") as stdout, (folder / "stderr").open("w") as stderr:
        return subprocess.run(
            [str(Path(sys.executable).parent / "c360"), "demo", "--accounts", str(ACCOUNTS), "--seed", str(SEED)],
            cwd=folder,
            env=environment(OF_REAL_ACCOUNTS, PREFECT_HOME=str(folder / "prefect"), COLUMNS="120"),
            stdout=stdout,
            stderr=stderr,
            timeout=300,
            check=False,
        ).returncode
