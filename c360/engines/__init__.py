"""Engines by name. Only this package knows which there are and what each needs."""

from c360.engines.base import Engine
from c360.errors import SettingsError, listing
from c360.storage import LOCAL, Storage, is_named, is_url

EXTRAS = {"duckdb": "", "spark": "spark", "bigquery": "bigquery"}
"""Engine -> the extra that installs it; none for the embedded one."""
IN_WAREHOUSE = frozenset({"bigquery"})
"""Engines whose tables are in the warehouse of `Storage`; the lake's folder then holds reports only."""

OF_NAMES = ("spark",)
"""Engines that open a lake of names (`unity://catalog/prefix`)."""


def open_engine(name: str, lake: str, storage: Storage = LOCAL) -> Engine:
    """A session of the engine `name` on the lake at `lake` (enter it as a context manager).

    Spark takes the session this process has (Databricks, Connect) or starts a local one. BigQuery's tables are in the
    warehouse of `storage`, not at `lake`.

    Raises:
        SettingsError: There is no such engine, what it needs is not installed, or it cannot keep a lake of that kind.
    """
    if name not in EXTRAS:
        raise SettingsError(f"There is no engine {name!r}.", hint=f"Engines: {listing(EXTRAS)} (C360_ENGINE).")
    if is_named(lake) and name not in OF_NAMES:
        hint = f"Use --engine spark (C360_ENGINE=spark) where the catalog is, or a lake at a path or s3:// for {name}."
        raise SettingsError(f"{lake} is tables of a catalog, which the engine {name!r} cannot read.", hint=hint)
    if is_url(lake) and not is_named(lake) and name == "spark":  # decision 0014
        hint = "Use --engine duckdb for a lake there, or unity://catalog/prefix where Spark has a catalog."
        raise SettingsError("Spark overwrites commits of others in a bucket, so it builds no lake there.", hint=hint)
    try:
        if is_named(lake):
            from c360.engines.spark_named import NamedSparkEngine  # engines are imported when asked for: heavy ones are extras

            return NamedSparkEngine(lake)
        if name == "spark":
            from c360.engines.spark import SparkEngine

            return SparkEngine(lake)
        if name == "bigquery":
            from c360.engines.bigquery import BigQueryEngine

            return BigQueryEngine(storage.warehouse)
        from c360.engines.duckdb import DuckDBEngine

        return DuckDBEngine(lake, storage=storage)
    except ModuleNotFoundError as error:
        hint = f"Install it with `pip install 'c360{f'[{EXTRAS[name]}]' if EXTRAS[name] else ''}'`."
        raise SettingsError(f"The engine {name!r} needs {error.name}, which is not installed.", hint=hint) from None
