"""Scored pairs -> which of them are links: duplicates grouped, then groups of two systems assigned one to one.

Everything is decided by the pairs and reviews alone, in an order made from their own values: order of arrival and records of
other connected components change nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from c360.identity.matching import best_matching
from c360.identity.rules import RULES

MERGED = "merged"
"""Rule of two accounts that Salesforce itself merged."""
_HUB_RULES = frozenset(rule.name for rule in RULES if rule.is_hub)


@dataclass(frozen=True, order=True)
class Pair:
    """A candidate pair whose evidence satisfies a rule. `left < right`, as texts of `block.member`."""

    left: str
    right: str
    weight: float
    rule: str


@dataclass(frozen=True)
class Reviews:
    """What people decided, newest decision per pair; pairs as (left, right) with left < right."""

    must_link: frozenset[tuple[str, str]] = frozenset()
    cannot_link: frozenset[tuple[str, str]] = frozenset()


class Groups:
    """Disjoint groups of members that never unite what must stay apart."""

    def __init__(self, apart: Iterable[tuple[str, str]], company: Mapping[str, str]) -> None:
        """`apart`: pairs that may never share a group. `company`: customer -> the account its metadata names."""
        self._parent: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}
        self._company = company
        self._named_systems = {_system(account) for account in company.values()}
        self._apart: dict[str, set[str]] = defaultdict(set)
        for left, right in apart:
            self.keep_apart(left, right)

    def of(self, member: str) -> str:
        """The group's name: its least member."""
        while (parent := self._parent.get(member, member)) != member:
            self._parent[member] = member = self._parent.get(parent, parent)
        return member

    def members(self, group: str) -> list[str]:
        """The members of a group."""
        return self._members.get(group, [group])

    def unite(self, left: str, right: str, *, by_review: bool = False) -> bool:
        """Makes one group of two and returns True, or False when a reason forbids it."""
        first, second = sorted((self.of(left), self.of(right)))
        if first == second:
            return True
        if self.obstacle(first, second, by_review=by_review):
            return False
        self._members[first] = self.members(first) + self.members(second)
        self._members.pop(second, None)
        self._parent[second] = first
        return True

    def keep_apart(self, left: str, right: str) -> None:
        """From now on the two may never share a group."""
        self._apart[left].add(right)
        self._apart[right].add(left)

    def obstacle(self, first: str, second: str, *, by_review: bool = False) -> str | None:
        """Why two groups may not become one; a review overrules explicit ids, never another review."""
        small, large = sorted((self.members(first), self.members(second)), key=len)
        others = set(large)
        if any(not self._apart[m].isdisjoint(others) for m in small if m in self._apart):
            return "cannot_link"
        if by_review:
            return None
        return "conflicting_metadata_id" if self._names_another(first, second) else None

    def _names_another(self, first: str, second: str) -> bool:
        named = [self._named(first), self._named(second)]
        if all(named):
            return named[0].isdisjoint(named[1])
        return any(
            names and self._is_account(group) and group not in names for names, group in ((named[0], second), (named[1], first))
        )

    def _named(self, group: str) -> set[str]:
        return {self.of(self._company[m]) for m in self.members(group) if m in self._company}

    def _is_account(self, group: str) -> bool:
        return any(_system(m) in self._named_systems for m in self.members(group))


def decide(pairs: Collection[Pair], reviews: Reviews, company: Mapping[str, str]) -> dict[tuple[str, str], str | None]:
    """Which pairs are links.

    Args:
        pairs: Candidates by rule; several rules never give the same pair twice.
        reviews: Decisions of people; a must-link is a link even when it is no candidate.
        company: Stripe customer -> the stored Salesforce account its metadata names.

    Returns:
        (left, right) -> None for a link, else the reason against it.
    """
    groups = Groups(reviews.cannot_link, company)
    strongest = sorted(pairs, key=lambda p: (-p.weight, p.left, p.right))
    for left, right in sorted(reviews.must_link):
        groups.unite(left, right, by_review=True)
    within = [p for p in strongest if _system(p.left) == _system(p.right)]
    between = [p for p in strongest if _system(p.left) != _system(p.right)]
    for left, right in _torn_apart(within, between, reviews.cannot_link, groups) if reviews.cannot_link else ():
        groups.keep_apart(left, right)
    for pair in sorted(within, key=lambda p: p.rule != MERGED):
        groups.unite(pair.left, pair.right)
    _unite_by_hub(between, groups)
    links = _assigned(between, groups)
    decided = {(p.left, p.right): _reason_within(p, groups) for p in within}
    decided |= {(p.left, p.right): _reason_between(p, groups, links) for p in between}
    decided |= dict.fromkeys(sorted(reviews.cannot_link), "cannot_link")
    agreed = {(left, right) for left, right in reviews.must_link if groups.of(left) == groups.of(right)}
    return decided | {pair: None if pair in agreed else "cannot_link" for pair in sorted(reviews.must_link)}


