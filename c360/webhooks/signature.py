"""Whether a delivery is Stripe's: its signature by Stripe's own library, its age by our clock."""

from collections.abc import Sequence
from datetime import datetime

import stripe

from c360.errors import SettingsError
from c360.settings import Settings, variable

HEADER = "Stripe-Signature"
TOLERANCE_SECONDS = 300
"""Stripe's own default: how far a delivery's instant may be from ours."""


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """The endpoint's signing secrets; two while they are rotated.

    Raises:
        SettingsError: There is none.
    """
    given = settings.required("stripe_webhook_secrets").split(",")
    found = tuple(secret.strip() for secret in given if secret.strip())
    if not found:
        raise SettingsError(
            f"{variable('stripe_webhook_secrets')} holds no secret.", hint="Stripe's page of the endpoint shows it (whsec_…)."
        )
    return found


def is_genuine(payload: bytes, header: str, secrets: Sequence[str], now: datetime) -> bool:
    """Whether the body was signed with one of the secrets, within 300 s of `now` (aware).

    Every secret is tried, so that the time taken does not tell which one fits.
    """
    fits = [_is_signed(payload, header, secret) for secret in secrets]
    return any(fits) and abs(now.timestamp() - _signed_at(header)) <= TOLERANCE_SECONDS


def _is_signed(payload: bytes, header: str, secret: str) -> bool:
    """Stripe's check without its tolerance, which reads a clock of its own."""
    try:
        stripe.WebhookSignature.verify_header(payload, header, secret, tolerance=None)
    except (stripe.SignatureVerificationError, ValueError, TypeError):  # a body that is no UTF-8; a header that is no ASCII
        return False
    return True


def _signed_at(header: str) -> int:
    """The instant the signature covers, of a header that was verified: the first `t`, as Stripe's library takes it."""
    return next(int(part.split("=")[1]) for part in header.split(",") if part.split("=")[0] == "t")
