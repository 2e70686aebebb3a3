"""The whole catalog with the schema of every input, and random rows for any of them (small pools: keys must meet)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import pytest
from ibis.config import Config

from c360.catalog import Catalog, Node, discover
from c360.contract import ibis_schema, key
from c360.lake import PEOPLES_TABLES
from c360.params import RunParams
from c360.reference.tables import REFERENCES
from c360.sources import registry as sources


class _SparkOptions(Config):
    treat_nan_as_null: bool = False


if ibis.options.pyspark is None:  # the options of a backend whose package is not installed; its compiler reads them
    ibis.options.pyspark = _SparkOptions()

AS_OF = date(2026, 7, 4)
PARAMS = RunParams(as_of=AS_OF, history_from=date(2025, 7, 1), first_load_date=date(2026, 7, 1))
"""Run parameters of the tests."""

DAYS = [AS_OF - timedelta(days=back) for back in (0, 1, 3, 34, 36, 65, 95, 130, 370)]
MONTHS = [date(2026, 7, 1), date(2026, 6, 1), date(2026, 5, 1), date(2026, 3, 1), date(2025, 7, 1)]
INSTANTS = [datetime(d.year, d.month, d.day, hour, tzinfo=UTC) for d in DAYS for hour in (0, 9, 23)]
WORDS = ("a", "b", "c")
VOCABULARY: dict[str, tuple[str, ...]] = {
    "source_system": ("stripe", "salesforce"),
    "source_account": ("acct",),
    "status": ("active", "past_due", "canceled", "trialing", "paid", "open", "draft", "succeeded", "failed", "lost"),
    "currency": ("usd", "eur", "jpy"),
    "CurrencyIsoCode": ("USD", "EUR"),
    "interval": ("month", "year"),
    "usage_type": ("licensed",),
    "billing_scheme": ("per_unit",),
    "duration": ("once", "forever", "repeating"),
    "metadata": ("{}",),
    "type": (
        "customer.subscription.updated",
        "customer.subscription.created",
        "customer.subscription.deleted",
        "recurring",
        "charge",
        "refund",
        "subscription",
    ),
    "minor_unit_exponent": ("2",),
}
"""Values of leaves by name, where any word would leave a query without rows."""

CUSTOMER_OF = {"a": "a", "b": "c", "c": "a"}
"""Subscription -> its customer. Stripe never changes it, and tables rely on that."""

_NUMBERS = (0, 1, 2, 100, 1000, 4200)
_NULL_SHARE = 0.12
_WILD_SHARE = 0.3
_FREE_TEXTS = ("name", "title", "industry", "city", "state", "country", "description", "reason", "number")
_AMOUNTS = ("amount", "amount_minor", "amount_due", "amount_paid", "amount_remaining", "subtotal", "total", "fee", "net")
_ODD_TEXTS = ("", " ", "Çelik & Søn A/S", "株式会社", "Straße", "e\u0301", "a'b\"c\\", "\u00a0x", "👩‍💻")
_ODD_NUMBERS = (0, 1, 99, 2**31, 9_999_999_999)  # times 1e8, and a few of them together, within 64 bits
_ODD_INSTANTS = [
    datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),  # Berlin puts the clocks forward at 01:00 UTC
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2025, 10, 25, 22, 30, tzinfo=UTC),
    datetime(2025, 10, 26, 1, 0, tzinfo=UTC),  # and back
    datetime(2026, 6, 30, 22, 0, tzinfo=UTC),
    datetime(2026, 5, 31, 21, 59, 59, 999_999, tzinfo=UTC),
]
Row = dict[str, Any]


@cache
def catalog() -> Catalog:
    """All tables of c360."""
    return discover(["c360"], sources.discover().input_names() | set(REFERENCES) | set(PEOPLES_TABLES))


def tables() -> list[Node]:
    """All pure tables (steps are no queries)."""
    return [node for node in catalog().nodes.values() if not node.spec.is_step]


EACH_TABLE = pytest.mark.parametrize("node", tables(), ids=lambda node: node.full_name)
"""A test of every pure table."""


def schema_of(name: str) -> ibis.Schema:
    """Schema of an input by the name a function gives it."""
    if name in catalog().nodes:
        return catalog()[name].schema
    contract = contract_of(name)
    return ibis_schema(contract) if contract else sources.typed_schema(_entity(name))


def schemas_of(node: Node) -> dict[str, ibis.Schema]:
    """Schema of every input of a table."""
    return {name: schema_of(name) for name in node.inputs}


def contract_of(name: str) -> Any:
    """The contract of an input; None for bronze."""
    if name in catalog().nodes:
        return catalog()[name].contract
    return REFERENCES[name].contract if name in REFERENCES else PEOPLES_TABLES.get(name)


def random_rows(name: str, count: int, random: Random, *, wild: bool = False) -> list[Row]:
    """At most `count` rows of an input that keep its contract's key; of bronze, that look like one load's records.

    `wild`: texts beyond ASCII, large numbers, and instants around changes of the clocks among them.
    """
    schema = schema_of(name)
    allowed = _allowed(name)
    rows = [{c: _value(c, t, allowed.get(c), random) for c, t in schema.items()} for _ in range(count)]
    if wild:
        rows = [{c: _wild(c, value, random) for c, value in row.items()} for row in rows]
    contract = contract_of(name)
    if contract is None:
        entity = _entity(name)
        fixed = {"entity": entity.name, "source_system": entity.source_system}
        rows = [_of_its_customer(row | fixed | {entity.key: row["record_id"]}) for row in rows]
        of_a_version = ["date_loaded", "payload_hash"] if name.endswith(sources.VERSIONS_SUFFIX) else []
        return _distinct(rows, ["source_account", "record_id", *of_a_version])
    return _distinct([_of_its_customer(row) for row in rows], key(contract))


def _wild(name: str, value: Any, random: Random) -> Any:
    """Now and then another value of the same type, where no key or word of a vocabulary is expected."""
    if isinstance(value, dict):
        return {inner: _wild(inner, element, random) for inner, element in value.items()}
    if isinstance(value, list):
        return [_wild(name, element, random) for element in value]
    if random.random() > _WILD_SHARE:
        return value
    if isinstance(value, str) and name.lower().endswith(_FREE_TEXTS):
        return random.choice(_ODD_TEXTS)
    if isinstance(value, datetime):
        return random.choice(_ODD_INSTANTS)
    if type(value) is int and name.endswith(_AMOUNTS):
        return random.choice(_ODD_NUMBERS)
    return value


def _of_its_customer(row: Row) -> Row:
    """The row with the customer of the subscription it is, tells of or belongs to."""
    told = (row.get("data") or {}).get("object") if row.get("entity") == "stripe_events" else None
    if told and told["id"]:
        told["customer"] = CUSTOMER_OF[told["id"]]
    if row.get("entity") == "stripe_subscriptions":
        row["customer"] = CUSTOMER_OF[row["record_id"]]
    if row.get("subscription_id") and "stripe_customer_id" in row:
        row["stripe_customer_id"] = CUSTOMER_OF[row["subscription_id"]]
    return row


def _entity(name: str) -> Any:
    return sources.discover().entities[name.removesuffix(sources.VERSIONS_SUFFIX)]


def _allowed(name: str) -> Mapping[str, Sequence[Any]]:
    contract = contract_of(name)
    if contract is None:
        return {}
    found = {}
    for column, declared in contract.to_schema().columns.items():
        for check in declared.checks:
            if "allowed_values" in check.statistics:
                found[column] = sorted(check.statistics["allowed_values"])
    return found


def _distinct(rows: Iterable[Row], columns: Iterable[str]) -> list[Row]:
    return list({tuple(row[c] for c in columns): row for row in rows}.values())


def _value(name: str, dtype: dt.DataType, allowed: Sequence[Any] | None, random: Random) -> Any:
    if dtype.nullable and random.random() < _NULL_SHARE:
        return None
    if allowed:
        return random.choice(allowed)
    if isinstance(dtype, dt.Struct):
        return {n: _value(n, t, None, random) for n, t in dtype.items()}
    if isinstance(dtype, dt.Array):
        return [_value(name, dtype.value_type, None, random) for _ in range(random.randrange(3))]
    return _scalar(name, dtype, random)


def _scalar(name: str, dtype: dt.DataType, random: Random) -> Any:
    if dtype.is_string():
        return random.choice(VOCABULARY.get(name, WORDS))
    if dtype.is_boolean():
        return random.random() < 0.3 if name.startswith(("is_", "Is", "deleted")) else random.random() < 0.5
    if dtype.is_date():
        return random.choice(MONTHS if "month" in name else DAYS)
    if dtype.is_timestamp():
        return random.choice(INSTANTS)
    if dtype.is_decimal():
        return Decimal(random.choice(_NUMBERS))
    if dtype.is_floating():
        return random.choice((0.0, 0.5, 0.97, 1.0))
    if name.endswith(("exponent", "interval_count")):
        return random.choice((1, 2))
    return random.choice(_NUMBERS)
