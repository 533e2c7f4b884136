"""The learning procedure: error, backward pass, and weight change (equations 3 to 9 of Nature, p. 534-535).

All functions are pure: arrays in, arrays out. The conventions of `network` hold: weights and their derivatives are
(networks, units below, units above), activities and their derivatives (networks, cases, units).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeAlias, TypeVar

from family_trees.codes import SPELLED_OUT, LocalCodes
from family_trees.network import BIAS, Activities, Architecture, Connection, Weights, forward
from family_trees.recipe import ErrorSignal, Recipe
from family_trees.units import UNITS, Array, logistic_slope

PART = 2**18
"""Numbers that a layer of one network has in a part of the cases, at most: few enough for the cache, and for memory."""


@dataclass(frozen=True)
class Cases:
    """What a set of networks is asked and should answer.

    Where there are thousands of people, inputs and desired activities are `LocalCodes`; else arrays.
    """

    inputs: Activities
    """Per input layer, (cases, units), or (networks, cases, units) where networks differ."""
    desired: Array
    """d of equation 3: (cases, output units), or (networks, cases, output units)."""
    counted: Array
    """(networks, cases): 1 for a training case, 0 for one that is held out of training."""

    def parts(self) -> Iterator[Cases]:
        """All cases, a part at a time: everything that is summed over cases can be summed over parts.

        So what is in memory does not grow with cases times people. The trees of 1986 are one part.
        """
        *_, cases, units = self.desired.shape
        if cases <= max(1, PART // units):
            yield self._spelled_out if isinstance(self.desired, LocalCodes) else self
        else:
            for part in self._cut:
                spelled_out = isinstance(part.desired, LocalCodes)
                yield replace(part, desired=part.desired.spelled_out()) if spelled_out else part

    @cached_property
    def _spelled_out(self) -> Cases:
        """The same with the desired activities as an array."""
        return replace(self, desired=self.desired.spelled_out())

    @cached_property
    def _cut(self) -> tuple[Cases, ...]:
        """The parts, with desired activities that are kept as places."""
        *_, cases, units = self.desired.shape
        step = max(1, PART // units)

        def taken(array: Array, some: slice) -> Array:
            return array[some] if isinstance(array, LocalCodes) else array[..., some, :]

        return tuple(
            Cases(
                {layer: taken(x, some) for layer, x in self.inputs.items()},
                taken(self.desired, some),
                self.counted[:, some],
            )
            for some in (slice(first, min(first + step, cases)) for first in range(0, cases, step))
        )


def error(y: Array, cases: Cases, signal: ErrorSignal = "squared", margin: float = 0.0) -> Array:
    """Equation 3: E = 1/2 sum_c sum_j (y_jc - d_jc)^2, over the cases that count.

    Args:
        y: activities of the output units, (networks, cases, units).
        signal: "cross-entropy" gives -sum_c sum_j (d ln y + (1 - d) ln(1 - y)) instead, and "softmax", for softmax
            units, -sum_c sum_j d ln y, with d shared out among the right units.
        margin: units nearer than this to their desired activity have no error (Nature, fig. 4: 0.2).

    Returns:
        E of each network, (networks,).
    """
    xp = y.__array_namespace__()
    d = target(cases.desired, signal)
    least = float(xp.finfo(y.dtype).smallest_normal)  # ln 0 is not finite, and a saturated unit may reach 0 or 1
    if signal == "squared":
        each = 0.5 * (y - d) ** 2
    elif signal == "softmax":
        each = -d * xp.log(xp.clip(y, least, 1))
    else:
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
    difference = y - target(cases.desired, signal)
    dE_dy = difference * cases.counted[..., None]  # equation 4: dE/dy_j = y_j - d_j
    if margin:
        dE_dy = xp.where(xp.abs(difference) > margin, dE_dy, 0)
    # The dE/dy of cross-entropy is (y - d) / (y (1 - y)): the slope of equation 5 cancels, and y - d is dE/dx itself.
    # The same holds of softmax with cross-entropy.
    return dE_dy * logistic_slope(y) if signal == "squared" else dE_dy


def target(desired: Array, signal: ErrorSignal) -> Array:
    """d of the error: the desired activities, (..., units); for softmax units, which sum to 1, made to sum to 1."""
    xp = desired.__array_namespace__()
    if signal != "softmax":
        return desired
    on = xp.sum(desired, axis=-1, keepdims=True)
    return desired / xp.where(on > 0, on, xp.ones_like(on))


class Derivatives(NamedTuple):
    """What the backward pass finds."""

    dE_dy: Activities
    """Per layer that another sees, (networks, cases, units): equation 7."""
    dE_dx: Activities
    """Per layer that has a part in E, (networks, cases, units): equation 5."""
    dE_dw: Weights
    """Per connection, (networks, units below, units above), accumulated over all cases: equation 6."""


def derivatives(network: Architecture, weights: Weights, y: Activities, dE_dx_output: Array) -> Derivatives:
    """The backward pass (equations 5 to 7), with everything that it finds on its way. Arguments as for `backward`."""
    computed = {layer.name for layer in network.computed}
    dE_dx = {network.output.name: dE_dx_output}
    dE_dy: Activities = {}
    dE_dw: Weights = {}
    for layer in reversed(network.computed):
        if layer.name in dE_dy:
            slope = UNITS[layer.kind].slope(y[layer.name])  # y_j (1 - y_j), for logistic units
            dE_dx[layer.name] = dE_dy[layer.name] * slope  # equation 5: dE/dx_j = dE/dy_j dy_j/dx_j
        if layer.name not in dE_dx:
            continue  # no higher layer sees this one, so it has no part in E
        for below, connection in network.incoming(layer):
            _add(dE_dw, connection, y[below].mT @ dE_dx[layer.name])  # equation 6: dE/dw_ji = dE/dx_j y_i
            if below in computed:
                _add(dE_dy, below, dE_dx[layer.name] @ weights[connection].mT)  # equation 7: sum_j dE/dx_j w_ji
    return Derivatives(dE_dy, dE_dx, {connection: dE_dw.get(connection, 0 * w) for connection, w in weights.items()})


def backward(network: Architecture, weights: Weights, y: Activities, dE_dx_output: Array) -> Weights:
    """dE/dw of the backward pass, accumulated over all cases.

    Args:
        weights: per connection, (networks, units below, units above).
        y: activities of every layer, as `forward` gives them.
        dE_dx_output: dE/dx of the output units, (networks, cases, units).

    Returns:
        dE/dw per connection, (networks, units below, units above). Weights that several layers share get the sum over
        those layers, which is their true derivative; the paper's average (fig. 5) is that over the number of layers.
    """
    return derivatives(network, weights, y, dE_dx_output).dE_dw


def gradient(
    network: Architecture, weights: Weights, cases: Cases, signal: ErrorSignal = "squared", margin: float = 0.0
) -> Weights:
    """dE/dw of the `error` of every network: the forward pass, then the backward pass.

    Returns:
        Per connection, (networks, units below, units above).
    """
    sums: Weights = {}
    for part in cases.parts():
        y = forward(network, weights, part.inputs)
        dE_dw = backward(network, weights, y, output_derivative(y[network.output.name], part, signal, margin))
        for connection, derivative in dE_dw.items():
            _add(sums, connection, derivative)
    return sums


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


Orders: TypeAlias = Callable[[int], Array]
"""For a sweep, counted from 1, the order in which each network is shown its training cases: (networks, training
cases), of places on the case axis."""


def sweep(network: Architecture, recipe: Recipe, state: State, cases: Cases, orders: Orders | None = None) -> State:
    """One sweep through all cases, then one change of every weight, and then its decay (Nature, fig. 4).

    A recipe with batches changes the weights after each of them, in the order that `orders` gives.
    """
    t = state.sweep + 1
    if not recipe.batch:
        return _change(network, recipe, state, cases, t)
    if orders is None:
        raise ValueError("a recipe with batches needs the order of the cases")
    order = orders(t)
    for first in range(0, order.shape[-1], recipe.batch):
        state = _change(network, recipe, state, _some(cases, order[:, first : first + recipe.batch]), t)
    return state


def _change(network: Architecture, recipe: Recipe, state: State, cases: Cases, t: int) -> State:
    """One change of every weight for what is accumulated over `cases`, then its decay."""
    _, alpha = recipe.phase(t)
    dE_dw = gradient(network, state.weights, cases, recipe.error_signal, recipe.margin)
    if recipe.averaged:
        xp = cases.counted.__array_namespace__()
        dE_dw = {c: g / xp.sum(cases.counted, axis=-1)[:, None, None] for c, g in dE_dw.items()}
    of = rates(network, recipe, t)
    change = {c: weight_change(dE_dw[c], state.change[c], of[c], alpha) for c in state.weights}
    weights = {c: _decayed(w + change[c], kept(recipe, c, t)) for c, w in state.weights.items()}
    return State(t, weights, change)


def _decayed(w: Array, share: float) -> Array:
    """The share of weights that decay leaves; all of it without another array, where there is no decay."""
    return w if share == 1 else w * share


def kept(recipe: Recipe, connection: Connection, t: int) -> float:
    """The share of a weight that decay leaves."""
    decays = t >= recipe.decay_from and (recipe.decay_biases or connection.below != BIAS)
    return 1 - recipe.decay if decays else 1


def rates(network: Architecture, recipe: Recipe, t: int) -> dict[Connection, float]:
    """epsilon of each connection in sweep t; divided by the units that a unit sees, where the recipe says so."""
    epsilon, _ = recipe.phase(t)
    shapes = network.connections
    fan_in = {
        above: sum(units for connection, (units, _) in shapes.items() if connection.above == above)
        for _, above in shapes
    }
    return {connection: epsilon / (fan_in[connection.above] if recipe.fan_in else 1) for connection in shapes}


def _some(cases: Cases, places: Array) -> Cases:
    """The cases at `places`, (networks, some cases), all of which count."""
    xp = places.__array_namespace__()

    def taken(array: Array) -> Array:
        if isinstance(array, LocalCodes):
            few = len(places) > 1 or places.size * array.units <= SPELLED_OUT or not array.single
            return array.spelled_out(places) if few else array.at(places[0])
        flat = xp.take(array, xp.reshape(places, (-1,)), axis=0)
        return xp.reshape(flat, (*places.shape, array.shape[-1]))

    inputs = {layer: taken(x) for layer, x in cases.inputs.items()}
    desired = cases.desired.spelled_out(places) if isinstance(cases.desired, LocalCodes) else taken(cases.desired)
    return Cases(inputs, desired, xp.ones(places.shape, dtype=cases.counted.dtype))


def descend(
    network: Architecture, recipe: Recipe, weights: Weights, cases: Cases, orders: Orders | None = None
) -> Iterator[State]:
    """Gradient descent: the state before the first sweep, then the one after each of `recipe.sweeps` sweeps.

    `weights`, the initial ones, are left as they are. Weights may become non-finite: see `diverged`.
    """
    state = start(weights)
    yield state
    for _ in range(recipe.sweeps):
        state = sweep(network, recipe, state, cases, orders)
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
