"""Spark with Delta: local, or a given session (Databricks, classic or Connect). Rows are computed and written on the executors.

The lake is the same as the embedded engine's: tables by path, with the records of their builds in the same place of the log.
To this process come only what `arrow` is asked for (counts, reviews, accepted pairs), and records on their way from a source to
bronze, which this process received in the first place.
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
from ibis.backends.pyspark.datatypes import PySparkType
from pyspark.sql import DataFrame, SparkSession

from c360.engines import spark_json
from c360.engines.delta import DeltaLake
from c360.engines.delta_engine import FileEngine
from c360.engines.nullable import in_utc
from c360.engines.spark_local import local_session
from c360.engines.spark_session import SparkRunner, spark_errors
from c360.engines.spark_store import PathStore


class SparkEngine(FileEngine):
    """`c360.engines.base.Engine` on Spark.

    Args:
        lake: Root of the lake, a path.
        session: An open session with Delta; None takes that of this process, or starts a local one.
    """

    name = "spark"

    def __init__(self, lake: str, *, session: SparkSession | None = None) -> None:
        self._runner = SparkRunner(session or local_session())
        files = DeltaLake.at(lake)
        super().__init__(files, self._runner, PathStore(self._runner, files), spark_json.parse)

    def _open(self, table: str, version: int) -> ir.Table:
        reader = self._runner.spark.read.format("delta").option("versionAsOf", version)
        return opened(self._runner, table, version, lambda: reader.load(self.lake.path(table)))


def opened(runner: SparkRunner, table: str, version: int, load: Callable[[], DataFrame]) -> ir.Table:
    """A version of a stored table under a session-local name."""
    with spark_errors(f"opening version {version} of {table}"):
        frame = load()
        schema = ibis.schema({column.name: in_utc(PySparkType.to_ibis(column.dataType)) for column in frame.schema})
    return runner.own(frame, schema)
