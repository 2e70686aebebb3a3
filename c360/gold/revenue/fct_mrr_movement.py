"""fct_mrr_movement: what MRR did in a month, per customer and currency."""

import datetime

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Merge, table
from c360.contract import Contract, Day, Flag, Money, Text, field
from c360.expressions.lineage import nullable, shaped
from c360.expressions.money import amount, converted_amounts
from c360.expressions.time import last_day
from c360.gold.revenue.month_ends import UNKNOWN_E8, both_ends, month_ends
from c360.gold.revenue.rates import with_rate

NEW, REACTIVATION, EXPANSION, CONTRACTION, CHURN = "new", "reactivation", "expansion", "contraction", "churn"
MOVEMENT_TYPES = (NEW, REACTIVATION, EXPANSION, CONTRACTION, CHURN)

_CUSTOMER_MONTH = ["customer_id", "month_start_date"]
_REPORTING = "reporting currency"


class FctMrrMovement(Contract):
    """One row per customer, currency and month with MRR at its start or its end."""

    month_start_date: Day = field("First day of the month.")
    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    currency: Text = field("Lower-case ISO 4217 code; `xxx` where an item's currency is not known.", pii="enum")
    movement_type: Text = field(
        "What the customer's MRR did over all currencies, at the month's rates; null where it stayed or cannot be told.",
        nullable=True,
        pii="enum",
        isin=MOVEMENT_TYPES,
    )
    opening_mrr_amount: Money = field(
        "MRR at the end of the month before; null when not known.", nullable=True, unit="major", ge=0
    )
    closing_mrr_amount: Money = field("MRR at the month's end; null when not computable yet.", nullable=True, unit="major", ge=0)
    movement_amount: Money = field("Closing less opening; null where the type cannot be told.", nullable=True, unit="major")
    opening_mrr_reporting_amount: Money = field(
        "The opening at the rates of the month before; null without a rate.", nullable=True, unit=_REPORTING, ge=0
    )
    closing_mrr_reporting_amount: Money = field(
        "The closing at the month's rates; null without a rate.", nullable=True, unit=_REPORTING, ge=0
    )
    movement_reporting_amount: Money = field(
        "The movement at the month's rate; null without one.", nullable=True, unit=_REPORTING
    )
    fx_amount: Money = field(
        "What rates did: closing less opening less movement, all in the reporting currency.", nullable=True, unit=_REPORTING
    )
    is_opening_known: Flag = field("False in the history's first month, for customers with older subscriptions.")
    is_mrr_complete: Flag = field("No item of the customer, at either end, is one whose MRR cannot be computed yet.")
    is_rate_missing: Flag = field("An exchange rate is missing; what needs it is null.")
    is_reconstructed: Flag = field("An end rests on anything but snapshots.")

    class Config:
        """One row per customer, currency and month."""

        unique = ["customer_id", "currency", "month_start_date"]


@table(
    FctMrrMovement,
    write=Merge(),
    local_to=LocalTo("customer_id", {"fct_mrr": "customer_id", "dim_subscription": "customer_id"}),
    ages_by="month",
    month_column="month_start_date",
    traces={"fct_mrr": {"customer_id": "customer_id"}},
)
def fct_mrr_movement(
    fct_mrr: ir.Table,
    dim_subscription: ir.Table,
    fx_rate: ir.Table,
    *,
    as_of: datetime.date,
    history_from: datetime.date,
    reporting_currency: str,
) -> ir.Table:
    """One row per customer × currency × month whose opening or closing MRR is not 0 (or not known), the unknown member included.

    Policy `standard` (specification section 6). Per customer and month, over all currencies: `new` from 0, for the first time in
    the history; `reactivation` from 0, after MRR in an earlier month (one that cannot be computed counts as such); `churn` to 0;
    else `expansion` or `contraction` by the sum of the changes at the month's rates, and where those cancel out, `expansion`.
    Every currency row of the customer has that type, and a signed amount: MRR(t) − MRR(t−1) = movement, exactly.
    In the reporting currency the movement is the change × the rate of the month's end (of the running month: of `as_of`),
    rounded half away from zero at 8 decimals; `fx_amount` is the rest of MRR(t) − MRR(t−1) there, also of rows without type.

    Not known, hence null and marked: the opening in the history's first month, where a subscription is older (without
    `dim_subscription`'s start it counts as older); every movement of a customer while one of its items cannot be computed;
    what needs a rate that is missing, the type too where currencies move against each other.
    """
    ends = month_ends(fct_mrr)
    sides = _with_known_openings(both_ends(ends, as_of), dim_subscription, history_from)
    is_nothing = ((sides.opening_e8 == 0) & (sides.closing_e8 == 0)).fill_null(False)
    rows = sides.filter(~is_nothing)
    rows = rows.mutate(measured_date=last_day(rows.month_start_date, as_of))
    rated = with_rate(rows, fx_rate, "measured_date", reporting_currency)
    return _outcome(_typed(_changes(rated), ends))


