"""What a deal looked like at any time since it was first stored: stage, amount, probability, close date, outcome."""

import ibis
import ibis.expr.types as ir

from c360.catalog import LocalTo, Merge, table
from c360.contract import Day, Flag, Instant, Money, Share, Text, field, row_check
from c360.expressions.domains import cleaned, code, is_true
from c360.expressions.history import HOLDS_FROM, dated, intervals
from c360.expressions.lineage import LINEAGE, Lineage, shaped
from c360.silver.crm.fct_opportunity import share_of_percent, with_default_currency

TRACKED = ("stage", "amount", "currency", "probability_share", "close_date", "is_closed", "is_won")


class FctOpportunityHistory(Lineage):
    """One row per opportunity and stretch of time without a change, half-open [`valid_from`, `valid_to`).

    It begins with the first version the lake stored, which stands for the time before it, back to the deal's creation:
    Salesforce's own field history is not read. `changed_at` tells from when a row is known rather than assumed. Changes
    between two loads show their last state only. `source_system` to `date_loaded` name the version that opened the row.
    """

    opportunity_id: Text = field("Salesforce's id, 18 characters.", pii="id")
    valid_from: Instant = field("First instant the values hold (UTC).")
    valid_to: Instant = field("First instant they no longer hold (UTC); null while they do.", nullable=True)
    is_current: Flag = field("Whether the values still hold.")
    changed_at: Instant = field(
        "When the version was made (UTC): later than `valid_from` where it stands for the time before it."
    )
    stage: Text = field("Stage, as the organisation names it.", nullable=True, pii="enum")
    amount: Money = field("Amount as entered, in `currency`.", nullable=True, unit="major units of currency")
    currency: Text = field("ISO 4217 code, lower-case, as in `fct_opportunity`.", nullable=True, pii="enum", matches="[a-z]{3}")
    probability_share: Share = field("Probability of winning, 0-1 (Salesforce shows percent).", nullable=True, ge=0, le=1)
    close_date: Day = field("Day the deal was closed, or was expected to.", nullable=True)
    is_closed: Flag = field("Won or lost.")
    is_won: Flag = field("Won.")

    class Config:
        """Intervals of a deal do not overlap, so their beginnings differ."""

        unique = ["source_account", "opportunity_id", "valid_from"]

    @row_check("an interval ends before it begins")
    def ends_after_it_begins(cls, row: ir.Table) -> ir.BooleanValue:
        return row.valid_from < row.valid_to

    @row_check("a current row has an end, or another has none")
    def current_is_open(cls, row: ir.Table) -> ir.BooleanValue:
        return row.is_current == row.valid_to.isnull()


@table(
    FctOpportunityHistory,
    write=Merge(),
    local_to=LocalTo("opportunity_id", {"salesforce_opportunities_versions": "record_id"}),
    traces={
        "salesforce_opportunities_versions": {
            "source_account": "source_account",
            "record_id": "record_id",
            "payload_hash": "payload_hash",
        }
    },
)
def fct_opportunity_history(
    salesforce_opportunities_versions: ir.Table, salesforce_organization: ir.Table, *, salesforce_currency: str
) -> ir.Table:
    """One row per opportunity and interval in which no tracked value changed; the last one of a deleted deal has an end."""
    deals = with_default_currency(salesforce_opportunities_versions, salesforce_organization)
    versions = deals.select(
        *LINEAGE,
        "source_updated_at",
        opportunity_id=deals.record_id,
        created_at=deals.CreatedDate,
        is_deleted=deals.is_deleted | is_true(deals.IsDeleted),
        stage=cleaned(deals.StageName),
        amount=deals.Amount,
        currency=code(ibis.coalesce(deals.CurrencyIsoCode, deals.default_currency, ibis.literal(salesforce_currency))),
        probability_share=share_of_percent(deals.Probability),
        close_date=deals.CloseDate,
        is_closed=is_true(deals.IsClosed),
        is_won=is_true(deals.IsWon),
    )
    key = ["source_account", "opportunity_id"]
    newest_by = ["date_loaded", "payload_hash", "is_deleted"]
    return shaped(intervals(dated(versions, key), key, TRACKED, HOLDS_FROM, newest_by=newest_by), FctOpportunityHistory)
