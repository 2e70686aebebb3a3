"""Figures against their definitions and published examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c360.report.figures import Z_95, total_variation, wilson

counts = st.dictionaries(st.integers(-9, 9), st.integers(0, 50), max_size=8)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)  # Newcombe (1998), table I, method 3
def test_the_interval_as_published(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000), st.data())
def test_the_ends_are_where_the_share_is_196_deviations_away(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = wilson(successes, trials)
    share = successes / trials
    assert 0 <= low <= share <= high <= 1
    for end in (low, high):
        assert (share - end) ** 2 == pytest.approx(Z_95**2 * end * (1 - end) / trials, abs=1e-12)


def test_no_trial_is_no_interval() -> None:
    assert wilson(0, 0) is None


@given(counts, counts)
def test_the_distance_is_the_most_any_set_of_bins_differs(before: dict[int, int], now: dict[int, int]) -> None:
    found = total_variation(before, now)
    if not sum(before.values()) or not sum(now.values()):
        assert found is None
        return
    shares = [{b: n / sum(counts.values()) for b, n in counts.items()} for counts in (before, now)]
    gains = [shares[1].get(b, 0) - shares[0].get(b, 0) for b in {*before, *now}]
    assert found == pytest.approx(sum(gain for gain in gains if gain > 0))
    assert found == pytest.approx(total_variation(now, before))
    assert total_variation(now, now) == 0
