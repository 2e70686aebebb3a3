"""Values and names inside raw statements (DuckDB's SQL, Delta's predicates): the only place that quotes them."""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from c360.errors import LakeError

_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def sql_literal(value: Any) -> str:
    """A typed literal that DuckDB and Delta predicates read alike.

    Raises:
        LakeError: No literal is known for the type.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, str) and "\0" not in value:
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, date) and not isinstance(value, datetime):
        return "DATE '" + value.isoformat() + "'"
    raise LakeError(f"A {type(value).__name__} cannot stand in a statement.", hint="Use text, integer, flag or date.")


def plain_name(name: str) -> str:
    """`name` itself, once it is known to need no quotes.

    Raises:
        LakeError: The name is not lower snake_case.
    """
    if not _NAME.fullmatch(name):
        raise LakeError(f"{name!r} is no legal name.", hint="Use lower snake_case.")
    return name


def quoted_name(name: str) -> str:
    """An identifier in double quotes, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def is_one_of(column: str, values: Collection[Any]) -> str:
    """The predicate `column` ∈ `values`, null included. `column` is made of plain names and dots."""
    column = ".".join(plain_name(part) for part in column.split("."))
    known = sorted((v for v in values if v is not None), key=str)
    listed = column + " IN (" + ", ".join(map(sql_literal, known)) + ")"
    missing = column + " IS NULL"
    if len(known) == len(values):
        return listed
    return "(" + listed + " OR " + missing + ")" if known else missing


def is_within(partitions: Mapping[str, Collection[Any]] | None) -> str | None:
    """The predicate of the rows of some partitions (column -> values); None for no partitions, which is all rows."""
    return all_of([is_one_of(column, values) for column, values in (partitions or {}).items()]) or None


def all_of(conditions: Collection[str]) -> str:
    """Conditions joined by AND."""
    return " AND ".join(conditions)
