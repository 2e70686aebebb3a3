"""What comes from files equals what comes from the API: every format, every record, by its hash."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from c360 import run
from c360.demo.company import Company, generate
from c360.demo.server import serve
from c360.importing import Imported, Request, import_files
from c360.lake import open_lake
from c360.settings import Settings
from tests.importing import exported
from tests.released import clock, credentials

ACCOUNTS = 20
ACCOUNT = "acct_1C360DemoAccount"
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
        return import_files(lake, request)


FORMS: list[tuple[Form, Form]] = [
    (exported.as_lines, exported.as_lines),
    (exported.as_windows_lines, exported.as_windows_lines),
    (exported.as_array, exported.as_array),
    (exported.as_zipped_parts, exported.as_zipped_parts),
    (exported.as_stripe_pages, exported.as_query_answers),
]


@pytest.mark.parametrize(("stripe_form", "salesforce_form"), FORMS, ids=lambda form: form.__name__)
def test_bronze_from_files_is_bronze_from_the_api(
    company: Company, day: date, from_api: Settings, tmp_path: Path, stripe_form: Form, salesforce_form: Form
) -> None:
    given = settings(tmp_path / "lake", day)
    stripe = exported.write(tmp_path / "stripe", exported.stripe_records(company, clock(day)), stripe_form)
    salesforce = exported.write(tmp_path / "salesforce", exported.salesforce_records(company, clock(day)), salesforce_form)
    first = imported(given, "stripe", stripe, day)
    second = imported(given, "salesforce", salesforce, day)
    assert {part.state for part in (*first.parts, *second.parts)} == {"imported"}
    assert (first.others, second.others, second.waiting) == ([], [], [])
    assert sum(part.absent_count for part in (*first.parts, *second.parts)) == 0
    assert content(given) == content(from_api)
