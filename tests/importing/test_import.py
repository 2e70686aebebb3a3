"""What comes from files equals what comes from the API: every format, every record, by its hash."""

import itertools
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from c360 import cli, run
from c360.bronze import canonical_hash
from c360.demo.company import Company, generate
from c360.demo.server import serve
from c360.errors import PastDateError, QualityError, SelectionError, SourceError
from c360.importing import Imported, Part, Request, import_files, planned
from c360.lake import open_lake
from c360.manifest import read_manifest, write_manifest
from c360.settings import Settings
from c360.sources.salesforce import id18
from tests.importing import exported
from tests.released import build_day, clock, credentials, current, environment, files

ACCOUNTS = 20
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "import.md"
ACCOUNT = "acct_1C360DemoAccount"
GONE = {"id": "cus_9", "object": "customer", "deleted": True}
OF_A_RUN = ("payload_hash", "run_id", "batch_id")
Form = Callable[[Path, str, list[dict[str, Any]]], None]
Content = dict[str, dict[str, tuple[str, bool]]]


@pytest.fixture(scope="module")
def company() -> Company:
    return generate(accounts=ACCOUNTS)


@pytest.fixture(scope="module")
def day(company: Company) -> date:
    return company.load_dates[0]


def settings(lake: Path, day: date, **more: Any) -> Settings:
    own = {"now": clock(day), "token_secret": "s" * 32, "stripe_livemode": False, "duckdb_threads": 1}
    return Settings.load(_env_file=None, lake=str(lake), **own, **more)


def content(given: Settings) -> Content:
    """Entity -> record id -> (payload hash, deleted)."""
    with open_lake(given) as lake:
        found: Content = {}
        for name in lake.registry.entities:
            rows = lake.engine.arrow(lake.engine.read(f"bronze.{name}").select("record_id", "payload_hash", "is_deleted"))
            found[name] = {row["record_id"]: (row["payload_hash"], row["is_deleted"]) for row in rows.to_pylist()}
        return found


