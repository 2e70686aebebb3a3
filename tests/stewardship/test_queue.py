"""Which pairs are asked about, in which order, and that a filled queue is a file of decisions."""

from c360.silver.identity.identity_review import CANNOT_LINK
from c360.stewardship.decision_file import table_text
from c360.stewardship.decisions import Decision, pair_of, rows
from c360.stewardship.importing import import_decisions
from c360.stewardship.known import NAME
from c360.stewardship.queue import columns, queue
from tests.stewardship.conftest import ACME, BOLT, CUS_1, CUS_2, CUS_3, NOW


def asked(found):
    return [(pair["left_source_id"], pair["right_source_id"]) for pair in found]


def test_the_least_sure_are_taken_and_those_with_most_money_come_first(lake):
    found = queue(lake, 10)
    assert asked(found) == [(ACME[2], CUS_1[2]), (ACME[2], CUS_3[2]), (BOLT[2], CUS_2[2]), (BOLT[2], CUS_3[2])]
    assert [pair["value_amount"] for pair in found] == [600.0, 600.0, 120.0, 120.0]
    assert {pair["value_currency"] for pair in found} == {"eur"}
    assert [pair["current_decision"] for pair in found] == ["accepted", "rejected", "rejected", "rejected"]
    assert all(pair["decision"] is None for pair in found)


def test_a_rival_and_what_no_rule_could_say_come_before_what_is_sure(lake):
    assert asked(queue(lake, 2)) == [(BOLT[2], CUS_2[2]), (BOLT[2], CUS_3[2])]
    assert asked(queue(lake, 3))[0] == (ACME[2], CUS_1[2])


def test_what_people_decided_is_not_asked_again_until_it_is_withdrawn(lake):
    pair = pair_of("|".join(BOLT), "|".join(CUS_2))
    lake.write_peoples_table(NAME, rows([Decision(pair, CANNOT_LINK, "ann", None, NOW.replace(hour=1))]), "one")
    assert (BOLT[2], CUS_2[2]) not in asked(queue(lake, 10))
    lake.write_peoples_table(NAME, rows([Decision(pair, "withdrawn", "ann", None, NOW)]), "two")
    assert (BOLT[2], CUS_2[2]) in asked(queue(lake, 10))


def test_persons_are_shown_only_when_asked_for(lake):
    assert not {name for name in columns() if name.endswith(("_name", "_email", "_phone", "_address"))}
    assert "Ann Lee" not in table_text(columns(), queue(lake, 10))
    shown = queue(lake, 1, reveal=True)[0]
    assert (shown["left_name"], shown["left_email"]) == ("Ann Lee", f"{BOLT[2]}@x.example")
    assert tuple(shown) == columns(reveal=True)


def test_a_filled_queue_is_imported_as_it_is(lake, tmp_path):
    for reveal in (False, True):
        found = queue(lake, 10, reveal=reveal)
        found[0 if reveal else 1]["decision"] = "must_link"
        path = tmp_path / "queue.csv"
        path.write_text(table_text(columns(reveal=reveal), found), encoding="utf-8")
        imported = import_decisions(lake, path, author="ann")
        assert (imported.added_count, imported.undecided_count) == (1, len(found) - 1)
