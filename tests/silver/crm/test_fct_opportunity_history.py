from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from c360.silver.crm.fct_opportunity_history import fct_opportunity_history
from c360.sources.registry import discover, typed_schema
from tests.conftest import Rows, TableFactory

ENTITIES = discover().entities
CREATED = datetime(2026, 1, 5, 8, tzinfo=UTC)
DEAL = {
    "source_system": "salesforce",
    "source_account": "00D",
    "record_id": "006A",
    "payload_hash": "h1",
    "date_loaded": date(2026, 7, 1),
    "is_deleted": False,
    "source_updated_at": datetime(2026, 6, 1, tzinfo=UTC),
    "CreatedDate": CREATED,
    "StageName": "Proposal",
    "Amount": Decimal(100),
    "CurrencyIsoCode": "EUR",
    "Probability": Decimal(35),
    "CloseDate": date(2026, 8, 1),
    "IsClosed": False,
    "IsWon": False,
}


def _history(table: TableFactory, *versions: Any, currency: str | None = None) -> list[dict[str, Any]]:
    result = fct_opportunity_history(
        table(typed_schema(ENTITIES["salesforce_opportunities"]), versions),
        table(typed_schema(ENTITIES["salesforce_organization"]), [{"source_account": "00D", "DefaultCurrencyIsoCode": currency}]),
        salesforce_currency="USD",
    )
    return result.order_by("opportunity_id", "valid_from").to_pyarrow().to_pylist()


def _later(day: int, **changes: Any) -> dict[str, Any]:
    at = datetime(2026, 7, day, 9, tzinfo=UTC)
    return {**DEAL, "payload_hash": f"h{day}", "date_loaded": date(2026, 7, day), "source_updated_at": at, **changes}


def _columns(rows: Rows, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_the_first_version_stands_for_the_time_since_the_deal_was_entered(table: TableFactory) -> None:
    (row,) = _history(table, DEAL)
    assert (row["valid_from"], row["changed_at"], row["valid_to"]) == (CREATED, DEAL["source_updated_at"], None)
    assert (row["amount"], row["currency"], row["probability_share"], row["is_current"]) == (Decimal(100), "eur", 0.35, True)
    assert (row["opportunity_id"], row["record_id"], row["payload_hash"]) == ("006A", "006A", "h1")


def test_a_change_opens_a_row_and_what_is_not_tracked_does_not(table: TableFactory) -> None:
    dearer = _later(3, Amount=Decimal(250), Probability=Decimal(60))
    rows = _history(table, dearer, _later(4, Amount=Decimal(250), Probability=Decimal(60), OwnerId="005B"), DEAL)
    changed_at = dearer["source_updated_at"]
    assert _columns(rows, "valid_from", "valid_to", "amount", "probability_share", "payload_hash", "is_current") == [
        (CREATED, changed_at, Decimal(100), 0.35, "h1", False),
        (changed_at, None, Decimal(250), 0.6, "h3", True),
    ]


def test_a_deletion_ends_the_history_and_a_return_goes_on(table: TableFactory) -> None:
    rows = _history(table, DEAL, _later(3, IsDeleted=True), _later(5))
    assert [row["valid_to"] and row["valid_to"].day for row in rows] == [3, None]
    assert rows[1]["valid_from"].day == 5
    assert len(_history(table, DEAL, _later(3, is_deleted=True))) == 1


def test_a_version_without_an_instant_of_change_holds_from_its_load(table: TableFactory) -> None:
    rows = _history(table, DEAL, _later(3, source_updated_at=None, Amount=Decimal(1)))
    assert rows[1]["valid_from"] == datetime(2026, 7, 3, tzinfo=UTC)


def test_the_currency_is_that_of_the_record_else_of_the_organisation_else_the_settings(table: TableFactory) -> None:
    plain = {**DEAL, "CurrencyIsoCode": None}
    assert [_history(table, plain, currency=c)[0]["currency"] for c in ("JPY", None)] == ["jpy", "usd"]
