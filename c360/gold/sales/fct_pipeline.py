"""fct_pipeline: what was open at each month's end, what was won and lost in the month, and how long it took."""

import datetime
from functools import reduce

import ibis
import ibis.expr.types as ir

from c360.catalog import Merge, table
from c360.contract import Contract, Day, Integer, Money, Share, Text, field, row_check
from c360.expressions.arrays import each_integer
from c360.expressions.calendar import month_start
from c360.expressions.lineage import nullable, shaped
from c360.expressions.money import as_decimal, as_integer
from c360.expressions.time import last_day, local_date, month_index, month_of_index
from c360.gold.customer.open_amounts import CENTS, LARGEST_MINOR, weighted
from c360.gold.revenue.spine import months_since_first

NO_ACCOUNT = "none"
"""Account of deals that have none."""
NO_CURRENCY = "xxx"
"""ISO 4217's code for no currency."""

_DEAL = ["source_account", "opportunity_id"]
_ACCOUNT = ["source_account", "salesforce_account_id", "customer_id", "currency"]
_KEY = [*_ACCOUNT, "month_start_date"]
_MAJOR = "major units of currency"
_OPEN_COUNTS = ("open_count", "open_assumed_count", "open_unvalued_count", "open_unweighted_count")
_DECIDED_COUNTS = ("won_count", "lost_count", "decided_unvalued_count", "timed_count", "total_days_to_close")
_SUMS = ("open", "weighted", "won", "lost")


class FctPipeline(Contract):
    """One row per Salesforce account, month and currency; deleted deals count nowhere.

    Rows run from the account's first month with a deal inside the history to that of the load date, 0 where nothing was open
    or decided; months before the history have no row. A month's end is its last day in the reporting zone, in the running
    month the load date.

    What is open rests on the deal's day of creation, its close date if it is closed now, and the version that held at the
    month's end (`fct_opportunity_history`): amount, currency and probability are those of that version. Not known, and not
    guessed: values before the first stored version, which stands for them (`open_assumed_count` tells how many deals); the
    probability of a deal whose first stored version is closed already (in no weighted amount, and counted in
    `open_unweighted_count`); that a deal was once closed and opened again before it was first stored; and deals that the
    first load did not fetch because they had not changed since the start of the history. Deals that are closed and have no
    close date are neither open nor decided in any month; one that was closed before its close date is decided in the month of
    that date, and not open at a month's end in between.
    """

    source_account: Text = field("Salesforce organisation.", pii="id")
    salesforce_account_id: Text = field(f"The account; `{NO_ACCOUNT}` for deals without one.", pii="id")
    customer_id: Text = field("The account's customer, or the unknown member.", pii="id")
    month_start_date: Day = field("First day of the month.")
    currency: Text = field(
        f"Lower-case ISO 4217 code; `{NO_CURRENCY}` where neither deal nor organisation names one.",
        pii="enum",
        matches="[a-z]{3}",
    )
    open_count: Integer = field("Deals open at the month's end.")
    open_amount: Money = field("Their amounts as they stood then.", unit=_MAJOR)
    weighted_amount: Money = field("Amount × probability share of each, rounded half-up to 1/100.", unit=_MAJOR)
    open_assumed_count: Integer = field("Open deals whose values of the time are not stored: those of a later version.", ge=0)
    open_unvalued_count: Integer = field("Open deals without an amount (or of more than 9e10), in no sum.", ge=0)
    open_unweighted_count: Integer = field("Open deals in no weighted amount: those, and those without a probability.")
    won_count: Integer = field("Deals won with a close date in the month.", ge=0)
    won_amount: Money = field("Their amounts.", unit=_MAJOR)
    lost_count: Integer = field("Deals lost with a close date in the month.", ge=0)
    lost_amount: Money = field("Their amounts.", unit=_MAJOR)
    decided_unvalued_count: Integer = field("Won and lost deals without an amount (or of more than 9e10).", ge=0)
    win_rate_share: Share = field("Won ÷ (won + lost), by count; null when nothing was decided.", nullable=True, ge=0, le=1)
    win_rate_amount_share: Share = field(
        "Won ÷ (won + lost), by amount; null when no amount was decided or one of the two is negative.",
        nullable=True,
        ge=0,
        le=1,
    )
    mean_days_to_close: Share = field(
        "Mean days from creation to close date of the deals won or lost in the month; null when there are none.",
        nullable=True,
        unit="days",
        ge=0,
    )
    total_days_to_close: Integer = field("Sum of those days: for means over accounts or months.", unit="days", ge=0)
    timed_count: Integer = field("Deals in that sum: won or lost, with a day of creation.", ge=0)

    class Config:
        """An account belongs to one customer; deals without an account may have several currencies."""

        unique = ["source_account", "salesforce_account_id", "customer_id", "currency", "month_start_date"]

    @row_check("a win rate of nothing decided, or none of something")
    def win_rate_needs_a_decision(cls, row: ir.Table) -> ir.BooleanValue:
        return (row.won_count + row.lost_count > 0) == row.win_rate_share.notnull()

    @row_check("more deals without a value than there are")
    def unvalued_are_some(cls, row: ir.Table) -> ir.BooleanValue:
        is_open = (row.open_unvalued_count <= row.open_unweighted_count) & (row.open_unweighted_count <= row.open_count)
        return is_open & (row.open_assumed_count <= row.open_count)


