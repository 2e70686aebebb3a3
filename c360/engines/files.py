"""Files of people as Arrow tables of texts: CSV of any dialect, Parquet."""

import re
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa

from c360.engines.duckdb_session import DuckDBSession
from c360.errors import SourceError

_PARQUET = (".parquet", ".pq")
_GLOB = re.compile(r"[*?\[]")
_SEPARATOR = re.compile(r"[,;|\t]")


def read_texts(session: DuckDBSession, path: Path) -> pa.Table:
    """All rows of a file, every column as text, empty text null.

    Raises:
        SourceError: There is no such file, or it is neither CSV with a header nor Parquet, or has no row.
    """
    if not path.is_file():
        raise SourceError(f"There is no file {path}.", hint="Name a CSV or Parquet file.")
    try:
        table = _opened(session, path)
        rows = session.backend.con.execute(ibis.to_sql(_as_texts(table), dialect="duckdb")).to_arrow_table()
    except duckdb.Error as error:  # its text quotes the line
        raise SourceError(
            f"{path.name} cannot be read ({type(error).__name__}).", hint="Needed: CSV with a header line, in UTF-8, or Parquet."
        ) from None
    if not rows.num_rows:
        raise SourceError(f"{path.name} has no rows.", hint="Needed: a header line and one line per record.")
    return rows


def _opened(session: DuckDBSession, path: Path) -> "ibis.expr.types.Table":
    literally = _GLOB.sub(r"[\g<0>]", str(path))  # else `crm[1].csv` is crm1.csv
    if path.suffix.lower() in _PARQUET:
        return session.backend.read_parquet(literally)
    table = session.backend.read_csv(literally, all_varchar=True, header=True)
    if len(table.columns) == 1 and _SEPARATOR.search(table.columns[0]):
        raise SourceError(
            f"{path.name} cannot be read: its lines have different numbers of fields.", hint="Needed: as many as its header has."
        )
    return table


def _as_texts(table: "ibis.expr.types.Table") -> "ibis.expr.types.Table":
    return table.select(**{name: _as_text(table[name]).nullif("") for name in table.columns})


def _as_text(column: "ibis.expr.types.Value") -> "ibis.expr.types.StringValue":
    """A value as people write it. Where a row lacks one, whole numbers are stored as fractions: 12345.0 is 12345, NaN is null."""
    text = column.cast("string")
    return text.re_replace(r"\.0$", "").nullif("nan") if column.type().is_floating() else text
