from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from random import Random
from typing import Any

from ibis.backends.duckdb import Backend

from c360.contract import ibis_schema
from c360.reference.fx import FxRates
from c360.silver.billing.fx_rate import fx_rate
from tests.conftest import TableFactory

FRIDAY, MONDAY = date(2026, 7, 3), date(2026, 7, 6)


def rates(backend: Backend, table: TableFactory, rows: list[tuple[date, str, str]], to: str) -> dict[Any, Any]:
    quotes = [{"date": d, "currency": c, "units_per_eur": Decimal(u)} for d, c, u in rows]
    found = backend.to_pyarrow(fx_rate(table(ibis_schema(FxRates), quotes), reporting_currency=to)).to_pylist()
    return {(r["rate_date"], r["currency"]): r["rate"] for r in found}


def test_a_rate_is_reporting_units_per_unit_through_the_euro(backend: Backend, table: TableFactory) -> None:
    found = rates(backend, table, [(FRIDAY, "eur", "1"), (FRIDAY, "usd", "1.25"), (FRIDAY, "jpy", "160")], "usd")
    assert found[FRIDAY, "eur"] == Decimal("1.25")
    assert found[FRIDAY, "usd"] == 1
    assert found[FRIDAY, "jpy"] == Decimal("0.0078125")


def test_a_weekend_takes_fridays_rate_and_a_gap_ends_after_seven_days(backend: Backend, table: TableFactory) -> None:
    rows = [(FRIDAY, "eur", "1"), (FRIDAY, "usd", "1.1"), (MONDAY, "eur", "1"), (MONDAY, "usd", "1.2")]
    found = {day: rate for (day, currency), rate in rates(backend, table, rows, "usd").items() if currency == "eur"}
    assert [found[date(2026, 7, d)] for d in (3, 4, 5, 6)] == [Decimal("1.1")] * 3 + [Decimal("1.2")]
    assert max(found) == date(2026, 7, 13)
    assert min(found) == FRIDAY


def test_cross_rates_are_rounded_half_up_at_twelve_decimals(backend: Backend, table: TableFactory) -> None:
    random, rows, expected = Random(4), [], {}
    for day in range(1, 29):
        usd, other = (
            Decimal(random.randrange(1, 200_000_000)).scaleb(-6),
            Decimal(random.randrange(1, 2 * 10**11)).scaleb(-6),
        )
        if day == 1:
            usd, other = Decimal("162.25"), Decimal("1100000.5")
        when = date(2026, 6, day)
        rows += [(when, "usd", str(usd)), (when, "xyz", str(other))]
        with localcontext(prec=60):
            expected[when] = (usd / other).quantize(Decimal("1e-12"), ROUND_HALF_UP)
    found = rates(backend, table, rows, "usd")
    assert {day: found[day, "xyz"] for day in expected} == expected


def test_without_a_file_or_without_the_reporting_currency_there_is_no_rate(backend: Backend, table: TableFactory) -> None:
    assert rates(backend, table, [], "usd") == {}
    assert rates(backend, table, [(FRIDAY, "eur", "1")], "usd") == {}
