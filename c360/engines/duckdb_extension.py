"""DuckDB's extensions from their wheels: no download, nothing written to the user's home, signatures checked once per process."""

import importlib.resources
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from c360.engines.literals import sql_literal
from c360.errors import SettingsError

CONNECTION: dict[str, Any] = {"allow_unsigned_extensions": "true"}
"""Configuration of a connection that `load` is called with; `seal` takes the permission back."""

EXTRAS = {"delta": "", "httpfs": "s3"}
"""Extension -> the extra that installs it; none for what every installation has."""


def load(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Loads an extension.

    DuckDB hashes the whole file (82 MB for `delta`, 0.3 s of work) whenever it checks the signature. A scratch connection has
    it checked the first time; one that was opened with `CONNECTION` then loads the same file as it is.

    Raises:
        SettingsError: The extension is not installed.
    """
    connection.execute("LOAD " + sql_literal(_checked(name)))


def seal(connection: duckdb.DuckDBPyConnection) -> None:
    """From now on the connection's database loads signed extensions only."""
    connection.execute("SET GLOBAL allow_unsigned_extensions = false")


@cache
def _checked(name: str) -> str:
    """The extension's file, whose signature DuckDB has checked."""
    try:
        package = importlib.resources.files("duckdb_extension_" + name)
    except ModuleNotFoundError:
        hint = (
            f"Install it with `pip install 'c360[{EXTRAS[name]}]'`."
            if EXTRAS[name]
            else "Install c360 again; its wheel brings it."
        )
        raise SettingsError(f"DuckDB's extension {name!r} is not installed.", hint=hint) from None
    file = str(Path(str(package)) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension")
    with duckdb.connect() as scratch:
        scratch.execute("LOAD " + sql_literal(file))
    return file
