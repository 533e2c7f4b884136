"""Why the printed recipe fails, from its equations: what gradient descent adds, and what weight decay takes away.

The argument uses the equations alone. No number of it is fitted to a measurement.

1. *Rest.* Small weights carry nothing from the question to the answer. At first the network can only learn the biases
   of the output, and it soon answers every question alike, with each unit at 0.2. There the margin ends the error of
   the units that should be off. The error of the right unit remains: dE/dx = (0.2 - 1) 0.2 (1 - 0.2) = -0.128 by
   equations 4 and 5. Without the slope of equation 5 it is -0.8 (`error_at_rest`).
2. *The first distinction.* The questions that this error belongs to form a matrix, people by answers. Its largest
   singular value belongs to the distinction that explains most of the error: English questions have English answers
   (`first_distinction`). Gradient descent finds it first, as in a linear network (A. M. Saxe, J. L. McClelland and
   S. Ganguli, International Conference on Learning Representations, 2014).
3. *The chain.* A distinction passes through four layers of weights and three layers of hidden units. By equations 5 to
   7, the gradient of each layer of weights is proportional to what the other three layers carry, and to three slopes
   y (1 - y) of at most 1/4 each. At the start, the layers carry a distinction by chance only. Small random weights
   carry little. Large ones saturate units, and then the slopes are small (`slope_product`).
4. *The race.* In every sweep each layer learns to carry a little more of the distinction, and learns faster the more
   the others carry. After every sweep, decay takes 0.2% of everything: of what was learned, and of the random weights
   that carried the distinction at the start. Either the layers strengthen each other before the random weights are
   gone, or everything dies away. There is little in between (`strength_by_sweep`). `smallest_epsilon` is the smallest
   epsilon with which the layers win.
5. *The other end.* Steps must not be too large. Where E curves strongly, descent with momentum jumps over the minimum,
   farther each time (`largest_epsilon`).

This is an estimate. It takes the weights as independent and uniform, as they are at the start, the total inputs as
normally distributed, and the slopes of a layer by their root mean square. It promises too much where units are
saturated from the start, or by the first sweeps, in which all outputs have the same error.
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
"""The upper end of each of the four layers of weights on the path, lowest first."""


STARTED_STRENGTH = 1.0
"""Learning has started when the first distinction changes the total input of the answers by this much. The value
hardly matters: a network that starts to learn soon passes it and goes on."""


class DistinctionPattern(NamedTuple):
    """A pattern over the people of the question, and the pattern over the answers that it predicts."""

    singular_value: float
    """In cases. Multiplied by dE/dx at the output, it is the error that this distinction explains."""
    people: NDArray[np.float64]
    """(people,), of length 1."""
    answers: NDArray[np.float64]
    """(people,), of length 1."""


@cache
def first_distinction(task: Task, group: str = "person") -> DistinctionPattern:
    """The distinction among the units of an input group that explains most of the error of a network at rest.

    Args:
        group: the input group, "person" or "relation".
    """
    x, d = task.inputs()[group], task.desired()
    unexplained = (d - d.mean(axis=0)).T @ x  # (answers, units): d, less its mean, if every question is answered alike
    answers, cases, people = np.linalg.svd(unexplained)
    return DistinctionPattern(float(cases[0]), people[0], answers[:, 0])


def error_at_rest(recipe: Recipe, task: Task) -> float:
    """The size of dE/dx of the right output unit while every question is answered alike (equations 4 and 5).

    The errors of a unit then balance: its activity is at the margin, or, without one, at its mean desired activity.
    """
    y = max(recipe.margin, float(task.desired().mean()))
    return (1 - y) * y * (1 - y) if recipe.error_signal == "squared" else 1 - y


@cache
def slope_product(reach: float) -> float:
    """The product of the slopes y (1 - y) of the three hidden layers on the path (equation 5).

    Args:
        reach: weights and biases are uniform between minus `reach` and `reach`.

    Returns:
        The product of the root mean square slopes; (1/4)^3 for small weights.
    """
    return math.prod(_slope_and_square(_variances(reach)[name])[0] for name in PATH_LAYERS)


def layer_gains(reach: float, learned: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much of a distinction arrives at each layer of weights, from below and from above, slopes left out.

    Args:
        reach: random weights are uniform between minus `reach` and `reach`.
        learned: how much of the distinction each layer of weights has learned to carry, lowest first, (4,).

    Returns:
        Two sizes for each layer of weights, each (4,): that of a distinction of size 1 among the people when it arrives
        below the layer, and that of one of size 1 among the answers when it arrives above it. Random weights between a
        layer and n units carry their root mean square times the root of n. What is learned is at right angles to that.
    """
    square = reach**2 / 3
    up, down = np.ones(len(WEIGHT_LAYERS)), np.ones(len(WEIGHT_LAYERS))
    for k in range(1, len(WEIGHT_LAYERS)):
        up[k] = up[k - 1] * math.sqrt(_units(WEIGHT_LAYERS[k - 1]) * square + learned[k - 1] ** 2)
    for k in range(len(WEIGHT_LAYERS) - 2, -1, -1):
        down[k] = down[k + 1] * math.sqrt(_units(WEIGHT_LAYERS[k]) * square + learned[k + 1] ** 2)
    return up, down


