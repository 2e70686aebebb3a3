import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from c360.demo.company import Company
from c360.demo.ids import with_checksum
from c360.demo.server import DemoServer
from tests.demo.conftest import FIRST_LOAD, SECOND_LOAD, LoopbackAdapter


@pytest.mark.parametrize("table", ["Account", "Contact", "Opportunity", "User", "Organization"])
def test_described_fields_page_to_the_end(table: str, company: Company, salesforce: Salesforce) -> None:
    names = [one["name"] for one in getattr(salesforce, table).describe()["fields"]]
    rows = salesforce.query_all(f"SELECT {', '.join(names)} FROM {table}", include_deleted=True)["records"]
    at = int(FIRST_LOAD.timestamp())
    assert {row["Id"] for row in rows} == {r.id for r in company.world.salesforce.records[table].values() if r.index_at(at) >= 0}
    assert salesforce.query(f"SELECT COUNT() FROM {table}", include_deleted=True)["totalSize"] == len(rows)
    assert all(row["Id"] == with_checksum(row["Id"][:15]) for row in rows)


def test_cursor_on_system_modstamp(server: DemoServer, salesforce: Salesforce) -> None:
    server.set_now(SECOND_LOAD)
    soql = (
        "SELECT Id, IsDeleted, MasterRecordId, SystemModstamp FROM Account WHERE SystemModstamp > 2026-06-14T21:40:00Z "
        "AND SystemModstamp <= 2026-06-15T22:00:00.000Z ORDER BY SystemModstamp ASC, Id LIMIT 500"
    )
    changed = salesforce.query_all(soql, include_deleted=True)["records"]
    stamps = [row["SystemModstamp"] for row in changed]
    assert stamps == sorted(stamps)
    assert {row["IsDeleted"] for row in changed} == {True, False}
    assert any(row["MasterRecordId"] for row in changed)
    assert all(not row["IsDeleted"] for row in salesforce.query_all(soql)["records"])


def test_errors_are_salesforces(server: DemoServer, salesforce: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD"):
        salesforce.query("SELECT Id, Nothing__c FROM Account")
    with pytest.raises(SalesforceMalformedRequest, match="MALFORMED_QUERY"):
        salesforce.query("SELECT FROM Account")
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_TYPE"):
        salesforce.query("SELECT Id FROM Nothing")
    session = requests.Session()
    session.mount("https://127.0.0.1", LoopbackAdapter())
    with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
        Salesforce(instance_url=server.salesforce_url, session_id="wrong", session=session).query("SELECT Id FROM Account")


def test_conditions(salesforce: Salesforce) -> None:
    won = salesforce.query_all("SELECT Id, Probability FROM Opportunity WHERE IsWon = true AND (Amount > 100 OR Amount = null)")
    assert {row["Probability"] for row in won["records"]} == {100.0}
    two = salesforce.query_all(
        "SELECT Id FROM Opportunity WHERE StageName IN ('Closed Won', 'Closed Lost') AND Name LIKE '%Pilot'"
    )
    assert 0 < two["totalSize"] < salesforce.query("SELECT COUNT() FROM Opportunity")["totalSize"]
    assert salesforce.limits()["DailyApiRequests"]["Remaining"] > 0


def test_query_jobs_by_the_unchanged_client(salesforce: Salesforce) -> None:
    pages = list(salesforce.bulk2.Account.query_all("SELECT Id, IsDeleted FROM Account", max_records=7, wait=0.01))
    assert len(pages) > 2
    rows = [line for page in pages for line in page.splitlines() if line != '"Id","IsDeleted"']
    whole = salesforce.query_all("SELECT Id, IsDeleted FROM Account", include_deleted=True)["records"]
    assert sorted(rows) == sorted(f'"{row["Id"]}","{str(row["IsDeleted"]).lower()}"' for row in whole)
    assert '"true"' in "".join(pages)


def test_query_jobs_punish_mistakes(salesforce: Salesforce) -> None:
    def job(soql: str, **more: str) -> str:
        return str(salesforce.restful("jobs/query", method="POST", json={"operation": "query", "query": soql, **more})["id"])

    def results(identifier: str, **parameters: str) -> requests.Response:
        url = f"{salesforce.base_url}jobs/query/{identifier}/results"
        return salesforce.session.get(url, params=parameters, headers=salesforce.headers | {"Accept": "text/csv"})

    for soql, more in (("SELECT COUNT() FROM Account", {}), ("SELECT Id FROM Account", {"lineEnding": "CRLF"}), ("SELECT", {})):
        with pytest.raises(SalesforceMalformedRequest):
            job(soql, **more)
    made = job("SELECT Id FROM Account")
    assert results(made).json()[0]["errorCode"] == "INVALIDJOBSTATE"  # read before it is complete
    with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
        salesforce.restful(f"jobs/query/{made}", method="DELETE")
    states = [salesforce.restful(f"jobs/query/{made}")["state"] for _ in range(2)]
    assert states == ["InProgress", "JobComplete"]
    page = results(made, maxRecords="3")
    assert (page.headers["Sforce-NumberOfRecords"], len(page.text.splitlines())) == ("3", 4)
    assert results(made, maxRecords="3", locator=page.headers["Sforce-Locator"]).text != page.text
    assert results(made, locator="nowhere").json()[0]["errorCode"] == "INVALIDLOCATOR"
    salesforce.restful(f"jobs/query/{made}", method="DELETE")
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.restful(f"jobs/query/{made}")
    running = job("SELECT Id FROM Account")
    assert salesforce.restful(f"jobs/query/{running}", method="PATCH", json={"state": "Aborted"})["state"] == "Aborted"


def test_only_so_many_queries_stay_open_and_addresses_have_an_end(salesforce: Salesforce) -> None:
    first = salesforce.query("SELECT Id FROM Contact")
    assert not first["done"]
    for _ in range(10):
        salesforce.query("SELECT Id FROM Contact")
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_QUERY_LOCATOR"):
        salesforce.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    with pytest.raises(SalesforceError, match="URI Too Long"):
        salesforce.query(f"SELECT Id FROM Contact WHERE Name != '{'x' * 16_000}'")
