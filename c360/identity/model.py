"""The model of one kind of record: what each level of agreement weighs, how rare values are, what share of pairs is one.

Weights are match weights in bits (Fellegi and Sunter): log2 of the share `m` of pairs that are one at that level, over the
share `u` of those that are not. They add up, with the prior's, to the pair's weight; its probability is 2^w / (1 + 2^w).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from c360.errors import SettingsError
from c360.identity.columns import Codes, Column, Columns, Floats, Pairs
from c360.identity.entities import ENTITIES, Comparison, exact_comparison, text_comparison

_PERSONAL = {"address", "birth_date", "email", "mailbox", "phone", "street", "street_2", "tax_id"}

RELATED = "related"
"""Name of the contribution that speaks for a relation in place of one record."""
PRIOR = "prior"
"""Name of what a pair weighs of which nothing is known."""
LAKE = "lake"
"""Entity of the model that weighs the lake's accounts and customers (`evidence.py`)."""
VERSION = 1
"""Of the file's format."""
LEAST_SHARE = 1e-7
"""No share is taken to be less, so that no single field decides beyond 23 bits."""
MOST_MATCHED = 1 - 2**-6
"""Most records that are taken to have a counterpart for sure: 6 bits."""


@dataclass(frozen=True)
class Shares:
    """One comparison's shares by level, best first."""

    m: tuple[float, ...]
    u: tuple[float, ...]

    def bits(self) -> Floats:
        """Match weight by level; a worse level never weighs more than a better one."""
        m, u = np.maximum(self.m, LEAST_SHARE), np.maximum(self.u, LEAST_SHARE)
        return np.minimum.accumulate(np.log2(m / u))


