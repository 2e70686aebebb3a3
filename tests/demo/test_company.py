import pickle
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from rapidfuzz import fuzz

from c360.demo.company import Company, generate
from c360.demo.identity import AccountDraft, CustomerDraft, Dirt
from c360.demo.identity_dirt import ROLES
from c360.demo.ids import with_checksum
from c360.demo.people import FREE_MAIL, SUFFIXES

DAYS = date(2026, 6, 14), date(2026, 6, 15)


@pytest.fixture(scope="module")
def whole() -> Company:
    return generate()


def normalised(email: str | None) -> str:
    local, _, domain = (email or "").strip().lower().partition("@")
    return f"{local.partition('+')[0]}@{domain.replace('googlemail.com', 'gmail.com')}" if domain else ""


def plain_name(name: str | None) -> str:
    text = " ".join((name or "").lower().replace(",", " ").removeprefix("the ").split())
    for suffix in sorted({one.lower() for many in SUFFIXES.values() for one in many}, key=len, reverse=True):
        text = text.removesuffix(f" {suffix}")
    return text


def has_simple_evidence(account: AccountDraft, customer: CustomerDraft) -> bool:
    if customer.metadata.get("salesforce_account_id", "")[:15] == account.id[:15]:
        return True
    similar = fuzz.ratio(plain_name(account.name), plain_name(customer.name)) >= 85
    mail = normalised(customer.email)
    local, _, domain = mail.partition("@")
    known = {normalised(account.billing_email), *(normalised(email) for _, email in account.contacts)} - {""}
    is_weak = domain in FREE_MAIL or local in ROLES
    if mail in known and (similar or not is_weak):
        return True
    return similar and domain not in FREE_MAIL and domain != "" and domain in (account.website or "")


def share_with_simple_evidence(company: Company) -> float:
    accounts = {draft.id: draft for draft in company.world.parties.accounts}
    followers = {draft.id: draft.master for draft in accounts.values() if draft.master}
    found = set()
    for customer in company.world.parties.customers:
        if customer.account is None:
            continue
        claimed = customer.metadata.get("salesforce_account_id", "")
        if claimed and with_checksum(claimed[:15]) in followers:
            found.add(customer.account.id)
        if has_simple_evidence(customer.account, customer):
            found.add(customer.account.id)
    return len(found & company.truth.expected_accounts) / len(company.truth.expected_accounts)


def test_equal_arguments_give_an_equal_company(company: Company) -> None:
    assert pickle.dumps(generate(accounts=60).world.book) == pickle.dumps(company.world.book)
    assert generate(accounts=60, seed=1).truth.pairs != company.truth.pairs


def test_truth_is_consistent(company: Company) -> None:
    truth = company.truth
    assert {("salesforce", draft.id) for draft in company.world.parties.accounts} <= set(truth.cluster)
    assert {("stripe", identifier) for identifier in company.world.book.records["customers"]} <= set(truth.cluster)
    for account, customer in truth.pairs:
        assert truth.cluster["salesforce", account] == truth.cluster["stripe", customer]
    assert {account for account, _ in truth.pairs} >= truth.expected_accounts
    ids = {system: [source for kind, source in truth.cluster if kind == system] for system in ("salesforce", "stripe")}
    same = sum(
        truth.cluster["salesforce", account] == truth.cluster["stripe", customer]
        for account in ids["salesforce"]
        for customer in ids["stripe"]
    )
    assert same == len(truth.pairs)


def test_expected_accounts_are_marked_in_salesforce(company: Company) -> None:
    for at in (company.world.calendar.cutoffs[1],):
        records = company.world.salesforce.records
        since = date(2025, 6, 1).isoformat()
        rows = [record.state_at(at) or {} for record in records["Opportunity"].values()]
        won = {row["AccountId"] for row in rows if row.get("IsWon") and row["SystemModstamp"] >= since}
        billable = {row["Id"] for r in records["Account"].values() if (row := r.state_at(at) or {}).get("Is_Billable__c")}
        assert won | billable == company.truth.expected_accounts


def test_nothing_happens_between_the_cutoff_and_midnight(company: Company) -> None:
    for records in (company.world.book.records, company.world.salesforce.records):
        instants = [at for kind in records.values() for record in kind.values() for at, _ in record.versions]
        assert not [at for at in instants if at % 86400 >= 22 * 3600 + 1]


def test_versions_are_in_order(company: Company) -> None:
    for kind in company.world.book.records.values():
        for record in kind.values():
            assert all(earlier[0] < later[0] for earlier, later in pairwise(record.versions)), record.id


