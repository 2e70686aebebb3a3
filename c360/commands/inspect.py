"""Commands that look at a lake: tables, freshness, trace, diff, report, docs; `why` has a file of its own."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from c360.commands.build import MANIFEST_COLUMNS
from c360.commands.output import JsonOption, LakeOption, SelectOption, say, settings_for, show_json, show_table
from c360.commands.why import why
from c360.demo.home import claimed
from c360.diff import RowDifference
from c360.diff import diff as diff_table
from c360.errors import SelectionError
from c360.export.files import stale_files, write_files
from c360.freshness import Age, ages, hours_between, is_too_old
from c360.lake import nodes_of, open_lake
from c360.manifest import ManifestRow, read_manifest
from c360.release import current, entries
from c360.report.report import write_report
from c360.run import complete_dates
from c360.settings import Settings
from c360.trace import trace as trace_row
from c360.trace import typed_key
from c360.webhooks.events import received

PANEL = "Look and mend"
FAILED = 1
REPOSITORY = Path(__file__).parents[2]


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    for command in (tables, freshness, why, trace, diff, report, docs):
        app.command(rich_help_panel=PANEL)(command)


def tables(*, select: SelectOption = None, lake: LakeOption = None, as_json: JsonOption = False) -> None:
    """List every table: layer, domain, what it is made from, and its rows in the newest release."""
    settings = settings_for(lake)
    catalog, _ = nodes_of(settings)
    with open_lake(settings) as opened:
        newest = current(entries(opened.engine))
    released_tables = newest.tables if newest else {}
    rows = [
        {
            "table": node.full_name,
            "domain": node.domain,
            "rows": released_tables[node.full_name].rows if node.full_name in released_tables else None,
            "made from": ", ".join(node.inputs) or "(nothing)",
        }
        for node in catalog.select(select or [])
    ]
    if as_json:
        return show_json(rows)
    return show_table("Tables", list(rows[0]), [list(row.values()) for row in rows])


def freshness(*, lake: LakeOption = None, as_json: JsonOption = False) -> None:
    """Show the newest load of every entity and its age, whether each day is complete, and the newest release.

    Ends with 1 when an entity is older than C360_FRESHNESS_ERROR_HOURS. The demo's company stands still: its ages count from its
    newest load.
    """
    with open_lake(settings_for(lake)) as opened:
        manifest = read_manifest(opened.engine)
        now = _as_of(opened.settings, manifest)
        found = ages(manifest, opened.registry.entities.values(), opened.settings, now)
        complete = complete_dates(opened)
        newest = current(entries(opened.engine))
        delivered = received(opened.engine)
    rows = _newest_loads(manifest)
    missing = sorted({age.entity for age in found if age.status == "never"} - {row.entity for row in rows})
    hours = hours_between(delivered.newest_at, now) if delivered else None
    if as_json:
        loads = {"loads": rows, "complete": sorted(complete), "never_loaded": missing, "ages": found}
        webhooks = {**vars(delivered), "age_hours": hours} if delivered else None
        show_json({**loads, "webhooks": webhooks, "release": newest.release_id if newest else None})
    else:
        _show_loads(rows, found)
        if missing:
            say(f"Never loaded: {', '.join(missing)}.")
        if delivered:
            say(f"Newest webhook event: {hours:,.1f} hours ago; {delivered.waiting_count} events wait to be handled.")
        say(f"Newest complete load date: {max(complete) if complete else 'none yet'}.")
        say(f"Newest release: {newest.release_id if newest else 'none yet'}.")
    if is_too_old(found):
        old = sorted({f"{age.source_system} (more than {age.error_hours:g} hours)" for age in found if age.status == "error"})
        say(f"Too old: {', '.join(old)}. Hint: run `c360 run`, and look why no load came.")
        raise typer.Exit(FAILED)


def trace(
    table: Annotated[str, typer.Argument(help="Table, e.g. gold.fct_monthly_revenue.")],
    *,
    key: Annotated[list[str], typer.Option("--key", "-k", metavar="COLUMN=VALUE", help="Column of the row's key; repeat.")],
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the bronze records behind a row; fewer key columns mean all rows that share them."""
    given = dict(_pair(text) for text in key)
    with open_lake(settings_for(lake)) as opened:
        found = trace_row(opened, table, typed_key(opened, table, given))
    if as_json:
        return show_json(found)
    if not found:
        return say("No record of a source is behind this row: c360 makes it itself (the unknown customer, a calendar day).")
    columns = ("entity", "account", "record", "version (payload hash)", "loaded", "deleted")
    rows = [(r.entity, r.source_account, r.record_id, r.payload_hash, r.date_loaded, r.is_deleted) for r in found]
    show_table(f"Records behind {table}", columns, rows)
    return say(f"{len(found)} versions of records.")


