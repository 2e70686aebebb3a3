"""The metrics of a month that `c360 close` keeps, as data; their live values, and the records each is made of.

A further metric is one entry of `METRICS` (and its table a parameter of `restatement_log`, if it is none yet).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir

from c360.expressions.calendar import month_start
from c360.expressions.money import E8, amount

REPORTING = "reporting currency"
"""Currency of metrics whose table is in the reporting currency and has no column that says so."""
NO_CURRENCY = "xxx"
"""Currency of what is no money (ISO 4217's code for no currency)."""


@dataclass(frozen=True)
class Evidence:
    """Source records a metric is made of: rows of a silver table with lineage columns, by their day."""

    table: str
    day: str


@dataclass(frozen=True)
class Metric:
    """One figure of a month.

    Attributes:
        name: What closed rows call it; unique, and never given to another figure.
        table: Gold table with a row (or many) per month.
        column: Its column; money, a count or a share.
        aggregation: How a month's rows become one value; `max` for tables that have one row per month (and currency).
        currency: Column with the currency, `REPORTING`, or None for what is no money.
        evidence: Where its source records are.
        month: The table's column with the first day of the month.
        is_total: Which rows of a table that tells of each currency and, marked `is_total`, of all in the reporting currency;
            None: the table has one kind of rows.
    """

    name: str
    table: str
    column: str
    aggregation: Literal["sum", "max"]
    currency: str | None
    evidence: tuple[Evidence, ...]
    month: str = "month_start_date"
    is_total: bool | None = None


_PAID = Evidence("fct_invoice", "paid_date")
_REFUNDED = Evidence("fct_refund", "refund_date")
_DISPUTED = Evidence("fct_dispute", "closed_date")
_CREDITED = Evidence("fct_credit_note", "credit_note_date")
_SUBSCRIBED = Evidence("fct_subscription_event", "event_date")
_REVENUE = "fct_monthly_revenue"
_MONTHLY = "metrics_monthly"


def _total(column: str, currency: str | None = None, name: str | None = None) -> Metric:
    """A figure of all currencies together."""
    return Metric(name or column, _MONTHLY, column, "max", currency, (_SUBSCRIBED,), is_total=True)


METRICS = (
    Metric("revenue_amount", _REVENUE, "revenue_amount", "sum", REPORTING, (_PAID,)),
    Metric("net_revenue_amount", _REVENUE, "net_revenue_amount", "sum", REPORTING, (_PAID, _REFUNDED, _DISPUTED, _CREDITED)),
    Metric("refund_amount", _REVENUE, "refund_amount", "sum", REPORTING, (_REFUNDED,)),
    Metric("mrr_amount", _REVENUE, "mrr_amount", "sum", REPORTING, (_SUBSCRIBED,)),
    Metric("invoice_count", _REVENUE, "invoice_count", "sum", None, (_PAID,)),
    # Each currency's own MRR moves with no rate: where it agrees and `mrr_amount` does not, a rate was corrected.
    Metric("mrr_by_currency_amount", _MONTHLY, "mrr_amount", "max", "currency", (_SUBSCRIBED,), is_total=False),
    _total("arr_amount", REPORTING),
    _total("net_new_amount", REPORTING, "net_new_mrr_amount"),
    _total("nrr_ratio"),
    _total("grr_ratio"),
    _total("logo_churn_ratio"),
    _total("subscription_churn_ratio"),
    _total("customer_count"),
    _total("churned_customer_count"),
    _total("subscription_count"),
    _total("churned_subscription_count"),
)
"""What a closed month keeps."""

METRIC_NAMES = tuple(sorted(metric.name for metric in METRICS))
Tables = Mapping[str, ir.Table]


def live_values(metrics: Sequence[Metric], tables: Tables, months: ir.Table, reporting_currency: str) -> ir.Table:
    """One row per month, metric and currency: `month_start_date`, `metric`, `currency`, `value`, `missing_count`.

    Args:
        metrics: Which ones.
        tables: Table name -> table.
        months: `month_start_date` of the months wanted.
        reporting_currency: Lower-case code.

    Returns:
        `value` in major units (or a count, or a share); null when no row has one. `missing_count`: rows without one.
    """
    return ibis.union(*(_values(metric, tables[metric.table], months, reporting_currency) for metric in metrics))


def arrivals(metrics: Sequence[Metric], tables: Tables, closed: ir.Table) -> ir.Table:
    """One row per month, metric and source record of the month whose stored version came after the month was closed.

    Args:
        metrics: Which ones.
        tables: Table name -> silver table.
        closed: `month_start_date`, `closed_load_date` of closed months.

    Returns:
        `month_start_date`, `metric`, `record_id`, distinct.
    """
    parts = [_arrived(metric, evidence, tables, closed) for metric in metrics for evidence in metric.evidence]
    return ibis.union(*parts, distinct=True)


def _values(metric: Metric, rows: ir.Table, months: ir.Table, reporting_currency: str) -> ir.Table:
    if metric.is_total is not None:
        rows = rows.filter(rows.is_total == ibis.literal(metric.is_total))
    currency = rows[metric.currency] if metric.currency in rows.columns else ibis.literal(_constant(metric, reporting_currency))
    kept = rows.select(
        month_start_date=rows[metric.month].cast("date"), currency=currency.cast("string"), value=_exact(rows[metric.column])
    )
    wanted = kept.semi_join(months, kept.month_start_date == months.month_start_date)
    value = wanted.value.sum() if metric.aggregation == "sum" else wanted.value.max()
    found = wanted.group_by("month_start_date", "currency").agg(
        value=value.cast("decimal(38, 8)"), missing_count=wanted.count(where=wanted.value.isnull()).cast("int64")
    )
    return found.select("month_start_date", "currency", "value", "missing_count", metric=ibis.literal(metric.name))


def _constant(metric: Metric, reporting_currency: str) -> str:
    return reporting_currency if metric.currency == REPORTING else NO_CURRENCY


def _exact(value: ir.NumericValue) -> ir.DecimalValue:
    """Any number as decimal(38, 8); floats by way of integers, because engines cast them differently."""
    if value.type().is_floating():
        return amount((value * E8).round().cast("int64"))
    return value.cast("decimal(38, 8)")


def _arrived(metric: Metric, evidence: Evidence, tables: Tables, closed: ir.Table) -> ir.Table:
    rows = tables[evidence.table]
    records = rows.select("date_loaded", "record_id", month_start_date=month_start(rows[evidence.day]))
    late = records.join(closed, "month_start_date").filter(lambda joined: joined.date_loaded > joined.closed_load_date)
    found = late.select("month_start_date", metric=ibis.literal(metric.name), record_id=late.record_id)
    return found.cast({"month_start_date": "date", "metric": "string", "record_id": "string"})
