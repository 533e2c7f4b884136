"""Networks that judge facts which they were never told.

A network that was told a wrong fact has learned it, and so finds it likely. A judge is trained on the same facts but
for a share of them, forwards and backwards, and then finds these likely only if the others speak for them. Together the
judges of a task have judged every fact. That takes a learner that infers most of what it is not told, as vectors and
matrices do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.candidates import fact_places
from family_trees.analysis.likelihood import likelihood_both_ways
from family_trees.engine.embedding import Embedding
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import Weights, select_networks
from family_trees.families.task import Task
from family_trees.models.model import Model
from family_trees.models.training import TrainingProgress, train
from family_trees.support.errors import FamilyTreesError
from family_trees.support.philox import uniform

FOLDS = 10
"""The usual number of judges."""


@dataclass(frozen=True)
class Judges:
    """Networks, each of which was not told a share of the facts of a task."""

    task: Task
    architecture: LayeredLearner
    weights: Weights
    """Of all judges, per connection (judges, units below, units above)."""
    of_fact: NDArray[np.int64]
    """The judge that was not told a fact, (facts,)."""

    def likelihoods(self) -> NDArray[np.float64]:
        """How likely each fact of the task is to the judge that was not told it, (facts,)."""
        facts, found = fact_places(self.task), np.zeros(len(self.of_fact))
        for judge in range(len(next(iter(self.weights.values())))):
            own = np.flatnonzero(self.of_fact == judge)
            weights = select_networks(self.weights, slice(judge, judge + 1))
            found[own] = likelihood_both_ways(self.architecture, weights, self.task, facts[own])
        return found


def usual_judges(model: Model) -> int:
    """How many judges a model usually has: none if it is a network of 1986, which infers too little."""
    return FOLDS if isinstance(model.architecture, Embedding) else 0


def train_judges(
    model: Model, folds: int = FOLDS, report: Callable[[TrainingProgress], None] | None = None
) -> Judges | None:
    """Train judges of the facts that a model was trained on, with its recipe; None if there are too few facts.

    The facts between two people are held out together. So whole cases are held out, and with them some more facts.

    Args:
        folds: how many judges.
        report: as for `train`.

    Raises:
        FamilyTreesError: there are fewer than two folds, or a training diverges.
    """
    task = model.task
    if folds < 2:
        raise FamilyTreesError(f"folds: {folds} is not allowed; give 2 or more: each holds out a share of the facts")
    of_fact = _folds(task, folds, model.seed, model.number)
    splits = [
        {fact[:2] for fact, fold in zip(task.triples, of_fact, strict=True) if fold == judge} for judge in range(folds)
    ]
    if any(not 0 < len(split) < len(task.cases) for split in splits):
        return None
    trained = [
        train(
            *(task, model.recipe),
            seed=model.seed,
            first=model.number + 1 + judge,
            held_out=[case for case in task.cases if case in split],
            architecture=model.architecture,
            report=report,
        ).weights
        for judge, split in enumerate(splits)
    ]
    weights = {connection: np.concatenate([each[connection] for each in trained]) for connection in model.weights}
    return Judges(task, model.architecture, weights, of_fact)


def _folds(task: Task, folds: int, seed: int, number: int) -> NDArray[np.int64]:
    """The fold of each fact, drawn at random: the same for all facts between two people, in both directions."""
    pairs = np.sort(fact_places(task)[:, [0, 2]], axis=1)
    several, of_pair = np.unique(pairs, axis=0, return_inverse=True)
    fold = np.empty(len(several), dtype=np.int64)
    fold[np.argsort(uniform(seed, "split", number, len(several)), kind="stable")] = np.arange(len(several)) % folds
    return fold[of_pair.reshape(-1)]
