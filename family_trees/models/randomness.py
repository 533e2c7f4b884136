"""All randomness of a training: first weights and orders of cases, from a seed and the numbers of networks.

Splits are drawn by `Task.draw_held_out`. `engine/ARITHMETIC.md` says how each number is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import Orders
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import Weights
from family_trees.support.errors import FamilyTreesError
from family_trees.support.philox import uniform


def initial_weights(
    learner: LayeredLearner, initial_range: float | tuple[float, ...], seed: int, numbers: Sequence[int]
) -> Weights:
    """Draw weights and biases, uniform between minus and plus `initial_range`.

    Args:
        initial_range: one range for all layers, or one for each layer that computes, lowest first.
        numbers: the networks of the seed. Each has random numbers of its own, whatever is drawn beside it.

    Raises:
        FamilyTreesError: the number of ranges is not that of the layers, or the seed or a number is outside its range.

    Returns:
        Per connection, (networks, units below, units above). A range twice as large gives weights twice as large.
    """
    shapes = learner.connections
    above = {connection.above for connection in shapes}
    layers = [layer.name for layer in learner.computed if layer.name in above or layer.copies]
    layers += [name for name in dict.fromkeys(connection.above for connection in shapes) if name not in layers]
    ranges = initial_range if isinstance(initial_range, tuple) else (initial_range,) * len(layers)
    if len(ranges) != len(layers):
        raise FamilyTreesError(f"initial_range: {len(ranges)} numbers; give one, or {len(layers)}: {', '.join(layers)}")
    reach = dict(zip(layers, ranges, strict=True))
    sizes = [below * above for below, above in shapes.values()]
    drawn = 2 * uniform(seed, "weights", np.asarray(numbers), sum(sizes)) - 1
    parts = np.split(drawn, np.cumsum(sizes)[:-1], axis=-1)
    return {
        connection: reach[connection.above] * part.reshape(len(numbers), *shape)
        for (connection, shape), part in zip(shapes.items(), parts, strict=True)
    }


def case_orders(seed: int, numbers: Sequence[int], training_mask: NDArray[np.float64]) -> Orders:
    """The random order of the training cases of each network, anew for every sweep.

    Args:
        training_mask: (networks, cases), 1 for training cases and 0 for held-out ones. Where an order is asked for, all
            networks have the same number of training cases.
    """

    def orders(first: int, sweeps: int) -> NDArray[np.int64]:
        places = np.array([np.flatnonzero(row) for row in training_mask])
        of_networks, of_sweeps = np.asarray(numbers)[:, None], np.arange(first, first + sweeps)
        keys = uniform(seed, "order", of_networks, places.shape[-1], of_sweeps)
        return np.take_along_axis(places[:, None, :], np.argsort(keys, axis=-1, kind="stable"), axis=-1)

    return orders
