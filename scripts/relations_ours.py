"""The learners of this package in `benchmark_relations.py`.

They answer (h, r, ?) alone, so they learn the inverses of all facts, too, and are asked (t, inverse of r, ?) for
(?, r, t). Size, penalty and step are chosen by the validation set with one training each, as the settings of the other
methods are. The network of 1986 has the recipe for data of one's own, and nothing to choose.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from relations_data import FAMILY, TREES, Dataset, Facts, with_inverses
from relations_evaluation import Scores, Trained, filtered_ranks, measures

from family_trees.engine.embedding import Embedding
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.onehot import OneHot
from family_trees.engine.recipe import SMALL_BATCHES
from family_trees.families.people import Triple
from family_trees.families.task import Task
from family_trees.models.layered import family_network
from family_trees.models.successors import LearnerName, learner_for, successor_recipe
from family_trees.models.training import train
from family_trees.support.errors import FamilyTreesError

LEARNERS: tuple[LearnerName, ...] = ("matrices", "vectors", "network")
"""The names of our learners, in the order of the table."""

VALIDATION_SEED = 1000
"""The seed of the trainings that choose: none of those that are reported."""

SWEEPS = 150
"""Sweeps of vectors and matrices. In the trees of 1986 and in the family the recipe has its own number."""


class Choice(NamedTuple):
    """What the validation set chooses."""

    size: int
    penalty: float
    epsilon: float


def tried(name: LearnerName, dataset: str) -> tuple[Choice, ...]:
    """The choices that are tried. They take no more time than those of the other methods.

    They were written down after short trials, which looked at validation sets alone.
    """
    sizes: tuple[int, ...] = (14, 20, 28)
    penalties: tuple[float, ...] = (0.3, 1.0, 3.0)
    epsilons: tuple[float, ...] = (0.0005, 0.003)
    if dataset == TREES:
        sizes, penalties, epsilons = (6, 8), (0.1, 0.2, 0.4, 0.8), (0.005, 0.01)
    if dataset == FAMILY:
        sizes, penalties, epsilons = (6, 8), (0.2, 0.4), (0.005,)
    if name == "vectors":
        sizes = tuple(2 * size for size in sizes)
    return tuple(Choice(*each) for each in product(sizes, penalties, epsilons))


def ours(name: str, dataset: Dataset, seed: int) -> Trained:
    """Train one of `LEARNERS` on `dataset.train`, with the settings that the validation set chose.

    Args:
        name: the learner.
        dataset: facts as rows (head, relation, tail) of indices. Entities and relations are numbered from 0.
        seed: of first weights and of the order of batches.
    """
    learner = next(each for each in LEARNERS if each == name)
    if learner == "network":
        return _trained(learner, dataset, seed, None)
    facts = (dataset.train.tobytes(), dataset.valid.tobytes(), dataset.test.tobytes())
    return _trained(learner, dataset, seed, _chosen(learner, _Key(dataset, facts)))


class _Key:
    """A data set as the key of a cache: equal facts are equal keys."""

    def __init__(self, dataset: Dataset, facts: tuple[bytes, bytes, bytes]) -> None:
        self.dataset, self.facts = dataset, facts

    def __hash__(self) -> int:
        return hash(self.facts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.facts == other.facts


@lru_cache
def _chosen(name: LearnerName, of: _Key) -> Choice:
    """The choice with the highest MRR on the validation set, by one training each. One that diverges has none.

    As for the methods of PyKEEN, other right answers are taken out first, those of the test set among them: an answer
    that is right must not count as a mistake.
    """

    def mrr(choice: Choice) -> float:
        try:
            trained = _trained(name, of.dataset, VALIDATION_SEED, choice)
        except FamilyTreesError:
            return 0.0
        return measures(filtered_ranks(trained, of.dataset.valid, of.dataset.facts).ravel()).mrr

    return max(tried(name, of.dataset.name), key=mrr)


def _trained(name: LearnerName, dataset: Dataset, seed: int, choice: Choice | None) -> Trained:
    """A learner after training on the facts and their inverses."""
    task = _task(dataset)
    learner: LayeredLearner
    if choice is None:
        recipe, learner = SMALL_BATCHES, family_network(len(task.people), len(task.relations))
        settings = "recipe small-batches"
    else:
        recipe = successor_recipe(name, len(task.cases), choice.penalty, choice.epsilon)
        if dataset.name not in (TREES, FAMILY):
            recipe = replace(recipe, sweeps=SWEEPS, first_phase=SWEEPS // 50)
        learner = learner_for(task, name, choice.size)
        settings = f"size {choice.size}, penalty {choice.penalty:g}, epsilon {choice.epsilon:g}"
    cpu, wall = time.process_time(), time.perf_counter()
    trained = train(task, recipe, seed=seed, held_out=0, architecture=learner, every=recipe.sweeps)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall

    def answered(entities: NDArray[np.int64], relations: NDArray[np.int64]) -> Scores:
        inputs = {
            "person": OneHot.of([(k,) for k in entities.tolist()], len(task.people)),
            "relation": OneHot.of([(k,) for k in relations.tolist()], len(task.relations)),
        }
        scores = learner.scores if isinstance(learner, Embedding) else learner.answers
        return np.asarray(scores(trained.weights, inputs)[0])

    numbers = sum(below * above for below, above in learner.connections.values())
    return Trained(
        tails=lambda rows: answered(rows[:, 0], 2 * rows[:, 1]),
        heads=lambda rows: answered(rows[:, 1], 2 * rows[:, 0] + 1),
        settings=settings,
        epochs=recipe.sweeps,
        cpu_seconds=round(cpu, 2),
        wall_seconds=round(wall, 2),
        numbers=numbers,
        numbers_an_entity=next(layer.units for layer in learner.layers if layer.name == "person code"),
    )


def _task(dataset: Dataset) -> Task:
    """The facts and their inverses as a task. Entities and relations are called by their numbers."""
    entities, relations = (tuple(map(str, range(n))) for n in (len(dataset.entities), 2 * len(dataset.relations)))
    facts: Facts = with_inverses(dataset.train)
    return Task(entities, relations, tuple(Triple(entities[h], relations[r], entities[t]) for h, r, t in facts))
