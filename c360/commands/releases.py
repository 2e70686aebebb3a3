"""`c360 release`: list, show, rollback, resume."""

from typing import Annotated, Any

import typer

from c360 import release
from c360.commands.output import JsonOption, LakeOption, WaitOption, say, settings_for, show_json, show_table
from c360.lake import open_lake
from c360.release import Entry
from c360.report.report import reporting
from c360.run import exclusive, new_run_id, publish_views

app = typer.Typer(help="Releases: which there are, what is in one, back to an older one, forward again.", no_args_is_help=True)
IdArgument = Annotated[str, typer.Argument(metavar="RELEASE", help="Release id, as `c360 release list` shows it.")]


@app.command("list")
def list_releases(
    *,
    candidates: Annotated[bool, typer.Option("--candidates", help="Show candidates and holds too.")] = False,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the releases, oldest first; readers see the one marked `current`."""
    with open_lake(settings_for(lake)) as opened:
        log = release.entries(opened.engine)
    current = release.current(log)
    rows = [_summary(entry, current, log) for entry in log if candidates or entry.is_readable]
    if as_json:
        return show_json(rows)
    if not rows:
        return say("Nothing has been released yet. `c360 run` makes the first release.")
    return show_table("Releases", list(rows[0]), [list(row.values()) for row in rows])


@app.command()
def show(release_id: IdArgument, *, lake: LakeOption = None, as_json: JsonOption = False) -> None:
    """Show the tables of one release and the checks it passed."""
    with open_lake(settings_for(lake)) as opened:
        entry = release.find(release.entries(opened.engine), release_id)
    if as_json:
        return show_json(entry)
    rows = [(name, s.version, s.rows, s.quarantined, s.content_id[:12]) for name, s in sorted(entry.tables.items())]
    show_table(f"Release {release_id} of {entry.load_date}", ("table", "version", "rows", "quarantined", "content"), rows)
    failed = [check for check in entry.checks if check["result"] == "failed"]
    return say(f"{len(entry.checks)} checks, {len(failed)} failed{_named(failed)}. {entry.note}".strip())


@app.command()
def rollback(
    *,
    to: Annotated[
        str | None, typer.Option("--to", metavar="RELEASE", help="Release to go back to (default: the one before).")
    ] = None,
    wait: WaitOption = 0,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let readers see an older release again, and put the present one on hold.

    The hold is lifted by new inputs, new code, or `c360 release resume`. Nothing is deleted.
    """
    with open_lake(settings_for(lake)) as opened:
        run_id = new_run_id()
        with reporting(opened), exclusive(opened, run_id, wait_seconds=wait):
            entry = release.rollback(opened.engine, to=to, run_id=run_id, now=opened.settings.clock())
            publish_views(opened, entry)
    _said(entry, as_json=as_json)


@app.command()
def resume(*, wait: WaitOption = 0, lake: LakeOption = None, as_json: JsonOption = False) -> None:
    """Lift the hold of the newest rollback and release that content again."""
    with open_lake(settings_for(lake)) as opened:
        run_id = new_run_id()
        with reporting(opened), exclusive(opened, run_id, wait_seconds=wait):
            entry = release.resume(opened.engine, run_id=run_id, now=opened.settings.clock())
            publish_views(opened, entry)
    _said(entry, as_json=as_json)


def _said(entry: Entry, *, as_json: bool) -> None:
    if as_json:
        return show_json(entry)
    return say(f"Readers now see {entry.release_id} (load date {entry.load_date}): {entry.note}.")


def _summary(entry: Entry, current: Entry | None, log: list[Entry]) -> dict[str, Any]:
    is_current = current is not None and entry.sequence == current.sequence
    state = "current" if is_current else "on hold" if entry.is_readable and release.is_held(log, entry.tables) else ""
    return {
        "release": entry.release_id,
        "kind": entry.kind,
        "load date": str(entry.load_date),
        "created (UTC)": f"{entry.created_at:%Y-%m-%d %H:%M:%S}",
        "tables": len(entry.tables),
        "rows": sum(table.rows for table in entry.tables.values()),
        "run": entry.run_id[:12],
        "state": state,
        "note": entry.note,
    }


def _named(failed: list[Any]) -> str:
    return f" ({', '.join(sorted({check['check_id'] for check in failed}))})" if failed else ""
