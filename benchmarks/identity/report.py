"""The results as tables for a terminal."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.identity.score import EDGES

_COMPARED = ("set", "tool", "P", "R", "F1", "best F1", "at", "s", "CPU s", "MB", "F1 ÷", "÷ best", "s ÷", "CPU ÷", "MB ÷")
_RATIOS = (("f1", "f1"), ("f1", "best_f1"), ("seconds", "seconds"), ("cpu_seconds", "cpu_seconds"), ("mb", "mb"))
_BINS = tuple(pairwise(EDGES))
_CURVE = ("set", "tool", *(f"{low:g}–{high:g}" for low, high in _BINS), "off by")
_SCALE = ("rows", "links", "P", "R", "F1", "s", "CPU s", "MB", "growth")


def compared(console: Console, rows: list[dict[str, Any]]) -> None:
    """Ours, then each model of Splink's; ÷ is ours divided by that row."""
    console.print(
        "\nBeside Splink. ÷: c360's figure divided by that row's; best F1: at the threshold that the truth says is best."
    )
    table = _table(_COMPARED)
    ours: dict[str, Any] = {}
    for row in rows:
        ours = row if row["tool"] == "c360" else ours
        ratios = [f"{ours[key] / row[other]:.3f}" if row is not ours else "" for key, other in _RATIOS]
        name = f"{row['set']}{' 1:1' if row['one_to_one'] else ''}"
        best = [f"{row['best_f1']:.4f}", f"{row['best_threshold']:g}"]
        table.add_row(name, _tool(row), *_right(row), *best, *_used(row), *ratios)
    console.print(table)


def curves(console: Console, rows: list[dict[str, Any]]) -> None:
    """How many of the pairs said to be true with some probability are."""
    console.print("\nShare of candidate pairs that came true, by the probability said (how many pairs), without one-to-one.")
    console.print("Off by: how far the share is from the mean probability said, over all pairs said to have 0.01 or more.")
    table = _table(_CURVE)
    for row in (row for row in rows if not row["one_to_one"]):
        bins = {one["low"]: one for one in row["reliability"]}
        cells = [f"{bins[low]['observed']:.3f} ({bins[low]['pairs']})" if low in bins else "" for low, _ in _BINS]
        table.add_row(row["set"], _tool(row), *cells, f"{_off([one for low, one in bins.items() if low]):.4f}")
    console.print(table)


def scaled(console: Console, rows: list[dict[str, Any]]) -> None:
    """Time and memory by size; growth 1 is linear."""
    console.print(
        "\nGenerated persons, two files of half the rows each. Growth: the exponent of CPU time by rows since the size before."
    )
    table = _table(_SCALE)
    for row in rows:
        growth = "" if row["growth"] is None else f"{row['growth']:.2f}"
        links = "one-to-one" if row["one_to_one"] else "any"
        table.add_row(f"{row['rows']:,}", links, *_right(row), *_used(row), growth)
    console.print(table)


def _off(bins: list[dict[str, Any]]) -> float:
    return sum(one["pairs"] * abs(one["said"] - one["observed"]) for one in bins) / max(sum(one["pairs"] for one in bins), 1)


def _table(columns: Iterable[str]) -> Table:
    table = Table()
    for at, column in enumerate(columns):
        table.add_column(column, justify="right" if at > 1 else "left", no_wrap=True)
    return table


def _tool(row: dict[str, Any]) -> str:
    return "c360" if row["tool"] == "c360" else f"splink {row['model']}"


def _right(row: dict[str, Any]) -> list[str]:
    return [f"{row[key]:.4f}" for key in ("precision", "recall", "f1")]


def _used(row: dict[str, Any]) -> list[str]:
    return [f"{row['seconds']:.1f}", f"{row['cpu_seconds']:.1f}", str(row["mb"])]
