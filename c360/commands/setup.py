"""Commands that set a lake up: init, doctor."""

from pathlib import Path
from typing import Annotated

import typer

from c360.commands.output import JsonOption, LakeOption, out, say, settings_for, show_json
from c360.doctor import Finding, examine
from c360.env_file import env_text, write_env
from c360.errors import SettingsError
from c360.settings import ENV_FILE

PANEL = "Start"
FAILED = 1


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    for command in (init, doctor):
        app.command(rich_help_panel=PANEL)(command)


def init(
    *,
    show: Annotated[bool, typer.Option("--show", help="Print the file instead of writing it.")] = False,
) -> None:
    """Write a commented `.env` with every setting and a fresh token secret; an existing file is never touched."""
    if show:
        typer.echo(env_text())
        return
    path = Path(ENV_FILE)
    if not write_env(path):
        raise SettingsError(f"{path.absolute()} exists and is left as it is.", hint="`c360 init --show` prints a fresh one.")
    say(f"Wrote {path.absolute()} (readable by you alone). Fill in the keys of Stripe and Salesforce, then run `c360 doctor`.")
    say("Keep C360_TOKEN_SECRET safe and do not commit it: with another secret all tokens change.")


def doctor(*, lake: LakeOption = None, as_json: JsonOption = False) -> None:
    """Check versions, settings, the lake and the sources, and say how to mend what is wrong."""
    findings = examine(lambda: settings_for(lake))
    if as_json:
        show_json(findings)
    else:
        for finding in findings:
            _show(finding)
    if any(finding.status == "fail" for finding in findings):
        raise typer.Exit(FAILED)


def _show(finding: Finding) -> None:
    mark = "[green]ok  [/]" if finding.status == "ok" else "[bold red]fail[/]"
    console = out()
    console.print(f"{mark}  {finding.subject:<22} ", end="")
    console.print(finding.message, markup=False, soft_wrap=True)
    if finding.remedy:
        console.print(" " * 30 + f"Hint: {finding.remedy}", markup=False, soft_wrap=True)