@pytest.fixture(scope="module")
def from_api(company: Company, day: date, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake loaded from the company's server, with all of its history."""
    folder = tmp_path_factory.mktemp("api") / "lake"
    with serve(company, now=clock(day)) as server:
        given = settings(
            folder, day, history_months=120, **{k: v for k, v in credentials(server).items() if k != "stripe_livemode"}
        )
        with open_lake(given, to_build=True) as lake:
            run.ingest_day(lake, run.open_sources(lake), day, refetch=False)
    return given


def imported(given: Settings, system: str, folder: Path, day: date, **more: Any) -> Imported:
    with open_lake(given, to_build=True) as lake:
        request = Request(system, folder, day, account=ACCOUNT if system == "stripe" else "", **more)
        return import_files(lake, planned(lake, request))


STRIPE_FORMS: list[Form] = [
    exported.as_stripe_pages,
    exported.as_zipped_parts,
    exported.as_lines,
    exported.as_array,
    exported.as_windows_lines,
]
SALESFORCE_FORMS: list[Form] = [exported.as_query_answers, *STRIPE_FORMS[1:]]


def mixed(forms: list[Form]) -> Form:
    """Each entity in another format."""
    turns = itertools.cycle(forms)
    return lambda folder, name, bodies: next(turns)(folder, name, bodies)


def assert_equal_bronze(from_api: Settings, company: Company, folder: Path, stripe_form: Form, salesforce_form: Form) -> None:
    day = company.load_dates[0]
    given = settings(folder / "lake", day)
    stripe = exported.write(folder / "stripe", exported.stripe_records(company, clock(day)), stripe_form)
    salesforce = exported.write(folder / "salesforce", exported.salesforce_records(company, clock(day)), salesforce_form)
    first = imported(given, "stripe", stripe, day)
    second = imported(given, "salesforce", salesforce, day)
    assert {part.state for part in (*first.parts, *second.parts)} == {"imported"}
    assert (first.others, second.others, second.waiting) == ([], [], [])
    assert sum(part.absent_count for part in (*first.parts, *second.parts)) == 0
    assert content(given) == content(from_api)


def test_bronze_holds_every_record_of_the_files_as_it_is(company: Company, day: date, tmp_path: Path) -> None:
    records = exported.salesforce_records(company, clock(day))
    given = settings(tmp_path / "lake", day)
    imported(given, "salesforce", exported.write(tmp_path / "files", records, mixed(SALESFORCE_FORMS)), day)
    expected = {name: {id18(b["Id"]): canonical_hash(without_type(b)) for b in bodies} for name, bodies in records.items()}
    assert {name: content_of(given, name) for name in expected} == expected
    assert all(expected.values())


def without_type(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "attributes"}


@pytest.mark.heavy
def test_bronze_from_files_is_bronze_from_the_api(company: Company, from_api: Settings, tmp_path: Path) -> None:
    assert_equal_bronze(from_api, company, tmp_path, mixed(STRIPE_FORMS), mixed(SALESFORCE_FORMS))


@pytest.mark.heavy
@pytest.mark.parametrize(("stripe_form", "salesforce_form"), [*zip(STRIPE_FORMS, SALESFORCE_FORMS, strict=True)])
def test_every_entity_in_every_format(
    company: Company, from_api: Settings, tmp_path: Path, stripe_form: Form, salesforce_form: Form
) -> None:
    assert_equal_bronze(from_api, company, tmp_path, stripe_form, salesforce_form)


@pytest.mark.heavy
def test_csv_reads_as_the_api_does(company: Company, day: date, from_api: Settings, tmp_path: Path) -> None:
    given = settings(tmp_path / "lake", day)
    folder = exported.write(tmp_path / "csv", exported.salesforce_records(company, clock(day)), exported.as_csv)
    done = imported(given, "salesforce", folder, day)
    assert done.account == id18(next(iter(company.world.salesforce.records["Organization"])))
    rows = [read(settings, day) for settings in (given, from_api)]
    assert rows[0] == rows[1]
    assert sum(map(len, rows[0].values())) > 50


def test_a_value_of_another_type_is_set_apart(company: Company, day: date, tmp_path: Path) -> None:
    given = settings(tmp_path / "lake", day)
    found = exported.salesforce_records(company, clock(day))
    deals = [{**body, "Amount": "much"} if n == 0 else body for n, body in enumerate(found["salesforce_opportunities"])]
    kept = {"opportunities": deals, "Organization": found["salesforce_organization"]}
    imported(given, "salesforce", exported.write(tmp_path / "csv", kept, exported.as_csv), day)
    with open_lake(given) as lake:
        (bad,) = lake.engine.arrow(lake.engine.read("quarantine.salesforce_opportunities")).to_pylist()
    assert "Amount is not a number" in str(bad)


@pytest.mark.heavy
def test_the_api_goes_on_where_an_import_ended(company: Company, day: date, from_api: Settings, tmp_path: Path) -> None:
    """The day after, what was imported and what was loaded become the same: also what was deleted meanwhile."""
    lakes = [settings(tmp_path / "imported", day), settings(tmp_path / "loaded", day)]
    stripe = exported.write(tmp_path / "stripe", exported.stripe_records(company, clock(day)), exported.as_lines)
    salesforce = exported.write(tmp_path / "salesforce", exported.salesforce_records(company, clock(day)), exported.as_lines)
    with open_lake(from_api) as lake:
        history = lake.params(day).history_from
    imported(lakes[0], "stripe", stripe, day, history_from=history)
    imported(lakes[0], "salesforce", salesforce, day)
    shutil.copytree(from_api.lake, lakes[1].lake)
    second = company.load_dates[1]
    with serve(company, now=clock(second)) as server:
        for lake_settings in lakes:
            given = lake_settings.model_copy(update={**credentials(server), "now": clock(second), "history_months": 120})
            with open_lake(given, to_build=True) as lake:
                rows = run.ingest_day(lake, run.open_sources(lake), second, refetch=False)
                assert all(row.history_from_date == history for row in rows)
    assert newest(lakes[0], second) == newest(lakes[1], second)


def newest(given: Settings, day: date) -> Content:
    """Entity -> record id -> (payload hash, deleted) of the newest versions."""
    found: Content = {}
    with open_lake(given) as lake:
        for entity in lake.registry.entities.values():
            rows = lake.engine.read_bronze(entity, day, all_versions=False).select("record_id", "payload_hash", "is_deleted")
            found[entity.name] = {
                r["record_id"]: (r["payload_hash"], r["is_deleted"]) for r in lake.engine.arrow(rows).to_pylist()
            }
    return found


@pytest.mark.heavy
def test_the_guides_export_is_imported(company: Company, day: date, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    with serve(company, now=clock(day)) as server:
        given = f'"{server.stripe_api_key}", base_addresses={{"api": "{server.stripe_url}"}}'
        exec(source.replace('"rk_live_…"', given), {})
    row = parts_of(imported(settings(tmp_path / "lake", day), "stripe", tmp_path, day))["stripe_invoices"].row
    assert row is not None
    assert row.received_count == len(exported.stripe_records(company, clock(day))["stripe_invoices"])


def read(given: Settings, day: date) -> dict[str, list[Any]]:
    """What silver sees of Salesforce's entities: the declared columns, typed."""
    found = {}
    with open_lake(given) as lake:
        for entity in (e for e in lake.registry.entities.values() if e.source_system == "salesforce"):
            rows = lake.engine.arrow(lake.engine.read_bronze(entity, day, all_versions=False).select(*entity.schema)).to_pylist()
            found[entity.name] = sorted(rows, key=lambda row: row["Id"])
            assert lake.engine.arrow(lake.engine.bronze_problems(entity, day)).num_rows == 0
    return found


@pytest.mark.heavy
def test_gold_is_built_from_files_as_from_the_api(
    company: Company, day: date, from_api: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Salesforce from CSV, so that what its records have besides the declared columns is text, and hashes differ."""
    company.write_fx_rates(tmp_path / "rates.csv")
    given = settings(tmp_path / "lake", day, fx_rates_file=tmp_path / "rates.csv")
    stripe = exported.write(tmp_path / "stripe", exported.stripe_records(company, clock(day)), exported.as_stripe_pages)
    salesforce = exported.write(tmp_path / "salesforce", exported.salesforce_records(company, clock(day)), exported.as_csv)
    with open_lake(from_api) as lake:
        history = lake.params(day).history_from
    imported(given, "stripe", stripe, day, history_from=history)
    imported(given, "salesforce", salesforce, day)
    with_rates = from_api.model_copy(update={"fx_rates_file": tmp_path / "rates.csv"})
    built = [built_rows(one, day) for one in (given, with_rates)]
    assert built[0].keys() == built[1].keys()
    assert [name for name in built[0] if built[0][name] != built[1][name]] == []
    assert built[0]["gold.fct_monthly_revenue"]


@pytest.mark.heavy
def test_one_system_alone_is_built_when_the_other_is_said_to_be_empty(company: Company, day: date, tmp_path: Path) -> None:
    company.write_fx_rates(tmp_path / "rates.csv")
    given = settings(tmp_path / "lake", day, fx_rates_file=tmp_path / "rates.csv")
    stripe = exported.write(tmp_path / "stripe", exported.stripe_records(company, clock(day)), exported.as_stripe_pages)
    imported(given, "stripe", stripe, day)
    (tmp_path / "none").mkdir()
    with open_lake(given, to_build=True) as lake:
        none = Request("salesforce", tmp_path / "none", day, account="00D000000000001", empty=["all"])
        assert import_files(lake, planned(lake, none)).waiting == []
    rows = built_rows(given, day)
    assert rows["gold.fct_monthly_revenue"]
    assert rows["silver.fct_opportunity"] == []


def built_rows(given: Settings, day: date) -> dict[str, list[str]]:
    """Table -> its rows in the release, without what names a payload's hash."""
    assert build_day(given, day).entry is not None
    with open_lake(given) as lake:
        tables = current(lake).tables.items()
        rows = {name: lake.engine.arrow(lake.engine.read(name, state.version)).to_pylist() for name, state in tables}
    return {
        name: sorted(repr({k: v for k, v in row.items() if k not in OF_A_RUN}) for row in found)
        for name, found in rows.items()
        if not name.endswith("data_quality_log")
    }


def write_small(folder: Path, **bodies: list[dict[str, Any]]) -> Path:
    folder.mkdir()
    for name, records in bodies.items():
        exported.as_lines(folder, name, records)
    return folder


def invoice(number: int, month: str, **more: Any) -> dict[str, Any]:
    created = int(datetime.fromisoformat(f"{month}-05T00:00:00+00:00").timestamp())
    return {"id": f"in_{number}", "object": "invoice", "created": created, "livemode": False, "customer": "cus_1", **more}


def parts_of(done: Imported) -> dict[str, Part]:
    return {part.entity: part for part in done.parts}


def test_what_files_lack_is_named_and_nothing_is_invented(day: date, tmp_path: Path) -> None:
    given = settings(tmp_path / "lake", day)
    folder = write_small(
        tmp_path / "files", invoices=[invoice(1, "2026-05"), invoice(2, "2026-06", customer="cus_2")], notes=[{}]
    )
    done = imported(given, "stripe", folder, day, empty=["events", "Customers"])
    parts = parts_of(done)
    assert done.others == ["notes.jsonl"]
    assert {name: part.state for name, part in parts.items() if part.state != "missing"} == {
        "stripe_events": "empty", "stripe_invoices": "imported", "stripe_customers": "empty",
    }  # fmt: skip
    assert parts["stripe_customers"].absent_count == 2
    assert "stripe_charges" in done.waiting
    assert "salesforce_accounts" in done.waiting
    with open_lake(given) as lake:
        rows = {row.entity: row for row in read_manifest(lake.engine)}
        assert run.complete_dates(lake) == set()
        with pytest.raises(QualityError, match="is not complete in bronze"):
            run.start(lake, day, run.Outcome("r", day))
    assert set(rows) == {"stripe_events", "stripe_invoices", "stripe_customers"}
    assert {(row.api_version, row.is_full_listing) for row in rows.values()} == {("files", False)}
    assert rows["stripe_invoices"].received_count == 2
    again = imported(given, "stripe", folder, day, empty=["all"])
    assert {part.state for part in again.parts} == {"kept", "empty"}
    assert again.waiting == [name for name in done.waiting if name.startswith("salesforce")]


def test_a_later_export_adds_versions_and_takes_nothing_for_deleted(day: date, tmp_path: Path) -> None:
    given, earlier = settings(tmp_path / "lake", day), day - timedelta(days=400)
    old = [invoice(1, "2025-03", status="open"), invoice(2, "2025-04", status="open")]
    known = {"id": GONE["id"], "object": "customer", "created": old[0]["created"], "name": "Once"}
    first = imported(given, "stripe", write_small(tmp_path / "one", invoices=old, customers=[known]), earlier, empty=["all"])
    assert first.history_from == date(2025, 3, 1)
    told = {"object": "event", "type": "invoice.updated", "created": old[0]["created"], "livemode": False}
    event = {"id": "evt_1", **told, "data": {"object": old[0]}}  # of an invoice this export lacks
    new = write_small(tmp_path / "two", invoices=[{**old[1], "status": "paid"}], customers=[GONE], events=[event])
    second = imported(given, "stripe", new, day)
    assert second.history_from == date(2025, 3, 1)
    row = parts_of(second)["stripe_invoices"].row
    assert row is not None
    assert (row.changed_count, row.deleted_count, row.live_count_after) == (1, 0, 2)
    assert (row.cutoff_at, row.load_date) == (clock(day), day)
    with open_lake(given) as lake:
        stored = lake.engine.arrow(lake.engine.read("bronze.stripe_invoices")).to_pylist()
        customers = lake.engine.arrow(lake.engine.read("bronze.stripe_customers")).to_pylist()
    assert {(r["date_loaded"], r["is_deleted"], json.loads(r["payload"])["name"]) for r in customers} == {
        (earlier, False, "Once"),
        (day, True, "Once"),
    }
    assert sorted((r["record_id"], r["date_loaded"]) for r in stored) == [("in_1", earlier), ("in_2", earlier), ("in_2", day)]
    assert {r["extracted_at"] for r in stored if r["date_loaded"] == earlier} == {datetime.combine(earlier, time.max, UTC)}


def test_what_was_imported_is_kept_until_it_is_to_be_replaced(day: date, tmp_path: Path) -> None:
    given = settings(tmp_path / "lake", day)
    folder = write_small(tmp_path / "files", invoices=[invoice(1, "2026-05")])
    imported(given, "stripe", folder, day)
    before = files(tmp_path / "lake" / "bronze")
    assert parts_of(imported(given, "stripe", folder, day))["stripe_invoices"].state == "kept"
    assert parts_of(imported(given, "stripe", folder, day, replaces=True))["stripe_invoices"].state == "imported"
    assert files(tmp_path / "lake" / "bronze") == before
    exported.as_lines(folder, "invoices", [invoice(2, "2026-05")])
    imported(given, "stripe", folder, day, replaces=True)
    assert set(content_of(given, "stripe_invoices")) == {"in_2"}


def test_nothing_is_written_from_a_folder_with_a_bad_file(day: date, tmp_path: Path) -> None:
    given = settings(tmp_path / "lake", day)
    folder = write_small(
        tmp_path / "files", events=[], invoices=[invoice(1, "2026-05")], products=[{"id": "p", "object": "price"}]
    )
    (folder / "events.jsonl").write_text("[]")
    (folder / "events.jsonl").rename(folder / "events.json")
    with pytest.raises(SourceError, match=r"products.jsonl, line 1: an object called price among the stripe_products"):
        imported(given, "stripe", folder, day)
    assert not (tmp_path / "lake" / "bronze").exists()


def test_files_do_not_go_behind_or_between_loads(day: date, tmp_path: Path) -> None:
    folder = write_small(tmp_path / "files", invoices=[invoice(1, "2025-01")])
    given = settings(tmp_path / "lake", day)
    imported(given, "stripe", folder, day)
    yesterday = day - timedelta(days=1)
    with pytest.raises(PastDateError, match=f"has an import of {day}, which {yesterday} would go behind"):
        imported(given, "stripe", folder, yesterday)
    with pytest.raises(PastDateError, match="has not begun"):
        imported(given, "stripe", folder, day + timedelta(days=1))
    with pytest.raises(SourceError, match=f"The history of {ACCOUNT} begins on 2025-01-01"):
        imported(given, "stripe", folder, day, history_from=date(2024, 1, 1))
    with open_lake(given) as lake:
        (row,) = read_manifest(lake.engine)
        write_manifest(lake.engine, replace(row, api_version="2026-10-28.endive"))  # as a load from the API says
    with pytest.raises(SourceError, match=f"has been loaded from its API since {day}"):
        imported(given, "stripe", folder, day)


def test_whose_records_they_are_must_be_known(company: Company, day: date, tmp_path: Path) -> None:
    given = settings(tmp_path / "lake", day)
    stripe = write_small(tmp_path / "stripe", invoices=[invoice(1, "2026-05")])
    users = company.world.salesforce.records["User"].values()
    salesforce = write_small(tmp_path / "salesforce", User=[record.state_at(int(clock(day).timestamp())) for record in users])
    with open_lake(given, to_build=True) as lake:
        with pytest.raises(SourceError, match="Stripe's records do not say whose they are"):
            planned(lake, Request("stripe", stripe, day))
        with pytest.raises(SourceError, match="Salesforce's records do not say whose they are"):
            planned(lake, Request("salesforce", salesforce, day))
        with pytest.raises(SourceError, match="holds no files of stripe's records") as caught:
            planned(lake, Request("stripe", salesforce, day, account=ACCOUNT))
        assert "credit_notes.jsonl" in caught.value.hint
        with pytest.raises(SelectionError, match="--empty 'order' names no entity of stripe"):
            planned(lake, Request("stripe", stripe, day, account=ACCOUNT, empty=["order"]))
        with pytest.raises(SelectionError, match=r"stripe_invoices is said to be empty, but there is invoices\.jsonl"):
            planned(lake, Request("stripe", stripe, day, account=ACCOUNT, empty=["invoice"]))
        plan = planned(lake, Request("salesforce", salesforce, day, account="00D000000000001"))
        assert (plan.source.account, [entity.name for entity in plan.wanted]) == ("00D000000000001EAA", ["salesforce_users"])


@pytest.mark.parametrize(
    ("months", "first"),
    [
        (["2026-03", "2026-04", "2026-06"], date(2026, 6, 1)),
        (["2025-11", "2025-12", "2026-01"], date(2025, 11, 1)),
    ],
)
def test_the_history_goes_back_as_long_as_no_month_lacks_invoices(
    day: date, tmp_path: Path, months: list[str], first: date
) -> None:
    folder = write_small(tmp_path / "files", invoices=[invoice(n, month) for n, month in enumerate(months)])
    assert imported(settings(tmp_path / "lake", day), "stripe", folder, day).history_from == first


def test_the_command_shows_what_it_did_and_what_is_missing(
    day: date, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in environment(settings(tmp_path / "lake", day)).items():
        monkeypatch.setenv(name, value)
    folder = write_small(tmp_path / "files", invoices=[invoice(1, "2026-05")])
    command = ["import", "stripe", str(folder), "--account", ACCOUNT, "--history-from", "2026-02", "--empty", "all"]
    assert cli.run(command) == 0
    found = capsys.readouterr()
    assert f"Imported for {day}: stripe {ACCOUNT}" in found.out
    assert "ingest             stripe_invoices: 1 records" in found.err
    assert "History from 2026-02-01: months before it are unknown, not zero." in found.err
    assert f"{day} cannot be built yet: salesforce_accounts, salesforce_contacts" in found.err
    assert cli.run([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parts"][0]["state"] == "kept"
    assert cli.run(["import", "stripe", str(folder), "--date", str(day)]) == SourceError.exit_code
    assert "Hint: Give the account's id: --account acct_…, or C360_STRIPE_ACCOUNT." in capsys.readouterr().err
    assert cli.run(["import", "--help"]) == 0
    assert "invoices/*.json" in capsys.readouterr().out


def content_of(given: Settings, name: str) -> dict[str, str]:
    with open_lake(given) as lake:
        rows = lake.engine.arrow(lake.engine.read(f"bronze.{name}").select("record_id", "payload_hash")).to_pylist()
    return {row["record_id"]: row["payload_hash"] for row in rows}
