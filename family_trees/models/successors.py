"""The successors of the network of 1986, ready to train: `vectors` and `matrices`, with the recipe of each.

The equations stand in `engine.embedding`. The recipes are equation 9 of the paper, like that of 1986, with the decay
that both papers on the successors call a penalty on squared weights. scripts/choose_successors.py chose their numbers,
on splits that nothing else uses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple, TypeAlias

from family_trees.engine.embedding import Embedding
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.recipe import PUBLISHED, Recipe
from family_trees.families.task import Task
from family_trees.models.layered import family_network
from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import shown

LearnerName: TypeAlias = Literal["network", "vectors", "matrices"]
"""The names of the learners: the layered network of 1986, linear and matrix relational embedding."""

LEARNERS: dict[LearnerName, str] = {
    "network": "the layered network of Rumelhart, Hinton & Williams (1986)",
    "vectors": "linear relational embedding, Paccanaro & Hinton (2001): people are vectors, relations matrices",
    "matrices": "matrix relational embedding, Sutskever & Hinton (2008): people and relations are matrices",
}
"""All learners by name, with what they are."""

MAX_SIZE = 100
"""The most rows of a matrix that a user may ask for."""


class Successor(NamedTuple):
    """What the recipe of a successor is made of."""

    size: int
    """Rows of a person's vector or matrix."""
    penalty: float
    """The weight of half the squared weights in E, beside equation 4, for the cases of a whole sweep."""
    epsilon: float


class Variant(NamedTuple):
    """A successor as a study varies it."""

    learner: LearnerName
    size: int | None = None
    """Rows of a person's vector or matrix; None for the usual ones."""
    shared: bool = True
    """See `Embedding`."""
    squashed: bool = False
    """See `Embedding`."""

    def learner_for(self, task: Task) -> LayeredLearner:
        """This variant for the people and relations of a task.

        Raises:
            FamilyTreesError: the size is not allowed.
        """
        learner = learner_for(task, self.learner, self.size)
        assert isinstance(learner, Embedding)  # noqa: S101 - only successors have variants
        return replace(learner, shared=self.shared, squashed=self.squashed)


SUCCESSORS: dict[LearnerName, Successor] = {
    "vectors": Successor(size=12, penalty=0.4, epsilon=0.01),
    "matrices": Successor(size=6, penalty=0.2, epsilon=0.01),
}
"""The numbers of each successor."""

IN_BATCHES: dict[LearnerName, Successor] = {
    name: each._replace(penalty=0.4, epsilon=0.005) for name, each in SUCCESSORS.items()
}
"""The numbers of each successor where it is trained in batches. scripts/choose_own_matrices.py chose them."""

BATCH = 128
"""Cases for each weight change, where there are more training cases. Those of 1986 are fewer."""

CHANGES = 6000
"""About how often the weights change in a training, within the limits of `SWEEPS`."""

SWEEPS = (60, 1000)
"""The fewest and the most sweeps."""

INITIAL_RANGE = 0.5
"""The initial range of all vectors and matrices."""


def learner_for(task: Task, name: LearnerName, size: int | None = None) -> LayeredLearner:
    """The learner called `name` for the people and relations of a task.

    Args:
        size: rows of a person's vector or matrix; by default that of `SUCCESSORS`. The network of 1986 has none.

    Raises:
        FamilyTreesError: there is no such learner, or the size is not allowed.
    """
    if name not in LEARNERS:
        raise FamilyTreesError(f"unknown learner {shown(name)}; there are {', '.join(LEARNERS)}")
    people, relations = len(task.people), len(task.relations)
    if name == "network":
        if size is not None:
            raise FamilyTreesError("size: only vectors and matrices have a size; the network of 1986 has layers")
        return family_network(people, relations)
    rows = SUCCESSORS[name].size if size is None else size
    if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= MAX_SIZE:
        raise FamilyTreesError(f"size: {shown(rows)} is not allowed; give a whole number from 1 to {MAX_SIZE}")
    return Embedding(people, relations, rows, rows if name == "matrices" else 1)


