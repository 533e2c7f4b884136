"""A trained network with its vocabulary: ask it, save it, load it, train it again.

A model file is one `.npz` of plain arrays, without pickled objects: the weights, the learning curve, and, as JSON,
everything that the network was made of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from family_trees.errors import FamilyTreesError
from family_trees.families import Triple, data_file
from family_trees.files import staged_file
from family_trees.learning import Cases
from family_trees.network import Activities, Architecture, Layer, Weights, forward
from family_trees.recipe import Recipe
from family_trees.task import Case, Task
from family_trees.training import Course, Curve, Precision, Trained, all_cases, course, outcome, train
from family_trees.version import VERSION

FORMAT = "family-trees model"
FORMAT_VERSION = 1

CURVE_KINDS = {"sweep": "int64", "error": "float64", "training_right": "int64", "held_out_right": "int64"}
"""The arrays of a learning curve in a model file."""


class Activity(NamedTuple):
    """A person and how active the person's output unit is, between 0 and 1."""

    person: str
    activity: float


@dataclass(frozen=True)
class Answer:
    """What a network says to a question, and what the trees say."""

    case: Case
    ranking: tuple[Activity, ...]
    """Everybody, the most active first."""
    held_out: bool
    """Whether the network was never shown this case in training."""
    facts: tuple[str, ...]
    """The right answers; empty where the trees hold none."""

    @property
    def answers(self) -> tuple[Activity, ...]:
        """The output units above 0.5, the most active first."""
        return tuple(each for each in self.ranking if each.activity > 0.5)

    @property
    def right(self) -> bool:
        """Whether the right units, and no others, are above 0.5."""
        return {each.person for each in self.answers} == set(self.facts)


@dataclass(frozen=True)
class Model:
    """One trained network; all its arrays have a network axis of length 1."""

    task: Task
    architecture: Architecture
    recipe: Recipe
    precision: Precision
    seed: int
    number: int
    """Which network of the seed this is."""
    held_out: tuple[Case, ...]
    """The cases that it was not trained on."""
    weights: Weights
    """Per connection, (1, units below, units above)."""
    curve: Curve
    version: str = VERSION
    """The version of this package that trained it."""

    def ask(self, person: str, relation: str) -> Answer:
        """What the network answers to "`person` has-`relation` ?", for any spelling that `Task.find_case` takes.

        Raises:
            FamilyTreesError: a person or a relation that is not known; suggests the nearest.
        """
        case = Case(self.task.find_person(person), self.task.find_relation(relation))
        output = self.activities(case)[self.architecture.output.name][0, 0]
        order = np.argsort(-output, kind="stable")
        return Answer(
            case,
            tuple(Activity(self.task.people[k], float(output[k])) for k in order),
            case in self.held_out,
            self.task.answers.get(case, ()),
        )

    def activities(self, *cases: Case) -> Activities:
        """The activity of every unit for the given cases (default: all): per layer, (1, cases, units).

        Input layers are (cases, units).
        """
        with np.errstate(over="ignore"):  # weights may be huge, after absurd steps: the units are then on or off
            return forward(self.architecture, self.weights, self.task.inputs(cases or None, self.precision))

    @cached_property
    def right(self) -> dict[Case, bool]:
        """Whether each case of the task is answered right."""
        with np.errstate(over="ignore"):
            _, (is_right,) = outcome(self.architecture, self.weights, self.cases)
        return dict(zip(self.task.cases, map(bool, is_right), strict=True))

    @cached_property
    def cases(self) -> Cases:
        """All cases of the task, and which of them trained it."""
        return all_cases(self.task, [self.held_out], self.precision)

    @property
    def training_cases(self) -> tuple[Case, ...]:
        """The cases that it was trained on."""
        held_out = {*self.held_out}
        return tuple(case for case in self.task.cases if case not in held_out)

    def course(self) -> Course:
        """Its training from the start, sweep by sweep, from the recipe, split and seed kept here."""
        return course(
            self.task,
            self.recipe,
            seed=self.seed,
            number=self.number,
            held_out=self.held_out,
            architecture=self.architecture,
            precision=self.precision,
        )

    def has(self, weights: Weights) -> bool:
        """Whether its weights are these, but for what another kind of processor may round differently."""
        return all(np.allclose(weights[c], w, rtol=1e-4, atol=1e-6) for c, w in self.weights.items())

    def train_again(self) -> Trained:
        """Train the same network from the recipe, split and seed kept here: it gets the same weights."""
        return train(
            self.task,
            self.recipe,
            seed=self.seed,
            first=self.number,
            held_out=self.held_out,
            architecture=self.architecture,
            precision=self.precision,
        )


def pick(trained: Trained, place: int) -> Model:
    """The model of one of the trained networks, by its place in their arrays."""
    one = slice(place, place + 1)
    return Model(
        trained.task,
        trained.architecture,
        trained.recipe,
        trained.precision,
        trained.seed,
        trained.numbers[place],
        trained.held_out[place],
        {connection: w[one] for connection, w in trained.weights.items()},
        Curve(
            trained.curve.sweep,
            trained.curve.error[one],
            trained.curve.training_right[one],
            trained.curve.held_out_right[one],
        ),
    )


