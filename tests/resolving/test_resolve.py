"""Who is who in small files: what is found, and what must change nothing. See `people` for the persons."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from c360 import cli
from c360.engines.duckdb_session import DuckDBSession
from c360.resolving.given import Request, read
from c360.resolving.resolve import Resolved, clusters_table, pairs_table, resolve, train
from tests.resolving.people import COLUMNS, again, persons, write

PERSONS = persons(40)
TWICE = PERSONS[:12]
ROWS = [*PERSONS, *again(TWICE, "x")]


def found(*files: Path, **options) -> Resolved:
    return resolve(Request(files, options.pop("entity", "person"), options.pop("id_column", "id"), **options))


def linked(resolved: Resolved) -> set[tuple[str, ...]]:
    """Customers of more than one record, as their ids."""
    by_group: dict[str, list[str]] = {}
    for record, customer in zip(resolved.given.ids, resolved.customer_ids, strict=True):
        by_group.setdefault(customer, []).append(record)
    return {tuple(sorted(ids)) for ids in by_group.values() if len(ids) > 1}


def weights(resolved: Resolved) -> dict[frozenset[str], float]:
    rows = pairs_table(resolved).to_pylist()
    return {frozenset((f"{r['left_source']}|{r['left_id']}", f"{r['right_source']}|{r['right_id']}")): r["score"] for r in rows}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("people")


@pytest.fixture(scope="module")
def session() -> Iterator[DuckDBSession]:
    session = DuckDBSession()
    yield session
    session.close()


@pytest.fixture(scope="module")
def crm(folder: Path) -> Path:
    return write(folder / "crm.csv", ROWS)


@pytest.fixture(scope="module")
def alone(crm: Path) -> Resolved:
    """Duplicates in one file."""
    return found(crm)


@pytest.fixture(scope="module")
def two(folder: Path) -> tuple[Path, Path]:
    return write(folder / "left.csv", PERSONS), write(folder / "right.csv", [*again(TWICE, "x"), *persons(10, 9, "y")])


def test_duplicates_in_one_file(alone):
    expected = {tuple(sorted((row["id"], "x" + row["id"]))) for row in TWICE}
    assert len(linked(alone) & expected) >= 11
    assert len(linked(alone) - expected) <= 1


def test_each_record_has_a_customer_named_after_its_first_record(alone):
    table = clusters_table(alone)
    assert table.column_names == ["source", "id", "customer_id"]
    assert sorted(table["id"].to_pylist()) == sorted(row["id"] for row in ROWS)
    assert set(table["source"].to_pylist()) == {"crm"}
    assert (alone.group <= np.arange(len(ROWS))).all()


def test_contributions_and_prior_are_the_weight_and_give_the_probability(alone):
    table = pairs_table(alone)
    parts = [name for name in table.column_names if name.endswith("_weight")]
    assert {"prior_weight", "related_weight", "email_weight", "place_weight"} <= set(parts)
    weight = table["score"].to_numpy()
    assert np.sum([table[name].to_numpy() for name in parts], axis=0) == pytest.approx(weight, abs=1e-9)
    assert 1 / (1 + np.exp2(-weight)) == pytest.approx(table["match_probability"].to_numpy(), abs=1e-12)


def test_links_are_pairs_of_one_customer(alone):
    customer = dict(zip(alone.given.ids, alone.customer_ids, strict=True))
    for row in pairs_table(alone).to_pylist():
        assert not row["is_link"] or customer[row["left_id"]] == customer[row["right_id"]]
        assert not row["is_link"] or row["match_probability"] >= 0.5


@pytest.mark.parametrize("seed", [1, 2])
def test_neither_the_order_of_rows_nor_of_columns_changes_anything(alone, tmp_path, seed):
    chance = Random(seed)
    shuffled = write(tmp_path / "crm.csv", chance.sample(ROWS, len(ROWS)), chance.sample(COLUMNS, len(COLUMNS)))
    other = found(shuffled)
    assert clusters_table(other).to_pylist() == clusters_table(alone).to_pylist()
    assert other.scored.probability == pytest.approx(alone.scored.probability, abs=1e-9)


def test_two_runs_write_the_same_bytes(alone, crm, tmp_path):
    other = found(crm)
    for made in (clusters_table, pairs_table):
        for name, resolved in (("one", alone), ("two", other)):
            pq.write_table(made(resolved), tmp_path / name)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_two_files_are_linked_and_not_each_with_itself(two):
    resolved = found(*two)
    expected = {tuple(sorted((row["id"], "x" + row["id"]))) for row in TWICE}
    assert len(linked(resolved) & expected) >= 11
    table = pairs_table(resolved)
    assert set(table["left_source"].to_pylist()) == {"left"}
    assert set(table["right_source"].to_pylist()) == {"right"}


def test_one_to_one_gives_each_record_one_counterpart_at_most(two, tmp_path):
    """The right file has six persons twice; each time only one of both is linked."""
    right = write(tmp_path / "right.csv", [*again(TWICE, "x"), *again(TWICE[:6], "z", 5)])
    resolved = found(two[0], right, is_one_to_one=True)
    links = [row for row in pairs_table(resolved).to_pylist() if row["is_link"]]
    for side in ("left_id", "right_id"):
        assert len({row[side] for row in links}) == len(links)
    assert len(links) >= 11
    assert all(len(ids) == 2 for ids in linked(resolved))


@pytest.mark.parametrize("is_one_to_one", [False, True])
def test_three_files_make_customers_of_three(two, tmp_path, is_one_to_one):
    third = write(tmp_path / "third.csv", again(TWICE[:8], "z", 5))
    resolved = found(*two, third, is_one_to_one=is_one_to_one)
    expected = {(row["id"], "x" + row["id"], "z" + row["id"]) for row in TWICE[:8]}
    assert len(linked(resolved) & expected) >= 6
    if is_one_to_one:
        source = dict(zip(resolved.given.ids, resolved.given.side, strict=True))
        assert all(len({source[record] for record in ids}) == len(ids) for ids in linked(resolved))


def test_files_may_call_a_field_differently(two, tmp_path):
    called = write(tmp_path / "right.csv", again(TWICE, "x"), last_name="Surname", first_name="vorname", birth_date="DOB")
    resolved = found(two[0], called)
    assert dict(resolved.given.fields) == {
        "first_name": "first_name", "last_name": "last_name", "birth_date": "birth_date", "email": "email", "city": "city",
        "Surname": "last_name", "vorname": "first_name", "DOB": "birth_date",
    }  # fmt: skip
    assert len(linked(resolved)) >= 11


def test_whole_names_of_one_file_are_compared_with_both_names_of_another(two, tmp_path):
    whole = [{"id": f"w{r['id']}", "name": f"{r['last_name'].upper()}, {r['first_name']}", "dob": r["birth_date"]} for r in TWICE]
    resolved = found(two[0], write(tmp_path / "whole.csv", whole))
    assert linked(resolved) == {tuple(sorted((row["id"], "w" + row["id"]))) for row in TWICE}


def test_columns_are_what_they_are_told_to_be(tmp_path):
    """Columns may be called as what c360 makes itself: `place`, `names` and `prior` are compared beside these."""
    rows = [{**row, "a": row["last_name"], "place": "north", "names": "x", "prior": "y", "notes": "z"} for row in ROWS]
    file = write(
        tmp_path / "told.csv", rows, [*(c for c in COLUMNS if c != "last_name"), "a", "place", "names", "prior", "notes"]
    )
    told = {"a": "last_name", "place": "text", "names": "exact", "prior": "exact", "email": "-"}
    resolved = found(file, mapping=told)
    assert set(resolved.comparisons) == {
        "first_name", "last_name", "birth_date", "place", "place_text", "names_exact", "prior_exact", "related",
    }  # fmt: skip
    assert resolved.given.skipped == ["email", "notes"]
    table = pairs_table(resolved)
    assert len(set(table.column_names)) == len(table.column_names)
    assert {"prior_weight", "prior_exact_weight", "place_weight", "place_text_weight"} <= set(table.column_names)


def test_two_columns_of_one_field_are_joined(session, tmp_path):
    rows = [{**row, "first_name": "", "given": row["first_name"], "middle": "B"} for row in ROWS[:6]]
    told = {"given": "first_name", "middle": "first_name", "first_name": "-"}
    made = read(session, Request([write(tmp_path / "f.csv", rows)], "person", "id", told))
    assert all(value.endswith(" b") for value in made.columns["first_name"].values)


def test_parquet_of_any_types_is_read_as_people_write(tmp_path):
    """Whole numbers of a column with gaps are fractions in the file; ids may be numbers, texts dictionaries."""
    table = pa.table({
        "id": [1, 2, 10],
        "first_name": pa.array(["Zoë", "Zoe", None]).dictionary_encode(),
        "last_name": ["Müller", "Muller", "Lee"],
        "birth_date": pa.array([3653, 3653, None], pa.date32()),
        "postcode": [89073.0, 89073.0, float("nan")],
        "phone": pa.array([491701234567, 491701234567, None]),
        "gender": pa.nulls(3),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "t.parquet")
    resolved = found(tmp_path / "t.parquet")
    assert linked(resolved) == {("1", "2")}
    assert list(resolved.given.ids) == ["1", "10", "2"]
    values = {name: resolved.given.columns[name].values.tolist() for name in ("postcode", "birth_date", "phone", "gender")}
    assert values == {"postcode": ["89073"], "birth_date": ["19800102"], "phone": ["701234567"], "gender": []}


def test_with_a_given_model_unrelated_records_change_nothing_of_others(two, tmp_path):
    model = train(Request(two, "person", "id"))
    assert model.record_count == len(PERSONS) + len(TWICE) + 10
    before = found(*two, model=model)
    strangers = [
        {
            **row,
            "id": f"q{number}",
            "first_name": f"Qx{number}",
            "last_name": f"Wq{number}v",
            "birth_date": "1901-01-01",
            "city": "Oslo",
        }
        for number, row in enumerate(persons(5, 77, "q"))
    ]
    more = write(tmp_path / "right.csv", [*again(TWICE, "x"), *persons(10, 9, "y"), *strangers])
    after = found(two[0], more, model=model)
    customers = dict(zip(after.given.ids, after.customer_ids, strict=True))
    assert {record: customers[record] for record in before.given.ids} == dict(
        zip(before.given.ids, before.customer_ids, strict=True)
    )
    other = weights(after)
    assert {pair: other[pair] for pair in weights(before)} == pytest.approx(weights(before), abs=1e-9)
    assert not set(linked(after)) ^ set(linked(before))


def test_copies_of_a_record_are_one_customer(tmp_path):
    copies = [{**PERSONS[3], "id": f"c{number}"} for number in range(3)]
    resolved = found(write(tmp_path / "crm.csv", [*ROWS, *copies]))
    ids = next(ids for ids in linked(resolved) if "c0" in ids)
    assert {"003", "c0", "c1", "c2"} <= set(ids)
    same = [row for row in pairs_table(resolved).to_pylist() if row["rule"] == "same"]
    assert len(same) == 6
    assert all(row["is_link"] for row in same)


def test_a_threshold_of_one_links_only_what_is_certain(crm):
    resolved = found(crm, threshold=1.0)
    assert (resolved.scored.probability[resolved.is_link] == 1).all()


@pytest.mark.parametrize("count", [1, 2])
def test_a_file_of_very_few_records(tmp_path, count):
    resolved = found(write(tmp_path / "few.csv", PERSONS[:count]))
    assert linked(resolved) == set()
    assert clusters_table(resolved).num_rows == count


def test_companies_of_which_only_names_are_known(tmp_path):
    names = ["Acme Widgets Ltd", "ACME Widgets Limited", "Zephyr Hotel GmbH", "Grand Hotel", "---", "Park Mill & Sons", "Ltd"]
    rows = [{"id": str(number), "company": name} for number, name in enumerate(names)]
    resolved = found(write(tmp_path / "companies.csv", rows), entity="organisation")
    assert {pair for pair in linked(resolved) if "0" in pair or "1" in pair} <= {("0", "1")}
    assert np.isfinite(resolved.scored.weight).all()


def test_odd_dates_and_signs_are_read(tmp_path):
    odd = ["0000-00-00", "9999-99-99", "31.02.1980", "٢٠٢٠-٠١-٠١", "²0²0", "soon", "🙂", "Jan 99999 1"]
    rows = [{**row, "birth_date": day, "last_name": "李🙂", "city": "NULL"} for row, day in zip(PERSONS, odd, strict=False)]
    resolved = found(write(tmp_path / "odd.csv", rows))
    assert np.isfinite(resolved.scored.weight).all()


def test_a_file_is_opened_by_its_own_name(session, tmp_path):
    file = write(tmp_path / "crm[1].csv", PERSONS[:3])
    write(tmp_path / "crm1.csv", PERSONS[5:9])
    assert list(read(session, Request([file], "person", "id")).ids) == [row["id"] for row in PERSONS[:3]]


def test_the_command_writes_customers_and_pairs_and_tells_no_person(crm, alone, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "out"
    assert cli.run(["identity", "resolve", str(crm), "--entity", "person", "--id", "id", "--out", str(out), "--json"]) == 0
    shown = capsys.readouterr()
    summary = json.loads(shown.out)
    assert (summary["records"], summary["links"]) == (len(ROWS), int(alone.is_link.sum()))
    assert pq.read_table(out / "clusters.parquet").equals(clusters_table(alone))
    assert pq.read_table(out / "pairs.parquet").equals(pairs_table(alone))
    assert not [row["last_name"] for row in ROWS if row["last_name"] in shown.out + shown.err]


def test_the_guess_of_columns_does_not_depend_on_which_rows_come_first(session, tmp_path):
    """Only 200 rows are looked at; those of the first ids, whatever their place in the file."""
    rows = [
        {"id": f"{n:03d}", "last_name": f"Smith {n}", "contact": "ann@acme.example" if n < 170 else "call"} for n in range(230)
    ]
    files = [write(tmp_path / f"f{at}.csv", order) for at, order in enumerate((rows, rows[::-1]))]
    fields = [dict(read(session, Request([file], "person", "id")).fields) for file in files]
    assert fields[0] == fields[1] == {"contact": "email", "last_name": "last_name"}


def test_a_file_that_writes_the_month_first_is_read_so(tmp_path: Path, session: DuckDBSession):
    american, other = tmp_path / "american.csv", tmp_path / "other.csv"
    american.write_text("id,name,dob\n1,Ann Bell,5/31/1980\n2,Bob Cole,1/2/1990\n")
    other.write_text("id,name,dob\n1,Ann Bell,1980-05-31\n2,Bob Cole,1990-01-02\n")
    born = read(session, Request([american, other], "person", "id")).columns["birth_date"]
    assert [born.values[code] for code in born.codes] == ["19800531", "19900102"] * 2


def test_files_of_other_encodings_and_separators_lose_no_row(tmp_path: Path, session: DuckDBSession):
    western, wide, signs = tmp_path / "western.csv", tmp_path / "wide.csv", tmp_path / "signs.csv"
    western.write_bytes("id;name\n1;Müller, Anna\n2;Weiß, Bob\n".encode("cp1252"))
    wide.write_bytes("id\tname\n1\tMüller Anna\n2\tBob\n".encode("utf-16"))
    signs.write_text('id,name\n1,Anna\n#2,"Bob\nCole"\n#3,Carl\n')
    for path, count in ((western, 2), (wide, 2), (signs, 3)):
        given = read(session, Request([path], "person", "id"))
        assert len(given.ids) == count
        assert given.fields == {"name": "name"}


def test_persons_without_first_names_are_found_though_a_household_shares_all_there_is(tmp_path: Path):
    names = [f"Name{one}{two}" for one in "abc" for two in "defghijklmnopqrstuvw"]
    rows = [{"id": str(n), "lname": name, "addr": f"{n} Mill Street", "phone": f"0201{n:06d}"} for n, name in enumerate(names)]
    resolved = found(write(tmp_path / "a.csv", rows), write(tmp_path / "b.csv", rows[:30]))
    assert len(linked(resolved)) == 30


def test_the_order_of_files_changes_nothing(tmp_path: Path):
    one, two = write(tmp_path / "one.csv", ROWS), write(tmp_path / "two.csv", TWICE)
    assert clusters_table(found(one, two)) == clusters_table(found(two, one))


def test_of_two_mailboxes_the_first_that_is_filled_counts(tmp_path: Path, session: DuckDBSession):
    path = tmp_path / "a.csv"
    path.write_text("id,a,b\n1,ann@acme.example,ann@home.example\n2,,bob@home.example\n")
    email = read(session, Request([path], "person", "id", {"a": "email", "b": "email"})).columns["email"]
    assert [email.values[code] for code in email.codes] == ["ann@acme.example", "bob@home.example"]


def test_how_many_pairs_there_will_be_is_told_before_they_are_made(two):
    said: list[str] = []
    resolved = resolve(Request(two, "person", "id"), said.append)
    told = {text.split(" pairs")[0].removeprefix("At most "): text for text in said if "pairs to compare" in text}
    (most, _), (made, _) = told.items()
    found = int(made.split(" of ")[0].replace(",", ""))
    assert int(most.replace(",", "")) >= found >= int(resolved.is_link.sum()) > 0
