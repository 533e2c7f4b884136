"""Confidence intervals of proportions, of their differences, and of means."""

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


def bootstrap_mean(values: npt.ArrayLike, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0) -> Interval:
    """Bootstrap percentile interval of the mean of `values`, (n,). The same values and seed give the same interval.

    Source: B. Efron, Annals of Statistics 7 (1979), 1-26.
    """
    sample = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(seed)
    means = sample[rng.integers(len(sample), size=(resamples, len(sample)))].mean(axis=1)
    low, high = np.quantile(means, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Interval(float(low), float(high))


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
