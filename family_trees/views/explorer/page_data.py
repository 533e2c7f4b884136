"""The data of the explorer's page: the task, the network, its recipe, and, where the page cannot train, its moments."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np

from family_trees.analysis.distinctions import distinctions
from family_trees.engine.arithmetic import VERSION as ARITHMETIC
from family_trees.engine.descent import State
from family_trees.engine.evaluation import evaluate
from family_trees.engine.network import Weights
from family_trees.engine.recipe import RECIPES
from family_trees.families.drawing import Drawing, drawing_of
from family_trees.families.kinship import ShownPeople, families_of, pedigree_of, people_around
from family_trees.families.of_1986 import PAGE_FIELD, equivalents, is_of_1986, trees_of_1986
from family_trees.families.relations import derive_triples
from family_trees.families.task import Task
from family_trees.models.choices import chosen_recipe
from family_trees.models.layered import family_network
from family_trees.models.model import Model
from family_trees.models.successors import BATCH, SUCCESSORS, successor_recipe
from family_trees.models.training import train, usual_held_out
from family_trees.support.errors import FamilyTreesError
from family_trees.version import VERSION

SNAPSHOT_BYTES = 1_150_000
"""The most bytes of a page that recorded moments may take."""


LARGEST_PAGE = 20_000_000
"""The most bytes that the weights may take in a page: browsers open larger pages slowly."""


MOST_PEOPLE_ON_PAGE = 60
"""The most people that the page shows at once, unless another number is asked for. It trains no larger families."""


SLOW_SUM_PRODUCTS = 300_000_000
"""Weights times training cases. Above this product the page does not sum over all cases: it would take seconds."""


SLOW_SWEEP_PRODUCTS = 10_000_000
"""Weights times training cases. Above this product a sweep takes so long that the page does not train the network."""


MOST_CASES = 1500
"""The most training cases for which the page has a recipe of the successor: more than 80 people have in a tree."""


MAX_SAFE_INTEGER = 2**53
"""JavaScript reads larger whole numbers as the nearest double, so they are given as texts."""


def people_on_page(model: Model, around: str | None = None, most: int = MOST_PEOPLE_ON_PAGE) -> ShownPeople:
    """The people that a page shows, as `kinship.people_around` chooses them.

    Args:
        around: show the people near to this person; by default the one with the most facts.
        most: the most people to show.
    """
    return people_around(model.task, around, most)


def untrained_model(task: Task) -> Model:
    """A network of a family before its training, with the recipe by which the page then trains it: network 0 of seed 0.

    Raises:
        FamilyTreesError: the family has more people than the page trains.
    """
    if len(task.people) > MOST_PEOPLE_ON_PAGE:
        raise FamilyTreesError(
            f"this family has {len(task.people):,} people, and the page trains {MOST_PEOPLE_ON_PAGE} at most; "
            "'family-trees train --tree FILE --out mine.npz' trains it, then 'family-trees explore --model mine.npz'"
        )
    recipe = chosen_recipe(None, own_family=not is_of_1986(task))
    network = family_network(len(task.people), len(task.relations))
    first = train(task, replace(recipe, sweeps=0), architecture=network, held_out=usual_held_out(task)).model(0)
    return replace(first, recipe=recipe)


def trains_in_page(model: Model, part: ShownPeople | None = None) -> bool:
    """Whether the page trains this network itself, from its seed and number, to the same bytes.

    It does unless another arithmetic made the network, only a part of the people is shown, or a sweep would take long.
    """
    part = part or people_on_page(model)
    return model.arithmetic == ARITHMETIC and not part.caption and _products(model) <= SLOW_SWEEP_PRODUCTS


def _products(model: Model) -> int:
    return len(model.training_cases) * sum(w.size for w in model.weights.values())


def _bits(part: ShownPeople) -> int:
    """The bits of each number in a page: fewer if only a part of the people is shown, since there are many numbers."""
    return 32 if part.caption else 64


def page_snapshots(model: Model, part: ShownPeople | None = None) -> tuple[State, ...]:
    """The network of `model` at as many moments of its training as fit on a page.

    If the model holds no trajectory (its weights during training), it is the final network only.

    Args:
        part: the people to show; by default those of `people_on_page`.

    Raises:
        FamilyTreesError: the page would be too large, since the network has so many weights.
    """
    numbers = 2 * sum(w.size for w in model.weights.values())  # weights, and their last changes
    snapshot_bytes = numbers * _bits(part or people_on_page(model)) // 8 * 4 // 3
    if 2 * snapshot_bytes > LARGEST_PAGE:
        raise FamilyTreesError(
            f"the page would take {2 * snapshot_bytes / 1e6:.0f} MB, more than the {LARGEST_PAGE / 1e6:.0f} MB that "
            "browsers open with ease; 'family-trees figures --around PERSON' and 'family-trees explain' look into "
            "large networks"
        )
    if model.trajectory is None:
        return (State(model.recipe.sweeps, model.weights, {}),)
    recorded = model.trajectory.states
    count = min(len(recorded), max(2, SNAPSHOT_BYTES // snapshot_bytes))
    return tuple(recorded[round(k * (len(recorded) - 1) / max(1, count - 1))] for k in range(count))


def page_data(
    model: Model, part: ShownPeople | None = None, *, recorded: bool | None = None, untrained: bool = False
) -> dict[str, Any]:
    """All data of the page, ready for JSON.

    Args:
        part: the people to show; by default those of `people_on_page`.
        recorded: whether the page holds moments of the training, which it then shows instead of training the network;
            by default where `trains_in_page` says that it cannot.
        untrained: whether there is no model yet that the training of the page could be compared with.
    """
    part = part or people_on_page(model)
    task, network = model.task, model.architecture
    if recorded is None:
        recorded = not trains_in_page(model, part)
    unseen = {*model.held_out}
    return (
        {
            "version": VERSION,
            "network": model.number,
            "seed": model.seed if model.seed < MAX_SAFE_INTEGER else str(model.seed),
            "recipe": asdict(model.recipe),
            "recipes": {name: asdict(recipe) for name, recipe in RECIPES.items()},
            "successor": None if part.caption else _successor(),
            "fingerprint": "" if untrained else model.fingerprint,
            "people": task.people,
            "relations": task.relations,
            "layers": [asdict(layer) for layer in network.layers],
            "cases": [
                [
                    task.person_index[case.person],
                    task.relation_index[case.relation],
                    [task.person_index[name] for name in names],
                ]
                for case, names in task.answers.items()
            ],
            "heldOut": [k for k, case in enumerate(task.cases) if case in unseen],
            "recorded": _recorded(model, part) if recorded else None,
            "groups": {group: _groups(group, task) for group in ("person", "relation")},
            "families": _families(task),
            "trees": _trees(task, part),
            "tree": not is_of_1986(task),
            "window": _window() if is_of_1986(task) else None,
            "equivalents": [task.person_index[equivalents()[name]] for name in task.people]
            if is_of_1986(task)
            else None,
        }
        | (_first_case(model, part) if part.around else {})
        | (_part_data(model, part) if part.caption else {})
    )


def _recorded(model: Model, part: ShownPeople) -> dict[str, Any]:
    """Moments of the training: their sweeps, and the weights and their last changes at each, as base64."""
    states, connections = page_snapshots(model, part), list(model.architecture.connections)

    def packed(several: Sequence[Weights]) -> str:
        numbers = np.concatenate([np.ravel(each[connection]) for each in several for connection in connections])
        return base64.b64encode(numbers.astype(f"<f{_bits(part) // 8}").tobytes()).decode()

    return {
        "sweeps": [state.sweep for state in states],
        "told": _told(model, states),
        "bits": _bits(part),
        "weights": packed([state.weights for state in states]),
        "changes": packed([state.change for state in states]) if all(state.change for state in states) else None,
    }


def _told(model: Model, states: Sequence[State]) -> dict[str, Any]:
    """Of each moment, E, and the training and held-out cases that are right: the page would need long to count them."""
    cases = model.cases
    training = cases.training_mask[0] > 0
    found = [evaluate(model.architecture, state.weights, cases) for state in states]
    return {
        "error": [float(each.objective[0]) for each in found],
        "right": [int((each.right[0] & training).sum()) for each in found],
        "heldRight": [int((each.right[0] & ~training).sum()) for each in found],
    }


def _window() -> dict[str, Any]:
    """What was measured by step size and initial range, and the window of the equations (`scripts/write_window.py`)."""
    text = files("family_trees.views.explorer").joinpath("window.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _successor() -> dict[str, Any]:
    """What the page trains beside the network: the rows of its matrices, and a recipe for each number of batches."""
    counts = range(BATCH, MOST_CASES + 1, BATCH)
    recipes = [asdict(successor_recipe("matrices", cases)) for cases in counts]
    return {"rows": SUCCESSORS["matrices"].size, "batch": BATCH, "recipes": recipes}


def _groups(group: str, task: Task) -> list[dict[str, Any]]:
    """The distinctions among people or relations: the name of each, and the number of every name's group."""
    names = task.people if group == "person" else task.relations
    return [{"name": each.name, "groups": each.group_numbers(names).tolist()} for each in distinctions(group, task)]


