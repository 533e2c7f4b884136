"""Iterative networks: the unrolled gradient against finite differences of the network run step by step."""

from __future__ import annotations

import numpy as np
import pytest

from family_trees.engine.cases import Cases
from family_trees.engine.learning import gradient
from family_trees.engine.network import Weights, forward
from family_trees.models.iterative import MemoryTask, gradient_error, iterate, sweeps_to_learn_memory, unrolled
from family_trees.models.randomness import initial_weights

STEPS, UNITS = 4, 3


@pytest.fixture
def weights() -> Weights:
    return initial_weights(unrolled(STEPS, 1, UNITS), 1.5, 3, (0,))


def test_the_unrolled_network_is_the_iterative_one(weights: Weights) -> None:
    task = MemoryTask(STEPS)
    y = forward(unrolled(STEPS, 1, UNITS), weights, task.inputs(UNITS))["output"][0]
    assert y == pytest.approx(iterate(weights, task.sequences), abs=1e-12)


def test_the_gradient_of_the_shared_weights_is_that_of_the_iterative_network(weights: Weights) -> None:
    """Summed over the steps; the paper's average is that over their number."""
    task = MemoryTask(STEPS)
    cases = Cases(task.inputs(UNITS), task.desired, np.ones((1, 2**STEPS)))
    dE_dw = gradient(unrolled(STEPS, 1, UNITS), weights, cases)
    h = 1e-5
    for connection, w in weights.items():
        for place in np.ndindex(w.shape):
            e = []
            for sign in (1, -1):
                moved = {c: each.copy() for c, each in weights.items()}
                moved[connection][place] += sign * h
                e.append(0.5 * np.sum((iterate(moved, task.sequences) - task.desired) ** 2))
            assert dE_dw[connection][place] == pytest.approx((e[0] - e[1]) / (2 * h), abs=1e-7)


def test_how_far_the_two_gradients_are_apart() -> None:
    assert gradient_error(5, 2) < 1e-6


def test_only_one_layer_owns_weights() -> None:
    connections = unrolled(5, 1, UNITS).connections
    assert {connection.above for connection in connections} == {"state 1", "output"}


def test_the_memory_task() -> None:
    task = MemoryTask(3)
    assert task.sequences.shape == (8, 3)
    assert np.array_equal(task.desired[:, 0], task.sequences[:, 0])
    assert np.array_equal(task.inputs(2)["input 3"][:, 0], task.sequences[:, 2])


def test_a_bit_is_remembered() -> None:
    found = sweeps_to_learn_memory(3, 2, networks=6)
    assert np.isfinite(found).mean() > 0.5
