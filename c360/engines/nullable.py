"""The stored form of a schema."""

import ibis
import ibis.expr.datatypes as dt


def nullable(schema: ibis.Schema) -> ibis.Schema:
    """The stored form of a schema: stored columns are all nullable; the contract's checks watch over nulls."""
    return ibis.schema({name: dtype.copy(nullable=True) for name, dtype in schema.items()})


def in_utc(dtype: dt.DataType) -> dt.DataType:
    """A type an engine reports, with every instant in UTC and microseconds, as contracts have it."""
    if isinstance(dtype, dt.Timestamp):
        return dt.Timestamp("UTC", 6)
    if isinstance(dtype, dt.Array):
        return dt.Array(in_utc(dtype.value_type))
    if isinstance(dtype, dt.Struct):
        return dt.Struct({name: in_utc(inner) for name, inner in dtype.items()})
    return dtype.copy(nullable=True)
