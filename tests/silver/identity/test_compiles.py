"""Every pure table compiles for all engines."""

import inspect
from datetime import date

import ibis
import pytest

from c360.contract import ibis_schema
from c360.silver.identity.customer_identity import CustomerIdentity
from c360.silver.identity.dim_customer import DimCustomer, dim_customer
from c360.silver.identity.identity_pair import IdentityPair
from c360.silver.identity.identity_record import IdentityRecord
from c360.silver.identity.reconciliation_log import ReconciliationLog, reconciliation_log
from c360.sources import salesforce, stripe
from c360.sources.registry import typed_schema

SCHEMAS = {e.name: typed_schema(e) for e in (*salesforce.ENTITIES, *stripe.ENTITIES)} | {
    "customer_identity": ibis_schema(CustomerIdentity),
    "dim_customer": ibis_schema(DimCustomer),
    "identity_pair": ibis_schema(IdentityPair),
    "identity_record": ibis_schema(IdentityRecord),
}
PARAMS = {"as_of": date(2026, 1, 2), "match_confidence": 0.95, "match_rate": 0.98}


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark", "bigquery"])
@pytest.mark.parametrize(("function", "contract"), [(dim_customer, DimCustomer), (reconciliation_log, ReconciliationLog)])
def test_compiles(function, contract, dialect):
    parameters = inspect.signature(function).parameters.values()
    tables = [ibis.table(SCHEMAS[p.name], name=p.name) for p in parameters if p.kind != p.KEYWORD_ONLY]
    expr = function(*tables, **{p.name: PARAMS[p.name] for p in parameters if p.kind == p.KEYWORD_ONLY})
    assert list(expr.columns) == list(ibis_schema(contract))
    assert ibis.to_sql(expr, dialect=dialect)
