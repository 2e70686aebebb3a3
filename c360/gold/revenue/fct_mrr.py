"""fct_mrr: monthly recurring revenue per subscription item and month, the only definition of MRR."""

import datetime

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Merge, table
from c360.contract import Contract, Day, Flag, Integer, Money, Text, field
from c360.expressions.arrays import each_integer
from c360.expressions.lineage import nullable, shaped
from c360.expressions.money import allocated, amount, converted_amounts, monthly_amounts
from c360.expressions.time import last_day, month_index, month_of_index
from c360.gold.revenue.rates import with_exponent, with_rate

COUNTED_STATUSES = ("active", "past_due")
ENDED_STATUSES = ("canceled", "incomplete_expired")
UNCOLLECTED_PAUSES = ("mark_uncollectible", "void")
BASES = ("licensed", "free", "metered", "tiered", "unsupported")
_NOT_COMPUTABLE = ("tiered", "unsupported")
_LARGEST_CYCLE = 90_000_000_000
"""Minor units per cycle whose e8 still fits 64 bits."""

_ITEM = ["source_account", "subscription_id", "subscription_item_id"]
_IN_ORDER = ["event_at", "event_sequence", "event_type"]
_ITEM_MONTH = [*_ITEM, "month_start_date"]
_SUBSCRIPTION_MONTH = ["source_account", "subscription_id", "month_start_date"]


class FctMrr(Contract):
    """One row per subscription item and month in which it existed."""

    month_start_date: Day = field("First day of the month.")
    source_account: Text = field("Stripe account.", pii="id")
    subscription_id: Text = field("Stripe's subscription id.", pii="id")
    subscription_item_id: Text = field("Stripe's subscription item id.", pii="id")
    customer_id: Text = field("Our customer, or the unknown member.", pii="id")
    measured_date: Day = field("Day at whose end it is measured: the month's last, or the load date.")
    status: Text = field("Status of the subscription at that time.", pii="enum")
    is_on_subscription: Flag = field("The item still belongs to the subscription.")
    price_id: Text = field("Price.", nullable=True, pii="id")
    product_id: Text = field("Product.", nullable=True, pii="id")
    quantity: Integer = field("Units.", nullable=True)
    unit_amount_minor: Integer = field("Per unit and billing cycle.", nullable=True, unit="minor")
    billing_interval: Text = field("Length of a cycle.", nullable=True, pii="enum")
    billing_interval_count: Integer = field("Intervals in a cycle.", nullable=True)
    currency: Text = field("Lower-case ISO 4217 code.", nullable=True, pii="enum")
    discount_factor: Money = field("What percent discounts leave, as a share of 1.", unit="share")
    fixed_discount_minor: Integer = field("Amounts off per cycle of the whole subscription.", unit="minor")
    mrr_basis: Text = field("How the price is charged.", pii="enum", isin=BASES)
    mrr_amount: Money = field(
        "Per month in `currency`, after discounts; null when it cannot be computed yet.", nullable=True, ge=0
    )
    mrr_reporting_amount: Money = field(
        "The same in the reporting currency at the rate of `measured_date`; null without a rate.", nullable=True, ge=0
    )
    is_rate_missing: Flag = field("MRR that is not 0 has no exchange rate.")
    has_unknown_discount: Flag = field("A discount whose terms nothing tells was left out.")
    is_reconstructed: Flag = field("Rests on anything but snapshots of the subscription.")

    class Config:
        """One row per item and month."""

        unique = ["source_account", "subscription_id", "subscription_item_id", "month_start_date"]


@table(
    FctMrr,
    write=Merge(),
    local_to=LocalTo("subscription_id", {"fct_subscription_event": "subscription_id"}),
    ages_by="month",
    month_column="month_start_date",
    traces={
        "fct_subscription_event": {
            "source_account": "source_account",
            "subscription_id": "subscription_id",
            "subscription_item_id": "subscription_item_id",
        }
    },
)
def fct_mrr(
    fct_subscription_event: ir.Table,
    dim_price: ir.Table,
    currency: ir.Table,
    fx_rate: ir.Table,
    *,
    as_of: datetime.date,
    history_from: datetime.date,
    reporting_currency: str,
) -> ir.Table:
    """One row per subscription item × month from the history's first (or the item's) to `as_of`'s, in major units.

    Policy `standard` (specification section 6): monthly-normalised amounts of subscriptions active or past due at the end of the
    month in the reporting zone (of the running month: of `as_of`); 0 while trialing, unpaid, paused, ended, free or metered;
    null while a counted item is tiered or of a price that is not supported yet. An item's last row is that of the month it
    ended in.
    """
    states = _at_month_ends(fct_subscription_event, as_of, history_from)
    measured = states.mutate(measured_date=last_day(states.month_start_date, as_of))
    priced = with_exponent(_with_price(measured, dim_price), currency)
    rated = with_rate(_with_mrr(priced), fx_rate, "measured_date", reporting_currency)
    rated = converted_amounts(rated, "reporting_e8", e8="mrr_e8", rate_e12="rate_e12")
    reporting = ibis.ifelse(rated.mrr_e8 == 0, 0, rated.reporting_e8)
    return shaped(
        rated,
        FctMrr,
        discount_factor=amount(rated.percent_factor_e8),
        fixed_discount_minor=rated.fixed_discount_minor.fill_null(0),
        mrr_amount=amount(rated.mrr_e8),
        mrr_reporting_amount=amount(reporting),
        is_rate_missing=((rated.mrr_e8 > 0) & rated.rate_e12.isnull()).fill_null(False),
    )