def _families(task: Task) -> dict[str, Any] | None:
    """Sexes, marriages and births by the places of the people; None where the facts do not follow from such."""
    families = families_of(task)
    if families is None or {*derive_triples(families)} != {*task.triples}:
        return None
    place = task.person_index
    sex = {person.name: person.sex for person in families.people}
    return {
        "sexes": [sex[name] for name in task.people],
        "marriages": [[place[one], place[other]] for one, other in families.marriages],
        "births": [[place[name] for name in birth] for birth in families.births],
    }


def _first_case(model: Model, part: ShownPeople) -> dict[str, Any]:
    """The case that a page around a person begins with: one of that person's, a held-out one if possible."""
    of_person = [k for k, case in enumerate(model.task.cases) if case.person == part.around] or [0]
    held_out = {*model.held_out}
    return {"first": min(of_person, key=lambda k: model.task.cases[k] not in held_out)}


def _part_data(model: Model, part: ShownPeople) -> dict[str, Any]:
    """The data that a page has in addition if it shows only a part of the people."""
    return {
        "part": [model.task.person_index[name] for name in part.people],
        "around": part.around,
        "heavy": _products(model) > SLOW_SUM_PRODUCTS,
    }


def _trees(task: Task, part: ShownPeople) -> list[dict[str, Any]] | None:
    """The pictures of the people on the page: both trees of 1986 if all are shown, else one pedigree.

    Returns:
        For each picture its `name`; its `places`, each (place in the task, x, y); and its `lines`, each (x1, y1, x2,
        y2). All x and y are in percent of the field. A pedigree also has `size`, the columns and rows of its field,
        and a fifth entry in each line: whether it is dashed. The result is None if the facts hold no tree.
    """
    if is_of_1986(task) and not part.caption:
        return [_tree(task, tree) for tree in trees_of_1986(PAGE_FIELD)]
    laid_out = pedigree_of(task, part.people)
    if laid_out is None:
        return None
    drawing = drawing_of(laid_out)
    columns, rows = drawing.size

    def percent(x: float, row: float) -> tuple[float, float]:
        return round(100 * (x + 0.5) / columns, 3), round(100 * (row + 0.5) / rows, 3)

    lines = tuple(line._replace(points=tuple(percent(*point) for point in line.points)) for line in drawing.lines)
    field = Drawing({name: percent(*place) for name, place in drawing.places.items()}, lines)
    return [_tree(task, field, dashes=True) | {"size": [round(columns, 2), rows]}]


def _tree(task: Task, drawing: Drawing, *, dashes: bool = False) -> dict[str, Any]:
    """A picture whose places are in percent of its field. With `dashes`, each line says whether it is dashed."""
    places = [(task.person_index[name], *place) for name, place in drawing.places.items()]
    lines = [
        (*one, *other, each.dashed) if dashes else (*one, *other)
        for each in drawing.lines
        for one, other in pairwise(each.points)
    ]
    return {"name": drawing.title, "places": places, "lines": lines}
