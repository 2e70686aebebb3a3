from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from c360.contract import ibis_schema, row_rules
from c360.engines.duckdb_session import DuckDBSession
from c360.gold.sales.fct_pipeline import FctPipeline, fct_pipeline
from c360.silver.crm.fct_opportunity import FctOpportunity
from c360.silver.crm.fct_opportunity_history import FctOpportunityHistory
from tests.conftest import Rows, TableFactory
from tests.queries import rows_of

AS_OF = date(2026, 7, 4)
MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
CREATED = datetime(2026, 5, 10, 12, tzinfo=UTC)
DEAL = {
    "source_account": "00D",
    "opportunity_id": "006A",
    "customer_id": "c-1",
    "salesforce_account_id": "001A",
    "amount": Decimal(1000),
    "currency": "usd",
    "probability_share": 0.25,
    "close_date": date(2026, 8, 1),
    "is_closed": False,
    "is_won": False,
    "is_deleted": False,
}
WON = {"is_closed": True, "is_won": True, "close_date": date(2026, 6, 20), "days_to_close": 41, "probability_share": 1.0}
LOST = {**WON, "is_won": False, "probability_share": 0.0}
STRETCH = {**DEAL, "valid_from": CREATED, "changed_at": CREATED}


Pipeline = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def session() -> Iterator[DuckDBSession]:
    opened = DuckDBSession()
    yield opened
    opened.close()


@pytest.fixture
def pipeline(session: DuckDBSession) -> Pipeline:
    """`pipeline(deals, stretches)`: rows in order; without stretches nothing is stored of what a deal was."""

    def rows(deals: Rows, stretches: Rows | None = None, **params: Any) -> list[dict[str, Any]]:
        history = [_as_it_is(deal) for deal in deals] if stretches is None else stretches
        inputs = {
            "fct_opportunity": (ibis_schema(FctOpportunity), deals),
            "fct_opportunity_history": (ibis_schema(FctOpportunityHistory), history),
        }
        given = {"history_from": date(2025, 7, 1), "as_of": AS_OF, "reporting_zone": "UTC", **params}
        return rows_of(session, fct_pipeline, inputs, ("salesforce_account_id", "currency", "month_start_date"), **given)

    return rows


def _as_it_is(deal: Mapping[str, Any]) -> dict[str, Any]:
    """One version since `CREATED`, made when the deal was closed."""
    closed_at = datetime.combine(deal["close_date"], time(12), UTC)
    return {**deal, "valid_from": CREATED, "changed_at": closed_at if deal["is_closed"] else CREATED}


def _of(rows: Rows, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[c] for c in columns) for row in rows]


def test_an_open_deal_is_in_every_month_end_since_it_was_entered(pipeline: Pipeline) -> None:
    rows = pipeline([DEAL])
    assert _of(rows, "month_start_date", "open_count", "open_amount") == [(m, 1, 1000) for m in (MAY, JUNE, JULY)]
    assert {(row["customer_id"], row["won_count"], row["win_rate_share"], row["mean_days_to_close"]) for row in rows} == {
        ("c-1", 0, None, None)
    }


def test_the_weight_is_a_share_not_a_percent(pipeline: Pipeline) -> None:
    deals = [DEAL, {**DEAL, "opportunity_id": "006B", "amount": Decimal("0.30"), "probability_share": 0.35}]
    (_, _, july) = pipeline(deals)
    assert (july["weighted_amount"], july["open_amount"]) == (Decimal("250.11"), Decimal("1000.30"))  # 250 + 0.105 up to 0.11
    certain = pipeline([{**DEAL, "probability_share": 1.0}])[-1]
    assert certain["weighted_amount"] == certain["open_amount"]


def test_a_decided_deal_is_open_until_the_month_before_its_close_date(pipeline: Pipeline) -> None:
    rows = pipeline([{**DEAL, **WON}])
    assert _of(rows, "month_start_date", "open_count", "won_count", "won_amount") == [
        (MAY, 1, 0, 0),
        (JUNE, 0, 1, 1000),
        (JULY, 0, 0, 0),
    ]


