"""The clusters' Spark settings: without one of them, a MERGE on Databricks would look like two writers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
import yaml

from c360.engines.changes import CHANGE
from c360.engines.delta import DeltaLake
from c360.engines.delta_errors import ConflictError
from c360.engines.delta_layout import PLAIN
from c360.engines.spark_session import SparkRunner
from c360.engines.spark_store import SparkStore

FILE = Path(__file__).parents[2] / "deployments" / "databricks.yml"
ALWAYS_ON = {"spark.databricks.delta.autoCompact.enabled": "true"}
"""What Databricks does after every MERGE, whatever the session says."""
EAGER = {"spark.databricks.delta.autoCompact.minNumFiles": "2"}


@pytest.mark.heavy
def test_no_compaction_follows_a_merge(spark: Any, tmp_path: Path) -> None:
    (job, *_) = yaml.safe_load(FILE.read_text())["resources"]["jobs"].values()
    ours: Mapping[str, str] = job["job_clusters"][0]["new_cluster"]["spark_conf"]
    with settings(spark, {**ours, **ALWAYS_ON}):
        assert merged(spark, tmp_path / "ours") == 1
    with settings(spark, {**ours, **ALWAYS_ON, **EAGER}), pytest.raises(ConflictError):
        merged(spark, tmp_path / "eager")


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


def merged(spark: Any, lake: Path) -> int:
    """The version that a first write and a MERGE end with."""
    runner = SparkRunner(spark)
    store = SparkStore(runner, DeltaLake.at(str(lake)))
    version = store.create("gold.thing", rows(runner, id=1), {}, PLAIN)
    return store.merge("gold.thing", version, rows(runner, id=2, **{CHANGE: "insert"}), ["id"], {}, PLAIN, {})


def rows(runner: SparkRunner, **values: Any) -> ir.Table:
    table = pa.table({name: [value] for name, value in values.items()})
    return runner.from_arrow(table, ibis.Schema.from_pyarrow(table.schema))
