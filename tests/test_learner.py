"""The seam for other learners: the one loop and the one evaluation ask for four things, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pytest

from family_trees.engine.arrays import Array, Booleans
from family_trees.engine.cases import Cases, Inputs
from family_trees.engine.descent import descend, initial_state
from family_trees.engine.evaluation import evaluate
from family_trees.engine.learner import Learner
from family_trees.engine.learning import objective
from family_trees.engine.network import Connection, Weights
from family_trees.engine.onehot import OneHot
from family_trees.engine.recipe import PUBLISHED
from family_trees.engine.units import ErrorSignal
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.randomness import initial_weights

PERSON, RELATION = Connection("person", "answer"), Connection("relation", "answer")


def dense(codes: Array | OneHot) -> Array:
    return codes.to_dense() if isinstance(codes, OneHot) else codes


@dataclass(frozen=True)
class Sums:
    """No layered network: the answer is the vector of the person plus that of the relation, without any unit."""

    people: int
    relations: int

    @property
    def connections(self) -> Mapping[Connection, tuple[int, int]]:
        return {PERSON: (self.people, self.people), RELATION: (self.relations, self.people)}

    def answers(self, weights: Weights, inputs: Inputs) -> Array:
        return np.asarray(dense(inputs["person"]) @ weights[PERSON] + dense(inputs["relation"]) @ weights[RELATION])

    def likelihoods(self, weights: Weights, inputs: Inputs, rivals: Booleans) -> Array:  # noqa: ARG002 - see Learner
        return self.answers(weights, inputs)

    def gradient(self, weights: Weights, cases: Cases, signal: ErrorSignal = "squared", margin: float = 0.0) -> Weights:
        assert (signal, margin) == ("squared", 0)
        wrong = (self.answers(weights, cases.inputs) - cases.d) * cases.training_mask[..., None]
        return {c: dense(cases.inputs[c.below]).T @ wrong for c in (PERSON, RELATION)}

    def codes(self, weights: Weights) -> dict[str, Array]:
        return {"person": weights[PERSON], "relation": weights[RELATION]}


def test_the_layered_network_is_a_learner(task: Task) -> None:
    learner: Learner = FAMILY_TREE_NETWORK
    weights = initial_weights(FAMILY_TREE_NETWORK, 1.0, 0, range(2))
    assert {c: w.shape[1:] for c, w in weights.items()} == learner.connections
    assert learner.answers(weights, task.inputs()).shape == (2, 104, 24)
    codes = learner.codes(weights)
    assert {group: code.shape for group, code in codes.items()} == {"person": (2, 24, 6), "relation": (2, 12, 6)}
    colin = task.person_index["Colin"]
    by_hand = weights[Connection("person", "person code")][:, colin] + weights[Connection("bias", "person code")][:, 0]
    np.testing.assert_allclose(codes["person"][:, colin], 1 / (1 + np.exp(-by_hand)))


def test_another_learner_descends_and_is_evaluated(task: Task) -> None:
    learner = Sums(24, 12)
    networks = 2
    weights: Weights = {c: np.zeros((networks, *shape)) for c, shape in learner.connections.items()}
    cases = Cases(task.inputs(), task.desired(), np.array([task.training_mask(task.cases[:4])] * networks))
    recipe = replace(PUBLISHED, name="sums", sweeps=40, epsilon=(0.02, 0.02), decay=0.0, margin=0.0)
    states = list(descend(learner, recipe, initial_state(weights), cases, looks=(0, 1, 40)))
    errors = [float(evaluate(learner, state.weights, cases).objective[0]) for state in states]
    assert errors[0] > errors[1] > errors[2] > 0
    assert errors[0] == pytest.approx(0.5 * cases.d[4:].sum())  # every answer is 0 at the start
    found = evaluate(learner, states[-1].weights, cases)
    assert found.right.shape == (networks, 104)
    # One change of one weight, by hand: equation 9 from zero weights.
    one = task.cases[4]
    answered = [task.person_index[name] for name in task.answers[one]]
    same_person = [k for k in range(4, 104) if task.cases[k].person == one.person]
    total = sum(task.desired()[k, answered[0]] for k in same_person)
    moved = states[1].weights[PERSON][0, task.person_index[one.person], answered[0]]
    assert moved == pytest.approx(0.02 * total)


def test_its_gradient_is_that_of_its_error(task: Task) -> None:
    learner = Sums(24, 12)
    rng = np.random.default_rng(0)
    weights: Weights = {c: rng.normal(size=(1, *shape)) for c, shape in learner.connections.items()}
    cases = Cases(task.inputs(), task.desired(), np.ones((1, 104)))
    dE_dw = learner.gradient(weights, cases)[RELATION]
    for place in ((0, 0, 0), (0, 7, 3)):
        ends = []
        for step in (1e-5, -1e-5):
            w = weights[RELATION].copy()
            w[place] += step
            ends.append(float(objective(learner.answers({**weights, RELATION: w}, cases.inputs), cases, "squared")[0]))
        assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(dE_dw[place], rel=1e-6)
