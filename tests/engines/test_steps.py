"""What steps are given: batches through Python, earlier versions, tokens."""

import gc
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from c360.engines.steps import EngineWork
from c360.engines.table_engine import TableEngine
from c360.errors import LakeError
from c360.identity.evidence import load
from tests.engines.conftest import ON_EVERY_ENGINE, TABLE, Writer

pytestmark = ON_EVERY_ENGINE

NUMBERS = ibis.schema({"n": "int64"})


class Reversed:
    def token(self, kind: str, values: pa.Array) -> pa.Array:
        return pa.array([None if v is None else kind + v[::-1] for v in values.to_pylist()])


@pytest.fixture
def work(engine: TableEngine) -> EngineWork:
    return EngineWork(engine, {"fct_thing": (TABLE, 0)}, Reversed(), load())


def test_batches_go_through_a_function(work: EngineWork) -> None:
    def double_odd(batch: pa.RecordBatch) -> pa.RecordBatch:
        seen = pa.array([batch.num_rows] + [0] * (batch.num_rows - 1), pa.int64())
        numbered = pa.record_batch({"twice": pc.multiply(batch.column("n"), 2), "unused": batch.column("n"), "seen": seen})
        return numbered.filter(pc.or_(pc.equal(pc.bit_wise_and(batch.column("n"), 1), 1), pc.greater(seen, 0)))

    numbers = work.table(pa.table({"n": range(250_000)}), NUMBERS)
    wanted = ibis.schema({"twice": "!decimal(38, 0)", "seen": "int64"})
    doubled = work.map_batches(numbers.filter(numbers.n >= 0), double_odd, wanted)
    assert doubled.schema() == ibis.schema({"twice": "decimal(38, 0)", "seen": "int64"})
    odd = doubled.filter(doubled.twice % 4 == 2)
    assert work.collect(odd.agg(n=odd.count(), total=odd.twice.sum())).to_pylist() == [{"n": 125_000, "total": 2 * 125_000**2}]
    (batches,) = work.collect(doubled.agg(n=(doubled.seen > 0).sum(), rows=doubled.seen.sum())).to_pylist()
    assert batches["rows"] == 250_000
    assert batches["n"] > 1


def test_no_rows_make_an_empty_table(work: EngineWork) -> None:
    empty = work.map_batches(work.table(pa.table({"n": pa.array([], pa.int64())}), NUMBERS), lambda b: b, NUMBERS)
    assert (work.collect(empty).num_rows, empty.schema()) == (0, NUMBERS)


def test_an_error_of_the_function_comes_through(work: EngineWork) -> None:
    def fail(batch: pa.RecordBatch) -> pa.RecordBatch:
        raise LookupError("rule")

    with pytest.raises((LookupError, LakeError), match=r"rule|mapping batches"):  # of another process only that it failed is told
        work.map_batches(work.table(pa.table({"n": [1]}), NUMBERS), fail, NUMBERS)
    assert work.collect(work.table(pa.table({"n": [1]}), NUMBERS)).num_rows == 1


def test_columns_go_by_name(work: EngineWork) -> None:
    schema = ibis.schema({"a": "string", "b": "int64"})
    made = work.table(pa.table({"b": pa.array([1], pa.int32()), "a": ["x"], "c": [None]}), schema)
    assert work.collect(made).to_pylist() == [{"a": "x", "b": 1}]


def test_what_is_materialised_is_computed_once(work: EngineWork) -> None:
    numbers = work.table(pa.table({"n": [1, 2]}), NUMBERS)
    random = work.materialise(numbers.mutate(x=ibis.random()))
    assert work.collect(random) == work.collect(random)
    assert work.materialise(random) is random


def test_what_nobody_holds_is_dropped(engine: TableEngine, work: EngineWork) -> None:
    numbers = work.table(pa.table({"n": range(10)}), NUMBERS)
    kept = work.materialise(numbers.mutate(m=numbers.n + 1)).filter(ibis._.m > 5)
    del numbers
    gc.collect()
    other = work.materialise(kept.select("m"))
    assert work.collect(kept).num_rows == work.collect(other).num_rows == 5
    assert len(engine._session._own_tables) == 2


def test_types_are_those_asked_for(work: EngineWork) -> None:
    numbers = work.table(pa.table({"n": [2**62, 1]}), NUMBERS)
    assert work.materialise(numbers.agg(total=numbers.n.sum())).schema() == ibis.schema({"total": "int64"})


def test_previous_is_what_the_run_started_from(work: EngineWork, write: Writer) -> None:
    write([{"id": 1}])
    write([{"id": 2}])
    previous: Any = work.previous("fct_thing")
    assert work.collect(previous.select("id")).to_pylist() == [{"id": 1}]
    assert work.previous("other") is None


def test_tokens(work: EngineWork) -> None:
    assert work.token("e", pa.array(["ab", None])).to_pylist() == ["eba", None]
