"""Views over released versions, for SQL tools.

Every view is a `delta_scan`, so a tool needs DuckDB's `delta` extension: run `INSTALL delta; LOAD delta;` there first.
"""

from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import duckdb

from c360.engines import duckdb_extension
from c360.engines.delta import DeltaLake
from c360.engines.delta_errors import DISK_HINT
from c360.engines.duckdb_session import query_errors
from c360.engines.literals import quoted_name, sql_literal
from c360.errors import LakeError
from c360.storage import is_url

VIEWS_FILE = "c360.duckdb"


def scan(path: str, version: int) -> str:
    """The query for all rows of one version of the Delta table at `path`."""
    return "SELECT * FROM delta_scan(" + sql_literal(path) + ", version => " + sql_literal(version) + ")"  # noqa: S608 - literals


def write_views(lake: DeltaLake, tables: Mapping[str, int], release_id: str) -> None:
    """Writes `<lake>/c360.duckdb`: one schema per layer, one view per table. Made beside and renamed over the old file.

    `main.c360_release` names the release.

    Readers that hold the old file keep it. A lake at a URL gets no file.

    Raises:
        LakeError: The file cannot be written, or a version does not exist.
    """
    if is_url(lake.root):
        return
    target = Path(lake.root, VIEWS_FILE)
    draft = target.with_name(f".{VIEWS_FILE}.{uuid4().hex}")
    try:
        with query_errors("publishing views"):
            _fill(draft, lake, tables, release_id)
        draft.replace(target)
    except OSError:
        raise LakeError(f"Cannot write {target}.", hint=DISK_HINT) from None
    finally:
        draft.unlink(missing_ok=True)


def shown_release(lake: DeltaLake) -> str | None:
    """The release the views show; None when there are none, or none that can be read."""
    file = Path(lake.root, VIEWS_FILE)
    if not file.is_file():
        return None
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            row = connection.execute("SELECT release_id FROM main.c360_release").fetchone()
    except duckdb.Error:
        return None
    return str(row[0]) if row else None


def _fill(file: Path, lake: DeltaLake, tables: Mapping[str, int], release_id: str) -> None:
    with duckdb.connect(str(file), config=duckdb_extension.CONNECTION) as connection:
        connection.execute("CREATE TABLE main.c360_release AS SELECT " + sql_literal(release_id) + " AS release_id")
        duckdb_extension.load(connection, "delta")
        duckdb_extension.seal(connection)
        for layer in sorted({_schema(table) for table in tables} - {"main"}):
            connection.execute("CREATE SCHEMA " + quoted_name(layer))
        for table, version in sorted(tables.items()):
            name = quoted_name(_schema(table)) + "." + quoted_name(table.rpartition(".")[2])
            connection.execute("CREATE VIEW " + name + " AS " + scan(lake.path(table), version))


def _schema(table: str) -> str:
    return table.rpartition(".")[0] or "main"