def test_discounts_of_event_snapshots_can_be_described(whole: Company) -> None:
    """A load knows a discount from an invoice of its window or from the stored subscription."""
    book, at = whole.world.book, whole.world.calendar.cutoffs[0]
    known: set[str] = set()
    for invoice in book.records["invoices"].values():
        if invoice.created >= whole.world.calendar.history_from and (state := invoice.state_at(at)):
            known |= set(state["discounts"])
    for record in book.records["subscriptions"].values():
        known |= set((record.state_at(at) or {"discounts": []})["discounts"])
    for stub in book.events:
        if stub.kind == "subscriptions" and stub.created <= at:
            state = book.records["subscriptions"][stub.object_id].state(stub.version) or {}
            assert set(state["discounts"]) <= known


def test_rates_cover_every_day_in_ecb_layout(company: Company, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    company.write_fx_rates(path)
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    assert header.startswith("Date,USD,JPY,GBP")
    days = [datetime.strptime(row.partition(",")[0], "%Y-%m-%d").date() for row in rows]  # noqa: DTZ007 - days
    assert max(days) == DAYS[1]
    assert all((later - earlier).days <= 5 for later, earlier in pairwise(days))
    assert all(day.weekday() < 5 for day in days)


def test_mrr_is_hidden_in_some_months_but_not_in_most(whole: Company) -> None:
    for day in DAYS:
        ledger = whole.ledger(day)
        assert set(ledger.mrr_true_items) == set(ledger.mrr_observable_items)
        hidden = [key for key, value in ledger.mrr_true_items.items() if ledger.mrr_observable_items[key] != value]
        assert 0 < len(hidden) < 0.05 * len(ledger.mrr_true_items)
        sums: Counter[str] = Counter()
        for (_, month), value in ledger.mrr_true_items.items():
            sums[month] += value  # type: ignore[assignment]
        assert sum(sums.values()) == sum(ledger.mrr_true.values(), Decimal(0))
        assert ledger.mrr_true["2026-06", "usd"] == ledger.mrr_observable["2026-06", "usd"]


@pytest.mark.parametrize(("level", "low", "high"), [("default", 0.99, 1.0), ("heavy", 0.5, 0.9)])
def test_simple_evidence(level: Dirt, low: float, high: float, whole: Company) -> None:
    company = whole if level == "default" else generate(accounts=400, dirt=level)
    assert low <= share_with_simple_evidence(company) <= high


def test_every_kind_of_dirt_occurs(whole: Company) -> None:
    records, at = whole.world.book.records, whole.world.calendar.cutoffs[1]
    live = {kind: [state for record in many.values() if (state := record.state_at(at))] for kind, many in records.items()}
    subscriptions, invoices = live["subscriptions"], live["invoices"]
    wanted = {"active", "trialing", "past_due", "unpaid", "canceled", "paused", "incomplete_expired"}
    assert wanted <= {one["status"] for one in subscriptions}
    assert "incomplete" in whole.ledger(DAYS[0]).subscriptions
    behaviors = {one["pause_collection"]["behavior"] for one in subscriptions if one["pause_collection"]}
    assert behaviors == {"void", "mark_uncollectible", "keep_as_draft"}
    assert any(len(one["discounts"]) > 1 for one in subscriptions)
    assert any(one["cancel_at_period_end"] and one["status"] == "active" for one in subscriptions)
    assert {one["status"] for one in invoices} == {"draft", "open", "paid", "void", "uncollectible"}
    assert any(one["paid_out_of_band"] for one in invoices)
    assert any(one["starting_balance"] < 0 for one in invoices)
    assert any(len(one["lines"]) > 10 for one in invoices)
    assert any(one["attempt_count"] > 1 and one["status"] == "paid" for one in invoices)
    assert any(line["amount"] < 0 for one in invoices for line in one["lines"])
    assert {one["currency"] for one in invoices} == {"usd", "eur", "gbp", "jpy"}
    assert {one["status"] for one in live["charges"]} == {"succeeded", "failed"}
    assert {one["status"] for one in live["refunds"]} >= {"succeeded", "failed"}
    assert {one["status"] for one in live["disputes"]} == {"won", "lost", "needs_response"}
    assert any(one["out_of_band_amount"] for one in live["credit_notes"])
    assert any(one["customer_balance_transaction"] for one in live["credit_notes"])
    assert {one["payment"]["type"] for one in live["invoice_payments"]} == {"payment_intent", "charge"}
    assert {draft.role for draft in whole.world.parties.accounts} >= {"loser", "subsidiary", "person", "agency", "null_name"}
    assert any(one["name"] is None for one in live["customers"])
    lengths = Counter(len(one["metadata"].get("salesforce_account_id", "")) for one in live["customers"])
    assert min(lengths[15], lengths[18], lengths[0]) > 100
    mails = Counter(normalised(one["email"]) for one in live["customers"] if one["email"])
    assert any(mail.endswith("@gmail.com") and count > 1 for mail, count in mails.items())
