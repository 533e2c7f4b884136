"""The answers of a network and what it has learned, as text for the terminal or as data for other programs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from family_trees.engine.embedding import Embedding
from family_trees.engine.recipe import DEFAULT, SMALL_BATCHES, Recipe, describe, differences
from family_trees.families.task import Case, Task
from family_trees.models.model import Answer, Model
from family_trees.support.wording import count
from family_trees.views.successor_text import FAR_OFF, amount_learned, recipe_words, successor_advice

MOST_NAMED_CASES = 8
"""At most this many held-out cases are listed by name. More of them are only counted."""


RANKED_PEOPLE = 5
"""The number of people in the ranking below an answer, unless another is asked for."""


def answer_text(answer: Answer, trained_on: tuple[str, ...], top: int = RANKED_PEOPLE) -> str:
    """An answer, and the ranking of people below it, for the terminal.

    Args:
        trained_on: the right answers when the network was trained. The facts may have changed since.
        top: the number of people in the ranking.
    """
    named = ", ".join(each.person for each in answer.answers) or f"{answer.words.nobody} is above 0.5"
    source = answer.words.source
    lines = [f"{answer.question}: {named}"]
    if {*answer.facts} != {*trained_on}:
        lines.append(f"  The facts have changed since the training; then they were: {', '.join(trained_on) or 'none'}.")
    elif not answer.facts:
        case = answer.case
        missing = f"{case.relation} of {case.person}" if answer.words.has else f"answer to {answer.question}"
        lines.append(f"  The {source} hold no {missing}, so this was never trained.")
    elif answer.held_out:
        lines.append("  This case was held out: the network never saw it in training.")
    if answer.facts:
        verdict = "right" if answer.right else f"wrong; the {source} say {', '.join(answer.facts)}"
        lines.append(f"  This is {verdict}.")
    lines.append("")
    width = max(len(each.person) for each in answer.ranking)
    if answer.measure == "probability":
        width = max(width, len(answer.words.one))
        lines.append(f"      {answer.words.one:<{width}}  probability")
    for rank, (person, number) in enumerate(answer.shown[:top], start=1):
        bar = "#" * round(20 * np.nan_to_num(number))
        lines.append(f"  {rank:2}  {person:<{width}}  {number:.3f}  {bar}".rstrip())
    return "\n".join(lines)


def answer_json(answer: Answer, model: Model, path: Path | None, top: int | None = None) -> dict[str, Any]:
    """An answer and the network that gave it, ready for `json.dumps`.

    Args:
        path: the file of the model; None for the model that comes with the package.
        top: the number of people in the ranking; by default all people.
    """
    return {
        answer.words.one: answer.case.person,
        "relation": answer.case.relation,
        "answers": _ranked(answer, len(answer.answers)),
        "ranking": _ranked(answer, top),
        "held_out": answer.held_out,
        "facts": list(answer.facts),
        "right": answer.right,
        "model": {
            "file": None if path is None else str(path),
            "recipe": model.recipe.name,
            "differences": differences(model.recipe),
            "seed": model.seed,
            "network": model.number,
            "sweeps": model.recipe.sweeps,
            "held_out": [str(case) for case in model.held_out],
            "version": model.version,
        },
    }


def _ranked(answer: Answer, top: int | None) -> list[dict[str, Any]]:
    """The first people of the ranking, with activity and, if there is one, probability."""
    rows: list[dict[str, Any]] = [
        {answer.words.one: person, "activity": activity} for person, activity in answer.ranking[:top]
    ]
    for row, probability in zip(rows, answer.probabilities or (), strict=False):
        row["probability"] = probability
    return rows


def training_text(model: Model, *, own_family: bool) -> str:
    """What a network has learned, in at most four lines.

    Args:
        own_family: the family is a user's own; the recipe is then described without formulas.
    """

    def share(cases: Collection[Case]) -> str:
        return f"{sum(model.right[case] for case in cases)} of {len(cases)}"

    how = "'family-trees recipes' tells how it differs from the paper" if own_family else describe(model.recipe)
    if isinstance(model.architecture, Embedding):
        how = recipe_words(model, model.architecture)
    lines = [
        f"recipe               {model.recipe.name}: {how}",
        f"squared error E      {model.curve.squared_error[0, -1]:.3f}, after {count(model.recipe.sweeps, 'sweep')}",
        f"training cases right {share(model.training_cases)}",
        f"fingerprint          {model.fingerprint}",
    ]
    if model.held_out:
        named = [f"{case} {'right' if model.right[case] else 'wrong'}" for case in model.held_out]
        by_case = f": {', '.join(named)}" if len(named) <= MOST_NAMED_CASES else ""
        lines.append(f"held-out cases right {share(model.held_out)}{by_case}")
    return "\n".join(lines)


LONG = 1800.0
"""The seconds of a training from which on its length is told beforehand."""


def long_training_text(task: Task, recipe: Recipe, seconds: float) -> str:
    """A line about a training that takes about so many seconds."""
    of = f"{count(len(task.cases), 'case')} of {count(len(task.people), task.words.one)}"
    return (
        f"{of}, {count(recipe.sweeps, 'sweep')}: this takes about {count(max(1, round(seconds / 3600)), 'hour')}; "
        "fewer --sweeps, or a part of the facts, take less"
    )


LITTLE_LEARNED = 0.5
"""The share of training cases right below which a network is said to have learned little."""


MOSTLY_LEARNED = 0.95
"""The share of training cases right from which on nothing is advised."""


MORE_SWEEPS = 5
"""How many times as many sweeps are advised for a network that has learned a part of its cases."""


MOST_CASES = 1000
"""At most this many training cases are looked at for saturated units."""


SATURATED_SLOPE = 1e-6
"""Where no slope of a unit is above this, equation 5 passes on no error that could change a weight."""


def training_advice(model: Model, *, own_family: bool) -> str:
    """What to try with a network that has not learned its training cases, in one line; empty if it has most of them.

    Args:
        own_family: the family is a user's own, for which another recipe is the default.
    """
    right, cases = sum(model.right[case] for case in model.training_cases), len(model.training_cases)
    if right >= MOSTLY_LEARNED * cases:
        return ""
    if isinstance(model.architecture, Embedding):
        return f"it has learned {amount_learned(right, cases)}; try {successor_advice(model, model.architecture)}"
    if right >= LITTLE_LEARNED * cases:
        unlearned = f"{cases - right} of its {count(cases, 'training case')}"
        return f"this network has not learned {unlearned}; try {_more_of_the_same(model, own_family)}"
    usual = SMALL_BATCHES if own_family else DEFAULT
    recipe = model.recipe
    saturated = _is_saturated(model)
    tries: list[str] = []
    steps = f"({usual.name} has {' then '.join(f'{each:g}' for each in usual.epsilon)})"
    if saturated or max(recipe.epsilon) > FAR_OFF * max(usual.epsilon):
        tries.append(f"a smaller epsilon {steps}")
    elif max(recipe.epsilon) < max(usual.epsilon) / FAR_OFF:
        tries.append(f"a larger epsilon {steps}")
    if np.max(recipe.initial_range) > FAR_OFF * np.max(usual.initial_range):
        tries.append(f"a smaller initial_range ({usual.name} has {usual.initial_range})")
    if recipe.sweeps < usual.sweeps:
        tries.append(f"more sweeps (--sweeps {usual.sweeps})")
    if not tries:
        tries.append("larger --layers, or more sweeps" if recipe == usual else f"--recipe {usual.name} as it is")
    because = ", and all its hidden units are fully on or off" if saturated else ""
    return f"this network has learned {amount_learned(right, cases)}{because}; try {' or '.join(tries)}"


def _more_of_the_same(model: Model, own_family: bool) -> str:
    """What lets a network that has learned many of its cases learn the others: more units, or more sweeps."""
    sweeps = f"more sweeps (--sweeps {MORE_SWEEPS * model.recipe.sweeps})"
    hidden = model.architecture.computed[:-1]
    if not own_family or len(hidden) != 4:
        return sweeps
    # The relation code stays: there are few relations to tell apart.
    units = [layer.units if layer.name == "relation code" else 2 * layer.units for layer in hidden]
    return f"larger layers (--layers {','.join(map(str, units))}) or {sweeps}"


def _is_saturated(model: Model) -> bool:
    """Whether every hidden unit is logistic, and fully on or off for every training case."""
    activities = model.activities(*model.training_cases[:MOST_CASES])
    hidden = model.architecture.computed[:-1]
    return all(
        layer.kind == "logistic"
        and float(np.max(activities[layer.name] * (1 - activities[layer.name]))) < SATURATED_SLOPE
        for layer in hidden
    )
