"""The one evaluation of `benchmark_relations.py`: filtered ranks in both directions, for every method alike.

Each fact (h, r, t) is asked twice: (h, r, ?) and (?, r, t). A method gives each entity a score. Other right answers are
taken out first (*filtered*): a method is not wrong if it puts another known fact in front. Among equal scores, the rank
is the middle of the best and the worst place (*realistic*), so that equal scores for all gain nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from relations_data import Facts

Scores = NDArray[np.floating]
"""Scores, (questions, entities): the higher, the likelier."""

AT_ONCE = 512
"""Questions that are scored at once."""


@dataclass(frozen=True)
class Trained:
    """A trained method, and what its training took."""

    tails: Callable[[NDArray[np.int64]], Scores]
    """Scores for questions (h, r, ?): from rows (head, relation), (q, 2), to (q, entities)."""
    heads: Callable[[NDArray[np.int64]], Scores]
    """Scores for questions (?, r, t): from rows (relation, tail), (q, 2), to (q, entities)."""
    settings: str
    """The settings, in words."""
    epochs: int
    """Passes through the training facts."""
    cpu_seconds: float
    """Processor time of the training, of all threads and processes together."""
    wall_seconds: float
    numbers: int
    """All numbers that were learned."""
    numbers_an_entity: int
    """The numbers that describe one entity."""


@dataclass(frozen=True)
class Measures:
    """Means over questions in both directions."""

    mrr: float
    """Mean of 1 / rank."""
    hits_at_1: float
    hits_at_3: float
    hits_at_10: float
    mean_rank: float


def measures(ranks: NDArray[np.float64]) -> Measures:
    """The usual means of ranks, (n,)."""
    first, three, ten = (float(np.mean(ranks <= k)) for k in (1, 3, 10))
    return Measures(float(np.mean(1 / ranks)), first, three, ten, float(np.mean(ranks)))


def filtered_ranks(trained: Trained, asked: Facts, known: Facts) -> NDArray[np.float64]:
    """Ranks, (2, n): of the tails and of the heads of the facts `asked`, (n, 3).

    Args:
        trained: the method.
        asked: the facts to measure with.
        known: every fact that is right; those in `asked` may be among them.
    """
    both = np.concatenate([known, asked])
    return np.stack(
        [
            _ranks(trained.tails, asked[:, :2], asked[:, 2], both[:, :2], both[:, 2]),
            _ranks(trained.heads, asked[:, 1:], asked[:, 0], both[:, 1:], both[:, 0]),
        ]
    )


def _ranks(
    score: Callable[[NDArray[np.int64]], Scores],
    questions: NDArray[np.int64],
    answers: NDArray[np.int64],
    known_questions: NDArray[np.int64],
    known_answers: NDArray[np.int64],
) -> NDArray[np.float64]:
    right: dict[tuple[int, ...], list[int]] = {}
    for question, answer in zip(known_questions.tolist(), known_answers.tolist(), strict=True):
        right.setdefault(tuple(question), []).append(answer)
    ranks = []
    for start in range(0, len(questions), AT_ONCE):
        some, wanted = questions[start : start + AT_ONCE], answers[start : start + AT_ONCE]
        scores = np.array(score(some), dtype=np.float64)
        scores[np.isnan(scores)] = -np.inf  # a method that broke down knows nothing
        own = scores[np.arange(len(some)), wanted][:, None].copy()
        taken_out = [right[tuple(question)] for question in some.tolist()]
        rows = np.repeat(np.arange(len(some)), [len(each) for each in taken_out])
        scores[rows, np.concatenate(taken_out)] = np.nan  # neither greater than anything nor equal to it
        ranks.append(1 + np.sum(scores > own, axis=1) + np.sum(scores == own, axis=1) / 2)
    return np.concatenate(ranks)