def learner_name(learner: LayeredLearner) -> LearnerName:
    """The name of a learner."""
    if not isinstance(learner, Embedding):
        return "network"
    return "vectors" if learner.columns == 1 else "matrices"


def successor_recipe(
    name: LearnerName, training_cases: int, penalty: float | None = None, epsilon: float | None = None
) -> Recipe:
    """The recipe of a successor for so many training cases.

    A small task has the full batch, a larger one batches of `BATCH`. The decay follows from the penalty: see
    `penalty_of`.

    Args:
        penalty: by default that of `SUCCESSORS` or, with batches, of `IN_BATCHES`, as is `epsilon`.

    Raises:
        KeyError: the name is that of no successor.
    """
    batches = max(1, math.ceil(training_cases / BATCH))
    chosen, alpha = (SUCCESSORS if batches == 1 else IN_BATCHES)[name], PUBLISHED.alpha[1]
    step = chosen.epsilon if epsilon is None else epsilon
    sweeps = min(max(CHANGES // batches, SWEEPS[0]), SWEEPS[1])
    decay = (chosen.penalty if penalty is None else penalty) * step / (1 - alpha) / batches
    return replace(
        PUBLISHED,
        name=name,
        sweeps=sweeps,
        epsilon=(step / 2, step),
        first_phase=sweeps // 50,
        decay=_three_digits(decay),
        margin=0.0,
        initial_range=INITIAL_RANGE,
        error_signal="softmax",
        batch=BATCH if batches > 1 else 0,
    )


def penalty_of(recipe: Recipe, training_cases: int) -> float:
    """The weight of half the squared weights in E, for the cases of a whole sweep, that the decay of a recipe means.

    At rest, decay takes from a weight in each change what the gradient adds: decay * w = epsilon / (1 - alpha) * dE/dw.
    So the penalty is decay * (1 - alpha) / epsilon for the cases of one weight change.
    """
    (_, alpha), (_, epsilon) = recipe.alpha, recipe.epsilon
    return recipe.decay * (1 - alpha) / epsilon * _batches(recipe.batch, training_cases)


def with_settings(recipe: Recipe, settings: Sequence[str], training_cases: int) -> Recipe:
    """The recipe of a successor with settings changed, as `Recipe.with_settings` does it, and with the same penalty.

    Another batch means another number of weight changes in a sweep. So the decay of each change follows the batch,
    unless it is set, too.

    Raises:
        FamilyTreesError: there is no such setting, or a value is outside its range.
    """
    batch = recipe.with_settings(settings).batch
    return with_decay_for(recipe, batch, training_cases).with_settings(settings)


def with_decay_for(recipe: Recipe, batch: int, training_cases: int) -> Recipe:
    """The recipe with the decay that means the same penalty in batches of `batch` cases; 0 stands for all cases."""
    before, after = (_batches(each, training_cases) for each in (recipe.batch, batch))
    return recipe if before == after else replace(recipe, decay=_three_digits(recipe.decay * before / after))


def _batches(batch: int, training_cases: int) -> int:
    """How often the weights change in a sweep."""
    return max(1, math.ceil(training_cases / batch)) if batch else 1


def _three_digits(decay: float) -> float:
    return float(f"{decay:.3g}")


def check_recipe(recipe: Recipe) -> None:
    """Check that a recipe suits vectors and matrices.

    Raises:
        FamilyTreesError: it is for layered networks; names the setting.
    """
    if recipe.error_signal != "softmax" or recipe.margin:
        raise FamilyTreesError(
            f"error_signal: {shown(recipe.error_signal)} is not allowed with vectors and matrices, which have softmax, "
            "without a margin"
        )
    if recipe.units != "logistic" or not recipe.biases:
        raise FamilyTreesError("units, biases: vectors and matrices have neither, so there is nothing to set")
    ranges = recipe.initial_range if isinstance(recipe.initial_range, tuple) else (recipe.initial_range,)
    if len(ranges) not in (1, 2, 3):
        raise FamilyTreesError(f"initial_range: {len(ranges)} numbers; give one, or one each for people and relations")
