"""SE-004: no personal data outside the vault. Prefiltered on the engine, decided in Python; never returns a value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from c360.contract import Contract, ibis_schema, metadata
from c360.identity.tokens import TOKEN_PATTERN
from c360.quality.conditions import FALSE, is_true
from c360.quality.evaluate import Execute
from c360.quality.personal import CANDIDATE, kinds
from c360.quality.results import CheckResult, Stage, judge, threshold_of

CHECK_ID = "SE-004"
TITLE = "No personal data outside the vault."
MEASURE = "cells"

FORMATS: Mapping[str, str] = {
    "token": f"^({TOKEN_PATTERN})$",
    "id": r"^[A-Za-z0-9_.:#/=,;|\[\]\x22{}-]*$",
    "enum": "^[^@]{0,200}$",
}
"""Privacy class -> what every value of its columns looks like (RE2); organisation and staff are names, judged below."""

JUDGED: Mapping[str, frozenset[str]] = {
    "id": frozenset({"card"}),
    "enum": frozenset({"phone", "card"}),
    "organisation": frozenset({"email", "phone", "card"}),
    "staff": frozenset({"phone", "card"}),
    "text": frozenset({"email", "phone", "card"}),
    "none": frozenset({"email", "phone", "card"}),
}
"""Privacy class -> the kinds of personal data its columns must not hold. Employees' own addresses are readable."""

COMPARED = ("text", "none")
"""Classes whose cells must not equal a value of the vault."""

_PAGE_VALUES = 100_000
_LEAST_PHONE_DIGITS = 7


@dataclass(frozen=True)
class Scanned:
    """A table to scan."""

    full_name: str
    rows: ir.Table
    contract: type[Contract]


@dataclass(frozen=True)
class Leak:
    """Cells of one column that hold personal data of one kind, or break the format of their class."""

    table: str
    column: str
    kind: str
    cells: int


def check_privacy(
    stage: Stage,
    tables: Iterable[Scanned],
    identity_record: ir.Table | None,
    thresholds: Mapping[str, float],
    execute: Execute,
) -> list[CheckResult]:
    """SE-004 for each table: one query where nothing is suspicious.

    Args:
        stage: The stage that was built.
        tables: Its tables and their quarantine tables; not the vault's.
        identity_record: The vault; None before it exists.
        thresholds: Settings; see `threshold_of`.
        execute: Runs an expression of few rows.
    """
    threshold = threshold_of(thresholds, CHECK_ID, MEASURE, 0.0)
    known = None if identity_record is None else vault_values(identity_record)
    results = []
    for table in tables:
        rows_checked, leaks = scan(table, known, execute)
        cells = sum(leak.cells for leak in leaks)
        value = float(cells) if rows_checked else None
        results.append(
            CheckResult(
                check_id=CHECK_ID,
                measure=MEASURE,
                severity="P0",
                stage=stage,
                table_name=table.full_name,
                title=TITLE,
                rows_checked=rows_checked,
                rows_failing=cells,
                measured_value=value,
                threshold=threshold,
                result=judge(value, threshold, "at_most"),
                sample_keys=tuple(f"{leak.column}: {leak.kind} ({leak.cells})" for leak in leaks[:10]),
            )
        )
    return results


def scan(table: Scanned, known: ir.Table | None, execute: Execute) -> tuple[int, list[Leak]]:
    """Rows of a table, and its leaks sorted by column and kind.

    Args:
        table: The table.
        known: `vault_values`; None skips the comparison.
        execute: Runs an expression of few rows.
    """
    classes = _classes(table)
    if not classes:
        return 0, []
    counts = execute(_suspicions(table.rows, classes))[0]
    rows_checked = int(counts["rows_checked"])
    if not rows_checked:
        return 0, []
    leaks: list[Leak] = []
    for index, (column, privacy) in enumerate(classes.items()):
        if counts[f"broken_{index}"]:
            kind = "declared personal" if privacy == "personal" else f"not a value of class {privacy}"
            leaks.append(Leak(table.full_name, column, kind, int(counts[f"broken_{index}"])))
        if counts[f"candidate_{index}"]:
            leaks += _judged(table, column, JUDGED[privacy], execute)
    if known is not None:
        leaks += _compared(table, [name for name, privacy in classes.items() if privacy in COMPARED], known, execute)
    return rows_checked, sorted(leaks, key=lambda leak: (leak.column, leak.kind))


