from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from c360.contract import ibis_schema, row_rules
from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.gold.customer.dim_customer_account import DimCustomerAccount, dim_customer_account
from c360.gold.revenue.fct_monthly_revenue import FctMonthlyRevenue
from c360.reference.currencies import Currency
from c360.silver.billing.fct_invoice import FctInvoice
from c360.silver.billing.fct_payment_transaction import FctPaymentTransaction
from c360.silver.billing.fx_rate import FxRate
from c360.silver.crm.fct_opportunity import FctOpportunity
from c360.silver.identity.customer_identity import CustomerIdentity
from c360.silver.identity.dim_customer import DimCustomer
from c360.sources.registry import discover, typed_schema
from tests.conftest import Rows, TableFactory

AS_OF = date(2026, 7, 4)
CUSTOMER = {
    "customer_id": "c-1",
    "display_name": "Acme",
    "name": "Acme",
    "status": "active",
    "is_unknown": False,
    "is_person": False,
    "is_deleted": False,
    "has_salesforce": True,
    "has_stripe": True,
    "is_matched": True,
    "reconciliation_confidence": 0.99,
    "salesforce_account_count": 1,
    "stripe_customer_count": 1,
}
UNKNOWN = {**CUSTOMER, "customer_id": UNKNOWN_CUSTOMER_ID, "display_name": "Unknown", "is_unknown": True}
DEAL = {
    "customer_id": "c-1",
    "amount": Decimal(1000),
    "currency": "usd",
    "probability_share": 0.25,
    "is_closed": False,
    "is_deleted": False,
    "created_date": date(2026, 3, 1),
    "updated_at": datetime(2026, 6, 1, tzinfo=UTC),
}
INVOICE = {
    "customer_id": "c-1",
    "status": "open",
    "currency": "usd",
    "remaining_amount_minor": 2550,
    "created_at": datetime(2026, 5, 1, tzinfo=UTC),
}
MONTH = {"customer_id": "c-1", "month_start_date": date(2026, 7, 1), "subscription_state": "active"}
STRIPE = {"source_account": "acct", "record_id": "cus_1", "is_deleted": False, "currency": "usd"}
IDENTITY = {"source_system": "stripe", "source_account": "acct", "source_id": "cus_1", "customer_id": "c-1"}
RATES = [
    {"rate_date": AS_OF, "currency": "eur", "rate_e12": 1_100_000_000_000},
    {"rate_date": AS_OF, "currency": "jpy", "rate_e12": 6_700_000_000},
    {"rate_date": date(2026, 7, 3), "currency": "eur", "rate_e12": 9_000_000_000_000},
    {"rate_date": date(2026, 7, 3), "currency": "gbp", "rate_e12": 1_300_000_000_000},
]
EXPONENTS = [{"currency": c, "minor_unit_exponent": e} for c, e in (("usd", 2), ("eur", 2), ("gbp", 2), ("jpy", 0))]


def _accounts(
    table: TableFactory,
    customers: Rows = (CUSTOMER, UNKNOWN),
    months: Rows = (),
    deals: Rows = (),
    invoices: Rows = (),
    charges: Rows = (),
    stripe: Rows = (),
) -> dict[str, dict[str, Any]]:
    result = dim_customer_account(
        table(ibis_schema(DimCustomer), customers),
        table(ibis_schema(FctMonthlyRevenue), months),
        table(ibis_schema(FctOpportunity), deals),
        table(ibis_schema(FctInvoice), invoices),
        table(ibis_schema(FctPaymentTransaction), charges),
        table(typed_schema(discover().entities["stripe_customers"]), stripe),
        table(ibis_schema(CustomerIdentity), [IDENTITY]),
        table(ibis_schema(FxRate), RATES),
        table(ibis_schema(Currency), EXPONENTS),
        as_of=AS_OF,
        reporting_zone="UTC",
        reporting_currency="usd",
    )
    rows = result.to_pyarrow().to_pylist()
    assert len(rows) == len(customers)
    return {row["customer_id"]: row for row in rows}


def _of(table: TableFactory, *columns: str, **facts: Rows) -> tuple[Any, ...]:
    row = _accounts(table, **facts)["c-1"]
    return tuple(row[c] for c in columns)


def test_a_customer_without_facts_has_zeros(table: TableFactory) -> None:
    row = _accounts(table)["c-1"]
    numbers = {c: v for c, v in row.items() if c.endswith(("_amount", "_count"))}
    assert {c for c, v in numbers.items() if v} == {"salesforce_account_count", "stripe_customer_count"}
    assert None not in numbers.values()
    assert (row["stripe_status"], row["last_activity_date"]) == ("none", None)
    assert (row["name"], row["reconciliation_confidence"]) == ("Acme", 0.99)


def test_the_unknown_member_is_a_row_like_others(table: TableFactory) -> None:
    rows = _accounts(table, invoices=[{**INVOICE, "customer_id": UNKNOWN_CUSTOMER_ID}])
    assert rows[UNKNOWN_CUSTOMER_ID]["is_unknown"] is True
    assert rows[UNKNOWN_CUSTOMER_ID]["unpaid_amount"] == Decimal("25.5")
    assert rows["c-1"]["unpaid_amount"] == 0


