"""Spark on a lake of names: tables of a catalog, everything by the session. Readers get views over released versions."""

from collections.abc import Mapping

import ibis.expr.types as ir
from pyspark.sql import SparkSession

from c360.engines import spark_json
from c360.engines.delta_engine import DeltaEngine
from c360.engines.literals import sql_literal
from c360.engines.spark import opened
from c360.engines.spark_local import local_session
from c360.engines.spark_named_store import NamedCommits, NamedStore, make_schema
from c360.engines.spark_names import ROOT_LAYER, NamedTables, Names, catalog_errors, layer_of
from c360.engines.spark_session import SparkRunner

SHOWN = f"{ROOT_LAYER}.c360_release"
"""View with the id of the release the views show."""


class NamedSparkEngine(DeltaEngine):
    """`c360.engines.base.Engine` on Spark, with tables `<catalog>.<prefix>_<layer>.<name>`.

    Args:
        lake: `unity://catalog` or `unity://catalog/prefix`.
        session: An open session with Delta; None takes that of this process, or starts a local one.
    """

    name = "spark"
    lake: NamedTables

    def __init__(self, lake: str, *, session: SparkSession | None = None) -> None:
        self._names = Names.of(lake)
        self._runner = SparkRunner(session or local_session())
        tables = NamedTables(self._runner, self._names)
        store = NamedStore(self._runner, tables)
        super().__init__(tables, self._runner, store, spark_json.parse, NamedCommits(self._runner, store, tables))

    def _open(self, table: str, version: int) -> ir.Table:
        return opened(self._runner, table, version, lambda: self._runner.spark.sql(_version(self._names.table(table), version)))

    def publish_views(self, tables: Mapping[str, int], release_id: str) -> None:
        """See `Engine.publish_views`: `<catalog>.<prefix>_released_<layer>.<name>`, one after the other, then `SHOWN`.

        Views of tables the release does not have are dropped.
        """
        with catalog_errors("publishing views"):
            for layer in sorted({ROOT_LAYER, *map(layer_of, tables)}):
                make_schema(self._runner, self._names.schema(layer, is_released=True))
            for table, version in sorted(tables.items()):
                self._view(table, _version(self._names.table(table), version))
            for table in self._views({layer_of(table) for table in tables}) - set(tables):
                self._runner.spark.sql(f"DROP VIEW IF EXISTS {self._names.table(table, is_released=True)}")
            self._view(SHOWN, "SELECT " + sql_literal(release_id) + " AS release_id")

    def shows(self, release_id: str) -> bool:
        """See `Engine.shows`."""
        view = self._names.table(SHOWN, is_released=True)
        with catalog_errors("looking for views"):
            spark = self._runner.spark
            return spark.catalog.tableExists(view) and spark.table(view).collect()[0][0] == release_id

    def _view(self, table: str, query: str) -> None:
        self._runner.spark.sql(f"CREATE OR REPLACE VIEW {self._names.table(table, is_released=True)} AS {query}")

    def _views(self, layers: set[str]) -> set[str]:
        shown = {layer: f"SHOW VIEWS IN {self._names.schema(layer, is_released=True)}" for layer in layers - {ROOT_LAYER}}
        found = ((layer, row) for layer, statement in shown.items() for row in self._runner.spark.sql(statement).collect())
        return {f"{layer}.{row['viewName']}" for layer, row in found if not row["isTemporary"]}


def _version(name: str, version: int) -> str:
    return "SELECT * FROM " + name + " VERSION AS OF " + sql_literal(version)  # noqa: S608 - names and numbers of our own
