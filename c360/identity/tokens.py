"""Keyed tokens: what stands for personal data outside the vault."""

import hmac
from dataclasses import dataclass, field

import pyarrow as pa

from c360.errors import SettingsError
from c360.identity.normalise import text

KINDS = {"address": "ad", "card_brand": "cb", "email": "em", "name": "nm", "phone": "ph"}
"""Kind of a value -> its short form in the token."""

TOKEN_PATTERN = r"tok_[a-z0-9]{1,16}_[a-z]{2}_[a-p]{32}"  # noqa: S105  (a format, no secret)
"""What every token looks like (RE2). Sixteen letters and no digit: no token can be taken for a phone or a card number."""

LEAST_SECRET_BYTES = 32
_MAC_BYTES = 16
_LETTERS = bytes.maketrans(b"0123456789abcdef", b"abcdefghijklmnop")


@dataclass(frozen=True)
class Tokens:
    """HMAC-SHA256 (128 bits of it) of a kind and a value under one secret; picklable, so that engines can send it to workers.

    Attributes:
        secret: At least 32 random bytes; never shown.
        key_id: Names the secret in each token (1-16 lower-case letters and digits).
    """

    secret: bytes = field(repr=False)
    key_id: str

    def __post_init__(self) -> None:
        """Checks secret and key id. Raises SettingsError."""
        if len(self.secret) < LEAST_SECRET_BYTES:
            raise SettingsError(
                f"The token secret has {len(self.secret)} bytes, at least {LEAST_SECRET_BYTES} are needed.",
                hint="`c360 init` makes one; keep it, tokens of another secret never match.",
            )
        if not (1 <= len(self.key_id) <= 16 and self.key_id.isascii() and self.key_id.isalnum() and self.key_id.islower()):
            raise SettingsError("The token key id must be 1 to 16 lower-case letters and digits, among them a letter.")

    def token(self, kind: str, values: pa.Array) -> pa.Array:
        """Tokens of text values of one kind; null stays null. Values are normalised (NFKC, case, spaces) before.

        Raises:
            SettingsError: The kind does not exist.
        """
        if kind not in KINDS:
            raise SettingsError(f"There are no tokens of kind {kind!r}.", hint=f"Kinds: {', '.join(sorted(KINDS))}.")
        distinct = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        encoded = distinct.dictionary_encode()
        made = pa.array([self._one(kind, value) for value in encoded.dictionary.to_pylist()], pa.string())
        return made.take(encoded.indices)

    def _one(self, kind: str, value: str | None) -> str | None:
        normal = text(value)
        if normal is None:
            return None
        mac = hmac.digest(self.secret, f"{kind}\0{normal}".encode(), "sha256")[:_MAC_BYTES]
        letters = mac.hex().encode().translate(_LETTERS).decode()
        return f"tok_{self.key_id}_{KINDS[kind]}_{letters}"
