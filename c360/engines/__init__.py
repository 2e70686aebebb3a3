"""Engines by name. Only this package knows which there are and what each needs."""

from c360.engines.base import Engine
from c360.errors import SettingsError, listing

NAMES = ("duckdb",)


def open_engine(name: str, lake: str) -> Engine:
    """A session of the engine `name` on the lake at `lake` (enter it as a context manager).

    Raises:
        SettingsError: There is no such engine.
    """
    if name == "duckdb":
        from c360.engines.duckdb import DuckDBEngine  # engines are imported when asked for: heavy ones are extras

        return DuckDBEngine(lake)
    raise SettingsError(f"There is no engine {name!r}.", hint=f"Engines: {listing(NAMES)} (C360_ENGINE).")