@dataclass(frozen=True)
class Model:
    """See the module.

    Attributes:
        entity: `person` or `organisation`.
        prior: Share of all pairs that are one.
        shares: Comparison -> its shares.
        related: Relation -> its share of all pairs.
        texts: Columns compared as text, `exacts` those that are equal or not, besides the entity's own fields.
        counts: Column -> value -> records that had it where the model was learnt, for values of at least `least_count` records.
        record_count: Records it was learnt from.
        least_count: See `counts`; rarer values count as if nobody else had them.
        training: What learning it showed.
    """

    entity: str
    prior: float
    shares: Mapping[str, Shares]
    related: Mapping[str, float] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    exacts: tuple[str, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    record_count: int = 0
    least_count: int = 10
    training: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def assumed(cls, entity: str, prior: float, texts: Sequence[str] = (), exacts: Sequence[str] = ()) -> Self:
        """What the rules assume before anything was learnt."""
        made = comparisons_of(entity, texts, exacts)
        shares = {c.name: Shares(tuple(level.m for level in c.levels), tuple(level.u for level in c.levels)) for c in made}
        related = {relation.name: prior for relation in ENTITIES[entity].relations}
        return cls(entity, prior, shares, related, tuple(texts), tuple(exacts))

    @property
    def prior_bits(self) -> float:
        """Weight of a pair of which nothing is known."""
        return float(np.log2(self.prior / (1 - self.prior)))

    @property
    def id(self) -> str:
        """Names the model by its content, its training report aside."""
        content = {**asdict(self), "training": None}
        return f"{self.entity}-" + hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]

    def with_counts(self, columns: Columns) -> Self:
        """The model with how frequent values are in these columns, so far as at least `least_count` records share them.

        Only values many people share are kept, and none of fields that name one person or mailbox, so that the file may be kept
        where its records may not.
        """
        own = {*self.texts, *self.exacts}  # nobody knows what they hold
        named = {name for c in self.comparisons(columns) if c.name not in own for name in c.rarity.values() if name in columns}
        names = sorted(named - _PERSONAL)
        counts = {name: _frequent(columns[name], self.least_count) for name in names}
        return replace(self, counts={name: found for name, found in counts.items() if found})

    def comparisons(self, columns: Columns) -> list[Comparison]:
        """Its comparisons that these columns allow."""
        usable = {name for name, column in columns.items() if not column.is_empty}
        found = comparisons_of(self.entity, self.texts, self.exacts)
        return [c for c in found if c.name in self.shares and any(name in usable for name in c.needs)]

    def to_json(self) -> str:
        """The file."""
        return json.dumps({"version": VERSION, "id": self.id, **asdict(self)}, indent=1, sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The model of a file. Raises SettingsError: it is no model, of another version, or was changed by hand."""
        try:
            given = json.loads(text)
            version, stated = given.pop("version"), given.pop("id")
            given["shares"] = {name: Shares(tuple(s["m"]), tuple(s["u"])) for name, s in given["shares"].items()}
            model = cls(**{**given, "texts": tuple(given["texts"]), "exacts": tuple(given["exacts"])})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SettingsError(
                f"The file is no model of identities ({type(error).__name__}).", hint="`c360 identity train` writes one."
            ) from None
        if version != VERSION or model.entity not in {*ENTITIES, LAKE}:
            raise SettingsError(
                f"The model is of version {version}, {VERSION} is needed.", hint="`c360 identity train` writes a new one."
            )
        if model.id != stated:
            raise SettingsError(f"The model says it is {stated}, its content is {model.id}.", hint="Train it again.")
        return model


def _frequent(column: Column, least: int) -> dict[str, int]:
    often = np.flatnonzero(column.counts >= least)
    return {str(column.values[code]): int(column.counts[code]) for code in often}


def comparisons_of(entity: str, texts: Sequence[str] = (), exacts: Sequence[str] = ()) -> list[Comparison]:
    """All comparisons of an entity with further columns."""
    return [*ENTITIES[entity].comparisons, *map(text_comparison, texts), *map(exact_comparison, exacts)]


@dataclass(frozen=True)
class Levels:
    """What pairs have to say, before it is weighed.

    Attributes:
        found: Pairs × comparisons: the level, or `MISSING`.
        rarer: Pairs × comparisons: bits of the shared value's own share (`_rarity`, which says what a negative one means), which
            stand in for the level's `u`; 0 where nothing rare or frequent is shared.
    """

    found: npt.NDArray[np.int8]
    rarer: npt.NDArray[np.float32]


class Scorer:
    """A model over the columns it is to compare."""

    def __init__(self, model: Model, columns: Columns, *, own_counts: bool, matched_share: float = 0.0) -> None:
        """`own_counts`: values are as rare as they are in these columns, not where the model was learnt.

        `matched_share`: of the records of the file that is covered best, those that have their one counterpart in the other
        file. That a pair is not one then means that its record has none, which is so much less likely.
        """
        self.model = model
        self.prior_bits = model.prior_bits - float(np.log2(1 - min(matched_share, MOST_MATCHED)))
        self.columns = columns
        self.comparisons = model.comparisons(columns)
        self._compare = [comparison.compare(columns) for comparison in self.comparisons]
        self._rarity = {
            name: _rarity(columns[name], None if own_counts else model, name)
            for comparison in self.comparisons
            for name in comparison.rarity.values()
            if name in columns and not columns[name].is_empty and not self.is_alone
        }

    @property
    def is_alone(self) -> bool:
        """Whether one field alone has to tell who is who: then a frequent value may be one record's many copies, or a common one.

        Nothing in the data tells which, so the rules' assumptions stand, and values' frequencies are left out.
        """
        return sum(comparison.is_identifying for comparison in self.comparisons) < 2

    def levels(self, left: Codes, right: Codes) -> Levels:
        """Levels of agreement of pairs of row numbers."""
        pairs = Pairs(self.columns, left, right)
        found = (
            np.stack([compare(pairs) for compare in self._compare], axis=1)
            if self._compare
            else np.empty((len(left), 0), np.int8)
        )
        rarer = np.zeros(found.shape, np.float32)
        for position, comparison in enumerate(self.comparisons):
            names = [level.name for level in comparison.levels]
            for level, column in comparison.rarity.items():
                if column in self._rarity:
                    self._add_rarity(rarer, found, position, names.index(level), column, pairs)
        return Levels(found, rarer)

    def weights(self, levels: Levels, model: Model | None = None) -> Floats:
        """Pairs × comparisons: match weights in bits; 0 where nothing is known."""
        used = model or self.model
        made = np.zeros(levels.found.shape)
        for position, comparison in enumerate(self.comparisons):
            shares = used.shares[comparison.name]
            table = np.append(shares.bits(), 0.0)  # MISSING takes the last
            made[:, position] = table[levels.found[:, position]]
            made[:, position] += self._rarer(levels, position, shares)
        return made

    def related(self, contributions: Floats, model: Model | None = None) -> Floats:
        """Pairs × relations: bits of each relation against chance, its prior's among them.

        In what such records share they agree as often as one record with itself; in all else as chance has it.
        """
        used = model or self.model
        made = np.zeros((len(contributions), len(used.related)))
        for at, relation in enumerate(r for r in ENTITIES[used.entity].relations if r.name in used.related):
            if not any(c.is_identifying and c.name not in relation.shared for c in self.comparisons):
                made[:, at] = -np.inf  # nothing could tell it from one record
                continue
            prior = used.related[relation.name]
            shared = [position for position, c in enumerate(self.comparisons) if c.name in relation.shared]
            made[:, at] = contributions[:, shared].sum(axis=1) + np.log2(prior / (1 - prior))
        return made

    def total(self, levels: Levels, model: Model | None = None) -> tuple[Floats, Floats]:
        """Contributions (pairs × comparisons, then that of relations), and weights: their sums with the prior's bits."""
        used = model or self.model
        contributions = self.weights(levels, used)
        relation = -np.log2(1 + np.exp2(np.minimum(self.related(contributions, used), 500)).sum(axis=1))
        together = np.column_stack([contributions, relation])
        return together, together.sum(axis=1) + self.prior_bits

    def _rarer(self, levels: Levels, position: int, shares: Shares) -> Floats:
        """Bits of rarity: the value's own share in place of the level's `u`, never so much that agreement speaks against."""
        given, level = levels.rarer[:, position].astype(np.float64), levels.found[:, position]
        if not given.any():
            return np.zeros(len(given))
        table = np.append(shares.bits(), 0.0)
        m = np.append(np.log2(np.maximum(shares.m, LEAST_SHARE)), 0.0)[level]
        u = np.append(np.log2(np.maximum(shares.u, LEAST_SHARE)), 0.0)[level]
        value_bits = np.where(given < 0, np.maximum(-given, -u), given)
        return np.where(given != 0, np.maximum(m + value_bits, 0.25) - table[level], 0.0)

    def _add_rarity(self, rarer: Any, found: Any, position: int, level: int, column: str, pairs: Pairs) -> None:
        at = np.flatnonzero(found[:, position] == level)
        codes, others = pairs.columns[column].codes[pairs.left[at]], pairs.columns[column].codes[pairs.right[at]]
        both = (codes >= 0) & (codes == others)
        rarer[at[both], position] = self._rarity[column][codes[both]]


def probability(weight: Floats) -> Floats:
    """Probability of a weight in bits."""
    return 1.0 / (1.0 + np.exp2(-np.clip(weight, -1000, 1000)))


def _rarity(column: Column, model: Model | None, name: str) -> Floats:
    """Bits by value: -log2 of the share of other records that have it; a pair's own two records do not count.

    Negative for a value nobody else has: at least so many bits, more where values of its kind are rarer still.
    """
    if model is None:
        others, total = column.counts - 2, max(int(column.counts.sum()), 2)
    else:
        known = model.counts.get(name, {})
        others = np.array([known.get(value, 0) - 2 for value in column.values], np.int64)
        total = max(model.record_count, 2)
    bits = np.maximum(-np.log2(np.maximum(others, 0.5) / total), 0.01)
    return np.where(others > 0, bits, -bits)
