"""What of the last run's candidate pairs still holds: a load compares only new and changed records, with all.

A pair depends on its two records and on who shares their keys. So a record is touched when it changed, when a record its id keys
name changed, or when people decided on it; and a pair can only differ when both its records have, or had, a key that a touched
record has or had. All other pairs are as they were.
"""

from functools import reduce

import ibis
import ibis.expr.types as ir

from c360.expressions.lineage import nullable
from c360.identity import block, score
from c360.identity.rules import REVIEWED
from c360.work import Work

_KEYS = ibis.Schema.from_pyarrow(block.KEYS)
_PAIRS = ibis.Schema.from_pyarrow(score.PAIRS)
_NAMING = ("id", "master")
"""Kinds of keys by which one record decides what another one is."""
_COMPARED = (
    "source_entity",
    "member_id",
    "is_person",
    "master_id",
    "metadata_account_id",
    "name_normal",
    "name_core",
    "email_key",
    "email_class",
    "domain",
    "phone_key",
    "address_key",
)
"""All that keys and scores are made of."""
_BETWEEN = "  "
"""Stands between values, none of which has two spaces in a row."""

WEAK = "weak_evidence"
"""Why a pair is no link though a rule holds: it is not likely enough."""


def member(system: ir.StringValue, account: ir.StringValue, record_id: ir.StringValue) -> ir.StringValue:
    """As `block.member`, on the engine."""
    return system + "|" + account + "|" + record_id


def within_reach(work: Work, records: ir.Table, keys: ir.Table, reviews: ir.Table) -> ir.Table | None:
    """`member`s whose pairs among each other have to be made again; None: all.

    Args:
        work: Knows the last run's records and pairs, if it may go on from them.
        records: Today's `identity_record`.
        keys: Their keys.
        reviews: Decisions of people, `left`, `right`.
    """
    before, pairs = work.previous("identity_record"), work.previous("identity_pair")
    if not work.continues or before is None or pairs is None:
        return None
    new, gone = _changed(records, before), _changed(before, records)
    old = work.materialise(work.map_batches(gone, block.keys, _KEYS))
    every = _together(keys.select("member", "kind", "value"), old.select("member", "kind", "value"))
    own = _together(_members(new), _members(gone), _reviewed(pairs, reviews)).distinct()
    naming = every.filter(every.kind.isin(_NAMING))
    named = naming.semi_join(naming.semi_join(own, "member"), ["kind", "value"]).select("member")
    touched = work.materialise(_together(own, named).distinct())
    values = every.semi_join(touched, "member").select("kind", "value").distinct()
    sharing = every.semi_join(values, ["kind", "value"]).select("member")
    return work.materialise(_together(sharing, touched).distinct())


def still_scored(work: Work, reach: ir.Table) -> ir.Table:
    """The last run's pairs that nobody in reach shares with another one, as `score.pairs` gave them."""
    previous = work.previous("identity_pair")
    if previous is None:
        raise ValueError("Nothing is still scored without a last run.")
    before = previous.mutate(
        left=member(previous.left_source_system, previous.left_source_account, previous.left_source_id),
        right=member(previous.right_source_system, previous.right_source_account, previous.right_source_id),
        # The decision over all pairs is made again: only why there never was one stays.
        reason=ibis.ifelse(previous.rule.notnull() & (previous.reason != WEAK), ibis.null("string"), previous.reason),
    )
    near = before.semi_join(reach.select(left="member"), "left").semi_join(reach.select(right="member"), "right")
    return before.anti_join(near, ["left", "right"]).select(*_PAIRS)


def _changed(these: ir.Table, those: ir.Table) -> ir.Table:
    """Records of one table of which the other has no equal one.

    By what is compared, not by payload: other settings, or another way to read one, give other values of the same payload.
    """

    def version(records: ir.Table) -> ir.Table:
        values = [records[name].cast("string").fill_null("") for name in _COMPARED]
        return records.mutate(_version=reduce(lambda text, value: text + _BETWEEN + value, values))

    key = ["source_system", "source_account", "source_id", "_version"]
    return version(these).anti_join(version(those), key).drop("_version")


def _members(records: ir.Table) -> ir.Table:
    return records.select(member=member(records.source_system, records.source_account, records.member_id))


def _reviewed(pairs: ir.Table, reviews: ir.Table) -> ir.Table:
    """Records people decide on, or did: their pairs' own rules are not kept."""
    was = pairs.filter((pairs.rule == REVIEWED).fill_null(False))
    sides = [
        was.select(member=member(*(was[f"{side}_source_{part}"] for part in ("system", "account", "id"))))
        for side in ("left", "right")
    ]
    return _together(*sides, reviews.select(member="left"), reviews.select(member="right"))


def _together(*parts: ir.Table) -> ir.Table:
    """All rows: Ibis unites only tables of one nullability."""
    return ibis.union(*map(nullable, parts))
