"""Builds one table: fingerprint, skip, restore, run (whole or by changed keys), check, quarantine, write."""

import time
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import ibis.expr.types as ir

from c360.catalog import Append, Node, Overwrite, ReplacePartition, WriteMode
from c360.changes import SMALLEST_ROWS, Changes, Scope, narrow
from c360.contract import columns_of_class
from c360.engines.base import Written
from c360.fingerprint import used_params, with_inputs
from c360.lake import Lake
from c360.params import RunParams
from c360.quality import quarantine
from c360.quality.evaluate import Evaluation, evaluate, split
from c360.release import Entry, TableState, Vector

Outcome = Literal["built", "unchanged", "skipped"]


@dataclass(frozen=True)
class BuildResult:
    """The small record of one build: plain data, what Prefect keeps and the report shows.

    `outcome`: `built` (a commit was made), `unchanged` (computed, no row differed), `skipped` (fingerprint already built).
    """

    table: str
    outcome: Outcome
    state: TableState
    rows_in: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    seconds: float = 0.0
    is_incremental: bool = False


@dataclass
class Progress:
    """What a run knows while it builds: where it started from, where the tables are now, which rows changed on the way."""

    run_id: str
    params: RunParams
    base: Entry | None
    now: dict[str, TableState] = field(default_factory=dict)
    changes: Changes = field(default_factory=dict)

    @property
    def base_tables(self) -> Vector:
        """The vector this run started from."""
        return self.base.tables if self.base else {}


def begin(run_id: str, params: RunParams, base: Entry | None) -> Progress:
    """A run at its start: every table where the base has it."""
    return Progress(run_id, params, base, dict(base.tables) if base else {})


def fingerprint_now(lake: Lake, node: Node, params: RunParams, vector: Vector) -> str:
    """The fingerprint a build of `node` would have with the inputs of `vector` and bronze as of `params.as_of`."""
    ids = {name: _content_id(lake, name, params.as_of, vector) for name in node.inputs}
    return with_inputs(node, lake.definition(node, params), ids)


def plan_fingerprint(lake: Lake, node: Node, progress: Progress) -> str:
    """The fingerprint `build` will give this table."""
    return fingerprint_now(lake, node, progress.params, progress.now)


def skip_built(lake: Lake, node: Node, progress: Progress) -> BuildResult | None:
    """Moves `progress` on over a table whose planned build the lake has already; None when it has to be built."""
    started = time.monotonic()
    known = _already_built(lake, node, plan_fingerprint(lake, node, progress), progress)
    if known is None:
        return None
    progress.now[node.full_name] = known
    based = progress.base_tables.get(node.full_name)
    if based and based.content_id == known.content_id:  # else a run that died built it, and its changed rows are not known
        progress.changes.setdefault(node.name, None)
    return BuildResult(node.full_name, "skipped", known, seconds=time.monotonic() - started)


def build(lake: Lake, node: Node, progress: Progress) -> BuildResult:
    """Builds `node` on the tables as they are in `progress`, and moves `progress` on.

    Raises:
        LakeError: The table could not be read or written.
    """
    started = time.monotonic()
    skipped = skip_built(lake, node, progress)
    if skipped is not None:
        return skipped
    planned = plan_fingerprint(lake, node, progress)
    scope = _scope(lake, node, progress)
    rows = _rows(lake, node, progress, scope)
    evaluation = evaluate(rows, node.contract, lake.execute)
    good = _set_bad_apart(lake, node, rows, evaluation, progress)
    written = _write(lake, node, good, planned, evaluation, progress, scope)
    state = _state(written, planned, evaluation)
    progress.now[node.full_name] = state
    if written.has_changed or written.head.content_id != planned:  # else committed, and compared again: rows are not known
        progress.changes[node.name] = written.changed_rows if written.has_changed else None
    return BuildResult(
        table=node.full_name,
        outcome="built" if written.has_changed else "unchanged",
        state=state,
        rows_in=evaluation.rows_checked,
        inserted=written.inserted,
        updated=written.updated,
        deleted=written.deleted,
        seconds=time.monotonic() - started,
        is_incremental=scope is not None,
    )


def _content_id(lake: Lake, name: str, as_of: date, vector: Vector) -> str:
    if name in lake.catalog.nodes:
        state = vector.get(lake.catalog.nodes[name].full_name)
        return state.content_id if state else ""
    return lake.external_content_id(name, as_of)


