"""Appends that expect a version on tables by name: of writers at the same moment exactly one wins, and a late one never does."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from c360.engines.spark_named import NamedSparkEngine
from c360.errors import LeaseError
from tests.engines.conftest import folder

TABLE = "_runs"
WRITERS = 5


@pytest.fixture
def lake() -> str:
    return f"unity://spark_catalog/race_{uuid4().hex}"


@pytest.fixture
def writers(spark: Any, lake: str) -> list[NamedSparkEngine]:
    """Engines of their own, as runs have; their sessions share the catalog of this process."""
    return [NamedSparkEngine(lake, session=spark) for _ in range(WRITERS)]


def at_once(writers: list[NamedSparkEngine], act: Callable[[int, NamedSparkEngine], int]) -> tuple[dict[int, int], int]:
    """What each winner got, and how many lost."""
    won: dict[int, int] = {}
    lost: list[int] = []
    wrong: list[BaseException] = []
    barrier = threading.Barrier(len(writers))

    def run(number: int, writer: NamedSparkEngine) -> None:
        barrier.wait(timeout=60)
        try:
            won[number] = act(number, writer)
        except LeaseError:
            lost.append(number)
        except BaseException as error:  # noqa: BLE001 - raised below, in the test's own thread
            wrong.append(error)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    return won, len(lost)


def row(number: int) -> pa.Table:
    return pa.table({"who": pa.array([number], pa.int64())})


def who(engine: NamedSparkEngine) -> list[int]:
    return engine.arrow(engine.read(TABLE)).column("who").to_pylist()


@pytest.mark.parametrize(("count", "rounds"), [(WRITERS, 6)])
def test_of_several_writers_one_makes_each_version(writers: list[NamedSparkEngine], count: int, rounds: int) -> None:
    winners = []
    for version in range(-1, rounds - 1):
        won, lost = at_once(writers[:count], lambda n, engine, v=version: engine.append(TABLE, row(n), expected_version=v))
        assert (list(won.values()), lost) == ([version + 1], count - 1)
        winners += won
    assert sorted(who(writers[0])) == sorted(winners)
    assert writers[0].head(TABLE).version == rounds - 1  # type: ignore[union-attr]


def test_a_compaction_in_between_makes_no_second_winner(writers: list[NamedSparkEngine]) -> None:
    """One writer saw the version before the compaction, the other the one after: they follow the same rows."""
    for number in range(2):
        writers[0].append(TABLE, row(number), expected_version=number - 1)
    DeltaTable(folder(writers[0], TABLE)).optimize.compact()
    won, lost = at_once(writers[:2], lambda n, engine: engine.append(TABLE, row(n), expected_version=1 + n))
    assert (len(won), lost) == (1, 1)
    for seen in (1, 2):
        with pytest.raises(LeaseError):
            writers[0].append(TABLE, row(9), expected_version=seen)
    assert len(who(writers[0])) == 3


def test_another_tools_rows_are_no_base_either(writers: list[NamedSparkEngine]) -> None:
    writers[0].append(TABLE, row(1), expected_version=-1)
    DeltaTable(folder(writers[0], TABLE)).delete("who = 1")
    with pytest.raises(LeaseError):
        writers[1].append(TABLE, row(2), expected_version=0)
    assert writers[1].append(TABLE, row(3), expected_version=1) == 2
    assert who(writers[0]) == [3]


def test_appends_that_expect_nothing_all_land(writers: list[NamedSparkEngine]) -> None:
    writers[0].append(TABLE, row(-1))
    won, lost = at_once(writers[:3], lambda n, engine: engine.append(TABLE, row(n), record={"content_id": str(n)}))
    assert (sorted(won), lost) == ([0, 1, 2], 0)
    assert sorted(who(writers[0])) == [-1, 0, 1, 2]
