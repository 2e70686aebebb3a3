"""`c360 identity report`: how sure the lake is of who is who."""

from pathlib import Path
from typing import Annotated, Any

import typer

from c360.commands.output import JsonOption, LakeOption, out, say, settings_for, show_json, show_table, write_page
from c360.lake import open_lake
from c360.report.identity_facts import IdentityFacts, gather_identity
from c360.report.lake_identity import histogram, identity_page
from c360.report.report import share
from c360.why import contributions


def report(
    *,
    out_file: Annotated[Path | None, typer.Option("--out", metavar="FILE.html", help="Write the page, with charts.")] = None,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how sure the lake's newest release is of who is who.

    Match rate with its 95 % interval, estimated precision and expected recall, pairs by weight, what each rule found, what
    changed since the release before, records nothing could link, the biggest customers, and the pairs nearest the threshold.
    Ids and counts only, no personal data.
    """
    with open_lake(settings_for(lake)) as opened:
        facts = gather_identity(opened)
    if out_file is not None:
        write_page(out_file, identity_page(facts))
    if as_json:
        return show_json(facts)
    return _show(facts)


def _show(facts: IdentityFacts) -> None:
    title = f"{facts.customer_count:,} customers in {facts.record_count:,} records"
    out().print(f"Release {facts.release_id}: {title}", style="bold", highlight=False)
    show_table("How sure", ("what", "value"), _figures(facts))
    bars = [(bar.label, bar.linked, bar.count - bar.linked) for bar in histogram(facts) if bar.count]
    show_table("Pairs by weight", ("weight", "links", "refused"), bars)
    rules = [(r["rule"] or "none", r["pair_count"], r["link_count"], share(r["link_share"])) for r in facts.scores.rules]
    show_table("Rules", ("rule", "pairs", "links", "share of links"), rules)
    _show_drift(facts)
    for rows, heading in ((facts.unlinkable, "Records nothing could link"), (facts.biggest, "Biggest customers")):
        if rows:
            show_table(heading, [name.replace("_", " ") for name in rows[0]], [list(row.values()) for row in rows])
    if facts.nearest:
        heads = ("record", "with", "decision", "rule", "bits", "of which")
        show_table(f"Nearest to {facts.threshold:.2f} bits", heads, [_pair_row(pair) for pair in facts.nearest])


def _figures(facts: IdentityFacts) -> list[tuple[str, str]]:
    rate, scores = facts.rate, facts.scores
    matched = "–"
    if rate is not None and rate.denominator:
        counts = f"{rate.numerator:,} of {rate.denominator:,}"
        matched = f"{share(rate.match_rate)} ({counts}; 95 % interval {share(rate.low)} to {share(rate.high)})"
    threshold = "–" if facts.threshold is None else f"{facts.threshold:.2f} bits, {facts.wrong_count:,} pairs beyond it"
    return [
        ("match rate", matched),
        ("estimated precision of matched customers", share(rate.estimated_precision if rate else None)),
        ("estimated precision of all links", share(scores.precision)),
        ("expected recall of pairs with a probability", share(scores.recall)),
        ("links of pairs compared", f"{scores.link_count:,} of {scores.pair_count:,}"),
        ("links and refused pairs part at", threshold),
        ("model", ", ".join(scores.models) or "–"),
    ]


def _show_drift(facts: IdentityFacts) -> None:
    drift = facts.drift
    if drift is None:
        return say(facts.drift_note)
    then, now = (found.match_rate if found else None for found in (drift.rate, facts.rate))
    rows: list[tuple[Any, ...]] = [("match rate", share(then), share(now))]
    rows += [(f"links by {rule}", f"{before:,}", f"{after:,}") for rule, (before, after) in drift.links_by_rule.items()]
    rows += [
        (f"{drift.measure} of weights, {what}", "", "–" if distance is None else f"{distance:.4f}")
        for what, distance in (("all pairs", drift.pairs_distance), ("links", drift.links_distance))
    ]
    return show_table(f"Since release {drift.release_id}", ("what", "then", "now"), rows)


def _pair_row(pair: Any) -> list[Any]:
    parts = ", ".join(f"{name} {bits:+.1f}" for name, bits in contributions(pair).items())
    return [*(pair[n] for n in ("left_source_id", "right_source_id", "decision", "rule", "weight")), parts]
