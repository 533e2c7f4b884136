"""Layered networks: which layer sees which, the weights, and the forward pass (equations 1 and 2).

A network is data. An `Architecture` is an immutable list of layers from the input up. The weights are a dict with one
array for each connection between two layers. Functions do the rest. The family-tree network, the symmetry network, XOR
and an unrolled iterative network all have this one type.

**Every array has a leading network axis.** A single network has a network axis of length 1:

| array | shape |
| --- | --- |
| weights of a connection | (networks, units below, units above) |
| activities of a layer | (networks, cases, units) |
| inputs, where all networks share them | (cases, units) |

The order of every sum is fixed (`ARITHMETIC.md`), so that a network is the same on every machine.

"Nature" is Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323 (1986).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, cast

import numpy as np

from family_trees.engine.arithmetic import add_products, filled
from family_trees.engine.arrays import Array, Booleans, Indices
from family_trees.engine.cases import Cases, Inputs
from family_trees.engine.onehot import OneHot
from family_trees.engine.units import UNIT_FUNCTIONS, ErrorSignal, UnitKind

BIAS = "bias"
"""The layer of one unit that is always on: "a bias is a weight from an extra unit that always has the value 1, treated
just like the other weights" (Nature, p. 533). A layer has biases if it sees this layer."""


class Connection(NamedTuple):
    """All weights from one layer to a higher one: the key of an array (networks, units below, units above)."""

    below: str
    above: str

    def __str__(self) -> str:
        return f"{self.below} -> {self.above}"


Weights: TypeAlias = dict[Connection, Array]
"""Per connection, (networks, units below, units above)."""


Activities: TypeAlias = dict[str, Array]
"""Per layer, (networks, cases, units)."""


@dataclass(frozen=True)
class Layer:
    """A layer of units, and the lower layers that it sees. A layer that sees none holds an input.

    `copies` names a lower layer whose weights this layer shares, as in an iterative network unrolled in time (Nature,
    fig. 5). The k-th layer that this one sees then uses the weights of the k-th layer that the named one sees.
    """

    name: str
    units: int
    sees: tuple[str, ...] = ()
    copies: str | None = None
    kind: UnitKind = "logistic"
    """The kind of its units. It has no meaning for an input layer."""


