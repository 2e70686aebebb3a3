"""`c360 demo`: a made-up company, two daily loads, gold tables, and the proof that they are right."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import typer

from c360.commands.output import JsonOption, LakeOption, out, say, settings_for, show_json, show_table
from c360.commands.watch import totals_of_settings, watching
from c360.demo.home import DEMO_SUFFIX, DemoSettings
from c360.demo.run import Result, Wanted, run_demo
from c360.engines import EXTRAS, IN_WAREHOUSE
from c360.errors import listing
from c360.progress import Listener
from c360.settings import Settings
from c360.storage import is_url

PANEL = "Start"
NOT_EQUAL = 1


class Dirt(StrEnum):
    """How dirty the made-up records are."""

    default = "default"
    heavy = "heavy"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel=PANEL)(demo)


def demo(
    *,
    accounts: Annotated[int, typer.Option("--accounts", min=20, help="Salesforce accounts of the company.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="Equal seeds make equal companies.")] = 360,
    dirt: Annotated[
        Dirt, typer.Option("--dirt", help="heavy is for the matching benchmark; its figures are printed only.")
    ] = Dirt.default,
    engine: Annotated[str, typer.Option("--engine", metavar="NAME", help=listing(EXTRAS))] = "duckdb",
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make up a company, load two days of it, release gold, and compare every figure with the company's own books.

    Nothing leaves this machine. Running it again finds that nothing has to be done.
    """
    place = lake or settings_for().lake
    opened_with = _opened_with(settings_for(), engine) if is_url(place) or engine in IN_WAREHOUSE else {}
    wanted = Wanted(place, accounts, seed, dirt.value, engine, opened_with)

    @contextmanager
    def watch(day: date) -> Iterator[Listener]:
        with watching(
            totals_of_settings(DemoSettings.load(lake=wanted.lake, engine=wanted.engine, **wanted.opened_with)), label=str(day)
        ) as listener:
            yield listener

    result = run_demo(wanted, say=say, watch=watch)
    if as_json:
        show_json(result)
    else:
        _show(result, wanted)
    if not result.holds and dirt is Dirt.default:
        raise typer.Exit(NOT_EQUAL)


def _opened_with(settings: Settings, engine: str) -> dict[str, Any]:
    """What opens the place of the demo's tables: in a warehouse it has datasets of its own."""
    own = {"bigquery_dataset": settings.bigquery_dataset + DEMO_SUFFIX} if engine in IN_WAREHOUSE else {}
    return {**settings.opening(), **own}


def _show(result: Result, wanted: Wanted) -> None:
    if result.is_noop:
        say(f"Both days are released and up to date in {wanted.lake}: nothing had to be done, nothing was written.")
    columns = ("date", "layer", "tables", "rows_in", "rows_out", "quarantined", "checks_passed", "checks_failed", "seconds")
    heads = ("date", "layer", "tables", "rows in", "rows out", "quarantined", "checks passed", "failed", "seconds")
    show_table("What was built", heads, [[row[name] for name in columns] for row in result.layers])
    _show_identity(result)
    rows = [(tie["name"], tie["compared"], tie["ours"], _verdict(tie)) for tie in result.ties]
    show_table("Gold against the company's own ledger", ("figure", "compared", "gold", "result"), rows)
    for tie in result.ties:
        for difference in tie["differences"][:3]:
            say(f"  {tie['name']}: {difference}")
    _show_mrr(result)
    console = out()
    console.print(f"Report: {result.report}", soft_wrap=True)
    console.print(
        f'Read on: c360.read("gold.fct_monthly_revenue") in Python, or `c360 tables`. Took {result.seconds:.1f} s.',
        soft_wrap=True,
    )
    if not result.holds:
        say("Gold and the ledger differ.")


def _verdict(tie: Mapping[str, Any]) -> str:
    return "equal" if not tie["differences"] else f"{len(tie['differences'])} differ"


def _show_identity(result: Result) -> None:
    found, match = result.identity, result.match
    rows: list[tuple[str, str, str]] = []
    if found:
        counted = f"{found['numerator']:,} of {found['denominator']:,} expected accounts"
        rows.append(("match rate (confidence ≥ 0.95)", _percent(found["match_rate"]), counted))
        rows.append(("estimated precision", _percent(found["estimated_precision"]), "mean probability of accepted links"))
    if match:
        rows.append(("precision against the truth", _percent(match["precision"]), f"{match['found_pairs']:,} pairs found"))
        rows.append(("recall against the truth", _percent(match["recall"]), f"{match['true_pairs']:,} true pairs"))
    show_table("Salesforce ↔ Stripe", ("measure", "value", "of"), rows)


def _show_mrr(result: Result) -> None:
    """The difference to the true MRR: changes Stripe keeps no trace of (decision 0001)."""
    rows = [
        (
            gap["month"],
            gap["currency"],
            float(gap["true"]),
            float(gap["observable"]),
            float(gap["observable"]) - float(gap["true"]),
        )
        for gap in result.mrr
    ]
    title = "True MRR against what Stripe's records can show (marked is_reconstructed)"
    if rows:
        show_table(title, ("month", "currency", "true", "observable = gold", "difference"), rows)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} %"
