"""What a model of Splink consists of here, and how its files are read. Runs in Splink's environment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb


def read_files(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> None:
    """One table per file, named as its stem: text, empty as null; persons with the full name that one model compares."""
    connection.execute("CREATE SCHEMA given")  # Splink makes tables of these names itself
    for file in files:
        rows = connection.read_csv(str(file), all_varchar=True)
        full = ", given_name || '_' || surname AS full_name" if "given_name" in rows.columns else ""
        connection.execute(f'CREATE TABLE given."{file.stem}" AS SELECT *{full} FROM rows')  # noqa: S608 -- a file of the benchmark


@dataclass(frozen=True)
class Model:
    """A model of Splink and its training; without `deterministic` rules, a row of the largest file is taken to have one match."""

    comparisons: list[Any]
    blocking: list[Any]
    deterministic: list[Any] = field(default_factory=list)
    recall: float = 1.0
    u_pairs: float = 1e6
    em: list[Any] = field(default_factory=list)
    em_plain: bool = False
    read: Callable[[duckdb.DuckDBPyConnection, list[Path]], None] = read_files
