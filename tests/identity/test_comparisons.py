"""Levels of agreement, each shown by one pair. All persons and places are made up."""

import pytest

from tests.identity_rows import level


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("Margaret", "margaret", "exact"),
        ("Margaret", "Margarte", "near"),
        ("Margaret", "Margot", "similar"),
        ("Margaret", "M", "part"),
        ("Anna Marie", "Anna", "similar"),
        ("Jo", "Josephine", "part"),
        ("Margaret", "Bob", "different"),
        ("Margaret", None, "missing"),
        (None, None, "missing"),
    ],
)
def test_first_names(left, right, found):
    assert level("person", "first_name", first_name=(left, right)) == found


def test_names_that_changed_places_are_swapped_in_both():
    swapped = {"first_name": ("Ann", "Smith"), "last_name": ("Smith", "Ann")}
    assert level("person", "first_name", **swapped) == "swapped"
    assert level("person", "last_name", **swapped) == "swapped"


def test_a_name_in_the_wrong_column_is_swapped_where_the_other_is_missing():
    one = {"first_name": ("Ann", None), "last_name": (None, "Ann")}
    assert level("person", "first_name", **one) == "swapped"


def test_another_person_of_the_same_last_name_is_not_swapped():
    other = {"first_name": ("Ann", "Bob"), "last_name": ("Smith", "Smith")}
    assert level("person", "first_name", **other) == "different"


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("1980-01-02", "02.01.1980", "exact"),
        ("1980-01-02", "1980-01-03", "near"),
        ("1980-01-12", "1980-01-21", "near"),
        ("1980-03-12", "1980-12-03", "parts"),
        ("1980-01-02", "1980-01-29", "parts"),
        ("1980-01-02", "1957-01-02", "parts"),
        ("1980-01-02", "1980-11-23", "year"),
        ("1980", "1980-11-23", "year"),
        ("1980", "1957", "different"),
        ("1980-01-02", "1957-11-23", "different"),
        ("1980-01-02", "soon", "missing"),
    ],
)
def test_dates(left, right, found):
    assert level("person", "birth_date", birth_date=(left, right)) == found


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("DE 123456789", "123456789", "exact"),
        ("123456789", "123456798", "near"),
        ("123456789", "123456700", "close"),
        ("123456789", "987654321", "different"),
    ],
)
def test_numbers(left, right, found):
    assert level("person", "tax_id", tax_id=(left, right)) == found


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("ann.smith@acme.example", "Ann.Smith+news@ACME.example", "exact"),
        ("ann.smith@acme.example", "ann.smiht@acme.example", "near"),
        ("ann.smith@acme.example", "ann.smith@widgets.test", "mailbox"),
        ("ann.smith@acme.example", "bob@widgets.test", "different"),
        ("ann.smith@acme.example", "none", "missing"),
    ],
)
def test_mailboxes(left, right, found):
    assert level("person", "email", email=(left, right)) == found


def test_colleagues_share_a_domain_but_not_a_mailbox_of_free_mail():
    assert level("organisation", "email", email=("ann@acme.example", "bob.jones@acme.example")) == "domain"
    assert level("organisation", "email", email=("ann@gmail.com", "bob.jones@gmail.com")) == "different"


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("12 Main St", "Main Street 12", "exact"),
        ("12 Main Street", "12 Maine Street", "near"),
        ("Main Street", "Main Street", "street"),
        ("12 Main Street", "Main Street", "street"),
        ("12 Main Street", "14 Main Street", "other_number"),
        ("12 Main Street", "12 Oak Street", "number"),
        ("12 Main Street", "9 Broadway", "different"),
        ("Broadway", "Broadway between 90th and 91st", "street"),
        ("12 Main Street", None, "missing"),
    ],
)
def test_streets(left, right, found):
    assert level("person", "street", street=(left, right)) == found


def test_a_second_line_that_changed_places_with_the_street():
    swapped = {"street": ("12 Main Street", "Garden House"), "street_2": ("Garden House", "Main Street")}
    assert level("person", "street", **swapped) == "swapped"
    assert level("person", "street_2", **swapped) == "swapped"


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("Garden House", "House Garden", "exact"),
        ("Garden House", "Gardn House", "near"),
        ("Garden House", "Mill Flat", "different"),
    ],
)
def test_second_lines(left, right, found):
    assert level("person", "street_2", street=(None, None), street_2=(left, right)) == found


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        (("12345", "Ulm", "BW"), ("12345", "Ulm", "BW"), "exact"),
        (("12345", "Ulm", None), ("12345", None, None), "exact"),
        (("12345", "Ulm", None), ("12345", "Bern", None), "postcode"),
        (("12345", "Ulm", None), ("12354", "Ulm", None), "near"),
        ((None, "New York", None), (None, "New York City", None), "city"),
        (("12345", "Ulm", "BW"), ("99999", "Kehl", "BW"), "region"),
        (("12345", "Ulm", "BW"), ("99999", "Bern", "BE"), "different"),
        (("12345", None, None), (None, "Ulm", None), "missing"),
    ],
)
def test_places(left, right, found):
    fields = dict(zip(("postcode", "city", "region"), zip(left, right, strict=True), strict=True))
    assert level("person", "place", **fields) == found


def test_a_field_that_is_equal_or_not():
    assert level("person", "country", country=("Germany", "DE")) == "exact"
    assert level("person", "country", country=("Germany", "France")) == "different"
