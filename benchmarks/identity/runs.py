"""Each command on each data set, measured and scored; the results are rows of plain values."""

import math
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.identity.measure import Usage, run
from benchmarks.identity.people import write_people
from benchmarks.identity.score import Right, at_best, by_clusters, reliability
from benchmarks.identity.sets import Task

Row = dict[str, object]
_SPLINK = Path(__file__).parent / "splink_run.py"


@dataclass(frozen=True)
class Tools:
    """The command of c360, and the Python of Splink's environment."""

    c360: Path
    splink: Path


def compare(tools: Tools, task: Task, repeat: int) -> list[Row]:
    """c360 and Splink's models on one data set; of linked files with and without one-to-one."""
    return [
        _measured(tools, task, model, one_to_one=one_to_one, repeat=repeat)
        for one_to_one in ([False, True] if task.several else [False])
        for model in (None, *task.models)
    ]


def scale(tools: Tools, sizes: list[int]) -> list[Row]:
    """c360 on generated persons, so many on each side, one-to-one; the smallest size also without.

    Growth is the exponent of CPU time by rows from one size to the next.
    """
    rows: list[Row] = []
    for size in sorted(sizes):
        with tempfile.TemporaryDirectory(prefix="c360-benchmark-") as folder:
            write_people(Path(folder), size)
            task = Task("persons", (Path(folder) / "left.csv", Path(folder) / "right.csv"), "person", ())
            for one_to_one in [True] if rows else [False, True]:
                row = _measured(tools, task, None, one_to_one=one_to_one, repeat=1, best=False)
                rows.append({**row, "rows": 2 * size, "growth": _growth(rows[-1], 2 * size, row) if len(rows) > 1 else None})
    return rows


def _growth(before: Row, rows: int, row: Row) -> float:
    seconds, first, size = float(str(row["cpu_seconds"])), float(str(before["cpu_seconds"])), int(str(before["rows"]))
    return round(math.log(seconds / first) / math.log(rows / size), 2)


def _measured(tools: Tools, task: Task, model: str | None, *, one_to_one: bool, repeat: int, best: bool = True) -> Row:
    """One row; `model` None is c360. Of repeated runs the fastest counts, and the least memory."""
    with tempfile.TemporaryDirectory(prefix="c360-benchmark-") as folder:
        out = Path(folder)
        usages = [_run(tools, task, model, out, one_to_one=one_to_one) for _ in range(repeat)]
        row: Row = {"set": task.name, "one_to_one": one_to_one, "tool": "splink" if model else "c360", "model": model}
        row |= _figures(by_clusters(out, task.truth, several=task.several))
        row |= {name: round(min(getattr(usage, name) for usage in usages), 2) for name in ("seconds", "cpu_seconds", "mb")}
        if best:
            threshold, right = at_best(out, task.truth, one_to_one=one_to_one)
            row |= {"best_threshold": threshold, "best_f1": round(right.f1, 4)}
            row["reliability"] = [asdict(one) for one in reliability(out, task.truth)]
    return row


def _run(tools: Tools, task: Task, model: str | None, out: Path, *, one_to_one: bool) -> Usage:
    option = ["--one-to-one"] if one_to_one else []
    if model:
        return run([tools.splink, _SPLINK, *option, model, out, *task.files])
    return run([tools.c360, "identity", "resolve", *task.files, "--entity", task.entity, "--id", "rec_id", *option, "--out", out])


def _figures(right: Right) -> Row:
    return {name: round(value, 4) for name, value in (("precision", right.precision), ("recall", right.recall), ("f1", right.f1))}
