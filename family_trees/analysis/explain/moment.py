"""A network between two sweeps, and one case: the numbers that the equations speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import Cases, Orders
from family_trees.engine.descent import State, sweep
from family_trees.engine.evaluation import evaluate
from family_trees.engine.learning import Derivatives, backward, gradient, objective, output_derivative
from family_trees.engine.network import BIAS, Activities, Architecture, Connection, Layer, Weights, forward, total_input
from family_trees.engine.recipe import Recipe
from family_trees.support.errors import FamilyTreesError

UnitNames = Mapping[str, tuple[str, ...]]
"""Per layer, what its units are called."""


class UnitPlace(NamedTuple):
    """A unit of a network, by its place in its layer."""

    layer: str
    place: int


@dataclass(frozen=True)
class Moment:
    """A network between two sweeps, and one case: all numbers that equations 1 to 9 speak of.

    Arrays have a network axis of length 1, and those of the case a case axis of length 1.
    """

    network: Architecture
    recipe: Recipe
    names: UnitNames
    state: State
    """Before the sweep that is explained."""
    after: State
    """After it."""
    x: Activities
    y: Activities
    desired: NDArray[np.floating]
    """Of the case, (1, output units)."""
    objective: float
    """E of the case (equation 3)."""
    whole_objective: float
    """E of all training cases."""
    case_derivatives: Derivatives
    """For the case alone."""
    whole_gradient: Weights
    """dE/dw of all training cases."""
    training_cases: int
    is_training_case: bool
    """Whether the case is one of them."""

    @property
    def t(self) -> int:
        """The sweep that is explained, counted from 1."""
        return self.after.sweep

    def name(self, unit: UnitPlace) -> str:
        """What a unit is called, with its layer."""
        return "the bias" if unit.layer == BIAS else f"{unit.layer} {self.names[unit.layer][unit.place]}"

    def layer(self, name: str) -> Layer:
        """The layer of that name."""
        return next(layer for layer in self.network.layers if layer.name == name)

    def weight(self, below: UnitPlace, above: UnitPlace) -> float:
        """The weight from one unit to another.

        Raises:
            FamilyTreesError: the two are not connected.
        """
        return float(self.state.weights[self.connection(below, above)][0, below.place, above.place])

    def connection(self, below: UnitPlace, above: UnitPlace) -> Connection:
        """The connection from the layer of one unit to that of the other.

        Raises:
            FamilyTreesError: there is none.
        """
        for seen, connection in self.network.incoming(self.layer(above.layer)) if above.layer != BIAS else ():
            if seen == below.layer:
                return connection
        sees = ", ".join(self.layer(above.layer).sees) if above.layer != BIAS else ""
        hint = f"it sees {sees}" if sees else "it sees no other unit"
        raise FamilyTreesError(f"no weight leads from {self.name(below)} to {self.name(above)}; {hint}")


def check_no_shared_weights(network: Architecture) -> None:
    """Only networks whose layers all have weights of their own are explained.

    Raises:
        FamilyTreesError: a layer copies the weights of another.
    """
    copies = [layer.name for layer in network.layers if layer.copies]
    if copies:
        raise FamilyTreesError(f"layer {copies[0]!r} shares its weights with another: such a network is not explained")


def moment_of_case(
    network: Architecture,
    recipe: Recipe,
    names: UnitNames,
    state: State,
    cases: Cases,
    inputs: Activities,
    desired: NDArray[np.floating],
    *,
    is_training_case: bool,
    orders: Orders | None = None,
) -> Moment:
    """All numbers of one case in a network of which `state` is known.

    Args:
        cases: all cases of the task, and which of them train it.
        inputs: of the case, per input layer (1, units).
        desired: of the case, (1, output units).
        is_training_case: whether the case is one of the training cases.
        orders: for recipes with batches, as for `learning.sweep`.
    """
    one = Cases(inputs, desired, np.ones((1, 1), dtype=desired.dtype))
    y = forward(network, state.weights, inputs)
    x = {layer.name: total_input(network, state.weights, y, layer) for layer in network.computed}
    signal, margin, output = recipe.error_signal, recipe.margin, network.output.name
    return Moment(
        network=network,
        recipe=recipe,
        names=names,
        state=state,
        after=sweep(network, recipe, state, cases, orders),
        x=x,
        y=y,
        desired=desired,
        objective=float(objective(y[output], one, signal)[0]),
        whole_objective=float(evaluate(network, state.weights, cases, signal).objective[0]),
        case_derivatives=backward(network, state.weights, y, output_derivative(y[output], one, signal, margin)),
        whole_gradient=gradient(network, state.weights, cases, signal, margin),
        training_cases=int(np.sum(cases.training_mask)),
        is_training_case=is_training_case,
    )


def find_unit(network: Architecture, names: UnitNames, text: str) -> UnitPlace:
    """The unit called `text`: a layer, and the unit's name or its number, counted from 1; or "bias".

    Raises:
        FamilyTreesError: there is none; says what there is.
    """
    wanted = " ".join(text.replace(":", " ").split()).lower()
    if wanted == BIAS:
        return UnitPlace(BIAS, 0)
    for layer in sorted(network.layers, key=lambda layer: -len(layer.name)):
        if wanted != layer.name.lower() and not wanted.startswith(f"{layer.name.lower()} "):
            continue
        rest = wanted[len(layer.name) :].strip()
        own = [name.lower() for name in names[layer.name]]
        if rest in own:
            return UnitPlace(layer.name, own.index(rest))
        if rest.isdecimal() and 1 <= int(rest) <= layer.units:
            return UnitPlace(layer.name, int(rest) - 1)
        near = [] if rest.isdecimal() else get_close_matches(rest, own, n=3, cutoff=0.5)
        known = names[layer.name]
        which = " or ".join(known[own.index(each)] for each in near)
        hint = f"did you mean {which}?" if near else f"there are {known[0]} to {known[-1]}"
        raise FamilyTreesError(f"no unit {rest!r} in layer {layer.name!r}; {hint}")
    layers = ", ".join(layer.name for layer in network.layers)
    raise FamilyTreesError(f"no unit {text!r}; give a layer and a unit, such as 'central 3'; layers: {layers}; or bias")
