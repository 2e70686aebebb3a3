"""The page of `c360 identity resolve`: what was found, how sure it is, and why. Records are named by ids, never by values."""

from collections import Counter

import numpy as np

from c360.identity.columns import Codes
from c360.identity.entities import Comparison
from c360.identity.model import PRIOR, comparisons_of
from c360.report.pairs import BASE, BIN_BITS, HEIGHT, WIDEST, WIDTH, Bar, Example, bars, waterfall
from c360.report.report import environment
from c360.resolving.resolve import Resolved

SHOWN = 12
"""Examples and rows of a list on the page."""


def page(found: Resolved) -> str:
    """The page as HTML text. Pure."""
    probability, is_link = found.scored.probability, found.is_link
    sizes = Counter(Counter(found.group.tolist()).values())
    near = np.argsort(np.abs(found.scored.weight), kind="stable")[:SHOWN]
    sure = np.flatnonzero(is_link)[np.argsort(-found.scored.weight[is_link], kind="stable")][:: max(1, int(is_link.sum()) // 3)][
        :3
    ]
    return (
        environment()
        .get_template("identity.html.j2")
        .render(
            found=found,
            entity=found.model.entity,
            customers=len(set(found.group.tolist())),
            links=int(is_link.sum()),
            precision=float(probability[is_link].mean()) if is_link.any() else None,
            recall=float(probability[is_link].sum() / probability.sum()) if is_link.any() else None,
            bars=histogram(found),
            width=WIDTH,
            height=HEIGHT,
            base=BASE,
            sizes=sorted(sizes.items()),
            weights=[(c, found.model.shares[c.name]) for c in _used(found)],
            examples=[example(found, at) for at in sure.tolist()],
            queue=[example(found, at) for at in near.tolist()],
            rules=rules(found),
        )
    )


def histogram(found: Resolved) -> list[Bar]:
    """Pairs by weight."""
    bins = np.floor(np.clip(found.scored.weight, -WIDEST, WIDEST) / BIN_BITS).astype(int)
    return bars(Counter(bins.tolist()), Counter(bins[found.is_link].tolist()))


def example(found: Resolved, at: int) -> Example:
    """One pair with the waterfall of its contributions, largest first, the prior before them."""
    scored = found.scored
    parts = zip(found.comparisons, scored.contributions[at].tolist(), strict=True)
    steps = waterfall([(PRIOR, found.prior_bits), *parts])
    left, right = _name(found, scored.left, at), _name(found, scored.right, at)
    said = f"proposed by {found.rules[int(scored.rule[at])]}"
    return Example(left, right, float(scored.weight[at]), float(scored.probability[at]), bool(found.is_link[at]), said, steps)


def rules(found: Resolved) -> list[tuple[str, int, int]]:
    """Rule -> pairs it was the first to propose, and links among them."""
    pairs, links = Counter(found.scored.rule.tolist()), Counter(found.scored.rule[found.is_link].tolist())
    return [(name, pairs[at], links[at]) for at, name in enumerate(found.rules) if pairs[at]]


def _used(found: Resolved) -> list[Comparison]:
    every = comparisons_of(found.model.entity, found.model.texts, found.model.exacts)
    return [c for c in every if c.name in found.comparisons]


def _name(found: Resolved, rows: Codes, at: int) -> str:
    row = int(rows[at])
    return f"{found.given.sources[int(found.given.side[row])]} {found.given.ids[row]}"
