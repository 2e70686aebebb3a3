"""Salesforce lists against the demo's server: whole, in parts, by Bulk API 2.0, denied fields, allowances, logins."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from c360.errors import SettingsError, SourceError
from c360.settings import Settings
from c360.sources import salesforce_bulk
from c360.sources.base import Entity, Evidence, Record, Window
from c360.sources.salesforce import SalesforceSource
from c360.sources.salesforce_client import SalesforceClient
from c360.sources.salesforce_fields import select
from tests.sources.salesforce_org import BEGIN, CUTOFF, PAGE_SIZE, Org, serving

WIDE = {f"Very_Long_Name_Of_A_Custom_Field_{number:04}__c": f"value {number}" for number in range(450)}
WINDOW = Window(CUTOFF, BEGIN)


@pytest.fixture
def org() -> Iterator[Org]:
    with serving() as org:
        yield org


@pytest.fixture
def wide() -> Iterator[Org]:
    with serving(fields=WIDE) as org:
        yield org


def accounts(source: SalesforceSource) -> Entity:
    return next(e for e in source.entities() if e.name == "salesforce_accounts")


def load(source: SalesforceSource, window: Window = WINDOW) -> tuple[dict[str, Record], Evidence]:
    evidence = Evidence()
    records = [r for page in source.extract(accounts(source), window, evidence) for r in page]
    assert len({r.record_id for r in records}) == len(records) == evidence.expected_count
    return {r.record_id: r for r in records}, evidence


def payloads(records: dict[str, Record]) -> dict[str, str]:
    return {i: r.payload for i, r in records.items()}


def test_wide_objects_lose_no_field(wide: Org) -> None:
    records, evidence = load(wide.source())
    assert evidence.page_count == -(-23 // PAGE_SIZE)
    queries = [path for path in wide.asked("queryAll") if "COUNT" not in path and "Id+%3C%3D" in path]
    assert len(queries) >= evidence.page_count  # the other parts, page by page
    for record in records.values():
        body = orjson.loads(record.payload)
        assert body == wide.api.records["Account"][record.record_id].state_at(wide.api.now)
        assert list(body)[:2] == ["Id", "SystemModstamp"]


def test_a_record_that_changes_between_its_parts_is_read_again_as_a_whole(wide: Org) -> None:
    last = max(WIDE)
    source = wide.source()
    source.check()  # logs in and describes
    begun, parts = len(wide.requests), len(source._select(accounts(source), source._client).parts)

    def change(org: Org) -> None:
        org.move(CUTOFF + timedelta(minutes=5))
        org.change("Account", 0, CUTOFF + timedelta(minutes=1), Name="after", **{last: "after"})
        gone = list(org.api.records["Account"])[1]
        del org.api.records["Account"][gone]

    def change_again(org: Org) -> None:
        org.change("Account", 0, CUTOFF + timedelta(minutes=2), Name="again", **{last: "again"})

    wide.changes[begun + 3] = change  # limits, count, first part, then this
    wide.changes[begun + 3 + 2 * (parts - 1)] = change_again  # between the parts that are read again by id
    evidence = Evidence()
    records = {r.record_id: r for page in source.extract(accounts(source), WINDOW, evidence) for r in page}
    first = orjson.loads(next(iter(records.values())).payload)
    assert (first["Name"], first[last]) == ("again", "again")
    assert len(records) == evidence.expected_count == 22
    for record in records.values():
        assert orjson.loads(record.payload) == wide.api.records["Account"][record.record_id].state_at(wide.api.now)


def test_bulk_gives_the_same_bytes_as_queries(wide: Org) -> None:
    by_query, evidence = load(wide.source())
    assert not wide.asked("jobs/query")
    by_bulk, of_bulk = load(wide.source(salesforce_bulk_above=22, salesforce_bulk_page_size=4))
    assert payloads(by_bulk) == payloads(by_query)
    assert {i: (r.updated_at, r.is_deleted) for i, r in by_bulk.items()} == {
        i: (r.updated_at, r.is_deleted) for i, r in by_query.items()
    }
    assert (of_bulk.expected_count, of_bulk.page_count) == (evidence.expected_count, 6)
    assert [path.split()[0] for path in wide.asked("jobs/query")][:3] == ["POST", "GET", "GET"]
    assert wide.asked("jobs/query")[-1].startswith("DELETE")
    assert not wide.api.jobs.jobs
    assert wide.pauses[0] > 0  # the job was waited for


def test_a_list_as_long_as_the_threshold_needs_no_job(org: Org) -> None:
    load(org.source(salesforce_bulk_above=23))
    assert not org.asked("jobs/query")


def test_a_failed_job_is_one_error_and_deleted(org: Org) -> None:
    org.api.jobs.failing = True
    with pytest.raises(SourceError, match="bulk job for Account ended as Failed"):
        load(org.source(salesforce_bulk_above=1))
    assert not org.api.jobs.jobs


def test_a_job_that_is_given_up_is_stopped_and_deleted(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salesforce_bulk, "LONGEST_JOB_SECONDS", 300)
    org.api.jobs.polls = 10_000
    with pytest.raises(SourceError, match="has not ended in four hours"):
        load(org.source(salesforce_bulk_above=1))
    assert sum(org.pauses) < 400
    assert not org.api.jobs.jobs


def test_the_job_of_a_load_that_stops_midway_is_deleted(org: Org) -> None:
    source = org.source(salesforce_bulk_above=1, salesforce_bulk_page_size=6)
    pages = source.extract(accounts(source), WINDOW, Evidence())
    assert len(next(pages)) == 6
    pages.close()  # type: ignore[attr-defined]
    assert not org.api.jobs.jobs


def test_queries_serve_when_the_jobs_of_the_day_are_used_up(org: Org) -> None:
    org.api.daily_jobs = 0
    load(org.source(salesforce_bulk_above=1))
    assert not org.asked("jobs/query")


def test_results_go_on_at_the_last_locator(org: Org) -> None:
    source = org.source(salesforce_bulk_above=1, salesforce_bulk_page_size=6)
    source.check()
    begun = len(org.requests)
    org.faults = {begun + 6: "half", begun + 7: "cut", begun + 9: "reset", begun + 10: "session"}
    records, _ = load(source)
    with_locator = [path for path in org.asked("/results") if "locator" in path]
    assert len(records) == 23
    assert len(set(with_locator)) == 3 < len(with_locator)


def test_denied_fields_never_leave(org: Org) -> None:
    records, _ = load(org.source(salesforce_fields_never=["account.description", "Account.ANNUALREVENUE"]))
    assert all({"Description", "AnnualRevenue"}.isdisjoint(r.body or {}) for r in records.values())
    assert not any("Description" in path or "AnnualRevenue" in path for _, path in org.requests)


def test_only_named_fields_leave_beside_those_that_are_needed(org: Org) -> None:
    records, _ = load(org.source(salesforce_fields_only=["Account.Description"]))
    body = next(iter(records.values())).body or {}
    assert {"Description", "Name", "SystemModstamp", "IsDeleted"} <= body.keys()
    assert {"NumberOfEmployees", "AnnualRevenue"}.isdisjoint(body)


@pytest.mark.parametrize(
    ("denied", "message"),
    [
        ("Account.name", "denies Name of Account, which tables need"),
        ("Acount.Secret__c", "names Acount.Secret__c, but c360 reads"),
    ],
)
def test_a_denial_that_cannot_be_kept_is_an_error(org: Org, denied: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load(org.source(salesforce_fields_never=[denied]))
    with pytest.raises(SettingsError, match=r"Account\.Secret__c"):
        Settings.load(salesforce_fields_never="Secret__c")


def test_a_compound_field_is_denied_with_its_parts(org: Org) -> None:
    source = org.source()
    described: list[dict[str, Any]] = [
        {**f, "compoundFieldName": "Secrets"} if f["name"] == "Description" else f
        for f in SalesforceClient(org.settings()).describe("Account")
    ]
    chosen = select(accounts(source), described, org.settings(salesforce_fields_never=["Account.Secrets"]))
    assert "Description" not in chosen.types


def test_a_load_that_would_use_up_the_allowance_is_refused(org: Org) -> None:
    org.api.daily_limit = 1_000
    source = org.source(salesforce_page_size=200, salesforce_minimum_requests_left=990)
    with pytest.raises(SourceError, match=r"Reading Account takes about 11 requests, but Salesforce allows only 9\d\d more"):
        load(source)
    assert len(org.asked("queryAll")) == 1  # counted, no more


def test_jwt_login(org: Org, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private = key.private_bytes(*kinds).decode()
    public = key.public_key().public_bytes(kinds[0], serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    org.api.credentials = type(org.api.credentials)(public_key=public)
    only = {"salesforce_client_secret": "", "salesforce_password": ""}
    one_line = private.replace("\n", "\\n")
    assert len(load(org.source(salesforce_private_key=one_line, **only))[0]) == 23
    (tmp_path / "key.pem").write_text(private)
    assert len(load(org.source(salesforce_private_key_file=tmp_path / "key.pem", **only))[0]) == 23
    with pytest.raises(SettingsError, match="C360_SALESFORCE_PRIVATE_KEY_FILE cannot be read"):
        load(org.source(salesforce_private_key_file=tmp_path / "none.pem", **only))
    with pytest.raises(SourceError, match="refused the login \\(HTTP 400, invalid_grant"):
        load(org.source(salesforce_private_key=private, salesforce_username="other@brightwater.example", **only))
    with pytest.raises(SettingsError, match="is no RSA key in PEM") as caught:
        load(org.source(salesforce_private_key="secret words", **only))
    assert "secret" not in str(caught.value)
    with caplog.at_level(logging.DEBUG), pytest.raises(SettingsError, match="C360_SALESFORCE_USERNAME"):
        load(org.source(salesforce_private_key=private, salesforce_username="", **only))
    assert "PRIVATE" not in caplog.text
