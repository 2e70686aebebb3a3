"""What Stripe's balance says ties to charges, refunds and disputes, and what does not is told line by line."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from ibis.backends.duckdb import Backend

from c360.gold.revenue.balance_tie_out import balance_tie_out
from c360.gold.revenue.balance_tie_out_line import balance_tie_out_line
from tests.billing import ACCOUNT, CURRENCIES, Pipeline, Row, at

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)
TIED = ("paid", "refunded", "disputed")


def moved(name: str, kind: str, amount: int, source: Row | None = None, **fields: Any) -> Row:
    """A balance transaction in US cents on 10 May, of a source in its own currency."""
    fee = fields.get("fee_amount_minor", 0)
    row = {"source_account": ACCOUNT, "balance_transaction_id": f"txn_{name}", "transaction_type": kind, "currency": "usd"}
    row |= {"amount_minor": amount, "fee_amount_minor": fee, "net_amount_minor": amount - fee, "created_at": at("2026-05-10")}
    row |= {"reporting_category": kind, "source_type": "other"}
    if source:
        found = next((kind, column) for kind, column in IDS.items() if column in source)
        sign = 1 if found[0] == "charge" or (found[0] == "dispute" and amount > 0) else -1
        row |= {"source_type": found[0], "source_id": source[found[1]], "source_currency": source["currency"]}
        row |= {"source_amount_minor": sign * source["amount_minor"]}
    return row | fields


IDS = {"charge": "charge_id", "refund": "refund_id", "dispute": "dispute_id"}


def charge(name: str, amount: int, status: str = "paid", currency: str = "usd") -> Row:
    row = {"source_account": ACCOUNT, "charge_id": f"ch_{name}", "amount_minor": amount, "currency": currency}
    return row | {"payment_status": status, "created_date": date(2026, 5, 10)}


def refund(name: str, amount: int, currency: str = "usd", **fields: Any) -> Row:
    row = {"source_account": ACCOUNT, "refund_id": f"re_{name}", "amount_minor": amount, "currency": currency}
    return row | {"is_succeeded": True, "refund_date": date(2026, 5, 12)} | fields


def dispute(name: str, amount: int, *, is_lost: bool, currency: str = "usd") -> Row:
    row = {"source_account": ACCOUNT, "dispute_id": f"du_{name}", "amount_minor": amount, "currency": currency}
    return row | {"is_lost": is_lost, "closed_date": date(2026, 6, 2)}


class TieOut:
    """Both tables of the same rows; `summary` by month and currency, `lines` by their id."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def __call__(
        self,
        transactions: Sequence[Row],
        charges: Sequence[Row] = (),
        refunds: Sequence[Row] = (),
        disputes: Sequence[Row] = (),
        zone: str = "UTC",
    ) -> None:
        inputs: dict[str, Sequence[Row]] = {"fct_balance_transaction": transactions, "fct_payment_transaction": charges}
        inputs |= {"fct_refund": refunds, "fct_dispute": disputes, "currency": CURRENCIES}
        summary = self.pipeline.run(balance_tie_out, inputs, reporting_zone=zone)
        lines = self.pipeline.run(balance_tie_out_line, inputs, reporting_zone=zone)
        self.summary = {(row["month_start_date"], row["currency"]): row for row in summary}
        self.lines = {row["line_id"]: row for row in lines}
        assert (len(self.summary), len(self.lines)) == (len(summary), len(lines))
        for row in summary:
            self._check(row)

    @property
    def reasons(self) -> dict[str, str]:
        return {line: row["reason"] for line, row in self.lines.items()}

    def amounts(self, month: date, currency: str = "usd") -> dict[str, str]:
        """The amounts of a row that are not 0, as short texts."""
        row = self.summary[month, currency]
        found = {name.removesuffix("_amount"): value for name, value in row.items() if name.endswith("_amount") and value}
        return {name: f"{value.normalize():f}" for name, value in found.items()}

    def _check(self, row: Row) -> None:
        """The law of a row, and that its differences are those of its lines."""
        of = {name.removesuffix("_amount"): value for name, value in row.items() if name.endswith("_amount")}
        named = sum(of[name] for name in ("adjustment", "transfer", "topup", "other", "net_difference"))
        assert of["paid"] - of["refunded"] - of["disputed"] - of["fee"] + named == of["change"]
        key = ("month_start_date", "currency")
        here = [line for line in self.lines.values() if line["month_start_date"] == row["month_start_date"]]
        for name in TIED:
            assert of[f"{name}_difference"] == of[name] - of[f"own_{name}"]
            sides = [line for line in here if line["component"] == name]
            balance = sum(line["balance_amount_minor"] or 0 for line in sides if line["currency"] == row["currency"])
            own = sum(line["own_amount_minor"] or 0 for line in sides if line["own_currency"] == row["currency"])
            sign = 1 if name == "paid" else -1
            assert of[f"{name}_difference"] * (1 if row["currency"] == "jpy" else 100) == sign * (balance - own)
        assert row["untied_count"] == sum([line[column] for column in key] == [row[column] for column in key] for line in here)


@pytest.fixture
def tie(backend: Backend) -> TieOut:
    return TieOut(Pipeline(backend))


