"""The identity report: every figure recounted in Python, drift between releases, the page and the command."""

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import ibis
import pytest

from c360 import cli
from c360.contract import ibis_schema
from c360.lake import open_lake
from c360.release import current as newest
from c360.release import entries
from c360.report import measures
from c360.report.facts import gather
from c360.report.identity_facts import gather_identity, previous
from c360.report.lake_identity import histogram, identity_page, mark
from c360.report.pairs import WIDTH, waterfall
from c360.report.report import render
from c360.silver.identity.customer_identity import CustomerIdentity
from c360.silver.identity.identity_pair import IdentityPair
from c360.silver.identity.identity_record import IdentityRecord
from c360.why import stored
from tests.identity_lake import DAY, identity_lake, known, pair, publish, rate, record
from tests.released import Lakes, current, environment

pytest_plugins = ["tests.released"]

DAYS = (date(2026, 6, 14), DAY)
RULES = {None: None, "email": 0.99, "domain_name": 0.96, "reviewed": 1.0}
SECRET = "pay@example.com"


def random_pairs(random: Random, count: int) -> list[dict]:
    made = []
    for number in range(count):
        rule = random.choice(list(RULES))
        is_link = rule is not None and random.random() < 0.8
        bits = {
            "email": random.choice([0.0, 5.0, 9.0]),
            "name": random.choice([-4.0, 0.0, 3.5, 7.0]),
            "id": random.choice([-70.0, 0.0]),
        }
        made.append(pair(f"001{number:03}", f"cus_{number:03}", None if is_link else "weak_evidence", rule, **bits))
        made[-1]["probability"] = RULES[rule]
    return made


TODAY = {
    "silver.identity_pair": random_pairs(Random(1), 80),
    "silver.customer_identity": [
        *(record(f"001{n:03}", f"c{n % 50}", is_reviewed=n % 7 == 0) for n in range(80)),
        *(record(f"cus_{n:03}", f"c{n % 31}") for n in range(80)),
    ],
    "silver.reconciliation_log": [rate(50, 60, DAYS[0]), rate(57, 60, DAY, estimated_precision=0.97, threshold=0.98)],
    "vault.identity_record": [
        known("001A"),  # nothing at all
        known("001B", is_deleted=True),
        known("001C", email_key=SECRET),
        known("001D"),  # its contact has a phone number
        known("003D", "001D", phone_key="123456789", name_core="ann lee"),
        known("001E"),  # its contact has but a name
        known("003E", "001E", name_core="ann lee"),
        known("001F"),  # a customer names it
        known("001G"),  # another was merged into it
        known("001H", master_id="001G"),
        known("003Z", "003Z", name_core="of nobody"),
        known("cus_1", metadata_account_id="001F"),
        known("cus_2", name_core="acme"),
        known("cus_3"),
    ],
}
YESTERDAY = {
    "silver.identity_pair": [*random_pairs(Random(2), 30), pair("001X", "cus_X", rule="merged", merge=20.0)],
    "silver.customer_identity": [record("001A", "c1")],
    "silver.reconciliation_log": [rate(50, 60, DAYS[0])],
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory):
    with identity_lake(tmp_path_factory.mktemp("lake"), YESTERDAY, TODAY, days=DAYS) as made:
        yield made


@pytest.fixture(scope="module")
def facts(lake):
    return gather_identity(lake)


