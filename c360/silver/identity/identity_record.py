"""What each source record says about who it is, normalised once; the only table with readable personal data past bronze."""

from functools import partial

import ibis
import ibis.expr.types as ir

from c360.catalog import Overwrite, step
from c360.contract import Contract, Day, Flag, Instant, Text, field, ibis_schema
from c360.expressions.lineage import nullable
from c360.identity.features import features
from c360.identity.tokens import TOKEN_PATTERN
from c360.work import Work

ENTITIES = ("account", "contact", "customer")


class IdentityRecord(Contract):
    """One row per source record ever stored: Salesforce accounts and contacts, Stripe customers.

    Contacts are evidence of their account (`member_id`), never members of a customer themselves. They have rows of their own,
    because each brings an e-mail and a name, and because the scan for personal data (SE-004) looks for these.
    """

    source_system: Text = field("Where the record lives.", pii="enum", isin=("salesforce", "stripe"))
    source_account: Text = field("The Salesforce organisation or Stripe account it lives in.", pii="id")
    source_id: Text = field("The record's id there (Salesforce: 18 characters).", pii="id")
    source_entity: Text = field("Kind of record.", pii="enum", isin=ENTITIES)
    member_id: Text = field("The account or customer the record speaks for; a contact without account: its own id.", pii="id")
    is_person: Flag = field("Whether it is a contact or a person account.")
    is_deleted: Flag = field("Whether it is deleted at the source.")
    master_id: Text = field("The account that survived the merge this account lost.", nullable=True, pii="id")
    metadata_account_id: Text = field("Salesforce account id in the Stripe customer's metadata.", nullable=True, pii="id")
    created_at: Instant = field("When the record was created at its source (UTC).", nullable=True)
    name: Text = field("Name as written, trimmed.", nullable=True, pii="personal")
    name_normal: Text = field("Name, normalised.", nullable=True, pii="personal")
    name_core: Text = field("Name without its legal form.", nullable=True, pii="personal")
    email: Text = field("E-mail, normalised.", nullable=True, pii="personal")
    email_key: Text = field("Mailbox: e-mail without plus-tag and aliases.", nullable=True, pii="personal")
    email_class: Text = field("Kind of mailbox.", nullable=True, pii="enum", isin=("corporate", "free", "role"))
    domain: Text = field("Corporate domain of the website, else of the e-mail.", nullable=True, pii="personal")
    phone: Text = field("Phone number: digits, `+` before an international one.", nullable=True, pii="personal")
    phone_key: Text = field("Last nine digits of the phone number.", nullable=True, pii="personal")
    address: Text = field("Address in one line, normalised.", nullable=True, pii="personal")
    address_key: Text = field("Postal code and house number.", nullable=True, pii="personal")
    name_token: Text = field("Keyed token of the normalised name.", nullable=True, pii="token", matches=TOKEN_PATTERN)
    email_token: Text = field("Keyed token of the e-mail.", nullable=True, pii="token", matches=TOKEN_PATTERN)
    phone_token: Text = field("Keyed token of the phone number.", nullable=True, pii="token", matches=TOKEN_PATTERN)
    address_token: Text = field("Keyed token of the address.", nullable=True, pii="token", matches=TOKEN_PATTERN)
    record_id: Text = field("Bronze record it was made from.", pii="id")
    payload_hash: Text = field("Bronze version it was made from.", pii="id")
    date_loaded: Day = field("Load date of that version.")

    class Config:
        unique = ["source_system", "source_account", "source_id"]


_VERSION = ("source_system", "source_account", "source_id", "payload_hash")
_BRONZE = {"source_account": "source_account", "record_id": "record_id", "payload_hash": "payload_hash"}


@step(
    IdentityRecord,
    write=Overwrite(),
    layer="vault",
    traces={"salesforce_accounts": _BRONZE, "salesforce_contacts": _BRONZE, "stripe_customers": _BRONZE},
)
def identity_record(
    salesforce_accounts: ir.Table,
    salesforce_contacts: ir.Table,
    stripe_customers: ir.Table,
    *,
    work: Work,
    metadata_key: str,
) -> ir.Table:
    """One row per account, contact and Stripe customer, live, deleted or merged; each row depends on its record alone."""
    parts = (_accounts(salesforce_accounts), _contacts(salesforce_contacts), _customers(stripe_customers))
    raw = ibis.union(*map(nullable, parts))
    schema = ibis_schema(IdentityRecord)
    function = partial(features, schema=schema.to_pyarrow(), metadata_key=metadata_key, token=work.token)
    before = work.previous("identity_record") if work.continues else None
    if before is None:
        return work.map_batches(raw, function, schema)
    made = work.map_batches(raw.anti_join(before, list(_VERSION)), function, schema)
    return nullable(made).union(nullable(_as_before(raw, before)))


