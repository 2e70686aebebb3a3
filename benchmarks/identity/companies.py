"""Generated companies: accounts of a CRM beside customers of a billing system, which were written down by different people.

The truth is the legal entity: a record of a branch, of a trading name or of an address since moved is the same company; sister
companies of a group, which share a name and a website, and namesakes in other towns are other companies. The rates here and in
`company_writing` are guesses of what such files look like, made without looking at any matching rule; do not fit them to one.
"""

import csv
import random
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path

from benchmarks.identity.company_writing import BRANDS, COLUMNS, COUNTRIES, TRADES, Company, written
from benchmarks.identity.words import words

OVERLAP = 0.6
SISTERS, NAMESAKES = 0.12, 0.08
_SURNAMES, _STARTS, _ENDS = words("companies", "surnames"), words("companies", "starts"), words("companies", "ends")


def write_companies(folder: Path, rows: int, seed: int = 2026) -> None:
    """accounts.csv and customers.csv of so many rows each, of which 60 % are in both, and truth.csv, which names the pairs."""
    chance = random.Random(seed)  # noqa: S311 -- a benchmark's data
    both = int(rows * OVERLAP)
    world = _world(2 * rows - both, chance)
    chance.shuffle(world)
    accounts, customers = world[:rows], world[:both] + world[rows:]
    chance.shuffle(accounts)
    chance.shuffle(customers)
    left = {company.number: f"A{at:05d}" for at, company in enumerate(accounts)}
    right = {company.number: f"C{at:05d}" for at, company in enumerate(customers)}
    _write(folder / "accounts.csv", ("rec_id", *COLUMNS), ((left[c.number], *written(c, 0.35, chance)) for c in accounts))
    _write(folder / "customers.csv", ("rec_id", *COLUMNS), ((right[c.number], *written(c, 1.0, chance)) for c in customers))
    pairs = sorted(("accounts", left[number], "customers", right[number]) for number in left.keys() & right.keys())
    _write(folder / "truth.csv", ("left_source", "left_id", "right_source", "right_id"), pairs)


def _write(file: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])


def _world(size: int, chance: random.Random) -> list[Company]:
    """So many companies: most alone, some in groups of two to four, some with the first word of another one's name."""
    numbers = count()
    found: list[Company] = []
    while len(found) < size:
        draw = chance.random()
        if draw < NAMESAKES and found:
            found.append(_company(next(numbers), _namesake(chance.choice(found).words, chance), chance))
            continue
        company = _company(next(numbers), _words(chance), chance)
        sisters = chance.randint(1, 3) if draw < NAMESAKES + SISTERS else 0
        found += [company, *(_sister(company, next(numbers), chance) for _ in range(sisters))]
    return found[:size]


def _company(number: int, said: str, chance: random.Random) -> Company:
    code = chance.choices(list(COUNTRIES), weights=[country.weight for country in COUNTRIES.values()])[0]
    country = COUNTRIES[code]
    city = country.cities[min(int(chance.expovariate(0.35)), len(country.cities) - 1)]
    street, house = chance.choice(country.streets), str(min(int(chance.paretovariate(0.6)) + chance.randrange(20), 400))
    letters = "".join(letter for letter in said.lower() if letter.isalnum() and letter.isascii())
    return Company(
        number=number,
        words=said,
        form=chance.choice(country.forms),
        country=code,
        city=city,
        postcode=_postcode(code, city, chance),
        street=f"{house} {street}" if country.number_first else f"{street} {house}",
        domain=f"{letters[: chance.choice((8, 14, 30))]}.{chance.choice((country.top, country.top, 'com'))}",
        phone=f"+{country.prefix} {chance.randrange(20, 90)} {chance.randrange(10**6, 10**7)}",
        vat=f"{code}{chance.randrange(10**8, 10**9)}",
    )


def _postcode(country: str, city: str, chance: random.Random) -> str:
    area = sum(map(ord, city)) % 90 + 10
    last = "".join(chance.choices("ABDEFGHJLNPQRSTUWXYZ", k=2))
    if country == "GB":
        letters = city[0] + city[-1].upper() if len(city) > 5 else city[0]
        return f"{letters}{chance.randrange(1, 25)} {chance.randrange(1, 10)}{last}"
    return f"{area}{chance.randrange(10, 60)} {last}" if country == "NL" else f"{area}{chance.randrange(100, 600)}"


def _words(chance: random.Random) -> str:
    brand = chance.choice(BRANDS) if chance.random() < 0.6 else chance.choice(_STARTS) + chance.choice(_ENDS)
    one, two, trade = chance.choice(_SURNAMES), chance.choice(_SURNAMES), chance.choice(TRADES)
    kinds = [
        *[(brand, 10), (f"{brand} {trade}", 32), (f"{brand} {chance.choice(BRANDS)} {trade}", 12), (f"{brand} International", 4)],
        *[(f"{brand} {trade} & {chance.choice(TRADES)}", 12), (f"{one} {trade}", 14), (f"{one} & {two}", 6)],
        *[(f"{one} & {two} {trade}", 5), (f"{one} Brothers", 2), (f"{one} & Sons", 3)],
    ]
    return chance.choices([said for said, _ in kinds], weights=[weight for _, weight in kinds])[0]


def _namesake(said: str, chance: random.Random) -> str:
    """The same words, or the first of them with another trade."""
    return said if chance.random() < 0.35 else f"{said.split()[0]} {chance.choice(TRADES)}"


def _sister(company: Company, number: int, chance: random.Random) -> Company:
    """Of the same group: in another country, or in the same one under a longer name, often in the same house."""
    other = _company(number, company.words, chance)
    if other.country != company.country:
        return replace(other, domain=company.domain if chance.random() < 0.6 else other.domain)
    added = chance.choice(["Holding", "Services", "Group", "Properties", company.city, chance.choice(TRADES)])
    same = replace(company, number=number, words=f"{company.words} {added}", vat=other.vat, form=other.form)
    return same if chance.random() < 0.5 else replace(same, street=other.street, postcode=other.postcode, phone=other.phone)
