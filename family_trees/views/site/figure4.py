"""Figure 4 of the paper as it comes about: the weights of the person code at moments of the training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from family_trees.analysis.encoding import encodings
from family_trees.engine.network import Connection
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError

STEPS = 99
"""The side of the largest square, in steps: weights are drawn to this precision."""


@dataclass(frozen=True)
class LearningFigure:
    """The squares of figure 4 at some moments."""

    sweeps: tuple[int, ...]
    """The sweeps of each moment."""
    people: tuple[str, ...]
    units: tuple[str, ...]
    """What each unit encodes at the end, such as "nationality", or nothing, in the order in which they are drawn."""
    numbers: tuple[int, ...]
    """The number of each unit, counted from 1."""
    sides: tuple[tuple[tuple[int, ...], ...], ...]
    """The side of each square, (moments, units, people), from -STEPS to STEPS: negative for an inhibitory weight."""


def learning_figure(model: Model) -> LearningFigure:
    """The weights from people to the person code of a network of 1986, from before the first sweep to the end.

    Raises:
        FamilyTreesError: the model keeps no course of learning.
    """
    connection = Connection("person", "person code")
    if model.trajectory is None or connection not in model.trajectory.weights:
        raise FamilyTreesError("this model keeps no course of learning of a network of 1986")
    weights = model.trajectory.weights[connection]  # (moments, people, units)
    encoded = encodings(weights[-1], model.task, "person")
    order = sorted(range(len(encoded)), key=lambda unit: -max((each.share for each in encoded[unit]), default=0))
    order = _meanings_first(order, [of[0].distinction if of else "" for of in encoded])
    sides = np.rint(np.sign(weights) * np.sqrt(np.abs(weights) / np.abs(weights).max()) * STEPS).astype(int)
    return LearningFigure(
        tuple(int(sweep) for sweep in model.trajectory.sweeps),
        tuple(model.task.people),
        tuple(encoded[unit][0].distinction if encoded[unit] else "" for unit in order),
        tuple(unit + 1 for unit in order),
        tuple(tuple(tuple(int(side) for side in moment[:, unit]) for unit in order) for moment in sides),
    )


def _meanings_first(order: Sequence[int], meanings: Sequence[str]) -> list[int]:
    """The units in the order of the paper: nationality, generation, branch, then the others."""
    wanted = ["nationality", "generation", "branch"]
    return sorted(order, key=lambda unit: wanted.index(meanings[unit]) if meanings[unit] in wanted else len(wanted))
