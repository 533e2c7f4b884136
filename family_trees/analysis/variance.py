"""Eta squared: the share of variance that a distinction explains, and the share that chance would explain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MATRIX_GROUP_LIMIT = 16
"""With fewer groups than this, sums over groups are products with a matrix of names by groups; else they go group by
group."""


def eta_squared(values: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Eta squared: the variance between groups over the variance between all names.

    Args:
        values: (..., names, units), weights or activities.
        groups: (names,), the number of each name's group. Names of group -1 are left out.

    Returns:
        (..., units), between 0 and 1. It is 0 where the values do not vary, and where there are fewer than two groups.
    """
    in_group = groups >= 0
    if len(np.unique(groups[in_group])) < 2:
        return np.zeros((*values.shape[:-2], values.shape[-1]))
    x, g = np.asarray(values, dtype=np.float64)[..., in_group, :], groups[in_group]
    known, sizes = np.unique(g, return_counts=True)
    centred = x - x.mean(axis=-2, keepdims=True)
    if len(known) < MATRIX_GROUP_LIMIT:
        sums = np.einsum("...nu,ng->...gu", centred, (g[:, None] == known).astype(np.float64))
    else:  # hundreds of branches of thousands of people: group by group, as they lie
        sums = np.add.reduceat(centred[..., np.argsort(g, kind="stable"), :], np.cumsum(sizes) - sizes, axis=-2)
    means = sums / sizes[:, None]
    between = np.einsum("...gu,g->...u", means**2, sizes)
    total = np.sum(centred**2, axis=-2)
    return np.asarray(np.divide(between, total, out=np.zeros_like(total), where=total > 0))


def eta_squared_by_chance(
    values: NDArray[np.float64], groups: NDArray[np.int64], shuffles: int = 20, seed: int = 0
) -> NDArray[np.float64]:
    """`eta_squared` with the names shuffled again and again: (shuffles, ..., units)."""
    rng = np.random.default_rng(seed)
    return np.array([eta_squared(values, groups[rng.permutation(len(groups))]) for _ in range(shuffles)])


def chance_level(weights: NDArray[np.float64], groups: NDArray[np.int64], shuffles: int = 200) -> NDArray[np.float64]:
    """The share that the best unit of a layer stays below in 19 of 20 shuffles of the names, (networks,).

    Args:
        weights: (networks, names, units).
        groups: as for `eta_squared`.
    """
    best = eta_squared_by_chance(weights, groups, shuffles).max(axis=-1)
    return np.asarray(np.quantile(best, 0.95, axis=0))
