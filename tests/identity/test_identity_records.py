"""What files' texts become before they are compared. All persons and companies are made up."""

import pytest

from c360.identity import records
from tests.identity_rows import columns, texts


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1980-01-02", "19800102"),
        ("1980-1-2", "19800102"),
        ("19800102", "19800102"),
        ("1980/01/02", "19800102"),
        ("2.1.1980", "19800102"),
        ("02/01/1980", "19800102"),
        ("1980-01-02T23:59:00Z", "19800102"),
        ("1980-01-02 00:00:00", "19800102"),
        ("2 Jan 1980", "19800102"),
        ("January 2, 1980", "19800102"),
        ("1980", "1980"),
        ("19800231", "19800231"),
        ("0000-00-00", "00000000"),
        ("5/6/80", "050680"),
        ("05/06/80", "050680"),
        ("Jan 1 " + "9" * 5000, None),
        ("unknown", None),
        ("12", None),
        ("", None),
    ],
)
def test_a_day_in_several_spellings(text, day):
    assert records.day(text) == day


def test_a_day_may_have_its_month_first():
    assert records.day("01/02/1980", is_month_first=True) == "19800102"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Ann Smith", "ann", "smith"),
        ("Smith, Ann", "ann", "smith"),
        ("SMITH, Ann B.", "ann", "smith"),
        ("Ann B. Smith", "ann", "smith"),
        ("Dr. Ann Smith Jr.", "ann", "smith"),
        ("Ann Smith, Jr.", "ann", "smith"),
        ("von Berg, Zoë", "zoe", "von berg"),
        ("Cher", None, "cher"),
        ("Cher,", None, "cher"),
        ("Dr.", None, None),
        (",", None, None),
    ],
)
def test_whole_names(text, first, last):
    assert records.first_and_last(text) == (first, last)


@pytest.mark.parametrize(
    ("text", "street", "number"),
    [
        ("12 Main St.", "main street", "12"),
        ("Main Street 12b", "main street", "12b"),
        ("Main Street 12 B", "main street", "12b"),
        ("Hauptstraße 5", "hauptstrasse", "5"),
        ("Main Street", "main street", None),
        ("12", "12", None),
        ("", None, None),
    ],
)
def test_streets_and_house_numbers(text, street, number):
    assert records.street_and_number(text) == (street, number)


@pytest.mark.parametrize(
    ("text", "number"), [("GB 977 0718 75", "977071875"), ("de123456789", "123456789"), ("AB1234", "ab1234"), ("–", None)]
)
def test_tax_ids_lose_their_country(text, number):
    assert records.tax_id(text) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [("Germany", "de"), ("DEU", "de"), ("Deutschland", "de"), ("de", "de"), ("Atlantis", "atlantis"), ("", None)],
)
def test_countries(text, code):
    assert records.country(text) == code


def test_names_that_sound_alike_share_a_sound():
    assert records.sound("smith") == records.sound("smyth")
    assert records.sound("meier") == records.sound("mayer")
    assert records.sound("smith") != records.sound("jones")
    assert records.sound("77") is None


def test_a_person_of_a_whole_name_has_two_names_and_their_sounds():
    made = columns("person", name=["Smith, Ann", "Ann Smith", "Cher", None])
    assert texts(made["first_name"]) == ["ann", "ann", None, None]
    assert texts(made["last_name"]) == ["smith", "smith", "cher", None]
    assert texts(made["names"]) == ["ann smith", "ann smith", None, None]
    assert texts(made["names_sound"])[0] == texts(made["names_sound"])[1]


def test_a_whole_name_fills_what_other_columns_leave_open():
    made = columns("person", name=["Bob Jones", "Bob Jones", None], first_name=["Rob", None, None], last_name=[None, None, "Lee"])
    assert texts(made["first_name"]) == ["rob", "bob", None]
    assert texts(made["last_name"]) == ["jones", "jones", "lee"]


def test_a_number_of_its_own_goes_before_the_one_in_the_street():
    made = columns("person", street=["Main St 1", "Main St 1"], house_number=["2", None])
    assert texts(made["address"]) == ["main street 2", "main street 1"]


def test_an_organisation_has_core_legal_form_domain_and_rare_words():
    made = columns(
        "organisation", name=["Acme Widgets GmbH", "Acme & Sons Ltd", None], email=["a@acme.example", None, "x@gmail.com"]
    )
    assert texts(made["name"]) == ["acme widgets", "acme and sons", None]
    assert texts(made["legal_form"])[0] != texts(made["legal_form"])[1]
    assert texts(made["joined_name"]) == ["acmewidgets", "acmeandsons", None]
    assert texts(made["mail_domain"]) == ["acme.example", None, None]
    assert texts(made["word_1"]) == ["widgets", "and", None], "rarest first, then by the alphabet"


def test_a_key_may_be_part_of_a_value():
    made = columns("person", birth_date=["1980-01-02", "1980", None])
    assert texts(records.key(made, "birth_date[4:]")) == ["0102", None, None]
    assert texts(records.key(made, "birth_date[:4]")) == ["1980", "1980", None]
    assert records.key(made, "phone").is_empty


@pytest.mark.parametrize(
    ("written", "is_month_first"),
    [
        (["5/31/1980", "1/2/1990"], True),
        (["31/5/1980", "1/2/1990"], False),
        (["1/2/1990"], False),
        (["31/5/1980", "5/31/1980"], False),
    ],
)
def test_a_column_shows_whether_it_writes_the_month_first(written, is_month_first):
    assert records.is_month_first(written) is is_month_first
