"""The fields of Salesforce objects that silver reads, by their API names. Amounts are decimals in major units, percents 0-100."""

import ibis

_TEXT = "string"
_INT = "int64"
_BOOL = "boolean"
_TIME = "timestamp('UTC', 6)"
_DAY = "date"
_NUMBER = "decimal(38, 12)"

_STAMPS = {"CreatedDate": _TIME, "LastModifiedDate": _TIME, "SystemModstamp": _TIME, "IsDeleted": _BOOL}


def account_schema(email_field: str, billable_field: str) -> ibis.Schema:
    """Account, business and person, with the custom fields for the billing e-mail and for "is billed in Stripe"."""
    return ibis.schema(
        {
            "Id": _TEXT,
            "Name": _TEXT,
            "IsPersonAccount": _BOOL,
            "FirstName": _TEXT,
            "LastName": _TEXT,
            "PersonEmail": _TEXT,
            "PersonContactId": _TEXT,
            "PersonMobilePhone": _TEXT,
            "MasterRecordId": _TEXT,
            "ParentId": _TEXT,
            "OwnerId": _TEXT,
            "Type": _TEXT,
            "Industry": _TEXT,
            "Rating": _TEXT,
            "AccountSource": _TEXT,
            "AccountNumber": _TEXT,
            "Site": _TEXT,
            "Description": _TEXT,
            "AnnualRevenue": _NUMBER,
            "NumberOfEmployees": _INT,
            "CurrencyIsoCode": _TEXT,
            "Phone": _TEXT,
            "Fax": _TEXT,
            "Website": _TEXT,
            "BillingStreet": _TEXT,
            "BillingCity": _TEXT,
            "BillingState": _TEXT,
            "BillingPostalCode": _TEXT,
            "BillingCountry": _TEXT,
            "ShippingStreet": _TEXT,
            "ShippingCity": _TEXT,
            "ShippingState": _TEXT,
            "ShippingPostalCode": _TEXT,
            "ShippingCountry": _TEXT,
            "LastActivityDate": _DAY,
            email_field: _TEXT,
            billable_field: _BOOL,
            **_STAMPS,
        }
    )


OPPORTUNITY = ibis.schema(
    {
        "Id": _TEXT,
        "Name": _TEXT,
        "AccountId": _TEXT,
        "OwnerId": _TEXT,
        "ContactId": _TEXT,
        "CampaignId": _TEXT,
        "StageName": _TEXT,
        "Type": _TEXT,
        "LeadSource": _TEXT,
        "NextStep": _TEXT,
        "Amount": _NUMBER,
        "ExpectedRevenue": _NUMBER,
        "TotalOpportunityQuantity": _NUMBER,
        "Probability": _NUMBER,
        "CurrencyIsoCode": _TEXT,
        "CloseDate": _DAY,
        "IsClosed": _BOOL,
        "IsWon": _BOOL,
        "ForecastCategory": _TEXT,
        "ForecastCategoryName": _TEXT,
        "FiscalYear": _INT,
        "FiscalQuarter": _INT,
        "LastActivityDate": _DAY,
        "LastStageChangeDate": _TIME,
        **_STAMPS,
    }
)

CONTACT = ibis.schema(
    {
        "Id": _TEXT,
        "AccountId": _TEXT,
        "OwnerId": _TEXT,
        "ReportsToId": _TEXT,
        "MasterRecordId": _TEXT,
        "IsPersonAccount": _BOOL,
        "FirstName": _TEXT,
        "LastName": _TEXT,
        "Name": _TEXT,
        "Salutation": _TEXT,
        "Title": _TEXT,
        "Department": _TEXT,
        "Email": _TEXT,
        "Phone": _TEXT,
        "MobilePhone": _TEXT,
        "MailingStreet": _TEXT,
        "MailingCity": _TEXT,
        "MailingState": _TEXT,
        "MailingPostalCode": _TEXT,
        "MailingCountry": _TEXT,
        "LeadSource": _TEXT,
        "HasOptedOutOfEmail": _BOOL,
        **_STAMPS,
    }
)

USER = ibis.schema(
    {
        "Id": _TEXT,
        "Name": _TEXT,
        "FirstName": _TEXT,
        "LastName": _TEXT,
        "Username": _TEXT,
        "Email": _TEXT,
        "Title": _TEXT,
        "Department": _TEXT,
        "Division": _TEXT,
        "IsActive": _BOOL,
        "UserType": _TEXT,
        "UserRoleId": _TEXT,
        "ManagerId": _TEXT,
        "TimeZoneSidKey": _TEXT,
        "CreatedDate": _TIME,
        "LastModifiedDate": _TIME,
        "SystemModstamp": _TIME,
    }
)

ORGANIZATION = ibis.schema(
    {
        "Id": _TEXT,
        "Name": _TEXT,
        "Country": _TEXT,
        "DefaultCurrencyIsoCode": _TEXT,
        "CurrencyIsoCode": _TEXT,
        "DefaultLocaleSidKey": _TEXT,
        "LanguageLocaleKey": _TEXT,
        "FiscalYearStartMonth": _INT,
        "UsesStartDateAsFiscalYearName": _BOOL,
        "InstanceName": _TEXT,
        "IsSandbox": _BOOL,
        "OrganizationType": _TEXT,
        "TimeZoneSidKey": _TEXT,
        "CreatedDate": _TIME,
        "LastModifiedDate": _TIME,
        "SystemModstamp": _TIME,
    }
)
