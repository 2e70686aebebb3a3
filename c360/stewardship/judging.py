"""Rows of a file beside what the lake knows: which are new, which it has, which cannot be. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from c360.errors import listing
from c360.identity.block import member, parts
from c360.identity.contradictions import Contradiction, contradictions
from c360.silver.identity.identity_review import WITHDRAWN
from c360.stewardship.decision_file import Given, Problem, Record
from c360.stewardship.decisions import Decision, Pair, pair_of, reviews, standing
from c360.stewardship.known import Known


@dataclass(frozen=True)
class Line:
    """A decision and the line of the file it stands on."""

    number: int
    made: Decision
    is_dated: bool


@dataclass(frozen=True)
class Judged:
    """What is to become of the rows of a file.

    Attributes:
        fresh: Decisions the lake does not have.
        old: Those it has, or the file repeats.
        problems: What is wrong with the others; a contradiction is told once, on the first line that takes part.
    """

    fresh: Sequence[Line]
    old: Sequence[Line]
    problems: Sequence[Problem]


def judge(given: Iterable[Given], known: Known, now: datetime) -> Judged:
    """Looks up every row; a row without an instant was decided `now`, unless the lake has the same decision already."""
    lines: list[Line] = []
    problems: list[Problem] = []
    for row in given:
        found = _line(row, known, now)
        lines += [found] if isinstance(found, Line) else []
        problems += found if isinstance(found, list) else []
    fresh, old, differing = _sorted_out(lines, known.decisions)
    decided = {d.pair for d in [*known.decisions, *(line.made for line in fresh)] if d.decision != WITHDRAWN}
    idle = [line for line in fresh if line.made.pair not in decided]
    problems += [*differing, *(Problem(line.number, "nobody decided this pair: there is nothing to withdraw") for line in idle)]
    fresh, denied = _holding([line for line in fresh if line not in idle], known.decisions)
    return Judged(fresh, old, sorted([*problems, *denied]))


def overtaken(old: Iterable[Line], decisions: Iterable[Decision]) -> list[int]:
    """Lines that say again, without an instant, what a newer decision has replaced."""
    stand = standing(decisions)
    return [line.number for line in old if not line.is_dated and stand[line.made.pair].decision != line.made.decision]


def _line(row: Given, known: Known, now: datetime) -> Line | list[Problem]:
    left, right = (_looked_up(record, known) for record in (row.left, row.right))
    faults = [f"{side}: {found[1]}" for side, found in (("left", left), ("right", right)) if found[1]]
    if not faults and left[0] == right[0]:
        faults.append("a record is decided against itself")
    if row.decided_at is not None and row.decided_at > now:
        faults.append("decided_at lies in the future")
    if row.reason and row.reason.lower() in known.personal:
        faults.append("reason holds personal data (a value of the vault)")
    if faults:
        return [Problem(row.line, fault) for fault in faults]
    made = Decision(pair_of(left[0], right[0]), row.decision, row.author, row.reason, row.decided_at or now)
    return Line(row.line, made, row.decided_at is not None)


def _looked_up(record: Record, known: Known) -> tuple[str, str]:
    """The member and no fault, or a fault."""
    accounts = sorted(known.accounts.get(record.system, ()))
    wanted = [record.account] if record.account else accounts
    if len(wanted) > 1:
        return "", f"there are {len(accounts)} accounts of {record.system}: say which one ({listing(accounts, 5)})"
    for account in wanted:
        if (found := member(record.system, account, record.source_id)) in known.records:
            return found, ""
    return "", f"the newest release knows no account or customer {record}"


def _sorted_out(lines: Iterable[Line], decisions: Iterable[Decision]) -> tuple[list[Line], list[Line], list[Problem]]:
    """Lines that say something new, lines that do not, and what cannot be because of another decision of the same instant."""
    fresh: list[Line] = []
    old: list[Line] = []
    problems: list[Problem] = []
    have = list(decisions)
    said = {d.said for d in have}
    at_instant: dict[tuple[Pair, datetime], tuple[str, str]] = {(d.pair, d.decided_at): (d.decision, "the lake") for d in have}
    for line in lines:
        key = (line.made.pair, line.made.decided_at)
        decision, place = at_instant.get(key, ("", ""))
        if decision == line.made.decision or (not line.is_dated and line.made.said in said):
            old.append(line)
        elif decision:
            problems.append(Problem(line.number, f"{place} has another decision about this pair at the same instant"))
        else:
            fresh.append(line)
            at_instant[key] = (line.made.decision, f"line {line.number}")
    return fresh, old, problems


def _holding(fresh: Sequence[Line], decisions: Sequence[Decision]) -> tuple[list[Line], list[Problem]]:
    """Lines without those that contradict each other or the lake, and each contradiction; old ones of the lake do not count."""
    before = {found.apart for found in contradictions(reviews(standing(decisions)))}
    left = list(fresh)
    problems: list[Problem] = []
    while True:
        stand = standing([*decisions, *(line.made for line in left)])
        found = [c for c in contradictions(reviews(stand)) if c.apart not in before]
        if not found:
            return left, problems
        lines = {line.made.pair: line.number for line in left if stand[line.made.pair] is line.made}
        problems += [Problem(min(lines[p] for p in c.pairs if p in lines), _told(c, lines)) for c in found]
        involved = {lines[pair] for c in found for pair in c.pairs if pair in lines}
        left = [line for line in left if line.number not in involved]


def _told(found: Contradiction, lines: dict[Pair, int]) -> str:
    apart, *links = _places(found.pairs, lines)
    chain = "; ".join(links)
    return f"decisions contradict each other: apart {apart}, yet linked {chain}"


def _places(pairs: Iterable[Pair], lines: dict[Pair, int]) -> Iterator[str]:
    for pair in pairs:
        left, right = (parts(record)[2] for record in pair)
        yield f"{left} – {right} ({f'line {lines[pair]}' if pair in lines else 'in the lake'})"
