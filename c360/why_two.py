"""Why two records or customers are one, or are not: their own pair, the chain of links between them, what was refused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import ibis.expr.types as ir

from c360.chains import Link, shortest_chain
from c360.errors import SelectionError
from c360.identity import block
from c360.identity.rules import REVIEWED
from c360.lake import Lake
from c360.readers import released
from c360.release import Entry
from c360.silver.identity.identity_pair import ACCEPTED
from c360.why import Pair, contributions, ends, member, named, pairs_of, stored, todays_id
from c360.why_not import NAMES_ID, counted, no_rule_proposed, why_not

REFUSED_SHOWN = 5


@dataclass(frozen=True)
class Side:
    """What one argument names.

    Attributes:
        wanted: The argument.
        customer_id: Its customer.
        members: The records meant, as texts of `block.member`: one, or all of the customer.
    """

    wanted: str
    customer_id: str
    members: Sequence[str]


@dataclass(frozen=True)
class Explained:
    """One pair and what decided it.

    Attributes:
        pair: Its row of `identity_pair`.
        contributions: Field -> bits, largest first; what said nothing is left out.
        contributions_sum: Their sum, which is the pair's weight.
        why_not: Why it is no link, in words; None for a link.
        against: Pairs it was refused for: the rival's link, the decision of people, the record that an id names.
    """

    pair: Pair
    contributions: Mapping[str, float]
    contributions_sum: float
    why_not: str | None
    against: Sequence[Pair] = ()


@dataclass(frozen=True)
class Comparison:
    """Two records or customers side by side.

    Attributes:
        left: What the first argument names.
        right: What the second argument names.
        is_one_customer: Whether they are one customer.
        finding: The answer in words.
        own: The pair of the two records, when both arguments name one and a rule proposed it.
        chain: When they are one customer: the fewest links that lead from one to the other, in order.
        refused: When they are two: the strongest other pairs between the two customers, and what refused them.
    """

    left: Side
    right: Side
    is_one_customer: bool
    finding: str
    own: Explained | None
    chain: Sequence[Explained]
    refused: Sequence[Explained]


def compare(lake: Lake, wanted: str, other: str) -> Comparison:
    """Explains two source records or customers of the newest release; ids as in `why.explain`.

    Raises:
        SelectionError: An id names nothing, or records of several accounts; both name the same.
        ReleaseError: Nothing has been released.
    """
    entry = released(lake.engine)
    identity, pairs = (stored(lake, entry, f"silver.{name}") for name in ("customer_identity", "identity_pair"))
    left, right = _apart(_side(lake, entry, identity, wanted), _side(lake, entry, identity, other))
    customers = [left.customer_id, right.customer_id]
    rows = lake.execute(identity.filter(identity.customer_id.isin(sorted(set(customers)))))
    customer_of = {member(row): row["customer_id"] for row in rows}
    if left.customer_id == right.customer_id:
        return one_customer(left, right, _connected(lake, pairs, list(customer_of)))
    return two_customers(left, right, pairs_of(lake, pairs, list(customer_of)), customer_of)


def one_customer(left: Side, right: Side, pairs: Sequence[Pair]) -> Comparison:
    """Two sides of one customer. Pure.

    Args:
        left: One.
        right: The other.
        pairs: All pairs of the customer's records, strongest first.
    """
    own, chain = _own(left, right, pairs), _chain(left, right, pairs)
    finding = _one_found(left, right, own, len(chain))
    return Comparison(left, right, True, finding, explained(own) if own else None, [explained(pair) for pair in chain], ())


def two_customers(left: Side, right: Side, pairs: Sequence[Pair], customer_of: Mapping[str, str]) -> Comparison:
    """Two sides of two customers. Pure.

    Args:
        left: One.
        right: The other.
        pairs: All pairs of both customers' records, strongest first.
        customer_of: Records of both customers -> which of them it is.
    """
    both = {left.customer_id, right.customer_id}
    between = [pair for pair in pairs if {customer_of.get(end) for end in ends(pair)} == both]
    own = _own(left, right, pairs)
    others = [pair for pair in between if pair is not own][:REFUSED_SHOWN]
    told = [explained(pair, _against(pair, pairs, customer_of)) for pair in others]
    told_own = explained(own, _against(own, pairs, customer_of)) if own else None
    return Comparison(left, right, False, _two_found(left, right, own, between), told_own, (), told)


def explained(pair: Pair, against: Sequence[Pair] = ()) -> Explained:
    """A pair with its contributions and their sum."""
    parts = contributions(pair)
    return Explained(pair, parts, fsum(parts.values()), None if pair["decision"] == ACCEPTED else why_not(pair), against)


def _one_found(left: Side, right: Side, own: Pair | None, chain_count: int) -> str:
    if own is not None and own["decision"] == ACCEPTED:
        return f"They are one customer: their own pair is a link by rule {own['rule']}."
    joined = f"joined by {counted(chain_count, 'link')}" if chain_count else "but no stored link joins them"
    if own is not None:
        return f"They are one customer, {joined}; their own pair is no link ({why_not(own)})."
    return f"They are one customer, {joined}" + ("; no rule proposed their own pair." if _is_single(left, right) else ".")


def _two_found(left: Side, right: Side, own: Pair | None, between: Sequence[Pair]) -> str:
    if own is not None:
        return f"They are two customers: {why_not(own)}."
    proposed = f"{counted(len(between), 'pair')} between the two customers {'was' if len(between) == 1 else 'were'} refused."
    if between and not _is_single(left, right):
        return f"They are two customers: {proposed}"
    finding = f"They are two customers. {no_rule_proposed(left.members, right.members)}"
    if not _is_single(left, right):
        return finding
    return f"{finding} {proposed if between else 'Nor did any rule propose another pair of the two customers.'}"


def _side(lake: Lake, entry: Entry, identity: ir.Table, wanted: str) -> Side:
    rows = named(lake, identity, todays_id(lake, entry, wanted))
    return Side(wanted, rows[0]["customer_id"], [member(row) for row in rows])


def _apart(left: Side, right: Side) -> tuple[Side, Side]:
    """A customer and a record of it: the record and all others.

    Raises:
        SelectionError: Both name the same.
    """
    shared = set(left.members) & set(right.members)
    others = [[name for name in side.members if name not in shared] for side in (left, right)]
    if shared and not any(others):
        wrong = f"{left.wanted!r} and {right.wanted!r} name the same record{'s' if len(shared) > 1 else ''}."
        raise SelectionError(wrong, hint="`c360 why ID` explains one customer.")
    made = [Side(s.wanted, s.customer_id, rest or s.members) for s, rest in zip((left, right), others, strict=True)]
    return made[0], made[1]


def _connected(lake: Lake, pairs: ir.Table, members: Collection[str]) -> list[Pair]:
    """Pairs of a customer's records, and of records in quarantine through which some of its links go."""
    found: dict[tuple[str, str], Pair] = {}
    asked: set[str] = set()
    wanted = set(members)
    while wanted:
        found |= {ends(pair): pair for pair in pairs_of(lake, pairs, wanted)}
        asked |= wanted
        wanted = {end for pair in found.values() if pair["decision"] == ACCEPTED for end in ends(pair)} - asked
    return sorted(found.values(), key=lambda pair: (-pair["weight"], ends(pair)))


