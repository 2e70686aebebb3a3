"""The page of `c360 identity resolve`: what was found, how sure it is, and why. Records are named by ids, never by values."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from c360.identity.columns import Codes
from c360.identity.entities import Comparison
from c360.identity.model import comparisons_of
from c360.report.report import environment
from c360.resolving.resolve import Resolved

BIN_BITS = 2
WIDTH, HEIGHT = 880, 220
SHOWN = 12
"""Examples and rows of a list on the page."""

_BASE = 24
_WIDEST = 60.0


@dataclass(frozen=True)
class Bar:
    """Pairs whose weight lies in one bin; `linked` of `count` are links. Coordinates in a box of WIDTH × HEIGHT."""

    label: str
    x: float
    width: float
    height: float
    linked_height: float
    count: int
    linked: int


@dataclass(frozen=True)
class Step:
    """One contribution of a waterfall: from `start` on, `width` wide, in percent of the widest."""

    name: str
    bits: float
    start: float
    width: float


@dataclass(frozen=True)
class Example:
    """A pair, its probability and the waterfall of its weight."""

    left: str
    right: str
    weight: float
    probability: float
    is_link: bool
    rule: str
    steps: Sequence[Step]


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
            base=HEIGHT - _BASE,
            sizes=sorted(sizes.items()),
            weights=[(c, found.model.shares[c.name]) for c in _used(found)],
            examples=[example(found, at) for at in sure.tolist()],
            queue=[example(found, at) for at in near.tolist()],
            rules=rules(found),
        )
    )


def histogram(found: Resolved) -> list[Bar]:
    """Pairs by weight."""
    bins = np.floor(np.clip(found.scored.weight, -_WIDEST, _WIDEST) / BIN_BITS).astype(int)
    if not len(bins):
        return []
    lowest, highest = int(bins.min()), int(bins.max())
    counts = Counter(bins.tolist())
    linked = Counter(bins[found.is_link].tolist())
    most = max(counts.values())
    slot = WIDTH / (highest - lowest + 1)

    def height(count: int) -> float:
        return round((HEIGHT - 2 * _BASE) * count / most, 2)

    return [
        Bar(
            f"{b * BIN_BITS} to {(b + 1) * BIN_BITS} bits",
            round(slot * i, 2),
            round(slot * 0.8, 2),
            height(counts[b]),
            height(linked[b]),
            counts[b],
            linked[b],
        )
        for i, b in enumerate(range(lowest, highest + 1))
    ]


def example(found: Resolved, at: int) -> Example:
    """One pair with the waterfall of its contributions, largest first, the prior before them."""
    scored = found.scored
    parts = sorted(zip(found.comparisons, scored.contributions[at].tolist(), strict=True), key=lambda part: -abs(part[1]))
    bits = [("prior", found.prior_bits), *((name, value) for name, value in parts if abs(value) >= 0.005)]
    ends = np.cumsum([value for _, value in bits])
    low, high = min(0.0, float(ends.min())), max(0.0, float(ends.max()))
    scale = 100 / max(high - low, 1e-9)
    starts = [0.0, *ends[:-1].tolist()]
    steps = [
        Step(name, value, round((min(start, start + value) - low) * scale, 2), round(abs(value) * scale, 2))
        for (name, value), start in zip(bits, starts, strict=True)
    ]
    left, right = _name(found, scored.left, at), _name(found, scored.right, at)
    rule = found.rules[int(scored.rule[at])]
    return Example(left, right, float(scored.weight[at]), float(scored.probability[at]), bool(found.is_link[at]), rule, steps)


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
