"""A moment: a network between two sweeps, one case, and all the numbers that equations 1 to 9 have there."""

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
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.learning import (
    Derivatives,
    backward,
    gradient,
    objective,
    output_derivative,
    weight_derivatives,
)
from family_trees.engine.network import BIAS, Activities, Architecture, Connection, Layer, Weights, forward, total_input
from family_trees.engine.recipe import Recipe
from family_trees.support.errors import FamilyTreesError

UnitNames = Mapping[str, tuple[str, ...]]
"""The names of the units, by layer."""


class UnitPlace(NamedTuple):
    """A unit of a network, by its place in its layer."""

    layer: str
    place: int


@dataclass(frozen=True)
class Moment:
    """A network between two sweeps, one case, and all the numbers that equations 1 to 9 have there.

    Arrays have a network axis of length 1. Those of the case also have a case axis of length 1.
    """

    network: Architecture
    recipe: Recipe
    names: UnitNames
    state: State
    """The weights before the explained sweep."""
    after: State
    """The weights after it."""
    x: Activities
    """Total inputs in the case, by layer (equation 1)."""
    y: Activities
    """Activities in the case, by layer (equation 2)."""
    desired: NDArray[np.float64]
    """Desired activities in the case, (1, output units)."""
    objective: float
    """E of the case (equation 3)."""
    whole_objective: float
    """E of all training cases."""
    case_derivatives: Derivatives
    """The derivatives of E of the case alone (equations 4, 5 and 7)."""
    case_gradient: Weights
    """dE/dw of the case alone (equation 6)."""
    whole_gradient: Weights
    """dE/dw, summed over all training cases (equation 6)."""
    training_cases: int
    is_training_case: bool
    """Whether the case is one of the training cases."""

    @property
    def t(self) -> int:
        """The number of the explained sweep, from 1."""
        return self.after.sweep

    def name(self, unit: UnitPlace) -> str:
        """The name of a unit with its layer, such as "person Colin"."""
        return "the bias" if unit.layer == BIAS else f"{unit.layer} {self.names[unit.layer][unit.place]}"

    def layer(self, name: str) -> Layer:
        """The layer called `name`."""
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
    """See that every layer has weights of its own; no other network is explained.

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
    desired: NDArray[np.float64],
    *,
    is_training_case: bool,
    orders: Orders | None = None,
) -> Moment:
    """The moment of one case in a network with the weights of `state`.

    Args:
        names: the names of the units, by layer.
        state: the weights before the sweep to explain.
        cases: all cases of the task, and which of them are training cases.
        inputs: the inputs of the case, per input layer (1, units).
        desired: the desired activities of the case, (1, output units).
        is_training_case: whether the case is one of the training cases.
        orders: the orders of the cases, for recipes with batches; see `descent.sweep`.
    """
    one = Cases(inputs, desired, np.ones((1, 1)))
    y = forward(network, state.weights, inputs)
    x = {layer.name: total_input(network, state.weights, y, layer) for layer in network.computed}
    signal, margin, output = recipe.error_signal, recipe.margin, network.output.name
    found = backward(network, state.weights, y, output_derivative(y[output], one, signal, margin))
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
        case_derivatives=found,
        case_gradient=weight_derivatives(network, state.weights, y, found.dE_dx),
        whole_gradient=gradient(network, state.weights, cases, signal, margin),
        training_cases=int(np.sum(cases.training_mask)),
        is_training_case=is_training_case,
    )


def find_unit(network: LayeredLearner, names: UnitNames, text: str) -> UnitPlace:
    """The unit that `text` names: a layer and the unit's name or number, counted from 1; or "bias".

    Raises:
        FamilyTreesError: there is no such unit; the message says which units there are.
    """
    wanted = " ".join(text.replace(":", " ").split()).lower()
    if wanted == BIAS:
        return UnitPlace(BIAS, 0)
    for layer in sorted(network.layers, key=lambda layer: -len(layer.name)):
        if wanted != layer.name.lower() and not wanted.startswith(f"{layer.name.lower()} "):
            continue
        rest = wanted[len(layer.name) :].strip()
        lowered = [name.lower() for name in names[layer.name]]
        if rest in lowered:
            return UnitPlace(layer.name, lowered.index(rest))
        if rest.isdecimal() and 1 <= int(rest) <= layer.units:
            return UnitPlace(layer.name, int(rest) - 1)
        near = [] if rest.isdecimal() else get_close_matches(rest, lowered, n=3, cutoff=0.5)
        known = names[layer.name]
        which = " or ".join(known[lowered.index(each)] for each in near)
        hint = f"did you mean {which}?" if near else f"there are {known[0]} to {known[-1]}"
        raise FamilyTreesError(f"no unit {rest!r} in layer {layer.name!r}; {hint}")
    layers = ", ".join(layer.name for layer in network.layers)
    bias = "; or bias" if any(BIAS in layer.sees for layer in network.layers) else ""
    example = f"{network.output.name} {names[network.output.name][0]}"
    raise FamilyTreesError(f"no unit {text!r}; give a layer and a unit, such as {example!r}; layers: {layers}{bias}")