def test_what_closed_on_the_last_day_of_the_month_is_not_open_at_its_end(pipeline: Pipeline) -> None:
    rows = pipeline([{**DEAL, **WON, "close_date": date(2026, 5, 31)}])
    assert _of(rows, "open_count", "won_count") == [(0, 1), (0, 0), (0, 0)]


def test_amount_and_probability_are_those_of_the_time(pipeline: Pipeline) -> None:
    grown = datetime(2026, 6, 15, tzinfo=UTC)
    before = {**STRETCH, "valid_to": grown, "amount": Decimal(400), "probability_share": 0.5}
    rows = pipeline([DEAL], [before, {**STRETCH, "valid_from": grown, "changed_at": grown}])
    assert _of(rows, "open_amount", "weighted_amount", "open_assumed_count") == [(400, 200, 0), (1000, 250, 0), (1000, 250, 0)]


def test_what_a_later_version_stands_for_is_counted_as_assumed(pipeline: Pipeline) -> None:
    rows = pipeline([DEAL], [{**STRETCH, "changed_at": datetime(2026, 6, 15, tzinfo=UTC)}])
    assert _of(rows, "open_count", "open_assumed_count") == [(1, 1), (1, 0), (1, 0)]


def test_a_probability_after_the_decision_is_no_weight_before_it(pipeline: Pipeline) -> None:
    (may, *_) = pipeline([{**DEAL, **WON}])
    assert (may["open_count"], may["open_amount"], may["weighted_amount"], may["open_unweighted_count"]) == (1, 1000, 0, 1)


def test_a_closing_entered_later_takes_the_deal_out_of_the_months_since(pipeline: Pipeline) -> None:
    entered = datetime(2026, 7, 2, tzinfo=UTC)
    stretches = [{**STRETCH, "valid_to": entered}, {**STRETCH, **WON, "valid_from": entered, "changed_at": entered}]
    rows = pipeline([{**DEAL, **WON}], stretches)
    assert _of(rows, "open_count", "won_count") == [(1, 0), (0, 1), (0, 0)]


def test_a_deal_closed_before_its_close_date_is_not_open_and_decided_in_the_month_of_that_date(pipeline: Pipeline) -> None:
    closed_at = datetime(2026, 5, 20, tzinfo=UTC)
    lost = {**DEAL, **LOST, "close_date": date(2026, 7, 30)}
    stretches = [{**STRETCH, "valid_to": closed_at}, {**STRETCH, **lost, "valid_from": closed_at, "changed_at": closed_at}]
    rows = pipeline([lost, {**DEAL, "opportunity_id": "006B"}], [*stretches, {**STRETCH, "opportunity_id": "006B"}])
    assert _of(rows, "month_start_date", "open_count", "lost_count") == [(MAY, 1, 0), (JUNE, 1, 0), (JULY, 1, 1)]


def test_a_deal_opened_again_was_not_open_while_it_was_closed(pipeline: Pipeline) -> None:
    lost_at, again = datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC)
    stretches = [
        {**STRETCH, "valid_to": lost_at},
        {**STRETCH, **LOST, "close_date": date(2026, 5, 20), "valid_from": lost_at, "changed_at": lost_at, "valid_to": again},
        {**STRETCH, "valid_from": again, "changed_at": again},
    ]
    rows = pipeline([DEAL], stretches)
    assert _of(rows, "month_start_date", "open_count") == [(JUNE, 1), (JULY, 1)]


