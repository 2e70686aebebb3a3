"""Where closed months differ from today's figures, since when, and what came in between."""

from datetime import date

import ibis
import ibis.expr.types as ir

from c360.catalog import Merge, step
from c360.contract import Contract, Day, Instant, Integer, Money, Text, field, ibis_schema, row_check
from c360.expressions.lineage import nullable, shaped
from c360.gold.closing.metrics import METRIC_NAMES, METRICS, NO_CURRENCY, Tables, arrivals, live_values
from c360.work import Work

LISTED = 10
"""Source records a row names at most."""

_FIGURE = ["month_start_date", "metric", "currency"]
_RANK = "_rank"


class RestatementLog(Contract):
    """One row per closed month, metric and currency whose live value is not the closed one (of its newest closing).

    Facts are always live: a row says by how much they left what was published, and goes when they come back. `arrived_*` are
    source records of the month whose stored version was loaded after the release that was closed: what may explain the
    difference. None there: rates, settings or code changed, or a record moved to another month.
    """

    month_start_date: Day = field("First day of the month.")
    metric: Text = field("Name of the metric, as in `c360/gold/closing/metrics.py`.", pii="enum", isin=METRIC_NAMES)
    currency: Text = field(f"Lower-case ISO 4217 code; `{NO_CURRENCY}` for counts and shares.", pii="enum", matches="[a-z]{3}")
    closed_at: Instant = field("When the month was closed (UTC).")
    release_id: Text = field("The release that was closed.", pii="id")
    closed_load_date: Day = field("Load date of that release.")
    closed_value: Money = field("The value that was kept; null: unknown then, or there was none in this currency.", nullable=True)
    live_value: Money = field("The value of this release; null: unknown, or there is none in this currency.", nullable=True)
    difference_value: Money = field("Live less closed; null when one is.", nullable=True)
    first_seen_date: Day = field("Load date that first showed a difference.")
    changed_date: Day = field("Load date since which it is this one.")
    arrived_count: Integer = field("Source records of the month that came after the closed release.", ge=0)
    arrived_record_ids: Text = field(f"Up to {LISTED} of their ids, sorted, with commas.", nullable=True, pii="id")

    class Config:
        """One row per figure."""

        unique = ["month_start_date", "metric", "currency"]

    @row_check("the values do not differ")
    def values_differ(cls, row: ir.Table) -> ir.BooleanValue:
        return ~row.closed_value.identical_to(row.live_value)

    @row_check("it changed before it was first seen")
    def seen_before_changed(cls, row: ir.Table) -> ir.BooleanValue:
        return row.first_seen_date <= row.changed_date


@step(RestatementLog, write=Merge())
def restatement_log(
    closed_month: ir.Table,
    fct_monthly_revenue: ir.Table,
    metrics_monthly: ir.Table,
    fct_invoice: ir.Table,
    fct_refund: ir.Table,
    fct_dispute: ir.Table,
    fct_credit_note: ir.Table,
    fct_subscription_event: ir.Table,
    *,
    work: Work,
    as_of: date,
    reporting_currency: str,
) -> ir.Table:
    """One row per figure of a closed month that differs now; since when is taken from the log as it was before this run."""
    if not work.collect(closed_month.limit(1)).num_rows:  # most lakes: their builds read no table for it
        nothing = dict.fromkeys(ibis_schema(RestatementLog), ibis.null())
        return shaped(closed_month.limit(0), RestatementLog, **nothing)
    tables = {
        "fct_monthly_revenue": fct_monthly_revenue,
        "metrics_monthly": metrics_monthly,
        "fct_invoice": fct_invoice,
        "fct_refund": fct_refund,
        "fct_dispute": fct_dispute,
        "fct_credit_note": fct_credit_note,
        "fct_subscription_event": fct_subscription_event,
    }
    before = work.previous("restatement_log")
    return restatements(closed_month, tables, before, as_of=as_of, reporting_currency=reporting_currency)


