"""Which known field a file's column is, by its name, and by what it holds."""

import re
from collections.abc import Collection, Mapping, Sequence

from c360.identity import normalise as n
from c360.identity.records import NORMALISERS
from c360.identity.rules import reference

NAMES: dict[str, list[str]] = {}
"""Field -> what columns of it are called, words apart, the surest first; `text` and `exact` for others worth comparing."""
for _row in reference("field_names.csv"):
    NAMES.setdefault(_row["field"], []).append(_row["name"])

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)")
_LEAST_SHARE = 0.8
_OTHERS = ("text", "exact")
_NAMED = ("name", "first_name", "last_name")
_MANY, _FEW = 50, 12
_AFFIXES = frozenset(row["word"] for row in reference("field_affixes.csv"))
"""What may stand before or behind a field's name."""


def fields(columns: Mapping[str, Sequence[str]], entity: str) -> dict[str, str]:
    """Column -> field (`text` and `exact` among them); columns that nothing is known of are left out.

    Args:
        columns: Column -> some of its texts.
        entity: `person` or `organisation`.
    """
    found: dict[str, str] = {}
    known_names = {name for names in NAMES.values() for name in names}
    by_name = {column: _known(_plain(column), known_names) for column in columns}
    for name, known in NAMES.items():
        if name in _OTHERS:
            continue
        ranked = [
            (known.index(plain), column)
            for column, plain in by_name.items()
            if plain in known and column not in found and fits(name, columns[column])
        ]
        if ranked:
            found[min(ranked)[1]] = name
    for column, texts in columns.items():
        if column not in found and (by_content := _by_content(texts)) and by_content not in found.values():
            found[column] = by_content
    for kind in _OTHERS:
        found |= {column: kind for column, plain in by_name.items() if column not in found and plain in NAMES[kind]}
    return _without_doubles(found, entity)


def fits(field: str, texts: Sequence[str]) -> bool:
    """Whether a column holds what its name says: most of its texts can be read as such, and names are not a handful of words."""
    given = [text for text in texts if text and text.strip()]
    if not given or field in _OTHERS:
        return True
    normalise = NORMALISERS[field]
    read = [found for text in given if (found := normalise(text))]
    if field == "house_number":
        read = [found for found in read if any(letter.isdigit() for letter in found)]
    if field in _NAMED and len(given) >= _MANY and len(set(read)) < _FEW:
        return False
    if field in _NAMED:
        read = [found for found in read if any(letter.isalpha() for letter in found)]
    return len(read) >= len(given) / 2


def _known(plain: str, known: Collection[str]) -> str:
    """A column's name, without what stands before or behind a known one: `billing city`, `phone 1`, `zip code number`."""
    words = plain.split()
    tried = [(first, last) for first in range(len(words)) for last in range(len(words), first, -1)]
    for first, last in tried:
        rest = words[:first] + words[last:]
        if all(word in _AFFIXES or word.isdigit() for word in rest) and (name := " ".join(words[first:last])) in known:
            return name
    return plain


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