def vault_values(identity_record: ir.Table) -> ir.Table:
    """Distinct (`kind`, `value`) of what the vault knows, in lower case: e-mails, phones, names of persons, addresses.

    Left out, because they equal ordinary words or numbers: names of one word, phones of less than seven digits, addresses
    without a number.
    """
    record = identity_record
    phone, name, address = record.phone, record.name, record.address
    parts = [
        _values(record, "email", record.email, record.email.notnull()),
        _values(record, "phone", phone, phone.length() >= _LEAST_PHONE_DIGITS),
        _values(record, "name", name, record.is_person & name.strip().contains(" ")),
        _values(record, "name", record.name_normal, record.is_person & record.name_normal.contains(" ")),
        _values(record, "address", address, address.re_search("[0-9]") & address.contains(" ")),
    ]
    return ibis.union(*parts, distinct=True)


def _classes(table: Scanned) -> dict[str, str]:
    texts = [name for name, dtype in ibis_schema(table.contract).items() if dtype.is_string()]
    return {name: metadata(table.contract, name)["pii"] for name in texts if name in table.rows.columns}


def _suspicions(rows: ir.Table, classes: Mapping[str, str]) -> ir.Table:
    """One row: cells that break their class's format, and cells to look at, by the column's position."""
    counts = {}
    for index, (column, privacy) in enumerate(classes.items()):
        counts[f"broken_{index}"] = rows.count(where=_is_broken(rows[column], privacy))
        looks = rows[column].re_search(CANDIDATE) if privacy in JUDGED else FALSE
        counts[f"candidate_{index}"] = rows.count(where=is_true(looks))
    return rows.aggregate(rows_checked=rows.count(), **counts)


def _is_broken(cell: ir.StringValue, privacy: str) -> ir.BooleanValue:
    if privacy == "personal":
        return cell.notnull()
    return is_true(~cell.re_search(FORMATS[privacy])) if privacy in FORMATS else FALSE


def _judged(table: Scanned, column: str, forbidden: frozenset[str], execute: Execute) -> list[Leak]:
    rows = table.rows.select(value=table.rows[column])
    candidates = rows.filter(rows.value.re_search(CANDIDATE))
    sized = candidates.group_by("value").aggregate(cells=candidates.count())
    found: dict[str, int] = {}
    for row in _paged(sized, execute):
        for kind in kinds(row["value"]) & forbidden:
            found[kind] = found.get(kind, 0) + int(row["cells"])
    return [Leak(table.full_name, column, kind, cells) for kind, cells in found.items()]


def _paged(sized: ir.Table, execute: Execute) -> Iterator[Mapping[str, Any]]:
    """All rows, so many at a time that memory holds them."""
    rest = sized
    while True:
        page = execute(rest.order_by(ibis.asc("value")).limit(_PAGE_VALUES))
        yield from page
        if len(page) < _PAGE_VALUES:
            return
        rest = sized.filter(sized.value > page[-1]["value"])


def _compared(table: Scanned, columns: Sequence[str], known: ir.Table, execute: Execute) -> list[Leak]:
    if not columns:
        return []
    rows = table.rows
    cells = [rows.select(column_name=ibis.literal(name), value=_comparable(rows[name])) for name in columns]
    together = ibis.union(*cells) if len(cells) > 1 else cells[0]
    sized = together.filter(together.value.notnull()).group_by(["column_name", "value"]).aggregate(cells=ibis._.count())
    joined = sized.join(known, "value")
    counts = joined.group_by(["column_name", "kind"]).aggregate(cells=joined.cells.sum())
    return [Leak(table.full_name, r["column_name"], f"vault {r['kind']}", int(r["cells"])) for r in execute(counts)]


def _values(record: ir.Table, kind: str, value: ir.StringValue, is_telling: ir.BooleanValue) -> ir.Table:
    return record.filter(is_telling).select(kind=ibis.literal(kind), value=_comparable(value))


def _comparable(value: ir.StringValue) -> ir.StringValue:
    return value.strip().lower()
