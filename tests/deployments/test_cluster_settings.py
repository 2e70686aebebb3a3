"""The clusters' Spark settings: without one of them, a MERGE on Databricks would look like two writers, and like no change."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
import yaml

from c360.catalog import Merge
from c360.engines.spark import SparkEngine

FILE = Path(__file__).parents[2] / "deployments" / "databricks.yml"
ALWAYS_ON = {"spark.databricks.delta.autoCompact.enabled": "true"}
"""What Databricks does after every MERGE, whatever the session says."""
EAGER = {"spark.databricks.delta.autoCompact.minNumFiles": "2"}


@pytest.mark.heavy
def test_no_compaction_follows_a_merge(spark: Any, tmp_path: Path) -> None:
    (job, *_) = yaml.safe_load(FILE.read_text())["resources"]["jobs"].values()
    ours: Mapping[str, str] = job["job_clusters"][0]["new_cluster"]["spark_conf"]
    with settings(spark, {**ours, **ALWAYS_ON}):
        assert merged(spark, tmp_path / "ours") == (1, 1)
    with settings(spark, {**ours, **ALWAYS_ON, **EAGER}):
        version, inserted = merged(spark, tmp_path / "eager")
    assert version > 1
    assert inserted == 0  # the writer compared again, with what it had written itself


@contextmanager
def settings(spark: Any, wanted: Mapping[str, str]) -> Iterator[None]:
    before = {name: spark.conf.get(name, None) for name in wanted}
    for name, value in wanted.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            spark.conf.unset(name) if value is None else spark.conf.set(name, value)


def merged(spark: Any, lake: Path) -> tuple[int, int]:
    """The version after a first write and a merge, and the rows the merge says it inserted."""
    schema = ibis.schema({"id": "int64"})
    with SparkEngine(str(lake), session=spark) as engine:
        for number in range(2):
            rows = engine.from_arrow(pa.table({"id": range(number + 1)}), schema)
            written = engine.write("gold.thing", rows, schema, ["id"], Merge(), {"content_id": str(number)})
    return written.head.version, written.inserted