def check_against_pairs(facts, pairs: list[dict]) -> None:
    links = [row for row in pairs if row["decision"] == "accepted"]
    bins = Counter(int(min(max(row["weight"], -60.0), 60.0) // 2) for row in pairs)
    assert {row["bin"]: row["link_count"] + row["refused_count"] for row in facts.scores.weights} == bins
    assert sum(row["link_count"] for row in facts.scores.weights) == len(links) == facts.scores.link_count
    assert facts.scores.pair_count == len(pairs)
    assert {row["rule"]: row["pair_count"] for row in facts.scores.rules} == Counter(row["rule"] for row in pairs)
    of_links = Counter(row["rule"] for row in links)
    assert {row["rule"]: row["link_share"] for row in facts.scores.rules if row["link_count"]} == {
        rule: count / len(links) for rule, count in of_links.items()
    }
    assert facts.scores.precision == pytest.approx(sum(row["probability"] for row in links) / len(links))
    every = sum(row["probability"] or 0 for row in pairs)
    assert facts.scores.recall == pytest.approx(sum(row["probability"] for row in links) / every)
    scored = [row for row in pairs if row["rule"] != "reviewed"]
    assert facts.wrong_count == least_wrong(scored)
    assert facts.wrong_count == wrong(scored, facts.threshold)
    distances = sorted(abs(row["weight"] - facts.threshold) for row in scored)[:12]
    assert [abs(row["weight"] - facts.threshold) for row in facts.nearest] == distances


def wrong(pairs: list[dict], threshold: float) -> int:
    return sum((row["decision"] == "accepted") != (row["weight"] >= threshold) for row in pairs)


def least_wrong(pairs: list[dict]) -> int:
    return min(wrong(pairs, row["weight"]) for row in pairs)


def check_against_identity(facts, rows: list[dict]) -> None:
    by_customer = Counter(row["customer_id"] for row in rows)
    assert (facts.customer_count, facts.record_count) == (len(by_customer), len(rows))
    assert {row["record_count"]: row["customer_count"] for row in facts.sizes} == Counter(by_customer.values())
    biggest = sorted(by_customer.items(), key=lambda item: (-item[1], item[0]))[:12]
    assert [(row["customer_id"], row["record_count"]) for row in facts.biggest] == biggest
    assert all(row["salesforce_count"] + row["stripe_count"] == row["record_count"] for row in facts.biggest)


def test_every_figure_is_what_a_recount_gives(facts) -> None:
    check_against_pairs(facts, TODAY["silver.identity_pair"])
    check_against_identity(facts, TODAY["silver.customer_identity"])
    reviewed = Counter(row["customer_id"] for row in TODAY["silver.customer_identity"] if row["is_reviewed"])
    assert all(row["reviewed_count"] == reviewed[row["customer_id"]] for row in facts.biggest)


def test_the_match_rate_has_its_interval(facts) -> None:
    assert (facts.rate.numerator, facts.rate.denominator, facts.rate.match_rate) == (57, 60, 0.95)
    assert (facts.rate.low, facts.rate.high) == pytest.approx((0.8630, 0.9829), abs=5e-5)
    assert facts.rate.estimated_precision == 0.97


def test_what_nothing_could_link(facts) -> None:
    found = {row["source_system"]: list(row.values())[2:] for row in facts.unlinkable}
    assert found == {"salesforce": [8, 3, 7, 2], "stripe": [3, 1, 3, 1]}  # 001A, 001B (deleted), 001E; cus_3


def test_drift_is_counted_against_the_release_before(facts) -> None:
    drift = facts.drift
    assert (drift.release_id, drift.load_date) == ("20260614-1", DAYS[0])
    assert drift.match_rate_change == pytest.approx(57 / 60 - 50 / 60)
    then, now = (
        Counter(row["rule"] for row in day["silver.identity_pair"] if row["reason"] is None) for day in (YESTERDAY, TODAY)
    )
    assert drift.links_by_rule == {rule: (then[rule], now[rule]) for rule in sorted({*then, *now})}
    assert "merged" in drift.links_by_rule
    assert drift.measure == "total variation distance"
    shares = []
    for day in (YESTERDAY, TODAY):
        pairs = day["silver.identity_pair"]
        bins = Counter(int(max(row["weight"], -60.0) // 2) for row in pairs)
        shares.append({at: count / len(pairs) for at, count in bins.items()})
    bins = {*shares[0], *shares[1]}
    assert drift.pairs_distance == pytest.approx(sum(abs(shares[0].get(b, 0) - shares[1].get(b, 0)) for b in bins) / 2)
    assert 0 < drift.links_distance < 1


def test_the_page_shows_the_figures_and_no_person(facts, lake) -> None:
    html = identity_page(facts)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    for row in facts.scores.rules:
        assert f"{row['rule'] or 'none'} {row['pair_count']} {row['link_count']} {100 * row['link_share']:.1f} %" in text
    assert "95.0 % matched, 57 of 60 accounts; 95 % interval 86.3 % to 98.3 %" in text
    assert "Match rate 83.3 % 95.0 % +11.67 points" in text
    assert "salesforce org_1 8 3 7 2" in text
    assert html.count('class="fall"') == 12
    assert SECRET not in html
    assert "ann lee" not in html
    assert not re.search(r"<script|(?:src|href)=|@import|url\(", html)
    bars = histogram(facts)
    assert sum(bar.count for bar in bars) == 80
    assert mark(facts, bars) == 0.0  # it lies below the chart's lowest bar


def test_the_threshold_is_where_it_stands_on_the_chart(tmp_path: Path) -> None:
    parted = [pair("001A", "cus_1", rule="email", email=9.0), pair("001B", "cus_2", "names_differ", email=5.0)]
    with identity_lake(tmp_path, {**YESTERDAY, "silver.identity_pair": parted}) as lake:
        found = gather_identity(lake)
    assert (found.threshold, found.wrong_count) == (7.0, 0)
    bars = histogram(found)
    assert [bar.label for bar in bars] == ["4 to 6 bits", "6 to 8 bits", "8 to 10 bits"]
    assert mark(found, bars) == pytest.approx(WIDTH / 2)
    assert found.unlinkable == ()
    assert found.drift_note == "There is no earlier release to compare with."
    assert "Records nothing could link" not in identity_page(found)


def test_a_lake_without_a_pair_is_shown_as_that(tmp_path: Path) -> None:
    tables = {
        "silver.identity_pair": [],
        "silver.customer_identity": [record("001A", "c1")],
        "silver.reconciliation_log": [rate(0, 0)],
    }
    with identity_lake(tmp_path, tables) as lake:
        found = gather_identity(lake)
    assert (found.threshold, found.nearest, found.scores.precision, found.scores.recall) == (None, [], None, None)
    assert (found.rate.match_rate, found.rate.low) == (None, None)
    assert "1 customers in 1 records" in identity_page(found)


def test_which_release_was_before(tmp_path: Path) -> None:
    with identity_lake(tmp_path, YESTERDAY, TODAY, days=DAYS) as lake:
        first, second = entries(lake.engine)
        publish(lake, second.tables)  # the same again
        again = newest(entries(lake.engine))
        assert previous(entries(lake.engine), again).release_id == first.release_id
        publish(lake, first.tables, DAYS[0])  # back to the first day
        log = entries(lake.engine)
        assert previous(log, newest(log)) is None
        assert gather_identity(lake).drift is None


def test_a_release_before_whose_files_are_gone_is_told(tmp_path: Path) -> None:
    with identity_lake(tmp_path, YESTERDAY, TODAY, days=DAYS) as lake:
        folder = tmp_path / "silver" / "identity_pair"
        min(folder.glob("*.parquet"), key=lambda file: file.stat().st_mtime_ns).unlink()
        found = gather_identity(lake)
    assert found.drift_note == "Release 20260614-1 cannot be read any more."
    assert found.drift_note in identity_page(found)


def test_the_command_in_tables_as_json_and_as_a_page(lake, facts, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    told = ("--lake", lake.settings.lake)
    assert cli.run(["identity", "report", "--out", "made/report.html", *told]) == 0
    shown = capsys.readouterr()
    assert "95.0 % (57 of 60; 95 % interval 86.3 % to 98.3 %)" in shown.out
    assert "Since release 20260614-1" in shown.out
    assert "Page: made/report.html" in shown.err
    assert 'class="fall"' in Path("made/report.html").read_text()
    assert cli.run(["identity", "report", "--json", *told]) == 0
    read = json.loads(capsys.readouterr().out)
    assert read["scores"]["link_count"] == facts.scores.link_count
    assert read["drift"]["pairs_distance"] == facts.drift.pairs_distance
    assert cli.run(["identity", "report", "--lake", "nothing"]) == 7
    assert "Hint: `c360 run` makes the first release" in capsys.readouterr().err


def test_a_release_without_customers_is_an_error_with_a_hint(tmp_path: Path, capsys) -> None:
    with identity_lake(tmp_path / "lake", {"silver.reconciliation_log": [rate(1, 2)]}):
        pass
    assert cli.run(["identity", "report", "--lake", str(tmp_path / "lake")]) == 7
    assert "has no table silver.identity_pair" in capsys.readouterr().err


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark", "bigquery"])
def test_every_engine_can_count(dialect: str) -> None:
    pairs, identity, records = (ibis.table(ibis_schema(c), name="t") for c in (IdentityPair, CustomerIdentity, IdentityRecord))
    queries = [measure(pairs) for measure in (measures.weights, measures.rules, measures.models, measures.boundary)]
    queries += [
        measures.nearest(pairs, 1.5, 3),
        measures.unlinkable(records),
        measures.biggest(identity, 3),
        measures.sizes(identity),
    ]
    assert all(ibis.to_sql(query, dialect=dialect) for query in queries)


def test_a_waterfall_ends_at_the_weight() -> None:
    steps = waterfall([("name", -4.0), ("prior", -10.0), ("email", 9.0), ("phone", 0.001)])
    assert [step.name for step in steps] == ["prior", "email", "name"]
    assert [(step.start, step.width) for step in steps] == [(0.0, 100.0), (0.0, 90.0), (50.0, 40.0)]
    assert waterfall([]) == []


def test_the_demo_recounted_and_linked_from_the_main_report(lakes: Lakes, monkeypatch, capsys) -> None:
    settings = lakes.settings(lakes.second)
    with open_lake(settings) as lake:
        tables = {
            name: lake.execute(stored(lake, current(lake), f"silver.{name}")) for name in ("identity_pair", "customer_identity")
        }
        found = gather_identity(lake)
        assert "c360 identity report" in render(gather(lake))
    check_against_pairs(found, tables["identity_pair"])
    check_against_identity(found, tables["customer_identity"])
    assert found.drift is not None
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert cli.run(["identity", "report", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["customer_count"] == found.customer_count
