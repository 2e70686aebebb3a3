"""Values of one file and where each stands: JSON Lines, JSON (arrays, objects one after the other), CSV; each maybe gzipped.

Files are streamed: memory holds one value and one chunk, whatever the file's size. Text is UTF-8, with or without a BOM.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TextIO

import orjson

from c360.errors import SourceError

LONGEST_VALUE = 64 * 2**20
"""Characters of one record, line or page of an answer; what is longer is taken for a broken file."""

JSON_LINES, JSON, CSV = "jsonl", "json", "csv"
_KINDS = {".jsonl": JSON_LINES, ".ndjson": JSON_LINES, ".json": JSON, ".csv": CSV}
_GZIP = ".gz"
_CHUNK = 2**18
_NEAR_END = 16  # an error so near to what was read so far may only say that more is to come
_UNFINISHED_TEXT = "Unterminated string"
_AGAIN = "Export it again: nothing was taken from it."

Json = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a value stands: the file as the user names it, its line from 1 on, and more where a line holds several values.

    Attributes:
        file: Path inside the folder.
        line: From 1 on.
        character: Of the file, from 1 on, in files that need not have lines.
        record: Number in its page, from 1 on, where the value is a page of records.
    """

    file: str
    line: int
    character: int | None = None
    record: int | None = None

    def __str__(self) -> str:
        at = "" if self.character is None else f" (character {self.character:,})"
        of_page = "" if self.record is None else f", record {self.record:,}"
        return f"{self.file}, line {self.line:,}{at}{of_page}"


def kind_of(path: Path) -> str | None:
    """`jsonl`, `json` or `csv` by the file's name, compressed or not; None for other files."""
    name = path.name.lower().removesuffix(_GZIP)
    return _KINDS.get(Path(name).suffix)


def stem_of(path: Path) -> str:
    """The file's name without what tells its kind: `invoices-1` of `invoices-1.jsonl.gz`."""
    name = path.name[: -len(_GZIP)] if path.name.lower().endswith(_GZIP) else path.name
    return Path(name).stem


def objects(path: Path, name: str) -> Iterator[tuple[Place, Json]]:
    """The JSON objects of a file with their places: one a line, the elements of arrays, or one after the other.

    Args:
        path: A file of the kind `jsonl` or `json`.
        name: What errors call it.

    Raises:
        SourceError: It is empty, cut off, no UTF-8, or holds something that is no JSON object.
    """
    with _opened(path, name) as text:
        is_empty = True
        for place, source in _lines(text, name) if kind_of(path) == JSON_LINES else _Values(text, name).each():
            is_empty = False
            if source:
                yield place, _parsed(source, place)
    if is_empty:
        raise SourceError(f"{name} is empty.", hint="Export it again, or remove it and say --empty if there are no such records.")


def rows(path: Path, name: str) -> Iterator[tuple[Place, dict[str, str]]]:
    """The rows of a CSV file by the names in its first line.

    Raises:
        SourceError: It has no header, a row has too many or too few fields, or it is cut off inside a field.
    """
    csv.field_size_limit(LONGEST_VALUE)  # of the process: the default is too little for long text areas
    with _opened(path, name) as text:
        reader = csv.reader(text, strict=True)
        header: list[str] | None = None
        line = 1
        while True:
            place = Place(name, line)
            try:
                fields = next(reader, None)
            except csv.Error as error:
                raise SourceError(f"{place}: not CSV, or cut off inside this row.", hint=_AGAIN) from error
            line = reader.line_num + 1
            if fields is None:
                break
            if header is None:
                header = _header(fields, place)
            elif fields:
                if len(fields) != len(header):
                    raise SourceError(f"{place}: {len(fields)} fields where the header has {len(header)}.", hint=_AGAIN)
                yield place, dict(zip(header, fields, strict=True))
    if header is None:
        raise SourceError(f"{name} is empty.", hint="Export it again, with the header of field names.")


def _header(fields: list[str], place: Place) -> list[str]:
    names = [field.strip() for field in fields]
    if len({name.casefold() for name in names}) < len(names) or not all(names):
        raise SourceError(f"{place}: a column has no name, or two have the same.", hint="Export with API names as the header.")
    return names


