"""CSV files of decisions: read with the line of every row, told what is wrong with it, and written. Knows no lake."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from c360.errors import SelectionError, listing
from c360.identity.normalise import salesforce_id
from c360.quality.personal import kinds
from c360.silver.identity.identity_review import DECISIONS
from c360.stewardship.decisions import Decision, newest_first, row

SYSTEMS = ("salesforce", "stripe")
RECORD = ("source_system", "source_account", "source_id")
RECORDS = tuple(f"{side}_{part}" for side in ("left", "right") for part in RECORD)
SAID = ("decision", "author", "reason", "decided_at")
"""What a person fills in."""
COLUMNS = (*RECORDS, *SAID)
REQUIRED = tuple(name for name in COLUMNS if not name.endswith("_account") and name not in ("author", "reason", "decided_at"))

_DELIMITERS = ",;\t"
_FORMULA = ("=", "+", "-", "@")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_PERSONAL_IN = {"author": frozenset({"phone", "card"}), "reason": frozenset({"email", "phone", "card"})}
"""As SE-004 judges these columns: what is let in here would block every release."""


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong with one row: the line it starts on, and one sentence without personal data."""

    line: int
    text: str


@dataclass(frozen=True)
class Record:
    """A record as a row names it; `account` is None where it is left out."""

    system: str
    account: str | None
    source_id: str

    def __str__(self) -> str:
        """What a message may show: something that is no id may be anything."""
        return f"{self.system} {self.source_id}" if _ID.fullmatch(self.source_id) else f"{self.system} (no id)"


@dataclass(frozen=True)
class Given:
    """A row that is right in itself; `decided_at` is None where it is left out."""

    line: int
    left: Record
    right: Record
    decision: str
    author: str
    reason: str | None
    decided_at: datetime | None


@dataclass(frozen=True)
class Read:
    """What a file holds: rows that are right in themselves, problems of the others, and rows nobody decided yet."""

    given: Sequence[Given]
    problems: Sequence[Problem]
    undecided_count: int


def read(path: Path, *, ignored: Iterable[str] = (), author: str = "") -> Read:
    """The decisions of a CSV file (UTF-8; comma, semicolon or tab), with what is wrong with the others.

    Args:
        path: The file.
        ignored: Columns besides `COLUMNS` that it may have.
        author: Who decided the rows that do not say.

    Raises:
        SelectionError: There is no such file, it is no CSV file of UTF-8, or its columns are other ones.
    """
    heads, *lines = _lines(_text(path), path)
    _refuse_columns(heads[1], set(ignored), path)
    given: list[Given] = []
    problems: list[Problem] = []
    undecided = 0
    for line, texts in lines:
        cells = _cells(heads[1], texts)
        if not cells.get("decision") and not cells.get("reason") and not cells.get("decided_at"):
            undecided += 1
            continue
        found = _given(line, {**cells, "author": cells.get("author") or author})
        if isinstance(found, Given):
            given.append(found)
        else:
            problems += found
    return Read(given, problems, undecided)


def text_of(decisions: Iterable[Decision]) -> str:
    """Decisions as CSV, newest first; `read` reads it again."""
    return table_text(COLUMNS, ({**row(d), "decided_at": d.decided_at.isoformat()} for d in newest_first(decisions)))


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Rows as CSV with a line of heads; null is an empty cell.

    A text besides `COLUMNS` (a name, which anybody may have typed into a checkout) never is a formula to a spreadsheet.
    """
    lines = io.StringIO()
    writer = csv.DictWriter(lines, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(name, found.get(name)) for name in columns} for found in rows)
    return lines.getvalue()


def _cell(name: str, value: object) -> object:
    is_formula = name not in COLUMNS and isinstance(value, str) and value.startswith(_FORMULA)
    return f"'{value}" if is_formula else "" if value is None else value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SelectionError(f"{path} cannot be read.", hint="Name a CSV file of decisions.") from error
    except UnicodeDecodeError as error:
        raise SelectionError(f"{path} is no UTF-8 text.", hint="Save it as “CSV UTF-8”.") from error


def _lines(text: str, path: Path) -> list[tuple[int, list[str]]]:
    """Heads and rows, each with the line it starts on; empty ones are left out."""
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            texts = [cell.strip() for cell in cells]
            found += [(line, texts)] if any(texts) or not found else []
            line = reader.line_num + 1
    except csv.Error as error:
        raise SelectionError(
            f"{path} is no CSV file: line {line} cannot be read.", hint="Is a quotation mark missing?"
        ) from error
    return found or [(line, [])]


def _cells(heads: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
    """Column -> text; cells beyond the heads are under the name of none."""
    beyond = {"": "…"} if any(texts[len(heads) :]) else {}
    return {**dict.fromkeys(heads, ""), **dict(zip(heads, texts, strict=False)), **beyond}


def _refuse_columns(found: Sequence[str], ignored: set[str], path: Path) -> None:
    hint = f"Columns: {', '.join(COLUMNS)}. `c360 identity review queue --out FILE.csv` makes a file to fill in."
    if missing := set(REQUIRED) - set(found):
        raise SelectionError(f"{path} has no column {listing(missing)}.", hint=hint)
    if twice := {name for name in found if found.count(name) > 1}:
        raise SelectionError(f"{path} has a column twice: {listing(twice)}.", hint=hint)
    if unknown := set(found) - set(COLUMNS) - ignored:
        raise SelectionError(f"{path} has {len(unknown)} columns that mean nothing here.", hint=hint)


def _given(line: int, cells: Mapping[str, str]) -> Given | list[Problem]:
    """The row, or all that is wrong with it."""
    left, right = (_record(cells, side) for side in ("left", "right"))
    decided_at, instant_fault = _instant(cells.get("decided_at", ""))
    wrong = [
        *(["it has more cells than there are columns"] if "" in cells else []),
        *(_record_faults(left, "left") + _record_faults(right, "right")),
        *([] if cells["decision"] in DECISIONS else [f"decision is none of {', '.join(DECISIONS)}"]),
        *([] if cells["author"] else ["it names no author (column author, or --author)"]),
        *([instant_fault] if instant_fault else []),
        *(f"{name} holds personal data ({listing(held)})" for name, held in _personal(cells).items() if held),
    ]
    if wrong:
        return [Problem(line, text) for text in wrong]
    return Given(line, left, right, cells["decision"], cells["author"], cells.get("reason") or None, decided_at)


def _record(cells: Mapping[str, str], side: str) -> Record:
    system, account, source_id = (cells.get(f"{side}_{part}", "") for part in RECORD)
    system = system.casefold()
    known = salesforce_id(source_id) if system == "salesforce" else None
    return Record(system, account or None, known or source_id)


def _record_faults(record: Record, side: str) -> list[str]:
    wrong = [] if record.system in SYSTEMS else [f"{side}_source_system is none of {', '.join(SYSTEMS)}"]
    return wrong if record.source_id else [*wrong, f"{side}_source_id is empty"]


def _instant(text: str) -> tuple[datetime | None, str]:
    """The instant in UTC and no fault, or no instant; a text without an offset is UTC."""
    if not text:
        return None, ""
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC), ""
    except (ValueError, OverflowError):
        return None, "decided_at is no instant such as 2026-06-15T09:30:00Z"


def _personal(cells: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {name: frozenset(kinds(cells.get(name, ""))) & judged for name, judged in _PERSONAL_IN.items()}
