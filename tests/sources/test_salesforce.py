"""Salesforce extraction over the wire, by simple-salesforce against a scripted API."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from c360.errors import SettingsError, SourceError
from c360.settings import Settings
from c360.sources.base import Entity, Evidence, Window
from c360.sources.salesforce import SalesforceSource, id18, open_source
from c360.sources.salesforce_entities import REQUIRED_FIELDS
from tests.sources.conftest import Answer, Query, Script, ScriptedApi

Serve = Callable[[Script], ScriptedApi]
WINDOW = Window(datetime(2026, 11, 20, 22, tzinfo=UTC), datetime(2025, 11, 1, tzinfo=UTC))
ORGANISATION = "00D000000000001EAA"
STAMP = "2026-11-20T10:00:00.000+0000"


def account(number: int, **more: Any) -> dict[str, Any]:
    attributes = {"type": "Account", "url": "/services/data/v64.0/sobjects/Account/x"}
    return {"attributes": attributes, "Id": f"001A00000000{number:03}AAA", "SystemModstamp": STAMP, "IsDeleted": False, **more}


class Org:
    """A scripted organisation: its describe, its query pages, its limits; anything may be replaced by an error."""

    def __init__(self) -> None:
        self.fields = [
            {"name": n, "type": "string"} for n in sorted(REQUIRED_FIELDS["Account"] | {"SystemModstamp", "IsDeleted"})
        ]
        self.pages = [[account(1), account(2)], [account(3)]]
        self.total = 3
        self.counted: int | None = None
        self.remaining = 10_000
        self.errors: dict[str, Answer] = {}
        self.url = ""

    def __call__(self, path: str, query: Query) -> Answer:
        for part, answer in self.errors.items():
            if part in path:
                return answer
        if path.endswith("/token"):
            identity = f"{self.url}/id/{ORGANISATION}/005000000000001AAA"
            return 200, {"access_token": "t", "instance_url": self.url, "id": identity}
        if path.endswith("/limits/"):
            return 200, {"DailyApiRequests": {"Max": 15000, "Remaining": self.remaining}}
        if path.endswith("/describe"):
            return 200, {"fields": self.fields}
        if "COUNT()" in query.get("q", ""):
            return 200, {"totalSize": self.total if self.counted is None else self.counted, "done": True, "records": []}
        number = int(path.rsplit("-", 1)[1]) if "-" in path else 0
        done = number == len(self.pages) - 1
        more = {} if done else {"nextRecordsUrl": f"/services/data/v64.0/query/01g-{number + 1}"}
        return 200, {"totalSize": self.total, "done": done, "records": self.pages[number], **more}


@pytest.fixture
def org() -> Org:
    return Org()


def source(scripted: Serve, org: Org, **more: Any) -> tuple[SalesforceSource, ScriptedApi]:
    api = scripted(org)
    org.url = api.url
    given = {"salesforce_url": api.url, "salesforce_client_id": "c", "salesforce_client_secret": "s"}
    return open_source(Settings(_env_file=None, **{**given, **more})), api


def accounts(salesforce: SalesforceSource) -> Entity:
    return next(e for e in salesforce.entities() if e.name == "salesforce_accounts")


def listed(api: ScriptedApi) -> str:
    """The query of the list, which comes after the one that counts."""
    counted, query = [q["q"] for path, q in api.requests if path.endswith("/queryAll/")][:2]
    assert counted.replace("COUNT()", "x") in query.replace(query[7 : query.index(" FROM")], "x")
    return query


def test_queries_are_paged_counted_and_include_deleted_records(scripted: Serve, org: Org) -> None:
    org.pages[1] = [account(3, IsDeleted=True, MasterRecordId="001A00000000001AAA")]
    salesforce, api = source(scripted, org)
    evidence = Evidence()
    records = [r for page in salesforce.extract(accounts(salesforce), WINDOW, evidence) for r in page]
    assert [r.is_deleted for r in records] == [False, False, True]
    assert records[0].updated_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert "attributes" not in orjson.loads(records[0].payload)
    assert (evidence.expected_count, evidence.page_count) == (3, 2)
    queries = [(path, q) for path, q in api.requests if "query" in path.lower()]
    assert queries[0][0].endswith("/queryAll/")
    assert queries[0][1]["q"] == "SELECT COUNT() FROM Account WHERE SystemModstamp <= 2026-11-20T22:00:00Z"
    assert queries[1][1]["q"].endswith(" FROM Account WHERE SystemModstamp <= 2026-11-20T22:00:00Z ORDER BY Id")


def test_historical_objects_are_asked_from_the_history_on(scripted: Serve, org: Org) -> None:
    org.fields = [{"name": n, "type": "string"} for n in REQUIRED_FIELDS["Opportunity"] | {"SystemModstamp"}]
    salesforce, api = source(scripted, org)
    entity = next(e for e in salesforce.entities() if e.name == "salesforce_opportunities")
    list(salesforce.extract(entity, WINDOW, Evidence()))
    assert " WHERE SystemModstamp <= 2026-11-20T22:00:00Z AND SystemModstamp >= 2025-11-01T00:00:00Z ORDER BY Id" in listed(api)


def test_compound_fields_are_left_out_and_own_fields_kept(scripted: Serve, org: Org) -> None:
    org.fields += [{"name": "BillingAddress", "type": "address"}, {"name": "Zone__c", "type": "string"}]
    salesforce, api = source(scripted, org)
    list(salesforce.extract(accounts(salesforce), WINDOW, Evidence()))
    query = listed(api)
    assert "BillingAddress" not in query
    assert "Zone__c" in query


def test_the_email_field_may_have_another_name_or_be_absent(scripted: Serve, org: Org) -> None:
    org.fields.append({"name": "Invoice_Mail__c", "type": "email"})
    salesforce, api = source(scripted, org, salesforce_account_email_field="Invoice_Mail__c")
    entity = accounts(salesforce)
    assert entity.aliases == {"Billing_Email__c": "Invoice_Mail__c"}
    list(salesforce.extract(entity, WINDOW, Evidence()))
    query = listed(api)
    assert "Invoice_Mail__c" in query
    assert "Billing_Email__c" not in query


def test_fewer_records_than_counted_is_an_error(scripted: Serve, org: Org) -> None:
    org.total = 4
    salesforce, _ = source(scripted, org)
    with pytest.raises(SourceError, match="counts 4 Account records, but gave 3"):
        list(salesforce.extract(accounts(salesforce), WINDOW, Evidence()))


def test_a_list_that_is_shorter_than_the_count_is_an_error_unless_records_left_it(scripted: Serve, org: Org) -> None:
    org.counted = 4
    salesforce, api = source(scripted, org)
    with pytest.raises(SourceError, match="counts 4 Account records, but gave 3"):
        list(salesforce.extract(accounts(salesforce), WINDOW, Evidence()))
    assert sum("COUNT()" in q.get("q", "") for _, q in api.requests) == 2


def test_a_vanished_field_is_named(scripted: Serve, org: Org) -> None:
    org.fields = [f for f in org.fields if f["name"] not in {"Industry", "Website"}]
    salesforce, _ = source(scripted, org)
    with pytest.raises(SourceError, match="Account no longer shows Industry, Website"):
        list(salesforce.extract(accounts(salesforce), WINDOW, Evidence()))


def test_too_few_requests_left_stops_before_the_start(scripted: Serve, org: Org) -> None:
    org.remaining = 10
    salesforce, api = source(scripted, org)
    with pytest.raises(SourceError, match="only 10 more requests"):
        list(salesforce.extract(accounts(salesforce), WINDOW, Evidence()))
    assert not any("query" in path for path, _ in api.requests)


def test_fetch_by_id(scripted: Serve, org: Org) -> None:
    org.pages = [[account(1)]]
    salesforce, api = source(scripted, org)
    found = salesforce.fetch(accounts(salesforce), ["001A00000000001", "bad'id"])
    assert [r.record_id for r in found] == ["001A00000000001AAA"]
    query = next(q["q"] for path, q in api.requests if path.endswith("/queryAll/"))
    assert query.endswith(f"WHERE Id IN ('{id18('001A00000000001')}') ORDER BY Id")


def test_both_login_flows(scripted: Serve, org: Org) -> None:
    salesforce, api = source(scripted, org)
    assert salesforce.account == ORGANISATION
    assert api.requests[0][1]["grant_type"] == "client_credentials"
    user = {"salesforce_username": "u", "salesforce_password": "p", "salesforce_security_token": "t"}
    salesforce, api = source(scripted, org, **user)
    assert salesforce.account == ORGANISATION
    assert (api.requests[0][1]["grant_type"], api.requests[0][1]["password"]) == ("password", "pt")


@pytest.mark.parametrize(
    ("part", "status", "body", "message"),
    [
        ("token", 400, {"error": "invalid_grant", "error_description": "jane"}, "refused the login \\(HTTP 400, invalid_grant"),
        ("describe", 404, [{"errorCode": "NOT_FOUND", "message": "jane"}], "may not read Account"),
        ("queryAll", 400, [{"errorCode": "INVALID_TYPE", "message": "jane"}], "may not read Account"),
        ("queryAll", 400, [{"errorCode": "INVALID_FIELD", "message": "jane"}], "refuses a field of Account"),
        ("queryAll", 401, [{"errorCode": "INVALID_SESSION_ID", "message": "jane"}], "session expired"),
        ("01g-1", 400, [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "jane"}], "records of Account twice"),
        ("01g-1", 400, [{"errorCode": "OPERATION_TOO_LARGE", "message": "jane"}], "could not answer for Account"),
        ("limits", 403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "jane"}], "allowance"),
    ],
)
def test_each_error_is_one_sentence(scripted: Serve, org: Org, part: str, status: int, body: Any, message: str) -> None:
    org.errors[part] = (status, body)
    salesforce, _ = source(scripted, org)
    with pytest.raises(SourceError, match=message) as caught:
        list(salesforce.extract(accounts(salesforce), WINDOW, Evidence()))
    assert caught.value.hint
    assert "jane" not in str(caught.value)


def test_plain_http_stays_on_this_machine(scripted: Serve, org: Org) -> None:
    org.errors["token"] = (200, {"access_token": "t", "instance_url": "http://example.com"})
    salesforce, _ = source(scripted, org)
    with pytest.raises(SourceError, match="not https"):
        salesforce.check()
    with pytest.raises(SettingsError, match="plain http"):
        Settings.load(salesforce_url="http://example.com")


def test_a_missing_credential_names_the_variable() -> None:
    with pytest.raises(SettingsError, match="C360_SALESFORCE_CLIENT_ID"):
        open_source(Settings(_env_file=None)).check()


@pytest.mark.parametrize(
    ("short", "long"),
    [("001A0000006Vm9r", "001A0000006Vm9rIAC"), ("500x000000abcde", "500x000000abcdeAAA"), ("001a", "001a")],
)
def test_ids_have_18_characters(short: str, long: str) -> None:
    assert id18(short) == long
    assert id18(long) == long


def test_a_clock_that_is_wrong_is_refused(scripted: Serve, org: Org) -> None:
    salesforce, api = source(scripted, org)
    api.fast_seconds = 1_500
    with pytest.raises(SourceError, match=r"clock is 2[45] minutes behind Salesforce's"):
        assert salesforce.account


def test_lists_under_way_share_the_allowance(scripted: Serve, org: Org) -> None:
    org.remaining = 520
    salesforce, _ = source(scripted, org)
    first = salesforce.extract(accounts(salesforce), WINDOW, Evidence())
    next(first)
    with pytest.raises(SourceError, match=r"allows only 520 more today \(other lists under way need about 11\)"):
        list(salesforce.extract(accounts(salesforce), WINDOW, Evidence()))
    assert len(list(first)) == 1
    assert len(list(salesforce.extract(accounts(salesforce), WINDOW, Evidence()))) == 2
