import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceMalformedRequest

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
