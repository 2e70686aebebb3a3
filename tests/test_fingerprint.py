import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

import c360.sql
from c360 import fingerprint as fingerprints
from c360.catalog import Merge, Node, Overwrite, step, table
from c360.catalog import _node as node_of  # the walk's own reading of a decorated function
from c360.contract import Contract, Integer, Text, field
from c360.errors import ContractError
from c360.fingerprint import definition, expression, reading_digest, step_digest, with_inputs
from c360.params import RunParams
from c360.sources.base import Entity
from c360.sql import canonical_sql

ROOT = Path(__file__).parents[1]
PARAMS = RunParams(as_of=date(2026, 7, 4), history_from=date(2025, 7, 1), first_load_date=date(2026, 7, 1))
SCHEMAS = {"sales": ibis.schema({"shop": "!string", "cents": "int64", "tags": "array<string>"})}
IDS = {"sales": "content-1"}

helpers = SimpleNamespace(net=lambda cents: cents - 1)


class Sales(Contract):
    """One row per shop."""

    shop: Text = field("Shop.", isin=("north", "south"))
    total: Integer = field("Total.", ge=0)

    class Config:
        unique = ["shop"]


class SalesWithAnotherLimit(Sales):
    total: Integer = field("Total.", ge=1)


class SalesWithAnotherText(Sales):
    total: Integer = field("The total, said better.", ge=0)


@table(Sales, write=Overwrite())
def net_sales(sales: ir.Table) -> ir.Table:
    """One row per shop."""
    return sales.group_by("shop").agg(total=helpers.net(sales.cents).sum())


@table(Sales, write=Overwrite())
def gross_sales(sales: ir.Table, *, as_of: date) -> ir.Table:
    """One row per shop."""
    return sales.group_by("shop").agg(total=sales.cents.sum() + as_of.year)


@table(Sales, write=Overwrite())
def tagged_sales(sales: ir.Table) -> ir.Table:
    """One row per shop."""
    wide = sales.mutate(tag=sales.tags.unnest(), other=sales.tags.unnest(), **{f"c{i}": i for i in range(20)})
    kept = wide.drop("c1", "c2", "c3", "c4", "c5").distinct()  # which Ibis writes in the order of a set
    return kept.group_by("shop").agg(total=kept.cents.sum())


@step(Sales, write=Merge())
def learned_sales(sales: ir.Table, *, work: Any) -> ir.Table:
    """One row per shop."""
    return work.materialise(sales)


def _node(function: Any) -> Node:
    return replace(node_of(function.__name__, "gold", "shop.gold.money.file", function))


def _of(function: Any, **changes: Any) -> str:
    given = {"params": PARAMS, "schemas": SCHEMAS, "ids": IDS, "model_id": "m1", "token_key_id": "k1"}
    g = SimpleNamespace(**({"node": _node(function)} | given | changes))
    expr = None if g.node.spec.is_step else expression(g.node, g.params, g.schemas)
    defined = definition(g.node, g.params, expr, model_id=g.model_id, token_key_id=g.token_key_id)
    return with_inputs(g.node, defined, g.ids)


def test_equal_builds_have_equal_fingerprints() -> None:
    assert _of(net_sales) == _of(net_sales)
    assert len(_of(net_sales)) == 64


def test_a_changed_helper_changes_exactly_the_tables_that_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    functions = (net_sales, gross_sales, tagged_sales, learned_sales)
    before = [_of(f) for f in functions]
    monkeypatch.setattr(helpers, "net", lambda cents: cents - 2)
    after = [_of(f) for f in functions]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True, True, True]


def test_a_helper_rewritten_without_effect_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _of(net_sales)
    monkeypatch.setattr(helpers, "net", lambda cents: cents.sub(1))
    assert _of(net_sales) == before


def test_only_named_run_parameters_count() -> None:
    tomorrow = replace(PARAMS, as_of=date(2026, 7, 5), fiscal_start_month=4)
    assert _of(net_sales, params=tomorrow) == _of(net_sales)
    assert _of(gross_sales, params=tomorrow) != _of(gross_sales)