def diff(
    table: Annotated[str, typer.Argument(help="Table, e.g. gold.fct_monthly_revenue.")],
    *,
    release: Annotated[
        tuple[str, str] | None,
        typer.Option("--release", metavar="OLD NEW", help="Ids of two releases (default: the one before the current, and it)."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Rows of each kind to show.")] = 10,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare a table in two releases: rows added, removed and changed, and the values that did. Never personal columns.

    So: c360 diff gold.fct_monthly_revenue --release 20260601-3 20260602-6
    """
    with open_lake(settings_for(lake)) as opened:
        found = diff_table(opened, table, release, limit=limit)
    if as_json:
        return show_json(found)
    rows = [(_key_text(row), row.change, *change) for row in found.rows for change in _changes(row)]
    if rows:
        show_table(f"{found.table}, {found.old_release} -> {found.new_release}", ("key", "row", "column", "old", "new"), rows)
    if found.not_compared:
        say(f"Not compared: {', '.join(found.not_compared)} (personal, or not in both releases).")
    return say(f"{found.added_count} rows added, {found.removed_count} removed, {found.changed_count} changed.")


def report(*, lake: LakeOption = None) -> None:
    """Write the HTML report of the newest run again."""
    with open_lake(settings_for(lake)) as opened:
        typer.echo(write_report(opened))


def docs(
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when a generated file is stale.")] = False,
    root: Annotated[Path, typer.Option("--root", help="Where contracts/ and docs/ are.")] = REPOSITORY,
) -> None:
    """Write the YAML contracts and the table pages from the contracts."""
    catalog, _ = nodes_of(settings_for())
    if not check:
        return say(f"{len(write_files(catalog, root))} files written.")
    stale = stale_files(catalog, root)
    for path in stale:
        typer.echo(str(path))
    if stale:
        say(f"{len(stale)} generated files are stale. Hint: run `make docs`.")
        raise typer.Exit(FAILED)
    return say("All generated files are fresh.")


def _newest_loads(rows: list[ManifestRow]) -> list[ManifestRow]:
    newest: dict[tuple[str, str], ManifestRow] = {}
    for row in sorted(rows, key=lambda row: row.load_date):
        newest[row.source_account, row.entity] = row
    return [newest[name] for name in sorted(newest)]


def _as_of(settings: Settings, manifest: Sequence[ManifestRow]) -> datetime:
    """The instant ages count to."""
    loads = [row.cutoff_at for row in manifest]
    return max(loads) if loads and claimed(settings) else settings.clock()


def _show_loads(rows: Sequence[ManifestRow], found: Sequence[Age]) -> None:
    if not rows:
        return
    by_entity = {(age.source_account, age.entity): age for age in found}
    heads = [name.removesuffix("_count").replace("_", " ") for name in MANIFEST_COLUMNS]
    shown = []
    for row in rows:
        age = by_entity.get((row.source_account, row.entity))
        last = (age.age_hours, age.warn_hours, age.error_hours, age.status) if age else (None, None, None, "never")
        shown.append([*(getattr(row, name) for name in MANIFEST_COLUMNS), *last])
    show_table("Newest loads", [*heads, "age hours", "warn", "error", "status"], shown)


def _pair(text: str) -> tuple[str, str]:
    column, mark, value = text.partition("=")
    if not mark:
        raise SelectionError(f"--key {text!r} has no `=`.", hint="Write --key customer_id=… --key month_start_date=2026-05-01.")
    return column.strip(), value.strip()


def _key_text(row: RowDifference) -> str:
    return ", ".join(f"{column}={value}" for column, value in row.key.items())


def _changes(row: RowDifference) -> list[tuple[str | None, Any, Any]]:
    """One line per changed value; one line in all for a row that came or went."""
    if row.change != "changed":
        return [(None, None, None)]
    return [(column, old, new) for column, (old, new) in row.columns.items()]
