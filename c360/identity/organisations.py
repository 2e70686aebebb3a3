"""How well two names of organisations agree: word by word, rare words counting more."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from c360.identity.columns import Column, Floats
from c360.identity.normalise import name_core
from c360.identity.rules import LEGAL_FORMS

LEAST_WORD = 0.8
"""Two words resemble each other from this similarity on."""
_LEAST_OVERALL = 50.0
_LEAST_ABBREVIATION = 3


_CLEAR_FORMS = frozenset(suffix for suffix in LEGAL_FORMS if " " not in suffix and len(suffix) > 2) - {"company", "unlimited"}
"""Legal forms that are one wherever they stand in a name but at its beginning (`muller events ltd cardiff`)."""


def core_and_form(normal: str) -> tuple[str | None, str | None]:
    """A normalised name without its legal form, and that form (`acme widgets gmbh` -> `acme widgets`, `gmbh`)."""
    core = name_core(normal) or ""
    ending = normal.removeprefix("the ").removeprefix(core).strip()
    first, *rest = core.split()
    inner = [word for word in rest if word in _CLEAR_FORMS]
    core = " ".join([first, *(word for word in rest if word not in _CLEAR_FORMS)])
    return core, LEGAL_FORMS.get(ending.removeprefix("and ")) or (LEGAL_FORMS[inner[-1]] if inner else None)


@dataclass(frozen=True)
class Rarity:
    """What a word is worth: bits, by the share of names that have it."""

    bits: Mapping[str, float]
    unknown: float

    @classmethod
    def of(cls, names: Column) -> "Rarity":
        """From the names of all records; equal names count once, or a chain's branches would make its name common."""
        found: Counter[str] = Counter()
        for name in names.values:
            found.update(set(name.split()))
        total = max(len(names.values), 1)
        return cls(
            {word: float(np.log2((total + 1) / (count + 0.5))) for word, count in found.items()}, float(np.log2(total + 2))
        )

    def __call__(self, word: str) -> float:
        """Bits of one word."""
        return max(self.bits.get(word, self.unknown), 0.5)


def agreement(rarity: Rarity) -> Callable[[Sequence[str], Sequence[str]], Floats]:
    """A measure of two names, 0-1: the share of their words' bits that both have; half of it may come from the shorter name."""

    def measure(left: Sequence[str], right: Sequence[str]) -> Floats:
        return np.fromiter((one_name(a, b, rarity) for a, b in zip(left, right, strict=True)), np.float64, len(left))

    return measure


def one_name(left: str, right: str, rarity: Rarity) -> float:
    """Agreement of two names, 0-1."""
    together = fuzz.ratio(left.replace(" ", ""), right.replace(" ", "")) / 100
    if together == 1:
        return 1.0
    one, two = left.split(), right.split()
    if together < 0.5 and fuzz.token_set_ratio(left, right) < _LEAST_OVERALL:
        return 0.9 if _is_acronym(one, right) or _is_acronym(two, left) else together / 2
    shared = Counter(one) & Counter(two)
    rest_one, rest_two = list((Counter(one) - shared).elements()), list((Counter(two) - shared).elements())
    common = sum(rarity(word) * count for word, count in shared.items())
    matched, missed, left_one, left_two = _resembling(rest_one, rest_two, rarity)
    common += matched
    union = common + missed + left_one + left_two
    smaller = common + missed + min(left_one, left_two)
    jaccard, containment = common / union, common / smaller
    by_words = max(jaccard, 0.5 * (jaccard + containment) - 0.05)
    return max(by_words, together if together >= 0.9 else 0.0) if not (rest_one and rest_two) else by_words


def _resembling(one: Sequence[str], two: Sequence[str], rarity: Rarity) -> tuple[float, float, float, float]:
    """Bits of words that resemble each other: those they share, those they do not; and of the words left on each side."""
    pairs = sorted(((_word(a, b), a, b) for a in set(one) for b in set(two)), reverse=True)
    rest_one, rest_two = Counter(one), Counter(two)
    matched = missed = 0.0
    for similarity, a, b in pairs:
        if similarity < LEAST_WORD:
            break
        if rest_one[a] and rest_two[b]:
            bits = (rarity(a) + rarity(b)) / 2
            matched += similarity * bits
            missed += (1 - similarity) * bits
            rest_one[a] -= 1
            rest_two[b] -= 1
    return matched, missed, sum(rarity(w) for w in rest_one.elements()), sum(rarity(w) for w in rest_two.elements())


def _word(one: str, two: str) -> float:
    short, long = sorted((one, two), key=len)
    if len(short) >= _LEAST_ABBREVIATION and long.startswith(short):
        return 0.9
    return Indel.normalized_similarity(one, two)


def _is_acronym(words: Sequence[str], other: str) -> bool:
    return len(words) >= 3 and "".join(word[0] for word in words) == other.replace(" ", "")
