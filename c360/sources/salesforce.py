"""Salesforce, by simple-salesforce: what is declared of each object."""

from c360.sources.base import Entity
from c360.sources.salesforce_schema import CONTACT, OPPORTUNITY, ORGANIZATION, USER, account_schema

EMAIL_FIELD = "Billing_Email__c"

ENTITIES: list[Entity] = [
    Entity("salesforce_opportunities", "salesforce", "Opportunity", OPPORTUNITY, key="Id", updated_at="SystemModstamp",
           is_historical=True),
    Entity("salesforce_contacts", "salesforce", "Contact", CONTACT, key="Id", updated_at="SystemModstamp"),
    Entity("salesforce_accounts", "salesforce", "Account", account_schema(EMAIL_FIELD), key="Id", updated_at="SystemModstamp"),
    Entity("salesforce_users", "salesforce", "User", USER, key="Id", updated_at="SystemModstamp"),
    Entity("salesforce_organization", "salesforce", "Organization", ORGANIZATION, key="Id", updated_at="SystemModstamp"),
]
