from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from c360.errors import ReleaseError, SelectionError
from c360.lake import Lake
from c360.trace import BronzeRef, trace, trace_many, typed_key
from tests import small_lake

REF = BronzeRef("shop_bills", "shop", "acct", "b1", "h1", small_lake.DAY, is_deleted=False)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with small_lake.small_lake(tmp_path / "lake") as opened:
        yield opened


def test_a_gold_row_leads_through_silver_to_its_records(lake: Lake) -> None:
    assert trace(lake, "gold.fct_total", {"buyer": "ann"}) == [REF, replace(REF, record_id="b2")]
    assert trace(lake, "fct_bill", {"bill_id": "b3"}) == [replace(REF, record_id="b3")]


def test_a_versions_input_leads_to_every_version(lake: Lake) -> None:
    small_lake.load(lake, "h0", {"b1": small_lake.BODIES["b1"]}, date(2026, 6, 14))
    found = trace(lake, "gold.fct_total", {"buyer": "ann", "month_start_date": small_lake.DAY})
    assert [(ref.record_id, ref.payload_hash) for ref in found] == [("b1", "h0"), ("b1", "h1"), ("b2", "h1")]


def test_many_keys_at_once_keep_their_order_and_repeats(lake: Lake) -> None:
    found = trace_many(lake, "gold.fct_total", [{"buyer": name} for name in ("bob", "ann", "bob", "nobody")])
    assert [[ref.record_id for ref in refs] for refs in found] == [["b3"], ["b1", "b2"], ["b3"], []]


def test_a_table_without_traces_leads_nowhere(lake: Lake) -> None:
    assert trace(lake, "silver.dim_made_up", {"buyer": "nobody"}) == []


def test_unknown_table_column_and_row_are_explained(lake: Lake) -> None:
    with pytest.raises(SelectionError, match=r"no table 'gold.nope'.*gold.fct_total"):
        trace(lake, "gold.nope", {"buyer": "ann"})
    with pytest.raises(SelectionError, match=r"no column seller.*Its key is buyer, month_start_date"):
        trace(lake, "gold.fct_total", {"seller": "ann"})
    with pytest.raises(SelectionError, match="no row with buyer=zoe"):
        trace(lake, "gold.fct_total", {"buyer": "zoe"})


def test_texts_become_values_of_the_columns_types(lake: Lake) -> None:
    given = {"buyer": "ann", "month_start_date": "2026-06-15", "amount": "12"}
    assert typed_key(lake, "gold.fct_total", given) == {"buyer": "ann", "month_start_date": small_lake.DAY, "amount": 12}
    with pytest.raises(SelectionError, match="amount is a"):
        typed_key(lake, "gold.fct_total", {"amount": "twelve"})


def test_nothing_is_traced_before_a_release(tmp_path: Path) -> None:
    with small_lake.empty_lake(tmp_path / "lake") as lake, pytest.raises(ReleaseError, match="Nothing has been released"):
        trace(lake, "fct_bill", {"bill_id": "b1"})
