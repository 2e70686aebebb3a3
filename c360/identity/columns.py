"""Columns of records as dictionaries of their distinct values: each value is normalised, split and compared once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Codes = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

_FEW = 8

MISSING = -1
"""Code of a value that is not there."""


@dataclass(frozen=True)
class Column:
    """One field of all records.

    Attributes:
        values: Its distinct texts, in an order that depends on them alone.
        codes: For each record the position of its text in `values`, `MISSING` where it has none.
    """

    values: Texts
    codes: Codes

    @classmethod
    def of(cls, texts: pa.Array | pa.ChunkedArray, normalise: Callable[[str], str | None] = str) -> "Column":
        """The column of Arrow texts, each distinct one normalised once; what normalises to nothing is missing."""
        chunked = texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array([texts])
        encoded = chunked.combine_chunks().dictionary_encode()
        codes = encoded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(_texts(encoded.dictionary.to_pylist()), codes).map(normalise)

    @classmethod
    def missing(cls, count: int) -> "Column":
        """A column without any value."""
        return cls(_texts([]), np.full(count, MISSING, np.int64))

    def map(self, function: Callable[[str], str | None]) -> "Column":
        """The column of a function of each value."""
        return self._of_results([function(value) for value in self.values])

    def split(self, function: Callable[[str], Sequence[str | None]], count: int) -> list["Column"]:
        """`count` columns of the parts a function makes of each value."""
        parts = [function(value) for value in self.values]
        return [self._of_results([part[position] for part in parts]) for position in range(count)]

    def or_else(self, other: "Column") -> "Column":
        """This column, and where it is missing the other one."""
        return join((self, other), lambda one, two: one if one is not None else two)

    def take(self, rows: Codes) -> "Column":
        """The column of some of the records."""
        return Column(self.values, self.codes[rows])

    def formed(self, form: Callable[[str], str]) -> Texts:
        """Its values in another form, each made once."""
        if form is str:
            return self.values
        if form not in self._forms:
            self._forms[form] = _texts([form(value) for value in self.values])
        return self._forms[form]

    @cached_property
    def _forms(self) -> dict[Callable[[str], str], Texts]:
        return {}

    @cached_property
    def counts(self) -> Codes:
        """How many records have each value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values)).astype(np.int64)

    @property
    def is_empty(self) -> bool:
        """Whether no record has a value."""
        return not len(self.values)

    def _of_results(self, results: Sequence[str | None]) -> "Column":
        distinct = sorted({result for result in results if result})
        position = {value: index for index, value in enumerate(distinct)}
        mapped = np.array([position.get(result or "", MISSING) for result in results] + [MISSING], np.int64)
        return Column(_texts(distinct), mapped[self.codes])  # code -1 takes the last: missing


Columns = Mapping[str, Column]


def join(columns: Sequence[Column], function: Callable[..., str | None]) -> Column:
    """The column of a function of several columns' values (None where missing), called once per combination."""
    stacked = np.stack([column.codes for column in columns], axis=1)
    distinct, inverse = np.unique(stacked, axis=0, return_inverse=True) if len(stacked) else (stacked, stacked[:, 0])
    rows = [[c.values[code] if code >= 0 else None for c, code in zip(columns, row, strict=True)] for row in distinct.tolist()]
    positions = Column(_texts([str(i) for i in range(len(rows))]), np.asarray(inverse, np.int64).reshape(-1))
    return positions._of_results([function(*row) for row in rows])


class Pairs:
    """Pairs of records (their row numbers), and what their fields have to say of each other."""

    def __init__(self, columns: Columns, left: Codes, right: Codes) -> None:
        self.columns = columns
        self.left = left
        self.right = right
        self._known: dict[Any, Floats] = {}

    def __len__(self) -> int:
        return len(self.left)

    def codes(self, field: str, other: str = "") -> tuple[Codes, Codes]:
        """The left record's value of `field` and the right one's of `other` (the same field), as codes."""
        return self.columns[field].codes[self.left], self.columns[other or field].codes[self.right]

    def has(self, field: str) -> npt.NDArray[np.bool_]:
        """Where both records have the field."""
        left, right = self.codes(field)
        return (left >= 0) & (right >= 0)

    def same(self, field: str) -> npt.NDArray[np.bool_]:
        """Where both have it, and equal."""
        left, right = self.codes(field)
        return (left >= 0) & (left == right)

    def measured(
        self,
        field: str,
        measure: Callable[[Sequence[str], Sequence[str]], Floats],
        *,
        other: str = "",
        form: Callable[[str], str] = str,
        where: npt.NDArray[np.bool_] | None = None,
        same: float = 1.0,
    ) -> Floats:
        """`measure` of each pair's two texts, once for each two.

        Args:
            field: The left record's field.
            measure: Of texts, pair by pair.
            other: The right record's, if it is another one.
            form: What the texts are brought into before, each once.
            where: Pairs that are asked for; all.
            same: What equal texts of one field measure.

        Returns:
            -1 where one is missing or not asked for.
        """
        key = (field, other, measure, form)
        if where is None and key in self._known:
            return self._known[key]
        left, right = self.codes(field, other)
        one, two = self.columns[field].formed(form), self.columns[other or field].formed(form)
        asked = (left >= 0) & (right >= 0)
        result = np.full(len(self), -1.0)
        if not other:
            result[asked & (left == right)] = same
            asked &= left != right
        if where is not None:
            asked &= where
        if asked.any():
            found, inverse = _distinct(left[asked], right[asked], len(one), len(two))
            result[asked] = np.asarray(measure(one[found[0]].tolist(), two[found[1]].tolist()), np.float64)[inverse]
        if where is None:
            self._known[key] = result
        return result


def _distinct(left: Codes, right: Codes, lefts: int, rights: int) -> tuple[tuple[Codes, Codes], Codes | slice]:
    """The distinct pairs of codes, and where each pair is among them; all as they are where few can come twice."""
    if lefts * rights > _FEW * len(left):
        return (left, right), slice(None)
    table = np.zeros(lefts * rights, np.int64)
    numbers = left * rights + right
    table[numbers] = 1
    found = np.flatnonzero(table)
    table[found] = np.arange(len(found))
    return (found // rights, found % rights), table[numbers]


def _texts(values: Sequence[str]) -> Texts:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