@table(
    FctPipeline,
    write=Merge(),
    ages_by="month",
    month_column="month_start_date",
    traces={"fct_opportunity": {"source_account": "source_account", "customer_id": "customer_id"}},
)
def fct_pipeline(
    fct_opportunity: ir.Table,
    fct_opportunity_history: ir.Table,
    *,
    history_from: datetime.date,
    as_of: datetime.date,
    reporting_zone: str,
) -> ir.Table:
    """One row per account × month × currency; amounts are exact, in the deal's own currency, and never added over currencies."""
    deals = _deals(fct_opportunity)
    states = _states(fct_opportunity_history, deals, reporting_zone)
    found = _open(_at_month_ends(states, history_from, as_of))
    decided = _decided(deals, history_from, as_of)
    firsts = [nullable(part).select(*_ACCOUNT, first_date="month_start_date") for part in (found, decided)]
    rows = months_since_first(firsts[0].union(firsts[1]), _ACCOUNT, as_of)
    return _outcome(reduce(_beside, (found, decided), rows))


def _deals(opportunities: ir.Table) -> ir.Table:
    """Deals that are not deleted, as they are now."""
    live = opportunities.filter(~opportunities.is_deleted)
    return live.select(
        *_DEAL,
        "is_closed",
        "is_won",
        "close_date",
        "days_to_close",
        customer_id=live.customer_id.cast("string"),
        salesforce_account_id=live.salesforce_account_id.fill_null(NO_ACCOUNT),
        currency=live.currency.fill_null(NO_CURRENCY),
        cents=_cents(live.amount),
    )


def _states(history: ir.Table, deals: ir.Table, zone: str) -> ir.Table:
    """Every stretch of a deal's history in days [`from_date`, `to_date`), beside what is known of the deal now."""
    stretches = history.select(
        *_DEAL,
        from_date=local_date(history.valid_from, zone),
        to_date=local_date(history.valid_to, zone),
        changed_date=local_date(history.changed_at, zone),
        currency=history.currency.fill_null(NO_CURRENCY),
        cents=_cents(history.amount),
        share=ibis.ifelse(history.is_closed, ibis.null("float64"), history.probability_share),  # 0 or 1 then: hindsight
        was_closed=history.is_closed,
        closing_date=history.close_date,
    )
    now = deals.select(*_DEAL, "customer_id", "salesforce_account_id", "is_closed", "close_date")
    return stretches.join(now, _DEAL)


