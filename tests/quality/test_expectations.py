"""Each expectation passes on the good world, and fails alone on the change made for it."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from ibis.backends.duckdb import Backend

from c360.params import RunParams
from c360.quality.expectation import QUARANTINE_PREFIX, Expectation, bind, run_all
from c360.quality.expectations import ENTRIES, run_expectations
from c360.quality.results import CheckResult
from tests.conftest import TableFactory
from tests.inputs import catalog
from tests.quality.world import CHANGES, HARMLESS, PARAMS, Change, Rows, schema, world

STAGES = ("ingest", "silver", "gold")
CANARIES = [(name, what, change) for name, changes in CHANGES.items() for what, change in changes.items()]
EACH_ENTRY = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: f"{e.check_id} {e.measure} {e.table_name}")


def _name(check: Expectation | CheckResult) -> str:
    name = f"{check.check_id} {check.measure}"
    return f"{name} {check.table_name}" if check.check_id == "CL-001" else name


def _run(backend: Backend, table: TableFactory, rows: Rows, thresholds: Mapping[str, float] | None = None) -> list[CheckResult]:
    """Results of the expectations that read what differs from the good world: the others cannot have changed."""
    good = world()
    differing = {name for name in {*rows, *good} if rows.get(name) != good.get(name)}
    entries = [entry for entry in ENTRIES if not differing or differing & set(entry.inputs)]
    stored: dict[str, ir.Table] = {
        name: table(schema(name), rows[name]) for entry in entries for name in entry.inputs if name in rows
    }
    return [
        result
        for stage in STAGES
        for result in run_all(
            entries, stage, stored.get, PARAMS, thresholds or {}, lambda expr: backend.to_pyarrow(expr).to_pylist()
        )
    ]


def _failed(results: list[CheckResult]) -> dict[str, CheckResult]:
    return {_name(result): result for result in results if result.result == "failed"}


def test_everything_passes_on_the_good_world(backend: Backend, table: TableFactory) -> None:
    results = _run(backend, table, world())
    assert {_name(r): r.result for r in results} == dict.fromkeys((_name(entry) for entry in ENTRIES), "passed")


def test_a_stage_runs_its_own_and_takes_the_match_rate_from_the_parameters(backend: Backend, table: TableFactory) -> None:
    stored = {name: table(schema(name), rows) for name, rows in world().items()}
    params = replace(PARAMS, match_rate=1.0)
    results = run_expectations("silver", stored.get, params, {}, lambda expr: backend.to_pyarrow(expr).to_pylist())
    assert {result.stage for result in results} == {"silver"}
    assert [r.threshold for r in results if r.measure == "match_rate"] == [1.0]


def test_each_expectation_has_a_canary() -> None:
    assert set(CHANGES) == {_name(entry) for entry in ENTRIES}


@pytest.mark.parametrize(("name", "what", "change"), CANARIES, ids=[f"{c[0]}: {c[1]}" for c in CANARIES])
def test_it_fails_alone(backend: Backend, table: TableFactory, name: str, what: str, change: Change) -> None:
    rows = deepcopy(world())
    change(rows)
    assert set(_failed(_run(backend, table, rows))) == {name}, what


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_what_is_allowed_fails_nothing(backend: Backend, table: TableFactory, change: Change) -> None:
    rows = deepcopy(world())
    change(rows)
    failed = set(_failed(_run(backend, table, rows)))
    assert failed <= {"CL-003 quarantined_invoices"}


@pytest.mark.parametrize("name", sorted(world()))
def test_nothing_fails_by_being_empty_but_what_counts(backend: Backend, table: TableFactory, name: str) -> None:
    rows = world()
    rows[name] = []
    for result in _run(backend, table, rows):
        assert result.rows_checked or result.result == "not_applicable"


def test_a_table_never_written_is_not_applicable(backend: Backend, table: TableFactory) -> None:
    assert {result.result for result in _run(backend, table, {})} == {"not_applicable"}


def test_samples_are_keys_of_failing_rows(backend: Backend, table: TableFactory) -> None:
    rows = world()
    for payment in rows["fct_payment_transaction"] * 1:
        payment["invoice_id"] = "in_9"
    rows["fct_payment_transaction"] += [{**rows["fct_payment_transaction"][0], "charge_id": f"ch_{n}"} for n in range(10, 30)]
    failed = _failed(_run(backend, table, rows))["SE-003 failing_share"]
    assert (failed.rows_checked, failed.rows_failing, len(failed.sample_keys)) == (22, 22, 10)
    assert json.loads(failed.sample_keys[0]) == {"charge_id": "ch_1", "source_account": "acct_1"}
    assert failed.is_blocking


def test_quarantined_money_is_summed_per_currency(backend: Backend, table: TableFactory) -> None:
    rows = world()
    CHANGES["CL-003 quarantined_invoices"]["a paid invoice"](rows)
    failed = _failed(_run(backend, table, rows))["CL-003 quarantined_invoices"]
    assert [json.loads(key) for key in failed.sample_keys] == [{"currency": "usd", "invoices": 1, "paid_amount_minor": 500}]


def test_thresholds_are_settings(backend: Backend, table: TableFactory) -> None:
    rows = world()
    CHANGES["SE-001 match_rate"]["three are not matched"](rows)
    CHANGES["BE-001 largest_gone_share"]["eleven of a hundred are gone"](rows)
    limits = {"SE-001.match_rate": 0.97, "BE-001": 0.11}
    results = {_name(r): r for r in _run(backend, table, rows, limits)}
    assert (results["SE-001 match_rate"].result, results["SE-001 match_rate"].rows_failing) == ("passed", 3)
    assert (results["BE-001 largest_gone_share"].result, results["BE-001 largest_gone_share"].rows_failing) == ("passed", 0)


@EACH_ENTRY
def test_it_reads_what_exists(entry: Expectation) -> None:
    known = {*catalog().nodes, *catalog().external, "load_manifest"}
    for name in entry.inputs:
        assert name.removeprefix(QUARANTINE_PREFIX) in known
    assert set(entry.params) <= {*RunParams.__dataclass_fields__, "threshold"}


@EACH_ENTRY
@pytest.mark.parametrize("dialect", ["duckdb", "pyspark", "bigquery"])
def test_it_compiles(entry: Expectation, dialect: str) -> None:
    finding = bind(entry, lambda name: ibis.table(schema(name), name=name), PARAMS, entry.threshold)
    assert finding is not None
    for expr in (finding.summary, finding.samples):
        if expr is not None:
            assert "SELECT" in ibis.to_sql(expr, dialect=dialect)


def test_the_summary_without_quarantine_tables_compiles() -> None:
    def tables(name: str) -> Any:
        return None if name.startswith(QUARANTINE_PREFIX) else ibis.table(schema(name), name=name)

    for entry in ENTRIES:
        assert bind(entry, tables, PARAMS, entry.threshold) is not None
