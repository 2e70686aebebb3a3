"""Candidate pairs of records with their score, field by field, and the decision."""

from functools import partial, reduce

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.catalog import Merge, step
from c360.contract import Contract, Share, Text, field, ibis_schema, row_check
from c360.expressions.lineage import nullable
from c360.identity import block, score
from c360.identity.assign import Pair, Reviews, decide
from c360.identity.evidence import EVIDENCE, FIELDS, Weights, matching_id
from c360.identity.rules import MAX_SHARED, REVIEWED, RULE_NAMES, UNKNOWN
from c360.silver.identity.identity_review import CANNOT_LINK, MUST_LINK, WITHDRAWN
from c360.silver.identity.touched import member, still_scored, within_reach
from c360.work import Work

ACCEPTED, REJECTED = "accepted", "rejected"
REASONS = (
    "assigned_elsewhere",
    "cannot_link",
    "conflicting_metadata_id",
    "mailbox_not_enough",
    "names_differ",
    "weak_evidence",
)

_KEYS = ibis.Schema.from_pyarrow(block.KEYS)
_HITS = ibis.Schema.from_pyarrow(score.HITS)
_PAIRS = ibis.Schema.from_pyarrow(score.PAIRS)
_DECISIONS = pa.schema(
    [
        pa.field("decided_left", pa.string(), nullable=False),
        pa.field("decided_right", pa.string(), nullable=False),
        pa.field("review", pa.string()),
        pa.field("decided_reason", pa.string()),
    ]
)


def _bits(what: str) -> Text:
    return field(f"Match weight from {what}; positive speaks for one customer.", unit="bits")


def _level(name: str) -> Text:
    levels = (*(level.name for level in EVIDENCE[name]), UNKNOWN)
    return field(f"How well the records agree in it; `{UNKNOWN}` weighs nothing.", pii="enum", isin=levels)


class IdentityPair(Contract):
    """One row per pair of records that shared a blocking key or were reviewed; left sorts before right. No personal data."""

    left_source_system: Text = field("System of the left record.", pii="enum", isin=("salesforce", "stripe"))
    left_source_account: Text = field("Organisation or account of the left record.", pii="id")
    left_source_id: Text = field("Id of the left record.", pii="id")
    right_source_system: Text = field("System of the right record.", pii="enum", isin=("salesforce", "stripe"))
    right_source_account: Text = field("Organisation or account of the right record.", pii="id")
    right_source_id: Text = field("Id of the right record.", pii="id")
    merge_weight: Share = _bits("Salesforce's own merge")
    id_weight: Share = _bits("the explicit id in Stripe's metadata")
    email_weight: Share = _bits("the best agreement of two e-mails")
    domain_weight: Share = _bits("the corporate domain")
    name_weight: Share = _bits("the names")
    phone_weight: Share = _bits("the phone number")
    address_weight: Share = _bits("postal code and house number")
    prior_weight: Share = _bits("nothing but being a candidate")
    weight: Share = field("Sum of the contributions; ranks rivals.", unit="bits")
    merge_level: Text = _level("merge")
    id_level: Text = _level("id")
    email_level: Text = _level("email")
    domain_level: Text = _level("domain")
    name_level: Text = _level("name")
    phone_level: Text = _level("phone")
    address_level: Text = _level("address")
    rule: Text = field(
        "Strongest rule the evidence satisfies, `reviewed` for a decision of people.", nullable=True, pii="enum", isin=RULE_NAMES
    )
    probability: Share = field("Of being one, by its weight; 1 or 0 where people decided.", ge=0, le=1)
    model_id: Text = field("Model, rules and reference data that scored it.", pii="id")
    decision: Text = field("Whether the pair is a link.", pii="enum", isin=(ACCEPTED, REJECTED))
    reason: Text = field("Why it is no link.", nullable=True, pii="enum", isin=REASONS)

    class Config:
        unique = [
            "left_source_system",
            "left_source_account",
            "left_source_id",
            "right_source_system",
            "right_source_account",
            "right_source_id",
        ]

    @row_check("the contributions do not add up to the weight")
    def contributions_add_up(cls, row: ir.Table) -> ir.BooleanValue:
        total = reduce(lambda a, b: a + b, [row[f"{name}_weight"] for name in ("prior", *FIELDS)])
        return (total - row.weight).abs() < 1e-9

    @row_check("a link without a rule, or a rejected pair without a reason")
    def decision_is_explained(cls, row: ir.Table) -> ir.BooleanValue:
        is_accepted = row.decision == ACCEPTED
        return ibis.ifelse(is_accepted, row.rule.notnull() & row.reason.isnull(), row.reason.notnull())


