"""What a user chooses for a training: the recipe, the sizes of the layers, and the cases to hold out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from family_trees.engine.embedding import Embedding
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.recipe import DEFAULT, SMALL_BATCHES, Recipe, find_recipe
from family_trees.families.of_1986 import is_of_1986
from family_trees.families.task import Case, Task
from family_trees.models.layered import MAX_LAYER_UNITS, LayerSizes, family_network
from family_trees.models.successors import LearnerName, learner_for, learner_name, successor_recipe, with_settings
from family_trees.models.training import usual_held_out
from family_trees.support.errors import FamilyTreesError


class TrainingChoice(NamedTuple):
    """What is trained, and how."""

    learner: LayeredLearner
    recipe: Recipe


def chosen_training(
    task: Task,
    held_out: int | Sequence[Case],
    *,
    learner: LearnerName | None = None,
    size: int | None = None,
    layers: LayerSizes | None = None,
    architecture: LayeredLearner | None = None,
    recipe: str | Recipe | None = None,
    settings: Sequence[str] = (),
    sweeps: int | None = None,
    own_family: bool | None = None,
) -> TrainingChoice:
    """The learner and the recipe that a user chose, and the usual ones where nothing was chosen.

    Args:
        held_out: the cases that are held out of training, or their number. The recipe of a successor depends on it.
        learner: by default the network for the trees of 1986, and where layers or a recipe are given; else matrices.
        size: rows of a person's vector or matrix.
        layers: units of the hidden layers of the network.
        architecture: any other learner, in place of a name, a size and layers.
        recipe: a recipe or its name; by default that of `chosen_recipe` for the network.
        settings, sweeps: as for `chosen_recipe`. With vectors and matrices, another batch keeps the penalty of a sweep.
        own_family: whether the facts are a user's own; by default whether they are not those of 1986.

    Raises:
        FamilyTreesError: a name or a value is not allowed, or the choices do not go together.
    """
    training_cases = len(task.cases) - (held_out if isinstance(held_out, int) else len(held_out))
    own = not is_of_1986(task) if own_family is None else own_family
    if architecture is not None:
        if learner is not None or size is not None or layers is not None:
            raise FamilyTreesError("architecture: give it, or a learner with its size or layers")
        if isinstance(recipe, Recipe):
            return TrainingChoice(architecture, recipe)
        if isinstance(architecture, Embedding) and recipe is None:
            base = successor_recipe(learner_name(architecture), training_cases)
            return TrainingChoice(architecture, with_settings(base, _with_sweeps(settings, sweeps), training_cases))
        return TrainingChoice(architecture, chosen_recipe(recipe, settings, sweeps, own_family=own))
    of_network = layers is not None or recipe is not None or not own
    name = learner or ("network" if of_network and size is None else "matrices")
    if name == "network":
        if size is not None:
            raise FamilyTreesError("size: the network of 1986 has layers; a size goes with vectors and matrices")
        network = family_network(len(task.people), len(task.relations), layers)
        if isinstance(recipe, Recipe):
            return TrainingChoice(network, recipe)
        return TrainingChoice(network, chosen_recipe(recipe, settings, sweeps, own_family=own))
    if layers is not None or isinstance(recipe, str):
        wrong = "recipe" if layers is None else "layers"
        raise FamilyTreesError(f"{wrong}: not for the learner {name}, which has a size and settings to choose")
    successor = learner_for(task, name, size)
    base = successor_recipe(name, training_cases) if recipe is None else recipe
    return TrainingChoice(successor, with_settings(base, _with_sweeps(settings, sweeps), training_cases))


def chosen_recipe(
    name: str | None, settings: Sequence[str] = (), sweeps: int | None = None, *, own_family: bool = False
) -> Recipe:
    """The recipe for the network of 1986 called `name`, with the given settings changed.

    Args:
        name: by default the recipe for the trees of 1986, or, with `own_family`, the one for families of any size.
        settings: texts such as "alpha=0.5,0.8".
        sweeps: the number of sweeps. It overrides `settings`.

    Raises:
        FamilyTreesError: there is no such recipe or setting, or a value is outside its range.
    """
    base = find_recipe(name) if name else SMALL_BATCHES if own_family else DEFAULT
    return base.with_settings(_with_sweeps(settings, sweeps))


def _with_sweeps(settings: Sequence[str], sweeps: int | None) -> Sequence[str]:
    return settings if sweeps is None else (*settings, f"sweeps={sweeps}")


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
