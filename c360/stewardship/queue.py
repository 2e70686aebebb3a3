"""Which pairs a person should decide next: those the model is least sure of, and of them those with most money behind."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.identity.rules import REVIEWED
from c360.lake import Lake
from c360.readers import released
from c360.release import Entry
from c360.silver.identity.identity_review import WITHDRAWN
from c360.stewardship.decision_file import RECORD, RECORDS, SAID
from c360.stewardship.decisions import row, standing
from c360.stewardship.known import stored

UNDECIDED = (0.5, 0.95)
"""Probabilities between which a pair could be either."""
RIVAL = "assigned_elsewhere"
"""Reason of a pair that lost against a stronger one of its records: one of the two is wrong, maybe this one."""
SETTLED_RULES = (REVIEWED, "merged")
"""People or Salesforce's own merge decided it."""
SETTLED_REASON = "cannot_link"
"""Reason of a pair that people's other decisions forbid."""

PERSONAL = ("name", "email", "phone", "address")
MODEL = ("probability", "weight", "rule", "current_decision", "current_reason", "value_amount", "value_currency")
REVEALED = tuple(f"{side}_{name}" for side in ("left", "right") for name in PERSONAL)
QUEUE_ONLY = (*MODEL, *REVEALED)
"""Columns of a queue that are no decision; an import ignores them."""

_SIDES = ("left", "right")
_GOLD = "gold.dim_customer_account"
_MONTHS_A_YEAR, _HUNDRED = 12, 100


def columns(*, reveal: bool = False) -> tuple[str, ...]:
    """The columns of a queue in order: both records, what is known of the pair, and what a person fills in."""
    return (*RECORDS, *(REVEALED if reveal else ()), *MODEL, *SAID)


def queue(lake: Lake, limit: int, *, reveal: bool = False) -> list[dict[str, Any]]:
    """At most `limit` pairs of the newest release, those with most value first; what is to be filled in is None.

    Taken are the pairs nearest to `UNDECIDED` (accepted or rejected, in steps of a hundredth), and rivals; of equally near ones
    those with most value. `value_amount` is what is known of the one or two customers in gold: a year's MRR, or the revenue
    since the start of the history where that is more.

    Args:
        lake: The open lake.
        limit: Most pairs.
        reveal: Names, e-mails, phones and addresses from the vault beside the ids.

    Raises:
        ReleaseError: Nothing has been released.
    """
    entry = released(lake.engine)
    pairs = _open(_table(lake, entry, "silver.identity_pair"), _decided(lake))
    valued = _valued(pairs, _values(lake, entry))
    nearest = valued.order_by(valued.distance, valued.value_amount.desc(), valued.weight.desc(), *RECORDS).limit(limit)
    found = lake.execute(nearest.order_by(nearest.value_amount.desc(), nearest.distance, nearest.weight.desc(), *RECORDS))
    personal = _personal(lake, entry, found) if reveal and found else {}
    currency = lake.settings.reporting_currency
    return [_filled(pair, personal, currency, columns(reveal=reveal)) for pair in found]


def _table(lake: Lake, entry: Entry, name: str) -> ir.Table:
    return lake.engine.read(name, entry.tables[name].version)


def _decided(lake: Lake) -> ir.Table:
    """Pairs that people decided, also since the release."""
    decisions = [found for found in standing(stored(lake)).values() if found.decision != WITHDRAWN]
    schema = ibis.schema(dict.fromkeys(RECORDS, "string"))
    sides = [{name: row(found)[name] for name in RECORDS} for found in decisions]
    return lake.engine.from_arrow(pa.Table.from_pylist(sides, schema.to_pyarrow()), schema)


def _open(pairs: ir.Table, decided: ir.Table) -> ir.Table:
    """Pairs a person may decide, with `distance`: hundredths from `UNDECIDED`."""
    is_settled = pairs.rule.isin(sorted(SETTLED_RULES)).fill_null(False) | (pairs.reason == SETTLED_REASON).fill_null(False)
    undecided = pairs.filter(~is_settled).anti_join(decided, list(RECORDS))
    low, high = UNDECIDED
    gap = ibis.greatest(low - undecided.probability, undecided.probability - high, ibis.literal(0.0))
    is_rival = (undecided.reason == RIVAL).fill_null(False)
    return undecided.mutate(distance=ibis.ifelse(is_rival, 0, (gap * _HUNDRED).round().cast("int64")))


def _values(lake: Lake, entry: Entry) -> ir.Table:
    """Source record -> its customer and `value`: float is enough to rank by."""
    identity = _table(lake, entry, "silver.customer_identity").select(*RECORD, "customer_id")
    if _GOLD not in entry.tables:
        return identity.mutate(value=ibis.literal(0.0))
    gold = _table(lake, entry, _GOLD)
    yearly = gold.mrr_amount.cast("float64").fill_null(0.0) * _MONTHS_A_YEAR
    valued = gold.select(valued_id="customer_id", value=ibis.greatest(yearly, gold.revenue_amount.cast("float64").fill_null(0.0)))
    joined = identity.left_join(valued, identity.customer_id == valued.valued_id)
    return joined.select(*RECORD, "customer_id", value=joined.value.fill_null(0.0))


def _valued(pairs: ir.Table, values: ir.Table) -> ir.Table:
    """Pairs with the value of their customers; one that both records are of counts once."""
    found = pairs
    for side in _SIDES:
        named = {f"{side}_{part}": part for part in RECORD}
        of_side = values.select(**named, **{f"{side}_customer_id": "customer_id", f"{side}_value": "value"})
        found = found.left_join(of_side, list(named)).drop(*(f"{name}_right" for name in named))
    left, right = found.left_value.fill_null(0.0), found.right_value.fill_null(0.0)
    is_one = (found.left_customer_id == found.right_customer_id).fill_null(False)
    return found.mutate(value_amount=ibis.ifelse(is_one, left, left + right))


def _personal(lake: Lake, entry: Entry, pairs: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """Record -> its own personal fields."""
    ids = sorted({pair[f"{side}_source_id"] for pair in pairs for side in _SIDES})
    vault = _table(lake, entry, "vault.identity_record")
    found = lake.execute(vault.filter(vault.source_id.isin(ids)).select(*RECORD, *PERSONAL))
    return {tuple(record[name] for name in RECORD): record for record in found}


def _filled(
    pair: Mapping[str, Any], personal: Mapping[tuple[str, ...], Mapping[str, Any]], currency: str, wanted: Sequence[str]
) -> dict[str, Any]:
    records = {side: personal.get(tuple(pair[f"{side}_{part}"] for part in RECORD), {}) for side in _SIDES}
    known = {
        **{name: pair[name] for name in RECORDS},
        **{f"{side}_{name}": record.get(name) for side, record in records.items() for name in PERSONAL},
        **{name: pair[name] for name in ("probability", "weight", "rule")},
        "current_decision": pair["decision"],
        "current_reason": pair["reason"],
        "value_amount": round(pair["value_amount"], 2),
        "value_currency": currency,
    }
    return {name: known.get(name) for name in wanted}
