"""`c360 why`: why a customer is one, and why two records or customers are one or two."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from c360.commands.output import JsonOption, LakeOption, out, settings_for, show_json, show_table, write_page
from c360.errors import SettingsError
from c360.lake import open_lake
from c360.report.why import page
from c360.why import Explanation, contributions, explain
from c360.why_two import Comparison, Explained, compare

_HEADS = ("record", "with", "rule", "bits", "of which")


def why(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="customer_id, Salesforce account id or Stripe customer id.")],
    other: Annotated[
        str | None, typer.Argument(metavar="OTHER", help="Another record or customer: why the two are one, or are not.")
    ] = None,
    *,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show names, e-mails, phones and addresses from the vault.")] = False,
    page_file: Annotated[
        Path | None,
        typer.Option("--page", metavar="FILE.html", help="Write a page that shows what each pair's weight is made of."),
    ] = None,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a customer: its records, the links between them, and what each link rests on.

    With a second id: whether the two are one customer; what each field says of their pair, adding up to its weight; the
    links that join them, or the pairs that were refused and for what. An id that several accounts know is written account/id.
    """
    if other is not None and reveal:
        raise SettingsError("--reveal shows the records of one customer.", hint="Leave out the second id, or --reveal.")
    with open_lake(settings_for(lake)) as opened:
        found = explain(opened, wanted, reveal=reveal) if other is None else compare(opened, wanted, other)
    if page_file is not None:
        write_page(page_file, page(found))
    if as_json:
        return show_json(found)
    return _show_comparison(found) if isinstance(found, Comparison) else _show_explanation(found)


def _show_explanation(found: Explanation) -> None:
    out().print(f"Customer {found.customer_id}", style="bold", highlight=False)
    columns = ("source_system", "source_id", "rule", "confidence", "since_date", "is_deleted")
    heads = ("system", "record", "linked by", "confidence", "since", "deleted")
    show_table("Records", heads, [[row[name] for name in columns] for row in found.records])
    if found.links:
        show_table("Links", (*_HEADS, "probability"), [_pair_row(pair, pair["probability"]) for pair in found.links])
    if found.rivals:
        show_table("Strongest refused", (*_HEADS, "reason"), [_pair_row(pair, pair["reason"]) for pair in found.rivals])
    for title, rows in (("Changes", found.changes), ("From the vault", found.revealed)):
        if rows:
            show_table(title, list(rows[0]), [list(row.values()) for row in rows])


def _show_comparison(found: Comparison) -> None:
    out().print(found.finding, style="bold", highlight=False)
    for side in (found.left, found.right):
        out().print(f"{side.wanted}: customer {side.customer_id}", highlight=False)
    if found.own is not None:
        _show_own(found.own)
    chain = [told for told in found.chain if found.own is None or told.pair is not found.own.pair]
    if chain:
        show_table("Joined by", (*_HEADS, "probability"), [_pair_row(told.pair, told.pair["probability"]) for told in chain])
    if found.refused:
        rows = [_pair_row(told.pair, told.why_not) for told in found.refused]
        show_table("Refused between the two customers", (*_HEADS, "why"), rows)
    _show_against([pair for told in (*filter(None, (found.own,)), *found.refused) for pair in told.against])


def _show_own(told: Explained) -> None:
    pair = told.pair
    said = "a link" if told.why_not is None else f"refused: {told.why_not}"
    probability = "no probability" if pair["probability"] is None else f"probability {pair['probability']:.4f}"
    out().print(f"Their pair: rule {pair['rule'] or 'none'}, {probability}, {said}", highlight=False)
    rows = [*told.contributions.items(), ("sum", told.contributions_sum), ("weight", pair["weight"])]
    show_table("Weight", ("field", "bits"), rows)


def _show_against(pairs: Sequence[Mapping[str, Any]]) -> None:
    rows = [_pair_row(pair, pair["decision"]) for at, pair in enumerate(pairs) if pair not in pairs[:at]]
    if rows:
        show_table("What stood against", (*_HEADS, "decision"), rows)


def _pair_row(pair: Mapping[str, Any], last: Any) -> list[Any]:
    parts = ", ".join(f"{name} {bits:+.1f}" for name, bits in contributions(pair).items())
    return [pair["left_source_id"], pair["right_source_id"], pair["rule"], pair["weight"], parts, last]
