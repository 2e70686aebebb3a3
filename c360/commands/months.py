"""`c360 close`: keep a month's published values, or show how closed months stand."""

from decimal import Decimal
from typing import Annotated

import typer

from c360.closing import Closed, Compared, close, compared, parse_month
from c360.commands.output import JsonOption, LakeOption, WaitOption, say, settings_for, show_json, show_table
from c360.lake import open_lake
from c360.run import exclusive, new_run_id

PANEL = "Daily work"


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    app.command("close", rich_help_panel=PANEL)(close_)


def close_(
    month: Annotated[
        str | None, typer.Argument(metavar="MONTH", help="YYYY-MM; left out: show every closed month beside the live figures.")
    ] = None,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Close a closed month once more; the values kept before stay as history.")
    ] = False,
    wait: WaitOption = 0,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a month's published values (revenue, net revenue, refunds, MRR, invoices) of the newest release.

    Facts stay live. The values go to gold.closed_month, which no build touches, and from the next build on
    gold.restatement_log says where, since when and by how much the live figures differ from them.

    So: c360 close 2026-05
    """
    settings = settings_for(lake)
    wanted = parse_month(month) if month is not None else None
    with open_lake(settings) as opened:
        if wanted is None:
            return _show_compared(compared(opened), as_json=as_json)
        run_id = new_run_id()
        with exclusive(opened, run_id, wait_seconds=wait):
            rows = close(opened, wanted, again=again)
    return _show_closed(rows, as_json=as_json)


def _show_closed(rows: list[Closed], *, as_json: bool) -> None:
    if as_json:
        return show_json(rows)
    first = rows[0]
    show_table(
        f"{first.month_start_date:%Y-%m} as release {first.release_id} has it",
        ("metric", "currency", "value", "rows without value"),
        [(row.metric, row.currency, _number(row.value), row.missing_count) for row in rows],
    )
    missing = sum(row.missing_count for row in rows)
    if missing:
        say(f"{missing} rows have no value (a missing rate, say) and are in no sum.")
    return say(f"Closed {first.month_start_date:%Y-%m}. The next build compares it in gold.restatement_log.")


def _show_compared(rows: list[Compared], *, as_json: bool) -> None:
    if as_json:
        return show_json(rows)
    if not rows:
        return say("No month is closed yet. `c360 close YYYY-MM` closes one.")
    columns = ("month", "metric", "currency", "closed", "live", "difference", "closed at (UTC)", "release")
    shown = [
        (
            f"{row.month_start_date:%Y-%m}",
            row.metric,
            row.currency,
            _number(row.closed_value),
            _number(row.live_value),
            _number(row.difference_value),
            row.closed_at,
            row.release_id,
        )
        for row in rows
    ]
    show_table("Closed months", columns, shown)
    different = {row.month_start_date for row in rows if row.closed_value != row.live_value}
    return say(f"{len({row.month_start_date for row in rows})} months are closed; {len(different)} of them differ now.")


def _number(value: Decimal | None) -> str | None:
    """Without the zeros of eight decimals."""
    return None if value is None else f"{value.normalize():,f}"
