"""How large dE/dw is in each connection of a network: which weights change most."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from family_trees.engine.learning import gradient
from family_trees.engine.network import BIAS
from family_trees.families.task import Case
from family_trees.models.model import Model


class GradientSize(NamedTuple):
    """dE/dw of a connection."""

    connection: str
    root_mean_square: float
    zero: float
    """The share of the weights for which it is exactly 0."""


def gradient_sizes(model: Model, sweep: int = 0, case: Case | None = None) -> list[GradientSize]:
    """dE/dw of every connection but those from the bias, from the input to the output.

    Args:
        sweep: of the network after this sweep.
        case: of the error of this case alone; by default of all training cases.

    Raises:
        FamilyTreesError: the model is no network of 1986, or holds no weights of this sweep.
    """
    cases = model.cases
    if case is not None:
        alone = np.zeros_like(cases.training_mask)
        alone[0, model.task.cases.index(case)] = 1
        cases = replace(cases, training_mask=alone)
    weights = model.state(sweep, changes=False).weights
    found = gradient(model.network, weights, cases, model.recipe.error_signal, model.recipe.margin)
    return [
        GradientSize(str(connection), float(np.sqrt(np.mean(each**2))), float(np.mean(each == 0)))
        for connection, each in found.items()
        if connection.below != BIAS
    ]
