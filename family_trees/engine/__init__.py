"""The paper's equations, for any layered network.

>>> from family_trees import engine
>>> engine.forward(engine.Architecture(...), weights, inputs)

Read the modules in this order: `network` (equations 1 and 2), `learning` (3 to 9), `descent` (the training loop).
Recipes, cases and units are data for them. This room knows nothing of families.
"""

from typing import TYPE_CHECKING

from family_trees.support.lazy import lazy_attributes

if TYPE_CHECKING:
    from family_trees.engine.cases import Cases
    from family_trees.engine.descent import State, descend, diverged, initial_state
    from family_trees.engine.evaluation import Evaluation, evaluate, right
    from family_trees.engine.learning import (
        backward,
        gradient,
        objective,
        output_derivative,
        squared_error,
        weight_change,
    )
    from family_trees.engine.network import BIAS, Architecture, Connection, Layer, forward
    from family_trees.engine.onehot import OneHot
    from family_trees.engine.recipe import DEFAULT, PUBLISHED, describe, differences, find_recipe

__all__ = [
    "BIAS",
    "DEFAULT",
    "PUBLISHED",
    "Architecture",
    "Cases",
    "Connection",
    "Evaluation",
    "Layer",
    "OneHot",
    "State",
    "backward",
    "descend",
    "describe",
    "differences",
    "diverged",
    "evaluate",
    "find_recipe",
    "forward",
    "gradient",
    "initial_state",
    "objective",
    "output_derivative",
    "right",
    "squared_error",
    "weight_change",
]

__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        "Architecture": "engine.network",
        "BIAS": "engine.network",
        "Cases": "engine.cases",
        "Connection": "engine.network",
        "DEFAULT": "engine.recipe",
        "Evaluation": "engine.evaluation",
        "Layer": "engine.network",
        "OneHot": "engine.onehot",
        "PUBLISHED": "engine.recipe",
        "State": "engine.descent",
        "backward": "engine.learning",
        "descend": "engine.descent",
        "describe": "engine.recipe",
        "differences": "engine.recipe",
        "diverged": "engine.descent",
        "evaluate": "engine.evaluation",
        "find_recipe": "engine.recipe",
        "forward": "engine.network",
        "gradient": "engine.learning",
        "initial_state": "engine.descent",
        "objective": "engine.learning",
        "output_derivative": "engine.learning",
        "right": "engine.evaluation",
        "squared_error": "engine.learning",
        "weight_change": "engine.learning",
    },
)
