"""Holds the thresholds of settings against the expectations there are: a misspelt one would change nothing, silently."""

from c360.errors import SettingsError, listing
from c360.quality import privacy
from c360.quality.contract_rules import EXPECTATIONS
from c360.quality.expectations import ENTRIES
from c360.quality.results import FAILING_SHARE
from c360.settings import Settings, variable


def known_thresholds() -> set[str]:
    """Every name a threshold may have: `SE-001` for all measures of an expectation, `SE-001.match_rate` for one."""
    measures = {(entry.check_id, entry.measure) for entry in ENTRIES}
    measures |= {(check_id, FAILING_SHARE) for check_id in EXPECTATIONS} | {(privacy.CHECK_ID, privacy.MEASURE)}
    return {name for check_id, measure in measures for name in (check_id, f"{check_id}.{measure}")}


def refuse_unknown_thresholds(settings: Settings) -> None:
    """Refuses a threshold that no expectation reads.

    Raises:
        SettingsError: There is one.
    """
    known = known_thresholds()
    unknown = settings.thresholds.keys() - known
    if unknown:
        ids = {name.partition(".")[0] for name in unknown}
        near = listing(name for name in known if name.partition(".")[0] in ids) or listing(n for n in known if "." not in n)
        raise SettingsError(
            f"{variable('thresholds')} names {listing(unknown)}, which no expectation has.", hint=f"There are: {near}."
        )