def _already_built(lake: Lake, node: Node, planned: str, progress: Progress) -> TableState | None:
    """The state of the head when it is the outcome of a build with this fingerprint.

    Either the base says so and the head has the base's content, or the head's own record does (a run that died after it).
    """
    head = lake.engine.head(node.full_name)
    if head is None:
        return None
    based = progress.base_tables.get(node.full_name)
    if based and based.fingerprint == planned and based.content_id == head.content_id:
        return replace(based, version=head.version)
    if head.record.get("fingerprint") == planned:
        rows = lake.engine.arrow(lake.engine.read(node.full_name, head.version).count().as_table())
        record = head.record
        return TableState(head.version, head.content_id, planned, rows[0][0].as_py(), record["quarantined"], record["checks"])
    return None


def _scope(lake: Lake, node: Node, progress: Progress) -> Scope | None:
    """The part of the table that may differ from the base; None asks for a whole build."""
    based = progress.base_tables.get(node.full_name)
    head = lake.engine.head(node.full_name)
    if progress.base is None or based is None or head is None or node.spec.is_step or based.quarantined:
        return None
    if not _may_continue(lake, node, progress):
        return None
    return narrow(
        lake,
        node,
        as_of=progress.params.as_of,
        base_as_of=progress.base.load_date,
        base=progress.base_tables,
        changes=progress.changes,
    )


def _may_continue(lake: Lake, node: Node, progress: Progress) -> bool:
    """Whether the base has enough rows to be worth it, and code, contract and parameters are those that made it."""
    based = progress.base_tables.get(node.full_name)
    if progress.base is None or based is None or based.rows < SMALLEST_ROWS:
        return False
    at_base = replace(progress.params, as_of=progress.base.load_date)
    return fingerprint_now(lake, node, at_base, progress.base_tables) == based.fingerprint


def _rows(lake: Lake, node: Node, progress: Progress, scope: Scope | None) -> ir.Table:
    """The table's new rows (of the scope, if any), computed: checks and write read them several times."""
    params = used_params(node, progress.params)
    inputs = {name: lake.input(name, progress.params.as_of, progress.now) for name in node.inputs}
    if node.spec.is_step:
        work = lake.work(progress.base_tables, continues=_may_continue(lake, node, progress))
        rows = node.function(**inputs, **params, work=work)
        return lake.engine.materialise(rows, node.schema)
    if scope is None:
        return lake.engine.materialise(lake.expression(node, progress.params), node.schema, inputs)
    return lake.engine.materialise(scope.rows(lambda given: node.function(**given, **params), inputs), node.schema)


def _set_bad_apart(lake: Lake, node: Node, rows: ir.Table, evaluation: Evaluation, progress: Progress) -> ir.Table:
    """Writes failing rows to `quarantine.<table>` with their reasons, and returns the good ones.

    A restricted build starts from a table without bad rows, so what it finds is all there is.
    """
    had_any = lake.engine.head(quarantine.table_name(node.name)) is not None
    if evaluation.is_clean and not had_any:
        return rows
    good, bad = split(rows, node.contract)
    quarantine.write(
        lake.engine,
        node.name,
        bad,
        node.contract,
        run_id=progress.run_id,
        load_date=progress.params.as_of,
        scope_column=node.spec.local_to.column if node.spec.local_to else None,
    )
    return good


def _write(
    lake: Lake,
    node: Node,
    good: ir.Table,
    planned: str,
    evaluation: Evaluation,
    progress: Progress,
    scope: Scope | None,
) -> Written:
    lake.look()
    based = progress.base_tables.get(node.full_name)
    head = lake.engine.head(node.full_name)
    if based and head and head.content_id != based.content_id:
        lake.engine.restore(node.full_name, based.version)
    record = {
        "table": node.full_name,
        "content_id": planned,
        "fingerprint": planned,
        "run_id": progress.run_id,
        "quarantined": evaluation.rows_failing,
        "checks": dict(evaluation.failing),
    }
    return lake.engine.write(
        node.full_name,
        good,
        node.schema,
        node.key,
        _mode(node, is_based=based is not None),
        record,
        scope=scope.covers if scope else None,
        personal_columns=columns_of_class(node.contract, "personal"),
    )


def _mode(node: Node, *, is_based: bool) -> WriteMode:
    """The declared mode; what was never part of a candidate or release is not built upon."""
    accumulates = isinstance(node.spec.write, (Append, ReplacePartition))
    return Overwrite() if accumulates and not is_based else node.spec.write


def _state(written: Written, planned: str, evaluation: Evaluation) -> TableState:
    head = written.head
    return TableState(head.version, head.content_id, planned, written.total, evaluation.rows_failing, dict(evaluation.failing))