def test_input_content_counts_and_other_tables_do_not() -> None:
    assert _of(net_sales, ids={"sales": "content-2"}) != _of(net_sales)
    assert _of(net_sales, ids={**IDS, "elsewhere": "x"}) == _of(net_sales)


@pytest.mark.parametrize(("contract", "is_same"), [(SalesWithAnotherLimit, False), (SalesWithAnotherText, True)])
def test_checks_count_and_descriptions_do_not(contract: type[Contract], is_same: bool) -> None:
    node = _node(net_sales)
    other = replace(node, spec=replace(node.spec, contract=contract))
    assert (_of(net_sales, node=other) == _of(net_sales)) is is_same


def test_the_write_mode_counts() -> None:
    node = _node(net_sales)
    merged = replace(node, spec=replace(node.spec, write=Merge()))
    partitioned = replace(node, spec=replace(node.spec, write=Merge(partition_by="shop")))
    assert len({_of(net_sales, node=n) for n in (node, merged, partitioned)}) == 3


def test_model_and_token_key_count_for_steps_only() -> None:
    assert _of(net_sales, model_id="m2", token_key_id="k2") == _of(net_sales)
    assert len({_of(learned_sales), _of(learned_sales, model_id="m2"), _of(learned_sales, token_key_id="k2")}) == 3


def test_random_names_of_ibis_become_counters() -> None:
    sql = canonical_sql(expression(_node(tagged_sales), PARAMS, SCHEMAS))
    c360.sql._canonical_sql.cache_clear()
    assert sql == canonical_sql(expression(_node(tagged_sales), PARAMS, SCHEMAS))
    assert 'EXCLUDE ("c1", "c2", "c3", "c4", "c5")' in sql


def test_rows_of_its_own_are_refused() -> None:
    rates = ibis.memtable({"shop": ["north"], "rate": [1]})
    with pytest.raises(ContractError, match="holds rows of its own"):
        canonical_sql(ibis.table(SCHEMAS["sales"], name="sales").join(rates, "shop"))


def test_a_steps_digest_follows_its_module_and_what_it_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    node = _node(learned_sales)
    digest_of_file = fingerprints._file_digest
    before = step_digest(node, model_id="m", token_key_id="k")

    def edited(name: str) -> str:
        def digest(path: Path) -> str:
            return "edited" if path.name == name else digest_of_file(path)

        fingerprints._identity_digests.cache_clear()
        monkeypatch.setattr(fingerprints, "_file_digest", digest)
        return step_digest(node, model_id="m", token_key_id="k")

    assert edited("nothing.py") == before
    assert edited("test_fingerprint.py") != before
    assert edited("rules.py") != before
    fingerprints._identity_digests.cache_clear()


def test_how_a_record_is_read_counts() -> None:
    entity = Entity("shop_sales", "shop", "sale", ibis.schema({"id": "string", "billable": "boolean"}))
    other = replace(entity, aliases={"billable": "Billable__c"})
    assert reading_digest(entity) == reading_digest(replace(entity))
    assert reading_digest(entity) != reading_digest(other)


def test_imports_are_followed_within_c360_only() -> None:
    found = fingerprints._module_sources("c360.silver.calendar.dim_date")
    assert set(found) == {"c360.silver.calendar.dim_date", "c360.expressions", "c360.expressions.calendar"}


@pytest.mark.parametrize(("missing", "message"), [("schemas", "schema is not known"), ("ids", "content is not known")])
def test_a_missing_input_is_refused(missing: str, message: str) -> None:
    with pytest.raises(ContractError, match=rf"gold\.net_sales reads \['sales'\], whose {message}"):
        _of(net_sales, **{missing: {}})


def test_processes_and_hash_seeds_agree() -> None:
    tables = "(t.net_sales, t.tagged_sales, t.learned_sales)"
    code = f"import tests.test_fingerprint as t; print(*map(t._of, {tables}))"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert runs[0].split()[:2] == [_of(net_sales), _of(tagged_sales)]
