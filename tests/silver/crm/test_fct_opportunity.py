from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from c360.contract import ibis_schema, row_rules
from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.silver.crm.fct_opportunity import FctOpportunity, fct_opportunity
from c360.silver.identity.customer_identity import CustomerIdentity
from c360.sources.registry import discover, typed_schema
from tests.conftest import Rows, TableFactory

ENTITIES = discover().entities
ORG = {"source_system": "salesforce", "source_account": "00D", "is_deleted": False}
DEAL = {
    **ORG,
    "record_id": "006A",
    "payload_hash": "h1",
    "date_loaded": date(2026, 7, 1),
    "AccountId": "001A",
    "OwnerId": "005A",
    "Name": "Acme - call Jane on +49 221 555",
    "StageName": "Proposal",
    "Amount": Decimal("1234.56"),
    "CurrencyIsoCode": "EUR",
    "Probability": Decimal("35"),
    "CreatedDate": datetime(2026, 5, 1, 2, tzinfo=UTC),
    "CloseDate": date(2026, 8, 1),
    "IsClosed": False,
    "IsWon": False,
}
USER = {**ORG, "record_id": "005A", "Name": "Pat Seller"}
IDENTITY = {"source_system": "salesforce", "source_account": "00D", "source_id": "001A", "customer_id": "c-1"}


def _opportunities(
    table: TableFactory,
    deals: Rows,
    identities: Rows = (IDENTITY,),
    currency: str | None = "USD",
    zone: str = "UTC",
    only_currency: str = "",
    accounts: Rows = (),
) -> list[dict[str, Any]]:
    def bronze(name: str, rows: Rows) -> Any:
        return table(typed_schema(ENTITIES[name]), rows)

    result = fct_opportunity(
        bronze("salesforce_opportunities", deals),
        bronze("salesforce_users", [USER]),
        bronze("salesforce_organization", [{**ORG, "record_id": "00D", "DefaultCurrencyIsoCode": currency}]),
        bronze("salesforce_accounts", accounts),
        table(ibis_schema(CustomerIdentity), identities),
        reporting_zone=zone,
        salesforce_currency=only_currency,
    )
    return result.to_pyarrow().to_pylist()


def _one(table: TableFactory, **changes: Any) -> dict[str, Any]:
    (row,) = _opportunities(table, [{**DEAL, **changes}])
    return row


def test_an_open_deal(table: TableFactory) -> None:
    row = _one(table)
    assert row["customer_id"] == "c-1"
    assert row["unknown_customer_reason"] is None
    assert (row["amount"], row["currency"], row["probability_share"]) == (Decimal("1234.56"), "eur", 0.35)
    assert (row["owner_id"], row["owner_name"], row["stage"]) == ("005A", "Pat Seller", "Proposal")
    assert (row["is_closed"], row["is_won"], row["days_to_close"]) == (False, False, None)
    assert (row["record_id"], row["payload_hash"], row["date_loaded"]) == ("006A", "h1", date(2026, 7, 1))


def test_the_free_text_name_is_left_out(table: TableFactory) -> None:
    assert "Jane" not in repr(_one(table))


@pytest.mark.parametrize(("percent", "share"), [("0", 0.0), ("10", 0.1), ("33.3", 0.333), ("100", 1.0), (None, None)])
def test_percent_becomes_a_share(table: TableFactory, percent: str | None, share: float | None) -> None:
    assert _one(table, Probability=percent and Decimal(percent))["probability_share"] == share


@pytest.mark.parametrize(
    ("close_date", "days"), [(date(2026, 5, 31), 30), (date(2026, 5, 1), 0), (date(2026, 4, 1), 0), (None, None)]
)
def test_days_to_close_are_never_negative(table: TableFactory, close_date: date | None, days: int | None) -> None:
    assert _one(table, IsClosed=True, IsWon=True, CloseDate=close_date)["days_to_close"] == days


def test_the_reporting_zone_decides_the_day_it_was_entered(table: TableFactory) -> None:
    (row,) = _opportunities(table, [DEAL], zone="America/New_York")
    assert row["created_date"] == date(2026, 4, 30)
    assert row["created_at"] == DEAL["CreatedDate"]


@pytest.mark.parametrize(("own", "default", "wanted"), [("JPY", "USD", "jpy"), (None, "USD", "usd"), (None, None, None)])
def test_without_a_currency_of_its_own_the_organisations_counts(
    table: TableFactory, own: str | None, default: str | None, wanted: str | None
) -> None:
    (row,) = _opportunities(table, [{**DEAL, "CurrencyIsoCode": own}], currency=default)
    assert row["currency"] == wanted


def test_the_setting_tells_the_currency_of_an_organisation_with_one(table: TableFactory) -> None:
    (row,) = _opportunities(table, [{**DEAL, "CurrencyIsoCode": None}], currency=None, only_currency="GBP")
    assert row["currency"] == "gbp"


@pytest.mark.parametrize(("account", "reason"), [(None, "no_customer_on_record"), ("001X", "customer_not_stored")])
def test_a_deal_without_customer_points_to_the_unknown_member(table: TableFactory, account: str | None, reason: str) -> None:
    row = _one(table, AccountId=account)
    assert (row["customer_id"], row["unknown_customer_reason"]) == (UNKNOWN_CUSTOMER_ID, reason)


def test_a_deal_of_a_quarantined_account_says_so(table: TableFactory) -> None:
    (row,) = _opportunities(table, [{**DEAL, "AccountId": "001N"}], accounts=[{**ORG, "record_id": "001N"}])
    assert row["customer_id"] == UNKNOWN_CUSTOMER_ID
    assert row["unknown_customer_reason"] == "customer_quarantined"


def test_deals_of_a_merged_account_follow_its_survivor(table: TableFactory) -> None:
    loser = {**IDENTITY, "source_id": "001L", "master_id": "001A"}
    rows = _opportunities(table, [DEAL, {**DEAL, "record_id": "006B", "AccountId": "001L"}], [IDENTITY, loser])
    assert [r["customer_id"] for r in rows] == ["c-1", "c-1"]


@pytest.mark.parametrize("flags", [{"is_deleted": True}, {"IsDeleted": True}])
def test_a_deleted_deal_stays_and_is_marked(table: TableFactory, flags: dict[str, bool]) -> None:
    assert _one(table, **flags)["is_deleted"] is True


def test_equal_ids_of_two_organisations_stay_apart(table: TableFactory) -> None:
    rows = _opportunities(table, [DEAL, {**DEAL, "source_account": "00X"}])
    assert sorted((r["source_account"], r["customer_id"], r["owner_name"]) for r in rows) == [
        ("00D", "c-1", "Pat Seller"),
        ("00X", UNKNOWN_CUSTOMER_ID, None),
    ]


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        ({"is_won": True}, "won_is_closed"),
        ({"days_to_close": 3}, "only_closed_deals_took_days"),
        ({"probability_share": 35.0}, "probability_share.less_than_or_equal_to"),
        ({"currency": "EUR"}, "currency.str_matches"),
    ],
)
def test_each_rule_fires_alone(table: TableFactory, bad: dict[str, Any], rule: str) -> None:
    row = table(ibis_schema(FctOpportunity), [_one(table) | bad])
    fired = {r.name for r in row_rules(FctOpportunity) if row.filter(~r.holds(row)).count().to_pyarrow().as_py()}
    assert fired == {rule}
