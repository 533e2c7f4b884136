"""The learning procedure: error, backward pass, and weight change (equations 3 to 9 of Nature, p. 534-535).

All functions are pure: they take arrays and return arrays. The shapes are those of `network`: weights and their
derivatives are (networks, units below, units above), activities and their derivatives (networks, cases, units).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from family_trees.engine.arithmetic import add_products, filled, sum_over_cases, sum_over_units
from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases
from family_trees.engine.network import Activities, Architecture, Weights, forward
from family_trees.engine.partial_sums import PartialSums
from family_trees.engine.units import UNIT_FUNCTIONS, ErrorSignal, logistic_slope, no_threshold_slope


def squared_error(y: Array, cases: Cases) -> Array:
    """Equation 3: E = 1/2 sum_c sum_j (y_jc - d_jc)^2, over the training cases.

    Args:
        y: activities of the output units, (networks, cases, units).

    Returns:
        E of each network, (networks,).
    """
    return objective(y, cases, "squared")


def objective(y: Array, cases: Cases, signal: ErrorSignal, margin: float = 0.0) -> Array:
    """The quantity that descent reduces: E of equation 3 or another error, summed over the training cases.

    Args:
        y: activities of the output units, (networks, cases, units).
        signal: "squared" is equation 3. "cross-entropy" gives -sum_c sum_j (d ln y + (1 - d) ln(1 - y)) instead, and
            "softmax", for softmax units, gives -sum_c sum_j d ln y, with d divided equally among the right units.
        margin: units within this distance of their desired activity have no error (Nature, fig. 4: 0.2).

    Returns:
        One number for each network, (networks,).
    """
    return sum_over_cases(case_errors(y, cases, signal, margin))


def case_errors(y: Array, cases: Cases, signal: ErrorSignal = "squared", margin: float = 0.0) -> Array:
    """The terms of `objective`: the error of each case, (networks, cases), and 0 for a case held out of training."""
    d = target(cases.d, signal)
    least = np.finfo(np.float64).smallest_normal  # ln 0 is not finite, and a saturated unit may reach 0 or 1
    each: Array
    if signal == "squared":
        each = 0.5 * (y - d) ** 2
    elif signal == "softmax":
        each = -d * np.log(np.clip(y, least, 1))
    else:
        each = -(d * np.log(np.clip(y, least, 1)) + (1 - d) * np.log(np.clip(1 - y, least, 1)))
    if margin:
        each = np.where(np.abs(y - d) > margin, each, 0)
    return sum_over_units(each) * cases.training_mask


def output_derivative(y: Array, cases: Cases, signal: ErrorSignal = "squared", margin: float = 0.0) -> Array:
    """dE/dx of the output units, the start of the backward pass (equations 4 and 5). Arguments as for `objective`.

    Returns:
        (networks, cases, units).
    """
    difference = y - target(cases.d, signal)
    dE_dy: Array = difference * cases.training_mask[..., None]  # equation 4: dE/dy_j = y_j - d_j
    if margin:
        dE_dy = np.where(np.abs(difference) <= margin, 0, dE_dy)
    # The dE/dy of cross-entropy is (y - d) / (y (1 - y)): the slope of equation 5 cancels, and y - d is dE/dx itself.
    # The same holds for softmax with cross-entropy.
    return dE_dy * logistic_slope(y) if signal == "squared" else dE_dy


def target(desired: Array, signal: ErrorSignal) -> Array:
    """d as the error uses it, (..., units): the desired activities. For softmax units they are scaled to sum to 1."""
    if signal != "softmax":
        return desired
    on = sum_over_units(desired)[..., None]
    return desired / np.where(on > 0, on, 1)


@dataclass(frozen=True)
class Derivatives:
    """The derivatives that the backward pass computes."""

    dE_dy: Activities
    """Equation 7, per layer that a higher layer sees, (networks, cases, units)."""
    dE_dx: Activities
    """Equation 5, per layer that contributes to E, (networks, cases, units)."""


def backward(network: Architecture, weights: Weights, y: Activities, dE_dx_output: Array) -> Derivatives:
    """The backward pass (equations 5 and 7), with all its intermediate derivatives.

    Args:
        weights: per connection, (networks, units below, units above).
        y: activities of every layer, from `forward`.
        dE_dx_output: dE/dx of the output units, (networks, cases, units).

    Raises:
        FamilyTreesError: the network has threshold units, which have no slope.
    """
    if network.output.kind == "threshold":
        no_threshold_slope(dE_dx_output)  # those of hidden layers say it where their slope is asked for
    networks, cases, _ = dE_dx_output.shape
    dE_dx = {network.output.name: dE_dx_output}
    dE_dy: Activities = {}
    computed = {layer.name: layer for layer in network.computed}
    for layer in reversed(network.computed):
        if layer.name in dE_dy:
            slope = UNIT_FUNCTIONS[layer.kind].slope(y[layer.name])  # y_j (1 - y_j), for logistic units
            dE_dx[layer.name] = dE_dy[layer.name] * slope  # equation 5: dE/dx_j = dE/dy_j dy_j/dx_j
        if layer.name not in dE_dx:
            continue  # no higher layer sees this one, so it does not contribute to E
        for below, connection in network.incoming(layer):
            if below in computed:
                if below not in dE_dy:
                    dE_dy[below] = filled(0.0, cases, networks, computed[below].units)
                # equation 7: dE/dy_i = sum_j dE/dx_j w_ji
                add_products(dE_dy[below], dE_dx[layer.name], weights[connection].swapaxes(-1, -2))
    return Derivatives(dE_dy, dE_dx)


def weight_derivatives(network: Architecture, weights: Weights, y: Activities, dE_dx: Activities) -> Weights:
    """Equation 6, dE/dw_ji = dE/dx_j y_i, summed over the cases: (networks, units below, units above).

    Weights that several layers share get the sum of dE/dw over these layers, which is their true derivative. The
    paper's average (fig. 5) is this sum divided by the number of layers.

    Args:
        y: activities of every layer, from `forward`.
        dE_dx: dE/dx of every layer that contributes to E, from `backward`.
    """
    sums = PartialSums.zero(network, weights, y)
    sums.add(y, dE_dx)
    return sums.added(weights)


def gradient(
    network: Architecture, weights: Weights, cases: Cases, signal: ErrorSignal = "squared", margin: float = 0.0
) -> Weights:
    """The gradient dE/dw of the `objective` of every network, by a forward and a backward pass.

    Returns:
        Per connection, (networks, units below, units above), accumulated over all training cases.
    """
    sums = PartialSums.zero(network, weights, cases.inputs)
    for part in cases.parts():
        y = forward(network, weights, part.inputs)
        found = backward(network, weights, y, output_derivative(y[network.output.name], part, signal, margin))
        sums.add(y, found.dE_dx)
    return sums.added(weights)


def weight_change(dE_dw: Array, previous: Array, epsilon: float, alpha: float) -> Array:
    """Equation 9: delta w(t) = -epsilon dE/dw(t) + alpha delta w(t-1). With alpha = 0 it is equation 8."""
    return alpha * previous - epsilon * dE_dw
