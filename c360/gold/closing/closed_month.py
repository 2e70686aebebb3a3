"""The published values of closed months. People write this table (`c360 close MONTH`); no build does."""

from c360.contract import Contract, Day, Instant, Integer, Money, Text, field
from c360.gold.closing.metrics import NO_CURRENCY


class ClosedMonth(Contract):
    """One row per closing of a month, metric and currency; of several closings of one month the newest counts."""

    month_start_date: Day = field("First day of the closed month.")
    metric: Text = field("Name of the metric, as in `c360/gold/closing/metrics.py`.", pii="enum")
    currency: Text = field(f"Lower-case ISO 4217 code; `{NO_CURRENCY}` for counts and shares.", pii="enum", matches="[a-z]{3}")
    closed_at: Instant = field("When the month was closed (UTC).")
    value: Money = field("What the release said: major units, a count or a share; null: unknown then.", nullable=True)
    missing_count: Integer = field("Rows of the release without a value (a missing rate, say), in no sum.", ge=0)
    release_id: Text = field("The release the value is of.", pii="id")
    load_date: Day = field("Load date of that release.")

    class Config:
        """A month may be closed again; the rows of the closings before stay."""

        unique = ["month_start_date", "metric", "currency", "closed_at"]