def components(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Member -> least member of its connected component; members of no pair are left out."""
    groups = Groups((), {})
    linked = sorted(set(pairs))
    for left, right in linked:
        groups.unite(left, right)
    return {member: groups.of(member) for pair in linked for member in pair}


def _torn_apart(
    within: Sequence[Pair], between: Sequence[Pair], cannot_link: Collection[tuple[str, str]], groups: Groups
) -> list[tuple[str, str]]:
    """Records of one system that are no duplicates, as people keep one of them from the other one's strongest partner.

    Duplicates are grouped first: Y, which was kept from A, would take X along, were X and Y alike, and X and A much more so.
    """
    strongest: dict[str, Pair] = {}
    for pair in reversed(between):  # sorted, the strongest first
        strongest |= {pair.left: pair, pair.right: pair}
    alike = {(p.left, p.right): p for p in within}
    found = []
    for record, other in sorted({*cannot_link, *((right, left) for left, right in cannot_link)}):
        if record not in strongest:
            continue
        best = strongest[record]
        partner = best.right if best.left == record else best.left
        rival = alike.get((min(partner, other), max(partner, other)))
        is_sure = strongest[partner] is best and not groups.obstacle(groups.of(record), groups.of(partner))
        if is_sure and groups.of(partner) != groups.of(other) and (rival is None or _yields(rival, best)):
            found.append((partner, other))
    return found


def _yields(pair: Pair, rival: Pair) -> bool:
    return pair.rule != MERGED and pair.weight < rival.weight


def _unite_by_hub(between: Sequence[Pair], groups: Groups) -> None:
    """Two records each tied by a strong rule to one and the same group of the other system, and to no other, are duplicates.

    They are of that group, too, where people gave it a record of their system already: the others are not turned out for that.
    """
    tied: dict[str, set[str]] = defaultdict(set)
    for pair in between:
        if pair.rule in _HUB_RULES and not groups.obstacle(groups.of(pair.left), groups.of(pair.right)):
            tied[groups.of(pair.right)].add(groups.of(pair.left))
    by_hub: dict[str, list[str]] = defaultdict(list)
    for group, hubs in sorted(tied.items()):
        if len(hubs) == 1:
            by_hub[next(iter(hubs))].append(group)
    for hub, members in sorted(by_hub.items()):
        if _spans(groups.members(hub)):
            members = [hub, *(group for group in members if not _spans(groups.members(group)))]
        for other in members[1:]:
            groups.unite(members[0], other)


def _assigned(between: Sequence[Pair], groups: Groups) -> set[tuple[str, str]]:
    """Pairs of groups of two systems that belong together; a group that spans the systems already is settled."""
    edges: dict[tuple[str, str], float] = {}
    for pair in between:
        left, right = groups.of(pair.left), groups.of(pair.right)
        is_settled = _spans(groups.members(left)) or _spans(groups.members(right))
        if left != right and not is_settled and not groups.obstacle(left, right):
            edges[left, right] = max(pair.weight, edges.get((left, right), 0.0))
    return best_matching(edges)


def _reason_within(pair: Pair, groups: Groups) -> str | None:
    left, right = groups.of(pair.left), groups.of(pair.right)
    return None if left == right else groups.obstacle(left, right) or "assigned_elsewhere"


def _reason_between(pair: Pair, groups: Groups, links: set[tuple[str, str]]) -> str | None:
    left, right = groups.of(pair.left), groups.of(pair.right)
    return None if left == right or (left, right) in links else groups.obstacle(left, right) or "assigned_elsewhere"


def _spans(members: Collection[str]) -> bool:
    return len({_system(m) for m in members}) > 1


def _system(member: str) -> str:
    return member.partition("|")[0]
