"""SOQL, which has no parameters: only instants and ids that look like ids become part of a query."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from c360.errors import SourceError

ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
KEY, STAMP, DELETED = "Id", "SystemModstamp", "IsDeleted"


def soql(fields: Iterable[str], api_object: str, condition: str, *, is_ordered: bool = False) -> str:
    """A query of fields Salesforce itself named; `is_ordered` by id. An empty condition is none."""
    words = ["SELECT", ",".join(fields), "FROM", api_object]
    words += ["WHERE", condition] if condition else []
    words += ["ORDER BY", KEY] if is_ordered else []
    return " ".join(words)


def both(*conditions: str) -> str:
    """The conditions that are not empty, all of them to be met."""
    return " AND ".join(condition for condition in conditions if condition)


def instant(moment: datetime) -> str:
    """An aware instant as a literal, whole seconds UTC: Salesforce's stamps have no more."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def text_id(record_id: str) -> str:
    """An id as a literal.

    Raises:
        SourceError: It does not look like one.
    """
    if not ID.fullmatch(record_id):
        raise SourceError("Salesforce gave a record without a proper id.", hint="Run again.")
    return f"'{record_id}'"
