"""Choosing the network of a run of the symmetry task that is drawn as the paper's figure 1."""

from __future__ import annotations

import numpy as np

from family_trees.engine.network import Weights, select_networks
from family_trees.models.symmetry import SmallRun, network_to_draw, solution_form
from family_trees.support.errors import FamilyTreesError


def solution_to_draw(run: SmallRun) -> Weights:
    """The weights of the network that `network_to_draw` chooses, per connection, (1, units below, units above).

    Args:
        run: networks with two hidden units.

    Raises:
        FamilyTreesError: no network has solved the task.
    """
    place = network_to_draw(run.solved, solution_form(run.weights).as_in_the_paper, run.squared_error)
    if place is None:
        raise FamilyTreesError("no network has learned the task, so there is none to draw; try more networks")
    return select_networks(run.weights, np.array([place]))
