"""Kinds of units: how the activity follows from the total input, and the slope from the activity.

The paper's unit is the logistic one (equation 2). The other kinds serve for comparison.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from family_trees.engine.arithmetic import exponential, sum_over_units
from family_trees.engine.arrays import Array
from family_trees.support.errors import FamilyTreesError

UnitKind = Literal["logistic", "tanh", "relu", "leaky-relu", "elu", "softmax", "threshold"]
"""All kinds. Threshold units only compute: they cannot be trained, and no model file holds them."""

ErrorSignal = Literal["squared", "cross-entropy", "softmax"]
"""What the output units are held against: squared error (equation 3), cross-entropy, or cross-entropy over softmax
units."""

LEAKY_SLOPE = 0.1
"""The slope of a leaky rectified linear unit below 0."""


@dataclass(frozen=True)
class UnitFunctions:
    """The two functions that define a kind of unit. Both take arrays of any shape, (..., units)."""

    activity: Callable[[Array], Array]
    """The activity y as a function of the total input x."""
    slope: Callable[[Array], Array]
    """The slope dy/dx as a function of the activity y: the factor in equation 5."""


def logistic(x: Array) -> Array:
    """Equation 2: y = 1 / (1 + exp(-x))."""
    return 1 / (1 + exponential(-x))


def logistic_slope(y: Array) -> Array:
    """The slope of a logistic unit, y (1 - y), the factor in equation 5. It is almost 0 where the unit is saturated."""
    return y * (1 - y)


def tanh(x: Array) -> Array:
    """The hyperbolic tangent: a logistic unit stretched to the range from -1 to 1."""
    t = exponential(-2 * np.abs(x))
    return np.copysign((1 - t) / (1 + t), x)


def tanh_slope(y: Array) -> Array:
    """The slope of a tanh unit, 1 - y^2."""
    return 1 - y * y


def relu(x: Array) -> Array:
    """The rectified linear unit: the total input, or 0 where that is negative."""
    return np.where(x > 0, x, 0)


def relu_slope(y: Array) -> Array:
    """The slope of a rectified linear unit: 1 where the unit is on, else 0."""
    return (y > 0).astype(np.float64)


def leaky_relu(x: Array) -> Array:
    """The leaky rectified linear unit, max(0.1 x, x)."""
    return np.where(x > 0, x, LEAKY_SLOPE * x)


def leaky_relu_slope(y: Array) -> Array:
    """The slope of a leaky rectified linear unit: 1 above 0, else 0.1."""
    return np.where(y > 0, 1, LEAKY_SLOPE)


def elu(x: Array) -> Array:
    """The exponential linear unit: x above 0, else exp(x) - 1."""
    return np.where(x > 0, x, exponential(x) - 1)


def elu_slope(y: Array) -> Array:
    """The slope of an exponential linear unit: 1 above 0, else exp(x) = y + 1."""
    return np.where(y > 0, 1, y + 1)


def softmax(x: Array) -> Array:
    """exp(x_j) / sum_k exp(x_k) over the units of the layer: activities that sum to 1."""
    powers = exponential(x - np.max(x, axis=-1, keepdims=True))
    return powers / sum_over_units(powers)[..., None]


def _no_slope(_y: Array) -> Array:
    raise ValueError(
        "a softmax unit has no slope of its own; use softmax units for the output, with the error signal softmax"
    )


def threshold(x: Array) -> Array:
    """The threshold unit of the perceptron: 1 where the total input is above 0, else 0."""
    return np.where(x > 0, 1.0, 0.0)


def no_threshold_slope(_y: Array) -> Array:
    """Say why equation 5 cannot train threshold units.

    Raises:
        FamilyTreesError: always.
    """
    raise FamilyTreesError(
        "threshold units cannot be trained by equation 5: their activity is flat on both sides of the jump, so that "
        "dy/dx and every dE/dx would be 0; give logistic units"
    )


UNIT_FUNCTIONS: dict[UnitKind, UnitFunctions] = {
    "logistic": UnitFunctions(logistic, logistic_slope),
    "tanh": UnitFunctions(tanh, tanh_slope),
    "relu": UnitFunctions(relu, relu_slope),
    "leaky-relu": UnitFunctions(leaky_relu, leaky_relu_slope),
    "elu": UnitFunctions(elu, elu_slope),
    "softmax": UnitFunctions(softmax, _no_slope),
    "threshold": UnitFunctions(threshold, no_threshold_slope),
}
"""The functions of each kind of unit, by its name."""
