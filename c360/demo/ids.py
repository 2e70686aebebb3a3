"""Ids as the two systems make them."""

from random import Random

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def stream(seed: int, *area: object) -> Random:
    """A random stream of its own per area, so that adding to one area changes no other."""
    return Random(":".join(map(str, (seed, *area))))


def stripe_id(prefix: str, rng: Random) -> str:
    """A Stripe id: `cus_` and 16 letters and digits."""
    return f"{prefix}_" + "".join(rng.choices(ALPHABET, k=16))


def salesforce_id(prefix: str, number: int) -> str:
    """An 18-character Salesforce id: 3 letters of the object, 12 of instance and number, 3 of checksum."""
    scattered = number * 7919 + 46_656 * 1000
    digits = ""
    while scattered:
        scattered, digit = divmod(scattered, 62)
        digits = ALPHABET[digit] + digits
    return with_checksum(f"{prefix}Dn{digits:0>10}")


def with_checksum(id15: str) -> str:
    """The case-safe 18-character form of a 15-character id: one bit per character, set where it is upper case."""
    suffix = ""
    for start in (0, 5, 10):
        chunk = id15[start : start + 5]
        suffix += CHECKSUM[sum(1 << position for position, letter in enumerate(chunk) if letter.isupper())]
    return id15 + suffix
