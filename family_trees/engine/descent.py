"""Gradient descent: in every sweep, each weight changes and then decays (equations 8 and 9).

`descend` is the only training loop of the package. Training, studies, the symmetry task, iterative networks and
explanations all use it; they differ in the sweeps at which they look at the networks. A replacement for it, such as a
compiled engine, would serve all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from family_trees.engine.arrays import Array, Booleans
from family_trees.engine.cases import Cases, Orders
from family_trees.engine.compiled.program import Phase, Program
from family_trees.engine.learner import Learner
from family_trees.engine.learning import weight_change
from family_trees.engine.network import BIAS, Connection, Weights
from family_trees.engine.recipe import Recipe
from family_trees.support.content import same_content
from family_trees.support.wording import count


@dataclass(frozen=True, eq=False, repr=False)
class State:
    """Networks after a number of sweeps."""

    sweep: int
    """How many sweeps were done."""
    weights: Weights
    """Per connection, (networks, units below, units above)."""
    change: Weights
    """The last change of each weight, delta w of equation 9, in the shapes of `weights`."""

    def __repr__(self) -> str:
        networks = next(iter(self.weights.values())).shape[0]
        return f"State({count(networks, 'network')} after sweep {self.sweep})"

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]


def initial_state(weights: Weights) -> State:
    """The state of networks before their first sweep.

    Args:
        weights: per connection, (networks, units below, units above).
    """
    return State(0, weights, {connection: 0 * w for connection, w in weights.items()})


def descend(
    learner: Learner,
    recipe: Recipe,
    state: State,
    cases: Cases,
    orders: Orders | None = None,
    looks: Iterable[int] | None = None,
) -> Iterator[State]:
    """Train networks from `state` to the last sweep of the recipe, and yield their states at the sweeps in `looks`.

    Args:
        learner: what the networks are: the layered network of 1986, or another.
        state: where to begin: `initial_state` or any later state. It is not modified.
        orders: the orders of the training cases. Only recipes with batches need them.
        looks: the sweeps at which states are wanted; by default every sweep. Sweeps before `state` and after the last
            one of the recipe are ignored. The descent stops at the last look.

    Yields:
        The states in the order of the sweeps, among them `state` itself if its sweep is in `looks`. Weights may become
        non-finite: see `diverged`.
    """
    wanted = range(state.sweep, recipe.sweeps + 1) if looks is None else frozenset(looks)
    last = min(recipe.sweeps, max(wanted, default=0))
    if state.sweep in wanted:
        yield state
    program = _program(learner, recipe, cases, orders)
    while state.sweep < last:
        t = next(t for t in range(state.sweep + 1, last + 1) if t in wanted)
        if program is None:
            while state.sweep < t:
                state = sweep(learner, recipe, state, cases, orders)
        else:
            state = State(t, *program.run(state.weights, state.change, _phases(learner, recipe, state.sweep + 1, t)))
        yield state


def _program(learner: Learner, recipe: Recipe, cases: Cases, orders: Orders | None) -> Program | None:
    """The training as the compiled engine does it, to the same bytes; None where it does not."""
    return Program.of(
        learner,
        cases,
        signal=recipe.error_signal,
        margin=recipe.margin,
        averaged=recipe.averaged,
        batch=recipe.batch,
        orders=orders,
    )


def _phases(learner: Learner, recipe: Recipe, first: int, last: int) -> Iterator[Phase]:
    """The sweeps from `first` to `last` in phases with the same settings."""
    begins = sorted({first, *(t for t in (recipe.first_phase + 1, recipe.decay_from) if first < t <= last)})
    for begin, following in zip(begins, [*begins[1:], last + 1], strict=True):
        epsilon = epsilons(learner, recipe, begin)
        yield Phase(
            begin,
            following - 1,
            recipe.phase(begin)[1],
            tuple(epsilon.values()),
            tuple(decay_factor(recipe, connection, begin) for connection in epsilon),
        )


def sweep(learner: Learner, recipe: Recipe, state: State, cases: Cases, orders: Orders | None = None) -> State:
    """One sweep through all cases, then one change of every weight, and then its decay (Nature, fig. 4).

    A recipe with batches changes the weights after each batch. `orders` gives the order of the cases.

    Raises:
        ValueError: the recipe has batches, but there are no `orders`.
    """
    t = state.sweep + 1
    if not recipe.batch:
        return _change(learner, recipe, state, cases, t)
    if orders is None:
        raise ValueError("a recipe with batches needs the order of the cases")
    order = orders(t, 1)[:, 0]
    for first in range(0, order.shape[-1], recipe.batch):
        state = _change(learner, recipe, state, cases.at(order[:, first : first + recipe.batch]), t)
    return state


def _change(learner: Learner, recipe: Recipe, state: State, cases: Cases, t: int) -> State:
    """Change every weight once by the gradient accumulated over `cases` in sweep t, then let it decay."""
    _, alpha = recipe.phase(t)
    dE_dw = learner.gradient(state.weights, cases, recipe.error_signal, recipe.margin)
    if recipe.averaged:
        dE_dw = {c: g / np.sum(cases.training_mask, axis=-1)[:, None, None] for c, g in dE_dw.items()}
    epsilon = epsilons(learner, recipe, t)
    change = {c: weight_change(dE_dw[c], state.change[c], epsilon[c], alpha) for c in state.weights}
    weights = {c: _decayed(w + change[c], decay_factor(recipe, c, t)) for c, w in state.weights.items()}
    return State(t, weights, change)


def _decayed(w: Array, factor: float) -> Array:
    """The weights after decay. Without decay, the same array and no copy."""
    return w if factor == 1 else w * factor


def decay_factor(recipe: Recipe, connection: Connection, t: int) -> float:
    """The share of a weight that is left after the decay of sweep t: 1 where nothing decays."""
    decays = t >= recipe.decay_from and (recipe.decay_biases or connection.below != BIAS)
    return 1 - recipe.decay if decays else 1.0


def epsilons(learner: Learner, recipe: Recipe, t: int) -> dict[Connection, float]:
    """The epsilon of each connection in sweep t; with `fan_in`, divided by the number of units that a unit sees."""
    epsilon, _ = recipe.phase(t)
    shapes = learner.connections
    fan_in = {
        above: sum(units for connection, (units, _) in shapes.items() if connection.above == above)
        for _, above in shapes
    }
    return {connection: epsilon / (fan_in[connection.above] if recipe.fan_in else 1) for connection in shapes}


def diverged(weights: Weights) -> Booleans:
    """Which networks have a weight that is not finite: (networks,)."""
    return np.asarray(np.any([np.any(~np.isfinite(w), axis=(-2, -1)) for w in weights.values()], axis=0))