def _as_before(raw: ir.Table, before: ir.Table) -> ir.Table:
    """Records whose version was made into features before; whether and when it is here is told anew."""
    told = raw.select(*_VERSION, "is_deleted", "date_loaded")
    return before.drop("is_deleted", "date_loaded").join(told, list(_VERSION)).select(*ibis_schema(IdentityRecord))


def _accounts(accounts: ir.Table) -> ir.Table:
    person_name = _full_name(accounts.FirstName, accounts.LastName)
    is_person = accounts.IsPersonAccount.fill_null(False)
    return accounts.select(
        **_common(accounts, "account"),
        member_id=accounts.record_id,
        is_person=is_person,
        is_deleted=accounts.is_deleted | accounts.IsDeleted.fill_null(False),
        created_at=accounts.CreatedDate,
        raw_name=ibis.ifelse(is_person, ibis.coalesce(accounts.Name, person_name), accounts.Name),
        raw_email=ibis.coalesce(accounts.PersonEmail, accounts.Billing_Email__c),
        raw_website=accounts.Website,
        raw_phone=ibis.coalesce(accounts.Phone, accounts.PersonMobilePhone),
        raw_street=accounts.BillingStreet,
        raw_postal_code=accounts.BillingPostalCode,
        raw_city=accounts.BillingCity,
        raw_country=accounts.BillingCountry,
        raw_master_id=accounts.MasterRecordId,
        raw_metadata=ibis.null("string"),
    )


def _contacts(contacts: ir.Table) -> ir.Table:
    return contacts.select(
        **_common(contacts, "contact"),
        member_id=ibis.coalesce(contacts.AccountId, contacts.record_id),
        is_person=ibis.literal(value=True),
        is_deleted=contacts.is_deleted | contacts.IsDeleted.fill_null(False),
        created_at=contacts.CreatedDate,
        raw_name=ibis.coalesce(contacts.Name, _full_name(contacts.FirstName, contacts.LastName)),
        raw_email=contacts.Email,
        raw_website=ibis.null("string"),
        raw_phone=ibis.coalesce(contacts.Phone, contacts.MobilePhone),
        raw_street=contacts.MailingStreet,
        raw_postal_code=contacts.MailingPostalCode,
        raw_city=contacts.MailingCity,
        raw_country=contacts.MailingCountry,
        raw_master_id=contacts.MasterRecordId,
        raw_metadata=ibis.null("string"),
    )


def _customers(customers: ir.Table) -> ir.Table:
    address = customers.address
    return customers.select(
        **_common(customers, "customer"),
        member_id=customers.record_id,
        is_person=ibis.literal(value=False),
        is_deleted=customers.is_deleted | customers.deleted.fill_null(False),
        created_at=customers.created,
        raw_name=ibis.coalesce(customers.name, customers.business_name, customers.individual_name, customers.shipping["name"]),
        raw_email=customers.email,
        raw_website=ibis.null("string"),
        raw_phone=ibis.coalesce(customers.phone, customers.shipping["phone"]),
        raw_street=address["line1"],
        raw_postal_code=address["postal_code"],
        raw_city=address["city"],
        raw_country=address["country"],
        raw_master_id=ibis.null("string"),
        raw_metadata=customers.metadata,
    )


def _common(bronze: ir.Table, entity: str) -> dict[str, ir.Value]:
    return {
        "source_system": bronze.source_system,
        "source_account": bronze.source_account,
        "source_id": bronze.record_id,
        "source_entity": ibis.literal(entity),
        "record_id": bronze.record_id,
        "payload_hash": bronze.payload_hash,
        "date_loaded": bronze.date_loaded,
    }


def _full_name(first: ir.StringValue, last: ir.StringValue) -> ir.StringValue:
    return ibis.coalesce(first + " " + last, last, first)
