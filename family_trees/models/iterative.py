"""Iterative networks (Nature, fig. 5). Run for n steps, one equals a layered network of n layers with equal weights.

"The learning procedure can be used for iterative nets by keeping the history of each unit's states; the corresponding
weights of the layers are kept equal by averaging dE/dw over them" (Nature, p. 535). The unrolled network is an
`Architecture` whose layers copy the weights of the first step; `backward` sums the gradient over the copies, and the
recipe divides epsilon by the number of steps, which makes it the paper's average.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import Cases
from family_trees.engine.descent import State, descend, initial_state
from family_trees.engine.evaluation import evaluate
from family_trees.engine.learning import gradient
from family_trees.engine.network import BIAS, Activities, Architecture, Connection, Layer, Weights
from family_trees.engine.recipe import Recipe
from family_trees.models.randomness import initial_weights

ITERATIVE_RECIPE = Recipe(
    "iterative", sweeps=2000, epsilon=(10.0, 10.0), alpha=(0.9, 0.9), decay=0.0, margin=0.0, initial_range=2.0
)
"""A recipe of our own: the paper prints no numbers for iterative networks. The gradient is averaged over sequences."""


SWEEPS_BETWEEN_LOOKS = 20
"""Sweeps between two evaluations of the networks."""


def unrolled(steps: int, inputs: int, units: int) -> Architecture:
    """The unrolled architecture of an iterative network: `units` units run for `steps` steps, then one output unit.

    At step t the units see all states of step t - 1 and the input of step t. The layer of step t copies the weights of
    step 1. "state 0" holds the states at the start.
    """
    layers = [Layer("state 0", units), *(Layer(f"input {t}", inputs) for t in range(1, steps + 1))]
    layers += [
        Layer(f"state {t}", units, (f"input {t}", f"state {t - 1}", BIAS), copies="state 1" if t > 1 else None)
        for t in range(1, steps + 1)
    ]
    return Architecture((*layers, Layer("output", 1, (f"state {steps}", BIAS))))


def iterate(weights: Weights, sequences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Run the iterative network itself: a loop over the steps, always with the same weights.

    Args:
        weights: of one network, per connection of `unrolled`, (1, units below, units above).
        sequences: (cases, steps).

    Returns:
        The output after the last step, (cases, 1).
    """
    steps = sequences.shape[1]
    from_input, from_state, bias = (
        np.asarray(weights[Connection(below, "state 1")])[0] for below in ("input 1", "state 0", BIAS)
    )
    state = np.zeros((len(sequences), from_state.shape[0]))
    for t in range(steps):
        state = 1 / (1 + np.exp(-(sequences[:, t : t + 1] @ from_input + state @ from_state + bias)))
    out, out_bias = (np.asarray(weights[Connection(below, "output")])[0] for below in (f"state {steps}", BIAS))
    return np.asarray(1 / (1 + np.exp(-(state @ out + out_bias))))


def gradient_error(steps: int, units: int, seed: int = 0, h: float = 1e-5) -> float:
    """The error of the gradient of the unrolled network, compared with finite differences of the iterative one.

    It is measured on the memory task at random weights: the largest difference for any weight, as a share of the
    largest gradient of any weight.
    """
    task, architecture = MemoryTask(steps), unrolled(steps, 1, units)
    weights = initial_weights(architecture, ITERATIVE_RECIPE.initial_range, seed, (0,))
    cases = Cases(task.inputs(units), task.desired, np.ones((1, 2**steps)))

    def e(of: Weights) -> float:
        return 0.5 * float(np.sum((iterate(of, task.sequences) - task.desired) ** 2))

    worst = largest = 0.0
    for connection, dE_dw in gradient(architecture, weights, cases).items():
        for place in np.ndindex(dE_dw.shape):
            moved = []
            for sign in (1, -1):
                w = np.array(weights[connection])
                w[place] += sign * h
                moved.append(e(weights | {connection: w}))
            by_difference = (moved[0] - moved[1]) / (2 * h)
            worst = max(worst, abs(by_difference - float(dE_dw[place])))
            largest = max(largest, abs(by_difference))
    return worst / largest


@dataclass(frozen=True)
class MemoryTask:
    """The memory task: all sequences of `steps` bits. The answer is the first bit; the later bits distract."""

    steps: int

    @property
    def sequences(self) -> NDArray[np.float64]:
        """(cases, steps)."""
        return np.array(list(product((0.0, 1.0), repeat=self.steps)))

    def inputs(self, units: int) -> Activities:
        """Per input layer of `unrolled`: one bit of each sequence, (cases, 1), and the states at the start, all 0."""
        sequences = self.sequences
        bits: Activities = {f"input {t + 1}": sequences[:, t : t + 1] for t in range(self.steps)}
        return {"state 0": np.zeros((len(sequences), units)), **bits}

    @property
    def desired(self) -> NDArray[np.float64]:
        """(cases, 1)."""
        return self.sequences[:, :1]


def descend_memory(
    steps: int, units: int = 2, *, numbers: Sequence[int], seed: int = 0, looks: Iterable[int] | None = None
) -> Iterator[State]:
    """Train iterative networks to answer the first of `steps` bits after the last one.

    Args:
        numbers: which networks of the seed to train.
        looks: the sweeps at which their states are wanted, as for `descend`.
    """
    task, recipe = MemoryTask(steps), ITERATIVE_RECIPE
    architecture = unrolled(steps, 1, units)
    weights = initial_weights(architecture, recipe.initial_range, seed, numbers)
    averaged = replace(recipe, epsilon=(recipe.epsilon[0] / steps, recipe.epsilon[1] / steps), averaged=True)
    cases = Cases(task.inputs(units), task.desired, np.ones((len(numbers), 2**steps)))
    return descend(architecture, averaged, initial_state(weights), cases, looks=looks)


def sweeps_to_learn_memory(
    steps: int, units: int = 2, *, networks: int = 100, first: int = 0, seed: int = 0
) -> NDArray[np.float64]:
    """Train the networks number `first`, `first` + 1, ... to answer the first of `steps` bits after the last one.

    Returns:
        The first evaluated sweep with all sequences right, (networks,); infinite if there was none.
    """
    task, architecture = MemoryTask(steps), unrolled(steps, 1, units)
    cases = Cases(task.inputs(units), task.desired, np.ones((networks, 2**steps)))
    learned = np.full(networks, np.inf)
    looks = {*range(0, ITERATIVE_RECIPE.sweeps, SWEEPS_BETWEEN_LOOKS), ITERATIVE_RECIPE.sweeps}
    for state in descend_memory(steps, units, numbers=range(first, first + networks), seed=seed, looks=looks):
        done = evaluate(architecture, state.weights, cases).right.all(axis=-1)
        learned[done & np.isinf(learned)] = state.sweep
        if np.isfinite(learned).all():
            break
    return learned
