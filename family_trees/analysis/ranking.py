"""The mathematics of rankings: ranks with ties, and the measures by which link prediction is compared.

The rank of a right answer is *filtered*: all other right answers are taken out of the ranking first. Ties are counted
fairly: a right answer that ties with others stands in their middle, which is called the realistic rank. So a network
that gives all the same score is as good as chance, and no better.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from family_trees.support.intervals import Interval, bootstrap_means, share_interval


class Estimate(NamedTuple):
    """A mean over facts, and its interval; None where there is a single fact, or nothing to tell it from."""

    value: float
    interval: Interval | None


class Measures(NamedTuple):
    """How high right answers stand in rankings: means over facts."""

    facts: int
    """How many facts were asked for."""
    mrr: Estimate
    """The mean reciprocal rank, between 0 and 1. 1 means that every right answer comes first."""
    hits_at_1: Estimate
    """The share of right answers that come first."""
    hits_at_3: Estimate
    """The share among the first three."""
    hits_at_10: Estimate
    """The share among the first ten."""
    mean_rank: Estimate
    """The mean rank, at least 1. Low is good."""


HITS = (1, 3, 10)
"""The ranks up to which an answer counts as a hit."""


def sortable(scores: npt.ArrayLike) -> NDArray[np.float64]:
    """Scores with what is no number (NaN) below every number."""
    array = np.asarray(scores, dtype=np.float64)
    return np.where(np.isnan(array), -np.inf, array)


def filtered_ranks(
    scores: NDArray[np.float64], known: Collection[int], targets: Collection[int]
) -> NDArray[np.float64]:
    """The rank of each right answer in one ranking, from 1, without the other right answers.

    Args:
        scores: of every entity, (entities,). Higher is better.
        known: the indices of all right answers; those of `targets` are among them or not.
        targets: the indices of the right answers to rank, (targets,).

    Returns:
        (targets,). Where n others tie with a right answer, n / 2 of them count as better.
    """
    finite = sortable(scores)
    wanted = np.fromiter(targets, dtype=np.int64)
    others = np.ones(len(finite), dtype=bool)
    others[np.fromiter(known, dtype=np.int64)] = False
    others[wanted] = False
    rivals, own = np.sort(finite[others]), finite[wanted]
    not_above, below = (np.searchsorted(rivals, own, side) for side in ("right", "left"))
    return np.asarray(1 + (len(rivals) - not_above) + (not_above - below) / 2)


def best_are_right(scores: NDArray[np.float64], answers: Collection[int]) -> bool:
    """Whether the k best of all entities are exactly the k right answers. A tie with another entity is not enough.

    Args:
        scores: of every entity, (entities,). Higher is better.
        answers: the indices of the right answers, at least one.
    """
    finite = sortable(scores)
    others = np.ones(len(finite), dtype=bool)
    others[list(answers)] = False
    return not others.any() or float(finite[~others].min()) > float(finite[others].max())


def measures(ranks: NDArray[np.float64]) -> Measures:
    """The measures of link prediction, with 95% bootstrap intervals over facts.

    Where all facts have the same rank, a bootstrap has no width. The shares of facts then have Wilson's interval, with
    the facts as independent. So has the reciprocal rank if all come first, since it is at least the share of those. A
    mean rank that is the same for all facts has none: nothing tells how far down others may stand.

    Args:
        ranks: of the right answer to each question about each fact, (facts, questions), or (facts,). A fact may be
            asked for in two directions, and counts once.

    Raises:
        ValueError: there is no rank.
    """
    if not ranks.size:
        raise ValueError("no ranks")
    by_fact = ranks.reshape(len(ranks), -1)
    columns = [1 / by_fact, *(by_fact <= most for most in HITS), by_fact]
    values = np.stack([column.mean(axis=1) for column in columns], axis=1)
    intervals: list[Interval | None] = [None] * len(columns)
    if len(values) > 1:
        for k, found in enumerate(bootstrap_means(values)):
            same = np.ptp(values[:, k]) == 0
            is_share = 1 <= k <= len(HITS) or (k == 0 and bool((by_fact == 1).all()))
            intervals[k] = found if not same else share_interval(values[:, k]) if is_share else None
    estimates = (Estimate(float(mean), each) for mean, each in zip(values.mean(axis=0), intervals, strict=True))
    return Measures(len(by_fact), *estimates)