@contextmanager
def _opened(path: Path, name: str) -> Iterator[TextIO]:
    """The text of a file; what goes wrong while it is read is one sentence."""
    is_zipped = path.name.lower().endswith(_GZIP)
    try:
        with (gzip.open if is_zipped else open)(path, "rb") as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
            yield text
    except UnicodeDecodeError as error:
        raise SourceError(f"{name} is not UTF-8.", hint="Export it as UTF-8.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(f"{name} is cut off or damaged: its compressed data do not end.", hint=_AGAIN) from error
    except OSError as error:
        raise SourceError(f"{name} cannot be read ({type(error).__name__}).", hint="Check the file and its rights.") from error


def _lines(text: TextIO, name: str) -> Iterator[tuple[Place, str]]:
    number = 0
    while line := text.readline(LONGEST_VALUE + 1):
        number += 1
        if len(line) > LONGEST_VALUE:
            _refuse_length(Place(name, number))
        if line.strip():
            yield Place(name, number), line


def _refuse_length(place: Place) -> NoReturn:
    limit = f"{LONGEST_VALUE // 2**20} Mi characters"
    raise SourceError(f"{place}: a value of more than {limit}, or one that does not end.", hint="Write one record a line.")


def _parsed(source: str, place: Place) -> Json:
    try:
        value = orjson.loads(source)
    except orjson.JSONDecodeError as error:
        raise SourceError(f"{place}: not JSON, or cut off ({error.msg.split(':')[0]}).", hint=_AGAIN) from None
    if not isinstance(value, dict):
        raise SourceError(f"{place}: not a JSON object.", hint="A record is an object: {…}.")
    return value


class _Values:
    """Finds where objects begin and end. Standard JSON finds the end; the value is parsed where it is used, more strictly."""

    def __init__(self, text: TextIO, name: str) -> None:
        self._text = text
        self._name = name
        self._decoder = json.JSONDecoder()
        self._buffer = ""
        self._at = 0
        self._read = 0  # characters that left the buffer
        self._line = 1

    def each(self) -> Iterator[tuple[Place, str]]:
        """Places and texts of all objects; an array's brackets count as an empty text, for it says that there is none."""
        in_array, wants_element = False, False
        while char := self._peek():
            place = self._place()
            if char == "{" and (wants_element or not in_array):
                yield place, self._object(place)
                wants_element = False
            elif char == "[" and not in_array:
                in_array, wants_element = True, True
                self._step()
                if self._peek() == "]":
                    wants_element = False
                yield place, ""
            elif char == "]" and in_array and not wants_element:
                in_array = False
                self._step()
            elif char == "," and in_array and not wants_element:
                wants_element = True
                self._step()
            else:
                raise SourceError(f"{place}: expected a record.", hint="Records are JSON objects, in an array or by themselves.")
        if in_array:
            raise SourceError(f"{self._place()}: the file ends inside an array; it is cut off.", hint=_AGAIN)

    def _object(self, place: Place) -> str:
        while True:
            try:
                _, end = self._decoder.raw_decode(self._buffer, self._at)
            except RecursionError as error:
                raise SourceError(f"{place}: nested too deeply.", hint=_AGAIN) from error
            except json.JSONDecodeError as error:
                if len(self._buffer) - self._at > LONGEST_VALUE:
                    _refuse_length(place)
                if not self._may_go_on(error, _NEAR_END) or not self._more():
                    raise self._broken(error, place) from error
            else:
                source = self._buffer[self._at : end]
                self._line += source.count("\n")
                self._at = end
                return source

    def _may_go_on(self, error: json.JSONDecodeError, margin: int) -> bool:
        """Whether the end of what was read so far may be all that is wrong."""
        return error.msg.startswith(_UNFINISHED_TEXT) or error.pos >= len(self._buffer.rstrip()) - margin

    def _broken(self, error: json.JSONDecodeError, place: Place) -> SourceError:
        if self._may_go_on(error, 0):
            return SourceError(f"{place}: the file ends inside this record; it is cut off.", hint=_AGAIN)
        line = self._line + self._buffer.count("\n", self._at, error.pos)
        at = Place(self._name, line, self._read + error.pos + 1)
        return SourceError(f"{at}: not JSON ({error.msg.split(':')[0]}).", hint=_AGAIN)

    def _peek(self) -> str:
        """The next character that is no space; nothing at the end."""
        while True:
            while self._at < len(self._buffer):
                char = self._buffer[self._at]
                if not char.isspace():
                    return char
                self._step()
            if not self._more():
                return ""

    def _step(self) -> None:
        self._line += self._buffer[self._at] == "\n"
        self._at += 1

    def _more(self) -> bool:
        """Reads on, more the longer the value is; whether there was anything."""
        rest = self._buffer[self._at :]
        chunk = self._text.read(max(_CHUNK, len(rest)))
        self._read += self._at
        self._buffer, self._at = rest + chunk, 0
        return bool(chunk)

    def _place(self) -> Place:
        return Place(self._name, self._line, self._read + self._at + 1)
