"""Recognising personal data in a text: e-mail, phone number, card number. Exact rules, for few candidates."""

import re
from collections.abc import Callable, Mapping

import phonenumbers

_EMAIL = re.compile(r"[\w.!#$%&*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+\d[\d ()./-]{5,24}")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.]*\d)")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISSUERS = re.compile(
    r"4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|3[47]|3(?:0[0-5]|[689])|35(?:2[89]|[3-8])|6011|64[4-9]|65|62|81"
)

CANDIDATE = r"@|[+][0-9]|([0-9][ -]?){13}"
"""What a text holds that may hold personal data (RE2 and Java); a superset of what the rules below find."""


def kinds(text: str) -> set[str]:
    """Which of `email`, `phone`, `card` the text holds."""
    return {kind for kind, holds in RULES.items() if holds(text)}


def has_email(text: str) -> bool:
    """Whether an e-mail address is in the text."""
    return _EMAIL.search(text) is not None


def has_phone(text: str) -> bool:
    """Whether an international phone number (`+`, valid in its country's plan) is in the text."""
    return any(_is_phone(found.group()) for found in _PHONE.finditer(text))


def has_card(text: str) -> bool:
    """Whether a card number is in the text: 13-19 digits, an issuer's prefix, Luhn; UUIDs and dates do not count."""
    bare = _DATE.sub(" ", _UUID.sub(" ", text))
    return any(_is_card(re.sub(r"[ -]", "", found.group())) for found in _CARD.finditer(bare))


RULES: Mapping[str, Callable[[str], bool]] = {"email": has_email, "phone": has_phone, "card": has_card}


def _is_phone(text: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False


def _is_card(digits: str) -> bool:
    return _ISSUERS.match(digits) is not None and _luhn(digits) % 10 == 0


def _luhn(digits: str) -> int:
    doubled = (int(d) * (1 + position % 2) for position, d in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled)
