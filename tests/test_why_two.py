"""Two records or customers side by side: on pure rows, on a lake of inline rows, and for every customer of the demo's lake."""

import json
import re
from collections import defaultdict
from itertools import combinations
from math import fsum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c360 import cli
from c360.errors import SelectionError
from c360.lake import open_lake
from c360.why import ends, explain, member, stored
from c360.why_not import no_rule_proposed, why_not
from c360.why_two import Comparison, compare, explained
from tests.identity_lake import identity_lake, pair, record
from tests.released import Lakes, current, environment

pytest_plugins = ["tests.released"]

ROWS = {
    "silver.customer_identity": [
        record("001A", "c1"),
        record("cus_1", "c1"),
        record("cus_2", "c1"),
        record("cus_3", "c1"),
        record("001B", "c2"),
        record("cus_8", "c2"),
        record("001C", "c3"),
        record("001D", "c4"),
        record("cus_9", "c5"),
        record("cus_5", "c6", "acct_1"),
        record("cus_5", "c7", "acct_2"),
        record("00112233445566778A", "c8"),
    ],
    "silver.identity_pair": [
        pair("001A", "cus_1", rule="email", email=9.0, name=7.0),
        pair("001A", "cus_2", rule="domain_name", domain=3.0, name=7.0),
        pair("cus_1", "cus_2", "weak_evidence", name=-4.0, domain=3.0),
        pair("001Q", "cus_2", rule="merged", merge=20.0),  # 001Q is in quarantine: no row above has it
        pair("001Q", "001R", rule="merged", merge=20.0),
        pair("001R", "cus_3", rule="merged", merge=20.0),
        pair("001B", "cus_8", rule="metadata_id", id=16.0),
        pair("001B", "cus_1", "assigned_elsewhere", rule="email", email=9.0, name=3.5),
        pair("001A", "cus_8", "conflicting_metadata_id", id=-16.0, name=7.0),
        pair("cus_1", "cus_8", "names_differ", email=5.0, name=-4.0),
        pair("001C", "cus_1", "cannot_link", rule="reviewed", probability=0.0, name=7.0),
        pair("001C", "cus_2", "cannot_link", rule="domain_name", domain=3.0, name=7.0),
    ],
}


def named(pairs) -> list[tuple[str, str]]:
    return [(row["left_source_id"], row["right_source_id"]) for row in pairs]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory):
    with identity_lake(tmp_path_factory.mktemp("lake"), ROWS) as made:
        yield made


bits = st.dictionaries(st.text("abcxyz", min_size=1), st.floats(-60, 60), max_size=9)


@given(bits)
def test_contributions_of_whatever_fields_add_up(parts: dict[str, float]) -> None:
    row = {**{f"{name}_weight": value for name, value in parts.items()}, "weight": sum(parts.values()), "decision": "accepted"}
    told = explained(row)
    assert abs(told.contributions_sum - row["weight"]) < 1e-9
    assert told.contributions_sum == fsum(told.contributions.values())
    assert set(told.contributions) == {name for name, value in parts.items() if value}
    assert list(told.contributions.values()) == sorted(told.contributions.values(), key=lambda value: -abs(value))


def test_a_link_of_its_own(lake) -> None:
    found = compare(lake, "001A", "cus_1")
    assert found.is_one_customer
    assert found.finding == "They are one customer: their own pair is a link by rule email."
    assert found.own.contributions == {"email": 9.0, "name": 7.0}
    assert found.own.contributions_sum == found.own.pair["weight"] == 16.0
    assert found.own.why_not is None
    assert [told.pair for told in found.chain] == [found.own.pair]


def test_a_chain_where_the_own_pair_was_refused(lake) -> None:
    found = compare(lake, "cus_2", "cus_1")
    assert found.finding.startswith("They are one customer, joined by 2 links; their own pair is no link (weak evidence:")
    assert named(told.pair for told in found.chain) == [("001A", "cus_2"), ("001A", "cus_1")]
    assert (found.left.members, found.right.members) == (["stripe|acct_1|cus_2"], ["stripe|acct_1|cus_1"])


def test_a_chain_through_records_in_quarantine(lake) -> None:
    found = compare(lake, "001A", "cus_3")
    assert named(told.pair for told in found.chain) == [("001A", "cus_2"), ("001Q", "cus_2"), ("001Q", "001R"), ("001R", "cus_3")]
    assert found.finding == "They are one customer, joined by 4 links; no rule proposed their own pair."


def test_a_customer_and_its_record_are_joined_by_the_records_link(lake) -> None:
    found = compare(lake, "c1", "cus_1")
    assert len(found.left.members) == 3
    assert found.finding == "They are one customer, joined by 1 link."
    assert named(told.pair for told in found.chain) == [("001A", "cus_1")]


def test_a_rival_that_has_the_record(lake) -> None:
    found = compare(lake, "001B", "cus_1")
    assert not found.is_one_customer
    assert "a rival is stronger" in found.finding
    assert named(found.own.against) == [("001A", "cus_1"), ("001B", "cus_8")]
    assert named(told.pair for told in found.refused) == [("cus_1", "cus_8"), ("001A", "cus_8")]


def test_conflicting_ids_and_whom_they_name(lake) -> None:
    found = compare(lake, "001A", "cus_8")
    assert "ids conflict" in found.own.why_not
    assert named(found.own.against) == [("001B", "cus_8")]


def test_a_decision_of_people_keeps_two_customers_apart(lake) -> None:
    found = compare(lake, "c1", "001C")
    assert found.own is None
    assert found.finding == "They are two customers: 2 pairs between the two customers were refused."
    by_record = {told.pair["right_source_id"]: told for told in found.refused}
    assert "people decided" in by_record["cus_2"].why_not
    assert named(by_record["cus_2"].against) == [("001C", "cus_1")]
    assert by_record["cus_1"].against == []


