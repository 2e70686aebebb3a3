"""Contracts: one pandera model per table, and what is read out of it.

A contract is a `pandera.ibis.DataFrameModel`. Its fields give name, type, nullability, checks, description, unit and
privacy class; `Config.unique` gives the key. Row rules over several columns are `row_check` methods. Everything else
(Ibis, Arrow and Delta schemas, the one-pass check query, documentation) is derived here or in `c360/export/`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandera.ibis as pa
from pandera.api.checks import Check
from pandera.api.ibis.types import IbisData

from c360.errors import ContractError

ibis.options.sql.fuse_selects = False
# Fused selects repeat an expression at each of its uses: 200 kB of SQL and seconds of compiling where 20 kB say the same.

PrivacyClass = Literal["id", "enum", "token", "organisation", "staff", "text", "none", "personal"]

Text = dt.String
Integer = dt.Int64
Flag = dt.Boolean
Day = dt.Date
Share = dt.Float64
Instant = Annotated[dt.Timestamp, "UTC", 6, True]
Money = Annotated[dt.Decimal, 38, 8, True]
Rate = Annotated[dt.Decimal, 38, 12, True]


class Contract(pa.DataFrameModel):
    """Base of all contracts. A contract's docstring opens with the grain."""


def field(
    doc: str,
    *,
    nullable: bool = False,
    unit: str | None = None,
    pii: PrivacyClass = "none",
    isin: tuple[Any, ...] | None = None,
    ge: float | None = None,
    le: float | None = None,
    matches: str | None = None,
    expectation: str | None = None,
) -> Any:
    """A column of a contract.

    Args:
        doc: One sentence for people who read the table.
        nullable: Whether null is a legal value.
        unit: Unit of a number where the name does not say it.
        pii: Privacy class; `personal` is legal in the vault only, `text` columns are scanned for personal data (SE-004).
        isin: Legal values (null apart).
        ge: Smallest legal value.
        le: Largest legal value.
        matches: Regular expression the whole value must match (RE2 syntax).
        expectation: Id of the quality expectation the value checks of this column stand for (specification section 7).
    """
    metadata = {"unit": unit, "pii": pii, "expectation": expectation}
    return pa.Field(
        nullable=nullable,
        description=doc,
        metadata=metadata,
        isin=list(isin) if isin is not None else None,
        ge=ge,
        le=le,
        str_matches=matches,
    )


def row_check(reason: str, *, expectation: str | None = None) -> Callable[[Callable[..., ir.BooleanValue]], Any]:
    """Declares a rule over several columns of one row: a method `(cls, row: ir.Table) -> ir.BooleanValue`, true when right.

    A null result counts as right, as in SQL's CHECK.
    """

    def wrap(method: Callable[..., ir.BooleanValue]) -> Any:
        def on_pandera_data(cls: type, data: IbisData) -> ir.BooleanValue:
            return method(cls, data.table)

        on_pandera_data.__name__ = method.__name__
        return pa.dataframe_check(on_pandera_data, name=method.__name__, title=expectation, description=reason)

    return wrap


@dataclass(frozen=True)
class RowRule:
    """One rule of one row: `holds(table)` is true (or null) for a good row."""

    name: str
    column: str | None
    reason: str
    expectation: str | None
    holds: Callable[[ir.Table], ir.BooleanValue]


def ibis_schema(model: type[Contract]) -> ibis.Schema:
    """The table's Ibis schema: names and types in declared order, nullability from the fields."""
    columns = model.to_schema().columns
    return ibis.schema({name: c.dtype.type.copy(nullable=c.nullable) for name, c in columns.items()})


def key(model: type[Contract]) -> tuple[str, ...]:
    """The key columns (`Config.unique`).

    Raises:
        ContractError: The contract declares no key.
    """
    unique = model.to_schema().unique
    if not unique:
        raise ContractError(f"{model.__name__} declares no key.", hint='Add `class Config: unique = ["…"]`.')
    return tuple(unique)


def metadata(model: type[Contract], column: str) -> dict[str, Any]:
    """`unit`, `pii` and `expectation` of a column, and its `doc`."""
    schema_column = model.to_schema().columns[column]
    return {**(schema_column.metadata or {}), "doc": schema_column.description}


def columns_of_class(model: type[Contract], *classes: PrivacyClass) -> list[str]:
    """The columns whose privacy class is one of `classes`."""
    return [c for c in model.to_schema().columns if metadata(model, c)["pii"] in classes]


def row_rules(model: type[Contract]) -> Iterator[RowRule]:
    """All rules one row must satisfy: nulls, enums, ranges, patterns, then the rules over several columns."""
    schema = model.to_schema()
    for name, column in schema.columns.items():
        expectation = (column.metadata or {}).get("expectation")
        if not column.nullable:
            yield RowRule(f"{name}.not_null", name, f"{name}: must not be null", None, _not_null(name))
        for check in column.checks:
            rule = f"{name}.{check.name}"
            yield RowRule(rule, name, f"{name}: {_must(check)}", expectation, _value_rule(name, check))
    for check in schema.checks:
        yield RowRule(str(check.name), None, str(check.description), check.title, _table_rule(check))


def _not_null(name: str) -> Callable[[ir.Table], ir.BooleanValue]:
    return lambda table: table[name].notnull()


def _value_rule(name: str, check: Check) -> Callable[[ir.Table], ir.BooleanValue]:
    given = check.statistics
    conditions: dict[str, Callable[[Any], ir.BooleanValue]] = {
        "isin": lambda value: value.isin(sorted(given["allowed_values"])),
        "greater_than_or_equal_to": lambda value: value >= given["min_value"],
        "less_than_or_equal_to": lambda value: value <= given["max_value"],
        "str_matches": lambda value: value.re_search(f"^(?:{_source(given['pattern'])})$"),
    }
    return lambda table: conditions[str(check.name)](table[name])


def _must(check: Check) -> str:
    given = check.statistics
    sentences: dict[str, Callable[[], str]] = {
        "isin": lambda: f"must be one of {', '.join(str(v) for v in sorted(given['allowed_values']))}",
        "greater_than_or_equal_to": lambda: f"must be >= {given['min_value']}",
        "less_than_or_equal_to": lambda: f"must be <= {given['max_value']}",
        "str_matches": lambda: f"must match {_source(given['pattern'])}",
    }
    return sentences[str(check.name)]()


def _source(pattern: Any) -> str:
    return pattern if isinstance(pattern, str) else pattern.pattern


def _table_rule(check: Check) -> Callable[[ir.Table], ir.BooleanValue]:
    return lambda table: check._check_fn(IbisData(table, None))
