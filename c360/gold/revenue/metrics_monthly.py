"""metrics_monthly: the figures of a subscription business per month."""

import datetime
from functools import reduce

import ibis
import ibis.expr.types as ir

from c360.catalog import Merge, table
from c360.contract import Contract, Day, Flag, Integer, Money, Share, Text, field
from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.expressions.lineage import shaped
from c360.expressions.money import AMOUNT_DIGITS, amount, as_integer, divide_half_up
from c360.gold.revenue.fct_mrr_movement import CHURN, CONTRACTION, MOVEMENT_TYPES
from c360.gold.revenue.month_ends import NO_CURRENCY, UNKNOWN_E8, whole_sum
from c360.gold.revenue.retention import both_sides, customer_retention, subscription_retention
from c360.gold.revenue.scopes import SCOPE_MONTH, in_both_scopes, ratio

MONTHS_OF_YEAR = 12
_LOSSES = (CONTRACTION, CHURN)
_MONTH = {"month_start_date": "month_start_date"}


class MetricsMonthly(Contract):
    """One row per month and currency, and one per month in the reporting currency over all currencies (`is_total`)."""

    month_start_date: Day = field("First day of the month.")
    is_total: Flag = field("The month's row over all currencies, in the reporting currency.")
    currency: Text = field("Lower-case ISO 4217 code of the row's amounts; `xxx` where it is not known.", pii="enum")
    mrr_amount: Money = field("MRR at the month's end; null where a rate is missing.", nullable=True, unit="major", ge=0)
    arr_amount: Money = field("The same × 12.", nullable=True, unit="major", ge=0)
    opening_mrr_amount: Money = field(
        "MRR at the end of the month before; null when not known.", nullable=True, unit="major", ge=0
    )
    new_amount: Money = field("MRR of customers who had none before.", nullable=True, unit="major")
    reactivation_amount: Money = field("MRR of customers who came back.", nullable=True, unit="major")
    expansion_amount: Money = field("What customers pay more.", nullable=True, unit="major")
    contraction_amount: Money = field("What customers pay less; positive is a loss.", nullable=True, unit="major")
    churn_amount: Money = field("What customers paid who now pay nothing; positive is a loss.", nullable=True, unit="major")
    net_new_amount: Money = field("New + reactivation + expansion - contraction - churn.", nullable=True, unit="major")
    fx_amount: Money = field("What exchange rates did; 0 in a row of a currency.", nullable=True, unit="major")
    untold_amount: Money = field(
        "MRR - opening - net new - FX: changes without a type, as of customers with an item that cannot be computed.",
        nullable=True,
        unit="major",
    )
    nrr_ratio: Share = field("Net revenue retention over the month, at the rates of its start.", nullable=True, ge=0)
    grr_ratio: Share = field("Gross revenue retention over the month, at the rates of its start.", nullable=True, ge=0, le=1)
    nrr_12_months_ratio: Share = field("Net revenue retention over 12 months.", nullable=True, ge=0)
    grr_12_months_ratio: Share = field("Gross revenue retention over 12 months.", nullable=True, ge=0, le=1)
    customer_count: Integer = field("Customers with MRR at the month's end.", ge=0)
    opening_customer_count: Integer = field("Customers with MRR at its start.", nullable=True, ge=0)
    churned_customer_count: Integer = field("Those of them with none at its end.", nullable=True, ge=0)
    logo_churn_ratio: Share = field("Churned customers ÷ customers at the start.", nullable=True, ge=0, le=1)
    subscription_count: Integer = field("Subscriptions with MRR at the month's end.", ge=0)
    opening_subscription_count: Integer = field("Subscriptions with MRR at its start.", nullable=True, ge=0)
    churned_subscription_count: Integer = field("Those of them with none at its end.", nullable=True, ge=0)
    subscription_churn_ratio: Share = field("Churned subscriptions ÷ subscriptions at the start.", nullable=True, ge=0, le=1)
    arpa_amount: Money = field("MRR per customer (average revenue per account).", nullable=True, unit="major", ge=0)
    ltv_amount: Money = field("ARPA ÷ logo churn of the month: the simple lifetime value.", nullable=True, unit="major", ge=0)
    quick_ratio: Share = field("(New + reactivation + expansion) ÷ (contraction + churn).", nullable=True)
    incomplete_customer_count: Integer = field(
        "Customers with an item at either end whose MRR cannot be computed yet; only `mrr_amount` holds the rest of theirs.", ge=0
    )
    is_mrr_complete: Flag = field("No item at either end is one whose MRR cannot be computed yet.")
    is_opening_known: Flag = field("False in the history's first month where customers are older than the history.")
    is_rate_missing: Flag = field("An exchange rate is missing; what needs it is null.")

    class Config:
        """One row per month, scope and currency."""

        unique = ["month_start_date", "is_total", "currency"]


