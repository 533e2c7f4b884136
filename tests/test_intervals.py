from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from family_trees.support import intervals
from family_trees.support.intervals import (
    bootstrap_mean,
    difference_interval,
    paired_interval,
    share_interval,
    wilson,
)


def test_wilson_by_hand() -> None:
    """81 of 263: 0.2553 to 0.3662 (Newcombe, Statistics in Medicine 17 (1998), 857-872, table I)."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_difference_by_hand() -> None:
    """56/70 - 48/80: 0.0524 to 0.3339 (Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10)."""
    assert difference_interval((56, 48), (70, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference_interval((9, 3), (10, 10)) == pytest.approx((0.1705, 0.8090), abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share(counts: tuple[int, int]) -> None:
    successes, trials = counts
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    assert wilson(trials - successes, trials) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_no_proportion(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="successes in"):
        wilson(successes, trials)


def test_bootstrap_is_near_the_normal_interval_and_repeats() -> None:
    values = np.random.default_rng(0).normal(10, 2, 400)
    low, high = bootstrap_mean(values)
    assert (low, high) == pytest.approx(values.mean() + np.array([-1.96, 1.96]) * values.std() / 20, abs=0.02)
    assert bootstrap_mean(values) == (low, high)
    assert bootstrap_mean([3, 3, 3]) == (3, 3)


def test_how_much_a_bootstrap_draws_at_once_changes_no_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).random(7)
    at_once = bootstrap_mean(values)
    monkeypatch.setattr(intervals, "DRAWN_AT_ONCE", 31)
    assert bootstrap_mean(values) == at_once


def test_shares_that_are_all_the_same_have_an_interval_with_a_width() -> None:
    assert share_interval([1.0] * 20, 4) == wilson(80, 80)
    assert share_interval([0, 0], [3, 5]) == wilson(0, 8)
    assert share_interval([1.0]) == wilson(1, 1)
    assert share_interval([0.5] * 5, 4) == wilson(10, 20)
    assert share_interval([0.1 + 0.2, 0.3], 10) == wilson(6, 20), "they differ by rounding alone"
    assert share_interval([1, 0.75, 1], 4) == bootstrap_mean([1, 0.75, 1])
    with pytest.raises(ValueError, match="zero-size"):
        share_interval([])


def test_differences_that_are_all_the_same_have_an_interval_with_a_width() -> None:
    assert paired_interval([1, 1], [1, 1], 4) == difference_interval((8, 8), (8, 8))
    assert paired_interval([1, 0.5], [0.75, 0.25], 4) == difference_interval((6, 4), (8, 8))
    assert paired_interval([1, 0.5], [0.5, 0.5], 4) == bootstrap_mean([0.5, 0])