@dataclass(frozen=True, repr=False)
class Architecture:
    """Layers from the input up; the last one is the output.

    "Connections within a layer or from higher to lower layers are forbidden, but connections can skip intermediate
    layers" (Nature, p. 533): a layer may see any layers named before it.

    Raises:
        ValueError: two layers have one name; a layer sees itself or a higher one; a copy differs in size from the
            layer that it copies; or units are of a kind that does not exist or cannot stand there.
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        lower: dict[str, Layer] = {BIAS: Layer(BIAS, 1)}
        for layer in self.layers:
            if layer.name in lower:
                raise ValueError(f"layer {layer.name!r}: this name is already taken; give each layer its own")
            if layer.kind not in UNIT_FUNCTIONS:
                raise ValueError(
                    f"layer {layer.name!r}: {layer.kind!r} is no kind of unit; give one of {', '.join(UNIT_FUNCTIONS)}"
                )
            if layer.kind == "softmax" and layer is not self.layers[-1]:
                raise ValueError(f"layer {layer.name!r}: only the output layer can have softmax units")
            if layer.units < 1:
                raise ValueError(f"layer {layer.name!r}: {layer.units} units; give at least 1")
            for seen in layer.sees:
                if seen not in lower:
                    raise ValueError(f"layer {layer.name!r} sees {seen!r}, which is not a lower layer")
            if len(set(layer.sees)) < len(layer.sees):
                raise ValueError(f"layer {layer.name!r} sees a layer twice")
            if layer.copies is not None:
                self._check_copy(layer, lower)
            lower[layer.name] = layer
        if not self.layers or not self.layers[-1].sees:
            raise ValueError("the last layer is the output and must see a lower layer")

    def __repr__(self) -> str:
        layers = ", ".join(f"{layer.name} {layer.units}" for layer in self.layers[:12])
        more = f", and {len(self.layers) - 12} more" if len(self.layers) > 12 else ""
        return f"Architecture({layers}{more})"

    @staticmethod
    def _check_copy(layer: Layer, lower: Mapping[str, Layer]) -> None:
        original = lower.get(layer.copies or "")
        if original is None or original.copies is not None:
            raise ValueError(
                f"layer {layer.name!r} copies {layer.copies!r}, which is no lower layer with weights of its own"
            )
        sizes, original_sizes = ([lower[seen].units for seen in each.sees] for each in (layer, original))
        if layer.units != original.units or sizes != original_sizes:
            raise ValueError(f"layer {layer.name!r} copies {layer.copies!r}, but their sizes differ")

    @property
    def inputs(self) -> tuple[Layer, ...]:
        """The input layers: those that see no other layer."""
        return tuple(layer for layer in self.layers if not layer.sees)

    @property
    def computed(self) -> tuple[Layer, ...]:
        """The layers that compute their activities from others, lowest first."""
        return tuple(layer for layer in self.layers if layer.sees)

    @property
    def output(self) -> Layer:
        """The output layer, whose activities are compared with the desired ones."""
        return self.layers[-1]

    @property
    def connections(self) -> dict[Connection, tuple[int, int]]:
        """Every connection with weights of its own, and its shape (units below, units above), lowest first."""
        units = {BIAS: 1} | {layer.name: layer.units for layer in self.layers}
        return {
            Connection(seen, layer.name): (units[seen], layer.units)
            for layer in self.computed
            if layer.copies is None
            for seen in layer.sees
        }

    def incoming(self, layer: Layer) -> list[tuple[str, Connection]]:
        """The layers that `layer` sees, each with the connection that holds the weights between them."""
        if layer.copies is None:
            return [(seen, Connection(seen, layer.name)) for seen in layer.sees]
        original = next(each for each in self.layers if each.name == layer.copies)
        return [(seen, Connection(role, original.name)) for seen, role in zip(layer.sees, original.sees, strict=True)]

    def activities(self, weights: Weights, inputs: Inputs) -> Activities:
        """The activities of every layer and of the bias unit: see `forward`."""
        return forward(self, weights, inputs)

    def answers(self, weights: Weights, inputs: Inputs) -> Array:
        """The activities of the output units, (networks, cases, units). Arguments as for `forward`."""
        from family_trees.engine.compiled.program import compiled_answers  # which builds on this module

        found = compiled_answers(self, weights, inputs)
        return forward(self, weights, inputs)[self.output.name] if found is None else found

    def likelihoods(self, weights: Weights, inputs: Inputs, rivals: Booleans) -> Array:  # noqa: ARG002 - see Learner
        """The same as `answers`: each output unit answers for itself, so people have no rivals."""
        return self.answers(weights, inputs)

    def gradient(self, weights: Weights, cases: Cases, signal: ErrorSignal = "squared", margin: float = 0.0) -> Weights:
        """dE/dw, summed over the training cases: see `learning.gradient`."""
        from family_trees.engine.learning import gradient  # which builds on this module

        return gradient(self, weights, cases, signal, margin)

    def codes(self, weights: Weights) -> dict[str, Array]:
        """The activities of the layer that sees one input layer alone, while each unit of that is on in turn.

        Returns:
            Per input layer that such a layer sees, (networks, units of the input layer, units of the code).
        """
        found: dict[str, Array] = {}
        for layer in self.computed:
            seen = [each for each in layer.sees if each != BIAS]
            if len(seen) == 1 and seen[0] not in found and any(each.name == seen[0] for each in self.inputs):
                units = next(each.units for each in self.inputs if each.name == seen[0])
                alone = with_bias({seen[0]: OneHot.of([(k,) for k in range(units)], units)})
                found[seen[0]] = UNIT_FUNCTIONS[layer.kind].activity(total_input(self, weights, alone, layer))
        return found


def forward(network: Architecture, weights: Weights, inputs: Inputs) -> Activities:
    """The forward pass: the activity of every unit for every case, from the input up (equations 1 and 2).

    Args:
        weights: per connection, (networks, units below, units above).
        inputs: per input layer, (cases, units) or (networks, cases, units).

    Returns:
        Per layer, (networks, cases, units). The inputs have the shapes in which they were given, the bias unit is
        (cases, 1).
    """
    y = with_bias(inputs)
    for layer in network.computed:
        x = total_input(network, weights, y, layer)  # equation 1
        y[layer.name] = UNIT_FUNCTIONS[layer.kind].activity(x)  # equation 2, for logistic units
    return y


def total_input(network: Architecture, weights: Weights, y: Activities, layer: Layer) -> Array:
    """Equation 1: x_j = sum_i y_i w_ji, for every unit of a layer and every case: (networks, cases, units).

    Args:
        weights: per connection, (networks, units below, units above).
        y: activities of the layers that `layer` sees.
    """
    incoming = network.incoming(layer)
    cases = max(y[below].shape[-2] for below, _ in incoming)
    bias = next((weights[connection] for below, connection in incoming if below == BIAS), 0.0)
    networks = weights[incoming[0][1]].shape[0]
    x = filled(bias, cases, networks, layer.units)  # the bias unit is always 1: it contributes the weight itself
    for below, connection in incoming:
        codes = y[below]
        if isinstance(codes, OneHot):
            x += codes @ weights[connection]
        elif below != BIAS:
            add_products(x, codes, weights[connection])
    return x


def with_bias(inputs: Inputs) -> Activities:
    """`inputs` together with the bias unit, which is always 1: (cases, 1).

    `OneHot` inputs stay `OneHot`, and compute as arrays do.
    """
    cases = next(iter(inputs.values())).shape[-2]
    return {BIAS: np.ones((cases, 1)), **cast("Activities", inputs)}


def select_networks(weights: Weights, networks: Indices | slice) -> Weights:
    """The weights of some of the networks, by their indices along the network axis."""
    return {connection: w[networks] for connection, w in weights.items()}
