from datetime import UTC, date, datetime
from typing import Any

import pytest

from c360.contract import ibis_schema, row_rules
from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.silver.crm.dim_customer_history import DimCustomerHistory, dim_customer_history
from c360.silver.identity.customer_identity import CustomerIdentity
from c360.silver.identity.dim_customer import DimCustomer
from c360.sources.registry import discover, typed_schema
from tests.conftest import Rows, TableFactory

ENTITIES = discover().entities
CREATED = datetime(2026, 1, 5, 8, tzinfo=UTC)
ACCOUNT = {
    "source_system": "salesforce",
    "source_account": "00D",
    "record_id": "001A",
    "payload_hash": "h1",
    "date_loaded": date(2026, 7, 1),
    "is_deleted": False,
    "source_updated_at": datetime(2026, 6, 1, tzinfo=UTC),
    "CreatedDate": CREATED,
    "OwnerId": "005A",
    "Industry": "Energy",
    "Type": "Customer",
    "BillingCountry": "Germany",
}
STRIPE = {
    "source_system": "stripe",
    "source_account": "acct",
    "record_id": "cus_1",
    "payload_hash": "s1",
    "date_loaded": date(2026, 7, 1),
    "is_deleted": False,
    "created": CREATED,
}
UNKNOWN = {"customer_id": UNKNOWN_CUSTOMER_ID, "is_unknown": True}
OF_SALESFORCE = {
    "customer_id": "c-1",
    "is_unknown": False,
    "salesforce_account_id": "001A",
    "stripe_customer_id": "cus_1",
}
OF_STRIPE = {"customer_id": "c-2", "is_unknown": False, "stripe_customer_id": "cus_1"}


def _history(
    table: TableFactory, accounts: Rows = (), customers: Rows = (), dim: Rows = (OF_SALESFORCE, UNKNOWN)
) -> list[dict[str, Any]]:
    systems = {"salesforce": ("00D", "salesforce_account_id"), "stripe": ("acct", "stripe_customer_id")}
    identity = [
        {"source_system": s, "source_account": account, "source_id": row.get(column), "customer_id": row["customer_id"]}
        for row in dim
        for s, (account, column) in systems.items()
        if row.get(column)
    ]
    user = {"source_account": "00D", "record_id": "005A", "Name": "Pat Seller"}
    result = dim_customer_history(
        table(typed_schema(ENTITIES["salesforce_accounts"]), accounts),
        table(typed_schema(ENTITIES["stripe_customers"]), customers),
        table(typed_schema(ENTITIES["salesforce_users"]), [user]),
        table(ibis_schema(CustomerIdentity), identity),
        table(ibis_schema(DimCustomer), dim),
    )
    return result.order_by("customer_id", "valid_from").to_pyarrow().to_pylist()


def _later(day: int, **changes: Any) -> dict[str, Any]:
    at = datetime(2026, 7, day, 9, tzinfo=UTC)
    loaded = {"source_updated_at": at, "date_loaded": date(2026, 7, day), "payload_hash": f"h{day}"}
    return {**ACCOUNT, **loaded, **changes}


def test_the_first_interval_opens_at_the_records_creation(table: TableFactory) -> None:
    (row,) = _history(table, [ACCOUNT])
    assert (row["valid_from"], row["valid_to"], row["is_current"]) == (CREATED, None, True)
    assert (row["owner_id"], row["owner_name"], row["status"]) == ("005A", "Pat Seller", "active")
    assert (row["record_id"], row["payload_hash"], row["source_system"]) == ("001A", "h1", "salesforce")


@pytest.mark.parametrize(
    "change",
    [{"OwnerId": "005B"}, {"Industry": "Retail"}, {"Type": "Prospect"}, {"BillingCountry": "Spain"}, {"Industry": None}],
)
def test_a_tracked_change_opens_an_interval(table: TableFactory, change: dict[str, Any]) -> None:
    first, second = _history(table, [ACCOUNT, _later(3, **change)])
    assert first["valid_to"] == second["valid_from"] == datetime(2026, 7, 3, 9, tzinfo=UTC)
    assert [r["is_current"] for r in (first, second)] == [False, True]
    assert second["payload_hash"] == "h3"


@pytest.mark.parametrize("change", [{"Phone": "1"}, {"Industry": " Energy "}, {"Name": "New name"}])
def test_another_change_opens_none(table: TableFactory, change: dict[str, Any]) -> None:
    assert len(_history(table, [ACCOUNT, _later(3, **change)])) == 1


def test_a_late_change_splits_an_interval(table: TableFactory) -> None:
    late = _later(2, OwnerId="005B") | {"date_loaded": date(2026, 7, 9)}
    rows = _history(table, [ACCOUNT, _later(5, OwnerId="005C"), late])
    assert [(r["owner_id"], r["valid_from"].day) for r in rows] == [("005A", 5), ("005B", 2), ("005C", 5)]
    assert [r["valid_to"] for r in rows[:2]] == [r["valid_from"] for r in rows[1:]]


@pytest.mark.parametrize("flags", [{"is_deleted": True}, {"IsDeleted": True}])
def test_a_deletion_closes(table: TableFactory, flags: dict[str, bool]) -> None:
    (row,) = _history(table, [ACCOUNT, _later(4, **flags)])
    assert (row["valid_to"], row["is_current"]) == (datetime(2026, 7, 4, 9, tzinfo=UTC), False)


def test_without_the_sources_instant_the_start_of_the_load_date_counts(table: TableFactory) -> None:
    gone = {**STRIPE, "is_deleted": True, "date_loaded": date(2026, 7, 6)}
    (row,) = _history(table, customers=[STRIPE, gone], dim=[OF_STRIPE, UNKNOWN])
    assert (row["customer_id"], row["valid_from"]) == ("c-2", CREATED)
    assert row["valid_to"] == datetime(2026, 7, 6, tzinfo=UTC)


def test_no_version_holds_before_the_records_creation(table: TableFactory) -> None:
    created = datetime(2026, 7, 1, 10, tzinfo=UTC)
    rows = _history(table, customers=[{**STRIPE, "created": created}], dim=[OF_STRIPE])
    assert [r["valid_from"] for r in rows] == [created]


def test_one_record_speaks_for_a_customer(table: TableFactory) -> None:
    other = {**ACCOUNT, "record_id": "001Z", "OwnerId": "005Z"}
    (row,) = _history(table, [ACCOUNT, other], [STRIPE])
    assert (row["source_system"], row["owner_id"]) == ("salesforce", "005A")


def test_the_unknown_member_has_no_history(table: TableFactory) -> None:
    assert _history(table, [ACCOUNT], dim=[UNKNOWN]) == []


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        ({"valid_to": CREATED, "is_current": False}, "ends_after_it_begins"),
        ({"is_current": False}, "current_is_open"),
        ({"status": "deleted"}, "status.isin"),
    ],
)
def test_each_rule_fires_alone(table: TableFactory, bad: dict[str, Any], rule: str) -> None:
    (good,) = _history(table, [ACCOUNT])
    row = table(ibis_schema(DimCustomerHistory), [good | bad])
    fired = {r.name for r in row_rules(DimCustomerHistory) if row.filter(~r.holds(row)).count().to_pyarrow().as_py()}
    assert fired == {rule}
