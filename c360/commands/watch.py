"""Shows the events of a run while it works: bars on a terminal, a line per item elsewhere. Everything on stderr."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from c360.catalog import Catalog
from c360.commands.output import err, say
from c360.lake import Lake, nodes_of
from c360.progress import Event, Listener, Received
from c360.run import nodes_of_stage
from c360.settings import Settings
from c360.sources.registry import Registry

CHECKS = 1


def totals_of(lake: Lake, select: Sequence[str] = (), *, with_ingest: bool = True) -> dict[str, int]:
    """How many items each stage of a run has."""
    return _totals(lake.catalog, lake.registry, select, with_ingest=with_ingest)


def totals_of_settings(settings: Settings) -> dict[str, int]:
    """The same before a lake is open."""
    return _totals(*nodes_of(settings), (), with_ingest=True)


def _totals(catalog: Catalog, registry: Registry, select: Sequence[str], *, with_ingest: bool) -> dict[str, int]:
    nodes = catalog.select(select)
    totals = {stage: len(nodes_of_stage(nodes, stage)) + CHECKS for stage in ("silver", "gold")}
    return ({"ingest": len(registry.entities)} if with_ingest else {}) | totals


@contextmanager
def watching(totals: Mapping[str, int], *, label: str = "") -> Iterator[Listener]:
    """Gives a listener for the events of one run.

    Args:
        totals: Stage -> number of its items.
        label: What runs, before the stage's name (a load date).
    """
    console = err()
    if not console.is_terminal:
        yield lambda event: _line(event, label)
        return
    columns = (
        SpinnerColumn(finished_text="[green]✓[/]"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[item]}"),
    )
    with Progress(*columns, console=console) as progress:
        yield _Bars(progress, totals, label).hear


class _Bars:
    """One bar per stage, opened at the stage's first event."""

    def __init__(self, progress: Progress, totals: Mapping[str, int], label: str) -> None:
        self._progress = progress
        self._totals = totals
        self._label = label
        self._bars: dict[str, TaskID] = {}
        self._lock = Lock()

    def hear(self, event: Event) -> None:
        """Moves the bar of the event's stage."""
        with self._lock:  # lists tell from their threads
            if event.stage not in self._bars:
                description = f"{self._label} {event.stage}".strip()
                self._bars[event.stage] = self._progress.add_task(description, total=self._totals.get(event.stage), item="")
        is_done = event.state == "finished"
        item = "" if is_done else f"{event.item}{received(event.detail)}"
        self._progress.update(self._bars[event.stage], advance=int(is_done), item=item)


def received(detail: Any) -> str:
    """How many records came, how fast, and about how long the rest takes: `: 12,300 of about 40,000, 2,050/s, 0:00:14 left`."""
    if not isinstance(detail, Received) or not detail.seconds:
        return ""
    rate = detail.count / detail.seconds
    if detail.expected <= detail.count or not rate:
        return f": {detail.count:,}, {rate:,.0f}/s"
    left = timedelta(seconds=round((detail.expected - detail.count) / rate))
    return f": {detail.count:,} of about {detail.expected:,}, {rate:,.0f}/s, {left} left"


def _line(event: Event, label: str) -> None:
    if event.state == "finished":
        say(f"{f'{label} {event.stage}'.strip():<18} {event.item}{_detail(event.detail)}")


def _detail(detail: Any) -> str:
    if isinstance(detail, list):
        failed = sum(1 for check in detail if getattr(check, "result", "") == "failed")
        return f": {len(detail)} checks, {failed} failed"
    rows, outcome = getattr(getattr(detail, "state", None), "rows", None), getattr(detail, "outcome", "")
    if outcome:
        return f": {outcome}, {rows:,} rows, {detail.seconds:.1f} s"
    received = getattr(detail, "received_count", None)
    return "" if received is None else f": {received:,} records"


@contextmanager
def working() -> Iterator[Callable[[str], None]]:
    """Gives what tells of work whose length nobody knows: each message as a line, and on a terminal a spinner meanwhile."""
    console = err()
    if not console.is_terminal:
        yield say
        return
    with console.status("Reading …") as status:

        def tell(message: str) -> None:
            console.print(message, highlight=False)
            status.update("Working …")

        yield tell
