"""How useful weights and units are: how much the error E (equation 3) rises if one is removed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import Cases
from family_trees.engine.learner import Learner
from family_trees.engine.learning import squared_error
from family_trees.engine.network import BIAS, Architecture, Weights, forward
from family_trees.models.layered import FAMILY_TREE_NETWORK


def weight_sizes_and_rises(weights: Weights, cases: Cases) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The size of every weight of one network, without biases, and how much E rises if it is removed.

    Args:
        weights: per connection (1, units below, units above).
        cases: the cases that the network was trained on.

    Returns:
        Sizes and rises, (weights,) each.
    """
    rises = error_rise_by_weight(FAMILY_TREE_NETWORK, weights, cases)
    without_biases = [connection for connection in weights if connection.below != BIAS]
    sizes, rise = (np.concatenate([np.ravel(values[each]) for each in without_biases]) for values in (weights, rises))
    return np.abs(sizes), rise


def error_rise_by_weight(learner: Learner, weights: Weights, cases: Cases) -> Weights:
    """How much E rises if a weight is set to 0, for every weight of one network or other learner.

    Args:
        weights: of one network, per connection (1, units below, units above).

    Returns:
        The rises, in the shapes of `weights`.
    """
    base = float(squared_error(learner.answers(weights, cases.inputs), cases)[0])
    found: Weights = {}
    for connection, w in weights.items():
        several = np.repeat(w, w.size, axis=0).reshape(w.size, -1)
        several[np.arange(w.size), np.arange(w.size)] = 0
        lesioned = {other: np.broadcast_to(v, (w.size, *v.shape[1:])) for other, v in weights.items()}
        lesioned[connection] = several.reshape(w.size, *w.shape[1:])
        answers = learner.answers(lesioned, cases.inputs)
        found[connection] = (squared_error(answers, cases) - base).reshape(w.shape)
    return found


def unit_sizes_and_rises(
    architecture: Architecture, weights: Weights, cases: Cases
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The size of every hidden unit of one network, and how much E rises if the unit is removed.

    Args:
        weights: of one network, per connection (1, units below, units above).

    Returns:
        Sizes and rises, (hidden units,) each. The size of a unit is the root of the sum of squares of all its weights,
        without its bias.
    """
    output = architecture.output.name
    base = float(squared_error(forward(architecture, weights, cases.inputs)[output], cases)[0])
    sizes, rises = [], []
    for layer in architecture.computed:
        if layer.name == output:
            continue
        squares = np.zeros(layer.units)
        lesioned = {connection: np.broadcast_to(w, (layer.units, *w.shape[1:])) for connection, w in weights.items()}
        for connection, w in weights.items():
            if connection.above == layer.name and connection.below != BIAS:
                squares += np.sum(w[0] ** 2, axis=0)
            if connection.below == layer.name:
                squares += np.sum(w[0] ** 2, axis=1)
                lesioned[connection] = np.where(np.eye(layer.units, dtype=bool)[..., None], 0, w)
        sizes.append(np.sqrt(squares))
        rises.append(squared_error(forward(architecture, lesioned, cases.inputs)[output], cases) - base)
    return np.concatenate(sizes), np.concatenate(rises)


def rank_correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Spearman's rank correlation of two samples, (n,) each. Equal values share their mean rank."""

    def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[inverse])

    return float(np.corrcoef(ranks(x), ranks(y))[0, 1])
