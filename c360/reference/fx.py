"""Exchange rates from the user's file in the European Central Bank's layout (units per 1 EUR, one column per currency)."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyarrow as pa

from c360.contract import Contract, Day, Rate, Text, field, ibis_schema
from c360.errors import SettingsError

EURO = "eur"
_MISSING = frozenset({"", "N/A"})
_MAX_DECIMALS = 6


class FxRates(Contract):
    """One row per day and currency the file quotes."""

    date: Day = field("Day the rate was published for.")
    currency: Text = field("Lower-case ISO 4217 code.", pii="enum", matches="[a-z]{3}")
    units_per_eur: Rate = field("Units of the currency for 1 EUR, at most 6 decimals.", unit="currency per EUR", ge=0)

    class Config:
        """One quote per day and currency."""

        unique = ["date", "currency"]


def load(path: Path | None = None) -> pa.Table:
    """The rates of a file as long rows; none when no file is set. EUR itself is added as 1.

    Raises:
        SettingsError: The file does not exist, is not in the layout, or quotes what is no positive number of at most 6 decimals.
    """
    if path and not path.is_file():
        raise SettingsError(f"The exchange rates file {path} does not exist.", hint="Check C360_FX_RATES_FILE.")
    rows = list(_rows(path)) if path else []
    return pa.Table.from_pylist(rows, schema=ibis_schema(FxRates).to_pyarrow())


def _rows(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines)
        header = [name.strip().lower() for name in next(reader, [])]
        if not header or header[0] != "date":
            raise SettingsError(f"{path} is no file of exchange rates.", hint="Its first line is Date,USD,JPY,….")
        seen: set[date] = set()
        for number, line in enumerate(reader, start=2):
            if not any(cell.strip() for cell in line):
                continue
            day = _day(line[0].strip(), path, number)
            if day in seen:
                raise SettingsError(f"{path}, line {number}: {day} is quoted twice.", hint="Keep one line per day.")
            seen.add(day)
            yield {"date": day, "currency": EURO, "units_per_eur": Decimal(1)}
            for currency, cell in zip(header[1:], line[1:], strict=False):
                if currency not in {"", EURO} and cell.strip() not in _MISSING:
                    yield {"date": day, "currency": currency, "units_per_eur": _rate(cell.strip(), path, number)}


def _day(text: str, path: Path, number: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        hint = "Write days as 2025-12-31."
        raise SettingsError(f"{path}, line {number}: {text!r} is no day.", hint=hint) from error


def _rate(text: str, path: Path, number: int) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(0)
    exponent = rate.as_tuple().exponent
    if not rate.is_finite() or rate <= 0 or not isinstance(exponent, int) or -exponent > _MAX_DECIMALS:
        hint = f"Rates are positive, of at most {_MAX_DECIMALS} decimals; leave a cell empty or write N/A where there is none."
        raise SettingsError(f"{path}, line {number}: {text!r} is no exchange rate.", hint=hint)
    return rate
