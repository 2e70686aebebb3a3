import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from c360.errors import LakeError, LeaseError, QualityError
from c360.report.facts import Month, gather
from c360.report.report import PATH, render, reporting, write_report
from tests import small_lake
from tests.report.made_up import check, facts


def text_of(html: str) -> str:
    """What a reader sees, in one line."""
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_the_page_says_what_the_run_did() -> None:
    text = text_of(render(facts()))
    assert "Customer 360 as of 15 June 2026 released" in text
    assert "98.7 % matched, 1,802 of 1,825 accounts" in text
    assert "metadata id 1,210 · email 402 · domain name 190" in text
    assert "fct_invoice built 18,420 61 44 2 0 0.7" in text
    assert "All 49,301 213 394 2 7 2.1" in text
    assert "BE-003 At most 5 % of Stripe customers have neither e-mail nor a metadata id P1 failed 12 1,845 0.0065 0" in text
    assert "customer_identity a Salesforce business account without a name 7" in text
    assert "stripe_invoices yes 1,234 12 3 1,219 0 0 1,240" in text


def test_the_page_needs_nothing_from_a_network_and_runs_no_script() -> None:
    html = render(facts())
    assert "<script" not in html
    assert not re.search(r"(?:src|href)=", html)
    assert "@import" not in html
    assert "url(" not in html


def test_the_chart_is_sound_svg_with_a_title_and_every_month_in_words() -> None:
    svg = ElementTree.fromstring(re.search(r"<svg.*?</svg>", render(facts()), re.S)[0])
    assert svg.get("role") == "img"
    assert svg.find("title").text == "Revenue and MRR by month, USD"
    assert "June 2025: revenue not known, MRR not known. July 2025: revenue 81,500 USD, MRR 74,000 USD." in svg.find("desc").text
    bars = [bar for bar in svg.iter("rect") if bar.get("class") == "bar"]
    assert len(bars) == 13
    assert float(bars[0].get("height")) == 0


def test_a_blocked_run_names_the_release_readers_still_see() -> None:
    failed = check("SE-001", "failed", title="Match rate at least 98 %")
    text = text_of(render(facts(checks=[failed], is_blocked=True)))
    assert "The newest run was not released blocked by a check Readers still see the release of 2026-06-15." in text
    nothing = text_of(render(facts(checks=[failed], is_blocked=True, entry=None, tables={})))
    assert "Nothing is released: a blocking check failed" in nothing


def test_a_check_of_many_tables_is_one_row_unless_it_failed() -> None:
    passed = [check("SE-002", "passed", table_name=f"silver.t{number}", rows_checked=10) for number in range(3)]
    html = text_of(render(facts(checks=[check("SE-002", "failed", table_name="silver.bad"), *passed])))
    assert "SE-002 No duplicate keys in any silver table P0 failed 12 1,845" in html
    assert "SE-002 No duplicate keys in any silver table 3 tables P0 passed 0 30" in html


def test_a_run_that_was_built_but_not_released_is_told() -> None:
    assert "The run of 2026-06-16 was built, but is not released" in text_of(render(facts(unreleased_date=date(2026, 6, 16))))


def test_a_rollback_is_marked() -> None:
    assert "rolled back" in text_of(render(facts(entry=replace(facts().entry, kind="rollback"))))


def test_values_are_escaped() -> None:
    assert "<b>x</b>" not in render(facts(quarantine=[("t", "<b>x</b>", 1)]))


def test_an_empty_lake_says_so(tmp_path: Path) -> None:
    with small_lake.empty_lake(tmp_path / "lake") as lake:
        path = Path(write_report(lake))
    text = text_of(path.read_text())
    assert "Nothing is released yet" in text
    assert "The lake is empty" in text


def test_a_lake_is_gathered(tmp_path: Path) -> None:
    with small_lake.small_lake(tmp_path / "lake") as lake:
        found = gather(lake)
        assert Path(write_report(lake)) == tmp_path / "lake" / PATH
    assert [(row.name, row.outcome, row.rows, row.inserted) for row in found.tables["gold"]] == [
        ("gold.fct_total", "built", 2, 3)
    ]
    assert list(found.tables) == ["vault", "silver", "gold"]
    assert found.entry is not None
    assert found.entry.release_id == "20260615-1"
    assert "Customer 360 as of 15 June 2026" in text_of((tmp_path / "lake" / PATH).read_text())


def test_a_stopped_run_still_gets_its_report_and_keeps_its_error(tmp_path: Path) -> None:
    with small_lake.small_lake(tmp_path / "lake") as lake:
        with pytest.raises(QualityError), reporting(lake):
            raise QualityError("Blocking checks failed.")
        assert (tmp_path / "lake" / PATH).exists()


def test_a_lake_somebody_else_holds_is_left_alone(tmp_path: Path) -> None:
    with small_lake.small_lake(tmp_path / "lake") as lake:
        with pytest.raises(LeaseError), reporting(lake):
            raise LeaseError("The lake is being built.")
        assert not (tmp_path / "lake" / PATH).exists()


def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    with small_lake.small_lake(tmp_path / "lake") as lake:
        (tmp_path / "lake" / "reports").write_text("a file where the folder should be")
        with pytest.raises(LakeError, match="cannot be written"):
            write_report(lake)


def test_one_month_without_revenue_is_no_division_by_zero() -> None:
    assert "<svg" in render(facts(months=[Month(small_lake.DAY.replace(day=1), 0.0, None)]))
    assert "<svg" not in render(facts(months=[]))