def save(model: Model, path: str | Path) -> None:
    """Write `model` to `path`, all or nothing; equal models give equal bytes.

    Raises:
        FamilyTreesError: `path` cannot be written; names path and reason.
    """
    about = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "version": model.version,
        "architecture": [asdict(layer) for layer in model.architecture.layers],
        "recipe": asdict(model.recipe),
        "precision": model.precision,
        "seed": model.seed,
        "network": model.number,
        "held_out": model.held_out,
        "people": model.task.people,
        "relations": model.task.relations,
        "triples": model.task.triples,
    }
    arrays = {
        "about": np.frombuffer(json.dumps(about, ensure_ascii=False, indent=1).encode(), dtype=np.uint8),
        **{f"weights {connection}": w[0] for connection, w in model.weights.items()},
        **{f"curve {name}": getattr(model.curve, name) for name in CURVE_KINDS},
    }
    with staged_file(Path(path)) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def load(path: str | Path | None = None) -> Model:
    """Read a model file; without a path, the model that ships with the package.

    Raises:
        FamilyTreesError: no such file, or a file that is truncated, not ours, of a newer format, or with arrays of the
            wrong shape; says which.
    """
    place = data_file("model.npz") if path is None else Path(path)
    try:
        with place.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            arrays = dict(archive) if isinstance(archive, Mapping) else {}
    except OSError as problem:
        raise FamilyTreesError(f"{place}: cannot read: {problem.strerror or problem}") from problem
    except (
        Exception
    ) as problem:  # of a dozen types: all that is wrong with an archive, whatever zipfile and NumPy raise
        raise FamilyTreesError(f"{place}: not a model file, or a truncated one; train or copy it again") from problem
    if "about" not in arrays:
        raise FamilyTreesError(f"{place}: not a family-trees model; 'family-trees train' makes one")
    return _model(place, arrays)


def _model(path: Path, arrays: Mapping[str, NDArray[Any]]) -> Model:
    """The model that the arrays of a file hold."""
    try:
        about = json.loads(arrays["about"].tobytes())
        if about["format"] != FORMAT:
            raise ValueError(f"its format is {about['format']!r}")
    except (ValueError, TypeError, KeyError) as problem:
        raise FamilyTreesError(f"{path}: not a family-trees model: {problem}") from problem
    if about["format_version"] != FORMAT_VERSION:
        raise FamilyTreesError(
            f"{path}: format {about['format_version']} is newer than {FORMAT_VERSION}, which this version "
            f"({VERSION}) reads; upgrade family-trees"
        )
    try:
        task = Task(
            tuple(about["people"]), tuple(about["relations"]), tuple(Triple(*triple) for triple in about["triples"])
        )
        architecture = Architecture(
            tuple(Layer(**{**layer, "sees": tuple(layer["sees"])}) for layer in about["architecture"])
        )
        settings: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in about["recipe"].items()}
        recipe = Recipe(**settings)
        if not isinstance(about["version"], str):
            raise TypeError(f"version {about['version']!r}, and should be a text")
        if about["precision"] not in get_args(Precision):
            raise ValueError(f"precision {about['precision']!r}")
        sizes = {"person": len(task.people), "relation": len(task.relations)}
        if {layer.name: layer.units for layer in architecture.inputs} != sizes:
            raise ValueError(f"the input layers do not fit {sizes}")
        if architecture.output.units != len(task.people):
            raise ValueError(f"{architecture.output.units} output units for {len(task.people)} people")
        model = Model(
            task,
            architecture,
            recipe,
            about["precision"],
            _whole(about, "seed"),
            _whole(about, "network"),
            task.known_cases(Case(person, relation) for person, relation in about["held_out"]),
            {
                connection: _array(arrays, f"weights {connection}", shape, about["precision"])[None]
                for connection, shape in architecture.connections.items()
            },
            _curve(arrays),
            about["version"],
        )
    except (KeyError, TypeError, ValueError, AttributeError, FamilyTreesError) as problem:
        what = f"{problem} is missing" if isinstance(problem, KeyError) else " ".join(str(problem).split())
        raise FamilyTreesError(f"{path}: damaged model file: {what}") from problem
    return model


def _whole(about: Mapping[str, Any], key: str) -> int:
    if not isinstance(about[key], int) or isinstance(about[key], bool) or about[key] < 0:
        raise ValueError(f"{key} {about[key]!r}, and should be a whole number of at least 0")
    return int(about[key])


def _curve(arrays: Mapping[str, NDArray[Any]]) -> Curve:
    points = arrays["curve sweep"].size
    shapes = {name: (points,) if name == "sweep" else (1, points) for name in CURVE_KINDS}
    return Curve(**{name: _array(arrays, f"curve {name}", shapes[name], kind) for name, kind in CURVE_KINDS.items()})


def _array(arrays: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...], kind: str) -> NDArray[Any]:
    array = arrays[name]
    if array.shape != shape or array.dtype != kind:
        raise ValueError(f"array '{name}' is {array.dtype} {array.shape}, and should be {kind} {shape}")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"array '{name}' holds numbers that are not finite")
    return array
