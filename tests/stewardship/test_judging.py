"""Rows beside what the lake knows: looked up, new or old, contradictions; and decisions taken back."""

from datetime import UTC, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from c360.identity.assign import Pair, components, decide
from c360.identity.contradictions import contradictions
from c360.stewardship.decision_file import Given, Record
from c360.stewardship.decisions import Decision, pair_of, reviews, standing
from c360.stewardship.judging import judge, overtaken
from c360.stewardship.known import Known

NOW = datetime(2026, 6, 15, 22, tzinfo=UTC)
A, B, X, Y = "salesforce|o|A", "salesforce|o|B", "stripe|s|X", "stripe|s|Y"
ACCOUNTS = {"salesforce": {"o"}, "stripe": {"s"}}


def known(*decisions, accounts=None, personal=()):
    return Known(accounts or ACCOUNTS, {A, B, X, Y}, decisions, set(personal))


def row(line, left, right, decision="must_link", at=None, reason=None, account=None):
    records = (Record(text.split("|")[0], account, text.split("|")[2]) for text in (left, right))
    return Given(line, *records, decision, "ann", reason, at)


def made(left, right, decision, days=0):
    return Decision(pair_of(left, right), decision, "ann", None, NOW - timedelta(days=10 - days))


def problems(judged):
    return [(problem.line, problem.text) for problem in judged.problems]


def test_a_row_is_new_and_its_sides_are_put_in_order():
    found = judge([row(2, X, A)], known(), NOW)
    assert [line.made for line in found.fresh] == [Decision((A, X), "must_link", "ann", None, NOW)]
    assert (found.old, found.problems) == ([], [])


def test_unknown_records_several_accounts_itself_and_the_future_are_told():
    rows = [row(2, "stripe|s|Z", A), row(3, X, X), row(4, A, X, at=NOW + timedelta(seconds=1)), row(5, "stripe|s|not an id @", A)]
    assert problems(judge(rows, known(), NOW)) == [
        (2, "left: the newest release knows no account or customer stripe Z"),
        (3, "a record is decided against itself"),
        (4, "decided_at lies in the future"),
        (5, "left: the newest release knows no account or customer stripe (no id)"),
    ]
    two = {"salesforce": {"o"}, "stripe": {"s", "t"}}
    assert problems(judge([row(2, A, X)], known(accounts=two), NOW)) == [
        (2, "right: there are 2 accounts of stripe: say which one (s, t)")
    ]
    assert judge([row(2, X, Y, account="s")], known(accounts=two), NOW).fresh


def test_a_reason_that_is_a_value_of_the_vault_is_refused():
    found = judge([row(2, A, X, reason="Ann LEE"), row(3, A, X, reason="Ann Lee is right")], known(personal=["ann lee"]), NOW)
    assert problems(found) == [(2, "reason holds personal data (a value of the vault)")]
    assert [line.number for line in found.fresh] == [3]


def test_what_was_said_before_is_old_and_what_was_replaced_stays_replaced():
    lake = [made(A, X, "must_link"), made(A, X, "cannot_link", days=1)]
    dated = row(2, A, X, "must_link", at=lake[0].decided_at)
    undated = row(3, A, X, "must_link")
    found = judge([dated, undated], known(*lake), NOW)
    assert (found.fresh, [line.number for line in found.old]) == ([], [2, 3])
    assert overtaken(found.old, lake) == [3]
    again = judge([row(4, A, X, "must_link", at=NOW)], known(*lake), NOW)
    assert [line.number for line in again.fresh] == [4]


def test_two_decisions_of_one_instant_about_one_pair_are_refused():
    lake = [made(A, X, "must_link")]
    rows = [row(2, A, X, "cannot_link", at=lake[0].decided_at), row(3, B, Y), row(4, Y, B, "cannot_link"), row(5, Y, B)]
    found = judge(rows, known(*lake), NOW)
    assert problems(found) == [
        (2, "the lake has another decision about this pair at the same instant"),
        (4, "line 3 has another decision about this pair at the same instant"),
    ]
    assert ([line.number for line in found.fresh], [line.number for line in found.old]) == ([3], [5])