def _own(left: Side, right: Side, pairs: Sequence[Pair]) -> Pair | None:
    if not _is_single(left, right):
        return None
    both = {*left.members, *right.members}
    return next((pair for pair in pairs if set(ends(pair)) == both), None)


def _is_single(left: Side, right: Side) -> bool:
    return len(left.members) == len(right.members) == 1


def _chain(left: Side, right: Side, pairs: Sequence[Pair]) -> list[Pair]:
    accepted = {ends(pair): pair for pair in pairs if pair["decision"] == ACCEPTED}
    links = [Link(*names, weight=pair["weight"]) for names, pair in accepted.items()]
    return [accepted[link.left, link.right] for link in shortest_chain(links, left.members, right.members) or ()]


def _against(pair: Pair, pairs: Sequence[Pair], customer_of: Mapping[str, str]) -> list[Pair]:
    """What refused a pair: links of its customers with others, a decision of people between them, links by an id."""
    customers = {customer_of.get(end) for end in ends(pair)}
    if pair["reason"] == "cannot_link":
        reviewed = (p for p in pairs if p["rule"] == REVIEWED and p["decision"] != ACCEPTED)
        return [p for p in reviewed if p is not pair and {customer_of.get(end) for end in ends(p)} == customers]
    links = [p for p in pairs if p["decision"] == ACCEPTED and customers & {customer_of.get(end) for end in ends(p)}]
    if pair["reason"] == "assigned_elsewhere":
        across = [p for p in links if {block.parts(end)[0] for end in ends(p)} == {block.parts(end)[0] for end in ends(pair)}]
        nearest = sorted(
            across, key=lambda p: set(ends(p)).isdisjoint(ends(pair))
        )  # its own records' links before their customers'
        return _strongest_of_each(nearest, customer_of)
    if str(pair["reason"]).startswith("conflicting"):
        return _strongest_of_each([p for p in links if p["rule"] == NAMES_ID], customer_of)
    return []


def _strongest_of_each(links: Sequence[Pair], customer_of: Mapping[str, str]) -> list[Pair]:
    found: dict[str | None, Pair] = {}
    for link in links:
        found.setdefault(next(filter(None, map(customer_of.get, ends(link))), None), link)
    return list(found.values())
