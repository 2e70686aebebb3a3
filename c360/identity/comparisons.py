"""How well two records agree in one field: a level, best first. Pure functions of pairs; `entities.py` names the levels."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Indel, JaroWinkler, Prefix
from rapidfuzz.process import cpdist

from c360.identity.columns import MISSING, Floats, Pairs

Levels = npt.NDArray[np.int8]
"""Position of each pair's level among its comparison's levels; `MISSING` where the pair says nothing of it."""
Compare = Callable[[Pairs], Levels]
_Mask = npt.NDArray[np.bool_]

LIKE = 0.85
"""Similarity from which streets, and cities, are taken to be the same."""
NEAR, SIMILAR = 0.92, 0.84
"""Jaro-Winkler similarity of a name with a typing error, and of one that resembles."""


def jaro_winkler(left: Sequence[str], right: Sequence[str]) -> Floats:
    """Jaro-Winkler similarity, 0-1."""
    return _all_cores(left, right, JaroWinkler.normalized_similarity)


def edits(left: Sequence[str], right: Sequence[str]) -> Floats:
    """Typing errors (letter missing, added, replaced, neighbours swapped) between two texts."""
    return _all_cores(left, right, OSA.distance)


def ratio(left: Sequence[str], right: Sequence[str]) -> Floats:
    """Share of the letters of both texts that they have in common, in order; 0-1."""
    return _all_cores(left, right, Indel.normalized_similarity)


def contained(left: Sequence[str], right: Sequence[str]) -> Floats:
    """As `ratio`, of the words both have and those of the shorter text; 1 where all of its words are in the longer one."""
    return _all_cores(left, right, fuzz.token_set_ratio) / 100


def words(pairs: Pairs, field: str, other: str = "") -> Floats:
    """Similarity of two texts whatever the order of their words, or the spaces between them; 0-1."""
    return np.maximum(
        pairs.measured(field, ratio, other=other, form=_without_spaces), pairs.measured(field, ratio, other=other, form=_in_order)
    )


def part_of_name(field: str) -> Compare:
    """exact, near, swapped (first with last name), similar, part (an initial, or one of two names), different."""

    def compare(pairs: Pairs) -> Levels:
        similarity = pairs.measured(field, jaro_winkler)
        part = pairs.measured(field, _start_alike, where=(similarity >= 0) & (similarity < SIMILAR))
        swapped = _swapped(pairs)
        conditions = [similarity == 1, similarity >= NEAR, swapped, similarity >= SIMILAR, part == 1]
        return levels(pairs.has(field) | swapped, conditions)

    return compare


def date(field: str) -> Compare:
    """exact, near (one digit), parts (two of year, month and day, or day and month swapped), year, different."""

    def compare(pairs: Pairs) -> Levels:
        distance = pairs.measured(field, edits, same=0)
        one, two = _date_parts(pairs, field)
        same = one == two
        is_swapped = same[:, 0] & (one[:, 1] == two[:, 2]) & (one[:, 2] == two[:, 1])
        conditions = [distance == 0, distance == 1, (same.sum(axis=1) == 2) | is_swapped, same[:, 0]]
        return levels(pairs.has(field), conditions)

    return compare


def number(field: str) -> Compare:
    """exact, near (one typing error), close (two), different."""

    def compare(pairs: Pairs) -> Levels:
        distance = pairs.measured(field, edits, same=0)
        return levels(pairs.has(field), [distance == 0, distance == 1, distance == 2])

    return compare


def email(pairs: Pairs) -> Levels:
    """exact, near (typing errors), mailbox (same name at another domain), domain (a corporate one), different."""
    distance = pairs.measured("email", edits, same=0)
    similarity = pairs.measured("email", jaro_winkler, where=(distance >= 0) & (distance <= 2))
    return levels(
        pairs.has("email"),
        [
            distance == 0,
            (distance <= 2) & (similarity >= 0.9),
            pairs.same("mailbox"),
            pairs.same("mail_domain") if "mail_domain" in pairs.columns else np.zeros(len(pairs), np.bool_),
        ],
    )


def street(pairs: Pairs) -> Levels:
    """Exact (with number), near, swapped (with the second line), street (no number), other_number, number, different.

    `number`: the same number in a street that resembles.
    """
    similarity = words(pairs, "street")
    within = pairs.measured(
        "street", contained, where=(similarity >= 0) & (similarity < LIKE)
    )  # broadway (between 90th and 91st)
    similarity = np.maximum(similarity, 0.95 * within)
    has_numbers, same_number = pairs.has("house_number"), pairs.same("house_number")
    swapped = _swapped_lines(pairs)
    conditions = [
        (similarity == 1) & same_number,
        (similarity >= 0.8) & same_number,
        swapped,
        (similarity >= LIKE) & ~has_numbers,
        similarity >= LIKE,
        same_number & (similarity >= 0.5),
    ]
    return levels(pairs.has("street") | swapped, conditions)


def second_line(pairs: Pairs) -> Levels:
    """exact, near, swapped (with the street), similar, different."""
    similarity = words(pairs, "street_2")
    swapped = _swapped_lines(pairs)
    conditions = [similarity == 1, similarity >= LIKE, swapped, similarity >= 0.7]
    return levels(pairs.has("street_2") | swapped, conditions)


def place(pairs: Pairs) -> Levels:
    """Exact (postcode and city), postcode, near (postcode with one error, and city), city, region, different."""
    code = pairs.measured("postcode", edits, same=0)
    same_code, near_code = code == 0, code == 1
    similarity = words(pairs, "city")
    begins = pairs.measured("city", _begins, where=(similarity >= 0) & (similarity < LIKE))  # new york (city)
    same_city = (similarity >= LIKE) | (begins == 1)
    has = pairs.has("postcode") | pairs.has("city") | pairs.has("region")
    is_city_open = ~pairs.has("city")
    conditions = [same_code & (same_city | is_city_open), same_code, near_code & same_city, same_city, pairs.same("region")]
    return levels(has, conditions)


def text(field: str) -> Compare:
    """exact, near, similar, weak, different."""

    def compare(pairs: Pairs) -> Levels:
        similarity = words(pairs, field)
        return levels(pairs.has(field), [similarity == 1, similarity >= 0.9, similarity >= 0.75, similarity >= 0.5])

    return compare


def exact(field: str) -> Compare:
    """exact, different."""
    return partial(_exact, field)


def _exact(field: str, pairs: Pairs) -> Levels:
    return levels(pairs.has(field), [pairs.same(field)])


def _swapped(pairs: Pairs) -> _Mask:
    """Where first and last name changed places; one of the four may be missing."""
    return _crossed(partial(Pairs.measured, pairs, measure=jaro_winkler), "first_name", "last_name", NEAR)


def _swapped_lines(pairs: Pairs) -> _Mask:
    if "street_2" not in pairs.columns:
        return np.zeros(len(pairs), np.bool_)
    return _crossed(partial(words, pairs), "street", "street_2", 0.8)


def _crossed(measured: Callable[..., Floats], one: str, two: str, least: float) -> _Mask:
    forth, back = measured(one, other=two), measured(two, other=one)
    return (np.maximum(forth, back) >= least) & ((np.minimum(forth, back) >= least) | (np.minimum(forth, back) == MISSING))


def levels(asked: _Mask, conditions: Sequence[_Mask]) -> Levels:
    """The first condition that holds is a pair's level; none: the last one. `MISSING` where nothing is asked."""
    found = np.select(list(conditions), list(range(len(conditions))), default=len(conditions))
    return np.where(asked, found, MISSING).astype(np.int8)


