"""What a build would do before it is done: which tables, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from c360 import release
from c360.build import Progress, begin, fingerprint_now
from c360.catalog import Node
from c360.errors import listing
from c360.lake import Lake

Action = Literal["build", "maybe", "skip"]


@dataclass(frozen=True)
class Planned:
    """One table of a plan. `maybe`: a table above is built first, and this one only if rows of that one change."""

    table: str
    action: Action
    why: str


def planned(lake: Lake, load_date: date, select: Sequence[str] = ()) -> list[Planned]:
    """The plan of a build, one row per selected table in build order. Nothing is executed.

    Raises:
        SelectionError: `select` names nothing.
    """
    progress = begin("", lake.params(load_date), release.base(release.entries(lake.engine), load_date))
    rows: list[Planned] = []
    changed, touched = set(lake.changed_references()), set[str]()
    for node in lake.catalog.select(select):
        action, why = _decide(lake, node, progress, changed, touched)
        if action != "skip":
            touched.add(node.name)
        rows.append(Planned(node.full_name, action, why))
    return rows


def _decide(lake: Lake, node: Node, progress: Progress, changed: set[str], touched: set[str]) -> tuple[Action, str]:
    known = progress.now.get(node.full_name)
    if known is None:
        return "build", "was never built"
    if fingerprint_now(lake, node, progress.params, progress.now) != known.fingerprint:
        return "build", "code, contract, a parameter or an input differs from the last build"
    files = changed.intersection(node.inputs)
    if files:
        return "build", f"the reference file of {listing(files, 3)} changed"
    above = touched.intersection(node.inputs)
    return ("maybe", f"if rows of {listing(above, 3)} change") if above else ("skip", "up to date")
