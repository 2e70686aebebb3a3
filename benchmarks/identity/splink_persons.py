"""Splink's published models of FEBRL's data sets: its demos of febrl3 and of febrl4 (the detailed model and its refinement).

Ours is only `ssn=False`, which leaves the social security number out of them. Runs in Splink's environment.
"""

from typing import Any

import splink.comparison_level_library as cll  # type: ignore[import-not-found]  # of another environment
import splink.comparison_library as cl  # type: ignore[import-not-found]  # of another environment
from splink import block_on
from splink_model import Model  # type: ignore[import-not-found]  # beside this file

_SWAPPED = "l.given_name = r.surname and l.surname = r.given_name"
_TYPED = {"input_is_string": True, "datetime_format": "%Y%m%d"}
_EM = ["date_of_birth", "postcode"]


def febrl3(*, ssn: bool = True) -> Model:
    """The demo of febrl3."""
    number = ["soc_sec_id"] if ssn else []
    return Model(
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", **_TYPED),
            *(cl.DamerauLevenshteinAtThresholds(column, [2]) for column in number),
            _frequent(cl.ExactMatch("street_number")),
            _frequent(cl.ExactMatch("postcode")),
        ],
        blocking=[block_on(column) for column in (*number, "given_name", "surname", "date_of_birth", "postcode")],
        deterministic=[
            *map(block_on, number),
            block_on("given_name", "surname", "date_of_birth"),
            f"{_SWAPPED} and l.date_of_birth = r.date_of_birth",
        ],
        recall=0.9,
        em=[block_on(column) for column in _EM],
    )


def febrl4(*, ssn: bool = True) -> Model:
    """The detailed model of the demo of febrl4."""
    number = ["soc_sec_id"] if ssn else []
    comparisons = [
        _frequent(cl.NameComparison("given_name")),
        _frequent(cl.NameComparison("surname")),
        cl.DateOfBirthComparison("date_of_birth", **_TYPED, invalid_dates_as_null=True),
        *(cl.DamerauLevenshteinAtThresholds(column, [1, 2]) for column in number),
        _frequent(cl.ExactMatch("street_number")),
        _frequent(cl.DamerauLevenshteinAtThresholds("postcode", [1, 2])),
    ]
    return _febrl4(comparisons, number, 1e6)


def febrl4_refined(*, ssn: bool = True) -> Model:
    """The demo's refinement of it, which compares both names at once."""
    number = ["soc_sec_id"] if ssn else []
    comparisons = [
        _both_names(),
        cl.DateOfBirthComparison("date_of_birth", **_TYPED, invalid_dates_as_null=True),
        *(_edits(column, 1, 2) for column in number),
        _edits("street_number", 1),
        _edits("postcode", 1, 2),
    ]
    return _febrl4(comparisons, number, 1e7)


def _febrl4(comparisons: list[Any], number: list[str], u_pairs: float) -> Model:
    blocking = [
        block_on("given_name", "surname"),
        _SWAPPED,
        *map(block_on, ("date_of_birth", *number)),
        block_on("state", "address_1"),
        block_on("street_number", "address_1"),
        block_on("postcode"),
    ]
    same = [*map(block_on, number), block_on("given_name", "surname", "date_of_birth")]
    return Model(comparisons, blocking, same, recall=0.8, u_pairs=u_pairs, em=[block_on(column) for column in _EM], em_plain=True)


def _frequent(comparison: Any) -> Any:
    """With Splink's adjustment for how frequent a value is."""
    return comparison.configure(term_frequency_adjustments=True)


def _edits(column: str, *thresholds: int) -> dict[str, Any]:
    """Same (adjusted for frequency), or so many edits away."""
    near = [cll.DamerauLevenshteinLevel(column, edits) for edits in thresholds]
    exact = cll.ExactMatchLevel(column, term_frequency_adjustments=True)
    return {"output_column_name": column, "comparison_levels": [cll.NullLevel(column), exact, *near, cll.ElseLevel()]}


def _both_names() -> dict[str, Any]:
    crossed = "jaro_winkler_similarity(given_name_l, surname_r) + jaro_winkler_similarity(surname_l, given_name_r) >="
    missing = "(given_name_l IS NULL OR given_name_r IS NULL) AND (surname_l IS NULL OR surname_r IS NULL)"
    levels = [
        {"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True},
        cll.ExactMatchLevel("full_name", term_frequency_adjustments=True),
        *(cll.JaroWinklerLevel("full_name", least) for least in (0.9, 0.7)),
        cll.ColumnsReversedLevel("given_name", "surname"),
        *({"sql_condition": f"{crossed} {least}", "label_for_charts": f"crossed {least}"} for least in (1.8, 1.4)),
        *(cll.ExactMatchLevel(column, term_frequency_adjustments=True) for column in ("given_name", "surname")),
        {"sql_condition": "given_name_l = surname_r OR surname_l = given_name_r", "label_for_charts": "one crossed"},
        *(cll.JaroWinklerLevel(column, 0.9) for column in ("given_name", "surname")),
        cll.ElseLevel(),
    ]
    return {"output_column_name": "both_names", "comparison_levels": levels}
