"""Customer ids that stay: a published id is kept by the records that hold it, whatever later becomes of their cluster."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

NAMESPACE = uuid.UUID("6f1c7f0e-5b1a-5e0e-9d7b-c360c360c360")
"""Namespace of all customer ids; changing it would change every id not published yet."""

_FAR_FUTURE = "9999"


@dataclass(frozen=True)
class Published:
    """The customer id a record had in the last run, and since when."""

    customer_id: str
    since_date: date


def founding_id(founder: str) -> str:
    """UUIDv5 of a record (text of `block.member`)."""
    return str(uuid.uuid5(NAMESPACE, founder))


def assign_ids(
    clusters: Collection[Collection[str]], created_at: Mapping[str, datetime | None], published: Mapping[str, Published]
) -> dict[str, str]:
    """The customer id of each member.

    A published id belongs to the oldest record that holds it (its anchor). A cluster with anchors takes the oldest of their ids,
    one without takes the UUIDv5 of its own oldest record. So: a record alone or unchanged keeps its id, of merged clusters the
    older id survives, of a split one the part with the anchor keeps it. Depends on sets only, not on their order.

    Args:
        clusters: Disjoint sets of members that cover all records.
        created_at: Member -> instant of creation at its source; null counts as the latest.
        published: Member -> its id of the last run.
    """

    def age(member: str) -> tuple[str, str]:
        created = created_at.get(member)
        return (created.isoformat() if created else _FAR_FUTURE, member)

    clustered = {member for cluster in clusters for member in cluster}
    holders: dict[str, list[str]] = defaultdict(list)
    since: dict[str, date] = {}
    for member, before in sorted(published.items()):
        if member in clustered:
            holders[before.customer_id].append(member)
        since[before.customer_id] = min(before.since_date, since.get(before.customer_id, before.since_date))
    anchored: dict[str, list[str]] = defaultdict(list)
    for customer_id, members in holders.items():
        anchored[min(members, key=age)].append(customer_id)
    ids: dict[str, str] = {}
    used = set(since)
    for cluster in sorted(clusters, key=lambda c: min(map(age, c))):
        held = [customer_id for member in cluster for customer_id in anchored.get(member, ())]
        oldest = min(held, key=lambda i: (since[i], min(map(age, holders[i])), i), default=None)
        customer_id = oldest or _unused(min(cluster, key=age), used, set(holders))
        used.add(customer_id)
        ids |= dict.fromkeys(cluster, customer_id)
    return ids


@dataclass(frozen=True, order=True)
class Merge:
    """An id that was gone from a load date on, and where its records went."""

    change_date: date
    old_id: str
    new_id: str
    record_count: int = 0


def redirects(merges: Iterable[Merge], living: Collection[str]) -> dict[str, str]:
    """Id that is gone -> the living id that stands for it today, followed over any number of merges.

    Where records of one id went to several, most records decide, then the least id. An id that lives again needs no redirect.
    """
    newest: dict[str, Merge] = {}
    for merge in sorted(merges, key=lambda m: (m.change_date, m.record_count)):
        before = newest.get(merge.old_id)
        is_tie = before is not None and (before.change_date, before.record_count) == (merge.change_date, merge.record_count)
        newest[merge.old_id] = min(before, merge, key=lambda m: m.new_id) if before and is_tie else merge
    found = {gone: _living(gone, newest, living) for gone in sorted(newest) if gone not in living}
    return {gone: today for gone, today in found.items() if today is not None}


def _living(customer_id: str, newest: Mapping[str, Merge], living: Collection[str]) -> str | None:
    seen: set[str] = set()
    while customer_id not in living:
        if customer_id in seen or customer_id not in newest:
            return None
        seen.add(customer_id)
        customer_id = newest[customer_id].new_id
    return customer_id


def _unused(founder: str, used: Collection[str], held: Collection[str]) -> str:
    """The founder's id, or its next one where a record of another cluster holds that."""
    return next(i for i in _candidates(founder) if i not in used and i not in held)


def _candidates(founder: str) -> Iterator[str]:
    yield founding_id(founder)
    number = 2
    while True:
        yield founding_id(f"{founder}#{number}")
        number += 1
