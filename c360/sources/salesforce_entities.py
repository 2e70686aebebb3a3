"""What is declared of each Salesforce object: shape, references, and the fields without which silver cannot be built."""

from c360.sources.base import Entity, Reference
from c360.sources.salesforce_schema import CONTACT, OPPORTUNITY, ORGANIZATION, USER, account_schema

EMAIL_COLUMN = "Billing_Email__c"
BILLABLE_COLUMN = "Is_Billable__c"
"""Column of the billing e-mail, whatever the organisation calls the field (`Entity.aliases`)."""

REQUIRED_FIELDS: dict[str, frozenset[str]] = {
    "Account": frozenset({"Id", "Name", "MasterRecordId", "OwnerId", "Type", "Industry", "Website", "CreatedDate"}),
    "Opportunity": frozenset(
        {"Id", "AccountId", "OwnerId", "StageName", "Amount", "Probability", "CloseDate", "IsClosed", "IsWon", "CreatedDate"}
    ),
    "Contact": frozenset({"Id", "AccountId", "Email", "CreatedDate"}),
    "User": frozenset({"Id", "Name", "Email", "IsActive"}),
    "Organization": frozenset({"Id", "Name", "TimeZoneSidKey", "FiscalYearStartMonth"}),
}
"""Fields every organisation has and some table needs; the others are null where an organisation lacks the feature."""

_TO_OWNER = Reference("OwnerId", "salesforce_users", ("005",))
_TO_ACCOUNT = Reference("AccountId", "salesforce_accounts")


def entities(email_field: str = EMAIL_COLUMN, billable_field: str = BILLABLE_COLUMN) -> list[Entity]:
    """All entities in the order of extraction.

    Args:
        email_field: The organisation's name of the account's billing e-mail field.
        billable_field: Its name of the flag that an account is billed in Stripe.
    """
    custom = {EMAIL_COLUMN: email_field, BILLABLE_COLUMN: billable_field}
    return [
        Entity(
            "salesforce_opportunities",
            "salesforce",
            "Opportunity",
            OPPORTUNITY,
            key="Id",
            references=(_TO_ACCOUNT, _TO_OWNER),
            updated_at="SystemModstamp",
            window_field="SystemModstamp",
            is_historical=True,
        ),
        Entity(
            "salesforce_contacts",
            "salesforce",
            "Contact",
            CONTACT,
            key="Id",
            references=(_TO_ACCOUNT,),
            updated_at="SystemModstamp",
        ),
        Entity(
            "salesforce_accounts",
            "salesforce",
            "Account",
            account_schema(EMAIL_COLUMN, BILLABLE_COLUMN),
            key="Id",
            aliases={column: name for column, name in custom.items() if column != name},
            references=(_TO_OWNER, Reference("MasterRecordId", "salesforce_accounts")),
            updated_at="SystemModstamp",
        ),
        Entity("salesforce_users", "salesforce", "User", USER, key="Id", updated_at="SystemModstamp"),
        Entity("salesforce_organization", "salesforce", "Organization", ORGANIZATION, key="Id", updated_at="SystemModstamp"),
    ]
