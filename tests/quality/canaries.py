"""Rows for any contract: good ones, and for each rule one that breaks this rule alone. Found by search, from the contract."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import hypothesis
import hypothesis.strategies as st
import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
from ibis.backends.duckdb import Backend

from c360.contract import Contract, RowRule, ibis_schema, key, row_rules
from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.quality.conditions import is_false

Row = dict[str, Any]

POOL = 400
PER_RULE = 24
ROUNDS = 40
_DAYS = (date(2026, 1, 1), date(2026, 1, 15), date(2026, 1, 31), date(2026, 2, 1))
_NUMBERS = (0, 1, 2, 3)
_ODD_TEXTS = ("§ §", "§", "")


class Canaries:
    """Searches rows of one contract; the same rows every time."""

    def __init__(self, backend: Backend, contract: type[Contract]) -> None:
        self.backend = backend
        self.contract = contract
        self.schema = ibis_schema(contract)
        self.rules = list(row_rules(contract))
        self.random = Random(contract.__name__)
        self.good = self._good_rows()

    def good_row(self) -> Row:
        """A row that breaks no rule."""
        return self.good[0]

    def alone(self) -> dict[str, Row]:
        """Rule name -> a row that breaks this rule and no other; rules for which there seems to be none are left out."""
        found: dict[str, Row] = {}
        pools = {rule.name: [dict(self.random.choice(self.good)) for _ in range(PER_RULE)] for rule in self.rules}
        for _ in range(ROUNDS):
            open_rules = [rule for rule in self.rules if rule.name not in found]
            if not open_rules:
                break
            rows = [row for rule in open_rules for row in self._broken(rule, pools[rule.name])]
            failing = self._failing(rows)
            for position, rule in enumerate(open_rules):
                part = slice(position * PER_RULE, (position + 1) * PER_RULE)
                ranked = sorted(zip(rows[part], failing[part], strict=True), key=lambda pair: len(pair[1] ^ {rule.name}))
                if ranked[0][1] == {rule.name}:
                    found[rule.name] = ranked[0][0]
                best = [row for row, _ in ranked[: PER_RULE // 4]]
                pools[rule.name] = [self._mutated(self.random.choice(best)) for _ in range(PER_RULE)]
        return found

    def _broken(self, rule: RowRule, rows: Sequence[Row]) -> list[Row]:
        values = self._broken_values(rule)
        return [{**row, str(rule.column): self.random.choice(values)} for row in rows] if values else list(rows)

    def _good_rows(self) -> list[Row]:
        rows = [{name: self._value(name) for name in self.schema} for _ in range(POOL)]
        for _ in range(ROUNDS):
            ranked = sorted(zip(rows, self._failing(rows), strict=True), key=lambda pair: len(pair[1]))
            good = [row for row, names in ranked if not names]
            if len(good) >= POOL // 20:
                return good
            best = [row for row, _ in ranked[: POOL // 10]]
            rows = best + [self._mutated(self.random.choice(best)) for _ in range(POOL - len(best))]
        raise AssertionError(f"no good row of {self.contract.__name__} found; still broken: {ranked[0][1]}")

    def _failing(self, rows: Sequence[Row]) -> list[set[str]]:
        """Names of the rules each row breaks."""
        nullable = ibis_schema_nullable(self.contract)
        table = self.backend.create_table(
            "pool", pa.Table.from_pylist(list(rows), nullable.to_pyarrow()), schema=nullable, overwrite=True
        )
        marks = {f"r{index}": is_false(rule.holds(table)) for index, rule in enumerate(self.rules)}
        found = self.backend.to_pyarrow(table.select(**marks)).to_pylist() if marks else [{}] * len(rows)
        return [{rule.name for rule, broken in zip(self.rules, row.values(), strict=True) if broken} for row in found]

    def _mutated(self, row: Row) -> Row:
        names = self.random.sample(list(self.schema), min(len(self.schema), self.random.choice((1, 1, 2, 3))))
        return {**row, **{name: self._value(name) for name in names}}

    def _value(self, name: str) -> Any:
        dtype = self.schema[name]
        if dtype.nullable and self.random.random() < 0.4:
            return None
        checks = {str(check.name): check.statistics for check in self.contract.to_schema().columns[name].checks}
        if "isin" in checks:
            return self.random.choice(sorted(checks["isin"]["allowed_values"]))
        if "str_matches" in checks:
            return self.random.choice(_matching(_source(checks["str_matches"]["pattern"])))
        if self.schema[name].is_string() and name in key(self.contract):
            return f"k{self.random.randrange(1000)}"  # many keys, so that canaries can lie in one table
        low = checks.get("greater_than_or_equal_to", {}).get("min_value", 0)
        high = checks.get("less_than_or_equal_to", {}).get("max_value", low + 3)
        return self.random.choice(_typed(dtype, low, high))

    def _broken_values(self, rule: RowRule) -> list[Any]:
        if rule.column is None:
            return []
        kind = rule.name.rsplit(".", 1)[1]
        if kind == "not_null":
            return [None]
        statistics = {str(c.name): c.statistics for c in self.contract.to_schema().columns[rule.column].checks}[kind]
        dtype = self.schema[rule.column]
        if kind == "isin":
            return ["§ not a value"] if dtype.is_string() else [-999]
        if kind == "str_matches":
            pattern = _source(statistics["pattern"])
            return [text for text in _ODD_TEXTS if not re.fullmatch(pattern, text)]
        return [statistics["min_value"] - 1 if "min_value" in statistics else statistics["max_value"] + 1]


def ibis_schema_nullable(contract: type[Contract]) -> ibis.Schema:
    """The contract's schema with every column nullable, so that broken rows can be stored."""
    return ibis.schema({name: dtype.copy(nullable=True) for name, dtype in ibis_schema(contract).items()})


