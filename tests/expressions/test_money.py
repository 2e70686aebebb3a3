"""Every helper against Python's own integers and decimals, at the edges of its range."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from random import Random
from typing import Any

import ibis
import pytest
from ibis.backends.duckdb import Backend

from c360.expressions import money
from tests.conftest import TableFactory

NUMBERS = ibis.schema(dict.fromkeys("abc", "int64"))


def half_up(number: Fraction) -> int:
    return int(number + Fraction(1, 2))


def values(backend: Backend, expr: Any) -> list[Any]:
    return backend.to_pyarrow(expr).to_pylist()


def test_division_is_exact_over_all_of_64_bits(backend: Backend, table: TableFactory) -> None:
    random = Random(1)
    rows = [
        {"a": random.randrange(10 ** random.randrange(1, 19)), "b": random.randrange(1, 10 ** random.randrange(1, 12))}
        for _ in range(3000)
    ]
    rows += [
        {"a": 9_007_199_254_740_993 * 100 + 99, "b": 100},
        {"a": 2**62 - 1, "b": 3},
        {"a": 10**18 - 1, "b": 1},
        {"a": 0, "b": 7},
    ]
    t = table(NUMBERS, rows)
    assert values(backend, money.floor_divide(t.a, t.b)) == [r["a"] // r["b"] for r in rows]
    assert values(backend, money.divide_half_up(t.a, t.b)) == [half_up(Fraction(r["a"], r["b"])) for r in rows]


def test_division_by_zero_is_null(backend: Backend, table: TableFactory) -> None:
    t = table(NUMBERS, [{"a": 5, "b": 0}])
    assert values(backend, money.divide_half_up(t.a, t.b)) == [None]


@pytest.mark.parametrize("digits", [8, 12])
def test_an_integer_becomes_the_exact_decimal(backend: Backend, table: TableFactory, digits: int) -> None:
    numbers = [0, 1, -1, 12345678901234567, 9_223_372_036_854_775_807, -9_223_372_036_854_775_807, 99_999_999]
    t = table(NUMBERS, [{"a": n} for n in numbers])
    with localcontext(prec=40):
        assert values(backend, money.as_decimal(t.a, digits)) == [Decimal(n).scaleb(-digits) for n in numbers]


def test_a_decimal_becomes_the_rounded_integer(backend: Backend, table: TableFactory) -> None:
    t = table(
        ibis.schema({"d": "decimal(38, 12)"}),
        [{"d": Decimal(x)} for x in ("12.5", "1.0912345", "33.333333333333", "-2.5")],
    )
    assert values(backend, money.as_integer(t.d, 6)) == [12_500_000, 1_091_235, 33_333_333, -2_500_000]


def test_minor_units_follow_the_currencys_exponent(backend: Backend, table: TableFactory) -> None:
    t = table(NUMBERS, [{"a": 1000, "b": 0}, {"a": 1000, "b": 2}, {"a": 1000, "b": 3}, {"a": 1000, "b": None}])
    assert values(backend, money.amount(money.major_e8(t.a, t.b))) == [Decimal(1000), Decimal(10), Decimal(1), None]


def test_conversion_is_rounded_half_up_once(backend: Backend, table: TableFactory) -> None:
    random = Random(2)
    rows = [
        {"a": random.randrange(10**9), "b": random.choice([0, 2, 3, 4]), "c": random.randrange(1, 10**13)} for _ in range(2000)
    ]
    rows += [{"a": 1, "b": 2, "c": 500_000}, {"a": 1, "b": 2, "c": 499_999}, {"a": 1, "b": 0, "c": 5_000}]
    t = table(NUMBERS, rows)
    assert values(backend, money.converted_e8(t.a, t.b, t.c)) == [
        half_up(Fraction(r["a"] * r["c"], 10 ** (r["b"] + 4))) for r in rows
    ]
    assert values(backend, money.converted_amounts(t, "x", e8="a", rate_e12="c").x) == [
        half_up(Fraction(r["a"] * r["c"], 10**12)) for r in rows
    ]


def test_large_amounts_convert_exactly(backend: Backend, table: TableFactory) -> None:
    rows = [
        {"a": 9 * 10**16 + 7, "b": 0, "c": 1_091_234_567_891},
        {"a": 123_456_789_012_345_678, "b": 0, "c": 6_012_345_678},
    ]
    t = table(NUMBERS, rows)
    assert values(backend, money.converted_amounts(t, "x", e8="a", rate_e12="c").x) == [
        half_up(Fraction(r["a"] * r["c"], 10**12)) for r in rows
    ]


@pytest.mark.parametrize(
    ("minor", "interval", "count", "exponent", "monthly"),
    [
        (100, "day", 1, 2, "30.41666667"),
        (700, "week", 1, 2, "30.41666667"),
        (3000, "month", 3, 2, "10"),
        (120_000, "year", 1, 2, "100"),
        (50_000, "year", 1, 2, "41.66666667"),
        (1000, "month", 1, 0, "1000"),
        (1000, "month", 1, 3, "1"),
        (90_000_000_000, "week", 1, 2, "3910714285.71428571"),
        (1000, "fortnight", 1, 2, None),
        (1000, "month", 0, 2, None),
        (1000, "month", 1, None, None),
    ],
)
def test_a_cycle_in_a_month(
    backend: Backend,
    table: TableFactory,
    minor: int,
    interval: str,
    count: int,
    exponent: int | None,
    monthly: str | None,
) -> None:
    row = {"a": minor, "b": count, "c": exponent, "interval": interval}
    t = table(ibis.schema({**NUMBERS, "interval": "string"}), [row])
    cycle = {"cycle_e8": "e8", "interval": "interval", "interval_count": "b", "exponent": "c"}
    found = values(backend, money.amount(money.monthly_amounts(t.mutate(e8=t.a * money.E8), "m", **cycle).m))
    assert found == [Decimal(monthly).quantize(Decimal("0.00000001"), ROUND_HALF_UP) if monthly else None]


def shares(backend: Backend, table: TableFactory, rows: list[tuple[int | None, int, int]]) -> list[int | None]:
    schema = ibis.schema({"n": "int64", "amount_minor": "int64", "weight_e8": "int64", "total_e8": "int64"})
    t = table(schema, [{"n": n, "amount_minor": a, "weight_e8": w, "total_e8": total} for n, (a, w, total) in enumerate(rows)])
    return values(backend, money.allocated(t, ["n"]).order_by("n").share_e8)


def test_a_fixed_discount_is_shared_pro_rata(backend: Backend, table: TableFactory) -> None:
    random = Random(3)
    rows: list[tuple[int | None, int, int]] = []
    for _ in range(2000):
        weight, others = random.randrange(0, 10**15), random.randrange(0, 10**15)
        rows.append((random.randrange(0, 10**7), weight, weight + others))
    rows += [
        (1000, 5 * 10**10, 15 * 10**10),
        (10, 0, 0),
        (None, 5, 9),
        (1000, 10**11, 10**11),
        (1000, 10**10 + 7, 10**10 + 7),
    ]
    expected = []
    for off, weight, total in rows:
        capped = min((off or 0) * money.E8, total)
        expected.append(half_up(Fraction(capped * weight, total)) if total else 0)
    assert shares(backend, table, rows) == expected


def test_a_total_too_large_to_share_is_null_but_not_when_one_item_bears_all(backend: Backend, table: TableFactory) -> None:
    assert shares(backend, table, [(5, 10**17, 2 * 10**17), (5, 10**17, 10**17)]) == [None, 5 * money.E8]
