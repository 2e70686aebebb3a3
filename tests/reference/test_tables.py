from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from c360.contract import ibis_schema
from c360.errors import SettingsError
from c360.reference.fx import load
from c360.reference.tables import REFERENCES


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_without_a_file_the_rows_have_the_contracts_schema(name: str) -> None:
    reference = REFERENCES[name]
    assert reference.load(None).schema.names == list(ibis_schema(reference.contract))


def test_exponents_follow_iso_and_stripe() -> None:
    rows = {r["currency"]: r for r in REFERENCES["currency"].load(None).to_pylist()}
    assert [rows[c]["exponent"] for c in ("jpy", "usd", "kwd", "clf", "isk")] == [0, 2, 3, 4, 0]
    assert [rows[c]["minor_unit_exponent"] for c in ("jpy", "usd", "kwd", "isk", "ugx", "mga")] == [0, 2, 3, 2, 2, 0]


def test_a_wide_file_becomes_long_rows_with_the_euro(tmp_path: Path) -> None:
    path = tmp_path / "eurofxref-hist.csv"
    path.write_text("Date, USD,JPY,\n2026-07-02,1.0921,N/A,\n2026-07-01,1.1,162.25,\n", encoding="utf-8")
    rows = {(r["date"], r["currency"]): r["units_per_eur"] for r in load(path).to_pylist()}
    assert rows == {
        (date(2026, 7, 2), "eur"): Decimal(1),
        (date(2026, 7, 2), "usd"): Decimal("1.0921"),
        (date(2026, 7, 1), "eur"): Decimal(1),
        (date(2026, 7, 1), "usd"): Decimal("1.1"),
        (date(2026, 7, 1), "jpy"): Decimal("162.25"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Day,USD\n",
        "Date,USD\n1.7.2026,1.1\n",
        "Date,USD\n2026-07-01,abc\n",
        "Date,USD\n2026-07-01,-1\n",
        "Date,USD\n2026-07-01,1.1234567\n",
        "Date,USD\n2026-07-01,NaN\n",
        "Date,USD\n2026-07-01,1\n2026-07-01,2\n",
    ],
)
def test_a_file_of_another_layout_is_refused_with_a_hint(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load(path)
    assert error.value.hint


def test_a_missing_file_is_an_error_and_no_file_an_empty_table(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.csv does not exist"):
        load(tmp_path / "none.csv")
    assert load(None).num_rows == 0
