"""The command line: `c360 --help` shows every command, by what it is for. The commands themselves are in `c360/commands/`."""

import logging
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from c360.batch import as_batch_process
from c360.commands import build, demo, files, identity, inspect, months, releases, setup, webhooks
from c360.commands.output import say
from c360.errors import C360Error

DEBUG = "--debug"
INTERNAL_ERROR = 70
INTERRUPTED = 130
EXIT_CODES = (
    "Exit codes: 0 done, 1 a check said no, 2 wrong use, setting or name, 3 a source, 4 a blocking quality check, "
    "5 the lake, 6 another run holds the lake, 7 a release, 70 a fault in c360, 130 interrupted."
)

app = typer.Typer(
    help="A Customer 360 lakehouse: Salesforce and Stripe into Delta, matched, checked and released.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
for _group in (demo, setup, build, files, months, inspect):
    _group.register(app)
app.add_typer(identity.app, name="identity", rich_help_panel="Look and mend")
app.add_typer(releases.app, name="release", rich_help_panel="Look and mend")
app.add_typer(webhooks.app, name="webhooks", rich_help_panel="Daily work")


def _print_version(*, value: bool) -> None:
    if value:
        typer.echo(f"c360 {version('c360')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    debug: Annotated[bool, typer.Option(DEBUG, help="Show tracebacks and what the libraries log.")] = False,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A Customer 360 lakehouse: Salesforce and Stripe into Delta, matched, checked and released."""


def main() -> None:
    """Entry point of the `c360` command.

    Returns on success: a task of Databricks that exits, be it with 0, has been taken for a failed one.
    """
    _quieten(is_debug=DEBUG in sys.argv)
    as_batch_process()
    if code := run(sys.argv[1:]):
        sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code; every error ends as one sentence on stderr.

    `--debug` counts wherever it stands.
    """
    is_debug = DEBUG in arguments
    try:
        typer.main.get_command(app).main([a for a in arguments if a != DEBUG], prog_name="c360")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except C360Error as error:
        return _fail(error, is_debug=is_debug)
    except KeyboardInterrupt:
        say("Interrupted. What was not published stays unpublished; run the command again to go on.")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the last line of defence: no traceback reaches a user
        return _crash(error, is_debug=is_debug)
    return 0


def _quieten(*, is_debug: bool) -> None:
    """Libraries log and warn for people who debug; everyone else reads our own sentences."""
    if is_debug:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s", force=True)
        return
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


def _fail(error: C360Error, *, is_debug: bool) -> int:
    if is_debug:
        traceback.print_exception(error)
    say(f"Error: {error.message}")
    if error.hint:
        say(f"Hint: {error.hint}")
    return error.exit_code


def _crash(error: Exception, *, is_debug: bool) -> int:
    """The exception's text may hold data of a record, so it goes to a file only its owner can read."""
    if is_debug:
        traceback.print_exception(error)
    with tempfile.NamedTemporaryFile("w", prefix="c360-", suffix=".log", delete=False, encoding="utf-8") as log:
        traceback.print_exception(error, file=log)
    say(f"Error: c360 met an unexpected {type(error).__name__}. The log is {Path(log.name)}.")
    say("Hint: Run the command again with --debug; readers keep the last release.")
    return INTERNAL_ERROR


if __name__ == "__main__":
    main()
