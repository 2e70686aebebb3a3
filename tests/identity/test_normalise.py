"""Normal forms by example, and that normalising twice changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c360.identity import normalise


@pytest.mark.parametrize(
    ("written", "normal", "key", "kind"),
    [
        (" John.Doe+x@GoogleMail.com ", "john.doe+x@googlemail.com", "johndoe@gmail.com", "free"),
        ("ＡＮＮ@ＡＣＭＥ．com", "ann@acme.com", "ann@acme.com", "corporate"),
        ("mailto:<billing@Acme.com>", "billing@acme.com", "billing@acme.com", "role"),
        ("billing-eu@acme.com", "billing-eu@acme.com", "billing-eu@acme.com", "role"),
        ("a@münchen.de", "a@xn--mnchen-3ya.de", "a@xn--mnchen-3ya.de", "corporate"),
        ("nobody", None, None, None),
        ("a@b@c", None, None, None),
        ("  ", None, None, None),
        (None, None, None, None),
    ],
)
def test_emails(written, normal, key, kind):
    address = normalise.email(written)
    assert address == normal
    assert normalise.email_key(address) == key
    assert normalise.email_class(normalise.email_key(address)) == kind


@pytest.mark.parametrize(
    ("written", "core"),
    [
        ("Acme Widgets GmbH & Co. KG", "acme widgets"),
        ("The Foo, L.L.C.", "foo"),
        ("Müller & Söhne AG", "muller and sohne"),
        ("ACME  co., ltd.", "acme"),
        ("Limited", "limited"),
        ("The", "the"),
        ("株式会社", "株式会社"),
        ("--", None),
        (None, None),
    ],
)
def test_company_names_lose_their_legal_form(written, core):
    assert normalise.name_core(normalise.name(written)) == core


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("https://www.shop.acme.co.uk/about?x=1", "acme.co.uk"),
        ("ann@mail.acme.com", "acme.com"),
        ("acme.com:8080", "acme.com"),
        ("x@gmail.com", None),
        ("localhost", None),
        ("no website", None),
        (None, None),
    ],
)
def test_corporate_domain(written, domain):
    assert normalise.corporate_domain(written) == domain


def test_salesforce_ids_of_15_and_18_characters_and_lost_case_are_one():
    assert normalise.salesforce_id(" 001D000000IqhSL ") == "001D000000IqhSLIAZ"
    assert normalise.salesforce_id("001D000000IqhSLIAZ") == "001D000000IqhSLIAZ"
    assert normalise.salesforce_id("001d000000iqhsliaz") == "001D000000IqhSLIAZ"
    assert normalise.salesforce_id("cus_123") is None


@pytest.mark.parametrize(
    ("written", "normal", "key"),
    [
        ("+49 (221) 55-01234", "+492215501234", "215501234"),
        ("0049 221 5501234", "+492215501234", "215501234"),
        ("555-123-4567 ext. 12", "5551234567", "551234567"),
        ("12345", None, None),
        (None, None, None),
    ],
)
def test_phones(written, normal, key):
    assert normalise.phone(written) == normal
    assert normalise.phone_key(normal) == key


def test_addresses_compare_by_postal_code_and_house_number():
    assert normalise.address_key("12 High Street", "LS1 4AP") == normalise.address_key("High St. 12", "ls14ap")
    assert normalise.address_key("High Street", "LS1 4AP") is None
    assert normalise.address("12 High Street", None, "Leeds", "GB") == "12 high street, leeds, gb"


@pytest.mark.parametrize("metadata", ['{"Salesforce_Account_Id": "x"}', '{"salesforce_account_id": "x", "a": "b"}'])
def test_metadata_is_found_whatever_its_case(metadata):
    assert normalise.metadata_value(metadata, "salesforce_account_id") == "x"


@pytest.mark.parametrize("metadata", [None, "", "{", "[]", "{}", '{"salesforce_account_id": 5}'])
def test_metadata_without_the_key_is_null(metadata):
    assert normalise.metadata_value(metadata, "salesforce_account_id") is None


@given(st.text(max_size=40))
def test_normal_forms_are_stable(written):
    for function in (normalise.text, normalise.name, normalise.email, normalise.phone, normalise.clean):
        once = function(written)
        assert function(once) == once


@given(st.from_regex(r"[0-9A-Za-z]{15}", fullmatch=True))
def test_a_salesforce_id_survives_the_loss_of_its_case(body):
    full = normalise.salesforce_id(body)
    assert normalise.salesforce_id(full.lower()) == full
