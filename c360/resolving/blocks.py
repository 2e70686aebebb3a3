"""Candidate pairs of given records: each rule's keys, as numbers, and the join on them by the engine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from c360.engines.duckdb_session import DuckDBSession
from c360.errors import SelectionError
from c360.expressions import candidates
from c360.identity.columns import Codes, Columns
from c360.identity.entities import Block
from c360.identity.records import key
from c360.resolving.given import Given

LEAST_ALLOWED = 500_000
PAIRS_PER_RECORD = 1
"""Pairs one list of keys may give: so many, or so many a record, whatever is more; else only rarer keys propose pairs."""
LEAST_MOST = 4
"""Records that may always share a key."""

_KEYS = ibis.schema({"row": "int64", "side": "int64", "key": "int64"})


@dataclass(frozen=True)
class Candidates:
    """Pairs worth comparing, each once, ordered by their records.

    Attributes:
        left: Record of a pair, `right` the other, left < right.
        right: See `left`.
        rule: Position of the first rule that gave it.
        rule_count: How many rules did.
    """

    left: Codes
    right: Codes
    rule: Codes
    rule_count: Codes

    def __len__(self) -> int:
        return len(self.left)


def usable(blocks: Sequence[Block], columns: Columns) -> list[Block]:
    """Rules whose columns are there."""
    there = {name for name, column in columns.items() if not column.is_empty}
    return [b for b in blocks if all(n.partition("[")[0] in there for n in b.on) and (not b.each or there & set(b.each))]


@dataclass(frozen=True)
class Proposal:
    """Keys of a rule that will propose pairs.

    Attributes:
        keys: `row, side, key`.
        most: Most records that may share a key.
        pair_count: Pairs it will give, counted before any is made.
    """

    keys: ir.Table
    most: int
    pair_count: int


def proposals(session: DuckDBSession, given: Given, rules: Sequence[Block], *, is_adaptive: bool) -> list[list[Proposal]]:
    """What each rule will propose.

    Args:
        session: Where the join will run.
        given: The records.
        rules: Of which the columns are there.
        is_adaptive: Whether a rule of many pairs keeps to rarer keys. Not with a given model: records that have nothing to do
            with others would decide on them.

    Raises:
        SelectionError: There is no rule.
    """
    if not rules:
        raise SelectionError(
            "There is nothing by which to propose pairs.", hint="Say what more of the columns are: --map name=COLUMN."
        )
    return [
        [_limited(session, given, keys, block.most, is_adaptive=is_adaptive) for keys in _keys(session, given, block)]
        for block in rules
    ]


def find(session: DuckDBSession, given: Given, by_rule: Sequence[Sequence[Proposal]]) -> Candidates:
    """All candidates that rules propose."""
    found = []
    for proposed in by_rule:
        made = [session.materialise(candidates.pairs(p.keys, p.most, within=given.is_within)) for p in proposed]
        found.append(ibis.union(*made) if len(made) > 1 else made[0])
    table = session.arrow(candidates.once(found).order_by("left", "right"))
    left, right, rule, rule_count = (table[name].to_numpy() for name in ("left", "right", "rule", "rule_count"))
    return Candidates(left, right, rule, rule_count)


def _limited(session: DuckDBSession, given: Given, keys: ir.Table, most: int, *, is_adaptive: bool) -> Proposal:
    """Keys and the most records that may share one, so that there are not too many pairs."""
    allowed = max(LEAST_ALLOWED, PAIRS_PER_RECORD * len(given.ids))
    while True:
        count = int(session.row(candidates.pair_count(keys, most, within=given.is_within))[0])
        if count <= allowed or most <= LEAST_MOST or not is_adaptive:
            return Proposal(keys, most, count)
        most = max(most // 2, LEAST_MOST)


def _keys(session: DuckDBSession, given: Given, block: Block) -> Iterator[ir.Table]:
    """Keys of a rule: its own, and the narrower ones of values that are too frequent."""
    rows, keys = _combined(given.columns, block)
    own = session.from_arrow(_key_table(given, rows, keys), _KEYS)
    yield own
    common = session.arrow(candidates.frequent(own, block.most))["key"].to_numpy()
    is_common = np.isin(keys, common)
    for name in block.narrow if len(common) else ():
        narrower = key(given.columns, name)
        if not narrower.is_empty:
            codes = narrower.codes[rows[is_common]]
            has = codes >= 0
            narrowed = _dense(keys[is_common][has]) * len(narrower.values) + codes[has]
            yield session.from_arrow(_key_table(given, rows[is_common][has], narrowed), _KEYS)


def _combined(columns: Columns, block: Block) -> tuple[Codes, Codes]:
    """Rows that have all columns of a rule, and a number for their values."""
    if block.each:
        return _each(columns, [name for name in block.each if name in columns])
    parts = [key(columns, name) for name in block.on]
    rows = np.flatnonzero(np.logical_and.reduce([part.codes >= 0 for part in parts]))
    keys = parts[0].codes[rows]
    for part in parts[1:]:
        keys = _dense(keys) * len(part.values) + part.codes[rows]
    return rows, keys


def _each(columns: Columns, names: Sequence[str]) -> tuple[Codes, Codes]:
    """All values of several columns as if they were one; a record that has a value twice counts once."""
    values = sorted({value for name in names for value in columns[name].values})
    position = {value: index for index, value in enumerate(values)}
    found = []
    for name in names:
        column = columns[name]
        own = np.array([position[value] for value in column.values], np.int64)
        rows = np.flatnonzero(column.codes >= 0)
        found.append(np.stack([rows, own[column.codes[rows]]], axis=1))
    distinct = np.unique(np.concatenate(found), axis=0)
    return distinct[:, 0], distinct[:, 1]


def _dense(keys: Codes) -> Codes:
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def _key_table(given: Given, rows: Codes, keys: Codes) -> pa.Table:
    return pa.table({"row": rows, "side": given.side[rows], "key": keys})
