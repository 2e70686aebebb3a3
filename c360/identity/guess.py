"""Which known field a file's column is, by its name, and by what it holds."""

import re
from collections.abc import Mapping, Sequence

from c360.identity import normalise as n
from c360.identity.rules import reference

NAMES: dict[str, list[str]] = {}
"""Field -> what columns of it are called, words apart, the surest first; `text` and `exact` for others worth comparing."""
for _row in reference("field_names.csv"):
    NAMES.setdefault(_row["field"], []).append(_row["name"])

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)")
_LEAST_SHARE = 0.8
_OTHERS = ("text", "exact")


def fields(columns: Mapping[str, Sequence[str]], entity: str) -> dict[str, str]:
    """Column -> field (`text` and `exact` among them); columns that nothing is known of are left out.

    Args:
        columns: Column -> some of its texts.
        entity: `person` or `organisation`.
    """
    found: dict[str, str] = {}
    by_name = {column: _plain(column) for column in columns}
    for name, known in NAMES.items():
        if name in _OTHERS:
            continue
        ranked = [(known.index(plain), column) for column, plain in by_name.items() if plain in known and column not in found]
        if ranked:
            found[min(ranked)[1]] = name
    for column, texts in columns.items():
        if column not in found and (by_content := _by_content(texts)) and by_content not in found.values():
            found[column] = by_content
    for kind in _OTHERS:
        found |= {column: kind for column, plain in by_name.items() if column not in found and plain in NAMES[kind]}
    return _without_doubles(found, entity)


def _without_doubles(found: Mapping[str, str], entity: str) -> dict[str, str]:
    """A person with first and last name needs no whole name; an organisation has no birth date."""
    names = set(found.values())
    skipped = {"name"} if entity == "person" and {"first_name", "last_name"} <= names else set()
    if entity == "organisation":
        skipped = {"first_name", "last_name", "birth_date"} if "name" in names else {"birth_date"}
    return {column: name for column, name in found.items() if name not in skipped}


def _plain(column: str) -> str:
    return (n.name(_CAMEL.sub(" ", column)) or "").strip()


def _by_content(texts: Sequence[str]) -> str | None:
    """E-mail addresses are told by what they are; all else needs a name."""
    given = [text for text in texts if text and text.strip()]
    if given and sum(n.email(text) is not None for text in given) >= _LEAST_SHARE * len(given):
        return "email"
    return None
