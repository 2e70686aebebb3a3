"""words.toml, read once: lists of words, and facts of countries."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_READ: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Country:
    """How addresses and forms of law look there; `forms` holds the spellings of each."""

    weight: int
    names: tuple[str, ...]
    prefix: str
    top: str
    number_first: bool
    forms: tuple[tuple[str, ...], ...]
    cities: tuple[str, ...]
    streets: tuple[str, ...]


def words(of: str, name: str) -> list[str]:
    """A list of words of `companies` or `persons`."""
    return _list(_READ[of][name])


def pairs(of: str, name: str) -> dict[str, str]:
    """What is written for what."""
    return dict(_READ[of][name])


def countries() -> dict[str, Country]:
    """Countries by their code."""
    found = {}
    for code, facts in _READ["companies"]["countries"].items():
        lists = {key: tuple(_list(facts[key])) for key in ("names", "cities", "streets")}
        found[code] = Country(**{**facts, **lists, "forms": tuple(map(tuple, facts["forms"]))})
    return found


def _list(value: str | list[str]) -> list[str]:
    return value.split() if isinstance(value, str) else value
