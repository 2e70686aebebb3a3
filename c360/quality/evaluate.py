"""Checks rows against their contract: one query for all rules, one for the keys, and the split into good and bad."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from c360.contract import Contract, RowRule, ibis_schema, key, row_rules
from c360.quality.conditions import all_of, any_of, fold, is_false

Execute = Callable[[ir.Table], list[dict[str, Any]]]
"""Runs an expression of few rows and gives them as dicts (an engine's `arrow(expr).to_pylist()`)."""

REASONS = "_reasons"
DUPLICATE_KEY = "duplicate key"


@dataclass(frozen=True)
class Evaluation:
    """What one table's rows are, measured against its contract.

    Attributes:
        rows_checked: All rows.
        rows_failing: Rows that break at least one rule or share their key with another row.
        failing: Rule name -> rows that break it (rules nobody breaks are there, with 0). `duplicate key` counts the
            rows whose key another row has too: all of them, not all but one.
    """

    rows_checked: int
    rows_failing: int
    failing: Mapping[str, int]

    @property
    def is_clean(self) -> bool:
        """Whether every row is good, so that nothing needs to be split."""
        return self.rows_failing == 0

    @property
    def failing_share(self) -> float:
        """Share 0-1 of rows that are not good; 0 for an empty table."""
        return self.rows_failing / self.rows_checked if self.rows_checked else 0.0


def evaluate(rows: ir.Table, contract: type[Contract], execute: Execute) -> Evaluation:
    """Counts what fails: one query for all row rules, one for the keys (a third only when rows fail both ways)."""
    rules = list(row_rules(contract))
    counts = execute(rule_counts(rows, rules))[0]
    duplicate_rows = int(execute(duplicate_counts(rows, key(contract)))[0]["duplicate_rows"] or 0)
    failing_rules = int(counts["rows_failing"])
    rows_failing = failing_rules + duplicate_rows
    if failing_rules and duplicate_rows:
        rows_failing = int(execute(split(rows, contract)[1].aggregate(bad_rows=ibis._.count()))[0]["bad_rows"])
    failing = {rule.name: int(counts[_alias(index)]) for index, rule in enumerate(rules)}
    return Evaluation(int(counts["rows_checked"]), rows_failing, {**failing, DUPLICATE_KEY: duplicate_rows})


def rule_counts(rows: ir.Table, rules: Sequence[RowRule]) -> ir.Table:
    """One row: `rows_checked`, `rows_failing` (at least one rule) and the failing rows of each rule by its position."""
    fails = [_fails(rule, rows) for rule in rules]
    any_fails = any_of(fails)
    wanted = {"rows_failing": any_fails, **{_alias(index): failing for index, failing in enumerate(fails)}}
    counts = {name: rows.count(where=condition).fill_null(0) for name, condition in wanted.items()}  # Spark: null of no rows
    return rows.aggregate(rows_checked=rows.count(), **counts)


def duplicate_counts(rows: ir.Table, key_columns: Sequence[str]) -> ir.Table:
    """One row: `duplicate_rows`, the rows whose complete key occurs more than once (null when there is none)."""
    complete = rows.filter([rows[name].notnull() for name in key_columns])
    sizes = complete.group_by(list(key_columns)).aggregate(key_rows=complete.count())
    return sizes.filter(sizes.key_rows > 1).aggregate(duplicate_rows=ibis._.key_rows.sum())


def split(rows: ir.Table, contract: type[Contract]) -> tuple[ir.Table, ir.Table]:
    """The rows that keep every rule, and the others with `_reasons`.

    All rows of a duplicated key are bad: keeping one of them would be a guess. Rows whose key is incomplete are bad
    for their nulls, not as duplicates.

    Returns:
        Good rows with the columns of `rows`; bad rows with `_reasons` besides, a JSON list of every reason, sorted.
        Reasons name columns and limits, never values.
    """
    key_columns = key(contract)
    is_complete = all_of([rows[name].notnull() for name in key_columns])
    key_rows = rows.count().over(ibis.window(group_by=[rows[name] for name in key_columns]))
    reasons: dict[str, ir.BooleanValue] = {DUPLICATE_KEY: is_complete & (key_rows > 1)}
    for rule in row_rules(contract):
        fails = _fails(rule, rows)
        reasons[rule.reason] = reasons[rule.reason] | fails if rule.reason in reasons else fails
    judged = rows.mutate(**{REASONS: _json_list(reasons)})
    is_good = judged[REASONS] == "[]"
    return judged.filter(is_good).drop(REASONS), judged.filter(~is_good)


def type_problems(schema: ibis.Schema, contract: type[Contract]) -> list[str]:
    """How a table's columns differ from its contract's, in one normal form; empty when they fit.

    Engines name one type differently (a timestamp's scale and zone, nullability, a decimal's or integer's width): those
    differences are none.
    """
    wanted, found = ibis_schema(contract), schema
    problems = [f"{name}: missing" for name in wanted if name not in found]
    problems += [f"{name}: not in the contract" for name in found if name not in wanted]
    for name in wanted:
        if name in found and normal_type(wanted[name]) != normal_type(found[name]):
            problems.append(f"{name}: wanted {normal_type(wanted[name])}, found {normal_type(found[name])}")
    return problems


def normal_type(dtype: dt.DataType) -> str:
    """One name per kind of value that is the same on every engine."""
    for name, is_kind in _KINDS.items():
        if is_kind(dtype):
            return name
    return str(dtype.copy(nullable=True))


_KINDS: Mapping[str, Callable[[dt.DataType], bool]] = {
    "timestamp": lambda t: t.is_timestamp(),
    "decimal": lambda t: t.is_decimal(),
    "integer": lambda t: t.is_integer(),
    "float": lambda t: t.is_floating(),
}


def _alias(index: int) -> str:
    # Rule names hold dots, which BigQuery refuses in column names.
    return f"rule_{index}"


def _fails(rule: RowRule, rows: ir.Table) -> ir.BooleanValue:
    return is_false(rule.holds(rows))


def _json_list(reasons: Mapping[str, ir.BooleanValue]) -> ir.StringValue:
    parts = [ibis.ifelse(reasons[text], json.dumps(text) + ",", "") for text in sorted(reasons)]
    joined = fold(parts, lambda a, b: a + b)
    # Every part ends with a comma; the last one is cut off.
    return ibis.literal("[") + joined.re_replace(",$", "") + "]"
