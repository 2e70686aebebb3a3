"""How text goes wrong when people and systems write it down: typing errors, lost accents, abbreviations."""

import random
import unicodedata
from collections.abc import Mapping

_KEYS = "abcdefghijklmnopqrstuvwxyz"


def mistyped(text: str, chance: random.Random) -> str:
    """One letter too few, too many, wrong, or two of them swapped; not the first one."""
    if len(text) < 4:
        return text
    at = chance.randrange(1, len(text) - 1)
    letter = chance.choice("0123456789" if text[at].isdigit() else _KEYS)
    changed = (text[:at] + text[at + 1 :], text[:at] + letter + text[at:], text[:at] + letter + text[at + 1 :])
    return chance.choice((*changed, text[:at] + text[at + 1] + text[at] + text[at + 2 :]))


def plain(text: str) -> str:
    """Without accents, as an old system stores it."""
    return unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o")).encode("ascii", "ignore").decode()


def shortened(text: str, short: Mapping[str, str], chance: random.Random) -> str:
    """Some of the words that have an abbreviation, abbreviated."""
    for word, other in short.items():
        if word in text and chance.random() < 0.7:
            text = text.replace(word, other)
    return text
