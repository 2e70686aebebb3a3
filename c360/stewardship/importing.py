"""A file of decisions -> `identity_review`: every row is looked at before one is written, and all of them are one commit."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from c360.errors import DecisionsError
from c360.lake import Lake
from c360.stewardship.decision_file import Problem, read, text_of
from c360.stewardship.decisions import Decision, rows
from c360.stewardship.judging import judge, overtaken
from c360.stewardship.known import NAME, TABLE, known_of, stored
from c360.stewardship.queue import QUEUE_ONLY


@dataclass(frozen=True)
class Imported:
    """What became of a file of decisions.

    Attributes:
        added_count: Decisions written.
        known_count: Decisions the lake had already.
        undecided_count: Rows nobody decided.
        left_count: Rows that were left out.
        overtaken: Lines that say again what a newer decision has replaced; the newer one stands.
        problems: What was wrong with the rows left out.
    """

    added_count: int
    known_count: int
    undecided_count: int
    left_count: int
    overtaken: Sequence[int]
    problems: Sequence[Problem]


def import_decisions(lake: Lake, path: Path, *, author: str = "", skip_bad: bool = False) -> Imported:
    """Adds the decisions of a CSV file that the lake does not have yet; the next run applies them.

    Args:
        lake: The open lake, whose lease the caller holds.
        path: The file; see `decision_file`.
        author: Who decided the rows that do not say.
        skip_bad: Write the good rows although others are wrong.

    Raises:
        SelectionError: The file cannot be read, or its columns are other ones.
        DecisionsError: Rows are wrong, or decisions contradict each other; nothing was written.
        ReleaseError: Nothing has been released, so that no record is known.
    """
    found = read(path, ignored=QUEUE_ONLY, author=author)
    known = known_of(lake, found.given)
    judged = judge(found.given, known, lake.settings.clock())
    problems = sorted([*found.problems, *judged.problems])
    row_count = len(found.given) + len({problem.line for problem in found.problems})
    left_count = row_count - len(judged.fresh) - len(judged.old)
    if problems and not skip_bad:
        raise _refusal(path, problems, left_count, row_count)
    made = [line.made for line in judged.fresh]
    if made:
        _write(lake, made)
    return Imported(
        added_count=len(made),
        known_count=len(judged.old),
        undecided_count=found.undecided_count,
        left_count=left_count,
        overtaken=overtaken(judged.old, [*known.decisions, *made]),
        problems=problems,
    )


def export_text(lake: Lake) -> str:
    """All decisions of the lake as CSV, newest first; withdrawn ones and those a newer one has replaced, too."""
    return text_of(stored(lake))


def _write(lake: Lake, made: Sequence[Decision]) -> None:
    head = lake.engine.head(TABLE)
    lake.write_peoples_table(NAME, rows(made), _content_id(head.content_id if head else "", made))
    lake.forget_inputs()


def _content_id(before: str, made: Iterable[Decision]) -> str:
    told = sorted((*d.said[:3], d.reason or "", d.decided_at.isoformat()) for d in made)
    return hashlib.sha256(repr((before, told)).encode()).hexdigest()


def _refusal(path: Path, problems: Sequence[Problem], wrong_count: int, row_count: int) -> DecisionsError:
    return DecisionsError(
        f"{wrong_count} of {row_count} decisions in {path} cannot be taken over; nothing was written.",
        hint="Mend them and import the file again; --skip-bad writes the others.",
        problems=[f"line {problem.line}: {problem.text}" for problem in problems],
    )
