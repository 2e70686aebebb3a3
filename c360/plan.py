"""What a build would do before it is done: which tables, why, and what they would read where that costs money."""

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
TIB = 2**40


@dataclass(frozen=True)
class Planned:
    """One table of a plan. `maybe`: a table above is built first, and this one only if rows of that one change.

    Attributes:
        table: Its full name.
        action: What would be done.
        why: The reason, for people.
        bytes_read: What building it whole would read, as the engine estimates it; None where it does not.
        usd: The price of that.
    """

    table: str
    action: Action
    why: str
    bytes_read: int | None = None
    usd: float | None = None


def planned(lake: Lake, load_date: date, select: Sequence[str] = ()) -> list[Planned]:
    """The plan of a build, one row per selected table in build order. Nothing is computed.

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
        size = None if action == "skip" else _bytes_read(lake, node, progress)
        usd = None if size is None else size / TIB * lake.settings.bigquery_usd_per_tib
        rows.append(Planned(node.full_name, action, why, size, usd))
    return rows


def total(rows: Sequence[Planned]) -> tuple[int, float] | None:
    """Bytes and USD of all that have an estimate; None when none has."""
    known = [(row.bytes_read, row.usd) for row in rows if row.bytes_read is not None and row.usd is not None]
    return (sum(size for size, _ in known), sum(usd for _, usd in known)) if known else None


def _bytes_read(lake: Lake, node: Node, progress: Progress) -> int | None:
    """The engine's estimate; None when an input does not exist yet, too."""
    inputs, entities = lake.stored_inputs(node, progress.params.as_of, progress.now)
    if inputs is None:
        return None
    expr = None if node.spec.is_step else lake.expression(node, progress.params)
    return lake.engine.estimate(expr, inputs, entities)


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
