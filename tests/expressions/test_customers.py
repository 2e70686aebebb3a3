import ibis
from ibis.backends.duckdb import Backend

from c360.expressions.customers import UNKNOWN_CUSTOMER_ID, resolve
from tests.conftest import TableFactory

FACTS = ibis.schema({"source_account": "string", "customer": "string"})
STORED = ibis.schema({"source_account": "string", "record_id": "string"})
IDENTITY = ibis.schema({"source_system": "string", "source_account": "string", "source_id": "string", "customer_id": "string"})


def test_every_fact_finds_its_customer_or_the_unknown_member_with_a_reason(backend: Backend, table: TableFactory) -> None:
    identity = [
        {"source_system": "stripe", "source_account": "a1", "source_id": "cus_1", "customer_id": "c-1"},
        {"source_system": "salesforce", "source_account": "a1", "source_id": "cus_2", "customer_id": "c-2"},
        {"source_system": "stripe", "source_account": "a2", "source_id": "cus_3", "customer_id": "c-3"},
    ]
    facts = table(FACTS, [{"source_account": "a1", "customer": c} for c in ("cus_1", "cus_2", "cus_3", "cus_4", None)])
    stored = table(STORED, [{"source_account": "a1", "record_id": c} for c in ("cus_1", "cus_4")])
    found = resolve(facts, table(IDENTITY, identity), source_system="stripe", id_column="customer", stored=stored)
    rows = {r["customer"]: (r["customer_id"], r["unknown_customer_reason"]) for r in backend.to_pyarrow(found).to_pylist()}
    assert rows == {
        "cus_1": ("c-1", None),
        "cus_2": (UNKNOWN_CUSTOMER_ID, "customer_not_stored"),
        "cus_3": (UNKNOWN_CUSTOMER_ID, "customer_not_stored"),
        "cus_4": (UNKNOWN_CUSTOMER_ID, "customer_quarantined"),
        None: (UNKNOWN_CUSTOMER_ID, "no_customer_on_record"),
    }
