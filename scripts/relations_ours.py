"""The learners of this package in `benchmark_relations.py`."""

from __future__ import annotations

from relations_data import Dataset
from relations_evaluation import Trained

LEARNERS: tuple[str, ...] = ()
"""The names of our learners, in the order of the table."""


def ours(name: str, dataset: Dataset, seed: int) -> Trained:
    """Train one of `LEARNERS` on `dataset.train`.

    A learner that answers only (h, r, ?) learns `with_inverses(dataset.train)`, and is asked (t, inverse of r, ?) for
    (?, r, t), as is done for the methods of PyKEEN. Settings may be chosen by `dataset.valid`, never by `dataset.test`.
    The seconds are those of one training: `time.process_time` counts all threads, but no other process.

    Args:
        name: the learner.
        dataset: facts as rows (head, relation, tail) of indices. Entities and relations are numbered from 0.
        seed: of first weights and of the order of batches.

    Raises:
        ValueError: there is no such learner.
    """
    raise ValueError(f"no learner {name!r} for {dataset.name} and seed {seed}")