def test_revenue_is_of_all_months_and_mrr_of_the_running_one(table: TableFactory) -> None:
    old = {**MONTH, "month_start_date": date(2026, 6, 1), "subscription_state": "trialing"}
    amounts = {"revenue_amount": Decimal(10), "net_revenue_amount": Decimal(8), "mrr_amount": Decimal(5)}
    before = {**old, "month_start_date": date(2024, 1, 1)}
    months = [{**MONTH, **amounts}, {**old, **amounts, "mrr_amount": Decimal(99)}, before]
    found = _of(table, "revenue_amount", "net_revenue_amount", "mrr_amount", "stripe_status", months=months)
    assert found == (20, 16, 5, "active")


def test_mrr_without_a_rate_is_unknown_not_zero(table: TableFactory) -> None:
    months = [{**MONTH, "mrr_amount": None, "is_rate_missing": True}]
    assert _of(table, "mrr_amount", "is_rate_missing", months=months) == (None, True)
    assert _of(table, "mrr_amount", "is_rate_missing") == (0, False)


def test_partial_mrr_says_so_and_older_months_do_not_matter(table: TableFactory) -> None:
    partial = {"mrr_amount": Decimal(5), "is_mrr_complete": False}
    old = {**MONTH, **partial, "month_start_date": date(2026, 6, 1)}
    whole = {**MONTH, **partial, "is_mrr_complete": True}
    assert _of(table, "mrr_amount", "is_mrr_complete", months=[old, {**MONTH, **partial}]) == (5, False)
    assert _of(table, "mrr_amount", "is_mrr_complete", months=[old, whole]) == (5, True)
    assert _of(table, "mrr_amount", "is_mrr_complete") == (0, True)


def test_pipeline_is_open_deals_weighted_by_their_share(table: TableFactory) -> None:
    deals = [DEAL, {**DEAL, "is_closed": True}, {**DEAL, "is_deleted": True}, {**DEAL, "probability_share": 0.1}]
    found = _of(table, "open_opportunity_count", "open_pipeline_amount", "weighted_pipeline_amount", deals=deals)
    assert found == (2, 2000, 350)


def test_amounts_are_converted_at_the_load_dates_rate(table: TableFactory) -> None:
    deals = [DEAL, {**DEAL, "currency": "eur"}, {**DEAL, "currency": "jpy"}]
    assert _of(table, "open_pipeline_amount", deals=deals) == (Decimal("2106.7"),)


@pytest.mark.parametrize(
    "changes",
    [{"currency": "gbp"}, {"currency": None}, {"amount": None}, {"amount": Decimal(10) ** 14}],
    ids=["no rate today", "no currency", "no amount", "too large"],
)
def test_what_cannot_be_converted_is_counted_and_in_no_sum(table: TableFactory, changes: dict[str, Any]) -> None:
    columns = ("open_pipeline_amount", "open_opportunity_count", "unconverted_opportunity_count")
    assert _of(table, *columns, deals=[DEAL, {**DEAL, **changes}]) == (1000, 2, 1)


def test_unpaid_is_what_is_left_of_open_invoices(table: TableFactory) -> None:
    others = [{**INVOICE, "status": s} for s in ("paid", "draft", "void", "uncollectible")]
    yen = {**INVOICE, "currency": "jpy", "remaining_amount_minor": 1000}
    invoices = [INVOICE, yen, {**INVOICE, "remaining_amount_minor": 0}, {**INVOICE, "currency": "gbp"}, *others]
    found = _of(table, "unpaid_invoice_count", "unpaid_amount", "unconverted_invoice_count", invoices=invoices)
    assert found == (3, Decimal("32.2"), 1)


def test_the_balance_is_signed_and_of_customers_that_are_not_deleted(table: TableFactory) -> None:
    stripe = [
        {**STRIPE, "balance": -5000},
        {**STRIPE, "balance": 700, "source_account": "acct2"},
        {**STRIPE, "balance": 99, "is_deleted": True},
    ]
    rows = _accounts(table, stripe=stripe)
    assert rows["c-1"]["balance_amount"] == -50
    assert rows[UNKNOWN_CUSTOMER_ID]["balance_amount"] == 7


def test_activity_spans_all_facts(table: TableFactory) -> None:
    charge = {"customer_id": "c-1", "created_date": date(2026, 2, 3)}
    facts: dict[str, Rows] = {"deals": [DEAL], "invoices": [INVOICE], "charges": [charge]}
    found = _of(table, "first_activity_date", "last_activity_date", **facts)
    assert found == (date(2026, 2, 3), date(2026, 6, 1))


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        ({"unconverted_opportunity_count": 1}, "unconverted_are_some"),
        ({"unconverted_invoice_count": 1}, "unconverted_are_some"),
        (
            {"first_activity_date": date(2026, 2, 1), "last_activity_date": date(2026, 1, 1)},
            "activities_are_in_order",
        ),
        ({"stripe_status": "happy"}, "stripe_status.isin"),
        ({"revenue_amount": Decimal(-1)}, "revenue_amount.greater_than_or_equal_to"),
    ],
)
def test_each_rule_fires_alone(table: TableFactory, bad: dict[str, Any], rule: str) -> None:
    row = table(ibis_schema(DimCustomerAccount), [_accounts(table)["c-1"] | bad])
    fired = {r.name for r in row_rules(DimCustomerAccount) if row.filter(~r.holds(row)).count().to_pyarrow().as_py()}
    assert fired == {rule}
