"""All expectations of section 7 of the specification that are not row rules, and the one way to run them.

A new one is an entry in the file of its group.
"""

from collections.abc import Mapping

from c360.params import RunParams
from c360.quality import expectation
from c360.quality.evaluate import Execute
from c360.quality.expectation import Expectation, Tables
from c360.quality.expectations import bronze, cross_layer, gold, mrr, silver
from c360.quality.results import CheckResult, Stage

ENTRIES: tuple[Expectation, ...] = tuple(
    entry
    for module in (bronze, silver, gold, cross_layer, mrr)
    for entry in vars(module).values()
    if isinstance(entry, Expectation)
)


def run_expectations(
    stage: Stage, tables: Tables, params: RunParams, thresholds: Mapping[str, float], execute: Execute
) -> list[CheckResult]:
    """Results of the stage's expectations.

    Args:
        stage: `ingest`, `silver` or `gold`.
        tables: Gives the table behind a name (a table, a bronze entity, a reference table, `load_manifest`,
            `quarantine_<table>`); None when it was never written.
        params: The run's parameters; `match_rate` is SE-001's threshold unless settings give one.
        thresholds: Settings: `SE-101` or `SE-001.match_rate` -> limit.
        execute: Runs an expression of few rows.
    """
    limits = {"SE-001.match_rate": thresholds.get("SE-001", params.match_rate), **thresholds}
    return expectation.run_all(ENTRIES, stage, tables, params, limits, execute)
