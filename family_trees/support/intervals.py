"""Confidence intervals of proportions, of their differences, and of means.

A bootstrap has no width where all values are the same, as where everything is right. That is no certainty. Shares have
Wilson's interval there: see `share_interval`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Interval(NamedTuple):
    """The lower and the upper end of an interval."""

    low: float
    high: float


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval for a proportion. It also holds for few trials, and for no or only successes.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.

    Raises:
        ValueError: there are no trials, or more successes than trials, or fewer than 0.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes in {trials} trials")
    z = _z(confidence)
    p = successes / trials
    centre = p + z**2 / (2 * trials)
    half = z * math.sqrt(p * (1 - p) / trials + z**2 / (4 * trials**2))
    low, high = ((centre + sign * half) / (1 + z**2 / trials) for sign in (-1, 1))
    # Rounding may push an end that is exactly 0 or 1 past it.
    return Interval(0.0 if successes == 0 else low, 1.0 if successes == trials else high)


def difference_interval(successes: tuple[int, int], trials: tuple[int, int], confidence: float = 0.95) -> Interval:
    """Newcombe's interval for the difference p1 - p2 of two independent proportions, from their Wilson intervals.

    Source: R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890, method 10.
    """
    p1, p2 = (s / n for s, n in zip(successes, trials, strict=True))
    (low1, high1), (low2, high2) = (wilson(s, n, confidence) for s, n in zip(successes, trials, strict=True))
    return Interval(
        p1 - p2 - math.hypot(p1 - low1, high2 - p2),
        p1 - p2 + math.hypot(high1 - p1, p2 - low2),
    )


DRAWN_AT_ONCE = 2**20
"""Values that a bootstrap draws at once, so that it takes little memory. It changes no interval."""


def bootstrap_mean(values: npt.ArrayLike, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0) -> Interval:
    """Bootstrap percentile interval of the mean of `values`, (n,). The same values and seed give the same interval.

    Source: B. Efron, Annals of Statistics 7 (1979), 1-26.
    """
    sample = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(seed)
    n, at_once = len(sample), max(1, DRAWN_AT_ONCE // len(sample))
    sizes = (min(at_once, resamples - done) for done in range(0, resamples, at_once))
    means = np.concatenate([sample[rng.integers(n, size=(size, n))].mean(axis=1) for size in sizes])
    low, high = np.quantile(means, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Interval(float(low), float(high))


SAME = 1e-12
"""Shares that differ by less are the same: they differ by rounding."""


def share_interval(shares: npt.ArrayLike, cases: npt.ArrayLike = 1, confidence: float = 0.95) -> Interval:
    """The interval of the mean of shares: a bootstrap over them or, where they are all the same, Wilson's interval.

    Wilson's interval counts the cases behind the shares as independent. Cases of one network are not quite that, so it
    may be a little too narrow there.

    Args:
        shares: between 0 and 1, (n,): of each network or split, how many of its cases are right.
        cases: how many cases each share is of, (n,) or one number for all. With 1, each share counts as one case.

    Raises:
        ValueError: there is no share.
    """
    sample = np.asarray(shares, dtype=np.float64)
    if np.ptp(sample) > SAME:
        return bootstrap_mean(sample, confidence)
    return wilson(*_right_of(sample, cases), confidence)


def paired_interval(
    first: npt.ArrayLike, second: npt.ArrayLike, cases: npt.ArrayLike = 1, confidence: float = 0.95
) -> Interval:
    """The interval of the mean difference of two shares on the same splits: a bootstrap over the differences.

    Where these are all the same, it is Newcombe's, with all cases as independent.

    Args:
        first, second: between 0 and 1, (n,) each.
        cases: as for `share_interval`.
    """
    one, other = (np.asarray(shares, dtype=np.float64) for shares in (first, second))
    if np.ptp(one - other) > SAME:
        return bootstrap_mean(one - other, confidence)
    (right, of), (others_right, of_others) = (_right_of(shares, cases) for shares in (one, other))
    return difference_interval((right, others_right), (of, of_others), confidence)


def _right_of(shares: npt.NDArray[np.float64], cases: npt.ArrayLike) -> tuple[int, int]:
    """How many cases are right behind shares of them, and how many there are."""
    each = np.broadcast_to(np.asarray(cases, dtype=np.float64), shares.shape)
    return round(float(shares @ each)), round(float(each.sum()))


def bootstrap_means(
    values: npt.ArrayLike, confidence: float = 0.95, resamples: int = 1000, seed: int = 0
) -> list[Interval]:
    """Bootstrap percentile intervals of the means of several columns, (n, columns), whose rows are drawn together.

    It takes memory for one sample at a time, so that n may be large. The same values and seed give the same intervals.
    """
    sample = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(seed)
    n = len(sample)
    means = np.stack([np.bincount(rng.integers(n, size=n), minlength=n) @ sample for _ in range(resamples)]) / n
    ends = np.quantile(means, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    return [Interval(float(low), float(high)) for low, high in ends.T]


def _z(confidence: float) -> float:
    from statistics import NormalDist  # slow to import, and reading results does not need it

    return NormalDist().inv_cdf(0.5 + confidence / 2)