@step(IdentityPair, write=Merge(), traces={
    "identity_record": {"left_source_system": "source_system", "left_source_account": "source_account",
                        "left_source_id": "source_id"}})  # fmt: skip
def identity_pair(identity_record: ir.Table, identity_review: ir.Table, *, work: Work, link_probability: float) -> ir.Table:
    """One row per candidate pair: proposed by shared keys on the engine, scored in Python, decided over all pairs together.

    A link needs a rule (`rules.py`) and at least `link_probability` by the model's weights (`evidence.py`).

    Where the last run can be gone on from, only pairs of records in reach of a change are made again (`touched.py`).
    Values shared by too many records (`MAX_SHARED`) propose nothing; an e-mail used under two company names counts as shared.
    """
    members = work.materialise(_members(identity_record))
    keys = work.materialise(work.map_batches(identity_record, block.keys, _KEYS))
    reviews = work.materialise(_newest_reviews(identity_review))
    reach = within_reach(work, identity_record, keys, reviews)
    hits = work.map_batches(work.materialise(_hits(keys, members, reach)), score.hits, _HITS)
    asked = reviews if reach is None else reviews.semi_join(reach, reviews.left == reach.member)
    candidates = work.materialise(_candidates(hits, asked, members))
    weigh = partial(score.pairs, weights=Weights.of(work.model), least=link_probability)
    scored = work.map_batches(candidates, weigh, _PAIRS)
    scored = work.materialise(scored if reach is None else nullable(scored).union(nullable(still_scored(work, reach))))
    decided = work.table(_decisions(work, scored, reviews, members), ibis.Schema.from_pyarrow(_DECISIONS))
    return _result(scored, decided, matching_id(work.model))


def _members(records: ir.Table) -> ir.Table:
    """Accounts and customers: `member`, `system`, `name_core`, `domain`, `named`, `company`.

    `named` is the stored account a customer's metadata names; `company` the account a record is or names, or its survivor.
    """
    own = records.filter(records.source_entity != "contact")
    own = own.mutate(
        member=member(own.source_system, own.source_account, own.source_id),
        survivor=member(own.source_system, own.source_account, own.master_id),
    )
    is_account = own.source_entity == "account"
    own = own.mutate(itself=ibis.ifelse(is_account, ibis.coalesce(own.survivor, own.member), ibis.null("string")))
    accounts = own.filter(own.itself.notnull())
    # Organisations may share ids, as a copy for tests does: the first one's account is meant.
    known = accounts.group_by(known_id="source_id").agg(named=accounts.member.min(), named_company=accounts.itself.min())
    joined = own.left_join(known, [("metadata_account_id", "known_id")])
    company = ibis.coalesce(joined.itself, joined.named_company)
    return joined.select("member", "name_core", "domain", "named", company=company, system="source_system")


def _newest_reviews(review: ir.Table) -> ir.Table:
    """Newest decision per pair: `left`, `right` (in order), `decision`; a pair whose newest one was withdrawn has none."""
    one = member(review.left_source_system, review.left_source_account, review.left_source_id)
    two = member(review.right_source_system, review.right_source_account, review.right_source_id)
    sided = review.mutate(left=ibis.least(one, two), right=ibis.greatest(one, two))
    newest = ibis.window(group_by=["left", "right"], order_by=[sided.decided_at.desc(), sided.decision])
    ranked = sided.mutate(_rank=ibis.row_number().over(newest))
    standing = ranked.filter(ranked._rank == 0, ranked.decision != WITHDRAWN)
    return standing.select("left", "right", "decision")


