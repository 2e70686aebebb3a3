"""The parameters a table function may name as keyword-only arguments."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class RunParams:
    """What a build knows besides its input tables. Immutable; only the fields a function names enter its fingerprint.

    Attributes:
        as_of: The load date (UTC calendar day of the load's start).
        history_from: First day of the history the lake holds; months before it are unknown, never zero.
        first_load_date: Load date of the initial history load (its rows are never late-arriving).
        reporting_zone: IANA zone that decides the day and month of an instant.
        reporting_currency: Lower-case ISO 4217 code that gold converts to.
        fiscal_start_month: 1-12, first month of the fiscal year.
        late_after_days: An event older than this when first seen is late-arriving.
        metadata_key: Key of Stripe metadata that may hold a Salesforce account id.
        link_probability: Least probability of a link between two records.
        match_confidence: Confidence from which an account counts as matched (section 4 of the specification).
        match_rate: Required share of expected accounts that are matched.
        salesforce_currency: Currency of an organisation whose records do not name one; empty: unknown.
    """

    as_of: date
    history_from: date
    first_load_date: date
    reporting_zone: str = "UTC"
    reporting_currency: str = "usd"
    fiscal_start_month: int = 1
    late_after_days: int = 2
    metadata_key: str = "salesforce_account_id"
    link_probability: float = 0.5
    match_confidence: float = 0.95
    match_rate: float = 0.98
    salesforce_currency: str = ""
