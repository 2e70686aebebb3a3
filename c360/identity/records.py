"""Texts of a file's columns -> the normalised columns that rules compare and block on. Reads nothing; one function per field."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from c360.identity import normalise as n
from c360.identity.columns import Column, Columns, join
from c360.identity.organisations import Rarity, core_and_form
from c360.identity.rules import reference

_NOT_ALNUM = re.compile(r"[\W_]+")
_HOUSE_NUMBER = re.compile(r"\b(\d+)\s?([a-z]?)\b")
_DIGITS = re.compile(r"\d+")
_SHORT_DATE = re.compile(r"\s*(\d{1,2})[/.\-](\d{1,2})[/.\-]\d{2,4}\b")
_MONTHS_A_YEAR = 12
_TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "lady", "lord", "rev", "jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"}
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_DIGITS = 4
_WORDS = 3

STREET_WORDS = {row["word"]: row["canonical"] for row in reference("street_words.csv")}
"""Abbreviation in a street's name -> the word."""
COUNTRIES = {row["name"]: row["code"] for row in reference("countries.csv")}
"""Name or longer code of a country, normalised -> its code of two letters."""


def compact(value: str) -> str | None:
    """Letters and digits only, folded: numbers and codes as people type them."""
    return _NOT_ALNUM.sub("", n.name(value) or "") or None


def tax_id(value: str) -> str | None:
    """A tax or company number without its country's letters (`GB 977 0718 75` -> `977071875`)."""
    return re.sub(r"^[a-z]{2}(?=\d{5})", "", compact(value) or "") or None


def country(value: str) -> str | None:
    """ISO 3166 code, lower case, of a code or a name in English or the country's own language; else the name."""
    folded = n.name(value) or ""
    return COUNTRIES.get(folded, folded) or None


def day(value: str, *, is_month_first: bool = False) -> str | None:
    """`YYYYMMDD`, or `YYYY`; digits that make no date stay as they are: a typing error is still worth comparing."""
    folded = (n.text(value) or "").split("t")[0] if re.match(r"\s*\d{4}-\d", value) else n.text(value) or ""
    parts = _DIGITS.findall(folded)
    named = next((number for number, name in enumerate(_MONTHS, 1) if name in folded), None)
    if named and len(parts) == 2 and max(map(len, parts)) <= _YEAR_DIGITS:
        first, second = parts
        year, number = (first, second) if len(first) == 4 else (second, first)
        return f"{year:0>4}{named:02d}{int(number):02d}"
    if len(parts) >= 3:
        one, two, three = parts[:3]
        if len(one) == 4:
            return f"{one}{two:0>2}{three:0>2}"
        if len(three) == 4:
            return f"{three}{one:0>2}{two:0>2}" if is_month_first else f"{three}{two:0>2}{one:0>2}"
    digits = "".join(f"{part:0>2}" for part in parts)  # 5/6/80 is not the year 5680
    return digits if len(digits) in (4, 6, 7, 8) else None


def is_month_first(values: Iterable[str]) -> bool:
    """Whether dates such as 5/31/1980 show that their column writes the month first, and none that it does not."""
    parts = [tuple(map(int, found.groups())) for value in values if (found := _SHORT_DATE.match(value))]
    return any(second > _MONTHS_A_YEAR for _, second in parts) and not any(first > _MONTHS_A_YEAR for first, _ in parts)


def street(value: str) -> str | None:
    """Words of a street, abbreviations spelt out, without a number before or behind it."""
    return " ".join(STREET_WORDS.get(word, word) for word in (n.name(value) or "").split()) or None


def street_and_number(value: str) -> tuple[str | None, str | None]:
    """The street and its house number of one text; the number is the first there is."""
    whole = street(value) or ""
    found = _HOUSE_NUMBER.search(whole)
    if not found or not (rest := (whole[: found.start()] + whole[found.end() :]).strip()):
        return whole or None, None
    return " ".join(rest.split()), "".join(found.groups())


def first_and_last(value: str) -> tuple[str | None, str | None]:
    """First and last name of a whole name: `Ann B. Smith`, `Smith, Ann`, `Ann Smith, Jr.`; one word is a last name."""
    before, comma, behind = value.partition(",")
    if not set((n.name(behind) or "").split()) - _TITLES:
        value, comma = before, ""
    words = [word for word in (n.name(f"{behind} {before}" if comma else value) or "").split() if word not in _TITLES]
    if len(words) < 2:
        return None, words[0] if words else None
    last = n.name(before) if comma else words[-1]
    return words[0], last


