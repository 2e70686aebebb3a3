"""Files of decisions in and out of a lake: nothing of a wrong file, one commit of a good one, the same again nothing."""

import shutil
from pathlib import Path

import pytest

from c360.errors import DecisionsError
from c360.lake import Lake, open_lake
from c360.settings import Settings
from c360.stewardship.decisions import newest_first
from c360.stewardship.importing import export_text, import_decisions
from c360.stewardship.known import TABLE, stored
from tests.stewardship.conftest import ACME, BOLT, CUS_1, CUS_2, CUS_3, NOW

HEAD = "left_source_system,left_source_id,right_source_system,right_source_id,decision,reason,decided_at"


def line(left, right, decision, reason="", at=""):
    return ",".join([left[0], left[2], right[0], right[2], decision, reason, at])


@pytest.fixture
def file(tmp_path: Path):
    def make(*lines: str) -> Path:
        path = tmp_path / "decisions.csv"
        path.write_text("\n".join([HEAD, *lines]))
        return path

    return make


def version(lake: Lake) -> int | None:
    head = lake.engine.head(TABLE)
    return head and head.version


def content_id(lake: Lake) -> str:
    head = lake.engine.head(TABLE)
    return head.content_id if head else ""


def test_good_rows_are_one_commit_and_the_same_file_again_adds_nothing(lake, file):
    path = file(line(BOLT, CUS_3, "must_link", "one contract"), line(ACME, CUS_1, "cannot_link"))
    found = import_decisions(lake, path, author="ann")
    assert (found.added_count, found.known_count, found.left_count) == (2, 0, 0)
    assert version(lake) == 0
    assert {(d.decision, d.author, d.decided_at) for d in stored(lake)} == {
        ("must_link", "ann", NOW),
        ("cannot_link", "ann", NOW),
    }
    again = import_decisions(lake, path, author="ann")
    assert (again.added_count, again.known_count) == (0, 2)
    assert version(lake) == 0


def test_every_addition_is_another_version_with_another_content(lake, file):
    path = file(line(ACME, CUS_1, "cannot_link", at="2026-06-01"))
    import_decisions(lake, path, author="ann")
    first = content_id(lake)
    import_decisions(lake, file(line(ACME, CUS_1, "withdrawn")), author="bob")
    assert version(lake) == 1
    assert content_id(lake) not in ("", first)
    assert [(d.decision, d.author) for d in newest_first(stored(lake))] == [("withdrawn", "bob"), ("cannot_link", "ann")]


def test_a_wrong_row_stops_the_file_and_is_left_out_when_asked_for(lake, file):
    gone = (*CUS_1[:2], "cus_gone")
    path = file(line(ACME, gone, "must_link"), line(BOLT, CUS_3, "maybe"), line(BOLT, CUS_2, "must_link"))
    with pytest.raises(DecisionsError, match=r"2 of 3 decisions in .* cannot be taken over; nothing was written") as raised:
        import_decisions(lake, path, author="ann")
    assert raised.value.problems == (
        "line 2: right: the newest release knows no account or customer stripe cus_gone",
        "line 3: decision is none of cannot_link, must_link, withdrawn",
    )
    assert version(lake) is None
    found = import_decisions(lake, path, author="ann", skip_bad=True)
    assert (found.added_count, found.left_count) == (1, 2)
    assert [problem.line for problem in found.problems] == [2, 3]


def test_a_chain_that_a_decision_of_the_lake_forbids_is_refused_with_its_pairs(lake, file):
    import_decisions(lake, file(line(CUS_1, CUS_3, "cannot_link")), author="ann")
    with pytest.raises(DecisionsError) as raised:
        import_decisions(lake, file(line(ACME, CUS_1, "must_link"), line(ACME, CUS_3, "must_link")), author="ann")
    assert raised.value.problems == (
        "line 2: decisions contradict each other: apart cus_1 – cus_3 (in the lake), yet linked "
        "001D000000aaaaaIAA – cus_1 (line 2); 001D000000aaaaaIAA – cus_3 (line 3)",
    )


def test_a_reason_that_equals_a_name_of_the_vault_is_refused(lake, file):
    with pytest.raises(DecisionsError) as raised:
        import_decisions(lake, file(line(ACME, CUS_1, "must_link", "ann lee")), author="ann")
    assert raised.value.problems == ("line 2: reason holds personal data (a value of the vault)",)


def test_what_is_exported_is_imported_again(lake, file, settings: Settings, tmp_path):
    assert export_text(lake).count("\n") == 1
    rows = (
        line(ACME, CUS_1, "must_link", "said so", "2026-06-01"),
        line(ACME, CUS_1, "withdrawn", "no; not so", "2026-06-02T12:00:00.000001+02:00"),
        line(CUS_2, CUS_1, "cannot_link", at="2026-06-03"),
    )
    import_decisions(lake, file(*rows), author="ann")
    path = tmp_path / "exported.csv"
    path.write_text(export_text(lake), encoding="utf-8")
    instants = [text.split(",")[-1] for text in path.read_text().splitlines()[1:]]
    assert instants == sorted(instants, reverse=True)
    assert import_decisions(lake, path).known_count == 3
    before = newest_first(stored(lake))
    shutil.rmtree(Path(settings.lake) / "silver" / "identity_review")
    with open_lake(settings) as emptied:
        assert import_decisions(emptied, path).added_count == 3
        assert newest_first(stored(emptied)) == before
