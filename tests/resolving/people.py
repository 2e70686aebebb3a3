"""Small files of generated persons, some written twice with errors; nobody in them exists."""

import csv
from collections.abc import Sequence
from pathlib import Path
from random import Random

Row = dict[str, str]
COLUMNS = ("id", "first_name", "last_name", "birth_date", "email", "city")
_FIRST = ("Ann", "Bob", "Carla", "Dora", "Emil", "Fred", "Gina", "Hugo", "Ida", "Jan", "Kurt", "Lena", "Zoë")
_LAST = ("Smith", "Jones", "Miller", "Fischer", "Weber", "Wagner", "Becker", "Schulz", "Hoffmann", "Koch", "Müller", "Ødegård")
_CITIES = ("Bern", "Ulm", "York", "Kehl")


def persons(count: int, seed: int = 1, prefix: str = "") -> list[Row]:
    """So many different persons, by id."""
    chance = Random(seed)
    found = []
    for number in range(count):
        first, last = chance.choice(_FIRST), chance.choice(_LAST)
        born = f"{chance.randint(1950, 2005)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        mail = f"{prefix}{first}.{last}{number}@mail{number % 7}.example"
        found.append(dict(zip(COLUMNS, (f"{prefix}{number:03d}", first, last, born, mail, chance.choice(_CITIES)), strict=True)))
    return found


def again(rows: Sequence[Row], prefix: str, seed: int = 2) -> list[Row]:
    """The same persons as somebody else wrote them: an error in the last name, sometimes no e-mail, sometimes moved."""
    chance = Random(seed)
    found = []
    for row in rows:
        at = chance.randrange(1, len(row["last_name"]))
        last = row["last_name"][:at] + row["last_name"][at + 1 :]
        mail = row["email"] if chance.random() < 0.6 else ""
        city = row["city"] if chance.random() < 0.7 else chance.choice(_CITIES)
        found.append({**row, "id": prefix + row["id"], "last_name": last, "email": mail, "city": city})
    return found


def write(path: Path, rows: Sequence[Row], columns: Sequence[str] = (), **renamed: str) -> Path:
    """A CSV file of rows; `last_name="surname"` calls a column otherwise."""
    names = columns or list(rows[0])
    with path.open("w", newline="", encoding="utf-8") as stream:
        lines = csv.writer(stream)
        lines.writerow([renamed.get(name, name) for name in names])
        lines.writerows([row.get(name, "") for name in names] for row in rows)
    return path