def _with_known_openings(sides: ir.Table, dim_subscription: ir.Table, history_from: datetime.date) -> ir.Table:
    """Adds `is_opening_known`; openings that are not known become null."""
    first_month = ibis.literal(history_from.replace(day=1))
    subscriptions = nullable(dim_subscription)
    starts = subscriptions.group_by("customer_id").agg(first_start=subscriptions.start_date.min())
    joined = sides.left_join(starts, "customer_id").drop("customer_id_right")
    is_young = (joined.first_start >= first_month).fill_null(False)
    known = joined.mutate(is_opening_known=(joined.month_start_date > first_month) | is_young)
    return known.mutate(
        is_computed=known.opening_e8.notnull() & known.closing_e8.notnull(),
        opening_e8=ibis.ifelse(known.is_opening_known, known.opening_e8, UNKNOWN_E8),
        opening_reporting_e8=ibis.ifelse(known.is_opening_known, known.opening_reporting_e8, UNKNOWN_E8),
    )


def _changes(rated: ir.Table) -> ir.Table:
    """Adds `change_e8` and `change_reporting_e8`, at the rate of the month's end: null without one, 0 needs none."""
    changed = rated.mutate(change_e8=rated.closing_e8 - rated.opening_e8)
    sized = changed.mutate(_size_e8=changed.change_e8.abs())
    converted = converted_amounts(sized, "_converted_e8", e8="_size_e8", rate_e12="rate_e12")
    change = converted.change_e8
    signed = ibis.cases((change == 0, 0), (change < 0, -converted._converted_e8), else_=converted._converted_e8)
    return converted.mutate(change_reporting_e8=signed.cast("int64")).drop("_size_e8", "_converted_e8")


def _typed(rows: ir.Table, ends: ir.Table) -> ir.Table:
    """Adds `movement_type`, `is_told` (null then means: stayed), `is_mrr_complete` and `is_type_without_rate`."""
    together = ibis.window(group_by=_CUSTOMER_MONTH)

    def number(condition: ir.BooleanValue) -> ir.IntegerValue:
        return condition.fill_null(False).cast("int64").sum().over(together)

    counted = rows.mutate(
        uncomputed_count=number(~rows.is_computed),
        unknown_count=number(rows.change_e8.isnull()),
        opening_count=number(rows.opening_e8 > 0),
        closing_count=number(rows.closing_e8 > 0),
        up_count=number(rows.change_e8 > 0),
        down_count=number(rows.change_e8 < 0),
        unrated_count=number(rows.change_reporting_e8.isnull()),
        total_e8=rows.change_reporting_e8.sum().over(together).cast("int64"),
    )
    had = ends.filter((ends.mrr_e8 > 0) | ends.mrr_e8.isnull())
    firsts = had.group_by("customer_id").agg(first_month=had.month_start_date.min())
    joined = counted.left_join(firsts, "customer_id").drop("customer_id_right")
    is_known = joined.unknown_count == 0
    is_from_zero, is_to_zero = joined.opening_count == 0, joined.closing_count == 0
    is_against = ~is_from_zero & ~is_to_zero & (joined.up_count > 0) & (joined.down_count > 0)
    told = joined.mutate(
        is_from_zero=is_from_zero,
        is_to_zero=is_to_zero,
        has_earlier=(joined.first_month < joined.month_start_date).fill_null(False),
        is_mrr_complete=joined.uncomputed_count == 0,
        is_type_without_rate=is_known & is_against & (joined.unrated_count > 0),
    )
    told = told.mutate(is_told=is_known & ~told.is_type_without_rate)
    return told.mutate(movement_type=_type(told))


def _type(told: ir.Table) -> ir.StringValue:
    is_stayed = (told.up_count == 0) & (told.down_count == 0)
    is_up = (told.down_count == 0) | ((told.up_count > 0) & (told.total_e8 >= 0))  # one direction needs no rates
    return ibis.cases(
        (~told.is_told | is_stayed, ibis.null("string")),
        (told.is_from_zero & told.has_earlier, REACTIVATION),
        (told.is_from_zero, NEW),
        (told.is_to_zero, CHURN),
        (is_up, EXPANSION),
        else_=CONTRACTION,
    )


def _outcome(typed: ir.Table) -> ir.Table:
    movement = ibis.ifelse(typed.is_told, typed.change_reporting_e8, UNKNOWN_E8)
    fx = typed.closing_reporting_e8 - typed.opening_reporting_e8 - movement
    is_rate_missing = (
        (typed.closing_e8.notnull() & typed.closing_reporting_e8.isnull())
        | (typed.opening_e8.notnull() & typed.opening_reporting_e8.isnull())
        | (typed.change_e8.notnull() & typed.change_reporting_e8.isnull())
        | typed.is_type_without_rate
    )
    return shaped(
        typed,
        FctMrrMovement,
        opening_mrr_amount=amount(typed.opening_e8),
        closing_mrr_amount=amount(typed.closing_e8),
        movement_amount=amount(ibis.ifelse(typed.is_told, typed.change_e8, UNKNOWN_E8)),
        opening_mrr_reporting_amount=amount(typed.opening_reporting_e8),
        closing_mrr_reporting_amount=amount(typed.closing_reporting_e8),
        movement_reporting_amount=amount(movement),
        fx_amount=amount(fx),
        is_rate_missing=is_rate_missing,
    )
