"""A newcomer's exercise: a second source and a second table are one file each, in a package of one's own (`tests/exercise`)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from c360 import run
from c360.demo.server import DemoServer
from c360.lake import open_lake
from c360.trace import trace
from tests.released import THIRD, Lakes, clock, current, run_day

pytest_plugins = ["tests.released"]

ORDERED = 1_781_000_000


def test_one_file_for_a_source_and_one_for_a_table(
    lakes: Lakes, copy: Callable[[Path], Path], server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copy(lakes.second)
    monkeypatch.chdir(path.parent)
    server.set_now(clock(THIRD))
    settings = lakes.settings(path, THIRD, server, plugins=["tests.exercise"])
    with open_lake(settings) as lake:
        identity = lake.engine.read("silver.customer_identity")
        customers = lake.engine.arrow(identity.filter(identity.source_system == "stripe").order_by("source_id").limit(2))
        (one, two) = customers.select(["source_id", "customer_id"]).to_pylist()
    orders = [
        {"id": "o1", "customer": one["source_id"], "amount": 500, "ordered": ORDERED},
        {"id": "o2", "customer": one["source_id"], "amount": 700, "ordered": "2026-06-16T10:00:00Z", "gift": True},
        {"id": "o3", "customer": two["source_id"], "amount": 1, "ordered": ORDERED},
        {"id": "o4", "customer": two["source_id"], "amount": "many", "ordered": ORDERED},
        {"id": "o5", "customer": "cus_nobody", "amount": 9, "ordered": ORDERED},
    ]
    Path("orders.jsonl").write_text("\n".join(json.dumps(order) for order in orders))

    outcome = run_day(settings, THIRD)

    assert outcome.entry is not None
    (row,) = [row for row in outcome.manifest if row.entity == "shop_orders"]
    assert (row.received_count, row.new_count, row.fields) == (5, 5, "amount,customer,gift,id,ordered")
    with open_lake(settings) as lake:
        assert current(lake).load_date == THIRD
        assert {"stripe", "salesforce", "shop"} == set(lake.registry.modules)
        typed = lake.engine.arrow(lake.engine.read_bronze(lake.registry.entities["shop_orders"], THIRD, all_versions=False))
        assert {r["id"]: r["amount"] for r in typed.to_pylist()} == {"o1": 500, "o2": 700, "o3": 1, "o5": 9}
        assert {str(r["ordered"]) for r in typed.to_pylist()} == {"2026-06-09 10:13:20+00:00", "2026-06-16 10:00:00+00:00"}
        bad = lake.engine.arrow(lake.engine.read("quarantine.shop_orders")).to_pylist()
        assert [(r["record_id"], "amount" in r["reasons"]) for r in bad] == [("o4", True)]
        name = "gold.fct_customer_orders"
        rows = lake.engine.arrow(lake.engine.read(name, current(lake).tables[name].version)).to_pylist()
        expected = {(one["customer_id"], 2, 1200), (two["customer_id"], 1, 1)}
        assert {tuple(r.values()) for r in rows} == expected
        assert {ref.entity for ref in trace(lake, name, {"customer_id": one["customer_id"]})} >= {"stripe_customers"}
        assert run.is_up_to_date(lake, THIRD)
