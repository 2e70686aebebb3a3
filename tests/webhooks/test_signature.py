"""Signatures: what is accepted, what is not, whatever a stranger sends."""

from datetime import timedelta

import pytest

from c360.errors import SettingsError
from c360.settings import Settings
from c360.webhooks.signature import is_genuine, secrets_of
from tests.webhooks.conftest import NEW_SECRET, NOW, OLD_SECRET, header

BODY = '{"id": "evt_1", "name": "Jérôme"}'
SECRETS = (OLD_SECRET, NEW_SECRET)


def check(given: str, body: bytes = BODY.encode(), secrets: tuple[str, ...] = SECRETS) -> bool:
    return is_genuine(body, given, secrets, NOW)


@pytest.mark.parametrize("secret", SECRETS)
def test_during_a_rotation_either_secret_signs(secret: str) -> None:
    assert check(header(BODY, secret))
    assert check(f"{header(BODY, 'whsec_other')},{header(BODY, secret).split(',')[1]}")  # Stripe signs with both then


def test_another_secret_does_not() -> None:
    assert not check(header(BODY, "whsec_other"))
    assert not check(header(BODY, OLD_SECRET), secrets=(NEW_SECRET,))


@pytest.mark.parametrize(("seconds", "expected"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_an_instant_counts_300_seconds_around_our_clock(seconds: int, expected: bool) -> None:
    assert check(header(BODY, at=NOW + timedelta(seconds=seconds))) is expected


def test_a_tampered_body_or_instant_does_not_fit() -> None:
    signed = header(BODY, at=NOW - timedelta(hours=1))
    assert not check(header(BODY), BODY.replace("evt_1", "evt_2").encode())
    assert not check(header(BODY), BODY.encode() + b" ")
    assert not check(signed.replace(signed.split(",")[0], f"t={int(NOW.timestamp())}"))
    assert not check(f"t={int(NOW.timestamp())},{signed}")


@pytest.mark.parametrize(
    "given", ["", "t=", "v1=", "t=x,v1=y", "nonsense", "t=1", ",,,", "t=1,v1=é", "v1=aa,t=1=2", "t=1_0,v1=a", "t=" + "9" * 500]
)
def test_a_header_that_is_none_is_refused_and_nothing_else(given: str) -> None:
    assert not check(given)


def test_a_body_that_is_no_text_is_refused() -> None:
    assert not check(header(BODY), b"\xff\xfe")


@pytest.mark.parametrize("given", ["", " , ,"])
def test_without_a_secret_there_is_no_server(given: str) -> None:
    with pytest.raises(SettingsError, match="C360_STRIPE_WEBHOOK_SECRETS"):
        secrets_of(Settings(_env_file=None, stripe_webhook_secrets=given))


def test_secrets_are_listed_and_not_shown() -> None:
    settings = Settings(_env_file=None, stripe_webhook_secrets=" whsec_a , whsec_b,")
    assert secrets_of(settings) == ("whsec_a", "whsec_b")
    assert "whsec_a" not in repr(settings)
