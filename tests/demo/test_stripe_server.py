from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import stripe

from c360.demo.company import Company
from c360.demo.server import DemoServer
from tests.demo.conftest import FIRST_LOAD, SECOND_LOAD

Listed = Callable[..., list[dict[str, Any]]]
KINDS = (
    "customers",
    "invoices",
    "charges",
    "products",
    "prices",
    "refunds",
    "disputes",
    "credit_notes",
    "balance_transactions",
    "coupons",
    "invoice_payments",
)


def month(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m")


@pytest.mark.parametrize("kind", KINDS)
def test_lists_contain_everything_that_is_visible(kind: str, company: Company, listed: Listed) -> None:
    at = int(FIRST_LOAD.timestamp())
    wanted = {record.id for record in company.world.book.records[kind].values() if record.state_at(at)}
    found = listed(kind)
    assert {one["id"] for one in found} == wanted
    assert [(one["created"], one["id"]) for one in found] == sorted(((one["created"], one["id"]) for one in found), reverse=True)


def test_subscriptions_hide_canceled_ones_by_default(company: Company, listed: Listed) -> None:
    statuses = Counter(one["status"] for one in listed("subscriptions", status="all"))
    assert statuses == company.ledger(date(2026, 6, 14)).subscriptions
    assert "canceled" not in {one["status"] for one in listed("subscriptions")}


@pytest.mark.parametrize("load", [FIRST_LOAD, SECOND_LOAD])
def test_served_money_equals_the_ledger(load: datetime, company: Company, server: DemoServer, listed: Listed) -> None:
    server.set_now(load)
    ledger = company.ledger(load.date())
    start = int(datetime(2025, 6, 1, tzinfo=UTC).timestamp())
    invoices = listed("invoices", expand=["data.payments"])
    revenue: Counter[tuple[str, str]] = Counter()
    for invoice in invoices:
        paid_at = invoice["status_transitions"]["paid_at"]
        if invoice["status"] == "paid" and paid_at >= start and invoice["amount_paid"]:
            revenue[month(paid_at), invoice["currency"]] += invoice["amount_paid"]
        paid = sum(payment["amount_paid"] or 0 for payment in invoice["payments"]["data"])
        assert invoice["paid_out_of_band"] or paid == invoice["amount_paid"], invoice["id"]
    assert revenue == ledger.revenue_minor
    unpaid = [one for one in invoices if one["status"] == "open" and one["amount_remaining"] > 0]
    assert Counter(one["currency"] for one in unpaid) == {currency: count for currency, (count, _) in ledger.unpaid.items()}
    assert min(one["created"] for one in unpaid) >= start
    refunds: Counter[tuple[str, str]] = Counter()
    for refund in listed("refunds"):
        if refund["status"] == "succeeded" and refund["created"] >= start:
            refunds[month(refund["created"]), refund["currency"]] += refund["amount"]
    assert refunds == ledger.refunds_minor
    lost: Counter[tuple[str, str]] = Counter()
    for dispute in listed("disputes"):
        closed_at = max((one["created"] for one in dispute["balance_transactions"]), default=0)
        if dispute["status"] == "lost" and closed_at >= start:
            lost[month(closed_at), dispute["currency"]] += dispute["amount"]
    assert lost == ledger.disputes_lost_minor


def test_invoices_of_the_window_are_those_with_money_in_it(company: Company, listed: Listed) -> None:
    """What was invoiced earlier and paid inside the window is found by the payments made inside it."""
    start = int(datetime(2025, 6, 1, tzinfo=UTC).timestamp())
    inside = {one["id"] for one in listed("invoices", created={"gte": start})}
    inside |= {one["invoice"] for one in listed("invoice_payments", created={"gte": start - 40 * 86400})}
    for invoice in listed("invoices"):
        if (invoice["status_transitions"]["paid_at"] or 0) >= start:
            assert invoice["id"] in inside


def test_lines_and_items_add_up_over_nested_pages(stripe_client: stripe.StripeClient, listed: Listed) -> None:
    long = [one for one in listed("invoices") if one["lines"]["has_more"]]
    assert long
    for invoice in long:
        lines = list(stripe_client.v1.invoices.line_items.list(invoice["id"], {"limit": 5}).auto_paging_iter())
        assert len(lines) == invoice["lines"]["total_count"] > len(invoice["lines"]["data"])
        assert sum(line.amount for line in lines) == invoice["subtotal"]
    bundle = next(one for one in listed("subscriptions", status="all") if one["items"]["has_more"])
    items = list(stripe_client.v1.subscription_items.list({"subscription": bundle["id"]}).auto_paging_iter())
    assert len(items) == 12


def test_settlement_ties_to_its_source(listed: Listed) -> None:
    charges = {one["id"]: one for one in listed("charges")}
    for transaction in listed("balance_transactions", type="charge"):
        rate = transaction["exchange_rate"] or 1
        assert abs(transaction["amount"] - charges[transaction["source"]]["amount"] * float(rate)) <= 0.5000001
        assert transaction["net"] == transaction["amount"] - transaction["fee"]


def test_expansions_show_discounts_and_coupons(stripe_client: stripe.StripeClient, listed: Listed) -> None:
    discounted = listed("subscriptions", status="all", expand=["data.discounts", "data.discounts.source.coupon"])
    coupons = [discount["source"]["coupon"] for one in discounted for discount in one["discounts"]]
    assert {"forever", "repeating"} <= {coupon["duration"] for coupon in coupons}
    invoice = next(one for one in listed("invoices") if one["discounts"])
    assert isinstance(invoice["discounts"][0], str)
    whole = stripe_client.v1.invoices.retrieve(invoice["id"], {"expand": ["discounts.source.coupon", "customer", "payments"]})
    assert whole.to_dict()["discounts"][0]["source"]["coupon"]["object"] == "coupon"
    assert whole.to_dict()["customer"]["object"] == "customer"
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        stripe_client.v1.invoices.retrieve(invoice["id"], {"expand": ["nothing"]})


def test_second_day_deletes_and_tells(server: DemoServer, stripe_client: stripe.StripeClient, listed: Listed) -> None:
    before = {one["id"] for one in listed("customers")}
    server.set_now(SECOND_LOAD)
    gone = before - {one["id"] for one in listed("customers")}
    assert 3 <= len(gone) <= 10
    told = {one["data"]["object"]["id"] for one in listed("events", type="customer.deleted")}
    assert len(told - gone) == 1  # and one before the first load
    assert gone < told
    assert stripe_client.v1.customers.retrieve(gone.pop()).to_dict()["deleted"] is True


def test_late_arrivals_are_older_than_two_days_when_first_seen(server: DemoServer, listed: Listed) -> None:
    before = {one["id"] for one in listed("charges")}
    server.set_now(SECOND_LOAD)
    new = [one["created"] for one in listed("charges") if one["id"] not in before]
    late = [at for at in new if at < SECOND_LOAD.timestamp() - 2.5 * 86400]
    assert 3 <= len(late) <= 10


def test_events_of_thirty_days_with_what_changed(server: DemoServer, listed: Listed) -> None:
    events = listed("events")
    floor = FIRST_LOAD.timestamp() - 30 * 86400
    assert all(floor <= one["created"] <= FIRST_LOAD.timestamp() for one in events)
    updates = [one for one in events if one["type"] == "customer.subscription.updated"]
    assert updates
    assert all(one["data"]["previous_attributes"] for one in updates)
    assert all(one["data"]["object"]["items"]["has_more"] is False for one in updates)


def test_pages_repeat_records(stripe_client: stripe.StripeClient) -> None:
    ids = [one.id for one in stripe_client.v1.events.list({"limit": 10}).auto_paging_iter()]
    assert len(ids) > len(set(ids))


def test_errors_are_stripes(server: DemoServer, stripe_client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such customer: 'cus_none'") as missing:
        stripe_client.v1.customers.retrieve("cus_none")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter: colour"):
        stripe_client.v1.customers.list({"colour": "red"})  # type: ignore[typeddict-unknown-key]
    with pytest.raises(stripe.InvalidRequestError, match="less than or equal to 100"):
        stripe_client.v1.customers.list({"limit": 101})
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("sk_test_wrong", base_addresses={"api": server.stripe_url}).v1.customers.list()
