"""Why the printed recipe fails, from its equations: what gradient descent adds against what decay takes.

The argument, which fits no number to any measurement:

1. *Rest.* Small weights carry nothing from the question to the answer. All the network can learn at first is the
   biases of the output, and it soon answers every question alike: with each unit at 0.2, where the margin ends the
   error of the units that should be off. What is left is the error of the right unit, dE/dx = (0.2 - 1) 0.2 (1 - 0.2)
   = -0.128 by equations 4 and 5; without the slope of equation 5 it is -0.8 (`error_at_rest`).
2. *The first distinction.* Which question that error belongs to is a matrix, people by answers. Its largest singular
   value belongs to the one distinction that explains most of it: English questions have English answers
   (`first_distinction`). Gradient descent finds it first, as in a linear network (A. M. Saxe, J. L. McClelland and
   S. Ganguli, International Conference on Learning Representations, 2014).
3. *The chain.* A distinction has to be carried through four layers of weights and three of units. By equations 5 to 7
   the gradient of each layer of weights goes with the product of what the other three carry and of three slopes
   y (1 - y), of at most 1/4 each. At the start they carry only what random weights carry by chance, which is little if
   they are small; and if they are large, units are saturated and slopes small (`slope_product`).
4. *The race.* Each layer learns to carry the distinction, a little every sweep, and the more the others carry, the
   faster. Decay takes the same share, 0.2%, of everything after every sweep: of what was learned, and of the random
   weights that brought it forward. Either the layers pull each other up before those are gone, or all die away; there
   is little between (`course`). The smallest epsilon that gets there is `smallest_epsilon`.
5. *The other end.* Steps may not be as large as one likes: where E curves too strongly, descent with momentum jumps
   over its minimum, farther each time (`largest_epsilon`).

It is an estimate. Weights are taken as independent and uniform, as at the start, total inputs as normally distributed,
layers by their root mean square slopes. Where units are saturated from the start, or by the first sweeps, in which all
outputs have the same error, it promises too much.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.network import BIAS, Layer
from family_trees.engine.recipe import Recipe
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK

PATH_LAYERS = ("person code", "central", "penultimate")
"""The hidden layers between the people of the question and the answer, lowest first."""


WEIGHT_LAYERS = (*PATH_LAYERS, "answer")
"""The layers that the four layers of weights on that way go to."""


STARTED_STRENGTH = 1.0
"""Learning has started when the first distinction moves the total input of the answers this much. The value hardly
matters: what takes off passes it and goes on."""


class DistinctionPattern(NamedTuple):
    """A pattern over the people of the question that tells a pattern over the answers."""

    singular_value: float
    """Its singular value, in cases: multiplied by dE/dx at the output, the error that speaks of it."""
    people: NDArray[np.float64]
    """(people,), of length 1."""
    answers: NDArray[np.float64]
    """(people,), of length 1."""


@cache
def first_distinction(task: Task, group: str = "person") -> DistinctionPattern:
    """The distinction among the units of an input group that explains most of what a network at rest gets wrong."""
    x, d = task.inputs()[group], task.desired()
    unexplained = (d - d.mean(axis=0)).T @ x  # (answers, units): what is left of d if every question is answered alike
    answers, cases, people = np.linalg.svd(unexplained)
    return DistinctionPattern(float(cases[0]), people[0], answers[:, 0])


def error_at_rest(recipe: Recipe, task: Task) -> float:
    """The size of dE/dx of a right unit while every question is answered alike (equations 4 and 5).

    All units are then where their errors balance: at the margin, or, without one, at their mean desired activity.
    """
    y = max(recipe.margin, float(task.desired().mean()))
    return (1 - y) * y * (1 - y) if recipe.error_signal == "squared" else 1 - y


@cache
def slope_product(reach: float) -> float:
    """Equation 5 on the way down: the product of the slopes y (1 - y) of the three hidden layers of the `PATH_LAYERS`.

    Args:
        reach: weights and biases are uniform between minus this and this.

    Returns:
        The product of the root mean square slopes; (1/4)^3 for small weights.
    """
    return math.prod(_slope_and_square(_variances(reach)[name])[0] for name in PATH_LAYERS)


def layer_gains(reach: float, learned: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the layers of weights carry of a distinction, without slopes: up to each of them, and down to it.

    Args:
        reach: random weights are uniform between minus this and this.
        learned: how much each layer of weights has learned to carry, lowest first, (4,).

    Returns:
        The size in which a distinction of size 1 among the people arrives below each layer of weights, and that in
        which one of size 1 among the answers arrives above it, each (4,). Random weights of n units that a layer goes
        to (or comes from) carry the root of n times their root mean square; what is learned adds to it at right angles.
    """
    square = reach**2 / 3
    up, down = np.ones(len(WEIGHT_LAYERS)), np.ones(len(WEIGHT_LAYERS))
    for k in range(1, len(WEIGHT_LAYERS)):
        up[k] = up[k - 1] * math.sqrt(_units(WEIGHT_LAYERS[k - 1]) * square + learned[k - 1] ** 2)
    for k in range(len(WEIGHT_LAYERS) - 2, -1, -1):
        down[k] = down[k + 1] * math.sqrt(_units(WEIGHT_LAYERS[k]) * square + learned[k + 1] ** 2)
    return up, down


