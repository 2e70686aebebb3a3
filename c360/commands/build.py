"""Commands that do the daily work: run, ingest, build, plan."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from c360 import run as operations
from c360.commands.output import (
    DateOption,
    EngineOption,
    JsonOption,
    LakeOption,
    SelectOption,
    WaitOption,
    day_of,
    say,
    settings_for,
    show_json,
    show_table,
)
from c360.commands.watch import totals_of, watching
from c360.demo.home import refuse_real_accounts
from c360.engines import IN_WAREHOUSE
from c360.lake import Lake, open_lake
from c360.plan import planned, total
from c360.report.report import reporting, write_report
from c360.run import Outcome

PANEL = "Daily work"
STAGES = ("silver", "gold")


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    for command in (run, ingest, build, plan):
        app.command(rich_help_panel=PANEL)(command)


def run(
    *,
    date: DateOption = None,
    select: SelectOption = None,
    refetch: Annotated[bool, typer.Option("--refetch", help="Ask the sources again for what is complete already.")] = False,
    wait: WaitOption = 0,
    engine: EngineOption = None,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Do the daily job: load the day, build silver and gold, check, release.

    The load date defaults to today (UTC). What is complete or up to date is left alone: running again is always safe.
    """
    with open_lake(settings_for(lake, engine=engine), to_build=True) as opened:
        load_date = day_of(date) or opened.settings.clock().date()
        chosen = select or []
        totals = totals_of(opened, chosen)
        if not refetch and not chosen and operations.is_up_to_date(opened, load_date):
            return finish(opened, operations.up_to_date(opened, load_date), as_json=as_json)
        refuse_real_accounts(opened.settings)
        with reporting(opened), watching(totals) as listen:
            outcome = operations.run_day(
                opened,
                operations.open_sources(opened),
                load_date,
                select=chosen,
                refetch=refetch,
                wait_seconds=wait,
                listen=listen,
            )
        return finish(opened, outcome, as_json=as_json)


