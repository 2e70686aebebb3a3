"""Salesforce lists while answers fail and records change: what comes is whole and right, and what fails for good says where."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, example, given, seed, settings
from hypothesis import strategies as st

from c360.errors import SourceError
from c360.sources import salesforce_fields
from c360.sources.base import Entity, Evidence, Record, Window
from c360.sources.salesforce import SalesforceSource
from tests.sources.salesforce_org import (
    BEGIN,
    CUTOFF,
    FAULTS,
    LITTLE_PATIENCE_SECONDS,
    RETRY_AFTER_SECONDS,
    Org,
    record_id,
    serving,
    stamp,
)

ACCOUNTS = 23
OVERLAP = timedelta(minutes=20)
SINCE = BEGIN + timedelta(hours=5) + OVERLAP
"""Accounts of exactly the first instant of the changes asked for, and of those before and after it."""
NEXT = CUTOFF + timedelta(days=1)
FULL = Window(CUTOFF, BEGIN)
CHANGED = Window(CUTOFF, BEGIN, since=SINCE, is_full=False)
LONGEST_PAUSE_SECONDS = 60
NARROW = 130
"""Characters of fields in one query, so that accounts take three."""
MODES: dict[str, dict[str, Any]] = {
    "queries": {},
    "wide": {},
    "bulk": {"salesforce_bulk_above": 0, "salesforce_bulk_page_size": 4},
}
KINDS = ("create", "change", "delete", "undelete", "wipe")
FAST = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
LONG = settings(FAST, max_examples=400, derandomize=False, database=None)


@dataclass(frozen=True)
class Schedule:
    """What goes wrong: faults and changes by request number, which are counted from the first of the load."""

    mode: str
    is_full: bool
    faults: dict[int, str]
    changes: dict[int, tuple[str, int]]

    @property
    def window(self) -> Window:
        return FULL if self.is_full else CHANGED


def _once_per_request(faults: dict[int, str]) -> bool:
    """One expired session: a request that finds a second one expired fails, as it should."""
    return sum(fault == "session" for fault in faults.values()) <= 1


SCHEDULES = st.builds(
    Schedule,
    st.sampled_from(sorted(MODES)),
    st.booleans(),
    st.dictionaries(st.integers(0, 20), st.sampled_from(FAULTS), max_size=5).filter(_once_per_request),
    st.dictionaries(st.integers(3, 20), st.tuples(st.sampled_from(KINDS), st.integers(0, ACCOUNTS - 1)), max_size=4),
)


def accounts(source: SalesforceSource) -> Entity:
    return next(e for e in source.entities() if e.name == "salesforce_accounts")


def load(source: SalesforceSource, window: Window) -> tuple[dict[str, Record], Evidence]:
    evidence = Evidence()
    records = [r for page in source.extract(accounts(source), window, evidence) for r in page]
    assert len({r.record_id for r in records}) == len(records) == evidence.expected_count
    return {r.record_id: r for r in records}, evidence


def bodies(records: dict[str, Record]) -> dict[str, Any]:
    return {i: orjson.loads(r.payload) for i, r in records.items()}


def truth(org: Org, at: datetime) -> dict[str, Any]:
    found = {i: record.state_at(int(at.timestamp())) for i, record in org.api.records["Account"].items()}
    return {i: state for i, state in found.items() if state}


def is_asked_for(body: dict[str, Any], window: Window) -> bool:
    first = BEGIN if window.is_full or window.since is None else window.since - OVERLAP
    return stamp(first) <= body["SystemModstamp"] <= stamp(window.cutoff)


def befall(kind: str, number: int, minute: int) -> Callable[[Org], None]:
    """A change of the organisation after the load's cut-off."""

    def happen(org: Org) -> None:
        at = CUTOFF + timedelta(minutes=minute)
        org.move(at)
        if kind == "create":
            org.account(1000 + minute, at)
        elif kind == "wipe":
            org.api.records["Account"].pop(record_id("Account", number), None)
        elif record_id("Account", number) in org.api.records["Account"]:
            values = {"change": {"Name": f"changed {minute}"}, "delete": {"IsDeleted": True}, "undelete": {"IsDeleted": False}}
            org.change("Account", number, at, **values[kind])

    return happen


@contextmanager
def served(mode: str, count: int, *, is_slow: bool = False) -> Iterator[Org]:
    with pytest.MonkeyPatch.context() as patch, serving(count) as org:
        if mode == "wide":
            patch.setattr(salesforce_fields, "_SELECT_LIMIT", NARROW)
        if is_slow:
            org.patience_seconds = LITTLE_PATIENCE_SECONDS
        yield org