def strength_by_sweep(recipe: Recipe, task: Task, epsilon_factor: float = 1.0) -> NDArray[np.float64]:
    """How strongly the network has learned to turn the first distinction among the people into answers, by sweep.

    In every sweep each layer of weights gains epsilon / (1 - alpha) times the gradient (equations 6 to 9; the factor
    1 / (1 - alpha) is the effect of momentum). Decay then takes its share of that and of the random weights.

    Args:
        epsilon_factor: multiplies the epsilons of both phases.

    Returns:
        The change of the total input of the answers by a distinction of size 1, (sweeps,). It ends where it passes
        `STARTED_STRENGTH`: from there on the network is no longer at rest.

    Raises:
        ValueError: the argument does not cover this recipe.
    """
    _check_recipe(recipe)
    reaches = _initial_range(recipe) * np.geomspace(1e-3, 1, 40)
    products = [slope_product(reach) for reach in reaches.tolist()]
    error = error_at_rest(recipe, task) * first_distinction(task).singular_value
    learned, reach, strengths = np.zeros(len(WEIGHT_LAYERS)), _initial_range(recipe), []
    for t in range(1, recipe.sweeps + 1):
        epsilon, alpha = recipe.phase(t)
        decay_factor = 1 - recipe.decay if t >= recipe.decay_from else 1.0
        slope = float(np.interp(reach, reaches, products))
        up, down = layer_gains(reach, learned)
        learned = (learned + epsilon_factor * epsilon / (1 - alpha) * error * slope * up * down) * decay_factor
        reach *= decay_factor
        strengths.append(slope * float(np.prod(learned)))
        if strengths[-1] > STARTED_STRENGTH:
            break
    return np.array(strengths)


def learning_starts(recipe: Recipe, task: Task, epsilon_factor: float = 1.0) -> bool:
    """Whether learning starts within the sweeps of the recipe (see `strength_by_sweep`)."""
    return bool(strength_by_sweep(recipe, task, epsilon_factor)[-1:] > STARTED_STRENGTH)


def smallest_epsilon(recipe: Recipe, task: Task) -> float:
    """The smallest epsilon of the second phase with which learning starts, to within 2%.

    The epsilon of the first phase changes in proportion.
    """
    low, high = 1e-4, 1e4
    while high / low > 1.02:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if learning_starts(recipe, task, middle) else (middle, high)
    return recipe.epsilon[1] * high


def largest_epsilon(recipe: Recipe, task: Task) -> float:
    """The epsilon of the second phase above which descent may jump over the minimum of E, in the weights of an output.

    A minimum of curvature c is stable under equation 9 if epsilon c < 2 (1 + alpha) (B. T. Polyak, 1964). The curvature
    is taken along the weights and the bias of one output unit, where it is largest: at y = 1/2. It is a sum over all
    cases of the squared activity that comes in, times the slope of equation 5 (squared, for squared error).

    Raises:
        ValueError: the argument does not cover this recipe.
    """
    _check_recipe(recipe)
    slope = 1 / 16 if recipe.error_signal == "squared" else 1 / 4
    arriving = 1 + _units(PATH_LAYERS[-1]) * _slope_and_square(_variances(_initial_range(recipe))[PATH_LAYERS[-1]])[1]
    curvature = len(task.cases) * slope * arriving
    (low, high), (first, second) = recipe.epsilon, recipe.alpha
    bounds = [2 * (1 + second) / curvature]
    if recipe.first_phase:  # has an epsilon and an alpha of its own; steps may be too large in either phase
        bounds.append(2 * (1 + first) / curvature * high / low)
    return min(bounds)


def _variances(reach: float) -> dict[str, float]:
    """The variance of the total input (equation 1) of each layer, for uniform weights and biases up to `reach`."""
    weight, square = reach**2 / 3, {"person": 1.0, "relation": 1.0}
    found = {}
    for layer in FAMILY_TREE_NETWORK.computed:
        found[layer.name] = weight * sum(_arriving_square(seen, square) for seen in layer.sees)
        square[layer.name] = _slope_and_square(found[layer.name])[1]
    return found


def _arriving_square(seen: str, square: dict[str, float]) -> float:
    """The sum of the squared activities of a layer; in the input groups and the bias one unit is on."""
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
    """Refuse a recipe that the argument does not cover."""
    other = (recipe.units != "logistic", recipe.error_signal == "softmax", recipe.batch, recipe.fan_in, recipe.averaged)
    if any(other) or not (recipe.biases and recipe.decay_biases):
        raise ValueError("the argument is for logistic units with biases, the full batch, and one epsilon and decay")