def strength_by_sweep(recipe: Recipe, task: Task, epsilon_factor: float = 1.0) -> NDArray[np.float64]:
    """How strongly what was learned turns the first distinction among the people into one among the answers, by sweep.

    Sweep by sweep, each layer of weights gains momentum's 1 / (1 - alpha) times epsilon times the gradient (equations 6
    to 9), and decay takes its share of that and of the random weights.

    Args:
        epsilon_factor: of both step sizes.

    Returns:
        The total input of the answers by sweep, (sweeps,), for a distinction of size 1; where it passes `STARTED_STRENGTH`, the
        network is at rest no more and the course ends.
    """
    _check_recipe(recipe)
    reaches = _initial_range(recipe) * np.geomspace(1e-3, 1, 40)
    products = [slope_product(reach) for reach in reaches.tolist()]
    error = error_at_rest(recipe, task) * first_distinction(task).singular_value
    learned, reach, strengths = np.zeros(len(WEIGHT_LAYERS)), _initial_range(recipe), []
    for t in range(1, recipe.sweeps + 1):
        epsilon, alpha = recipe.phase(t)
        kept = 1 - recipe.decay if t >= recipe.decay_from else 1.0
        slope = float(np.interp(reach, reaches, products))
        up, down = layer_gains(reach, learned)
        learned = (learned + epsilon_factor * epsilon / (1 - alpha) * error * slope * up * down) * kept
        reach *= kept
        strengths.append(slope * float(np.prod(learned)))
        if strengths[-1] > STARTED_STRENGTH:
            break
    return np.array(strengths)


def learning_starts(recipe: Recipe, task: Task, epsilon_factor: float = 1.0) -> bool:
    """Whether learning starts, within the sweeps of the recipe."""
    return bool(strength_by_sweep(recipe, task, epsilon_factor)[-1:] > STARTED_STRENGTH)


def smallest_epsilon(recipe: Recipe, task: Task) -> float:
    """The smallest epsilon of the second phase with which learning starts, to 2%; both phases change alike."""
    low, high = 1e-4, 1e4
    while high / low > 1.02:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if learning_starts(recipe, task, middle) else (middle, high)
    return recipe.epsilon[1] * high


def largest_epsilon(recipe: Recipe, task: Task) -> float:
    """The epsilon of the second phase above which descent may jump over the minimum of E, among weights of an output.

    A minimum of curvature c is stable under equation 9 if epsilon c < 2 (1 + alpha) (B. T. Polyak, 1964). The curvature
    is at most that of E of one output unit along its weights and bias, at y = 1/2, where units are steepest: over all
    cases, the slope of equation 5, squared for squared error, times the squared activity that comes in.
    """
    _check_recipe(recipe)
    slope = 1 / 16 if recipe.error_signal == "squared" else 1 / 4
    arriving = 1 + _units(PATH_LAYERS[-1]) * _slope_and_square(_variances(_initial_range(recipe))[PATH_LAYERS[-1]])[1]
    curvature = len(task.cases) * slope * arriving
    (low, high), (first, second) = recipe.epsilon, recipe.alpha
    bounds = [2 * (1 + second) / curvature]
    if recipe.first_phase:  # it has an epsilon and an alpha of its own, and either phase may step too far
        bounds.append(2 * (1 + first) / curvature * high / low)
    return min(bounds)


def _variances(reach: float) -> dict[str, float]:
    """The variance of the total input (equation 1) of the layers of the path, for uniform weights and biases."""
    weight, square = reach**2 / 3, {"person": 1.0, "relation": 1.0}
    found = {}
    for layer in FAMILY_TREE_NETWORK.computed:
        found[layer.name] = weight * sum(_arriving_square(seen, square) for seen in layer.sees)
        square[layer.name] = _slope_and_square(found[layer.name])[1]
    return found


def _arriving_square(seen: str, square: dict[str, float]) -> float:
    """The sum of squared activities of a layer: of the input groups and the bias, one unit is on."""
    return 1.0 if seen in {BIAS, "person", "relation"} else _units(seen) * square[seen]


def _units(name: str) -> int:
    layer: Layer = next(layer for layer in FAMILY_TREE_NETWORK.layers if layer.name == name)
    return layer.units


def _slope_and_square(variance: float) -> tuple[float, float]:
    """The root mean square of y (1 - y), and the mean of y^2, for normally distributed total inputs."""
    points, weights = np.polynomial.hermite_e.hermegauss(61)
    y = 1 / (1 + np.exp(-math.sqrt(variance) * points))
    share = weights / weights.sum()
    return math.sqrt(float(share @ (y * (1 - y)) ** 2)), float(share @ y**2)


def _initial_range(recipe: Recipe) -> float:
    if isinstance(recipe.initial_range, tuple):
        raise ValueError("the argument is for one initial range for all layers")
    return recipe.initial_range


def _check_recipe(recipe: Recipe) -> None:
    """Refuse what the argument does not speak of."""
    other = (recipe.units != "logistic", recipe.error_signal == "softmax", recipe.batch, recipe.fan_in, recipe.averaged)
    if any(other) or not (recipe.biases and recipe.decay_biases):
        raise ValueError("the argument is for logistic units with biases, the full batch, and one epsilon and decay")
