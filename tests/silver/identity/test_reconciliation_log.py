"""Rate, numerator and denominator, quantiles by rank, and what is not applicable."""

from datetime import date

import pytest

from c360.contract import ibis_schema, row_rules
from c360.silver.identity.customer_identity import CustomerIdentity
from c360.silver.identity.dim_customer import DimCustomer
from c360.silver.identity.reconciliation_log import ReconciliationLog, reconciliation_log

DAY = date(2026, 1, 2)


@pytest.fixture
def log(table, bronze, work):
    """`log({account: (customer, has_stripe, rule, confidence)}, won=[account])`: the one row."""

    def make(matches, won=(), lost=(), stripe_only=0, rate=0.98):
        identity = [
            {"source_system": "salesforce", "source_account": "org_1", "source_id": a, "customer_id": f"c_{a}",
             "is_deleted": False}
            for a in matches
        ]  # fmt: skip
        customers = [
            {"customer_id": f"c_{a}", "is_unknown": False, "has_salesforce": True, "has_stripe": rule is not None,
             "is_matched": rule is not None, "match_rule": rule, "reconciliation_confidence": confidence}
            for a, (rule, confidence) in matches.items()
        ]  # fmt: skip
        customers += [
            {"customer_id": f"s{n}", "is_unknown": False, "has_salesforce": False, "has_stripe": True, "is_matched": False,
             "reconciliation_confidence": 0.0} for n in range(stripe_only)
        ]  # fmt: skip
        customers.append({"customer_id": "0", "is_unknown": True, "is_matched": False, "reconciliation_confidence": 0.0})
        deals = [{"Id": f"006{n}{a}", "AccountId": a, "IsWon": a in won} for n in range(2) for a in (*won, *lost)]
        result = reconciliation_log(
            table(ibis_schema(CustomerIdentity), identity),
            table(ibis_schema(DimCustomer), customers),
            bronze("salesforce_accounts", *({"Id": a} for a in dict.fromkeys((*won, *lost, *matches)))),
            bronze("salesforce_opportunities", *deals),
            as_of=DAY,
            match_confidence=0.95,
            match_rate=rate,
        )
        result = work.materialise(result)
        assert all(rule.holds(result).fill_null(True).all().execute() for rule in row_rules(ReconciliationLog))
        rows = result.to_pyarrow().to_pylist()
        assert len(rows) == 1
        return rows[0]

    return make


def test_nothing_to_reconcile_is_not_applicable(log):
    row = log({})
    assert (row["load_date"], row["denominator"], row["numerator"], row["match_rate"], row["passed"]) == (DAY, 0, 0, None, None)
    assert (row["matched_count"], row["confidence_median"], row["estimated_precision"]) == (0, None, None)


def test_counts_and_rates(log):
    matches = {"A": ("email", 0.99), "B": ("metadata_id", 0.999), "C": (None, 0.0), "D": ("reviewed", 0.9)}
    row = log(matches, won=["A", "C", "D"], lost=["B"], stripe_only=2)
    assert (row["matched_count"], row["left_unmatched_count"], row["right_unmatched_count"]) == (3, 1, 2)
    assert (row["email_count"], row["metadata_id_count"], row["reviewed_count"], row["domain_name_count"]) == (1, 1, 1, 0)
    assert (row["denominator"], row["numerator"], row["passed"]) == (3, 1, False)
    assert row["match_rate"] == pytest.approx(1 / 3)
    assert row["estimated_precision"] == pytest.approx((0.99 + 0.999 + 0.9) / 3)


def test_an_account_that_is_quarantined_is_in_neither_number(log):
    row = log({"A": ("email", 0.99)}, won=["A", "gone"])
    assert (row["denominator"], row["numerator"], row["passed"]) == (1, 1, True)


def test_a_good_rate_of_improbable_links_does_not_pass(log):
    row = log({"A": ("domain_name", 0.96)}, won=["A"])
    assert (row["match_rate"], row["passed"]) == (1.0, False)


@pytest.mark.parametrize(
    ("count", "least", "median", "p5"), [(1, 0.95, 0.95, 0.95), (20, 0.95, 0.959, 0.95), (41, 0.95, 0.97, 0.952)]
)
def test_quantiles_by_rank(log, count, least, median, p5):
    row = log({f"A{n:02}": ("email", 0.95 + n / 1000) for n in range(count)})
    assert [row["confidence_min"], row["confidence_median"], row["confidence_p5"]] == pytest.approx([least, median, p5])
