"""All reference tables by the name tables use for them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from c360.contract import Contract
from c360.reference import currencies, fx


@dataclass(frozen=True)
class Reference:
    """A small table of facts from a file.

    Attributes:
        contract: What its rows must be.
        load: Reads the user's file (None, or a path where nothing is: the packaged rows, or none).
    """

    contract: type[Contract]
    load: Callable[[Path | None], pa.Table]


REFERENCES: dict[str, Reference] = {
    "currency": Reference(currencies.Currency, currencies.load),
    "fx_rates": Reference(fx.FxRates, fx.load),
}