def _at_month_ends(events: ir.Table, as_of: datetime.date, history_from: datetime.date) -> ir.Table:
    """The last state of each item before the end of each month; after the month in which it was over, nothing is told."""
    every = nullable(events)
    every = every.filter(every.event_date <= as_of)
    known = every.mutate(is_over=every.status.isin(sorted(ENDED_STATUSES)) | ~every.is_on_subscription)
    told = _until_over(known)
    following = told.mutate(next_date=told.event_date.lead().over(ibis.window(group_by=_ITEM, order_by=_IN_ORDER)))
    last = following.mutate(
        first_month=ibis.greatest(month_index(following.event_date), month_index(history_from)),
        last_month=ibis.coalesce(month_index(following.next_date) - 1, month_index(as_of)),
    )
    own_month = month_index(last.event_date)
    until = ibis.ifelse(last.is_over, ibis.least(last.last_month, own_month), last.last_month)
    held = last.mutate(last_month=until)
    held = held.filter(held.first_month <= held.last_month)
    each = each_integer(held, "month", first="first_month", last="last_month").drop("month_start_date")
    return each.mutate(month_start_date=month_of_index(each.month))


def _until_over(states: ir.Table) -> ir.Table:
    """Without the states that follow the month in which an item was over, until it lives again."""
    so_far = ibis.cumulative_window(group_by=_ITEM, order_by=_IN_ORDER)
    lives = states.mutate(life_no=(~states.is_over).cast("int64").sum().over(so_far).cast("int64"))
    over_date = ibis.ifelse(lives.is_over, lives.event_date, ibis.null("date"))
    dated = lives.mutate(over_date=over_date.min().over(ibis.window(group_by=[*_ITEM, "life_no"])))
    return dated.filter(~dated.is_over | (month_index(dated.event_date) == month_index(dated.over_date)))


def _with_price(states: ir.Table, dim_price: ir.Table) -> ir.Table:
    prices = dim_price.select(
        "product_id",
        "unit_amount_minor",
        "billing_interval",
        "billing_interval_count",
        "usage_type",
        "billing_scheme",
        "transform_divide_by",
        _account="source_account",
        _price="price_id",
        _price_currency="currency",
    )
    joined = states.left_join(prices, [states.source_account == prices._account, states.price_id == prices._price])
    return joined.mutate(currency=ibis.coalesce(joined.currency, joined._price_currency))


def _with_mrr(priced: ir.Table) -> ir.Table:
    """Adds `mrr_basis` and `mrr_e8`."""
    based = priced.mutate(mrr_basis=_basis(priced), is_counted=_is_counted(priced))
    is_charged = (based.mrr_basis == "licensed") & based.is_counted
    cycle_e8 = based.unit_amount_minor * based.quantity * based.percent_factor_e8
    charged = based.mutate(is_charged=is_charged, weight_e8=ibis.ifelse(is_charged, cycle_e8, 0))
    together = ibis.window(group_by=_SUBSCRIPTION_MONTH)
    shared = charged.mutate(
        total_e8=charged.weight_e8.sum().over(together).cast("int64"),
        amount_minor=charged.fixed_discount_minor.max().over(together),
    )
    net = monthly_amounts(
        _less_fixed_discounts(shared),
        "monthly_e8",
        cycle_e8="net_e8",
        interval="billing_interval",
        interval_count="billing_interval_count",
        exponent="exponent",
    )
    mrr_e8 = ibis.cases(
        (net.is_charged, net.monthly_e8),
        (net.is_counted & net.mrr_basis.isin(sorted(_NOT_COMPUTABLE)), ibis.null("int64")),
        else_=0,
    )
    return net.mutate(mrr_e8=mrr_e8)


def _less_fixed_discounts(items: ir.Table) -> ir.Table:
    """Adds `net_e8`: the weight less the item's part of the subscription's fixed discounts."""
    discounted = items.filter((items.amount_minor > 0) & (items.total_e8 > 0))
    shares = allocated(discounted, _ITEM_MONTH)
    keyed = shares.select("share_e8", **{f"_{c}": shares[c] for c in _ITEM_MONTH})
    joined = items.left_join(keyed, [items[c] == keyed[f"_{c}"] for c in _ITEM_MONTH])
    is_discounted = (joined.amount_minor > 0) & (joined.total_e8 > 0)
    share = ibis.ifelse(is_discounted.fill_null(False), joined.share_e8, 0)
    return joined.mutate(net_e8=joined.weight_e8 - share)


def _is_counted(item: ir.Table) -> ir.BooleanValue:
    is_collected = item.pause_behavior.isnull() | ~item.pause_behavior.isin(sorted(UNCOLLECTED_PAUSES))
    return item.status.isin(sorted(COUNTED_STATUSES)) & is_collected & item.is_on_subscription


def _basis(item: ir.Table) -> ir.StringValue:
    cycle_minor = item.unit_amount_minor * item.quantity
    is_supported = (
        (item.quantity >= 0)
        & (item.unit_amount_minor >= 0)
        & (cycle_minor <= _LARGEST_CYCLE)
        & item.billing_interval.notnull()
        & item.exponent.notnull()
        & (item.currency == item._price_currency)
        & (item.transform_divide_by.isnull() | (item.transform_divide_by == 1))
    )
    return ibis.cases(
        (item.usage_type == "metered", "metered"),
        (item.billing_scheme == "tiered", "tiered"),
        (~is_supported.fill_null(False), "unsupported"),
        (item.unit_amount_minor == 0, "free"),
        else_="licensed",
    )
