"""`gold.data_quality_log`: one row per check, measure, table and run."""

import json
from collections.abc import Sequence
from datetime import date, datetime

import pyarrow as pa

from c360.contract import Contract, Day, Instant, Integer, Share, Text, field, ibis_schema
from c360.quality.results import CheckResult

LOG_TABLE = "gold.data_quality_log"


class DataQualityLog(Contract):
    """One row per check, measure, table and run: what was checked, what failed, what was allowed. Rows are only added.

    `measured_value` and `threshold` are in the unit of `measure` (shares 0-1 unless it says otherwise). Sample keys are
    ids.
    """

    run_id: Text = field("Run that checked.", pii="id")
    stage: Text = field("Stage the check ran after.", pii="enum", isin=("ingest", "silver", "gold"))
    check_id: Text = field("Id of the expectation (`BE-001`, …), or `contract` for row rules.", pii="enum")
    measure: Text = field("What `measured_value` is.", pii="enum")
    table_name: Text = field("Table the check speaks of, with its layer.", pii="enum")
    severity: Text = field("P0 blocks the release, P1 warns, P2 observes.", pii="enum", isin=("P0", "P1", "P2"))
    load_date: Day = field("Load date of the run.")
    title: Text = field("The rule in one sentence.", pii="enum")
    rows_checked: Integer = field("Rows the rule was asked of.", ge=0)
    rows_failing: Integer = field("Rows that broke it.", ge=0)
    measured_value: Share = field("The figure held against the threshold; null when not applicable.", nullable=True)
    threshold: Share = field("Limit of the figure.")
    result: Text = field("Outcome.", pii="enum", isin=("passed", "failed", "not_applicable"))
    sample_keys: Text = field("JSON list of at most ten keys of failing rows.", pii="text")
    release_id: Text = field("Candidate or release of the stage; null when nothing was published.", nullable=True, pii="id")
    checked_at: Instant = field("Instant of the check.")

    class Config:
        """A check gives one figure per measure and table in a run."""

        unique = ["run_id", "stage", "check_id", "measure", "table_name"]


def log_rows(
    results: Sequence[CheckResult],
    *,
    run_id: str,
    load_date: date,
    release_id: str | None,
    checked_at: datetime,
) -> pa.Table:
    """The rows of one stage's results, for `Engine.append`."""
    common = {"run_id": run_id, "load_date": load_date, "release_id": release_id, "checked_at": checked_at}
    rows = [{**vars(result), **common, "sample_keys": json.dumps(list(result.sample_keys))} for result in results]
    schema = ibis_schema(DataQualityLog).to_pyarrow()
    return pa.Table.from_pylist([{name: row[name] for name in schema.names} for row in rows], schema=schema)