@table(
    MetricsMonthly,
    write=Merge(),
    ages_by="month",
    month_column="month_start_date",
    traces={"fct_mrr": _MONTH, "fct_mrr_movement": _MONTH},
)
def metrics_monthly(
    fct_mrr: ir.Table, fct_mrr_movement: ir.Table, fx_rate: ir.Table, *, as_of: datetime.date, reporting_currency: str
) -> ir.Table:
    """One row per month × currency with items at its end or MRR at its start, and one per month over all, up to `as_of`'s.

    A row of a currency tells of that currency alone, so that a customer who changes currencies is lost to one and won by the
    other; but what its change is called (new, expansion, …) was decided over all its currencies (see fct_mrr_movement).
    Amounts of the total row are in the reporting currency: ends at the rates of their own days, movements at those of the
    month's end, and retention at those of the period's start. Retention and customer churn look at customers with MRR at the
    start: NRR = what they pay now ÷ what they paid; GRR the same with each customer's increase left out. The unknown member
    counts in amounts and subscriptions, never in customers, retention or ARPA. Ratios are null when there is nothing to divide
    by; LTV takes the month's churn as lasting and knows no margin.

    opening + net new + fx + untold = MRR, exactly, wherever nothing of it is null.
    """
    parts = [
        _moved(fct_mrr_movement, reporting_currency),
        customer_retention(fct_mrr_movement, fx_rate, as_of=as_of, reporting_currency=reporting_currency),
        _paying(fct_mrr_movement, reporting_currency),
        subscription_retention(fct_mrr, as_of=as_of, reporting_currency=reporting_currency),
    ]
    return _outcome(reduce(_joined, parts, _ends(fct_mrr, as_of, reporting_currency)))


def _ends(fct_mrr: ir.Table, as_of: datetime.date, reporting_currency: str) -> ir.Table:
    """`mrr_e8` and `opening_e8` of scopes and months: of the items that can be computed, null where one has no rate."""
    items = fct_mrr.select(
        "month_start_date",
        currency=ibis.coalesce(fct_mrr.currency, NO_CURRENCY),
        is_computed=fct_mrr.mrr_amount.notnull(),
        own_e8=as_integer(fct_mrr.mrr_amount, AMOUNT_DIGITS),
        reporting_e8=as_integer(fct_mrr.mrr_reporting_amount, AMOUNT_DIGITS),
    )
    sides = both_sides(items, 1, as_of)
    scoped = in_both_scopes(sides, reporting_currency, own={"value_e8": "own_e8"}, total={"value_e8": "reporting_e8"})
    ends = scoped.group_by(SCOPE_MONTH).agg(
        mrr_e8=whole_sum(scoped.value_e8, ~scoped.is_start & scoped.is_computed),
        opening_e8=whole_sum(scoped.value_e8, scoped.is_start & scoped.is_computed),
        item_count=scoped.count(where=~scoped.is_start),
    )
    return ends.filter((ends.item_count > 0) | (ends.opening_e8 > 0) | ends.opening_e8.isnull())


def _moved(fct_mrr_movement: ir.Table, reporting_currency: str) -> ir.Table:
    """Sums of movements by type, and what is not known of them."""
    moves = fct_mrr_movement
    rows = moves.select(
        "month_start_date",
        "currency",
        "customer_id",
        "movement_type",
        "is_mrr_complete",
        "is_opening_known",
        own_e8=as_integer(moves.movement_amount, AMOUNT_DIGITS),
        reporting_e8=as_integer(moves.movement_reporting_amount, AMOUNT_DIGITS),
        no_fx_e8=ibis.literal(0, type="int64"),
        fx_e8=as_integer(moves.fx_amount, AMOUNT_DIGITS),
        has_rates=ibis.literal(value=True),
        is_rated=~moves.is_rate_missing,
    )
    scoped = in_both_scopes(
        rows,
        reporting_currency,
        own={"value_e8": "own_e8", "rate_effect_e8": "no_fx_e8", "is_known": "has_rates"},
        total={"value_e8": "reporting_e8", "rate_effect_e8": "fx_e8", "is_known": "is_rated"},
    )
    unrated = scoped.count(where=~scoped.is_known)
    return scoped.group_by(SCOPE_MONTH).agg(
        **{f"{kind}_e8": whole_sum(scoped.value_e8, scoped.movement_type == kind) for kind in MOVEMENT_TYPES},
        fx_e8=ibis.ifelse(unrated > 0, UNKNOWN_E8, scoped.rate_effect_e8.sum().fill_null(0).cast("int64")),
        unrated_count=unrated,
        unopened_count=scoped.count(where=~scoped.is_opening_known),
        incomplete_count=scoped.count(where=~scoped.is_mrr_complete),
        incomplete_customer_count=scoped.customer_id.nunique(
            where=~scoped.is_mrr_complete & (scoped.customer_id != UNKNOWN_CUSTOMER_ID)
        ),
    )


