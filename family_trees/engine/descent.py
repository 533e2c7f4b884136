"""Gradient descent: sweep after sweep, one change of every weight and then its decay (equations 8 and 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases, select_cases
from family_trees.engine.learning import gradient, weight_change
from family_trees.engine.network import BIAS, Architecture, Connection, Weights
from family_trees.engine.recipe import Recipe


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
        state = _change(network, recipe, state, select_cases(cases, order[:, first : first + recipe.batch]), t)
    return state


def _change(network: Architecture, recipe: Recipe, state: State, cases: Cases, t: int) -> State:
    """One change of every weight for what is accumulated over `cases`, then its decay."""
    _, alpha = recipe.phase(t)
    dE_dw = gradient(network, state.weights, cases, recipe.error_signal, recipe.margin)
    if recipe.averaged:
        xp = cases.training_mask.__array_namespace__()
        dE_dw = {c: g / xp.sum(cases.training_mask, axis=-1)[:, None, None] for c, g in dE_dw.items()}
    of = epsilons(network, recipe, t)
    change = {c: weight_change(dE_dw[c], state.change[c], of[c], alpha) for c in state.weights}
    weights = {c: _decayed(w + change[c], decay_factor(recipe, c, t)) for c, w in state.weights.items()}
    return State(t, weights, change)


def _decayed(w: Array, share: float) -> Array:
    """The share of weights that decay leaves; all of it without another array, where there is no decay."""
    return w if share == 1 else w * share


def decay_factor(recipe: Recipe, connection: Connection, t: int) -> float:
    """The share of a weight that decay leaves."""
    decays = t >= recipe.decay_from and (recipe.decay_biases or connection.below != BIAS)
    return 1 - recipe.decay if decays else 1


def epsilons(network: Architecture, recipe: Recipe, t: int) -> dict[Connection, float]:
    """epsilon of each connection in sweep t; divided by the units that a unit sees, where the recipe says so."""
    epsilon, _ = recipe.phase(t)
    shapes = network.connections
    fan_in = {
        above: sum(units for connection, (units, _) in shapes.items() if connection.above == above)
        for _, above in shapes
    }
    return {connection: epsilon / (fan_in[connection.above] if recipe.fan_in else 1) for connection in shapes}


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
