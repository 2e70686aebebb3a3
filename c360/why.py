"""Why a source record is the customer it is: the customer's records, the links between them, and what each link rests on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from c360.errors import ReleaseError, SelectionError, listing
from c360.identity import block
from c360.lake import Lake
from c360.readers import released
from c360.release import Entry
from c360.silver.identity.identity_pair import ACCEPTED

Pair = Mapping[str, Any]
"""A row of `identity_pair`."""
RIVALS_SHOWN = 5
REDIRECTS = "silver.customer_redirect"
MEMBER = ("source_system", "source_account", "source_id")
SIDES = tuple(f"{side}_{name}" for side in ("left", "right") for name in MEMBER)
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
    links: Sequence[Pair]
    rivals: Sequence[Pair]
    changes: Sequence[Mapping[str, Any]]
    revealed: Sequence[Mapping[str, Any]] = ()


def explain(lake: Lake, wanted: str, *, reveal: bool = False) -> Explanation:
    """Explains a customer, named by its `customer_id` (also one that is gone) or by the id of one of its source records.

    Raises:
        SelectionError: No record or customer has that id.
        ReleaseError: Nothing has been released.
    """
    entry = released(lake.engine)
    identity = stored(lake, entry, "silver.customer_identity")
    customer_id = str(named(lake, identity, todays_id(lake, entry, wanted))[0]["customer_id"])
    records = lake.execute(identity.filter(identity.customer_id == customer_id).order_by(*MEMBER))
    members = {member(row) for row in records}
    pairs = pairs_of(lake, stored(lake, entry, "silver.identity_pair"), members)
    links = [pair for pair in pairs if pair["decision"] == ACCEPTED]
    rivals = [pair for pair in pairs if pair["decision"] != ACCEPTED and not members.issuperset(ends(pair))]
    return Explanation(
        customer_id,
        records,
        links,
        rivals[:RIVALS_SHOWN],
        _changes(lake, entry, customer_id),
        _revealed(lake, entry, records) if reveal else (),
    )


def contributions(pair: Pair) -> dict[str, float]:
    """Field -> bits it added to the pair's weight, largest first; fields that said nothing are left out."""
    parts = {name.removesuffix("_weight"): value for name, value in pair.items() if name.endswith("_weight") and value}
    return dict(sorted(parts.items(), key=lambda part: -abs(part[1])))


def todays_id(lake: Lake, entry: Entry, wanted: str) -> str:
    """The id that stands today for a customer id that is gone; anything else as it is."""
    if REDIRECTS not in entry.tables:
        return wanted
    redirects = stored(lake, entry, REDIRECTS)
    found = lake.execute(redirects.filter(redirects.old_customer_id == wanted).select("customer_id"))
    return str(found[0]["customer_id"]) if found else wanted


def named(lake: Lake, identity: ir.Table, wanted: str) -> list[dict[str, Any]]:
    """Rows of `customer_identity` that `wanted` names: one record by its id or `account/id`, or all of a customer.

    Salesforce shows ids of 15 characters too, the first 15 of the stored 18.

    Raises:
        SelectionError: It names nothing, or records of one id in several accounts.
    """
    is_customer = identity.customer_id == wanted
    is_record = (identity.source_id == wanted) | (identity.source_account + "/" + identity.source_id == wanted)
    is_short = (identity.source_system == "salesforce") & (identity.source_id.substr(0, 15) == wanted)
    found = lake.execute(identity.filter(is_customer | is_record | is_short).order_by(*MEMBER))
    if not found:
        raise SelectionError(
            f"No customer and no source record has the id {wanted!r}.",
            hint="Give a customer_id, a Salesforce account id or a Stripe customer id (cus_…) of the newest release.",
        )
    if len(found) > 1 and wanted != found[0]["customer_id"]:
        every = listing(f"{row['source_account']}/{row['source_id']}" for row in found)
        raise SelectionError(f"{len(found)} records have the id {wanted!r}.", hint=f"Say which: {every}.")
    return found


def pairs_of(lake: Lake, pairs: ir.Table, members: Collection[str]) -> list[dict[str, Any]]:
    """Pairs with at least one of `members` (texts of `block.member`), strongest first."""
    ids = sorted({block.parts(member)[2] for member in members})
    touching = pairs.filter(pairs.left_source_id.isin(ids) | pairs.right_source_id.isin(ids))
    found = lake.execute(touching.order_by(touching.weight.desc(), *SIDES))
    return [pair for pair in found if not set(ends(pair)).isdisjoint(members)]


def ends(pair: Pair) -> tuple[str, str]:
    """The two members of a pair."""
    return member(pair, "left_"), member(pair, "right_")


def member(row: Mapping[str, Any], side: str = "") -> str:
    """Name of a record as `block.member` writes it."""
    return block.member(row[f"{side}source_system"], row[f"{side}source_account"], row[f"{side}source_id"])


def stored(lake: Lake, entry: Entry, name: str) -> ir.Table:
    """A table of the release.

    Raises:
        ReleaseError: The release is without it.
    """
    if name not in entry.tables:
        raise ReleaseError(f"Release {entry.release_id} has no table {name}.", hint="`c360 run` builds every table.")
    return lake.engine.read(name, entry.tables[name].version)


def _changes(lake: Lake, entry: Entry, customer_id: str) -> list[dict[str, Any]]:
    if "silver.customer_identity_change" not in entry.tables:
        return []
    changes = stored(lake, entry, "silver.customer_identity_change")
    ids = [name for name in changes.columns if name.endswith("customer_id")]
    matching = changes.filter([_any_equal(changes, ids, customer_id)])
    return lake.execute(matching.order_by(*changes.columns))


def _any_equal(rows: ir.Table, columns: Sequence[str], value: str) -> ir.BooleanValue:
    condition = rows[columns[0]] == value
    for column in columns[1:]:
        condition = condition | (rows[column] == value)
    return condition


def _revealed(lake: Lake, entry: Entry, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    vault = stored(lake, entry, "vault.identity_record")
    ids = sorted({row["source_id"] for row in records})
    found = vault.filter(vault.source_id.isin(ids) | vault.member_id.isin(ids))
    return lake.execute(found.order_by(*MEMBER).select("source_system", "source_id", *_PERSONAL))
