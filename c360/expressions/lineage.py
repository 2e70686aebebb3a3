"""The bronze version a silver row came from, and the last step of every table: the contract's columns in its order."""

from collections.abc import Mapping

import ibis.expr.types as ir

from c360.contract import Contract, Day, Text, field, ibis_schema

LINEAGE = ("source_system", "source_account", "record_id", "payload_hash", "date_loaded")


class Lineage(Contract):
    """Columns every silver row made from a bronze version has. Mix in: `class FctInvoice(Lineage)`."""

    source_system: Text = field("System the record came from.", pii="enum")
    source_account: Text = field("Account of the source system.", pii="id")
    record_id: Text = field("Bronze record the row was made from.", pii="id")
    payload_hash: Text = field("Version of that record.", pii="id")
    date_loaded: Day = field("Load date of that version.")


def lineage(record: ir.Table) -> dict[str, ir.Value]:
    """The lineage columns of a bronze (or silver) row, to be passed to `select`."""
    return {name: record[name] for name in LINEAGE}


def shaped(table: ir.Table, contract: type[Contract], **computed: ir.Value) -> ir.Table:
    """The contract's columns in its order and types, from `computed` or the table's own.

    Nullability is left to the contract's checks: a query cannot prove it.
    """
    values: Mapping[str, ir.Value] = {**{name: table[name] for name in table.columns}, **computed}
    schema = ibis_schema(contract)
    return table.select(**{name: values[name].cast(dtype.copy(nullable=True)) for name, dtype in schema.items()})


def nullable(table: ir.Table) -> ir.Table:
    """The same rows typed as if every column could be null: set operations want equal types, joins lose the promise."""
    promised = {name: dtype for name, dtype in table.schema().items() if not dtype.nullable}
    return table.mutate(**{name: table[name].cast(dtype.copy(nullable=True)) for name, dtype in promised.items()})
