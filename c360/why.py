"""Why a source record is the customer it is: the customer's records, the links between them, and what each link rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from c360.errors import SelectionError
from c360.lake import Lake
from c360.readers import released
from c360.release import Entry

RIVALS_SHOWN = 5
SIDES = ("left_", "right_")
_MEMBER = ("source_system", "source_account", "source_id")
_PERSONAL = ("source_entity", "name", "email", "phone", "address")


@dataclass(frozen=True)
class Explanation:
    """What is known of one customer's identity.

    Attributes:
        customer_id: The customer.
        records: Its rows of `customer_identity`.
        links: Accepted pairs among them, strongest first, with the weight of each field in bits.
        rivals: The strongest pairs with other records that were refused, and why.
        changes: Ids the customer had or gave up.
        revealed: Personal fields of the records, from the vault; only when asked for.
    """

    customer_id: str
    records: Sequence[Mapping[str, Any]]
    links: Sequence[Mapping[str, Any]]
    rivals: Sequence[Mapping[str, Any]]
    changes: Sequence[Mapping[str, Any]]
    revealed: Sequence[Mapping[str, Any]] = ()


def explain(lake: Lake, wanted: str, *, reveal: bool = False) -> Explanation:
    """Explains a customer, named by its `customer_id` or by the id of one of its source records.

    Raises:
        SelectionError: No record or customer has that id.
        ReleaseError: Nothing has been released.
    """
    entry = released(lake.engine)
    identity = _table(lake, entry, "silver.customer_identity")
    customer_id = _customer_of(lake, identity, wanted)
    of_customer = identity.customer_id == customer_id
    records = _rows(lake, identity.filter(of_customer).order_by(*_MEMBER))
    pairs = _pairs(lake, _table(lake, entry, "silver.identity_pair"), records)
    members = {_member(row) for row in records}
    links = [pair for pair in pairs if pair["decision"] == "accepted"]
    rivals = [pair for pair in pairs if pair["decision"] != "accepted" and not _is_inside(pair, members)]
    return Explanation(
        customer_id,
        records,
        links,
        rivals[:RIVALS_SHOWN],
        _changes(lake, entry, customer_id),
        _revealed(lake, entry, records) if reveal else (),
    )


def contributions(pair: Mapping[str, Any]) -> dict[str, float]:
    """Field -> bits it added to the pair's weight, largest first; fields that said nothing are left out."""
    parts = {name.removesuffix("_weight"): value for name, value in pair.items() if name.endswith("_weight") and value}
    return dict(sorted(parts.items(), key=lambda part: -abs(part[1])))


def _customer_of(lake: Lake, identity: ir.Table, wanted: str) -> str:
    # Salesforce shows ids of 15 characters too: the first 15 of the stored 18.
    is_named = (identity.source_id == wanted) | (identity.customer_id == wanted)
    is_short = identity.source_id.substr(0, 15) == wanted
    found = _rows(lake, identity.filter(is_named | is_short).order_by(*_MEMBER).select("customer_id").limit(1))
    if not found:
        raise SelectionError(
            f"No customer and no source record has the id {wanted!r}.",
            hint="Give a customer_id, a Salesforce account id or a Stripe customer id (cus_…) of the newest release.",
        )
    return str(found[0]["customer_id"])


def _pairs(lake: Lake, pairs: ir.Table, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    ids = sorted({row["source_id"] for row in records})
    touching = pairs.filter(pairs.left_source_id.isin(ids) | pairs.right_source_id.isin(ids))
    found = _rows(lake, touching.order_by(touching.weight.desc(), "left_source_id", "right_source_id"))
    members = {_member(row) for row in records}
    return [pair for pair in found if any(_member(pair, side) in members for side in SIDES)]


def _is_inside(pair: Mapping[str, Any], members: set[tuple[str, str, str]]) -> bool:
    return all(_member(pair, side) in members for side in SIDES)


def _member(row: Mapping[str, Any], side: str = "") -> tuple[str, str, str]:
    return (row[f"{side}source_system"], row[f"{side}source_account"], row[f"{side}source_id"])


def _changes(lake: Lake, entry: Entry, customer_id: str) -> list[dict[str, Any]]:
    if "silver.customer_identity_change" not in entry.tables:
        return []
    changes = _table(lake, entry, "silver.customer_identity_change")
    ids = [name for name in changes.columns if name.endswith("customer_id")]
    matching = changes.filter([_any_equal(changes, ids, customer_id)])
    return _rows(lake, matching.order_by(*changes.columns))


def _any_equal(rows: ir.Table, columns: Sequence[str], value: str) -> ir.BooleanValue:
    condition = rows[columns[0]] == value
    for column in columns[1:]:
        condition = condition | (rows[column] == value)
    return condition


def _revealed(lake: Lake, entry: Entry, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    vault = _table(lake, entry, "vault.identity_record")
    ids = sorted({row["source_id"] for row in records})
    found = vault.filter(vault.source_id.isin(ids) | vault.member_id.isin(ids))
    return _rows(lake, found.order_by(*_MEMBER).select("source_system", "source_id", *_PERSONAL))


def _table(lake: Lake, entry: Entry, name: str) -> ir.Table:
    return lake.engine.read(name, entry.tables[name].version)


def _rows(lake: Lake, rows: ir.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lake.engine.arrow(rows).to_pylist()
    return found
