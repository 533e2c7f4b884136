"""The family-trees experiment of Rumelhart, Hinton & Williams (Nature, 1986), reproduced.

>>> import family_trees as ft
>>> ft.load().ask("Colin", "aunt")
>>> trained = ft.train(ft.family_trees_task(), "larger-steps", networks=5)
>>> trained.model().ask("Colin", "aunt")

The engine, the analysis, the studies and the figures are in `ft.engine`, `ft.analysis`, `ft.studies` and `ft.figures`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from family_trees.support.lazy import lazy_attributes, near_names
from family_trees.version import VERSION as __version__

if TYPE_CHECKING:
    from family_trees import analysis, engine, studies
    from family_trees.engine.recipe import RECIPES, Recipe
    from family_trees.face import evaluate, read_tree, read_triples, train
    from family_trees.families.of_1986 import family_trees_task
    from family_trees.families.task import Task
    from family_trees.models.model import Model
    from family_trees.models.saved import load, save
    from family_trees.support.errors import FamilyTreesError
    from family_trees.views import figures

__all__ = [
    "RECIPES",
    "FamilyTreesError",
    "Model",
    "Recipe",
    "Task",
    "__version__",
    "analysis",
    "engine",
    "evaluate",
    "family_trees_task",
    "figures",
    "load",
    "read_tree",
    "read_triples",
    "save",
    "studies",
    "train",
]

_WHERE = {
    "RECIPES": "engine.recipe",
    "FamilyTreesError": "support.errors",
    "Model": "models.model",
    "Recipe": "engine.recipe",
    "Task": "families.task",
    "evaluate": "face",
    "family_trees_task": "families.of_1986",
    "load": "models.saved",
    "read_tree": "face",
    "read_triples": "face",
    "save": "models.saved",
    "train": "face",
}
_ROOMS = {"analysis": "analysis", "engine": "engine", "figures": "views.figures", "studies": "studies"}
_find, _ = lazy_attributes(__name__, _WHERE)


def __getattr__(name: str) -> Any:
    """Names are imported when they are first used, so that the package itself is there at once."""
    if name in _ROOMS:
        return import_module(f"family_trees.{_ROOMS[name]}")
    if name in _WHERE:
        return _find(name)
    raise AttributeError(f"module 'family_trees' has no attribute {name!r}; {near_names(name, __all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
