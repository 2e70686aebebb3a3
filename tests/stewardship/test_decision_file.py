"""CSV files of decisions: what is read, what is told of wrong rows, and that what is written is read again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c360.errors import SelectionError
from c360.silver.identity.identity_review import DECISIONS
from c360.stewardship.decision_file import COLUMNS, Record, read, table_text, text_of
from c360.stewardship.decisions import Decision, pair_of

HEAD = "left_source_system,left_source_id,right_source_system,right_source_id,decision,author,reason,decided_at"
GOOD = "salesforce,001D000000aaaaa,stripe,cus_1,must_link,ann,one invoice,2026-06-01T10:00:00+02:00"


@pytest.fixture
def file(tmp_path: Path):
    def make(*lines: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
        path = tmp_path / "decisions.csv"
        path.write_text("\n".join([head, *lines]) + "\n", encoding=encoding)
        return path

    return make


def test_a_row_is_read_with_its_line_normalised_id_and_instant(file):
    found = read(file(GOOD, "", GOOD.replace("cus_1", "cus_2")))
    assert [row.line for row in found.given] == [2, 4]
    assert found.given[0].left == Record("salesforce", None, "001D000000aaaaaIAA")
    assert found.given[0].decided_at == datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert (found.problems, found.undecided_count) == ([], 0)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_spreadsheets_of_other_countries_are_read_too(file, delimiter):
    found = read(file(GOOD.replace(",", delimiter), head=HEAD.replace(",", delimiter), encoding="utf-8-sig"))
    assert len(found.given) == 1


def test_rows_without_decision_are_counted_and_the_author_may_be_given_for_all(file):
    found = read(file("stripe,cus_1,stripe,cus_2,,,,", "stripe,cus_1,stripe,cus_2,cannot_link,,,"), author="bob")
    assert (found.undecided_count, [row.author for row in found.given]) == (1, ["bob"])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (GOOD.replace("must_link", "maybe"), "decision is none of cannot_link, must_link, withdrawn"),
        (GOOD.replace("must_link", ""), "decision is none of cannot_link, must_link, withdrawn"),
        (GOOD.replace("salesforce", "hubspot"), "left_source_system is none of salesforce, stripe"),
        (GOOD.replace("cus_1", ""), "right_source_id is empty"),
        (GOOD.replace(",ann,", ",,"), "it names no author (column author, or --author)"),
        (GOOD.replace("2026-06-01", "yesterday"), "decided_at is no instant such as 2026-06-15T09:30:00Z"),
        (GOOD.replace("2026-06-01T10:00:00+02:00", "0001-01-01T00:00:00+02:00"), "decided_at is no instant such as"),
        (GOOD.replace("one invoice", "asked jo@x.example"), "reason holds personal data (email)"),
        (GOOD.replace(",ann,", ",+49 30 901820,"), "author holds personal data (phone)"),
        (GOOD + ",more", "it has more cells than there are columns"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_by_line_without_its_texts(file, line, told):
    found = read(file(GOOD, line))
    assert [problem.line for problem in found.problems] == [3]
    assert found.problems[0].text.startswith(told)
    assert "jo@x" not in found.problems[0].text


def test_all_faults_of_a_row_are_told(file):
    found = read(file("hubspot,,stripe,cus_1,maybe,,,nonsense"))
    assert len(found.problems) == 5


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (HEAD.replace("decision", "verdict"), "has no column decision"),
        (HEAD + ",author", "has a column twice: author"),
        (HEAD.replace("decided_at", "when"), "has 1 columns that mean nothing here"),
        ("", "has no column decision, left_source_id"),
        ('"never closed', "is no CSV file: line 1"),
    ],
)
def test_other_columns_are_refused(file, head, told):
    with pytest.raises(SelectionError, match=told):
        read(file(head=head))


def test_files_that_are_no_csv_are_refused(file, tmp_path):
    with pytest.raises(SelectionError, match="cannot be read"):
        read(tmp_path / "none.csv")
    with pytest.raises(SelectionError, match="no UTF-8 text"):
        read(file(GOOD.replace("invoice", "Rechnung über"), encoding="latin-1"))
    with pytest.raises(SelectionError, match="line 3 cannot be read"):
        read(file(GOOD, GOOD.replace("one invoice", '"one invoice')))


IDS = st.sampled_from(
    ["salesforce|00D|001D000000aaaaaIAA", "salesforce|00D|001D000000bbbbbIAA", "stripe|a|cus_1", "stripe|a|cus_2"]
)
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="@+0123456789")
WORDS = st.text(CHARACTERS, max_size=20).map(str.strip)
PAIRS = st.tuples(IDS, IDS).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: pair_of(*pair))
INSTANTS = st.integers(0, 10**12).map(lambda micros: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros))
AUTHORS, REASONS = WORDS.map(lambda text: text or "ann"), WORDS.map(lambda text: text or None)
MADE = st.builds(Decision, PAIRS, st.sampled_from(DECISIONS), AUTHORS, REASONS, INSTANTS)


@settings(max_examples=40, deadline=None)
@given(st.lists(MADE, max_size=4))
def test_what_is_written_is_read_again(tmp_path_factory, decisions):
    path = tmp_path_factory.getbasetemp() / "again.csv"
    path.write_text(text_of(decisions), encoding="utf-8")
    found = read(path)
    assert found.problems == []

    def told(row):
        records = ("|".join((r.system, r.account, r.source_id)) for r in (row.left, row.right))
        return Decision(pair_of(*records), row.decision, row.author, row.reason, row.decided_at)

    assert sorted(map(repr, map(told, found.given))) == sorted(map(repr, decisions))
    assert [row.decided_at for row in found.given] == sorted((d.decided_at for d in decisions), reverse=True)
    assert path.read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS)


def test_a_name_is_no_formula_to_a_spreadsheet_and_what_is_read_again_stays_as_it_is():
    written = table_text(("left_name", "reason", "weight"), [{"left_name": "=1+1", "reason": "=1+1", "weight": -2.5}])
    assert written.splitlines()[1] == "'=1+1,=1+1,-2.5"
