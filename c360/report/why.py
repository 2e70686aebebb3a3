"""The page of `c360 why`: the waterfall of each pair that was explained. Records are named by ids, never by values."""

from collections.abc import Sequence

from c360.report.pairs import Example, waterfall
from c360.report.report import environment
from c360.silver.identity.identity_pair import ACCEPTED
from c360.why import Explanation, Pair, contributions
from c360.why_not import why_not
from c360.why_two import Comparison

Section = tuple[str, Sequence[Example]]


def page(found: Explanation | Comparison) -> str:
    """The page as HTML text. Pure."""
    if isinstance(found, Comparison):
        title, said, sections = f"{found.left.wanted} and {found.right.wanted}", found.finding, _of_two(found)
    else:
        title, said = f"Customer {found.customer_id}", f"{len(found.records)} records."
        sections = [("Links", _examples(found.links)), ("Strongest refused", _examples(found.rivals))]
    shown = [section for section in sections if section[1]]
    return environment().get_template("why.html.j2").render(title=title, said=said, sections=shown)


def example(pair: Pair) -> Example:
    """A pair of `identity_pair` with its waterfall."""
    is_link = pair["decision"] == ACCEPTED
    rule = f"rule {pair['rule']}" if pair["rule"] else "no rule"
    said = rule if is_link else f"{rule}; refused: {why_not(pair)}"
    left, right = (f"{pair[f'{side}_source_system']} {pair[f'{side}_source_id']}" for side in ("left", "right"))
    return Example(left, right, pair["weight"], pair["probability"], is_link, said, waterfall(contributions(pair).items()))


def _of_two(found: Comparison) -> list[Section]:
    own = [found.own] if found.own is not None else []
    chain = [told for told in found.chain if told.pair not in [mine.pair for mine in own]]
    against: list[Pair] = []
    for told in (*own, *found.refused):
        against += [pair for pair in told.against if pair not in against]
    return [
        ("Their pair", _examples([told.pair for told in own])),
        ("What joins them", _examples([told.pair for told in chain])),
        ("Refused between the two customers", _examples([told.pair for told in found.refused])),
        ("What stood against", _examples(against)),
    ]


def _examples(pairs: Sequence[Pair]) -> list[Example]:
    return [example(pair) for pair in pairs]