def test_a_month_ties_in_every_component_at_the_rates_of_the_transactions(tie: TieOut) -> None:
    euros, dollars = charge("1", 10_001, "refunded", "eur"), charge("2", 2_000, "disputed")
    back, fought = refund("1", 3_333, "eur"), dispute("1", 2_000, is_lost=False)
    rate, other = Decimal("1.105"), Decimal("1.2")
    tie(
        [
            moved("1", "charge", 11_051, euros, exchange_rate=rate, fee_amount_minor=350),
            moved("2", "charge", 2_000, dollars, fee_amount_minor=88),
            moved("3", "refund", -4_000, back, exchange_rate=other),
            moved("4", "adjustment", -2_000, fought, fee_amount_minor=1_500, created_at=at("2026-05-20")),
            moved("5", "adjustment", 2_000, fought, created_at=at("2026-06-09")),
            moved("6", "stripe_fee", -700),
            moved("7", "adjustment", -11),
            moved("8", "transfer", -22),
            moved("9", "topup", 33),
            moved("10", "reserve_transaction", -44),
            moved("11", "payout", -5_000, fee_amount_minor=50),
        ],
        [euros, dollars, charge("3", 900, "failed"), charge("4", 900, "pending")],
        [back, refund("2", 500, is_succeeded=False)],
        [fought, dispute("2", 800, is_lost=False)],
    )
    assert tie.lines == {}
    assert tie.amounts(MAY) == {
        "paid": "130.51",
        "refunded": "40",
        "disputed": "20",
        "fee": "26.38",
        "adjustment": "-0.11",
        "transfer": "-0.22",
        "topup": "0.33",
        "other": "-0.44",
        "change": "43.69",
        "payout": "50.5",
        "own_paid": "130.51",
        "own_refunded": "40",
        "own_disputed": "20",
    }
    assert tie.amounts(JUNE) == {"disputed": "-20", "own_disputed": "-20", "change": "20"}
    assert tie.summary[MAY, "usd"]["transaction_count"] == 10


def test_each_line_that_does_not_tie_is_listed_with_its_reason(tie: TieOut) -> None:
    right, off, twice = charge("1", 1_000), charge("2", 1_000), charge("3", 1_000)
    yen, lone = charge("4", 500, currency="jpy"), charge("5", 700)
    returned, lost = refund("1", 300), dispute("1", 400, is_lost=True)
    tie(
        [
            moved("1", "charge", 1_000, right),
            moved("2", "charge", 1_001, off),
            moved("3", "charge", 1_000, twice),
            moved("4", "charge", 1_000, twice, created_at=at("2026-05-11")),
            moved("5", "charge", 450, yen),
            moved("6", "charge", 60, source_id="ch_gone"),
            moved("7", "adjustment", -70, source_id="du_gone", reporting_category="dispute"),
            moved("8", "stripe_fee", -80, net_amount_minor=-81),
        ],
        [right, off, twice, yen, lone],
        [returned],
        [lost],
    )
    assert tie.reasons == {
        "txn_2": "other_amount",
        "txn_4": "counted_twice",
        "txn_5": "other_currency",
        "txn_6": "missing_counterpart",
        "txn_7": "missing_counterpart",
        "txn_8": "other_net",
        "ch_5": "missing_counterpart",
        "re_1": "missing_counterpart",
        "du_1": "missing_counterpart",
    }
    told = {line: (row["component"], row["difference_amount_minor"]) for line, row in tie.lines.items()}
    assert told == {
        "txn_2": ("paid", 1),
        "txn_4": ("paid", 1_000),
        "txn_5": ("paid", None),
        "txn_6": ("paid", 60),
        "txn_7": ("disputed", -70),
        "txn_8": ("fee", -1),
        "ch_5": ("paid", -700),
        "re_1": ("refunded", 300),
        "du_1": ("disputed", 400),
    }
    line = tie.lines["txn_5"]
    assert (line["currency"], line["balance_amount_minor"], line["own_currency"], line["own_amount_minor"]) == (
        "usd",
        450,
        "jpy",
        500,
    )
    assert (tie.lines["ch_5"]["balance_transaction_id"], tie.lines["ch_5"]["month_start_date"]) == (None, MAY)
    assert tie.amounts(MAY, "jpy") == {"own_paid": "500", "paid_difference": "-500"}
    assert tie.amounts(JUNE) == {"own_disputed": "4", "disputed_difference": "-4"}
    assert tie.summary[MAY, "usd"]["net_difference_amount"] == Decimal("-0.01")


def test_a_payment_or_refund_that_came_back_ties_with_both_its_transactions(tie: TieOut) -> None:
    failed, kept = charge("1", 1_000, "failed"), charge("2", 500)
    sent_back = refund("1", 200, is_succeeded=False)
    tie(
        [
            moved("1", "payment", 1_000, failed),
            moved("2", "payment_failure_refund", -1_000, failed, created_at=at("2026-06-01")),
            moved("3", "charge", 500, kept),
            moved("4", "refund", -200, sent_back),
            moved("5", "refund_failure", 200, sent_back, created_at=at("2026-05-15")),
        ],
        [failed, kept],
        [sent_back],
    )
    assert tie.lines == {}
    assert tie.amounts(MAY) == {"paid": "15", "own_paid": "15", "change": "15"}
    assert tie.amounts(JUNE) == {"paid": "-10", "own_paid": "-10", "change": "-10"}


def test_an_account_that_settles_in_another_currency_and_zone(tie: TieOut) -> None:
    euros = charge("1", 1_000, currency="eur")
    posted = moved("1", "charge", 1_650, euros, currency="jpy", exchange_rate=Decimal("1.65"), created_at=at("2026-04-30 23:00"))
    tie([posted], [euros], zone="Europe/Berlin")
    assert tie.amounts(MAY, "jpy") == {"paid": "1650", "own_paid": "1650", "change": "1650"}
    tie([posted], [euros])
    assert set(tie.summary) == {(APRIL, "jpy")}
    tie([])
    assert (tie.summary, tie.lines) == ({}, {})
