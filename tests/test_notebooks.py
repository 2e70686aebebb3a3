"""Every notebook runs from top to bottom on a released lake, is stored without outputs, and holds no logic."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from c360.settings import Settings, using
from tests.demo_world import demo_folder

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    found = demo_folder(tmp_path_factory.getbasetemp()) / "lake"
    with using(Settings(lake=str(found))):
        yield found


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_and_every_last_expression_gives_rows(path: Path, lake: Path) -> None:
    names: dict[str, Any] = {}
    for cell in code_cells(path):
        body = ast.parse("".join(cell["source"])).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), path.name, "exec"), names)
        if isinstance(last, ast.Expr):
            assert len(eval(compile(ast.Expression(last.value), path.name, "eval"), names)) > 0


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_stored_without_outputs_and_defines_nothing(path: Path) -> None:
    for cell in code_cells(path):
        assert (cell["outputs"], cell["execution_count"]) == ([], None)
        kinds = {type(statement) for statement in ast.parse("".join(cell["source"])).body}
        assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If}
