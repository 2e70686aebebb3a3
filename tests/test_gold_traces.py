"""Every gold row leads to records of bronze: a hundred random rows of every gold table that declares traces."""

import secrets
from random import Random

import pytest

from c360.lake import nodes_of, open_lake
from c360.settings import Settings
from c360.trace import trace_many
from tests.released import Lakes, current

pytest_plugins = ["tests.released"]

ROWS = 100
LOGS = {"gold.restatement_log"}
"""No row of a source is behind a difference between two releases; the log names what may explain it."""
NOTHING_WRONG = {"gold.balance_tie_out_line"}
"""Tables of what is wrong, which have no row where nothing is: the demo's balance ties to the cent."""
TABLES = sorted(node.full_name for node in nodes_of(Settings(_env_file=None))[0].layer("gold") if node.spec.traces)


def test_every_gold_table_declares_traces() -> None:
    catalog = nodes_of(Settings(_env_file=None))[0]
    assert {node.full_name for node in catalog.layer("gold")} == {*TABLES, *LOGS}
    assert len(TABLES) >= 5


@pytest.mark.parametrize("name", TABLES)
def test_random_gold_rows_walk_to_bronze(lakes: Lakes, name: str) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    with open_lake(lakes.settings(lakes.second)) as lake:
        node = lake.catalog[name]
        stored = lake.engine.read(name, current(lake).tables[name].version)
        keys = lake.engine.arrow(stored.select(*node.key).order_by(*node.key)).to_pylist()
        assert bool(keys) == (name not in NOTHING_WRONG)
        chosen = Random(seed).sample(keys, min(ROWS, len(keys)))
        found = trace_many(lake, name, chosen)
        lost = [key for key, refs in zip(chosen, found, strict=True) if not refs]
        assert lost == [], f"seed {seed}"
        bronze = {
            entity: {(r["record_id"], r["payload_hash"]) for r in _stored(lake, entity)}
            for entity in {ref.entity for refs in found for ref in refs}
        }
        assert all((ref.record_id, ref.payload_hash) in bronze[ref.entity] for refs in found for ref in refs)


def _stored(lake, entity):
    rows = lake.engine.read(f"bronze.{entity}").select("record_id", "payload_hash")
    return lake.engine.arrow(rows).to_pylist()
