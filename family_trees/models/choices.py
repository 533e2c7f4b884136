"""What a user chooses for a training: the recipe, the sizes of the layers, and the cases to hold out."""

from __future__ import annotations

from collections.abc import Sequence

from family_trees.engine.recipe import DEFAULT, SMALL_BATCHES, Recipe, find_recipe
from family_trees.families.task import Case, Task
from family_trees.models.layered import MAX_LAYER_UNITS, LayerSizes
from family_trees.models.successors import LearnerName, successor_recipe
from family_trees.models.training import usual_held_out
from family_trees.support.errors import FamilyTreesError


def usual_learner(*, own_family: bool) -> LearnerName:
    """The learner for a task: the network of 1986 for the trees of 1986, and matrices for all others."""
    return "matrices" if own_family else "network"


def chosen_recipe(
    name: str | None,
    settings: Sequence[str] = (),
    sweeps: int | None = None,
    *,
    own_family: bool = False,
    learner: LearnerName = "network",
    training_cases: int = 100,
) -> Recipe:
    """The recipe called `name`, with the given settings changed.

    Args:
        name: by default that of the learner. For the network of 1986 it is the recipe for the trees of 1986, or, with
            `own_family`, the one for families of any size.
        learner: what is trained.
        training_cases: how many cases there are to train on. The recipe of a successor depends on it.
        settings: texts such as "alpha=0.5,0.8".
        sweeps: the number of sweeps. It overrides `settings`.

    Raises:
        FamilyTreesError: there is no such recipe or setting, or a value is outside its range.
    """
    if name:
        base = find_recipe(name)
    elif learner != "network":
        base = successor_recipe(learner, training_cases)
    else:
        base = SMALL_BATCHES if own_family else DEFAULT
    return base.with_settings(settings if sweeps is None else (*settings, f"sweeps={sweeps}"))


def parse_layers(text: str) -> LayerSizes:
    """Units of the person code, the relation code, the central and the penultimate layer, from "6,6,12,6".

    Raises:
        FamilyTreesError: the text is not four whole numbers from 1 to `MAX_LAYER_UNITS`.
    """
    parts = text.split(",")
    sizes = [int(part) for part in parts if part.strip().isdecimal() and len(part) < 10]
    if len(parts) != 4 or len(sizes) != 4 or not all(0 < size <= MAX_LAYER_UNITS for size in sizes):
        raise FamilyTreesError(f"--layers: {text[:60]!r} is not allowed; give four whole numbers, such as 6,6,12,6")
    one, two, three, four = sizes
    return one, two, three, four


def chosen_split(task: Task, names: Sequence[str] = (), number: int | None = None) -> int | tuple[Case, ...]:
    """The cases to hold out if some are named, otherwise the number of cases to draw at random.

    Args:
        names: cases such as "Colin aunt".
        number: the number of cases to draw if none is named; by default the paper's share, 4 of 104.

    Raises:
        FamilyTreesError: a case is unknown or named twice, or no case is left to train on.
    """
    if names:
        return task.find_cases(names)
    return usual_held_out(task) if number is None else number