def batches(contract: type[Contract], rows: Sequence[Row]) -> list[list[Row]]:
    """The rows in as few lists as hold no complete key twice."""
    columns = key(contract)
    made: list[tuple[set[tuple[Any, ...]], list[Row]]] = []
    for row in rows:
        values = tuple(row[name] for name in columns)
        fitting = next((batch for batch in made if values not in batch[0]), None)
        if fitting is None:
            fitting = (set(), [])
            made.append(fitting)
        if None not in values:
            fitting[0].add(values)
        fitting[1].append(row)
    return [batch for _, batch in made]


def _typed(dtype: dt.DataType, low: float, high: float) -> Sequence[Any]:
    if dtype.is_string():
        return ("a", "b", "c", UNKNOWN_CUSTOMER_ID)
    if dtype.is_boolean():
        return (True, False)
    if dtype.is_date():
        return _DAYS
    if dtype.is_timestamp():
        return [datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for day in _DAYS for hour in (0, 9)]
    if dtype.is_floating():
        return [float(low), low + (high - low) / 2, float(high)]
    numbers = [int(low) + n for n in _NUMBERS if low + n <= high] + [-1] * (low < 0)
    return [Decimal(n) for n in numbers] if dtype.is_decimal() else numbers


def _source(pattern: Any) -> str:
    return pattern if isinstance(pattern, str) else str(pattern.pattern)


@cache
def _matching(pattern: str) -> tuple[str, ...]:
    """A few short texts that match."""
    strategy = st.from_regex(f"(?:{pattern})", fullmatch=True, alphabet=st.characters(max_codepoint=126, min_codepoint=32))
    phases = (hypothesis.Phase.generate,)  # shrinking a long pattern takes seconds
    settings = hypothesis.settings(database=None, derandomize=True, max_examples=200, phases=phases)
    found: list[str] = []
    for _ in range(4):
        try:
            found.append(hypothesis.find(strategy, lambda text: text not in found, settings=settings))
        except hypothesis.errors.NoSuchExample:
            break
    return tuple(found)
