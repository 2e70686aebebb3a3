"""The README says the truth: its commands run on a released lake, its Python too, and what it names exists."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from c360 import errors
from tests.demo_world import demo_folder, environment

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
NEED_SOURCES = {"c360 run", "c360 doctor"}
"""Commands of the part on real accounts: without credentials they stop with a sentence that says which is missing."""
SERVES = "python -m flows.serve"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands(start: str) -> list[str]:
    lines = [line.split(" # ")[0].split("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith(start)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_folder(tmp_path_factory.getbasetemp())


def run(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = environment({}, PATH=path, COLUMNS="200")
    return subprocess.run(shlex.split(command), cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_every_line_of_a_shell_block_is_a_command_this_test_knows() -> None:
    lines = [line.strip() for block in blocks("sh") for line in block.splitlines() if line.strip()]
    known = [*commands("make "), *commands("c360 "), *commands(SERVES), *commands("source ")]
    assert len(lines) == len(known)
    assert len(commands("c360 ")) >= 6


@pytest.mark.parametrize("command", commands("make "))
def test_a_make_target_exists(command: str) -> None:
    done = run(f"make -n {command.removeprefix('make ')}", ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [c for c in commands("c360 ") if c not in NEED_SOURCES | {"c360 init"}])
def test_a_command_runs_on_the_demos_lake(command: str, folder: Path) -> None:
    done = run(command, folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_commands_for_real_accounts_exist_and_say_what_they_need(folder: Path, tmp_path: Path) -> None:
    assert NEED_SOURCES | {"c360 init"} <= set(commands("c360 "))
    assert run("c360 init", tmp_path).returncode == 0
    assert (tmp_path / ".env").exists()
    doctor = run("c360 doctor", tmp_path)
    assert doctor.returncode == 1
    assert "C360_STRIPE_API_KEY is not set" in doctor.stdout
    assert run("c360 run", tmp_path).returncode == errors.SettingsError.exit_code


def test_after_the_demo_the_way_to_real_accounts_is_open_and_leads_to_another_lake(folder: Path, tmp_path: Path) -> None:
    assert not (folder / ".env").exists()
    assert (folder / "lake" / "demo" / ".env").stat().st_mode & 0o777 == 0o600
    assert run("c360 init", tmp_path).returncode == 0
    for command in ("c360 run", "c360 ingest"):
        done = run(f"{command} --lake {folder / 'lake'}", tmp_path)
        assert done.returncode == errors.SettingsError.exit_code
        assert "is the demo's lake; real accounts do not go into it" in done.stderr
    assert run(f"c360 run --date 2026-06-15 --lake {folder / 'lake'}", tmp_path).returncode == 0
    assert "is the demo's lake" in run("c360 doctor", folder).stdout
    assert "up to date" in run("c360 build", folder).stderr


def test_the_python_block_runs_and_gives_rows(folder: Path) -> None:
    (source,) = blocks("python")
    done = run(f"{sys.executable} -c {shlex.quote(_printing(source))}", folder)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 5


def _printing(source: str) -> str:
    """The block as a notebook would show it: the last expression is printed."""
    *before, last = source.strip().splitlines()
    return "\n".join([*before, f"print({last})"])


def test_the_exit_codes_are_those_of_the_errors() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.C360Error)]
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert {kind.exit_code for kind in kinds} | {0, 70, 130} == told


def test_paths_and_links_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    (house,) = blocks("text")
    named = re.findall(r"^(\S+?)/? {2,}", house, re.MULTILINE)
    assert len(named) > 10
    missing = [path for path in {*links, *named} if not (ROOT / path).exists()]
    assert missing == []