def _hits(keys: ir.Table, members: ir.Table, reach: ir.Table | None) -> ir.Table:
    """Pairs of keys with one value: every reason to compare two records (in reach). Frequent values propose nothing."""
    named = keys.join(members.select("member", "name_core", "domain"), "member")
    counts = named.group_by("kind", "value", "system").agg(
        member_count=named.member.nunique(), name_count=named.name_core.nunique()
    )
    limit = ibis.cases(*((counts.kind == kind, limit) for kind, limit in sorted(MAX_SHARED.items())), else_=0)
    rare = counts.group_by("kind", "value").agg(
        is_frequent=(counts.member_count > limit).cast("int64").max(), most_names=counts.name_count.max()
    )
    usable = named.join(rare.filter(rare.is_frequent == 0), ["kind", "value"]).drop("is_frequent")
    near = usable if reach is None else usable.semi_join(reach, "member")
    left, right = near.view(), near.view()
    same_system = left.system == right.system
    is_compared_within = reduce(
        lambda a, b: a | b,
        [(left.system == system) & left.kind.isin(kinds) for system, kinds in sorted(block.COMPARED_WITHIN.items())],
    )
    pairs = left.join(right, [left.kind == right.kind, left.value == right.value, left.member < right.member,
                              ~same_system | is_compared_within])  # fmt: skip
    return pairs.select(
        left=left.member,
        right=right.member,
        kind=left.kind,
        left_email=left.email,
        right_email=right.email,
        email_class=left.email_class,
        is_shared=left.most_names > 1,
        left_person_name=left.person_name,
        right_person_name=right.person_name,
        left_name=left.name_core,
        right_name=right.name_core,
        left_domain=left.domain,
        right_domain=right.domain,
    ).distinct()


def _candidates(hits: ir.Table, reviews: ir.Table, members: ir.Table) -> ir.Table:
    """One row per pair with the best of its hits and both records' fields side by side."""
    reviewed = reviews.select(
        "left", "right", kind=ibis.literal("review"), email_rank=ibis.literal(0, "int64"), person_similarity=ibis.literal(0.0)
    )
    proposed = ibis.union(hits.select(*_HITS), reviewed.cast(_HITS))  # one nullability, or Ibis refuses
    best = proposed.group_by("left", "right").agg(
        email_rank=proposed.email_rank.max(),
        person_similarity=proposed.person_similarity.max(),
        **{f"has_{kind}": (proposed.kind == kind).cast("int64").max() == 1
           for kind in ("address", "domain", "id", "master", "phone")},
    )  # fmt: skip
    left = members.select(left="member", left_name="name_core", left_company="company", left_system="system")
    right = members.select(right="member", right_name="name_core", right_company="company", right_system="system")
    both = best.join(left, "left").join(right, "right")
    within = ibis.ifelse(both.left_system == both.right_system, both.left_system, ibis.null("string"))
    return both.mutate(within=within).drop("left_system", "right_system")


def _decisions(work: Work, scored: ir.Table, reviews: ir.Table, members: ir.Table) -> pa.Table:
    """Decides over the pairs that may be links and the reviewed ones: a few per record, so they fit in one process."""
    known = reviews.semi_join(scored, ["left", "right"])
    reviewed = {(row["left"], row["right"]): row["decision"] for row in work.collect(known).to_pylist()}
    must, cannot = (frozenset(p for p, made in reviewed.items() if made == d) for d in (MUST_LINK, CANNOT_LINK))
    candidates = scored.filter(scored.reason.isnull()).select("left", "right", "weight", "rule")
    pairs = [Pair(**row) for row in work.collect(candidates).to_pylist()]
    naming = members.filter(members.named.notnull()).select("member", "named")
    company = {row["member"]: row["named"] for row in work.collect(naming).to_pylist()}
    rows = [
        {"decided_left": pair[0], "decided_right": pair[1], "review": reviewed.get(pair), "decided_reason": reason}
        for pair, reason in sorted(decide(pairs, Reviews(must, cannot), company).items())
    ]
    return pa.Table.from_pylist(rows, _DECISIONS)


def _result(scored: ir.Table, decided: ir.Table, model_id: str) -> ir.Table:
    joined = scored.left_join(decided, [scored.left == decided.decided_left, scored.right == decided.decided_right])
    is_reviewed = joined.review.notnull()
    reason = ibis.ifelse(joined.decided_left.notnull(), joined.decided_reason, joined.reason)
    reviewed_probability = ibis.ifelse(joined.review == MUST_LINK, 1.0, 0.0)
    result = joined.mutate(
        rule=ibis.ifelse(is_reviewed, ibis.literal(REVIEWED), joined.rule),
        probability=ibis.ifelse(is_reviewed, reviewed_probability, joined.probability),
        model_id=ibis.literal(model_id),
        decision=ibis.ifelse(reason.isnull(), ibis.literal(ACCEPTED), ibis.literal(REJECTED)),
        reason=reason,
    )
    return result.select(*ibis_schema(IdentityPair))
