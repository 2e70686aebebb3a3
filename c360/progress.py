"""What long work tells whoever watches it (a progress bar, a Prefect log, nobody)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Event:
    """One step of a run.

    Attributes:
        stage: `ingest`, `silver` or `gold`.
        item: Entity, table or check.
        state: Whether the item starts, goes on or is done.
        detail: The item's small record once it is done; `Received` while an entity is loaded.
    """

    stage: str
    item: str
    state: Literal["started", "running", "finished"]
    detail: Any = None


@dataclass(frozen=True)
class Received:
    """How far the load of an entity is.

    Attributes:
        count: Records received so far.
        expected: How many there will be, as far as one can tell: as many as are stored; 0 on the first load.
        seconds: Since it began.
    """

    count: int
    expected: int
    seconds: float


Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """Listens to nothing."""
