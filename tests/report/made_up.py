"""Facts of a made-up run, as the report gets them."""

from datetime import UTC, date, datetime
from typing import Any

from c360.release import Entry, TableState
from c360.report.facts import Facts, Month, TableFact

NOW = datetime(2026, 6, 15, 22, 41, tzinfo=UTC)
STATE = TableState(3, "c1", "f1", rows=1845, quarantined=7)


def check(check_id: str, result: str, **more: Any) -> dict[str, Any]:
    """One row of the quality log."""
    row = {
        "check_id": check_id,
        "measure": "failing_share",
        "severity": "P0",
        "stage": "silver",
        "table_name": "silver.dim_customer",
        "title": "No duplicate keys in any silver table",
        "rows_checked": 1845,
        "rows_failing": 0 if result != "failed" else 12,
        "measured_value": None if result == "not_applicable" else 0.0065,
        "threshold": 0.0,
        "result": result,
        "run_id": "a" * 32,
    }
    return row | more


def manifest(entity: str) -> dict[str, Any]:
    """One row of the load manifest."""
    counts = {"received": 1234, "new": 12, "changed": 3, "unchanged": 1219, "superseded": 0, "deleted": 0}
    named = {f"{name}_count": count for name, count in counts.items()}
    return {"entity": entity, "load_date": date(2026, 6, 15), "is_complete": True, "live_count_after": 1240, **named}


def facts(**changes: Any) -> Facts:
    """A released day with a bit of everything."""
    revenue = (0, 81_500.25, 92_000, 88_100, 97_350, 101_000, 99_400, 110_300, 118_000, 116_250, 125_900, 131_000, 64_000)
    months = [Month(date(2025 + (5 + i) // 12, (5 + i) % 12 + 1, 1), r if i else None, 70_000 + 4_000 * i if i else None)
              for i, r in enumerate(revenue)]  # fmt: skip
    by_rule = {"metadata_id": 1210, "email": 402, "domain_name": 190}
    match = {
        "left_source_system": "salesforce", "right_source_system": "stripe", "numerator": 1802, "denominator": 1825,
        "match_rate": 1802 / 1825, "threshold": 0.98, "estimated_precision": 0.9957, "by_rule": by_rule,
    }  # fmt: skip
    tables = {
        "vault": [TableFact("vault.identity_record", "unchanged", 4210, 0, 0, 0, 0, 0.61)],
        "silver": [
            TableFact("silver.dim_customer", "built", 1845, 12, 30, 0, 7, 0.43),
            TableFact("silver.fct_invoice", "built", 18_420, 61, 44, 2, 0, 0.72),
            TableFact("silver.dim_date", "skipped", 2922, 0, 0, 0, 0, 0.0),
        ],
        "gold": [TableFact("gold.fct_monthly_revenue", "built", 21_904, 140, 320, 0, 0, 0.38)],
    }
    entry = Entry(4, "20260615-4", "released", "gold", date(2026, 6, 15), "a" * 32, NOW, {"silver.dim_customer": STATE})
    checks = [
        check("BE-003", "failed", severity="P1", title="At most 5 % of Stripe customers have neither e-mail nor a metadata id"),
        check("SE-001", "passed", measured_value=0.9874, threshold=0.98, title="Match rate at least 98 %"),
        check("BE-004", "not_applicable", title="All entities landed before the deadline"),
        check("contract", "passed", title="Row rules of the contract", threshold=0.05),
    ]
    given = {
        "lake": "./lake", "generated_at": NOW, "currency": "USD", "entry": entry, "run_id": "a" * 32, "tables": tables,
        "checks": checks, "matches": [match], "months": months,
        "quarantine": [("customer_identity", "a Salesforce business account without a name", 7)],
        "manifest": [manifest("salesforce_accounts"), manifest("stripe_invoices")],
    }  # fmt: skip
    return Facts(**(given | changes))
