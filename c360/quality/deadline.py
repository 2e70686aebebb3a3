"""BE-004's second half: a scheduled load must have landed before its deadline."""

from datetime import UTC, date, datetime, time, timedelta

from c360.quality.results import CheckResult, judge

MEASURE = "minutes_late"


def deadline_result(load_date: date, landed_at: datetime, deadline: time, *, is_scheduled: bool) -> CheckResult:
    """Holds the instant the day's last entity landed against the deadline on the day after (UTC).

    Args:
        load_date: The load's date.
        landed_at: When its last entity was complete (UTC).
        deadline: Time of the day after `load_date`.
        is_scheduled: Whether a schedule started the run; the check is not applicable to runs people start.
    """
    due_at = datetime.combine(load_date + timedelta(days=1), deadline, tzinfo=UTC)
    minutes_late = max((landed_at - due_at).total_seconds() / 60, 0.0) if is_scheduled else None
    return CheckResult(
        check_id="BE-004",
        measure=MEASURE,
        severity="P0",
        stage="ingest",
        table_name="bronze.load_manifest",
        title="A scheduled load has landed before the deadline.",
        rows_checked=int(is_scheduled),
        rows_failing=int(bool(minutes_late)),
        measured_value=minutes_late,
        threshold=0.0,
        result=judge(minutes_late, 0.0, "at_most"),
    )
