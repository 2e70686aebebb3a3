"""Columns of identity from inline rows, and levels of one pair."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from c360.identity.columns import Codes, Column, Pairs
from c360.identity.entities import ENTITIES
from c360.identity.records import MAKERS, NORMALISERS

Text = str | None


def given(**fields: Sequence[Text]) -> dict[str, Column]:
    """Normalised columns as they are before anything is made of them."""
    return {name: Column.of(pa.array(texts, pa.string()), NORMALISERS[name]) for name, texts in fields.items()}


def columns(entity: str, **fields: Sequence[Text]) -> dict[str, Column]:
    """The columns of records with these fields."""
    return MAKERS[entity](given(**fields))


def texts(column: Column) -> list[Text]:
    """Record -> its text."""
    return [column.values[code] if code >= 0 else None for code in column.codes]


def rows(*numbers: int) -> Codes:
    """Row numbers."""
    return np.array(numbers, np.int64)


def level(entity: str, comparison: str, **fields: tuple[Text, Text]) -> str:
    """Name of the level of the pair whose fields are told; `missing` where it says nothing."""
    made = columns(entity, **fields)
    rule = next(c for c in ENTITIES[entity].comparisons if c.name == comparison)
    found = int(rule.compare(made)(Pairs(made, rows(0), rows(1)))[0])
    assert found == int(rule.compare(made)(Pairs(made, rows(1), rows(0)))[0]), "a level does not depend on which record is left"
    return rule.levels[found].name if found >= 0 else "missing"