def check(schedule: Schedule) -> None:
    with served(schedule.mode, ACCOUNTS, is_slow="slow" in schedule.faults.values()) as org:
        org.change("Account", 4, CUTOFF, Name="saved in the last instant")
        before, states = truth(org, CUTOFF), dict(org.api.records["Account"])
        org.faults = dict(schedule.faults)
        org.changes = {n: befall(*change, n) for n, change in schedule.changes.items()}
        source = org.source(**MODES[schedule.mode])
        found, evidence = load(source, schedule.window)
        at = max(org.now, CUTOFF)
        after = truth(org, at)

        assert evidence.is_full_listing == schedule.is_full
        wanted = {i for i, body in before.items() if is_asked_for(body, schedule.window)}
        still = {i for i, body in after.items() if i in wanted and is_asked_for(body, schedule.window)}
        assert still <= found.keys() <= wanted
        if not schedule.changes:
            assert bodies(found) == {i: before[i] for i in wanted}
        for record_id_, body in bodies(found).items():
            versions = [states[record_id_].state(n) for n in range(len(states[record_id_].versions))]
            assert body in [v for v in versions if v and v["SystemModstamp"] >= before[record_id_]["SystemModstamp"]]

        passed = {k: v for k, v in schedule.faults.items() if k not in org.faults}
        assert all(0 <= pause <= LONGEST_PAUSE_SECONDS for pause in org.pauses)
        assert sum(org.pauses) <= len(org.requests) + RETRY_AFTER_SECONDS * len(passed) + 16 * len(passed)
        asked = [p for p in org.pauses if p >= RETRY_AFTER_SECONDS]
        assert len(asked) >= sum(fault == "429" for fault in passed.values())

        org.faults, org.changes = {}, {}
        org.move(NEXT)
        later, _ = load(source, Window(NEXT, BEGIN, since=CUTOFF, is_full=False))
        expected = {i: body for i, body in truth(org, NEXT).items() if i in wanted or i not in before}
        merged = {**bodies(found), **bodies(later)}
        assert {i: merged.get(i) for i in expected} == expected


@FAST
@given(SCHEDULES)
@example(Schedule("wide", False, {0: "429", 6: "locator", 7: "half"}, {}))  # half of the answer that says so
def test_nothing_is_lost_whatever_befalls_a_list(schedule: Schedule) -> None:
    check(schedule)


@pytest.mark.heavy
@pytest.mark.parametrize("number", range(5))
def test_nothing_is_lost_by_other_seeds(number: int) -> None:
    seed(number)(LONG(given(SCHEDULES)(check)))()


@pytest.mark.parametrize(
    ("mode", "fault"),
    [("wide", "cut"), ("wide", "locator"), ("bulk", "half"), ("bulk", "tail"), ("bulk", "line"), ("bulk", "session")]
    + [pytest.param(mode, fault, marks=pytest.mark.heavy) for mode in MODES for fault in FAULTS],
)
def test_each_fault_at_each_request_changes_nothing(fault: str, mode: str) -> None:
    with served(mode, 7) as org:
        wanted, _ = load(org.source(**MODES[mode]), FULL)
        count = len(org.requests)
        org.patience_seconds = LITTLE_PATIENCE_SECONDS if fault == "slow" else org.patience_seconds
        for place in range(0, count, 4 if fault == "slow" else 1):
            org.requests.clear()
            org.faults = {place: fault}
            found, _ = load(org.source(**MODES[mode]), FULL)
            assert (found, org.faults) == (wanted, {})


def test_a_record_committed_late_is_found_by_the_next_load() -> None:
    with serving(ACCOUNTS) as org:
        source = org.source()
        load(source, FULL)
        late = org.account(500, CUTOFF - OVERLAP)  # saved before the cut-off, seen only now
        org.move(NEXT)
        found, _ = load(source, Window(NEXT, BEGIN, since=CUTOFF, is_full=False))
        assert late in found


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("/oauth2/token", "the login|not reachable"),
        ("/limits", "limits"),
        ("/Account/describe", "Account"),
        ("/queryAll", "Account"),
        ("/query/01g", "Account"),
        ("/jobs/query", "Account"),
        ("/results", "Account"),
    ],
)
def test_what_fails_for_good_says_its_name_in_bounded_time(part: str, name: str) -> None:
    for fault in ("503", "429", "reset", "half"):
        _refuse(part, name, fault)


def _refuse(part: str, name: str, fault: str) -> None:
    with serving(7) as org:
        org.refused = {part: fault}
        more = MODES["bulk"] if part in {"/jobs/query", "/results"} else {}
        with pytest.raises(SourceError, match=name) as caught:
            load(org.source(salesforce_max_retries=3, **more), FULL)
        assert caught.value.hint
        assert sum(org.pauses) <= 3 * (LONGEST_PAUSE_SECONDS + 3)
        tries = [path for path in org.asked(part) if not path.startswith("DELETE") and (part != "/jobs/query" or "POST" in path)]
        assert len(tries) == 4
