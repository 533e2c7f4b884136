"""A line fitted by gradient descent: the smallest network, with one weight and one bias."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CASES = 1000
SLOPE, INTERCEPT, NOISE = 2.0, 1.0, 0.1


class LineFit(NamedTuple):
    """A line y = a x + b on its way to some points."""

    a: NDArray[np.float64]
    """The slope before the first sweep and after each, (1 + sweeps,)."""
    b: NDArray[np.float64]
    """The intercept, (1 + sweeps,)."""
    changes_per_sweep: int
    """How often a sweep changes a and b."""


def points_near_a_line(seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The x and y of 1000 points near the line y = 2 x + 1, (points,) each."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, CASES)
    return x, SLOPE * x + INTERCEPT + rng.normal(0, NOISE, CASES)


def fit_line(
    x: NDArray[np.float64], y: NDArray[np.float64], *, sweeps: int, batch: int, epsilon: float = 0.1
) -> LineFit:
    """Fit y = a x + b from a = b = 0 by gradient descent on the mean of (a x + b - y)^2.

    Args:
        batch: after how many cases a and b are changed: all of them in full batch, 1 for single cases.
        epsilon: the step size.
    """
    a = b = 0.0
    found = [(a, b)]
    starts = range(0, len(x), batch)
    for _ in range(sweeps):
        for start in starts:
            xs, ys = x[start : start + batch], y[start : start + batch]
            error = a * xs + b - ys
            a, b = a - epsilon * float(np.mean(2 * error * xs)), b - epsilon * float(np.mean(2 * error))
        found.append((a, b))
    slopes, intercepts = np.array(found).T
    return LineFit(slopes, intercepts, len(starts))


def mean_squared_errors(fit: LineFit, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of (a x + b - y)^2 before the first sweep and after each, (1 + sweeps,)."""
    return np.asarray(np.mean((np.outer(fit.a, x) + fit.b[:, None] - y) ** 2, axis=1))
