"""How well names of companies agree. All companies are made up."""

import pytest

from c360.identity.normalise import name
from c360.identity.organisations import Rarity, core_and_form, one_name
from tests.identity_rows import columns, level

NAMES = ["Acme Hotel", "Zephyr Hotel", "Grand Hotel", "Palace Hotel", "Park Hotel", "Acme Widgets"]


@pytest.fixture(scope="module")
def rarity() -> Rarity:
    return Rarity.of(columns("organisation", name=NAMES)["name"])


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("Acme Widgets GmbH", "acme widgets"),
        ("Acme Widgets Ltd.", "acme widgets"),
        ("The Acme Company", "acme"),
        ("Acme Events Ltd Cardiff", "acme events cardiff"),
        ("Acme GmbH & Co. KG", "acme"),
        ("Ltd", "ltd"),
        ("GmbH Acme", "gmbh acme"),
    ],
)
def test_the_legal_form_goes_wherever_it_stands_but_at_the_beginning(text, core):
    assert core_and_form(name(text))[0] == core


def test_spellings_of_a_legal_form_are_one():
    forms = [core_and_form(name(text))[1] for text in ("Acme Ltd", "Acme Limited", "Acme Limited Cardiff", "Acme GmbH", "Acme")]
    assert forms[0] == forms[1] == forms[2]
    assert forms[3] not in (None, forms[0])
    assert forms[4] is None


def test_a_word_many_companies_have_is_worth_less(rarity):
    assert rarity("hotel") < rarity("acme") < rarity("zephyr") < rarity("unheard of")


def test_branches_of_a_chain_do_not_make_its_name_common():
    chain = Rarity.of(columns("organisation", name=[*NAMES, *["Zephyr Hotel"] * 50])["name"])
    assert chain("zephyr") > chain("hotel")


def test_sharing_the_rare_word_is_more_than_sharing_the_common_one(rarity):
    assert one_name("zephyr hotel", "zephyr widgets", rarity) > one_name("zephyr hotel", "palace hotel", rarity)


@pytest.mark.parametrize(
    ("left", "right", "least", "most"),
    [
        ("acme widgets", "acme widgets", 1, 1),
        ("acme widgets", "acmewidgets", 1, 1),
        ("acme widgets", "widgets acme", 0.95, 1),
        ("acme widgets", "acme wigdets", 0.8, 0.99),
        ("acme manufacturing", "acme manuf", 0.85, 0.99),
        ("international business machines", "ibm", 0.9, 0.9),
        ("acme widgets", "aw", 0, 0.4),
        ("acme widgets cardiff", "acme widgets", 0.6, 0.95),
        ("acme widgets", "zephyr hotel", 0, 0.3),
    ],
)
def test_names_word_by_word(rarity, left, right, least, most):
    assert least <= one_name(left, right, rarity) <= most
    assert one_name(left, right, rarity) == pytest.approx(one_name(right, left, rarity), abs=1e-9)


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("Acme Widgets Ltd", "ACME Widgets Limited", "exact"),
        ("Acme Widgets", "Acme Wigdets", "near"),
        ("Acme Widgets", "Zephyr Hotel", "different"),
        ("Acme Widgets", None, "missing"),
    ],
)
def test_levels_of_names(left, right, found):
    assert level("organisation", "name", name=(left, right)) == found


def test_another_legal_form_is_told_apart():
    assert level("organisation", "legal_form", name=("Acme Ltd", "Acme GmbH")) == "different"
    assert level("organisation", "legal_form", name=("Acme Ltd", "Acme Limited")) == "exact"
    assert level("organisation", "legal_form", name=("Acme Ltd", "Acme")) == "missing"