def test_win_rates_and_days_to_close(pipeline: Pipeline) -> None:
    deals = [
        {**DEAL, **WON, "amount": Decimal(300), "days_to_close": 0},
        {**DEAL, **WON, "opportunity_id": "006B", "amount": None, "days_to_close": None},
        {**DEAL, **LOST, "opportunity_id": "006C", "amount": Decimal(900), "days_to_close": 5},
    ]
    (_, june, july) = pipeline(deals)
    assert (june["won_count"], june["lost_count"], june["decided_unvalued_count"]) == (2, 1, 1)
    assert (june["win_rate_share"], june["win_rate_amount_share"]) == (2 / 3, 0.25)
    assert (june["mean_days_to_close"], june["total_days_to_close"], june["timed_count"]) == (2.5, 5, 2)
    assert (july["win_rate_share"], july["win_rate_amount_share"], july["mean_days_to_close"]) == (None, None, None)


def test_a_win_rate_by_amount_needs_amounts_that_are_not_negative(pipeline: Pipeline) -> None:
    credit = {**DEAL, **LOST, "opportunity_id": "006C", "amount": Decimal(-900)}
    for deals in ([{**DEAL, **WON, "amount": Decimal(0)}], [{**DEAL, **WON}, credit]):
        june = pipeline(deals)[1]
        assert june["win_rate_amount_share"] is None
        assert june["win_rate_share"] is not None


def test_currencies_and_accounts_are_apart(pipeline: Pipeline) -> None:
    others = [{**DEAL, "currency": None}, {**DEAL, "salesforce_account_id": None, "customer_id": "c-0", "opportunity_id": "006B"}]
    rows = [row for row in pipeline([DEAL, *others][1:]) if row["month_start_date"] == JULY]
    assert _of(rows, "salesforce_account_id", "customer_id", "currency", "open_count") == [
        ("001A", "c-1", "xxx", 1),
        ("none", "c-0", "usd", 1),
    ]


def test_deleted_deals_count_nowhere_and_deals_without_amount_are_counted(pipeline: Pipeline) -> None:
    assert pipeline([{**DEAL, "is_deleted": True}]) == []
    for amount in (None, Decimal(90_000_000_001)):
        july = pipeline([{**DEAL, "amount": amount}])[-1]
        counts = (july["open_count"], july["open_unvalued_count"], july["open_unweighted_count"])
        assert (*counts, july["open_amount"], july["weighted_amount"]) == (1, 1, 1, 0, 0)


def test_no_row_lies_before_the_history_or_after_the_load(pipeline: Pipeline) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    deals = [DEAL, {**DEAL, **WON, "opportunity_id": "006B", "close_date": date(2026, 5, 31)}]
    later = {**DEAL, **WON, "opportunity_id": "006C", "close_date": date(2026, 8, 3)}
    stretches = [{**_as_it_is(deal), "valid_from": old} for deal in (*deals, later)]
    rows = pipeline([*deals, later], stretches, history_from=date(2026, 6, 10))
    assert _of(rows, "month_start_date", "open_count", "won_count") == [(JUNE, 2, 0), (JULY, 2, 0)]


@pytest.mark.parametrize(("zone", "months"), [("UTC", [JUNE, JULY]), ("America/New_York", [MAY, JUNE, JULY])])
def test_the_day_a_deal_was_entered_is_one_of_the_reporting_zone(pipeline: Pipeline, zone: str, months: list[date]) -> None:
    night = datetime(2026, 6, 1, 2, tzinfo=UTC)
    rows = pipeline([DEAL], [{**STRETCH, "valid_from": night}], reporting_zone=zone)
    assert [row["month_start_date"] for row in rows] == months


def test_rows_keep_the_contract(pipeline: Pipeline, table: TableFactory) -> None:
    deals = [DEAL, {**DEAL, **WON, "opportunity_id": "006B"}, {**DEAL, **LOST, "opportunity_id": "006C", "amount": Decimal(-5)}]
    rows = table(ibis_schema(FctPipeline), pipeline(deals))
    broken = {rule.name for rule in row_rules(FctPipeline) if False in rule.holds(rows).to_pyarrow().to_pylist()}
    assert broken == set()
