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
        state: Whether the item starts or is done.
        detail: The item's small record once it is done.
    """

    stage: str
    item: str
    state: Literal["started", "finished"]
    detail: Any = None


Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """Listens to nothing."""
