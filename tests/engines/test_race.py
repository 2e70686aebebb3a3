"""Two processes that commit on the same version: exactly one wins."""

import multiprocessing
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa

from c360.engines.delta import DeltaLake
from c360.errors import LeaseError

ROUNDS = 20


def race(lake: str, who: int, barrier: Any, outcomes: Any) -> None:
    """Tries to make versions 0, 1, 2, … of one table, each at the same moment as the other process."""
    delta = DeltaLake.at(lake)
    for version in range(-1, ROUNDS - 1):
        rows = pa.table({"who": [who]}).to_reader()
        barrier.wait(timeout=60)
        try:
            if version < 0:
                delta.create("_runs", rows)
            else:
                delta.append("_runs", version, rows, None)
        except LeaseError:
            outcomes.put((version, "lost"))
        except Exception as error:  # noqa: BLE001 - shown by the test instead of a hanging queue
            outcomes.put((version, repr(error)))
        else:
            outcomes.put((version, "won"))


def test_exactly_one_of_two_racing_commits_wins(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier, outcomes = spawn.Barrier(2), spawn.Queue()
    processes = [spawn.Process(target=race, args=(str(tmp_path), who, barrier, outcomes)) for who in (1, 2)]
    for process in processes:
        process.start()
    seen = Counter(outcomes.get(timeout=60) for _ in range(2 * ROUNDS))
    for process in processes:
        process.join(timeout=60)
    assert seen == {(version, end): 1 for version in range(-1, ROUNDS - 1) for end in ("won", "lost")}
    assert DeltaLake.at(str(tmp_path)).version("_runs") == ROUNDS - 1
