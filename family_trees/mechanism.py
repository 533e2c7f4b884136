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
3. *The gradient.* By equations 5 to 7 the error reaches the weights of the people through three layers of weights w and
   three slopes y (1 - y), of at most 1/4 each. So what a sweep adds to these weights, as a share of them, goes with
   the square of the size of the weights, and is small when they are; when they are large, units are saturated and
   slopes small (`drive`).
4. *The race.* Decay takes the same share, 0.2%, of every weight after every sweep, useful or not, whatever its size.
   The distinction grows while the drive is above that. Meanwhile decay makes all weights smaller, and with them the
   drive. `growth` is by how much, as a logarithm, the distinction can grow before decay has won: below 1 it is still
   lost among the random weights, and learning does not start.
5. *The other end.* Steps may not be as large as one likes: where E curves too strongly, descent with momentum jumps
   over its minimum, farther each time (`largest_epsilon`).

It is an estimate: weights are taken as independent and uniform, as at the start, total inputs as normally distributed,
and layers by their mean slopes. Where units are saturated from the start (ranges far above 4) it does not hold.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.network import BIAS, FAMILY_TREE_NETWORK, Layer
from family_trees.recipe import Recipe
from family_trees.task import Task

PATH = ("person code", "central", "penultimate")
"""The hidden layers between the people of the question and the answer, lowest first."""


class Distinction(NamedTuple):
    """A pattern over the people of the question that tells a pattern over the answers."""

    cases: float
    """Its singular value, in cases: multiplied by dE/dx at the output, the error that speaks of it."""
    people: NDArray[np.float64]
    """(people,), of length 1."""
    answers: NDArray[np.float64]
    """(people,), of length 1."""


@cache
def first_distinction(task: Task, group: str = "person") -> Distinction:
    """The distinction among the units of an input group that explains most of what a network at rest gets wrong."""
    x, d = task.inputs()[group], task.desired()
    unexplained = (d - d.mean(axis=0)).T @ x  # (answers, units): what is left of d if every question is answered alike
    answers, cases, people = np.linalg.svd(unexplained)
    return Distinction(float(cases[0]), people[0], answers[:, 0])


def error_at_rest(recipe: Recipe, task: Task) -> float:
    """The size of dE/dx of a right unit while every question is answered alike (equations 4 and 5).

    All units are then where their errors balance: at the margin, or, without one, at their mean desired activity.
    """
    y = max(recipe.margin, float(task.desired().mean()))
    return (1 - y) * y * (1 - y) if recipe.error_signal == "squared" else 1 - y


@cache
def slopes(reach: float) -> float:
    """Equation 5 on the way down: the product of the slopes y (1 - y) of the three hidden layers of the `PATH`.

    Args:
        reach: weights and biases are uniform between minus this and this.

    Returns:
        The product of the root mean square slopes; (1/4)^3 for small weights.
    """
    return math.prod(_slope_and_square(_variances(reach)[name])[0] for name in PATH)


def drive(recipe: Recipe, reach: float, task: Task, sweep: int | None = None) -> float:
    """By what share a sweep makes the first distinction grow in the weights of the people, before decay.

    The gradient of these weights along the distinction is the error at rest times its cases, carried down three layers
    of random weights and slopes; momentum makes 1 / (1 - alpha) of each step (equation 9).

    Args:
        reach: weights are uniform between minus this and this.
        sweep: whose epsilon and alpha are used; by default those of the second phase.
    """
    _check(recipe)
    epsilon, alpha = recipe.phase(recipe.first_phase + 1 if sweep is None else sweep)
    units = {layer.name: layer.units for layer in FAMILY_TREE_NETWORK.layers}
    weight = reach / math.sqrt(3)  # root mean square
    # Down from the answer: to each of three layers through its weights, which adds up over its units.
    carried = slopes(reach) * weight**3 * math.sqrt(math.prod(units[name] for name in PATH))
    gradient = error_at_rest(recipe, task) * first_distinction(task).cases * carried
    present = weight * math.sqrt(units[PATH[0]])  # of the distinction, in the random weights
    return epsilon / (1 - alpha) * gradient / present


def growth(recipe: Recipe, task: Task) -> float:
    """The logarithm of how many times the first distinction grows before decay has won, or the sweeps are over.

    Sweep by sweep it grows by the drive and loses what decay takes; all other weights only lose.
    """
    _check(recipe)
    reaches = _reach(recipe) * np.geomspace(1e-3, 1, 60)
    drives = [
        [drive(recipe, reach, task, sweep) for reach in reaches.tolist()] for sweep in (1, recipe.first_phase + 1)
    ]
    total = best = 0.0
    reach = _reach(recipe)
    for t in range(1, recipe.sweeps + 1):
        decay = recipe.decay if t >= recipe.decay_from else 0.0
        total += float(np.interp(reach, reaches, drives[t > recipe.first_phase])) - decay
        best = max(best, total)
        reach *= 1 - decay
    return best


def largest_epsilon(recipe: Recipe, task: Task) -> float:
    """The epsilon of the second phase above which descent jumps over the minimum of E, among the weights of an output.

    A minimum of curvature c is stable under equation 9 if epsilon c < 2 (1 + alpha) (B. T. Polyak, 1964). The curvature
    is that of E of one output unit along its weights and bias, at y = 1/2, where units are steepest: over all cases,
    the slope of equation 5, squared for squared error, times the activity that comes in.
    """
    _check(recipe)
    slope = 1 / 16 if recipe.error_signal == "squared" else 1 / 4
    arriving = 1 + _units(PATH[-1]) * _slope_and_square(_variances(_reach(recipe))[PATH[-1]])[1]
    curvature = len(task.cases) * slope * arriving
    # The first phase has an epsilon and an alpha of its own; either may be the one that is too large.
    (low, high), (first, second) = recipe.epsilon, recipe.alpha
    return min(2 * (1 + second) / curvature, 2 * (1 + first) / curvature * high / low)


def _variances(reach: float) -> dict[str, float]:
    """The variance of the total input (equation 1) of the layers of the path, for uniform weights and biases."""
    weight, square = reach**2 / 3, {"person": 1.0, "relation": 1.0}
    found = {}
    for layer in FAMILY_TREE_NETWORK.computed:
        found[layer.name] = weight * sum(_arriving(seen, square) for seen in layer.sees)
        square[layer.name] = _slope_and_square(found[layer.name])[1]
    return found


def _arriving(seen: str, square: dict[str, float]) -> float:
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


def _reach(recipe: Recipe) -> float:
    if isinstance(recipe.initial_range, tuple):
        raise ValueError("the argument is for one initial range for all layers")
    return recipe.initial_range


def _check(recipe: Recipe) -> None:
    """Refuse what the argument does not speak of."""
    if recipe.units != "logistic" or recipe.error_signal == "softmax" or recipe.batch or recipe.fan_in:
        raise ValueError("the argument is for logistic units, the full batch, and one epsilon for all weights")
