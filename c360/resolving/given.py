"""Files of people -> the records to compare: which column is what, normalised, in an order that no file decides."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from c360.engines.duckdb_session import DuckDBSession
from c360.engines.files import read_texts
from c360.errors import SelectionError, listing
from c360.identity import guess, normalise
from c360.identity.columns import Codes, Column, Columns
from c360.identity.entities import ENTITIES
from c360.identity.model import PRIOR, RELATED, Model
from c360.identity.records import MAKERS, NORMALISERS, day, is_month_first

LINK = 0.5
"""Least probability of a link: at one half as many wrong links are expected as right ones missed."""
TEXT, EXACT, SKIP = "text", "exact", "-"
"""What a column may be besides a known field: words, a value that is equal or not, nothing to look at."""
FIELDS = (*NORMALISERS, TEXT, EXACT)

_MADE = {name for make in MAKERS.values() for name in make({field: Column.missing(0) for field in NORMALISERS})}
_TAKEN = {*_MADE, *(c.name for entity in ENTITIES.values() for c in entity.comparisons), PRIOR, RELATED}

_JOINED = {"name", "first_name", "last_name", "street", "street_2", "city"}
_TYPE = re.compile(r"(\.(csv|tsv|txt|parquet|pq|gz|zst))+$", re.IGNORECASE)
_SAMPLE = 200


@dataclass(frozen=True)
class Request:
    """What is asked.

    Attributes:
        files: CSV or Parquet; of one, duplicates are found; several are linked with each other, not within.
        entity: `person` or `organisation`.
        id_column: Column that names a record, unique in its file.
        mapping: Column -> field, `text`, `exact` or `-`, where it is not to be guessed.
        is_one_to_one: Whether a record has at most one counterpart in each other file.
        model: A model to use; None learns one from the files.
        threshold: Least probability of a link.
    """

    files: Sequence[Path]
    entity: str
    id_column: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    is_one_to_one: bool = False
    model: Model | None = None
    threshold: float = LINK


@dataclass(frozen=True)
class Given:
    """Records, ordered by file and id.

    Attributes:
        sources: Names of the files.
        side: Record -> position of its file.
        ids: Record -> its id.
        columns: What is compared and blocked on.
        fields: Column of a file -> field.
        skipped: Columns of the files that nothing is made of.
    """

    sources: Sequence[str]
    side: Codes
    ids: Sequence[str]
    columns: Columns
    fields: Mapping[str, str]
    skipped: Sequence[str] = ()

    @property
    def is_within(self) -> bool:
        """Whether duplicates are looked for in one file."""
        return len(self.sources) == 1

    @property
    def pair_count(self) -> float:
        """All pairs that could be compared; at least one."""
        sizes = np.bincount(self.side, minlength=1).astype(float)
        within = (sizes * (sizes - 1) / 2).sum()
        whole = len(self.side) * (len(self.side) - 1) / 2
        return max(float(within if self.is_within else whole - within), 1.0)

    def take(self, rows: Codes) -> "Given":
        """Some of the records."""
        columns = {name: column.take(rows) for name, column in self.columns.items()}
        return Given(self.sources, self.side[rows], [self.ids[row] for row in rows.tolist()], columns, self.fields, self.skipped)


def read(session: DuckDBSession, request: Request) -> Given:
    """The records of all files.

    Raises:
        SelectionError: A column or field does not exist, ids are not unique, no column is a known field, the files have none in
            common, one-to-one is asked of one file.
        SourceError: A file cannot be read.
    """
    if request.is_one_to_one and len(request.files) == 1:
        raise SelectionError(
            "One-to-one links records of two files or more, one was given.", hint="Leave it out to find duplicates."
        )
    files = sorted(request.files, key=lambda path: (path.name, str(path)))  # the order they are named in decides nothing
    tables = [read_texts(session, path) for path in files]
    for path, table in zip(files, tables, strict=True):
        _check_ids(table, request.id_column, path)
    tables = [table.sort_by(request.id_column) for table in tables]  # else the order of rows might decide what a column is
    by_file = fields_of(request, tables)
    fields = {column: field_name for own in by_file for column, field_name in sorted(own.items())}
    if not fields:
        raise SelectionError(
            "No column could be told to be a known field.",
            hint=f"Say what they are: --map name=COLUMN. Fields: {listing(FIELDS)}.",
        )
    side = np.repeat(np.arange(len(tables)), [table.num_rows for table in tables]).astype(np.int64)
    ids = [record for table in tables for record in table[request.id_column].to_pylist()]
    names = {name for table in tables for name in table.column_names} - {request.id_column}
    columns = MAKERS[request.entity](_columns(tables, by_file))
    if len(tables) > 1 and not any(len(np.unique(side[column.codes >= 0])) > 1 for column in columns.values()):
        raise SelectionError(
            "The files have no field in common.", hint=f"Say what their columns are: --map name=COLUMN. {_told(fields)}"
        )
    return Given(_sources(files), side, ids, columns, fields, sorted(names - set(fields)))


def fields_of(request: Request, tables: Sequence[pa.Table]) -> list[dict[str, str]]:
    """Column -> field of each file: as told, else guessed from all files together, and from the file itself for what it lacks.

    So files may call one field differently, and one may have whole names where another has two columns.

    Raises:
        SelectionError: A column that was told does not exist, or a field is not known.
    """
    names = sorted({name for table in tables for name in table.column_names if name != request.id_column})
    if missing := sorted(set(request.mapping) - set(names)):
        raise SelectionError(f"There is no column {listing(missing)}.", hint=f"Columns: {listing(names)}.")
    if unknown := sorted(set(request.mapping.values()) - {*FIELDS, SKIP}):
        raise SelectionError(f"There is no field {listing(unknown)}.", hint=f"Fields: {listing(FIELDS)}, and {SKIP} for none.")
    open_ = [name for name in names if name not in request.mapping]
    together = guess.fields({name: _sample(tables, name) for name in open_}, request.entity)
    found = []
    for table in tables:
        own = {column: f for column, f in request.mapping.items() if column in table.column_names}
        alone = guess.fields({name: _sample([table], name) for name in open_ if name in table.column_names}, request.entity)
        for guessed in (together, alone):
            taken = set(own.values()) - {TEXT, EXACT}
            own |= {c: f for c, f in guessed.items() if c in table.column_names and c not in own and f not in taken}
        found.append({column: f for column, f in own.items() if f != SKIP})
    return found


def _sample(tables: Sequence[pa.Table], name: str) -> list[str]:
    return [text for table in tables if name in table.column_names for text in table[name][:_SAMPLE].to_pylist() if text]


def compared_as(column: str, field_name: str) -> str:
    """What a column's comparison is called: its field, or for `text` and `exact` the column, unless that is taken."""
    if field_name not in (TEXT, EXACT):
        return field_name
    return f"{column}_{field_name}" if column in _TAKEN else column


