"""How well and how fast customers are matched, beside Splink: `python -m benchmarks.identity [--json FILE]`.

c360 runs by its public command line, from this environment. Splink and FEBRL's data sets have another environment, made with

    python -m venv .venv-splink
    .venv-splink/bin/pip install --no-deps -r benchmarks/identity/splink.txt

Prints, for one run on this machine:
- precision, recall and F1 by the pairs that the clusters imply, seconds, CPU seconds and peak memory of the process, c360's
  beside those of the models that Splink's documentation publishes for these data: febrl3, febrl4 (two models; with and without
  one-to-one), both also without the social security number, and its model of businesses, on 3,000 + 3,000 generated companies;
- the probabilities that both say, beside the share of pairs that came true;
- c360 alone on 100,000 + 100,000 and 1,000,000 + 1,000,000 generated persons.

c360 is told what the records are and which column is the id, and nothing else; Splink is told columns, comparisons, blocking and
training rules. Neither sees labels. Splink's clusters are those at its demo's threshold, 0.99, c360's those at its default;
`best F1` is what either would reach if the truth chose the threshold.
"""

import argparse
import importlib.metadata
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.identity.report import compared, curves, scaled
from benchmarks.identity.runs import Tools, compare, scale
from benchmarks.identity.sets import tasks


def main() -> None:
    """Runs, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--c360", type=Path, default=Path(sys.executable).parent / "c360")
    parser.add_argument("--splink", type=Path, default=Path(".venv-splink/bin/python"), help="Python of Splink's environment")
    parser.add_argument("--only", nargs="*", help="data sets, instead of all")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each command beside Splink; the fastest counts")
    parser.add_argument("--scale", type=int, nargs="*", default=[100_000, 1_000_000], help="persons on each side")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if not given.splink.exists():
        parser.error(f"no Python at {given.splink}. Hint: make Splink's environment as `--help` says, or name it with --splink")
    console, tools = Console(width=180), Tools(given.c360, given.splink)
    with tempfile.TemporaryDirectory(prefix="c360-benchmark-") as folder:
        chosen = [task for task in tasks(Path(folder), given.splink) if given.only is None or task.name in given.only]
        rows = [row for task in chosen for row in compare(tools, task, given.repeat)]
    if rows:
        compared(console, rows)
        curves(console, rows)
    sizes = scale(tools, given.scale)
    if sizes:
        scaled(console, sizes)
    if given.json:
        given.json.write_text(
            json.dumps({"versions": _versions(given.splink), "compared": rows, "scale": sizes}, indent=1) + "\n"
        )


def _versions(splink: Path) -> dict[str, str]:
    ask = "import importlib.metadata as m, sys; print(*(m.version(name) for name in ('splink', 'duckdb')))"
    theirs = subprocess.run([splink, "-c", ask], capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 -- as given
    ours = {name: importlib.metadata.version(name) for name in ("c360", "duckdb")}
    return {**ours, "splink": theirs[0], "duckdb_of_splink": theirs[1], "python": sys.version.split()[0]}


if __name__ == "__main__":
    main()
