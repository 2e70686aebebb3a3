"""What a query would read, said by BigQuery before it runs: a dry run costs nothing and moves no row."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import sqlglot as sg
import sqlglot.expressions as sge
from google.cloud import bigquery
from ibis.backends.sql.datatypes import BigQueryType

from c360.engines.bigquery_client import bigquery_errors
from c360.engines.bigquery_session import BigQuerySession, script
from c360.engines.bigquery_sql import syntax_tree

Inputs = Mapping[str, ir.Table | ibis.Schema]
"""Name -> a stored table, or the columns of one that is computed on the way and costs nothing more."""


def bytes_of(session: BigQuerySession, expr: ir.Table, inputs: Inputs) -> int | None:
    """Bytes an expression over unbound inputs would read; None where the server says nothing (an emulator says 0)."""
    query = sg.select("*").from_(syntax_tree(expr).subquery("computed"))
    for name, given in inputs.items():
        rows = _no_rows(given) if isinstance(given, ibis.Schema) else syntax_tree(given)
        query = query.with_(sg.to_identifier(name, quoted=True), as_=rows)
    with bigquery_errors("estimating a query"):
        config = bigquery.QueryJobConfig(dry_run=True)
        return session.client.query(script(query, expr), job_config=config).total_bytes_processed or None


def _no_rows(schema: ibis.Schema) -> sge.Select:
    columns = [
        sge.Cast(this=sge.null(), to=BigQueryType.from_ibis(dtype)).as_(name, quoted=True) for name, dtype in schema.items()
    ]
    return sg.select(*columns).limit(0)