def ingest(
    *,
    date: DateOption = None,
    source: Annotated[list[str] | None, typer.Option("--source", help="Source to read (default: all).")] = None,
    refetch: Annotated[bool, typer.Option("--refetch", help="Ask again for what is complete already.")] = False,
    wait: WaitOption = 0,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the day's records of the sources into bronze.

    Only today can be asked of an API; a past day is built from what was stored (`c360 build --date`).
    """
    with open_lake(settings_for(lake), to_build=True) as opened:
        refuse_real_accounts(opened.settings)
        load_date = day_of(date) or opened.settings.clock().date()
        run_id = operations.new_run_id()
        sources = operations.open_sources(opened, source)
        totals = {"ingest": sum(len(one.entities()) for one in sources)}
        with reporting(opened), operations.exclusive(opened, run_id, wait_seconds=wait), watching(totals) as listen:
            rows = operations.ingest_day(opened, sources, load_date, refetch=refetch, listen=listen)
    if as_json:
        return show_json(rows)
    return show_manifest(f"Loaded {load_date}", rows)


def build(
    *,
    date: DateOption = None,
    select: SelectOption = None,
    stage: Annotated[
        list[str] | None, typer.Option("--stage", help="silver or gold (default: both); silver ends with a candidate.")
    ] = None,
    wait: WaitOption = 0,
    engine: EngineOption = None,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build, check and release from what bronze holds, without asking the sources.

    The load date defaults to the newest complete one.
    """
    stages = _stages(stage)
    with open_lake(settings_for(lake, engine=engine), to_build=True) as opened:
        nodes = opened.catalog.select(select or [])
        load_date = day_of(date) or operations.newest_complete_date(opened)
        if not select and operations.is_up_to_date(opened, load_date):
            return finish(opened, operations.up_to_date(opened, load_date), as_json=as_json)
        operations.refuse_past(opened, load_date)
        outcome = Outcome(operations.new_run_id(), load_date)
        totals = totals_of(opened, select or [], with_ingest=False)
        exclusive = operations.exclusive(opened, outcome.run_id, wait_seconds=wait)
        with reporting(opened), exclusive, watching(totals) as listen:
            progress = operations.start(opened, load_date, outcome)
            for one in stages:
                operations.build_stage(opened, one, nodes, progress, outcome, listen=listen)
        if "gold" in stages and not select:
            operations.released(outcome)
        return finish(opened, outcome, as_json=as_json)


def plan(
    *,
    date: DateOption = None,
    select: SelectOption = None,
    engine: EngineOption = None,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which tables a build would make, and why; on BigQuery also what each would read at most, and its price."""
    with open_lake(settings_for(lake, engine=engine)) as opened:
        load_date = day_of(date) or operations.newest_complete_date(opened)
        rows = planned(opened, load_date, select or [])
    if as_json:
        return show_json(rows)
    cost = total(rows)
    columns = ("table", "action", "why", *(("bytes read", "USD") if cost else ()))
    shown = [(row.table, row.action, row.why, *((row.bytes_read, _price(row.usd)) if cost else ())) for row in rows]
    show_table(f"Plan for {load_date}", columns, shown)
    wanted = [row for row in rows if row.action != "skip"]
    say(f"{len(wanted)} of {len(rows)} tables to build.")
    if cost:
        unknown = sum(1 for row in wanted if row.bytes_read is None)
        rest = f"; {unknown} without an estimate" if unknown else ""
        say(f"Built whole they read {cost[0]:,} bytes, {_price(cost[1])} USD{rest}. Checks and writes come on top.")
    elif wanted and opened.settings.engine in IN_WAREHOUSE:
        say(f"The server of {opened.settings.engine} gives no estimate of bytes.")
    return None


def _price(usd: float | None) -> str | None:
    return None if usd is None else f"{usd:.4f}"


def finish(lake: Lake, outcome: Outcome, *, as_json: bool) -> None:
    """Shows the end of a run."""
    if as_json:
        return show_json(outcome)
    if outcome.is_noop:
        return say(f"{outcome.load_date} is released and up to date ({_release_id(outcome)}): nothing had to be done.")
    show_table(
        "Tables", ("table", "outcome", "rows", "inserted", "updated", "deleted", "quarantined", "seconds"), build_rows(outcome)
    )
    failed = [check for check in outcome.checks if check.result == "failed"]
    if failed:
        columns = ("check", "severity", "table", "failing", "of", "measured", "threshold")
        show_table("Checks that failed", columns, [check_row(check) for check in failed])
    say(f"{len(outcome.checks) - len(failed)} of {len(outcome.checks)} checks passed or did not apply.")
    if outcome.stale:
        say(f"Not released: {len(outcome.stale)} tables are behind their inputs ({', '.join(outcome.stale[:5])}, …).")
        return say("Hint: Build them too, with + after the selection.")
    if outcome.entry is None:
        say(f"Silver of {outcome.load_date} is a candidate; readers see it once gold is released. Report: {write_report(lake)}")
        return say("Hint: `c360 build --stage gold` goes on from it.")
    return say(f"Released {_release_id(outcome)}. Report: {write_report(lake)}")


def build_rows(outcome: Outcome) -> list[tuple[Any, ...]]:
    """The builds of a run as table rows."""
    return [
        (b.table, b.outcome, b.state.rows, b.inserted, b.updated, b.deleted, b.state.quarantined, b.seconds)
        for b in outcome.builds
    ]


def check_row(check: Any) -> tuple[Any, ...]:
    """A check as a table row."""
    return (
        check.check_id,
        check.severity,
        check.table_name,
        check.rows_failing,
        check.rows_checked,
        check.measured_value,
        check.threshold,
    )


def show_manifest(title: str, rows: Any) -> None:
    """Manifest rows as a table; nothing for none."""
    if not rows:
        return
    records = [vars(row) for row in rows]
    columns = [name for name in MANIFEST_COLUMNS if records and name in records[0]]
    heads = [name.removesuffix("_count").replace("_", " ") for name in columns]
    show_table(title, heads, [[record[name] for name in columns] for record in records])


MANIFEST_COLUMNS = (
    "entity",
    "source_account",
    "load_date",
    "received_count",
    "new_count",
    "changed_count",
    "unchanged_count",
    "deleted_count",
    "live_count_after",
    "is_complete",
)


def _stages(given: Sequence[str] | None) -> list[Any]:
    stages = given or STAGES
    wrong = [stage for stage in stages if stage not in STAGES]
    if wrong:
        raise typer.BadParameter(f"There is no stage {wrong[0]!r}; stages: silver, gold.", param_hint="--stage")
    return [stage for stage in STAGES if stage in stages]


def _release_id(outcome: Outcome) -> str:
    return outcome.entry.release_id if outcome.entry else "not released"
