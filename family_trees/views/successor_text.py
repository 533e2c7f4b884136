"""The recipe of vectors and matrices in words, and what to try where they have not learned their cases."""

from __future__ import annotations

from family_trees.engine.embedding import Embedding
from family_trees.models.model import Model
from family_trees.models.successors import learner_name, penalty_of, successor_recipe, with_decay_for
from family_trees.support.wording import count

FAR_OFF = 10
"""The factor by which a setting must differ from that of the usual recipe to be named as the reason."""


def recipe_words(model: Model, learner: Embedding) -> str:
    """What the training of a successor was, in one line: sizes, penalty, steps, batches."""
    recipe = model.recipe
    size = f"a vector of {learner.rows}" if learner.columns == 1 else f"a matrix of {learner.rows} x {learner.columns}"
    batches = f"batches of {recipe.batch} cases" if recipe.batch else "all cases to a weight change"
    epsilon, alpha = (" then ".join(f"{each:g}" for each in pair) for pair in (recipe.epsilon, recipe.alpha))
    return (
        f"{model.task.words.a_one} is {size} numbers, a relation a matrix of {learner.rows} x {learner.rows}; penalty "
        f"{penalty_of(recipe, len(model.training_cases)):.2g} on squared weights (decay {recipe.decay:g}), epsilon "
        f"{epsilon}, alpha {alpha}, {batches}"
    )


def successor_advice(model: Model, learner: Embedding) -> str:
    """What to try with vectors or matrices that have learned too little, as a list with "or"."""
    recipe, cases = model.recipe, len(model.training_cases)
    usual = with_decay_for(successor_recipe(learner_name(learner), cases), recipe.batch, cases)
    tries = []
    if max(recipe.epsilon) > FAR_OFF * max(usual.epsilon):
        tries.append(f"a smaller epsilon (usual is {max(usual.epsilon):g})")
    elif max(recipe.epsilon) < max(usual.epsilon) / FAR_OFF:
        tries.append(f"a larger epsilon (usual is {max(usual.epsilon):g})")
    if recipe.decay > FAR_OFF * usual.decay:
        tries.append(f"a smaller decay (usual is {usual.decay:g})")
    if recipe.sweeps < usual.sweeps:
        tries.append(f"more sweeps (--sweeps {usual.sweeps})")
    return " or ".join(tries) or f"a larger --size (this is {learner.rows}), or more sweeps"


def amount_learned(right: int, cases: int) -> str:
    """How little was learned, in words."""
    of_cases = count(cases, "training case")
    if right >= cases / 2:
        return f"{right} of its {of_cases}, and not the others"
    return f"nothing: none of its {of_cases} is right" if right == 0 else f"little: {right} of its {of_cases} right"
