"""How one record of a person is written down: which facts are there, how they are spelt, what has changed since."""

import random
from dataclasses import dataclass
from datetime import date

from benchmarks.identity.dirt import mistyped
from benchmarks.identity.words import pairs, words

COLUMNS = ("first_name", "last_name", "email", "phone", "birth_date", "house_number", "street", "postcode", "city")
MEN, SURNAMES, PROVIDERS = words("persons", "men"), words("persons", "surnames"), words("persons", "providers")
STREET_KINDS = pairs("persons", "street_kinds")
_SHORT = pairs("persons", "short")


@dataclass(frozen=True)
class Person:
    """One person."""

    first_name: str
    last_name: str
    email: str
    phone: str
    birth_date: date
    house_number: int
    street: str
    postcode: str
    city: str


def written(person: Person, rate: float, chance: random.Random) -> tuple[str, ...]:
    """A record; `rate` 1 is as careless as a web shop's customers get, 0 copies the person."""
    row = (
        *_names(person, rate, chance),
        _email(person, rate, chance),
        _phone(person.phone, rate, chance),
        _born(person.birth_date, rate, chance),
        *_address(person, rate, chance),
    )
    return tuple(map(str.upper, row)) if chance.random() < 0.05 * rate else row


def _names(person: Person, rate: float, chance: random.Random) -> tuple[str, str]:
    first, last, draw = person.first_name, person.last_name, chance.random()
    if draw < 0.06 * rate:
        first = _SHORT.get(first, first)
    elif draw < 0.12 * rate:
        first = chance.choice([mistyped(first, chance), mistyped(first, chance), mistyped(first, chance), first[0], first[0], ""])
    draw = chance.random()
    if draw < 0.04 * rate and first not in MEN:  # married
        last = chance.choice(SURNAMES) if chance.random() < 0.8 else f"{last}-{chance.choice(SURNAMES)}"
    elif draw < 0.08 * rate:
        last = mistyped(last, chance)
    return (last, first) if chance.random() < 0.007 * rate else (first, last)


def _email(person: Person, rate: float, chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.25 * rate:
        return ""
    if draw < 0.45 * rate:  # another one of theirs
        return f"{person.first_name.lower()}{chance.randrange(1, 10000)}@{chance.choice(PROVIDERS)}"
    return mistyped(person.email, chance) if draw < 0.46 * rate else person.email


def _phone(phone: str, rate: float, chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.3 * rate:
        return ""
    if draw < 0.5 * rate:
        phone = f"0{chance.choice('1237')}{chance.randrange(10**8, 10**9)}"
    phone = mistyped(phone, chance) if draw > 1 - 0.01 * rate else phone
    return chance.choice([phone, phone, f"+44{phone[1:]}", f"{phone[:5]} {phone[5:]}"])


def _born(born: date, rate: float, chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.15 * rate:
        return ""
    if draw < 0.16 * rate and born.day <= 12:
        return born.replace(month=born.day, day=born.month).isoformat()
    if draw < 0.175 * rate:
        return (
            born.replace(day=chance.randrange(1, 29)).isoformat()
            if chance.random() < 0.6
            else born.replace(year=born.year + 1, day=1).isoformat()
        )
    return f"{born.year}-01-01" if draw < 0.18 * rate else born.isoformat()


def _address(person: Person, rate: float, chance: random.Random) -> tuple[str, str, str, str]:
    house, street, postcode, city = str(person.house_number), person.street, person.postcode, person.city
    if chance.random() < 0.05 * rate:
        return "", "", "", city
    if chance.random() < 0.2 * rate:
        name, kind = street.rsplit(" ", 1)
        street = f"{name} {STREET_KINDS[kind]}"
    draw = chance.random()
    street = mistyped(street, chance) if draw < 0.03 * rate else street
    house = chance.choice(["", f"{house}a", str(chance.randrange(1, 200))]) if 0.03 * rate < draw < 0.06 * rate else house
    postcode = chance.choice(["", "", mistyped(postcode, chance)]) if 0.06 * rate < draw < 0.1 * rate else postcode
    city = chance.choice(["", mistyped(city, chance)]) if 0.1 * rate < draw < 0.14 * rate else city
    return house, street, postcode, city
