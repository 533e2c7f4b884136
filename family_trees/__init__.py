"""The family-trees experiment of Rumelhart, Hinton & Williams (Nature, 1986), reproduced.

>>> import family_trees as ft
>>> model = ft.load()
>>> answer = model.ask("Colin", "aunt")
"""

from family_trees.engine.cases import Cases
from family_trees.engine.descent import descend, initial_state
from family_trees.engine.evaluation import right
from family_trees.engine.learning import gradient, objective, squared_error
from family_trees.engine.network import BIAS, Architecture, Connection, Layer, forward
from family_trees.engine.recipe import DEFAULT, PUBLISHED, RECIPES, Recipe, describe, differences, find_recipe
from family_trees.families.of_1986 import family_trees_task, load_families
from family_trees.families.people import Families, Person, Triple
from family_trees.families.relations import RELATIONS, derive_triples
from family_trees.families.task import Case, Task
from family_trees.models.history import Curve
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.model import Answer, Model
from family_trees.models.saved import load, save
from family_trees.models.training import Trained, train
from family_trees.support.errors import FamilyTreesError
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
    "family_trees_task",
    "find_recipe",
    "forward",
    "gradient",
    "initial_state",
    "load",
    "load_families",
    "objective",
    "right",
    "save",
    "squared_error",
    "train",
]
