"""Opportunities of Salesforce as they stand at the load date."""

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Merge, table
from c360.contract import Day, Flag, Instant, Integer, Money, Share, Text, field, row_check
from c360.expressions import calendar
from c360.expressions.customers import UNKNOWN_CUSTOMER_REASONS, resolve
from c360.expressions.domains import cleaned, code, is_true
from c360.expressions.lineage import Lineage, shaped
from c360.expressions.money import as_integer
from c360.expressions.time import local_date

SALESFORCE = "salesforce"
PERCENT_DIGITS = 6
"""Decimals of a percent that count."""


class FctOpportunity(Lineage):
    """One row per opportunity ever stored, deleted ones included. Names are free text and left out."""

    opportunity_id: Text = field("Salesforce's id, 18 characters.", pii="id")
    customer_id: Text = field("Customer of the account; the unknown member when it has none.", pii="id")
    unknown_customer_reason: Text = field("Why no customer was found.", nullable=True, pii="enum", isin=UNKNOWN_CUSTOMER_REASONS)
    salesforce_account_id: Text = field("Account the deal is with.", nullable=True, pii="id")
    owner_id: Text = field("User who owns the deal.", nullable=True, pii="id")
    owner_name: Text = field("Name of that user.", nullable=True, pii="staff")
    stage: Text = field("Stage, as the organisation names it.", nullable=True, pii="enum")
    forecast_category: Text = field("Forecast category of the stage.", nullable=True, pii="enum")
    opportunity_type: Text = field("Type, as the organisation names it.", nullable=True, pii="enum")
    lead_source: Text = field("Where the deal came from.", nullable=True, pii="enum")
    amount: Money = field("Amount as entered, in `currency`.", nullable=True, unit="major units of currency")
    currency: Text = field(
        "ISO 4217 code, lower-case: the deal's own, else the organisation's default.",
        nullable=True,
        pii="enum",
        matches="[a-z]{3}",
    )
    probability_share: Share = field("Probability of winning, 0-1 (Salesforce shows percent).", nullable=True, ge=0, le=1)
    created_at: Instant = field("When the deal was entered (UTC).", nullable=True)
    created_date: Day = field("Day of `created_at` in the reporting zone.", nullable=True)
    close_date: Day = field("Day the deal was closed, or is expected to.", nullable=True)
    is_closed: Flag = field("Won or lost.")
    is_won: Flag = field("Won.")
    days_to_close: Integer = field(
        "Days from `created_date` to `close_date` of a closed deal; 0 for one entered after it was closed.",
        nullable=True,
        ge=0,
        unit="days",
    )
    stage_changed_at: Instant = field("When the stage last changed (UTC).", nullable=True)
    updated_at: Instant = field("When the record last changed (UTC).", nullable=True)
    is_deleted: Flag = field("Deleted in Salesforce; no pipeline counts it.")

    class Config:
        """Ids are unique within an organisation."""

        unique = ["source_account", "opportunity_id"]

    @row_check("a won deal that is not closed")
    def won_is_closed(cls, row: ir.Table) -> ir.BooleanValue:
        return row.is_closed | ~row.is_won

    @row_check("days to close of a deal that is open")
    def only_closed_deals_took_days(cls, row: ir.Table) -> ir.BooleanValue:
        return row.is_closed | row.days_to_close.isnull()


@table(
    FctOpportunity,
    write=Merge(),
    local_to=LocalTo("opportunity_id", {"salesforce_opportunities": "record_id"}),
    traces={
        "salesforce_opportunities": {
            "source_account": "source_account",
            "record_id": "record_id",
            "payload_hash": "payload_hash",
        }
    },
)
def fct_opportunity(
    salesforce_opportunities: ir.Table,
    salesforce_users: ir.Table,
    salesforce_organization: ir.Table,
    salesforce_accounts: ir.Table,
    customer_identity: ir.Table,
    *,
    reporting_zone: str,
    salesforce_currency: str,
) -> ir.Table:
    """One row per opportunity, in the currency it was entered in; amounts of several currencies must not be added up.

    Only organisations with several currencies name one on each record; of another the setting `salesforce_currency` tells.

    Deals of an account that lost a merge belong to the survivor's customer, because the loser does.
    """
    dated = salesforce_opportunities.mutate(created_date=local_date(salesforce_opportunities.CreatedDate, reporting_zone))
    owned = _with_owner(with_default_currency(dated, salesforce_organization), salesforce_users)
    deals = resolve(owned, customer_identity, source_system=SALESFORCE, id_column="AccountId", stored=salesforce_accounts)
    is_closed = is_true(deals.IsClosed)
    return shaped(
        deals,
        FctOpportunity,
        opportunity_id=deals.record_id,
        salesforce_account_id=deals.AccountId,
        owner_id=deals.OwnerId,
        stage=cleaned(deals.StageName),
        forecast_category=ibis.coalesce(cleaned(deals.ForecastCategoryName), cleaned(deals.ForecastCategory)),
        opportunity_type=cleaned(deals.Type),
        lead_source=cleaned(deals.LeadSource),
        amount=deals.Amount,
        currency=code(ibis.coalesce(deals.CurrencyIsoCode, deals.default_currency, ibis.literal(salesforce_currency))),
        probability_share=share_of_percent(deals.Probability),
        created_at=deals.CreatedDate,
        close_date=deals.CloseDate,
        is_closed=is_closed,
        is_won=is_true(deals.IsWon),
        days_to_close=ibis.ifelse(is_closed, _days_to_close(deals.created_date, deals.CloseDate), ibis.null("int64")),
        stage_changed_at=deals.LastStageChangeDate,
        updated_at=deals.source_updated_at,
        is_deleted=deals.is_deleted | is_true(deals.IsDeleted),
    )


def share_of_percent(percent: ir.DecimalValue) -> ir.FloatingValue:
    """Percent ÷ 100 as the nearest float: one division of two exact integers."""
    return as_integer(percent, PERCENT_DIGITS) / 10 ** (PERCENT_DIGITS + 2)


def _days_to_close(created_date: ir.DateValue, close_date: ir.DateValue) -> ir.IntegerValue:
    days = calendar.days_between(created_date, close_date)
    return ibis.ifelse(days < 0, 0, days)  # not `greatest`: engines differ on null


def with_default_currency(deals: ir.Table, organization: ir.Table) -> ir.Table:
    """Adds `default_currency`, the organisation's; null where it names none."""
    defaults = organization.group_by(_account=organization.source_account).agg(
        default_currency=ibis.coalesce(organization.DefaultCurrencyIsoCode, organization.CurrencyIsoCode).max()
    )
    return deals.left_join(defaults, deals.source_account == defaults._account).drop("_account")


def _with_owner(deals: ir.Table, users: ir.Table) -> ir.Table:
    owners = users.select(_account=users.source_account, _owner=users.record_id, owner_name=users.Name)
    owned = deals.left_join(owners, [deals.source_account == owners._account, deals.OwnerId == owners._owner])
    return owned.drop("_account", "_owner")
