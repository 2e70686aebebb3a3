"""A closed May with every kind of difference, in a few rows; tests of other engines run the log over them, too."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir

from c360.contract import ibis_schema
from c360.gold.closing.closed_month import ClosedMonth
from c360.gold.closing.metrics import METRICS, NO_CURRENCY
from c360.gold.closing.restatement_log import RestatementLog, restatements
from tests.inputs import schema_of

MAY = date(2026, 5, 1)
LOADED, AS_OF = date(2026, 6, 2), date(2026, 6, 20)
CLOSED_AT = datetime(2026, 6, 3, 9, tzinfo=UTC)
CLOSING = {
    "month_start_date": MAY,
    "metric": "revenue_amount",
    "currency": "usd",
    "closed_at": CLOSED_AT,
    "value": Decimal(100),
    "missing_count": 0,
    "release_id": "20260602-3",
    "load_date": LOADED,
}
REVENUE = {
    "customer_id": "c-1",
    "month_start_date": MAY,
    "revenue_amount": Decimal(100),
    "net_revenue_amount": Decimal(90),
    "refund_amount": Decimal(10),
    "mrr_amount": Decimal("33.33333333"),
    "invoice_count": 2,
}
TOTAL = {
    "month_start_date": MAY,
    "is_total": True,
    "currency": "usd",
    "mrr_amount": Decimal("33.33333333"),
    "arr_amount": Decimal("399.99999996"),
    "net_new_amount": Decimal("3.33333333"),
    "nrr_ratio": 1.1,
    "grr_ratio": 0.95,
    "logo_churn_ratio": 0.05,
    "subscription_churn_ratio": 0.04,
    "customer_count": 1,
    "churned_customer_count": 0,
    "subscription_count": 2,
    "churned_subscription_count": 1,
}
"""metrics_monthly over all currencies."""
EUROS = {**TOTAL, "is_total": False, "currency": "eur", "mrr_amount": Decimal(30)}
SOURCES = sorted({evidence.table for metric in METRICS for evidence in metric.evidence})
Rows = list[dict[str, Any]]


def record(number: int, day: date = date(2026, 5, 30), loaded: date = date(2026, 6, 10)) -> dict[str, Any]:
    """A source record of May that was loaded after the closing."""
    days = {evidence.day: day for metric in METRICS for evidence in metric.evidence}
    return {"record_id": f"r_{number:02}", "date_loaded": loaded, **days}


def inputs(closings: Rows, months: Rows, before: Rows | None = None, **records: Rows) -> dict[str, tuple[ibis.Schema, Rows]]:
    """Schema and rows of every input; columns a row leaves out are null."""
    given = {"closed_month": closings, "fct_monthly_revenue": months, "metrics_monthly": records.get("metrics_monthly", [])}
    given |= {name: records.get(name, []) for name in SOURCES}
    schemas = {name: ibis_schema(ClosedMonth) if name == "closed_month" else schema_of(name) for name in given}
    if before is not None:
        given["restatement_log"], schemas["restatement_log"] = before, ibis_schema(RestatementLog)
    return {name: (schemas[name], rows) for name, rows in given.items()}


def restated(*, has_log: bool) -> dict[str, tuple[ibis.Schema, Rows]]:
    """Inputs with six differences, one of them known to the log already, and records of every kind that arrived.

    Every column is there, null where a row leaves it out.
    """
    metrics = ("mrr_amount", "net_revenue_amount", "refund_amount", "revenue_amount")
    values = (Decimal("30.00000001"), None, Decimal(10), Decimal(100))
    closings = [{**CLOSING, "metric": metric, "value": value} for metric, value in zip(metrics, values, strict=True)]
    closings.append({**CLOSING, "metric": "invoice_count", "currency": NO_CURRENCY, "value": Decimal(3)})
    closings.append({**CLOSING, "metric": "nrr_ratio", "currency": NO_CURRENCY, "value": Decimal("1.2")})
    closings.append({**CLOSING, "metric": "mrr_by_currency_amount", "currency": "eur", "value": Decimal(31)})
    months = [REVENUE, {**REVENUE, "customer_id": "c-2", "revenue_amount": Decimal("0.00000001"), "refund_amount": None}]
    known = {**CLOSING, "closed_load_date": LOADED, "closed_value": Decimal(100), "live_value": Decimal("100.00000001")}
    known |= {"first_seen_date": date(2026, 6, 10), "changed_date": date(2026, 6, 11), "arrived_count": 0}
    records: dict[str, Rows] = {name: [record(n), record(n + 1)] for n, name in enumerate(SOURCES)}
    records["metrics_monthly"] = [TOTAL, EUROS]
    given = inputs(closings, months, [known] if has_log else None, **records)
    return {
        name: (
            ibis.schema({column: dtype.copy(nullable=True) for column, dtype in schema.items()}),
            [{column: row.get(column) for column in schema} for row in rows],
        )
        for name, (schema, rows) in given.items()
    }


def log(closed_month: ir.Table, restatement_log: ir.Table | None = None, **given: Any) -> ir.Table:
    """`restatements` with its inputs by name."""
    dates = {name: given.pop(name) for name in ("as_of", "reporting_currency")}
    return restatements(closed_month, given, restatement_log, **dates)
