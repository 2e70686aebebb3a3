import re

import pytest

from c360.quality.personal import CANDIDATE, kinds


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("write to Jo.Doe+x@mail.example.com today", {"email"}),
        ("jo@münchen.example", {"email"}),
        ("call +49 30 901820", {"phone"}),
        ("+14155552671", {"phone"}),
        ('{"phone":"+44 20 7946 0958"}', {"phone"}),
        ("4242424242424242", {"card"}),
        ("4242 4242 4242 4242", {"card"}),
        ("3782-822463-10005", {"card"}),
        ("jo@x.example pays with 5555555555554444", {"email", "card"}),
    ],
)
def test_personal_data_is_found(text: str, found: set[str]) -> None:
    assert kinds(text) == found
    assert re.search(CANDIDATE, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acct_1 @ home",
        "+1",
        "+00 000 000 000",
        "4242424242424241",
        "9999999999999995",
        "4242424242",
        "123e4567-e89b-12d3-a456-426614174000",
        "2026-01-01 2026-01-02 2026-01-03",
        "tok_k1_em_abcdefghijklmnopabcdefghijklmnop",
        "9f4242424242424242ab",
        '{"amount_minor":1234567,"at":"2026-01-01T00:00:00Z"}',
    ],
)
def test_other_texts_are_left_in_peace(text: str) -> None:
    assert kinds(text) == set()
