"""The family-trees experiment of Rumelhart, Hinton & Williams (Nature, 1986), reproduced.

>>> import family_trees as ft
>>> model = ft.load()
>>> answer = model.ask("Colin", "aunt")
"""

from family_trees.errors import FamilyTreesError
from family_trees.families import RELATIONS, Families, Person, Triple, derive_triples, load_families
from family_trees.learning import Cases, descend, error, gradient
from family_trees.model import Answer, Model, load, pick, save
from family_trees.network import BIAS, FAMILY_TREE_NETWORK, Architecture, Connection, Layer, forward
from family_trees.recipe import DEFAULT, PUBLISHED, RECIPES, Recipe, describe, differences, find_recipe
from family_trees.task import Case, Task, family_trees_task, right
from family_trees.training import Curve, Trained, train
from family_trees.version import VERSION as __version__

__all__ = [
    "BIAS",
    "DEFAULT",
    "FAMILY_TREE_NETWORK",
    "PUBLISHED",
    "RECIPES",
    "RELATIONS",
    "Answer",
    "Architecture",
    "Case",
    "Cases",
    "Connection",
    "Curve",
    "Families",
    "FamilyTreesError",
    "Layer",
    "Model",
    "Person",
    "Recipe",
    "Task",
    "Trained",
    "Triple",
    "__version__",
    "derive_triples",
    "descend",
    "describe",
    "differences",
    "error",
    "family_trees_task",
    "find_recipe",
    "forward",
    "gradient",
    "load",
    "load_families",
    "pick",
    "right",
    "save",
    "train",
]
