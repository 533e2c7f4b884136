"""All randomness: first weights, splits, and orders of cases, from a seed and the number of a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Precision
from family_trees.engine.cases import Orders
from family_trees.engine.network import Architecture, Weights
from family_trees.support.errors import FamilyTreesError

Purpose = Literal["weights", "split", "order"]


def random_stream(seed: int, number: int, purpose: Purpose, *further: int) -> np.random.Generator:
    """The random numbers that network `number` of `seed` uses for one purpose (and, for the order, in one sweep).

    Raises:
        FamilyTreesError: a negative seed or number.
    """
    for name, value in (("seed", seed), ("network number", number)):
        if value < 0:
            raise FamilyTreesError(f"{name}: {value} is not allowed; give a whole number of at least 0")
    key = (number, get_args(Purpose).index(purpose), *further)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def initial_weights(
    architecture: Architecture,
    initial_range: float | tuple[float, ...],
    streams: Sequence[np.random.Generator],
    precision: Precision = "float64",
) -> Weights:
    """Weights, biases among them, uniform between minus and plus `initial_range`; one stream a network.

    Args:
        initial_range: one for all layers, or one for each layer that computes, lowest first.

    Raises:
        FamilyTreesError: not as many ranges as layers.

    Returns:
        Per connection, (networks, units below, units above). A range twice as large gives weights twice as large.
    """
    shapes = architecture.connections
    layers = [layer.name for layer in architecture.computed]
    ranges = initial_range if isinstance(initial_range, tuple) else (initial_range,) * len(layers)
    if len(ranges) != len(layers):
        raise FamilyTreesError(f"initial_range: {len(ranges)} numbers; give one, or {len(layers)}: {', '.join(layers)}")
    reach = dict(zip(layers, ranges, strict=True))
    drawn = [{each: stream.uniform(-1, 1, shape) for each, shape in shapes.items()} for stream in streams]
    return {
        connection: np.array([reach[connection.above] * network[connection] for network in drawn], dtype=precision)
        for connection in shapes
    }


def case_orders(seed: int, numbers: Sequence[int], counted: NDArray[np.floating]) -> Orders:
    """For each sweep, an order of its own in which each network is shown its training cases."""
    places = [np.flatnonzero(row) for row in counted]

    def order(t: int) -> NDArray[np.int64]:
        return np.array(
            [
                random_stream(seed, number, "order", t).permutation(own)
                for number, own in zip(numbers, places, strict=True)
            ]
        )

    return order
