"""The explorer: a page that shows the inside of a network. It opens from disk, and holds all its data itself."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from family_trees.analysis.distinctions import distinctions
from family_trees.analysis.encoding import named_layers
from family_trees.analysis.explain.moment import check_no_shared_weights
from family_trees.analysis.variance import chance_level, eta_squared
from family_trees.engine.descent import State
from family_trees.engine.evaluation import evaluate
from family_trees.engine.network import Architecture, Weights
from family_trees.families.drawing import Drawing, drawing_of
from family_trees.families.kinship import ShownPeople, pedigree_of, people_around
from family_trees.families.of_1986 import PAGE_FIELD, equivalents, is_of_1986, trees_of_1986
from family_trees.families.task import Task
from family_trees.models.model import Model
from family_trees.models.successors import learner_name
from family_trees.support.errors import FamilyTreesError
from family_trees.version import VERSION

LARGEST_EXPLAINED_WEIGHT = 1e100
"""Larger weights may have squares that are not finite, so what they encode is not measured."""


SNAPSHOT_BYTES = 1_150_000
"""The most bytes of a page that snapshots may take."""


LARGEST_PAGE = 20_000_000
"""The most bytes that the weights may take in a page: browsers open larger pages slowly."""


MOST_PEOPLE_ON_PAGE = 40
"""The most people that the page shows at once, unless another number is asked for."""


SLOW_SUM_PRODUCTS = 300_000_000
"""Weights times training cases. Above this product the page does not sum over all cases: it would take seconds."""


MAX_SAFE_INTEGER = 2**53
"""JavaScript reads larger whole numbers as the nearest double, so they are given as texts."""


LANGUAGES = ("en", "ko")
"""The languages of the page; each has a file of texts."""


ENGINE_MODULES = (
    "arithmetic.js",
    "random.js",
    "fingerprint.js",
    "network.js",
    "engine.js",
    "training.js",
    "paths.js",
)
"""The modules that compute, in an order in which each imports only from those before it. `app.js` comes after them."""


def people_on_page(model: Model, around: str | None = None, most: int = MOST_PEOPLE_ON_PAGE) -> ShownPeople:
    """The people that a page shows, as `kinship.people_around` chooses them.

    Args:
        around: show the people near to this person; by default the one with the most facts.
        most: the most people to show.
    """
    return people_around(model.task, around, most)


def _bits(part: ShownPeople) -> int:
    """The bits of each number in a page: fewer if only a part of the people is shown, since there are many numbers."""
    return 32 if part.caption else 64


def page_snapshots(model: Model, part: ShownPeople | None = None) -> tuple[State, ...]:
    """The network of `model` at as many moments of its training as fit on a page.

    If the model holds no trajectory (its weights during training), it is the final network only.

    Args:
        part: the people to show; by default those of `people_on_page`.

    Raises:
        FamilyTreesError: the page would be too large, since the network has so many weights; or the model has vectors
            or matrices.
    """
    _check_is_network(model)
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


def _check_is_network(model: Model) -> None:
    """See that the page can show the model.

    Raises:
        FamilyTreesError: it has vectors or matrices.
    """
    if not isinstance(model.architecture, Architecture):
        raise FamilyTreesError(
            f"the page is for networks of 1986, and this model is of {learner_name(model.architecture)}; 'family-trees "
            "explain', 'analyse' and 'figures' look into it"
        )


def explorer_page(model: Model, states: Sequence[State], part: ShownPeople | None = None) -> str:
    """The page as HTML. The same network gives the same bytes.

    Args:
        states: the network at moments of its training, as `page_snapshots` gives them.
        part: the people to show; by default those of `people_on_page`.

    Raises:
        FamilyTreesError: layers share weights, or weights are so large that numbers of the page are not finite.
    """
    _check_is_network(model)
    check_no_shared_weights(model.network)
    environment = Environment(
        loader=PackageLoader("family_trees.views", "explorer"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    texts = {language: json.loads(_read(f"texts.{language}.json")) for language in LANGUAGES}
    english = texts["en"]
    return environment.get_template("page.html").render(
        title=english["title"],
        cutoff=english["cutoff"],
        words=[key for key in english if key.startswith("word_")],
        texts=_script(texts),
        data=_script(page_data(model, states, part)),
        program=Markup(joined_modules((*ENGINE_MODULES, "app.js")).replace("</script", r"<\/script")),  # noqa: S704
    )


def _read(name: str) -> str:
    return files("family_trees.views.explorer").joinpath(name).read_text(encoding="utf-8")


def joined_modules(names: Sequence[str]) -> str:
    """Modules of the page as one program. A page that is opened from disk cannot import files.

    They stand one after another in the given order, without the words `import` and `export`: what a module defines is
    then known to those after it. So no two modules may define one name, and an import stands in a line of its own.
    """
    modules = (re.sub(r"^import .*\n", "", _read(name), flags=re.MULTILINE) for name in names)
    return "\n".join(re.sub(r"^export ", "", module, flags=re.MULTILINE) for module in modules)


def _script(value: object) -> Markup:
    """A value as JSON for a script element: no text in it can end the element."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise FamilyTreesError("the weights of this model are so large that its numbers are not finite") from None
    return Markup(re.sub("[<>&\u2028\u2029]", lambda sign: f"\\u{ord(sign.group()):04x}", text))  # noqa: S704


