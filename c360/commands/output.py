"""What commands share: options, tables on the terminal, JSON for machines. Data go to stdout, everything else to stderr."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from c360.demo.home import own_settings
from c360.engines import EXTRAS
from c360.errors import SettingsError, listing
from c360.settings import Settings
from c360.thresholds import refuse_unknown_thresholds

PLAIN_WIDTH = 220
"""Width for files and pipes, where nothing should be wrapped."""

LakeOption = Annotated[
    str | None,
    typer.Option("--lake", metavar="PATH", help="Root of the lake, a path or a URL (default: C360_LAKE, else ./lake)."),
]
EngineOption = Annotated[
    str | None, typer.Option("--engine", metavar="NAME", help=f"{listing(EXTRAS)} (default: C360_ENGINE, else duckdb).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
DateOption = Annotated[
    datetime | None, typer.Option("--date", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="Load date (UTC).")
]
SelectOption = Annotated[
    list[str] | None,
    typer.Option("--select", "-s", help="Table, layer or domain; + before adds its inputs, + after what is made from it."),
]
WaitOption = Annotated[float, typer.Option("--wait", metavar="SECONDS", min=0, help="Wait this long for another run to end.")]


def settings_for(lake: str | None = None, **overrides: Any) -> Settings:
    """Settings from the environment and `.env`; `--lake` wins, and so do secret and rates that the demo's lake was made with."""
    given = {name: value for name, value in {"lake": lake, **overrides}.items() if value is not None}
    settings = Settings.load(**given)
    settings = Settings.load(**{**own_settings(settings.lake), **given})
    refuse_unknown_thresholds(settings)
    return settings


def day_of(given: datetime | None) -> date | None:
    """The day of a `--date` option."""
    return given.date() if given else None


def out() -> Console:
    """The console for data."""
    return _console(stderr=False)


def err() -> Console:
    """The console for progress and messages."""
    return _console(stderr=True)


def say(message: str) -> None:
    """One line on stderr, never wrapped or styled."""
    err().print(Text(message), soft_wrap=True)


def show_json(value: Any) -> None:
    """A value as JSON on stdout."""
    typer.echo(json.dumps(plain(value), indent=2, default=str, ensure_ascii=False))


def plain(value: Any) -> Any:
    """Dataclasses, mappings and sequences as plain data."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value


def write_page(path: Path, html: str) -> None:
    """Writes a page to a file the user named, and says where it is.

    Raises:
        SettingsError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({type(error).__name__}).", hint="Give another file.") from None
    say(f"Page: {path}")


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, caption: str = "") -> None:
    """A table on stdout; numbers to the right, with thousands separators."""
    found = [list(row) for row in rows]
    table = Table(
        title=title, title_justify="left", title_style="bold", caption=caption, caption_justify="left", box=box.SIMPLE_HEAD
    )
    for position, column in enumerate(columns):
        is_number = any(_is_number(row[position]) for row in found)
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in found:
        table.add_row(*[cell(value) for value in row])
    out().print(table)


def cell(value: Any) -> Text:
    """A value as a table shows it."""
    if value is None:
        return Text("–", style="dim")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, int):
        return Text(f"{value:,}")
    if isinstance(value, float):
        return Text(f"{value:,.2f}")
    if isinstance(value, datetime):
        return Text(f"{value:%Y-%m-%d %H:%M:%S}")
    return Text(str(value), style=_STYLES.get(str(value), ""))


_STYLES = {
    "passed": "green",
    "ok": "green",
    "failed": "bold red",
    "fail": "bold red",
    "warn": "yellow",
    "error": "bold red",
    "not_applicable": "dim",
}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=PLAIN_WIDTH)
