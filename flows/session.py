"""What the tasks of one flow run share: the open lake, the run, its loads. Tasks pass only names and small records."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date

from prefect.context import FlowRunContext

from c360 import run
from c360.batch import as_batch_process
from c360.build import Progress
from c360.ingest import Load
from c360.lake import Lake, open_lake
from c360.report.report import reporting
from c360.run import Outcome
from c360.settings import current
from c360.thresholds import refuse_unknown_thresholds


@dataclass
class Day:
    """One flow run on one lake and load date."""

    lake: Lake
    outcome: Outcome
    loads: Sequence[Load] = ()
    progress: Progress = field(init=False)
    refetch: bool = False
    is_scheduled: bool = False

    @property
    def load_date(self) -> date:
        """The logical day that is loaded or built."""
        return self.outcome.load_date


_day: ContextVar[Day] = ContextVar("day")


def today() -> Day:
    """The day the running task belongs to."""
    return _day.get()


def is_joined() -> bool:
    """Whether the running flow is part of one that has its day open."""
    return _day.get(None) is not None


@contextmanager
def opened() -> Iterator[Lake]:
    """The lake of the present settings; the same one for subflows of a flow that opened it."""
    day = _day.get(None)
    if day is not None:
        yield day.lake
        return
    as_batch_process()
    settings = current()
    refuse_unknown_thresholds(settings)
    with open_lake(settings, to_build=True) as lake:
        yield lake


@contextmanager
def day(lake: Lake, load_date: date, *, wait_seconds: float) -> Iterator[Day]:
    """Holds the lease for a flow run and writes the report at its end, failed or not; a subflow joins the run of its parent."""
    joined = _day.get(None)
    if joined is not None:
        yield joined
        return
    mine = Day(lake, Outcome(run.new_run_id(), load_date), is_scheduled=started_by_schedule())
    with reporting(lake), run.exclusive(lake, mine.outcome.run_id, wait_seconds=wait_seconds):
        token = _day.set(mine)
        try:
            yield mine
        finally:
            _day.reset(token)


def started_by_schedule() -> bool:
    """Whether a schedule created the running flow run; a person, a command or a parent flow did otherwise."""
    context = FlowRunContext.get()
    return bool(context and context.flow_run and context.flow_run.auto_scheduled)
