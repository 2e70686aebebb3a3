"""Files of people as Arrow tables of texts: CSV of any dialect, Parquet."""

import codecs
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import ibis
import pyarrow as pa

from c360.engines.duckdb_session import DuckDBSession
from c360.errors import SourceError

_PARQUET = (".parquet", ".pq")
_GLOB = re.compile(r"[*?\[]")
_SEPARATORS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
_PACKED = (".gz", ".zst")
_LONGEST_LINE = 100_000_000


def read_texts(session: DuckDBSession, path: Path) -> pa.Table:
    """All rows of a file, every column as text, empty text null.

    Raises:
        SourceError: There is no such file, or it is neither CSV with a header nor Parquet, or has no row.
    """
    if not path.is_file():
        raise SourceError(f"There is no file {path}.", hint="Name a CSV or Parquet file.")
    with TemporaryDirectory(prefix="c360-") as folder:
        try:
            table = _opened(session, path, Path(folder))
            rows = session.backend.con.execute(ibis.to_sql(_as_texts(table), dialect="duckdb")).to_arrow_table()
        except duckdb.Error as error:  # its text quotes the line
            raise SourceError(
                f"{path.name} cannot be read ({type(error).__name__}).",
                hint="Needed: Parquet, or CSV with a header line and as many fields in each line.",
            ) from None
    if not rows.num_rows:
        raise SourceError(f"{path.name} has no rows.", hint="Needed: a header line and one line per record.")
    return rows


def _opened(session: DuckDBSession, path: Path, folder: Path) -> "ibis.expr.types.Table":
    if path.suffix.lower() in _PARQUET:
        return session.backend.read_parquet(_literally(path))
    text = _in_utf8(path, folder)
    options = {"delim": _separator(text), "quote": '"', "escape": '"', "comment": "", "max_line_size": _LONGEST_LINE}
    return session.backend.read_csv(_literally(text), all_varchar=True, header=True, skip=0, **options)


def _literally(path: Path) -> str:
    return _GLOB.sub(r"[\g<0>]", str(path))  # else `crm[1].csv` is crm1.csv


def _in_utf8(path: Path, folder: Path) -> Path:
    """The file, or a copy of it in UTF-8: what is not UTF-8 is UTF-16 where it says so, else Windows' Western letters."""
    if path.suffix.lower() in _PACKED:
        return path
    with path.open("rb") as file:
        is_wide = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if not is_wide and _is_utf8(path):
        return path
    copy = folder / path.name
    encoding = "utf-16" if is_wide else "cp1252"
    with (
        path.open(encoding=encoding, errors="replace", newline="") as given,
        copy.open("w", encoding="utf-8", newline="") as made,
    ):
        shutil.copyfileobj(given, made)
    return copy


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(path: Path) -> str:
    """The one of the usual separators that the header has most of, outside quotes; a comma if it has none."""
    if path.suffix.lower() in _PACKED:
        return ","
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        header = _QUOTED.sub("", file.readline())
    return max(_SEPARATORS, key=header.count)


def _as_texts(table: "ibis.expr.types.Table") -> "ibis.expr.types.Table":
    return table.select(**{name: _as_text(table[name]).nullif("") for name in table.columns})


def _as_text(column: "ibis.expr.types.Value") -> "ibis.expr.types.StringValue":
    """A value as people write it. Where a row lacks one, whole numbers are stored as fractions: 12345.0 is 12345, NaN is null."""
    text = column.cast("string")
    return text.re_replace(r"\.0$", "").nullif("nan") if column.type().is_floating() else text
