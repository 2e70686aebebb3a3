"""Which field a column is, for exports as people have them."""

import pytest

from c360.identity import guess


def fields(*columns, entity="person", **texts):
    return guess.fields({**{column: [] for column in columns}, **texts}, entity)


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (
            ("FirstName", "LastName", "Email", "Phone", "MailingStreet", "Account Name"),
            {"FirstName": "first_name", "LastName": "last_name", "Email": "email", "Phone": "phone", "MailingStreet": "street"},
        ),
        (("given_name", "surname", "date_of_birth", "soc_sec_id", "suburb", "state", "address_1", "address_2"),
         {"given_name": "first_name", "surname": "last_name", "date_of_birth": "birth_date", "soc_sec_id": "tax_id",
          "suburb": "city", "state": "region", "address_1": "street", "address_2": "street_2"}),
        (("Vorname", "Nachname", "PLZ", "Ort", "Straße", "Hausnummer", "Geburtsdatum"),
         {"Vorname": "first_name", "Nachname": "last_name", "PLZ": "postcode", "Ort": "city", "Straße": "street",
          "Hausnummer": "house_number", "Geburtsdatum": "birth_date"}),
        (("name", "gender", "created", "balance"), {"name": "name", "gender": "exact"}),
    ],
)  # fmt: skip
def test_columns_of_exports_of_persons(columns, found):
    assert fields(*columns) == found


def test_columns_of_an_export_of_companies():
    assert fields("Company Name", "Website", "VAT Number", "birthdate", "first_name", entity="organisation") == {
        "Company Name": "name",
        "Website": "domain",
        "VAT Number": "tax_id",
    }


def test_what_is_not_known_stays_out():
    assert fields("foo", "amount", "id2", "") == {}


def test_of_two_columns_of_one_field_the_surest_is_taken():
    assert fields("mobile", "phone") == fields("phone", "mobile") == {"phone": "phone"}


def test_mailboxes_are_told_by_what_they_are():
    assert fields(contact=["ann@acme.example", "bob@acme.example", ""], note=["ann@acme.example", "call", "gone"]) == {
        "contact": "email"
    }


def test_mailboxes_do_not_come_twice():
    assert fields(contact=["ann@acme.example"], email=[]) == {"email": "email"}
