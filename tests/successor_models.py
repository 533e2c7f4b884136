"""Small trained models of vectors and matrices, each trained once for all tests."""

from __future__ import annotations

from functools import cache

from family_trees.families.of_1986 import family_trees_task
from family_trees.models.model import Model
from family_trees.models.successors import LearnerName, learner_for, successor_recipe
from family_trees.models.training import train


@cache
def successor(name: LearnerName) -> Model:
    """A model of the trees of 1986 with its course of learning; four cases are held out."""
    task = family_trees_task()
    recipe = successor_recipe(name, len(task.cases) - 4)
    return train(task, recipe, seed=1, architecture=learner_for(task, name), trajectory=True).model(0)
