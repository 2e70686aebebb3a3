"""Writes `<lake>/reports/index.html`: one static page on the newest run, readable without a network."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from c360.errors import C360Error, LeaseError
from c360.lake import Lake
from c360.lake_files import write_text
from c360.report.chart import revenue_chart
from c360.report.facts import Facts, gather, total

PATH = "reports/index.html"
_RESULT_WORDS = {"passed": "passed", "failed": "failed", "not_applicable": "n/a"}


def write_report(lake: Lake) -> str:
    """Writes the report and returns its path (or URL).

    Raises:
        LakeError: The lake cannot be read, or the file not written.
    """
    return write_text(lake.settings.files_root(), lake.settings.storage(), PATH, render(gather(lake)))


@contextmanager
def reporting(lake: Lake) -> Iterator[None]:
    """Writes the report after the body, and also when a check or source stopped it; the body's error stays the error."""
    try:
        yield
    except LeaseError:
        raise  # the lake is somebody else's now
    except C360Error:
        with suppress(C360Error):
            write_report(lake)
        raise
    write_report(lake)


def environment() -> Environment:
    """Where pages are made: escaped, nothing undefined, with the filters and the style they share."""
    loader = PackageLoader("c360.report", ".")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"n": number, "share": share, "s": seconds, "measured": measured}
    made.tests["failed"] = lambda check: check["result"] == "failed"
    return made


def render(facts: Facts) -> str:
    """The page as HTML text. Pure."""
    named = [check for check in facts.checks if check["check_id"] != "contract"]
    contract = [check for check in facts.checks if check["check_id"] == "contract"]
    every_table = [row for rows in facts.tables.values() for row in rows]
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            facts=facts,
            chart=revenue_chart(facts.months, facts.currency),
            named=grouped(named),
            contract=contract,
            built=sum(1 for row in every_table if row.outcome == "built"),
            tables=every_table,
            total=total,
            words=_RESULT_WORDS,
            manifest_columns=[name for name in _MANIFEST_COLUMNS if facts.manifest and name in facts.manifest[0]],
        )
    )


def grouped(checks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One row for an expectation that said the same of several tables, with the number of tables; what failed stays apart."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for check in checks:
        own = check["table_name"] if check["result"] == "failed" else ""
        name = (check["check_id"], check["measure"], check["title"], check["result"], own)
        groups.setdefault(name, []).append(check)
    return [_merged(group) for group in groups.values()]


def _merged(group: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    sums = {name: sum(check[name] for check in group) for name in ("rows_checked", "rows_failing")}
    return {**group[0], **sums, "table_count": len(group)}


_MANIFEST_COLUMNS = (
    "received_count",
    "new_count",
    "changed_count",
    "unchanged_count",
    "superseded_count",
    "deleted_count",
    "live_count_after",
)


def number(value: Any) -> str:
    """A number with thousands separators; a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if isinstance(value, (int, float)) else str(value)


def share(value: float | None) -> str:
    """A share of 0-1 in percent."""
    return "–" if value is None else f"{100 * value:.1f} %"


def seconds(value: float) -> str:
    """Seconds with one decimal; nothing for less than a tenth."""
    return f"{value:.1f}" if value >= 0.05 else ""


def measured(value: float | None) -> str:
    """A measured figure or threshold, as short as it is exact enough."""
    return "–" if value is None else f"{value:.4g}"
