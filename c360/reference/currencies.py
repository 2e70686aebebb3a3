"""ISO 4217: how many decimals a currency has, packaged with c360."""

from importlib.resources import files
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from c360.contract import Contract, Integer, Text, field

_FILE = "currency.csv"


class Currency(Contract):
    """One row per currency of ISO 4217."""

    currency: Text = field("Lower-case ISO 4217 code.", pii="enum", matches="[a-z]{3}")
    exponent: Integer = field("Decimals of the currency by ISO 4217 (for display).", ge=0, le=4)
    minor_unit_exponent: Integer = field(
        "Decimals of the unit Stripe bills in; differs from ISO for isk, mga and ugx.", ge=0, le=4
    )

    class Config:
        """One row per code."""

        unique = ["currency"]


def load(path: Path | None = None) -> pa.Table:
    """All currencies from `path`, else from the packaged file."""
    source = path.read_bytes() if path and path.is_file() else files("c360.reference").joinpath(_FILE).read_bytes()
    types = {"currency": pa.string(), "exponent": pa.int64(), "minor_unit_exponent": pa.int64()}
    return csv.read_csv(pa.BufferReader(source), convert_options=csv.ConvertOptions(column_types=types))
