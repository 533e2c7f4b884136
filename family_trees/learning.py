"""The learning procedure: error, backward pass, and weight change (equations 3 to 9 of Nature, p. 534-535).

All functions are pure: arrays in, arrays out. The conventions of `network` hold: weights and their derivatives are
(networks, units below, units above), activities and their derivatives (networks, cases, units).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from family_trees.network import Activities, Architecture, Array, Weights, forward
from family_trees.recipe import ErrorSignal, Recipe


@dataclass(frozen=True)
class Cases:
    """What a set of networks is asked and should answer."""

    inputs: Activities
    """Per input layer, (cases, units), or (networks, cases, units) where networks differ."""
    desired: Array
    """d of equation 3: (cases, output units)."""
    counted: Array
    """(networks, cases): 1 for a training case, 0 for one that is held out of training."""


def error(y: Array, cases: Cases, signal: ErrorSignal = "squared", margin: float = 0.0) -> Array:
    """Equation 3: E = 1/2 sum_c sum_j (y_jc - d_jc)^2, over the cases that count.

    Args:
        y: activities of the output units, (networks, cases, units).
        signal: "cross-entropy" gives -sum_c sum_j (d ln y + (1 - d) ln(1 - y)) instead.
        margin: units nearer than this to their desired activity have no error (Nature, fig. 4: 0.2).

    Returns:
        E of each network, (networks,).
    """
    xp = y.__array_namespace__()
    d = cases.desired
    if signal == "squared":
        each = 0.5 * (y - d) ** 2
    else:
        least = float(xp.finfo(y.dtype).smallest_normal)  # ln 0 is not finite, and a saturated unit may reach 0 or 1
        each = -(d * xp.log(xp.clip(y, least, 1)) + (1 - d) * xp.log(xp.clip(1 - y, least, 1)))
    if margin:
        each = xp.where(xp.abs(y - d) > margin, each, 0)
    return xp.sum(each * cases.counted[..., None], axis=(-2, -1))


def output_derivative(y: Array, cases: Cases, signal: ErrorSignal = "squared", margin: float = 0.0) -> Array:
    """dE/dx of the output units, where the backward pass starts (equations 4 and 5). Arguments as for `error`.

    Returns:
        (networks, cases, units).
    """
    xp = y.__array_namespace__()
    difference = y - cases.desired
    dE_dy = difference * cases.counted[..., None]  # equation 4: dE/dy_j = y_j - d_j
    if margin:
        dE_dy = xp.where(xp.abs(difference) > margin, dE_dy, 0)
    # The dE/dy of cross-entropy is (y - d) / (y (1 - y)): the slope of equation 5 cancels, and y - d is dE/dx itself.
    return dE_dy * slope(y) if signal == "squared" else dE_dy


def slope(y: Array) -> Array:
    """dy/dx of a logistic unit, known from its activity alone: y (1 - y), the factor in equation 5."""
    return y * (1 - y)


def backward(network: Architecture, weights: Weights, y: Activities, dE_dx_output: Array) -> Weights:
    """The backward pass (equations 5 to 7): dE/dw, accumulated over all cases.

    Args:
        weights: per connection, (networks, units below, units above).
        y: activities of every layer, as `forward` gives them.
        dE_dx_output: dE/dx of the output units, (networks, cases, units).

    Returns:
        dE/dw per connection, (networks, units below, units above). Weights that several layers share get the sum over
        those layers, which is their true derivative; the paper's average (fig. 5) is that over the number of layers.
    """
    computed = {layer.name for layer in network.computed}
    dE_dx = {network.output.name: dE_dx_output}
    dE_dy: Activities = {}
    dE_dw: Weights = {}
    for layer in reversed(network.computed):
        if layer.name in dE_dy:
            dE_dx[layer.name] = dE_dy[layer.name] * slope(y[layer.name])  # equation 5: dE/dx_j = dE/dy_j y_j (1 - y_j)
        if layer.name not in dE_dx:
            continue  # no higher layer sees this one, so it has no part in E
        for below, connection in network.incoming(layer):
            _add(dE_dw, connection, y[below].mT @ dE_dx[layer.name])  # equation 6: dE/dw_ji = dE/dx_j y_i
            if below in computed:
                _add(dE_dy, below, dE_dx[layer.name] @ weights[connection].mT)  # equation 7: sum_j dE/dx_j w_ji
    return {connection: dE_dw.get(connection, 0 * w) for connection, w in weights.items()}


def gradient(
    network: Architecture, weights: Weights, cases: Cases, signal: ErrorSignal = "squared", margin: float = 0.0
) -> Weights:
    """dE/dw of the `error` of every network: the forward pass, then the backward pass.

    Returns:
        Per connection, (networks, units below, units above).
    """
    y = forward(network, weights, cases.inputs)
    return backward(network, weights, y, output_derivative(y[network.output.name], cases, signal, margin))


def weight_change(dE_dw: Array, previous: Array, epsilon: float, alpha: float) -> Array:
    """Equation 9: delta w(t) = -epsilon dE/dw(t) + alpha delta w(t-1); with alpha = 0 it is equation 8."""
    return alpha * previous - epsilon * dE_dw


@dataclass(frozen=True)
class State:
    """Networks after some sweeps: their weights, and the last change of each weight."""

    sweep: int
    weights: Weights
    change: Weights


def start(weights: Weights) -> State:
    """Networks before their first sweep; `weights` per connection, (networks, units below, units above)."""
    return State(0, weights, {connection: 0 * w for connection, w in weights.items()})


def sweep(network: Architecture, recipe: Recipe, state: State, cases: Cases) -> State:
    """One sweep through all cases, then one change of every weight, and then its decay (Nature, fig. 4)."""
    t = state.sweep + 1
    epsilon, alpha = recipe.phase(t)
    dE_dw = gradient(network, state.weights, cases, recipe.error_signal, recipe.margin)
    change = {c: weight_change(dE_dw[c], state.change[c], epsilon, alpha) for c in state.weights}
    weights = {c: (w + change[c]) * (1 - recipe.decay) for c, w in state.weights.items()}
    return State(t, weights, change)


def descend(network: Architecture, recipe: Recipe, weights: Weights, cases: Cases) -> Iterator[State]:
    """Gradient descent: the state before the first sweep, then the one after each of `recipe.sweeps` sweeps.

    `weights`, the initial ones, are left as they are. Weights may become non-finite: see `diverged`.
    """
    state = start(weights)
    yield state
    for _ in range(recipe.sweeps):
        state = sweep(network, recipe, state, cases)
        yield state


def diverged(weights: Weights) -> Array:
    """Which networks have a weight that is not finite: (networks,), of bool."""
    some = next(iter(weights.values()))
    xp = some.__array_namespace__()
    bad = xp.zeros(some.shape[0], dtype=xp.bool)
    for w in weights.values():
        bad = bad | xp.any(~xp.isfinite(w), axis=(-2, -1))
    return bad


Key = TypeVar("Key", bound=Hashable)


def _add(sums: dict[Key, Array], key: Key, term: Array) -> None:
    """Add `term` to the sum under `key`, or begin one with it."""
    sums[key] = sums[key] + term if key in sums else term
