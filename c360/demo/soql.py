"""A small part of SOQL: SELECT fields or COUNT() FROM object WHERE … ORDER BY … LIMIT n."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<moment>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d))?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<op><=|>=|!=|<>|=|<|>|\(|\)|,)|(?P<word>[A-Za-z_][\w.]*))"
)
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
    "<>": lambda value, wanted: value != wanted,
    "<": lambda value, wanted: value is not None and value < wanted,
    "<=": lambda value, wanted: value is not None and value <= wanted,
    ">": lambda value, wanted: value is not None and value > wanted,
    ">=": lambda value, wanted: value is not None and value >= wanted,
    "IN": lambda value, wanted: value in wanted,
    "NOT IN": lambda value, wanted: value not in wanted,
    "LIKE": lambda value, wanted: value is not None and wanted.fullmatch(value) is not None,
}
Row = Mapping[str, Any]
Condition = Callable[[Row], bool]


class SoqlError(Exception):
    """A request Salesforce would refuse; `code` as it names it: MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE and others."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Query:
    """A parsed query. `order`: (field, descending)."""

    fields: tuple[str, ...]
    is_count: bool
    table: str
    condition: Condition
    order: tuple[tuple[str, bool], ...]
    limit: int | None
    used: tuple[str, ...]


def parse(text: str) -> Query:
    """Raises `SoqlError` with MALFORMED_QUERY for anything outside the part that is understood."""
    return _Parser(text).query()


def instant(value: str) -> datetime:
    """A datetime literal or field value as an instant."""
    return datetime.fromisoformat(value.replace("Z", "+00:00").replace("+0000", "+00:00")).astimezone(UTC)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        self.used: list[str] = []
        position = 0
        while position < len(text.rstrip()):
            match = TOKEN.match(text, position)
            if match is None:
                raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{text[position:].strip()[:20]}'")
            self.tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
            position = match.end()
        self.position = 0

    def query(self) -> Query:
        self._word("SELECT")
        fields, is_count = self._fields()
        self._word("FROM")
        table = self._name()
        condition: Condition = self._any() if self._skip("WHERE") else lambda _row: True
        order = self._order() if self._skip("ORDER") else ()
        limit = int(self._next("number")) if self._skip("LIMIT") else None
        if self.position < len(self.tokens):
            raise self._unexpected()
        return Query(fields, is_count, table, condition, order, limit, tuple(self.used))

    def _fields(self) -> tuple[tuple[str, ...], bool]:
        names = [self._name()]
        if names == ["COUNT"] or names == ["count"]:
            self._op("(")
            self._op(")")
            return (), True
        while self._skip(","):
            names.append(self._name())
        return tuple(names), False

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._skip("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def _all(self) -> Condition:
        parts = [self._term()]
        while self._skip("AND"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _term(self) -> Condition:
        if self._skip("("):
            inner = self._any()
            self._op(")")
            return inner
        if self._skip("NOT"):
            negated = self._term()
            return lambda row: not negated(row)
        name, operator = self._name(), self._operator()
        self.used.append(name)
        if operator.endswith("IN"):
            self._op("(")
            wanted: Any = [self._literal()]
            while self._skip(","):
                wanted.append(self._literal())
            self._op(")")
        else:
            wanted = self._literal()
        return _comparison(name, operator, wanted)

    def _operator(self) -> str:
        kind, text = self._peek()
        if kind == "op" and text in OPERATORS:
            self.position += 1
            return text
        for words in (("NOT", "IN"), ("IN",), ("LIKE",)):
            if all(self._skip(word) for word in words):
                return " ".join(words)
        raise self._unexpected()

    def _literal(self) -> Any:
        kind, text = self._peek()
        self.position += 1
        match kind:
            case "text":
                return re.sub(r"\\(.)", r"\1", text[1:-1])
            case "moment":
                return instant(text) if "T" in text else text
            case "number":
                return float(text)
            case "word" if text.lower() in {"true", "false", "null"}:
                return {"true": True, "false": False, "null": None}[text.lower()]
        self.position -= 1
        raise self._unexpected()

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._word("BY")
        keys = []
        while True:
            name = self._name()
            self.used.append(name)
            descending = self._skip("DESC")
            if not descending:
                self._skip("ASC")
            if self._skip("NULLS") and not self._skip("FIRST"):
                self._word("LAST")
            keys.append((name, descending))
            if not self._skip(","):
                return tuple(keys)

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", "<EOF>")

    def _skip(self, text: str) -> bool:
        kind, found = self._peek()
        if kind in {"word", "op"} and found.upper() == text:
            self.position += 1
            return True
        return False

    def _word(self, text: str) -> None:
        if not self._skip(text):
            raise self._unexpected()

    _op = _word

    def _name(self) -> str:
        return self._next("word")

    def _next(self, kind: str) -> str:
        found, text = self._peek()
        if found != kind:
            raise self._unexpected()
        self.position += 1
        return text

    def _unexpected(self) -> SoqlError:
        return SoqlError("MALFORMED_QUERY", f"unexpected token: '{self._peek()[1]}'")


def _comparison(name: str, operator: str, wanted: Any) -> Condition:
    compare = OPERATORS[operator]
    if operator == "LIKE":
        wanted = re.compile(re.escape(str(wanted)).replace("%", ".*").replace("_", "."), re.IGNORECASE | re.DOTALL)
    if isinstance(wanted, datetime):
        return lambda row: compare(None if row[name] is None else instant(row[name]), wanted)
    if isinstance(wanted, str) and name.endswith("Id") and len(wanted) == 15:
        return lambda row: compare(None if row[name] is None else row[name][:15], wanted)
    return lambda row: compare(row[name], wanted)
