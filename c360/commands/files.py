"""`c360 import`: bronze from files a user already has."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from c360 import run as operations
from c360.commands.output import DateOption, JsonOption, LakeOption, WaitOption, day_of, say, settings_for, show_json, show_table
from c360.commands.watch import watching
from c360.demo.home import refuse_real_accounts
from c360.errors import listing
from c360.importing import Imported, Part, Request, import_files, planned
from c360.lake import open_lake
from c360.report.report import reporting

PANEL = "Daily work"
COUNTS = ("received", "new", "changed", "unchanged", "duplicate")


class System(StrEnum):
    """Whose records the files hold."""

    stripe = "stripe"
    salesforce = "salesforce"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("import", rich_help_panel=PANEL)(import_)


def import_(
    system: Annotated[System, typer.Argument(help="Whose records they are.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with the exported files.")],
    *,
    date: DateOption = None,
    account: Annotated[
        str, typer.Option("--account", metavar="ID", help="Stripe's acct_… (default: C360_STRIPE_ACCOUNT), Salesforce's 00D….")
    ] = "",
    history_from: Annotated[
        datetime | None,
        typer.Option("--history-from", metavar="YYYY-MM", formats=["%Y-%m"], help="First month that is whole in the files."),
    ] = None,
    empty: Annotated[
        list[str] | None,
        typer.Option("--empty", metavar="ENTITY", help="There are no such records; repeat, or `all` for all without a file."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Read again what was imported for the date already.")] = False,
    wait: WaitOption = 0,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring exported files into bronze: no credentials needed, or history the APIs no longer have.

    A file is called as its object: invoices.jsonl, invoices-1.json.gz, invoices/*.json, Account.csv.

    It holds JSON Lines, or JSON: an array, or answers of the API one after the other. For Salesforce also CSV.

    A damaged or incomplete file stops the import before anything is written.

    --date is the day of the export (default: today, UTC). It can be built once every entity of both sources is there.

    So: c360 import stripe DIR --account acct_…, c360 import salesforce DIR, c360 build. More: docs/guides/import.md.
    """
    with open_lake(settings_for(lake), to_build=True) as opened:
        refuse_real_accounts(opened.settings)
        request = Request(
            system=system.value,
            folder=folder,
            load_date=day_of(date) or opened.settings.today(),
            account=account,
            history_from=day_of(history_from),
            empty=empty or [],
            replaces=replace,
        )
        with reporting(opened), operations.exclusive(opened, operations.new_run_id(), wait_seconds=wait):
            plan = planned(opened, request)
            with watching(dict.fromkeys(("check", "ingest"), len(plan.wanted))) as listen:
                imported = import_files(opened, plan, listen=listen)
    if as_json:
        return show_json(imported)
    return _show(imported)


def _show(imported: Imported) -> None:
    heads = ("entity", "state", "files", *(name.replace("_", " ") for name in COUNTS), "other mode", "named, not there")
    rows = [_row(part) for part in imported.parts]
    show_table(f"Imported for {imported.load_date}: {imported.system} {imported.account}", heads, rows)
    say(f"History from {imported.history_from}: months before it are unknown, not zero.")
    if imported.others:
        say(f"Not read, for they are called as no object: {listing(imported.others)}.")
    if imported.waiting:
        say(f"{imported.load_date} cannot be built yet: {listing(imported.waiting)} not complete.")
        return say("Hint: Import their files, too; where there are no such records, say so with --empty.")
    return say("Every entity is complete: `c360 build` makes the tables.")


def _row(part: Part) -> tuple[Any, ...]:
    counts = [None if part.row is None else getattr(part.row, f"{name}_count") for name in COUNTS]
    return (part.entity, part.state, len(part.files), *counts, part.skipped_count, part.absent_count)