def sound(value: str) -> str | None:
    """What spellings of one name share: first letter, then consonants by the way they sound (Soundex, up to five)."""
    letters = [letter for letter in value if letter.isalpha()]
    if not letters:
        return None
    codes = [_SOUNDS.get(letter, "") for letter in letters]
    kept = [code for before, code in pairwise(codes) if code and code != before]
    return letters[0] + "".join(kept)[:4]


_SOUNDS = {letter: code for code, group in {"1": "bfpvw", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mn", "6": "r"}.items()
           for letter in group}  # fmt: skip


def _fold(value: str) -> str | None:
    return n.name(value)


def _mail(value: str) -> str | None:
    return n.email_key(n.email(value))


def _phone(value: str) -> str | None:
    return n.phone_key(n.phone(value))


NORMALISERS: Mapping[str, Callable[[str], str | None]] = {
    "name": n.text,  # with its comma: `Smith, Ann`
    "first_name": _fold,
    "last_name": _fold,
    "email": _mail,
    "phone": _phone,
    "birth_date": day,
    "street": street,
    "street_2": street,
    "house_number": compact,
    "postcode": compact,
    "city": _fold,
    "region": _fold,
    "country": country,
    "domain": n.corporate_domain,
    "tax_id": tax_id,
}
"""Field -> its normaliser. These are the fields a user may name."""


def person(given: Columns) -> dict[str, Column]:
    """Columns of persons: the fields given, and what is made of them."""
    columns = _common(given)
    if "name" in given:
        for name, part in zip(("first_name", "last_name"), given["name"].split(first_and_last, 2), strict=True):
            columns[name] = given[name].or_else(part) if name in given else part
    for name in ("first_name", "last_name"):
        columns.setdefault(name, Column.missing(_count(given)))
        columns[f"{name}_sound"] = columns[name].map(sound)
    columns["names"] = join((columns["first_name"], columns["last_name"]), _both_names)
    columns["names_sound"] = join((columns["first_name_sound"], columns["last_name_sound"]), _both_names)
    return columns


def organisation(given: Columns) -> dict[str, Column]:
    """Columns of organisations: the fields given, and what is made of them."""
    columns = _common(given)
    if "name" in given:
        columns["name"], columns["legal_form"] = given["name"].map(_fold).split(core_and_form, 2)
        columns["joined_name"] = columns["name"].map(lambda value: value.replace(" ", ""))
        rarity = Rarity.of(columns["name"])
        words = columns["name"].split(lambda value: _rarest(value, rarity), _WORDS)
        columns |= {f"word_{number}": column for number, column in enumerate(words, 1)}
    if "domain" not in columns and "email" in columns:  # else one e-mail would speak twice
        columns["mail_domain"] = columns["email"].map(n.corporate_domain)
    return columns


MAKERS = {"person": person, "organisation": organisation}
"""Entity -> what makes its columns."""


def _common(given: Columns) -> dict[str, Column]:
    columns = dict(given)
    if "street" in given:
        columns["street"], number = given["street"].split(street_and_number, 2)
        columns["house_number"] = given["house_number"].or_else(number) if "house_number" in given else number
    if "email" in given:
        columns["mailbox"] = given["email"].map(lambda value: value.rpartition("@")[0])
    for name in ("postcode", "city", "region"):
        if any(other in given for other in ("postcode", "city", "region")):
            columns.setdefault(name, Column.missing(_count(given)))
    if "street" in columns:
        columns.setdefault("house_number", Column.missing(_count(given)))
        columns["address"] = join((columns["street"], columns["house_number"]), _address)
    return columns


def _both_names(first: str | None, last: str | None) -> str | None:
    return " ".join(sorted((first, last))) if first and last else None


def _address(street_name: str | None, number: str | None) -> str | None:
    return f"{street_name} {number}" if street_name and number else None


def _rarest(value: str, rarity: Rarity) -> Sequence[str | None]:
    words = sorted({word for word in value.split() if len(word) > 1}, key=lambda word: (-rarity(word), word))[:_WORDS]
    return [*words, *[None] * (_WORDS - len(words))]


def _count(columns: Columns) -> int:
    return len(next(iter(columns.values())).codes) if columns else 0


def key(columns: Columns, name: str) -> Column:
    """A column, or some characters of each value: `last_name[:3]`, `birth_date[4:]`."""
    plain, bracket, rest = name.partition("[")
    if plain not in columns:
        return Column(np.empty(0, object), np.empty(0, np.int64))
    if not bracket:
        return columns[plain]
    first, _, last = rest.rstrip("]").partition(":")
    part = slice(int(first or 0), int(last) if last else None)
    return columns[plain].map(lambda value: value[part] or None)