def page_data(model: Model, states: Sequence[State], part: ShownPeople | None = None) -> dict[str, Any]:
    """All data of the page, ready for JSON. The arguments are those of `explorer_page`."""
    part = part or people_on_page(model)
    task, network = model.task, model.architecture
    connections = list(network.connections)

    def packed(several: Sequence[Weights]) -> str:
        numbers = np.concatenate([np.ravel(each[connection]) for each in several for connection in connections])
        return base64.b64encode(numbers.astype(f"<f{_bits(part) // 8}").tobytes()).decode()

    unseen = {*model.held_out}
    held_out = [k for k, case in enumerate(task.cases) if case in unseen]
    cases = model.cases
    training_mask = cases.training_mask[0]
    recorded = []
    for state in states:
        found = evaluate(network, state.weights, cases)
        (is_right,) = found.right
        recorded.append(
            {
                "sweep": state.sweep,
                "squaredError": float(found.objective[0]),
                "right": int((is_right & (training_mask > 0)).sum()),
                "heldRight": int((is_right & (training_mask == 0)).sum()),
            }
        )
    return (
        {
            "version": VERSION,
            "network": model.number,
            "seed": model.seed if model.seed < MAX_SAFE_INTEGER else str(model.seed),
            "recipe": asdict(model.recipe),
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
            "heldOut": held_out,
            "snapshots": recorded,
            "weights": packed([state.weights for state in states]),
            "changes": packed([state.change for state in states]) if all(state.change for state in states) else None,
            "encodes": _encodes(model, states),
            "curve": {"sweep": model.curve.sweep.tolist(), "squaredError": model.curve.squared_error[0].tolist()},
            "trees": _trees(task, part),
            "equivalents": [task.person_index[equivalents()[name]] for name in task.people]
            if is_of_1986(task)
            else None,
        }
        | (_first_case(model, part) if part.around else {})
        | (_part_data(model, part) if part.caption else {})
    )


def _first_case(model: Model, part: ShownPeople) -> dict[str, Any]:
    """The case that a page around a person begins with: one of that person's, a held-out one if possible."""
    of_person = [k for k, case in enumerate(model.task.cases) if case.person == part.around] or [0]
    held_out = {*model.held_out}
    return {"first": min(of_person, key=lambda k: model.task.cases[k] not in held_out)}


def _part_data(model: Model, part: ShownPeople) -> dict[str, Any]:
    """The data that a page has in addition if it shows only a part of the people."""
    work = len(model.training_cases) * sum(w.size for w in model.weights.values())
    return {
        "bits": _bits(part),
        "fingerprint": model.fingerprint,
        "part": [model.task.person_index[name] for name in part.people],
        "around": part.around,
        "heavy": work > SLOW_SUM_PRODUCTS,
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


def _encodes(model: Model, states: Sequence[State]) -> Mapping[str, Any]:
    """The share of variance that each distinction explains, by layer, snapshot and unit; empty if not measured."""
    if not {"person code", "relation code", "penultimate"} <= {layer.name for layer in model.architecture.layers}:
        return {}
    together = {c: np.concatenate([state.weights[c] for state in states]) for c in model.weights}
    found: dict[str, Any] = {}
    with np.errstate(over="ignore", invalid="ignore"):
        of_layers = named_layers(together, model.task, model.architecture)
    for name, layer in of_layers.items():
        if np.abs(layer.weights).max() > LARGEST_EXPLAINED_WEIGHT:
            return {}
        groups = {each.name: each.group_numbers(layer.names) for each in distinctions(layer.group, model.task)}
        if not groups:
            continue
        shares = np.stack([eta_squared(layer.weights, of) for of in groups.values()], axis=-1)
        chance = np.stack([chance_level(layer.weights, of) for of in groups.values()], axis=-1)
        found[name] = {
            "distinctions": list(groups),
            "shares": np.round(shares, 4).tolist(),
            "chance": np.round(chance, 4).tolist(),
        }
    return found
