"""How much memory a training takes, told before it begins."""

from __future__ import annotations

import numpy as np

from family_trees.engine.arrays import Precision
from family_trees.engine.cases import MAX_PART_VALUES
from family_trees.engine.network import Architecture
from family_trees.engine.recipe import Recipe
from family_trees.families.task import Task
from family_trees.support.errors import FamilyTreesError
from family_trees.support.machine import available_memory
from family_trees.support.wording import count

ACTIVATION_ARRAYS = 6
"""Arrays of the activities of a part of the cases that a sweep has in memory at once, about."""


WEIGHT_ARRAYS = 10
"""Arrays of all weights that a training has in memory at once, about: while the first are drawn."""


BYTES_OF_A_CASE = 250
"""Bytes for the codes, the order and the outcome of a case, about."""


def check_memory(
    task: Task, architecture: Architecture, recipe: Recipe, precision: Precision = "float64", networks: int = 1
) -> None:
    """See before a training of so many networks at once whether the machine has the memory for it.

    Raises:
        FamilyTreesError: it has not; says how much the training would take.
    """
    needed, there = memory_needed(task, architecture, recipe, precision, networks), available_memory()
    if needed > there:
        smaller = " float32 takes about half of it;" if precision == "float64" else ""
        fewer = ", and so do fewer workers" if networks > 1 else ""
        widest = max(layer.units for layer in architecture.computed[:-1])
        at_once = f"{recipe.batch or 'all'} cases to a weight change and {count(networks, 'network')} at once"
        raise FamilyTreesError(
            f"{len(task.people):,} people, with {widest:,} units in the largest hidden layer, {at_once}, would take "
            f"some {needed / 1e9:,.1f} GB to train, and {there / 1e9:,.1f} are there;{smaller} smaller --layers, a "
            f"smaller batch or a smaller tree take less{fewer}"
        )


def memory_needed(
    task: Task, architecture: Architecture, recipe: Recipe, precision: Precision = "float64", networks: int = 1
) -> int:
    """Bytes that the arrays of a training of so many networks at once take at most, about.

    They grow with the weights, with the cases, and with the activities of a part of the cases
    (`cases.MAX_PART_VALUES`).
    """
    itemsize = np.dtype(precision).itemsize
    cases = len(task.cases)
    part = min(cases, max(1, MAX_PART_VALUES // architecture.output.units))
    units = sum(layer.units for layer in architecture.layers)
    weights = sum(below * above for below, above in architecture.connections.values())
    batch = min(cases, recipe.batch)
    of_network = (ACTIVATION_ARRAYS * part * units + 2 * batch * units + WEIGHT_ARRAYS * weights) * itemsize
    return networks * of_network + BYTES_OF_A_CASE * cases