def test_what_no_rule_proposed_is_said_plainly(lake) -> None:
    found = compare(lake, "001D", "cus_9")
    assert found.own is None
    assert found.refused == []
    assert found.finding == (
        "They are two customers. No rule proposed a pair: the two records share no address, e-mail domain, e-mail, explicit id, "
        "merge, name, e-mail with a typing error or phone number that is rare enough to compare them by. "
        "Nor did any rule propose another pair of the two customers."
    )
    between = compare(lake, "001A", "001B").finding
    assert "the two records share no address, merge or phone number that" in between
    assert between.endswith("3 pairs between the two customers were refused.")
    customers = compare(lake, "c1", "c4").finding
    assert "the two customers' records share no" in customers
    assert no_rule_proposed(["hubspot|a|1"], ["hubspot|a|2"]) == "No rule compares records of that system with each other."


def test_a_reason_without_words_is_told_as_it_is() -> None:
    assert why_not({"reason": "too_few_bits"}) == "too few bits"


def test_a_rule_that_holds_is_not_told_to_be_unsatisfied() -> None:
    unlikely = why_not({"reason": "weak_evidence", "rule": "name_address"})
    assert "rule name_address holds" in unlikely
    assert "satisfies no rule" in why_not({"reason": "weak_evidence", "rule": None})


@pytest.mark.parametrize(
    ("wanted", "other", "wrong"),
    [
        ("001A", "001A", r"name the same record\. "),
        ("c1", "c1", r"name the same records\. "),
        ("c3", "001C", r"name the same record\. "),
        ("001A", "nobody", "has the id 'nobody'"),
        ("001A", "cus_5", "2 records have the id 'cus_5'. Hint: Say which: acct_1/cus_5, acct_2/cus_5."),
    ],
)
def test_what_cannot_be_compared(lake, wanted: str, other: str, wrong: str) -> None:
    with pytest.raises(SelectionError, match=wrong):
        compare(lake, wanted, other)


def test_one_id_of_two_accounts_and_short_ids_of_salesforce(lake) -> None:
    assert compare(lake, "acct_1/cus_5", "acct_2/cus_5").right.customer_id == "c7"
    assert explain(lake, "001122334455667").customer_id == "c8"
    with pytest.raises(SelectionError):
        explain(lake, "cus_5")


def test_the_command_in_tables_as_json_and_as_a_page(lake, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    told = ("--lake", lake.settings.lake)
    assert cli.run(["why", "001B", "cus_1", "--page", "pages/two.html", *told]) == 0
    shown = capsys.readouterr()
    assert "What stood against" in shown.out
    assert "sum      12.50" in shown.out
    assert "Page: pages/two.html" in shown.err
    html = Path("pages/two.html").read_text()
    assert html.count('class="fall"') == 5
    assert "+9.00" in html
    assert "<script" not in html
    assert cli.run(["why", "001B", "cus_1", "--json", *told]) == 0
    own = json.loads(capsys.readouterr().out)["own"]
    assert own["contributions_sum"] == own["pair"]["weight"] == 12.5
    assert cli.run(["why", "001D", "cus_9", "--page", "none.html", *told]) == 0
    assert "No rule proposed a pair, so there is nothing to show." in Path("none.html").read_text()
    assert cli.run(["why", "001A", "--page", "one.html", *told]) == 0
    assert re.findall("<h2>(.*?)</h2>", Path("one.html").read_text()) == ["Links", "Strongest refused"]
    assert cli.run(["why", "001A", "--page", ".", *told]) == 2
    assert cli.run(["why", "001A", "cus_1", "--reveal", *told]) == 2
    assert "Hint: Leave out the second id" in capsys.readouterr().err


def test_every_customer_of_the_demo_is_joined_by_chains_of_links(lakes: Lakes) -> None:
    with open_lake(lakes.settings(lakes.second)) as lake:
        rows = lake.execute(stored(lake, current(lake), "silver.customer_identity"))
        of_customer = defaultdict(list)
        for row in rows:
            of_customer[row["customer_id"]].append(row)
        many = [two for members in of_customer.values() if len(members) > 2 for two in combinations(members, 2)][::3]
        assert many
        for one, two in many[:20]:
            check_chain(compare(lake, one["source_id"], two["source_id"]), member(one), member(two))
        pairs = lake.execute(stored(lake, current(lake), "silver.identity_pair"))
    assert max(abs(explained(row).contributions_sum - row["weight"]) for row in pairs) < 1e-9


def check_chain(found: Comparison, start: str, end: str) -> None:
    assert found.is_one_customer
    assert found.chain
    for told in found.chain:
        assert told.pair["decision"] == "accepted"
        assert start in ends(told.pair)
        start = next(other for other in ends(told.pair) if other != start)
    assert start == end


def test_the_command_on_the_demo_tells_no_person(lakes: Lakes, tmp_path: Path, monkeypatch, capsys) -> None:
    settings = lakes.settings(lakes.second)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    with open_lake(settings) as lake:
        pairs = lake.execute(stored(lake, current(lake), "silver.identity_pair"))
        vault = lake.execute(stored(lake, current(lake), "vault.identity_record"))
    refused = next(row for row in pairs if row["decision"] != "accepted" and row["left_source_system"] == "salesforce")
    assert cli.run(["why", refused["left_source_id"], refused["right_source_id"], "--page", "why.html"]) == 0
    shown = capsys.readouterr().out + Path("why.html").read_text()
    assert refused["left_source_id"] in shown
    secrets = {row[name] for row in vault for name in ("email", "phone", "name") if row[name] and len(row[name]) > 4}
    assert not [secret for secret in secrets if secret in shown]