def _all_cores(left: Sequence[str], right: Sequence[str], scorer: Callable[..., float]) -> Floats:
    return np.asarray(cpdist(left, right, scorer=scorer, workers=-1), np.float64)


def _without_spaces(text: str) -> str:
    return text.replace(" ", "")


def _in_order(text: str) -> str:
    return " ".join(sorted(text.split()))


def _start_alike(left: Sequence[str], right: Sequence[str]) -> Floats:
    """1 where one text begins with the other, or they share a word."""
    alike = _begins(left, right)
    spaced = [at for at, (one, two) in enumerate(zip(left, right, strict=True)) if " " in one or " " in two]
    alike[spaced] = np.maximum(alike[spaced], [bool({*left[at].split()} & {*right[at].split()}) for at in spaced])
    return alike


def _begins(left: Sequence[str], right: Sequence[str]) -> Floats:
    """1 where one text begins with the other, which is the whole of the shorter one."""
    shorter = np.minimum(np.fromiter(map(len, left), np.int64, len(left)), np.fromiter(map(len, right), np.int64, len(right)))
    return (_all_cores(left, right, Prefix.similarity) == shorter).astype(np.float64)


def _date_parts(pairs: Pairs, field: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Year, month and day of both dates as numbers; no two parts that are missing are equal."""
    values = pairs.columns[field].values
    parts = np.array([_numbers(value) for value in values] + [(-1, -1, -1)], np.int64)
    left, right = pairs.codes(field)
    one, two = parts[left], parts[right].copy()
    two[two < 0] = -2
    return one, two


def _numbers(value: str) -> tuple[int, int, int]:
    year, month, day = (int(part) if part.isdecimal() else -1 for part in (value[:4], value[4:6], value[6:8]))
    return year, month, day
