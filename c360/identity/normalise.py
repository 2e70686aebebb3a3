"""Text as people type it -> text that can be compared. Pure functions of one value; null or unusable gives null."""

import json
import re
import unicodedata
from functools import lru_cache

from c360.identity.rules import DOMAIN_ALIASES, FREE_MAIL_DOMAINS, LEGAL_SUFFIXES, ROLE_MAILBOXES

_SPACE = re.compile(r"\s+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_NOT_WORD = re.compile(r"[\W_]+")
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_SCHEME = re.compile(r"^[a-z]+://")
_NUMBER = re.compile(r"\d+")
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "gv", "net", "ne", "or", "org"})
_LONGEST_SUFFIX = max(len(suffix.split()) for suffix in LEGAL_SUFFIXES)
_LEAST_PHONE_DIGITS = 7
_COMPARED_PHONE_DIGITS = 9  # without country code and trunk prefix


def text(value: str | None) -> str | None:
    """NFKC, case-folded, single spaces, trimmed; empty is null."""
    if value is None:
        return None
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())
    return _SPACE.sub(" ", folded).strip() or None


def clean(value: str | None) -> str | None:
    """As typed, but NFC, single spaces, trimmed; empty is null."""
    if value is None:
        return None
    return _SPACE.sub(" ", unicodedata.normalize("NFC", value)).strip() or None


def email(value: str | None) -> str | None:
    """The mailbox as written, normalised, its domain in punycode; null when it is no e-mail address."""
    folded = text(value)
    if folded is None:
        return None
    folded = folded.removeprefix("mailto:").strip("<>\"' .;,")
    if not _EMAIL.fullmatch(folded):
        return None
    local, _, domain = folded.rpartition("@")
    return f"{local}@{_punycode(domain)}"


def email_key(address: str | None) -> str | None:
    """What two spellings of one mailbox share: no plus-tag, canonical domain, no dots at Gmail. Takes `email`'s output."""
    if address is None:
        return None
    local, _, domain = address.rpartition("@")
    domain = DOMAIN_ALIASES.get(domain, domain)
    local = local.split("+", 1)[0] or local
    if domain == "gmail.com":
        local = local.replace(".", "") or local
    return f"{local}@{domain}"


def email_class(key: str | None) -> str | None:
    """`free`, `role` or `corporate` mailbox (a role at a free-mail domain is `free`). Takes `email_key`'s output."""
    if key is None:
        return None
    local, _, domain = key.rpartition("@")
    if domain in FREE_MAIL_DOMAINS:
        return "free"
    first = _NOT_WORD.split(local)[0]
    is_role = local in ROLE_MAILBOXES or first in ROLE_MAILBOXES or _NOT_WORD.sub("", local) in ROLE_MAILBOXES
    return "role" if is_role else "corporate"


def corporate_domain(value: str | None) -> str | None:
    """Registrable domain of an e-mail or web address, null for free mail. Two-level suffixes by rule (`co.uk`), not list."""
    host = text(value)
    if host is None:
        return None
    host = host.rpartition("@")[2] if "@" in host else _SCHEME.sub("", host)
    host = re.split(r"[/?:]", host)[0]
    labels = [label for label in _punycode(host.strip(". ")).split(".") if label]
    if len(labels) < 2 or " " in host:
        return None
    has_two_levels = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    domain = ".".join(labels[-3:] if has_two_levels else labels[-2:])
    domain = DOMAIN_ALIASES.get(domain, domain)
    return None if domain in FREE_MAIL_DOMAINS else domain


@lru_cache(maxsize=65536)
def name(value: str | None) -> str | None:
    """Words of a name, without accents and punctuation, `&` spelt out."""
    folded = text(value)
    if folded is None:
        return None
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    plain = plain.replace("&", " and ").replace(".", "").replace("'", "").replace("’", "")
    return _NOT_WORD.sub(" ", plain).strip() or None


def name_core(normal: str | None) -> str | None:
    """A normalised company name without its legal form (`acme widgets gmbh` -> `acme widgets`). Takes `name`'s output."""
    if normal is None:
        return None
    words = normal.split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    cut = True
    while cut:
        cut = False
        for count in range(min(_LONGEST_SUFFIX, len(words) - 1), 0, -1):
            if " ".join(words[-count:]) in LEGAL_SUFFIXES:
                words, cut = words[:-count], True
                break
    if len(words) > 1 and words[-1] == "and":
        words = words[:-1]
    return " ".join(words)


def phone(value: str | None) -> str | None:
    """Digits, with `+` before an international number; null when there are too few."""
    folded = text(value)
    if folded is None:
        return None
    digits = "".join(_NUMBER.findall(re.split(r"\s*(?:ext|x)\.?\s*\d+$", folded)[0]))
    if len(digits) < _LEAST_PHONE_DIGITS:
        return None
    if folded.startswith(("+", "(+")):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def phone_key(normal: str | None) -> str | None:
    """The last nine digits: the number without country code and trunk prefix. Takes `phone`'s output."""
    return normal[-_COMPARED_PHONE_DIGITS:].lstrip("+") if normal else None


def address(street: str | None, postal_code: str | None, city: str | None, country: str | None) -> str | None:
    """One line of the parts there are; null without a street."""
    parts = [name(part) for part in (street, postal_code, city, country)]
    return ", ".join(part for part in parts if part) if parts[0] else None


def address_key(street: str | None, postal_code: str | None) -> str | None:
    """Postal code and first house number: what two spellings of one address share. Null without both."""
    normal, code = name(street), name(postal_code)
    number = _NUMBER.search(normal) if normal else None
    return f"{code.replace(' ', '')} {number.group()}" if code and number else None


def salesforce_id(value: str | None) -> str | None:
    """The 18-character id; 15 characters get their check characters, and a wrong case is restored from these."""
    candidate = unicodedata.normalize("NFKC", value).strip() if value is not None else ""
    if not _ID.fullmatch(candidate):
        return None
    body, check = candidate[:15], candidate[15:].upper()
    if check and all(c in _CHECKSUM for c in check):
        body = "".join(_cased(c, index, check) for index, c in enumerate(body))
    return body + _check_characters(body)


def metadata_value(metadata: str | None, key: str) -> str | None:
    """The text under `key` of Stripe's metadata (JSON text), matched without regard to case; null when there is none."""
    if not metadata:
        return None
    try:
        values = json.loads(metadata)
    except ValueError:
        return None
    if not isinstance(values, dict):
        return None
    found = {str(k).casefold(): v for k, v in sorted(values.items())}.get(key.casefold())
    return found if isinstance(found, str) else None


def _punycode(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:  # a label too long or empty: leave it as it is, it equals only itself
        return domain


def _cased(character: str, index: int, check: str) -> str:
    is_upper = _CHECKSUM.index(check[index // 5]) >> (index % 5) & 1
    return character.upper() if is_upper else character.lower()


def _check_characters(body: str) -> str:
    bits = [sum(1 << i for i, c in enumerate(body[start : start + 5]) if c.isascii() and c.isupper()) for start in (0, 5, 10)]
    return "".join(_CHECKSUM[value] for value in bits)
