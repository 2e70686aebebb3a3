"""The page of `c360 identity report`: how sure the lake is of who is who. Ids, counts and shares; no personal data."""

from c360.report.identity_facts import IdentityFacts
from c360.report.pairs import BASE, BIN_BITS, HEIGHT, WIDTH, Bar, bars
from c360.report.report import environment
from c360.report.why import example


def identity_page(facts: IdentityFacts) -> str:
    """The page as HTML text. Pure."""
    shown = histogram(facts)
    return (
        environment()
        .get_template("lake_identity.html.j2")
        .render(
            facts=facts,
            scores=facts.scores,
            bars=shown,
            width=WIDTH,
            height=HEIGHT,
            base=BASE,
            mark=mark(facts, shown),
            nearest=[example(pair) for pair in facts.nearest],
        )
    )


def histogram(facts: IdentityFacts) -> list[Bar]:
    """Pairs by weight; the linked part of a bar are the links."""
    links = {row["bin"]: row["link_count"] for row in facts.scores.weights}
    return bars({row["bin"]: row["link_count"] + row["refused_count"] for row in facts.scores.weights}, links)


def mark(facts: IdentityFacts, shown: list[Bar]) -> float | None:
    """Where on the chart the threshold is; at an end when it lies beyond."""
    if facts.threshold is None or not shown:
        return None
    lowest = min(row["bin"] for row in facts.scores.weights)
    at = (facts.threshold / BIN_BITS - lowest) * WIDTH / len(shown)
    return round(min(max(at, 0.0), WIDTH), 2)
