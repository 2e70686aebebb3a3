"""The release log `_releases`: candidates per stage, releases, rollbacks. Readers see the newest release and nothing else.

A release is a *vector*: for every table of silver, gold and vault its version, content id and fingerprint. One appended row
switches all tables at once.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import pyarrow as pa

from c360.engines.base import Engine
from c360.errors import ReleaseError, listing

TABLE = "_releases"
Kind = Literal["candidate", "released", "rollback", "resume"]
Stage = Literal["ingest", "silver", "gold"]
_SCHEMA = pa.schema(
    [
        ("sequence", pa.int64()),
        ("release_id", pa.string()),
        ("kind", pa.string()),
        ("stage", pa.string()),
        ("load_date", pa.date32()),
        ("run_id", pa.string()),
        ("created_at", pa.timestamp("us", "UTC")),
        ("tables", pa.string()),
        ("checks", pa.string()),
        ("builds", pa.string()),
        ("held", pa.string()),
        ("note", pa.string()),
    ]
)


@dataclass(frozen=True)
class TableState:
    """A table in a vector.

    Attributes:
        version: Version number on the engine that wrote it.
        content_id: Fingerprint of the last build that changed a row.
        fingerprint: Fingerprint of the last build.
        rows: Rows stored.
        quarantined: Rows of the last build that failed the contract.
        checks: Contract rule -> failing rows of the last build (rules that held are 0).
    """

    version: int
    content_id: str
    fingerprint: str
    rows: int = 0
    quarantined: int = 0
    checks: Mapping[str, int] = field(default_factory=dict)


Vector = Mapping[str, TableState]


@dataclass(frozen=True)
class Entry:
    """One row of the log. `checks` and `builds` are plain records; `held` is a vector put on hold."""

    sequence: int
    release_id: str
    kind: Kind
    stage: Stage
    load_date: date
    run_id: str
    created_at: datetime
    tables: Vector
    checks: Sequence[Mapping[str, Any]] = ()
    builds: Sequence[Mapping[str, Any]] = ()
    held: str = ""
    note: str = ""

    @property
    def is_readable(self) -> bool:
        """Whether readers may be served from this row."""
        return self.kind != "candidate"


def vector_id(tables: Vector) -> str:
    """Identity of the content of a vector: equal on every engine for equal content."""
    contents = {name: state.content_id for name, state in tables.items()}
    return hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()


def entries(engine: Engine) -> list[Entry]:
    """The whole log, oldest first; empty for a lake without one."""
    if engine.head(TABLE) is None:
        return []
    log = engine.read(TABLE)
    return [_entry(row) for row in engine.arrow(log.order_by(log.sequence)).to_pylist()]


def current(log: Sequence[Entry]) -> Entry | None:
    """The release readers see now."""
    return next((e for e in reversed(log) if e.is_readable), None)


def base(log: Sequence[Entry], load_date: date) -> Entry | None:
    """What a stage of `load_date` starts from: its own newest candidate since the release, else the release."""
    for entry in reversed(log):
        if entry.is_readable:
            return entry
        if entry.kind == "candidate" and entry.load_date == load_date:
            return entry
    return None


def find(log: Sequence[Entry], release_id: str) -> Entry:
    """A released row by its id.

    Raises:
        ReleaseError: There is none.
    """
    for entry in reversed(log):
        if entry.release_id == release_id and entry.is_readable:
            return entry
    known = listing(e.release_id for e in log if e.is_readable) or "none yet"
    raise ReleaseError(f"There is no release {release_id!r}.", hint=f"Releases: {known} (`c360 release list`).")


def next_id(engine: Engine, load_date: date) -> str:
    """The id the next row of the log gets."""
    return _id(entries(engine), load_date)


def is_held(log: Sequence[Entry], tables: Vector) -> bool:
    """Whether this content was rolled back and not resumed since."""
    return _is_on_hold(log, vector_id(tables))


def publish(
    engine: Engine,
    *,
    kind: Kind,
    stage: Stage,
    load_date: date,
    run_id: str,
    now: datetime,
    tables: Vector,
    checks: Sequence[Mapping[str, Any]] = (),
    builds: Sequence[Mapping[str, Any]] = (),
    held: str = "",
    note: str = "",
) -> Entry:
    """Appends one row, the commit that switches readers if the kind is readable.

    Raises:
        ReleaseError: The content is on hold after a rollback.
        LeaseError: Somebody else published at the same time.
    """
    log = entries(engine)
    if kind == "released" and is_held(log, tables):
        raise ReleaseError(
            f"The content built for {load_date} was rolled back and is on hold.",
            hint="New inputs or new code lift the hold; so does `c360 release resume`.",
        )
    sequence = _next_sequence(log)
    release_id, results = _id(log, load_date), (tuple(checks), tuple(builds))
    entry = Entry(sequence, release_id, kind, stage, load_date, run_id, now, tables, *results, held, note)
    head = engine.head(TABLE)
    engine.append(TABLE, _row(entry), expected_version=head.version if head else -1)
    return entry


def rollback(engine: Engine, *, to: str | None, run_id: str, now: datetime) -> Entry:
    """Publishes an older release again and puts the present one on hold.

    Args:
        engine: The lake's engine.
        to: Release id; None takes the newest release with other content that is not on hold.
        run_id: This run.
        now: UTC instant.

    Raises:
        ReleaseError: There is nothing (else) to go back to.
    """
    log = entries(engine)
    present = current(log)
    if present is None:
        raise ReleaseError("Nothing has been released yet.", hint="`c360 run` makes the first release.")
    target = find(log, to) if to else _older(log, present)
    if is_held(log, target.tables):
        raise ReleaseError(f"{target.release_id} is on hold itself.", hint="`c360 release resume` lifts the newest hold.")
    return publish(
        engine,
        kind="rollback",
        stage="gold",
        load_date=target.load_date,
        run_id=run_id,
        now=now,
        tables=target.tables,
        checks=target.checks,
        held=vector_id(present.tables),
        note=f"rolled back from {present.release_id} to {target.release_id}",
    )


def resume(engine: Engine, *, run_id: str, now: datetime) -> Entry:
    """Lifts the newest hold and publishes the content that was held, in one row.

    Raises:
        ReleaseError: Nothing is on hold, or something newer was released since.
    """
    log = entries(engine)
    holding = next((e for e in reversed(log) if e.kind == "rollback" and _is_on_hold(log, e.held)), None)
    if holding is None:
        raise ReleaseError("Nothing is on hold.", hint="`c360 release list` shows the releases.")
    newer = next((e for e in log if e.kind == "released" and e.sequence > holding.sequence), None)
    if newer is not None:
        raise ReleaseError(
            f"{newer.release_id} was released since the rollback: resuming would take readers back.",
            hint="Nothing needs to be done; a run that builds the held content anew is still refused.",
        )
    bad = next(e for e in reversed(log) if e.is_readable and vector_id(e.tables) == holding.held)
    return publish(
        engine,
        kind="resume",
        stage="gold",
        load_date=bad.load_date,
        run_id=run_id,
        now=now,
        tables=bad.tables,
        checks=bad.checks,
        held=holding.held,
        note=f"resumed {bad.release_id}",
    )


def _is_on_hold(log: Sequence[Entry], content: str) -> bool:
    newest = next((e for e in reversed(log) if e.held == content), None)
    return newest is not None and newest.kind == "rollback"


def _next_sequence(log: Sequence[Entry]) -> int:
    return log[-1].sequence + 1 if log else 1


def _id(log: Sequence[Entry], load_date: date) -> str:
    return f"{load_date:%Y%m%d}-{_next_sequence(log)}"


def _older(log: Sequence[Entry], present: Entry) -> Entry:
    here = vector_id(present.tables)
    others = (e for e in reversed(log) if e.is_readable and vector_id(e.tables) != here)
    found = next((e for e in others if not is_held(log, e.tables)), None)  # never back to what was rolled back itself
    if found is None:
        raise ReleaseError("There is no older release with other content.", hint="`c360 release list` shows the releases.")
    return found


def _row(entry: Entry) -> pa.Table:
    row = {
        **{name: getattr(entry, name) for name in _SCHEMA.names},
        "tables": json.dumps({name: asdict(state) for name, state in sorted(entry.tables.items())}),
        "checks": json.dumps(list(entry.checks), default=str),
        "builds": json.dumps(list(entry.builds), default=str),
    }
    return pa.Table.from_pylist([row], schema=_SCHEMA)


def _entry(row: Mapping[str, Any]) -> Entry:
    tables = {name: TableState(**state) for name, state in json.loads(row["tables"]).items()}
    return Entry(**{**row, "tables": tables, "checks": json.loads(row["checks"]), "builds": json.loads(row["builds"])})
