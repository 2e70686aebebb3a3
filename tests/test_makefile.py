"""`make clean` removes what `make demo` made, and no lake of real accounts."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("is_demo", [True, False])
def test_clean_leaves_a_lake_that_is_not_the_demos(tmp_path: Path, is_demo: bool) -> None:
    lake = tmp_path / "lake"
    (lake / "demo").mkdir(parents=True)
    (tmp_path / ".venv").mkdir()
    if is_demo:
        (lake / "demo" / "company.json").write_text("{}")
    subprocess.run(["make", "-s", "-C", str(tmp_path), "-f", str(ROOT / "Makefile"), "clean"], check=True)
    assert not (tmp_path / ".venv").exists()
    assert lake.exists() is not is_demo
