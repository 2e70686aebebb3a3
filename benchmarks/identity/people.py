"""Generated persons for the scale part: two files of the same size; half of the right one's rows are persons of the left one.

Names, towns and streets are as unequally frequent as real ones; persons live in households, which share an address and often a
surname. Records lack values, hold typing errors and nicknames, and some persons have married or moved between the two files. Each
person is made from its number alone, so files of any size take no memory. The rates are guesses, made without looking at rules.
"""

import csv
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate, product
from pathlib import Path

from benchmarks.identity.person_writing import COLUMNS, MEN, PROVIDERS, STREET_KINDS, SURNAMES, Person, written
from benchmarks.identity.words import words

HOUSEHOLD = 3
_STRIDE = 7_368_787  # a prime: the right file's order says nothing of the left one's


def _zipf(size: int, power: float, shift: float) -> list[float]:
    return list(accumulate((rank + shift) ** -power for rank in range(size)))


_WOMEN = words("persons", "women")
_MADE = [f"{one}{two}" for one, two in product(words("persons", "first_parts"), words("persons", "last_parts"))]
random.Random(3).shuffle(_MADE)  # noqa: S311 -- else the frequent ones start alike
_TOWNS = _MADE[::3]
_SURNAMES = [*SURNAMES, *(f"{name}{end}" for end in ("", "s", "er", "sen") for name in _MADE)]
_OF_SURNAMES, _OF_TOWNS = _zipf(len(_SURNAMES), 0.9, 20), _zipf(len(_TOWNS), 0.8, 5)
_OF_WOMEN, _OF_MEN = _zipf(len(_WOMEN), 0.7, 4), _zipf(len(MEN), 0.7, 4)
_ROADS = [f"{name} {kind}" for name, kind in product(words("persons", "streets"), STREET_KINDS)]


def write_people(folder: Path, rows: int, seed: int = 2026) -> None:
    """left.csv and right.csv of so many rows each, and truth.csv, which names the pairs."""
    folder.mkdir(parents=True, exist_ok=True)
    right = [2 * at + 1 if at < rows // 2 else rows + at for at in range(rows)]
    order = [(at * _STRIDE) % rows for at in range(rows)]
    _write(folder / "left.csv", ("rec_id", *COLUMNS), _records("L", range(rows), 0.25, seed))
    _write(folder / "right.csv", ("rec_id", *COLUMNS), _records("R", (right[at] for at in order), 1.0, seed))
    pairs = (("left", f"L{number}", "right", f"R{number}") for number in range(1, rows, 2))
    _write(folder / "truth.csv", ("left_source", "left_id", "right_source", "right_id"), pairs)


def _write(file: Path, header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)


def _records(side: str, numbers: Iterator[int] | range, rate: float, seed: int) -> Iterator[tuple[str, ...]]:
    for number in numbers:
        person = _person(number, seed)
        chance = random.Random((number * 2 + (side == "R")) * 1_000_003 + seed)  # noqa: S311 -- a benchmark's data
        if rate == 1 and chance.random() < 0.14:
            person = _moved(person, chance)
        yield f"{side}{number}", *written(person, rate, chance)


def _person(number: int, seed: int) -> Person:
    """The person of this number; three in a row may share a home, and then mostly a surname."""
    home = random.Random(number // HOUSEHOLD * 1_000_033 + seed)  # noqa: S311 -- a benchmark's data
    own = random.Random(number * 1_000_037 - seed)  # noqa: S311 -- a benchmark's data
    together = home.random() < 0.55
    family = _pick(_SURNAMES, _OF_SURNAMES, home)
    last = family if together and own.random() < 0.8 else _pick(_SURNAMES, _OF_SURNAMES, own)
    first = _pick(_WOMEN, _OF_WOMEN, own) if own.random() < 0.51 else _pick(MEN, _OF_MEN, own)
    house, street, postcode, city = _address(home if together else own)
    born = date(2006, 1, 1) - timedelta(days=int(own.betavariate(1.4, 2) * 27000))
    return Person(
        first, last, _email(first, last, born, own), f"07{own.randrange(10**8, 10**9)}", born, house, street, postcode, city
    )


def _pick(values: list[str], weights: list[float], chance: random.Random) -> str:
    return chance.choices(values, cum_weights=weights)[0]


def _address(chance: random.Random) -> tuple[int, str, str, str]:
    town = chance.choices(range(len(_TOWNS)), cum_weights=_OF_TOWNS)[0]
    road = min(int(chance.expovariate(0.02)), 250)
    street = _ROADS[(road * 37 + town * 11) % len(_ROADS)]
    return min(int(chance.expovariate(0.025)) + 1, 250), street, f"{town + 1000:04d}{road // 8:02d}", _TOWNS[town]


def _email(first: str, last: str, born: date, chance: random.Random) -> str:
    one, two = first.lower(), last.lower().replace("'", "")
    forms = [
        f"{one}.{two}",
        f"{one}{two}{born.year % 100:02d}",
        f"{one[0]}{two}{chance.randrange(1, 1000)}",
        f"{one}{chance.randrange(1, 10000)}",
    ]
    provider = chance.choices(PROVIDERS, weights=[45, 14, 10, 9, 8, 3, 3, 4, 4])[0]
    return f"{chance.choices(forms, weights=[30, 30, 25, 15])[0]}@{provider}"


def _moved(person: Person, chance: random.Random) -> Person:
    house, street, postcode, city = _address(chance)
    if chance.random() < 0.35:  # within the town
        postcode, city = f"{person.postcode[:4]}{postcode[4:]}", person.city
    return replace(person, house_number=house, street=street, postcode=postcode, city=city)
