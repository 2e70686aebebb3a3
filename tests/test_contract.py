from datetime import date

import ibis
import ibis.expr.types as ir
import pytest

from c360.contract import (
    Contract,
    Day,
    Flag,
    Instant,
    Integer,
    Money,
    Rate,
    Share,
    Text,
    columns_of_class,
    field,
    ibis_schema,
    key,
    metadata,
    row_check,
    row_rules,
)
from c360.errors import ContractError
from tests.conftest import Rows, TableFactory


class Thing(Contract):
    """One row per thing."""

    thing_id: Text = field("The thing.", pii="id", matches="t_[a-z]+")
    status: Text = field("Where it stands.", pii="enum", isin=("open", "closed"), nullable=True, expectation="XX-001")
    item_count: Integer = field("How many.", ge=0, le=5, nullable=True, unit="items")
    opened_date: Day = field("First day.", nullable=True)
    closed_date: Day = field("Last day.", nullable=True)

    class Config:
        unique = ["thing_id"]

    @row_check("it closed before it opened", expectation="XX-002")
    def closes_after_opening(cls, row: ir.Table) -> ir.BooleanValue:
        return row.closed_date >= row.opened_date


class Every(Contract):
    """One column of each type."""

    text: Text = field("Text.")
    integer: Integer = field("Integer.")
    flag: Flag = field("Flag.")
    day: Day = field("Day.")
    share: Share = field("Share.")
    instant: Instant = field("Instant.")
    money: Money = field("Money.")
    rate: Rate = field("Rate.", nullable=True)


def _failing(table: ir.Table) -> set[str]:
    """Names of the rules some row breaks (null counts as right)."""
    return {
        rule.name for rule in row_rules(Thing) if table.filter(~rule.holds(table).fill_null(ibis.literal(True))).count().execute()
    }


GOOD = {"thing_id": "t_a", "status": "open", "item_count": 3}


def test_the_schema_has_the_declared_names_types_and_nullability() -> None:
    assert ibis_schema(Every) == ibis.schema(
        {
            "text": "!string",
            "integer": "!int64",
            "flag": "!boolean",
            "day": "!date",
            "share": "!float64",
            "instant": "!timestamp('UTC', 6)",
            "money": "!decimal(38, 8)",
            "rate": "decimal(38, 12)",
        }
    )


def test_the_key_is_the_declared_unique() -> None:
    assert key(Thing) == ("thing_id",)


def test_a_contract_without_key_says_how_to_declare_one() -> None:
    with pytest.raises(ContractError, match=r"Every declares no key.*unique"):
        key(Every)


def test_metadata_of_a_column() -> None:
    assert metadata(Thing, "item_count") == {"unit": "items", "pii": "none", "expectation": None, "doc": "How many."}


def test_columns_by_privacy_class() -> None:
    assert columns_of_class(Thing, "id", "enum") == ["thing_id", "status"]


def test_every_rule_is_listed_with_reason_and_expectation() -> None:
    rules = {rule.name: (rule.column, rule.expectation) for rule in row_rules(Thing)}
    assert rules == {
        "thing_id.not_null": ("thing_id", None),
        "thing_id.str_matches": ("thing_id", None),
        "status.isin": ("status", "XX-001"),
        "item_count.greater_than_or_equal_to": ("item_count", None),
        "item_count.less_than_or_equal_to": ("item_count", None),
        "closes_after_opening": (None, "XX-002"),
    }
    assert all(rule.reason for rule in row_rules(Thing))


@pytest.mark.parametrize(
    ("rows", "broken"),
    [
        ([GOOD], set()),
        ([{"thing_id": "t_a"}], set()),
        ([{**GOOD, "thing_id": None}], {"thing_id.not_null"}),
        ([{**GOOD, "thing_id": "t_1"}], {"thing_id.str_matches"}),
        ([{**GOOD, "thing_id": "xt_ax"}], {"thing_id.str_matches"}),
        ([{**GOOD, "status": "lost"}], {"status.isin"}),
        ([{**GOOD, "item_count": -1}], {"item_count.greater_than_or_equal_to"}),
        ([{**GOOD, "item_count": 6}], {"item_count.less_than_or_equal_to"}),
    ],
)
def test_a_bad_value_breaks_its_rule_and_only_it(table: TableFactory, rows: Rows, broken: set[str]) -> None:
    assert _failing(table(ibis_schema(Thing), rows)) == broken


def test_a_rule_over_two_columns(table: TableFactory) -> None:
    first, second = date(2026, 1, 1), date(2026, 1, 2)
    good = {**GOOD, "opened_date": first, "closed_date": second}
    bad = {**GOOD, "opened_date": second, "closed_date": first}
    assert _failing(table(ibis_schema(Thing), [good])) == set()
    assert _failing(table(ibis_schema(Thing), [good, bad])) == {"closes_after_opening"}