def test_only_what_was_decided_can_be_withdrawn():
    rows = [row(2, A, X, "withdrawn"), row(3, B, Y, "withdrawn")]
    found = judge(rows, known(made(A, X, "must_link")), NOW)
    assert [line.number for line in found.fresh] == [2]
    assert problems(found) == [(3, "nobody decided this pair: there is nothing to withdraw")]


def test_a_contradiction_is_told_with_its_chain_and_only_rows_that_take_part_are_left_out():
    found = judge([row(2, B, X), row(3, A, B, "cannot_link"), row(4, B, Y)], known(made(A, X, "must_link")), NOW)
    assert problems(found) == [
        (2, "decisions contradict each other: apart A – B (line 3), yet linked A – X (in the lake); B – X (line 2)")
    ]
    assert [line.number for line in found.fresh] == [4]


def test_a_newer_decision_that_ends_a_contradiction_is_no_contradiction():
    lake = [made(A, X, "must_link"), made(A, B, "cannot_link")]
    rows = [row(2, A, B, "withdrawn"), row(3, B, X)]
    assert len(judge(rows, known(*lake), NOW).fresh) == 2


def test_contradictions_of_the_lake_do_not_stop_others():
    lake = [made(A, X, "must_link"), made(B, X, "must_link"), made(A, B, "cannot_link")]
    assert judge([row(2, A, Y)], known(*lake), NOW).problems == []


MEMBERS = [f"salesforce|o|{i}" for i in range(3)] + [f"stripe|s|{i}" for i in range(3)]
PAIRS = st.tuples(st.sampled_from(MEMBERS), st.sampled_from(MEMBERS)).filter(lambda p: p[0] < p[1])
EVIDENCE = st.dictionaries(PAIRS, st.sampled_from([(16.0, "metadata_id"), (12.0, "email"), (7.0, "domain_name")]), max_size=8)
HISTORY = st.lists(st.tuples(PAIRS, st.sampled_from(["must_link", "cannot_link", "withdrawn"])), max_size=5)


def clusters(evidence, decisions):
    decided = decide([Pair(*ends, *what) for ends, what in evidence.items()], reviews(standing(decisions)), {})
    found = components(pair for pair, reason in decided.items() if reason is None)
    return {member: found.get(member, member) for member in MEMBERS}


def history(said):
    return [made(*pair, decision, days) for days, (pair, decision) in enumerate(said)]


@settings(max_examples=50, deadline=None)
@given(EVIDENCE, HISTORY, PAIRS, st.sampled_from(["must_link", "cannot_link"]))
def test_a_decision_that_is_taken_back_gives_the_clusters_back(evidence, said, pair, decision):
    assume(all(pair != other for other, _ in said))
    before = history(said)
    during = [*before, made(*pair, decision, 6)]
    assume(not contradictions(reviews(standing(during))))
    found = clusters(evidence, during)
    assert (found[pair[0]] == found[pair[1]]) == (decision == "must_link")
    assert clusters(evidence, [*during, made(*pair, "withdrawn", 7)]) == clusters(evidence, before)


@settings(max_examples=50, deadline=None)
@given(EVIDENCE, HISTORY, PAIRS)
def test_the_newest_decision_counts_whatever_was_decided_before(evidence, said, pair):
    for first, last in (("must_link", "cannot_link"), ("cannot_link", "must_link")):
        turned = [*history(said), made(*pair, first, 6), made(*pair, last, 7)]
        assert clusters(evidence, turned) == clusters(evidence, [*history(said), made(*pair, last, 7)])


@settings(max_examples=50, deadline=None)
@given(HISTORY, HISTORY)
def test_what_is_taken_over_never_contradicts(stored, said):
    lake = history(stored)
    assume(not contradictions(reviews(standing(lake))))
    everything = Known(ACCOUNTS, set(MEMBERS), lake)
    rows = [row(line, *pair, decision, at=NOW - timedelta(hours=20 - line)) for line, (pair, decision) in enumerate(said)]
    found = judge(rows, everything, NOW)
    assert contradictions(reviews(standing([*lake, *(line.made for line in found.fresh)]))) == []
    told = {problem.line for problem in found.problems}
    assert bool(told) == (len(found.fresh) + len(found.old) < len(rows))