def _told(fields: Mapping[str, str]) -> str:
    return f"Known so far: {listing(f'{column} is {field_name}' for column, field_name in fields.items())}."


def _sources(paths: Sequence[Path]) -> list[str]:
    """What the files are called, without their type; with their folder where two are called the same."""
    stems = [_TYPE.sub("", path.name) for path in paths]
    if len(set(stems)) < len(stems):
        stems = [f"{path.parent.name}/{stem}" for path, stem in zip(paths, stems, strict=True)]
    if len(set(stems)) < len(stems):
        raise SelectionError("Two files have the same name.", hint="A file's name is what its records' source is called.")
    return stems


def _check_ids(table: pa.Table, id_column: str, path: Path) -> None:
    if id_column not in table.column_names:
        raise SelectionError(
            f"{path.name} has no column {id_column!r} for --id.", hint=f"Columns: {listing(table.column_names)}."
        )
    ids = table[id_column]
    again = len(ids) - len(ids.drop_null().unique())
    if again:
        raise SelectionError(
            f"Column {id_column!r} of {path.name} tells no records apart: {again:,} of {len(ids):,} are empty or come again.",
            hint="Name a column that is different in each row: --id COLUMN.",
        )


def _columns(tables: Sequence[pa.Table], by_file: Sequence[Mapping[str, str]]) -> dict[str, Column]:
    """Columns of all files one below the other; of several columns of one field names are joined, else the first counts."""
    given = {}
    for name in sorted({compared_as(*item) for fields in by_file for item in fields.items()}):
        own = [[column for column in sorted(fields) if compared_as(column, fields[column]) == name] for fields in by_file]
        is_joined = name not in NORMALISERS or name in _JOINED
        texts = [_texts(table, columns, is_joined=is_joined) for table, columns in zip(tables, own, strict=True)]
        chunks = [chunk for column in (map(_days, texts) if name == "birth_date" else texts) for chunk in column.chunks]
        given[name] = Column.of(pa.chunked_array(chunks, pa.string()), NORMALISERS.get(name, normalise.name))
    return given


def _days(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dates of a file that writes the month first, as days; those of another file as they are."""
    values = texts.unique().to_pylist()
    if not is_month_first(value for value in values if value):
        return texts
    read = {value: day(value, is_month_first=True) for value in values if value}
    return pa.chunked_array([pa.array([read.get(value) for value in texts.to_pylist()], pa.string())])


def _texts(table: pa.Table, columns: Sequence[str], *, is_joined: bool) -> pa.ChunkedArray:
    present = [table[column] for column in columns if column in table.column_names]
    if not present:
        return pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
    if len(present) == 1:
        return present[0]
    rows = zip(*(column.to_pylist() for column in present), strict=True)
    given = [[text for text in row if text] for row in rows]
    return pa.chunked_array([pa.array([(" ".join(row) if is_joined else row[0]) if row else None for row in given], pa.string())])
