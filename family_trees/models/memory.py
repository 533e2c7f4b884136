"""The memory that a training needs, estimated before it begins."""

from __future__ import annotations

import numpy as np

from family_trees.engine.cases import part_size
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import Architecture
from family_trees.engine.recipe import Recipe
from family_trees.families.task import Task
from family_trees.support.errors import FamilyTreesError
from family_trees.support.machine import available_memory
from family_trees.support.wording import count

ACTIVATION_ARRAYS = 6
"""The approximate number of activation arrays alive at once, each for one part of the cases."""


WEIGHT_ARRAYS = 10
"""The approximate number of arrays of all weights alive at once. It peaks while the first weights are drawn."""


BYTES_OF_A_CASE = 250
"""The approximate bytes for the codes, the order and the evaluation of one case."""


def check_memory(task: Task, architecture: LayeredLearner, recipe: Recipe, networks: int = 1) -> None:
    """Check that the machine has the memory to train so many networks at once.

    Raises:
        FamilyTreesError: it has not; says how much memory the training would take.
    """
    needed, available = memory_needed(task, architecture, recipe, networks), available_memory()
    if needed > available:
        fewer = ", and so do fewer workers" if networks > 1 else ""
        widest = max(layer.units for layer in architecture.computed[:-1])
        smaller = "--layers" if isinstance(architecture, Architecture) else "--size"
        at_once = f"{recipe.batch or 'all'} cases to a weight change and {count(networks, 'network')} at once"
        entities = count(len(task.people), task.words.one)
        raise FamilyTreesError(
            f"{entities}, with {widest:,} units in the largest hidden layer, {at_once}, would take "
            f"about {needed / 1e9:,.1f} GB to train, and {available / 1e9:,.1f} GB are free; smaller "
            f"{smaller}, a smaller batch or a smaller file take less{fewer}"
        )


def memory_needed(task: Task, architecture: LayeredLearner, recipe: Recipe, networks: int = 1) -> int:
    """The approximate peak, in bytes, of the arrays of a training of so many networks at once.

    It grows with the weights, with the cases, and with the activities of one part of the cases
    (`cases.MAX_PART_VALUES`).
    """
    cases = len(task.cases)
    part = min(cases, part_size(architecture.output.units))
    units = sum(layer.units for layer in architecture.layers)
    weights = sum(below * above for below, above in architecture.connections.values())
    batch = min(cases, recipe.batch)
    numbers = ACTIVATION_ARRAYS * part * units + 2 * batch * units + WEIGHT_ARRAYS * weights
    return networks * numbers * np.dtype(np.float64).itemsize + BYTES_OF_A_CASE * cases
