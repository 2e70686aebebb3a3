"""The embedded engine: DuckDB computes and reads, delta-rs commits."""

import ibis.expr.types as ir

from c360.engines import duckdb_json
from c360.engines.delta import DeltaLake
from c360.engines.delta_engine import FileEngine
from c360.engines.duckdb_session import DuckDBSession, query_errors
from c360.engines.duckdb_store import DuckDBStore
from c360.engines.duckdb_views import scan
from c360.engines.literals import quoted_name
from c360.storage import LOCAL, Storage, is_url


class DuckDBEngine(FileEngine):
    """`c360.engines.base.Engine` on one machine; the lake is a directory (or a URL delta-rs and DuckDB can read).

    Args:
        lake: Root of the lake.
        storage: What opens a lake at a URL, and what DuckDB may take of the machine.
    """

    name = "duckdb"

    def __init__(self, lake: str, *, storage: Storage = LOCAL) -> None:
        self._duckdb = DuckDBSession(memory=storage.memory, threads=storage.threads)
        if is_url(lake):
            self._duckdb.open_s3(storage)
        files = DeltaLake.at(lake, storage)
        super().__init__(files, self._duckdb, DuckDBStore(self._duckdb, files), duckdb_json.parse)

    def _open(self, table: str, version: int) -> ir.Table:
        view = f"{table}@{version}"
        with query_errors(f"opening version {version} of {table}"):
            self._duckdb.run("CREATE OR REPLACE VIEW " + quoted_name(view) + " AS " + scan(self.lake.path(table), version))
            return self._duckdb.backend.table(view)