def restatements(
    closed_month: ir.Table, tables: Tables, before: ir.Table | None, *, as_of: date, reporting_currency: str
) -> ir.Table:
    """The log as a query.

    Args:
        closed_month: All closings.
        tables: What `METRICS` names: name -> table.
        before: The log as the run found it; None on a first run.
        as_of: The load date.
        reporting_currency: Lower-case code.
    """
    closed = _newest_closings(closed_month)
    months = closed.select("month_start_date").distinct()
    live = live_values(METRICS, tables, months, reporting_currency)
    differing = _differing(closed, nullable(live))
    late = _listed(arrivals(METRICS, tables, closed.select("month_start_date", closed_load_date="load_date").distinct()))
    explained = _beside(_since(differing, before, as_of), late, ["month_start_date", "metric"])
    return shaped(explained, RestatementLog, arrived_count=explained.arrived_count.fill_null(0))


def _newest_closings(closings: ir.Table) -> ir.Table:
    known = closings.filter(closings.metric.isin(METRIC_NAMES))
    newest = known.mutate(_newest=known.closed_at.max().over(ibis.window(group_by="month_start_date")))
    return newest.filter(newest.closed_at == newest._newest).drop("_newest")


def _differing(closed: ir.Table, live: ir.Table) -> ir.Table:
    """Figures of either side whose values differ, with the closing of their month and metric."""
    closings = closed.group_by("month_start_date", "metric").agg(
        closed_at=closed.closed_at.max(), release_id=closed.release_id.max(), closed_load_date=closed.load_date.max()
    )
    known = nullable(closed).select(*_FIGURE, closed_value="value")
    figures = ibis.union(known.select(*_FIGURE), live.select(*_FIGURE), distinct=True)
    of_closed = figures.inner_join(closings, ["month_start_date", "metric"])
    both = _beside(_beside(of_closed, known, _FIGURE), live.select(*_FIGURE, live_value="value"), _FIGURE)
    # Two decimals of 38 digits have no room for the difference's digits on Spark, which then drops the last one.
    narrow = {name: both[f"{name}_value"].cast("decimal(30, 8)") for name in ("live", "closed")}
    compared = both.mutate(difference_value=(narrow["live"] - narrow["closed"]).cast("decimal(38, 8)"))
    return compared.filter(~compared.closed_value.identical_to(compared.live_value))


def _since(differing: ir.Table, before: ir.Table | None, as_of: date) -> ir.Table:
    """Adds `first_seen_date` and `changed_date`: those of the log before where the same closing differed already."""
    today = ibis.literal(as_of)
    if before is None:
        return differing.mutate(first_seen_date=today, changed_date=today)
    key = [*_FIGURE, "closed_at"]
    known = before.select(*key, known_value="live_value", known_first="first_seen_date", known_changed="changed_date")
    joined = _beside(differing, known, key)
    is_same = joined.known_first.notnull() & joined.known_value.identical_to(joined.live_value)
    return joined.mutate(
        first_seen_date=ibis.coalesce(joined.known_first, today),
        changed_date=ibis.ifelse(is_same, joined.known_changed, today),
    )


def _listed(records: ir.Table) -> ir.Table:
    """Per month and metric how many records arrived, and the first few ids as one text.

    By rank and concatenation: engines order the elements of their own list functions differently, or not at all.
    """
    in_order = ibis.window(group_by=["month_start_date", "metric"], order_by="record_id")
    ranked = records.mutate(**{_RANK: ibis.row_number().over(in_order)})
    ids = {f"id_{n}": ranked.record_id.max(where=ranked[_RANK] == n) for n in range(LISTED)}
    found = ranked.group_by("month_start_date", "metric").agg(arrived_count=ranked.count().cast("int64"), **ids)
    text = found.id_0
    for n in range(1, LISTED):
        text = text + ibis.coalesce(ibis.literal(",") + found[f"id_{n}"], "")
    return found.select("month_start_date", "metric", "arrived_count", arrived_record_ids=text)


def _beside(rows: ir.Table, part: ir.Table, key: list[str]) -> ir.Table:
    return rows.left_join(part, key).drop(*(f"{name}_right" for name in key))
