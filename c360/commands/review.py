"""`c360 identity review`: decisions of people come in and go out as CSV, and what is worth deciding next."""

from pathlib import Path
from typing import Annotated

import typer

from c360.commands.output import JsonOption, LakeOption, WaitOption, say, settings_for, show_json, show_table
from c360.env_file import FILE_MODE
from c360.errors import DecisionsError, LakeError
from c360.lake import open_lake
from c360.run import exclusive, new_run_id
from c360.stewardship.decision_file import RECORDS, SAID, table_text
from c360.stewardship.importing import Imported, export_text, import_decisions
from c360.stewardship.queue import columns, queue

app = typer.Typer(help="Decisions of people about who is who: make, keep, take back.", no_args_is_help=True)
OutOption = Annotated[Path | None, typer.Option("--out", metavar="FILE.csv", help="Where to write it (default: the terminal).")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Decisions, or a queue with the column decision filled in.")],
    *,
    author: Annotated[str, typer.Option("--author", metavar="NAME", help="Who decided the rows that do not say.")] = "",
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave wrong rows out and write the others.")] = False,
    wait: WaitOption = 0,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add decisions about pairs of records: must_link, cannot_link, or withdrawn (the model decides again).

    Columns: left_source_system, left_source_account, left_source_id, the same with right_, decision, author, reason, decided_at
    (default: now; UTC). The account may be left out where a system has only one.

    Every row is looked at before one is written, all are written as one commit, and importing a file again adds nothing. The next
    run applies them. More: docs/guides/who-is-who.md.
    """
    with open_lake(settings_for(lake)) as opened, exclusive(opened, new_run_id(), wait_seconds=wait):
        try:
            found = import_decisions(opened, file, author=author.strip(), skip_bad=skip_bad)
        except DecisionsError as error:
            for problem in error.problems:
                say(problem)
            raise
    return show_json(found) if as_json else _tell(found)


@app.command()
def export(*, out: OutOption = None, lake: LakeOption = None) -> None:
    """Write all decisions as CSV, newest first: also those withdrawn or replaced since. `import` reads the file again."""
    with open_lake(settings_for(lake)) as opened:
        text = export_text(opened)
    if out is None:
        return typer.echo(text, nl=False)
    _write(out, text)
    return say(f"{text.count(chr(10)) - 1} decisions written to {out}.")


@app.command("queue")
def queue_(
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most pairs.")] = 50,
    out: OutOption = None,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Names, e-mails, phones and addresses from the vault beside the ids.")
    ] = False,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the pairs most worth a decision: nearest to undecided, accepted or not, those with most money behind them first.

    Fill in the column decision of a --out file (and author, reason if you like); `import` takes the file as it is.
    """
    with open_lake(settings_for(lake)) as opened:
        rows = queue(opened, limit, reveal=reveal)
    heads = columns(reveal=reveal)
    if out is not None:
        _write(out, table_text(heads, rows))
        return say(f"{len(rows)} pairs written to {out}. Fill in decision, then `c360 identity review import {out} --author …`.")
    if as_json:
        return show_json(rows)
    shown = [name for name in heads if name not in SAID and (name not in RECORDS or name.endswith("_id"))]
    return show_table("Worth a decision", shown, [[row[name] for name in shown] for row in rows])


def _write(path: Path, text: str) -> None:
    """Writes a file for its owner alone: it may hold names, and says who decided what."""
    try:
        path.touch(mode=FILE_MODE, exist_ok=True)
        if path.is_file():  # one that was there may be open to others; a terminal or a pipe stays as it is
            path.chmod(FILE_MODE)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LakeError(f"{path} cannot be written.", hint="Name a file in a folder you may write to.") from error


def _tell(found: Imported) -> None:
    for problem in found.problems:
        say(f"line {problem.line}: {problem.text}")
    for line in found.overtaken:
        say(f"line {line}: a newer decision stands; give decided_at to decide anew.")
    say(
        f"{found.added_count} decisions added, {found.known_count} were there already, {found.left_count} rows left out, "
        f"{found.undecided_count} without a decision."
    )
    if found.added_count:
        say("The next run applies them: `c360 build`, or the daily `c360 run`.")