def _at_month_ends(states: ir.Table, history_from: datetime.date, as_of: datetime.date) -> ir.Table:
    """One row per deal and month at whose end it was open, with the version that held then."""
    bounded = states.mutate(
        _first=ibis.greatest(month_index(states.from_date), month_index(history_from)),
        _last=ibis.least(month_index(states.to_date.fill_null(as_of)), month_index(as_of)),
    )
    each = each_integer(bounded.filter(bounded._first <= bounded._last), "month", first="_first", last="_last")
    months = each.mutate(month_start_date=month_of_index(each.month))
    ends = months.mutate(end_date=last_day(months.month_start_date, as_of))
    holds = (ends.from_date <= ends.end_date) & (ends.to_date.isnull() | (ends.to_date > ends.end_date))
    was_told = ends.changed_date <= ends.end_date  # closed then, be its close date still to come
    was_closed = _is_closed_by(ends.end_date, ends.was_closed, ends.closing_date) | (ends.was_closed & was_told)
    is_closed = _is_closed_by(ends.end_date, ends.is_closed, ends.close_date)  # also if that was entered later
    return ends.filter(holds & ~was_closed & ~is_closed)


def _is_closed_by(day: ir.DateValue, is_closed: ir.BooleanValue, close_date: ir.DateValue) -> ir.BooleanValue:
    return is_closed & (close_date.isnull() | (close_date <= day))


def _open(states: ir.Table) -> ir.Table:
    valued = states.mutate(weighted_cents=weighted(states.cents, states.share))
    return valued.group_by(_KEY).agg(
        open_count=valued.count(),
        open_cents=valued.cents.sum(),
        weighted_cents=valued.weighted_cents.sum(),
        open_assumed_count=valued.count(where=valued.changed_date > valued.end_date),
        open_unvalued_count=valued.count(where=valued.cents.isnull()),
        open_unweighted_count=valued.count(where=valued.weighted_cents.isnull()),
    )


def _decided(deals: ir.Table, history_from: datetime.date, as_of: datetime.date) -> ir.Table:
    closed = deals.filter(deals.is_closed & (deals.close_date >= history_from))
    dated = closed.mutate(month_start_date=month_start(closed.close_date))
    dated = dated.filter(dated.month_start_date <= as_of)
    return dated.group_by(_KEY).agg(
        won_count=dated.count(where=dated.is_won),
        won_cents=dated.cents.sum(where=dated.is_won),
        lost_count=dated.count(where=~dated.is_won),
        lost_cents=dated.cents.sum(where=~dated.is_won),
        decided_unvalued_count=dated.count(where=dated.cents.isnull()),
        timed_count=dated.days_to_close.count(),
        total_days_to_close=dated.days_to_close.sum(),
    )


def _beside(rows: ir.Table, part: ir.Table) -> ir.Table:
    return rows.left_join(part, _KEY).drop(*(f"{name}_right" for name in _KEY))


def _outcome(joined: ir.Table) -> ir.Table:
    numbers = (*_OPEN_COUNTS, *_DECIDED_COUNTS, *(f"{name}_cents" for name in _SUMS))
    filled = joined.mutate(**{name: joined[name].fill_null(0).cast("int64") for name in numbers})
    is_positive = (filled.won_cents >= 0) & (filled.lost_cents >= 0)
    nothing = ibis.null("float64")
    return shaped(
        filled,
        FctPipeline,
        **{f"{name}_amount": as_decimal(filled[f"{name}_cents"], CENTS) for name in _SUMS},
        win_rate_share=_ratio(filled.won_count, filled.won_count + filled.lost_count),
        win_rate_amount_share=ibis.ifelse(is_positive, _ratio(filled.won_cents, filled.won_cents + filled.lost_cents), nothing),
        mean_days_to_close=_ratio(filled.total_days_to_close, filled.timed_count),
    )


def _ratio(part: ir.IntegerValue, whole: ir.IntegerValue) -> ir.FloatingValue:
    """One division of two integers, so that every engine gives the same float; null of nothing."""
    return part.cast("float64") / whole.nullif(0).cast("float64")


def _cents(value: ir.DecimalValue) -> ir.IntegerValue:
    """Hundredths; null for an amount beyond the bound within which weighting is exact."""
    largest = LARGEST_MINOR // 10**CENTS
    return as_integer(ibis.ifelse(value.abs() <= largest, value, ibis.null("decimal(38, 8)")), CENTS)
