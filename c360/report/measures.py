"""What the report on identity counts, as queries over released tables, so that only aggregates leave the engine. Pure."""

from functools import reduce

import ibis
import ibis.expr.types as ir

from c360.identity.rules import REVIEWED
from c360.report.pairs import BIN_BITS, WIDEST
from c360.silver.identity.identity_pair import ACCEPTED

STEP = 1 / 16
"""Bits: how finely the threshold is looked for."""
SOURCE = ("source_system", "source_account")
_SAID_FOR_A_MEMBER = ("email_key", "domain", "phone_key", "address_key")
_SAID_OF_ITSELF = ("name_core", "metadata_account_id", "master_id")


def weights(pairs: ir.Table) -> ir.Table:
    """One row per bin of `BIN_BITS` bits: `bin` (its lower end is bin × BIN_BITS), `link_count`, `refused_count`."""
    clipped = pairs.weight.clip(-WIDEST, WIDEST)
    binned = pairs.mutate(bin=(clipped / BIN_BITS).floor().cast("int64"), is_link=_is_link(pairs))
    counted = binned.group_by("bin").agg(link_count=binned.is_link.sum(), refused_count=(1 - binned.is_link).sum())
    return counted.order_by("bin")


def rules(pairs: ir.Table) -> ir.Table:
    """One row per rule (null: none holds): `pair_count`, `link_count`, and the sums of their probabilities."""
    marked = pairs.select("rule", is_link=_is_link(pairs), probability=pairs.probability.fill_null(0.0))
    counted = marked.group_by("rule").agg(
        pair_count=marked.count(),
        link_count=marked.is_link.sum(),
        pair_probability=marked.probability.sum(),
        link_probability=(marked.probability * marked.is_link).sum(),
    )
    return counted.order_by(counted.link_count.desc(), counted.pair_count.desc(), "rule")


def models(pairs: ir.Table) -> ir.Table:
    """One row per model that scored a pair."""
    return pairs.select("model_id").distinct().order_by("model_id")


def boundary(pairs: ir.Table) -> ir.Table:
    """One row: `threshold`, the weight that parts links from refused pairs with the fewest on the wrong side, `wrong_count`.

    Pairs that people decided are left out; no row where there are no others. Weights are looked at in steps of `STEP` bits, so
    that however many pairs there are, the ordered part is small.
    """
    scored = _by_evidence(pairs)
    marked = scored.select(weight=(scored.weight / STEP).floor() * STEP, is_link=_is_link(scored))
    by_weight = marked.group_by("weight").agg(links=marked.is_link.sum(), refused=(1 - marked.is_link).sum())
    upwards = ibis.window(order_by="weight", preceding=None, following=0)
    summed = by_weight.mutate(
        links_below=by_weight.links.sum().over(upwards) - by_weight.links,
        refused_below=by_weight.refused.sum().over(upwards) - by_weight.refused,
        all_refused=by_weight.refused.sum().over(ibis.window()),
        next_lower=by_weight.weight.lag().over(ibis.window(order_by="weight")),
    )
    wrong_count = summed.links_below + summed.all_refused - summed.refused_below
    is_gap = (summed.weight - summed.next_lower > STEP).fill_null(False)
    threshold = ibis.ifelse(is_gap, (summed.weight + summed.next_lower) / 2, summed.weight)
    found = summed.select(threshold=threshold, wrong_count=wrong_count)
    return found.order_by("wrong_count", "threshold").limit(1)


def nearest(pairs: ir.Table, threshold: float, count: int) -> ir.Table:
    """The `count` pairs whose weights are nearest to `threshold`, those apart that people decided."""
    scored = _by_evidence(pairs)
    ends = [name for name in scored.columns if name.startswith(("left_", "right_"))]
    return scored.order_by((scored.weight - threshold).abs(), scored.weight.desc(), *ends).limit(count)


def unlinkable(records: ir.Table) -> ir.Table:
    """One row per source: `record_count`, `live_count`, and of each those by which nothing could ever be linked.

    Such a record has no e-mail, domain, phone or address, of its own or of a contact of it; no name; and no id: it names no
    account, was never merged, and none names it.
    """
    is_own = records.source_entity != "contact"
    said = _any_known(records, _SAID_FOR_A_MEMBER) | (is_own & _any_known(records, _SAID_OF_ITSELF))
    marked = records.select(*SOURCE, "member_id", says=said.cast("int64"))
    spoken = marked.group_by(*SOURCE, "member_id").agg(says=marked.says.max())
    own = records.filter(is_own).select(*SOURCE, member_id="source_id", is_live=(~records.is_deleted).cast("int64"))
    ids = (records.select(named_id=records[name]) for name in ("metadata_account_id", "master_id"))
    named = ibis.union(*ids, distinct=True)
    joined = own.join(spoken, [*SOURCE, "member_id"]).left_join(named, [("member_id", "named_id")])
    silent = joined.mutate(silent=((joined.says == 0) & joined.named_id.isnull()).cast("int64"))
    return (
        silent.group_by(*SOURCE)
        .agg(
            record_count=silent.count(),
            unlinkable_count=silent.silent.sum(),
            live_count=silent.is_live.sum(),
            unlinkable_live_count=(silent.silent * silent.is_live).sum(),
        )
        .order_by(*SOURCE)
    )


def biggest(identity: ir.Table, count: int) -> ir.Table:
    """The `count` customers with the most records: by system, and how many of them people decided."""
    found = _customers(identity)
    return found.order_by(found.record_count.desc(), "customer_id").limit(count)


def sizes(identity: ir.Table) -> ir.Table:
    """One row per number of records: how many customers have so many."""
    customers = _customers(identity)
    return customers.group_by("record_count").agg(customer_count=customers.count()).order_by("record_count")


def _customers(identity: ir.Table) -> ir.Table:
    marked = identity.select(
        "customer_id",
        is_account=(identity.source_system == "salesforce").cast("int64"),
        is_stripe=(identity.source_system == "stripe").cast("int64"),
        reviewed=identity.is_reviewed.cast("int64"),
    )
    return marked.group_by("customer_id").agg(
        record_count=marked.count(),
        salesforce_count=marked.is_account.sum(),
        stripe_count=marked.is_stripe.sum(),
        reviewed_count=marked.reviewed.sum(),
    )


def _is_link(pairs: ir.Table) -> ir.IntegerValue:
    return (pairs.decision == ACCEPTED).cast("int64")


def _by_evidence(pairs: ir.Table) -> ir.Table:
    return pairs.filter(pairs.rule.isnull() | (pairs.rule != REVIEWED))


def _any_known(records: ir.Table, columns: tuple[str, ...]) -> ir.BooleanValue:
    return reduce(lambda one, other: one | other, [records[name].notnull() for name in columns])