def _paying(fct_mrr_movement: ir.Table, reporting_currency: str) -> ir.Table:
    """Customers with MRR at the month's end, and what they pay: the unknown member and what cannot be computed left out."""
    moves = fct_mrr_movement.filter(fct_mrr_movement.customer_id != UNKNOWN_CUSTOMER_ID)
    own_e8 = as_integer(moves.closing_mrr_amount, AMOUNT_DIGITS)
    rows = moves.select(
        "month_start_date",
        "currency",
        "customer_id",
        mrr_e8=own_e8,
        own_e8=own_e8,
        reporting_e8=as_integer(moves.closing_mrr_reporting_amount, AMOUNT_DIGITS),
    )
    scoped = in_both_scopes(rows, reporting_currency, own={"value_e8": "own_e8"}, total={"value_e8": "reporting_e8"})
    each = scoped.group_by([*SCOPE_MONTH, "customer_id"]).agg(
        value_e8=whole_sum(scoped.value_e8),
        has_mrr=scoped.count(where=scoped.mrr_e8 > 0) > 0,
        is_computed=scoped.count(where=scoped.mrr_e8.isnull()) == 0,
    )
    paying = each.filter(each.has_mrr & each.is_computed)
    return paying.group_by(SCOPE_MONTH).agg(customer_count=paying.count(), paying_e8=whole_sum(paying.value_e8))


def _joined(rows: ir.Table, part: ir.Table) -> ir.Table:
    joined = rows.left_join(part, SCOPE_MONTH)
    return joined.drop(*(f"{name}_right" for name in SCOPE_MONTH))


def _outcome(joined: ir.Table) -> ir.Table:
    known = _known(joined)
    gained = known.new_e8 + known.reactivation_e8 + known.expansion_e8
    lost = -(known.contraction_e8 + known.churn_e8)
    arpa_e8 = divide_half_up(known.paying_e8, known.customer_count)
    return shaped(
        known,
        MetricsMonthly,
        mrr_amount=amount(known.mrr_e8),
        arr_amount=amount(known.mrr_e8 * MONTHS_OF_YEAR),
        opening_mrr_amount=amount(known.opening_e8),
        **{f"{kind}_amount": amount(-known[f"{kind}_e8"] if kind in _LOSSES else known[f"{kind}_e8"]) for kind in MOVEMENT_TYPES},
        net_new_amount=amount(gained - lost),
        fx_amount=amount(known.fx_e8),
        untold_amount=amount(known.mrr_e8 - known.opening_e8 - (gained - lost) - known.fx_e8),
        nrr_ratio=ratio(known.month_now_e8, known.month_cohort_e8),
        grr_ratio=ratio(known.month_kept_e8, known.month_cohort_e8),
        nrr_12_months_ratio=ratio(known.year_now_e8, known.year_cohort_e8),
        grr_12_months_ratio=ratio(known.year_kept_e8, known.year_cohort_e8),
        logo_churn_ratio=ratio(known.churned_customer_count, known.opening_customer_count),
        subscription_churn_ratio=ratio(known.churned_subscription_count, known.opening_subscription_count),
        arpa_amount=amount(arpa_e8),
        ltv_amount=amount(divide_half_up(arpa_e8 * known.opening_customer_count, known.churned_customer_count)),
        quick_ratio=ratio(gained, lost),
    )


def _known(joined: ir.Table) -> ir.Table:
    """What no part has is 0; what rests on an opening that is not known is null."""
    has_moved = joined.unrated_count.notnull()
    is_opening_known = joined.unopened_count.fill_null(0) == 0
    has_unrated_cohort = joined.month_cohort_count.notnull() & (joined.month_cohort_e8.isnull() | joined.year_cohort_e8.isnull())

    def opened(value: ir.IntegerValue) -> ir.IntegerValue:
        return ibis.ifelse(is_opening_known, value, UNKNOWN_E8)

    moved = {name: opened(ibis.ifelse(has_moved, joined[name], 0)) for name in (*(f"{k}_e8" for k in MOVEMENT_TYPES), "fx_e8")}
    counts = {"opening_customer_count": "month_cohort_count", "churned_customer_count": "month_churned_count"}
    counts |= {name: name for name in ("opening_subscription_count", "churned_subscription_count")}
    always = ("customer_count", "subscription_count", "incomplete_customer_count")
    return joined.mutate(
        **moved,
        **{name: opened(joined[part].fill_null(0)) for name, part in counts.items()},
        **{name: joined[name].fill_null(0) for name in always},
        opening_e8=opened(joined.opening_e8),
        is_opening_known=is_opening_known,
        is_mrr_complete=joined.incomplete_count.fill_null(0) == 0,
        is_rate_missing=(joined.unrated_count.fill_null(0) > 0)
        | joined.mrr_e8.isnull()
        | joined.opening_e8.isnull()
        | has_unrated_cohort,
    )
