"""Every expectation on GoogleSQL: DuckDB's figures and samples, on the world where it passes and on each where it fails."""

from copy import deepcopy

import ibis
import ibis.expr.types as ir
import pytest

from c360.quality.expectation import Expectation, bind
from c360.quality.expectations import ENTRIES
from tests.googlesql.both import Both, Inputs
from tests.quality.test_expectations import EACH_ENTRY, _name
from tests.quality.world import CHANGES, PARAMS, Rows, schema, world


def given(entry: Expectation, rows: Rows) -> Inputs:
    """Rows of the entry's tables; columns left out are null."""
    wanted = {name: ibis.schema({c: t.copy(nullable=True) for c, t in schema(name).items()}) for name in entry.inputs}
    return {name: (s, [{c: row.get(c) for c in s} for row in rows.get(name, [])]) for name, s in wanted.items()}


def worlds(entry: Expectation) -> list[Rows]:
    """The good one, and one per change that the expectation must notice."""
    found = [world()]
    for change in CHANGES[_name(entry)].values():
        found.append(deepcopy(world()))
        change(found[-1])
    return found


@pytest.mark.heavy
@EACH_ENTRY
def test_it_measures_what_duckdb_measures(both: Both, entry: Expectation) -> None:
    each = worlds(entry)
    finding = bind(entry, lambda name: ibis.table(given(entry, world())[name][0], name=name), PARAMS, entry.threshold)
    assert finding is not None
    figures = [both.equal(finding.summary, given(entry, rows)) for rows in each]
    assert all(failing != figures[0] for failing in figures[1:])
    if isinstance(finding.samples, ir.Table):
        assert sum(both.equal(finding.samples, given(entry, rows)).total() for rows in each[1:])


def test_there_are_expectations() -> None:
    assert len(ENTRIES) > 15
