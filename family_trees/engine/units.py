"""Kinds of units: the activity of a unit from its total input, and its slope from its activity alone.

The paper's unit is the logistic one (equation 2). The others are here to be compared with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from family_trees.engine.arrays import Array, namespace

UnitKind = Literal["logistic", "tanh", "relu", "leaky-relu", "elu", "softmax"]

LEAKY_SLOPE = 0.1
"""Slope of a leaky rectified linear unit below 0."""


@dataclass(frozen=True)
class UnitFunctions:
    """A kind of unit, as two functions of arrays of any shape, (..., units)."""

    activity: Callable[[Array], Array]
    """y of the total input x."""
    slope: Callable[[Array], Array]
    """dy/dx of the activity y: the factor of equation 5."""


def logistic(x: Array) -> Array:
    """Equation 2, y = 1 / (1 + exp(-x)), written as (1 + tanh(x / 2)) / 2: the same number, without overflow."""
    xp = namespace(x)
    y = xp.tanh(0.5 * x)
    y *= 0.5
    y += 0.5
    return y


def logistic_slope(y: Array) -> Array:
    """dy/dx of a logistic unit, y (1 - y), the factor in equation 5; almost 0 where the unit is saturated."""
    return y * (1 - y)


def tanh(x: Array) -> Array:
    """The hyperbolic tangent: a logistic unit stretched to lie between -1 and 1."""
    return namespace(x).tanh(x)


def tanh_slope(y: Array) -> Array:
    """1 - y^2."""
    return 1 - y * y


def relu(x: Array) -> Array:
    """Rectified linear: the total input, or 0 where that is negative."""
    xp = namespace(x)
    return xp.where(x > 0, x, 0)


def relu_slope(y: Array) -> Array:
    """1 where the unit is on, else 0: a switch."""
    return namespace(y).astype(y > 0, y.dtype)


def leaky_relu(x: Array) -> Array:
    """max(0.1 x, x)."""
    xp = namespace(x)
    return xp.where(x > 0, x, LEAKY_SLOPE * x)


def leaky_relu_slope(y: Array) -> Array:
    """1 above 0, else 0.1."""
    xp = namespace(y)
    return xp.where(y > 0, xp.ones_like(y), LEAKY_SLOPE)


def elu(x: Array) -> Array:
    """Exponential linear: x above 0, else exp(x) - 1."""
    xp = namespace(x)
    return xp.where(x > 0, x, xp.expm1(xp.where(x > 0, 0, x)))


def elu_slope(y: Array) -> Array:
    """1 above 0, else exp(x) = y + 1."""
    xp = namespace(y)
    return xp.where(y > 0, xp.ones_like(y), y + 1)


def softmax(x: Array) -> Array:
    """exp(x_j) / sum_k exp(x_k) over the units of the layer: activities that sum to 1."""
    xp = namespace(x)
    raised = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
    return raised / xp.sum(raised, axis=-1, keepdims=True)


def _no_slope(_y: Array) -> Array:
    raise ValueError("a softmax unit has no slope of its own; use it for the output, with cross-entropy")


UNIT_FUNCTIONS: dict[UnitKind, UnitFunctions] = {
    "logistic": UnitFunctions(logistic, logistic_slope),
    "tanh": UnitFunctions(tanh, tanh_slope),
    "relu": UnitFunctions(relu, relu_slope),
    "leaky-relu": UnitFunctions(leaky_relu, leaky_relu_slope),
    "elu": UnitFunctions(elu, elu_slope),
    "softmax": UnitFunctions(softmax, _no_slope),
}
"""The kinds of units by name."""
