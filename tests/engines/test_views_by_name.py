"""Views over released versions of tables by name: what readers see, and what goes when a release no longer has it."""

from typing import Any

import pytest

from c360.engines.delta_engine import DeltaEngine
from c360.errors import LakeError
from tests.engines.conftest import TABLE, Writer

pytestmark = pytest.mark.parametrize("engine", [pytest.param("spark-names", marks=pytest.mark.heavy)], indirect=True)


def ids(engine: Any, table: str = TABLE) -> list[int]:
    view = engine._names.table(table, is_released=True)
    return sorted(row["id"] for row in engine._runner.spark.table(view).collect())


def test_views_show_the_released_version_until_the_next_release(engine: Any, write: Writer) -> None:
    assert not engine.shows("r-1")
    released = write([{"id": 1}, {"id": 2}]).head.version
    newest = write([{"id": 3}]).head.version
    engine.publish_views({TABLE: released}, "r-1")
    assert (ids(engine), engine.shows("r-1"), engine.shows("r-2")) == ([1, 2], True, False)
    engine.publish_views({TABLE: newest}, "r-2")
    assert (ids(engine), engine.shows("r-2")) == ([3], True)


def test_a_table_that_is_no_longer_released_has_no_view(engine: Any, write: Writer) -> None:
    version = write([{"id": 1}]).head.version
    other = engine.append("silver.other", engine.arrow(engine.read(TABLE)))
    engine.publish_views({TABLE: version, "silver.other": other}, "r-1")
    assert ids(engine, "silver.other") == [1]
    engine.publish_views({TABLE: version}, "r-2")
    spark = engine._runner.spark
    assert not spark.catalog.tableExists(engine._names.table("silver.other", is_released=True))
    assert ids(engine) == [1]


def test_a_version_that_is_not_there_is_no_release(engine: DeltaEngine, write: Writer) -> None:
    engine.publish_views({TABLE: write([{"id": 1}]).head.version}, "r-1")
    with pytest.raises(LakeError, match="publishing views"):
        engine.publish_views({TABLE: 99}, "r-2")
    assert ids(engine) == [1]
    assert engine.shows("r-1")
