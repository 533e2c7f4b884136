"""All randomness: first weights, splits and orders of cases, each from a seed and the number of a network."""

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
    """The generator of the random numbers of network `number` of `seed` for one purpose.

    Args:
        further: more numbers that select a stream, such as the sweep for an order.

    Raises:
        FamilyTreesError: the seed or the number is negative.
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
    """Draw weights and biases, uniform between minus and plus `initial_range`.

    Args:
        initial_range: one range for all layers, or one for each layer that computes, lowest first.
        streams: one generator for each network.

    Raises:
        FamilyTreesError: the number of ranges is not that of the layers.

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


def case_orders(seed: int, numbers: Sequence[int], training_mask: NDArray[np.floating]) -> Orders:
    """The random order of the training cases of each network, anew for every sweep.

    Args:
        training_mask: (networks, cases), 1 for training cases and 0 for held-out ones.
    """
    training_places = [np.flatnonzero(row) for row in training_mask]

    def order(t: int) -> NDArray[np.int64]:
        return np.array(
            [
                random_stream(seed, number, "order", t).permutation(places)
                for number, places in zip(numbers, training_places, strict=True)
            ]
        )

    return order
