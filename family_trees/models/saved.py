"""Model files: one `.npz` of plain arrays, without pickled objects.

A file holds the weights, the learning curve, the course of learning of small networks, and, as JSON, everything that
the network was made of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, TypeAlias
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Array
from family_trees.engine.cases import part_size
from family_trees.engine.embedding import Embedding
from family_trees.engine.fingerprint import fingerprints
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import Architecture, Layer
from family_trees.engine.recipe import Recipe
from family_trees.families.people import Triple
from family_trees.families.task import Case, Task
from family_trees.models.archive import Archive, open_archive
from family_trees.models.history import CURVE_KINDS, Curve, Trajectory
from family_trees.models.model import Model
from family_trees.models.schema import FORMAT, FORMAT_VERSION, MAX_ABOUT_BYTES, checked, parse, recipe_of
from family_trees.models.successors import check_recipe
from family_trees.support.data import data_file
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import staged_file
from family_trees.support.wording import shown
from family_trees.version import VERSION

FloatKind: TypeAlias = Literal["float64", "float32"]
"""The types of weights in a file. This version writes float64; earlier ones wrote float32 on request."""


MAX_MOMENTS = 1000
"""The most moments of a course of learning that are read. Training keeps at most 40."""


MAX_ANSWER_BYTES = 4_000_000_000
"""The most bytes of the activities for one part of the cases. Layers that copy others can be large in a small file."""


def save(model: Model, path: str | Path) -> None:
    """Write `model` to `path`: all of it or nothing. Equal models give equal bytes.

    Raises:
        FamilyTreesError: `path` cannot be written, or the model has a name or a number that `load` would refuse; says
            which.
    """
    about = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "version": model.version,
        "arithmetic": model.arithmetic,
        "fingerprint": model.fingerprint,
        "architecture": _described(model.architecture),
        "recipe": asdict(model.recipe),
        "seed": model.seed,
        "network": model.number,
        "held_out": model.held_out,
        "people": model.task.people,
        "relations": model.task.relations,
        "triples": model.task.triples,
    }
    try:
        description = json.dumps(checked(about), ensure_ascii=False, indent=1).encode()
        if len(description) > MAX_ABOUT_BYTES:
            raise ValueError(f"its names and facts take {len(description):,} bytes, and may take {MAX_ABOUT_BYTES:,}")
    except ValueError as problem:
        raise FamilyTreesError(f"{path}: this model cannot be saved: {problem}") from problem
    arrays: dict[str, NDArray[Any]] = {
        "about": np.frombuffer(description, dtype=np.uint8),
        **{f"weights {connection}": w[0] for connection, w in model.weights.items()},
        **{f"curve {name}": getattr(model.curve, name) for name in CURVE_KINDS},
    }
    if model.trajectory is not None:
        arrays["trajectory sweeps"] = model.trajectory.sweeps
        for connection in model.weights:
            arrays[f"trajectory weights {connection}"] = model.trajectory.weights[connection]
            arrays[f"trajectory changes {connection}"] = model.trajectory.changes[connection]
    in_c_order = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    with staged_file(Path(path)) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **in_c_order)


def load(path: str | Path | None = None) -> Model:
    """Read a model file, or, without a path, the model that ships with the package.

    A file may come from anyone. It takes no more memory than about its own size, or twice that if its weights are
    float32. Nothing in it is executed, and every value in it is checked.

    Raises:
        FamilyTreesError: the file is missing, truncated, not a model file, of a newer format, or holds what no model
            has; says which.
    """
    place = data_file("model.npz") if path is None else Path(path)
    try:
        with open_archive(place) as archive:
            about = _description(place, archive)
            return _model(about, archive)
    except BadZipFile as problem:
        raise FamilyTreesError(f"{place}: not a model file, or a truncated one; train or copy it again") from problem
    except ValueError as problem:
        raise FamilyTreesError(f"{place}: damaged model file: {problem}") from problem


def _description(path: Path, archive: Archive) -> dict[str, Any]:
    """The description that a file holds, checked.

    Raises:
        FamilyTreesError: the file is no model, or is of a newer format.
        ValueError: a field is not as it should be.
    """
    if "about" not in archive.members:
        raise FamilyTreesError(f"{path}: not a family-trees model; 'family-trees train' makes one")
    try:
        about = parse(archive.read("about", "uint8", (None,), MAX_ABOUT_BYTES).tobytes())
        found = about.get("format") if isinstance(about, dict) else about
        if found != FORMAT:
            raise ValueError(f"its format is {shown(found)}")
    except ValueError as problem:
        raise FamilyTreesError(f"{path}: not a family-trees model: {problem}") from problem
    version = about.get("format_version")
    if isinstance(version, int) and not isinstance(version, bool) and version > FORMAT_VERSION:
        raise FamilyTreesError(
            f"{path}: format {shown(version)} is newer than {FORMAT_VERSION}, which this version ({VERSION}) reads; "
            "upgrade family-trees"
        )
    return checked(about)


def _model(about: Mapping[str, Any], archive: Archive) -> Model:
    """The model that a file holds.

    Raises:
        ValueError: its parts do not fit each other.
    """
    people, relations = tuple(about["people"]), tuple(about["relations"])
    task = Task(people, relations, tuple(Triple(*triple) for triple in about["triples"]))
    architecture = _learner(about["architecture"])
    recipe = recipe_of(about["recipe"])
    if isinstance(architecture, Embedding):
        _check_recipe(recipe)
    _check_sizes(task, architecture)
    _check_members(archive, architecture, about["format_version"])
    kind: FloatKind = about.get("precision", "float64")
    weights = {
        connection: _floats(archive, f"weights {connection}", kind, shape)[None]
        for connection, shape in architecture.connections.items()
    }
    if about.get("fingerprint", found := fingerprints(weights)[0]) != found:
        raise ValueError(f"its weights have the fingerprint {found}, and it says {about['fingerprint']}")
    curve = _curve(archive, about["format_version"], recipe, len(task.cases))
    trajectory = _trajectory(archive, architecture, recipe, kind)
    try:
        held_out = task.known_cases(Case(person, relation) for person, relation in about["held_out"])
        return Model(
            *(task, architecture, recipe, about["seed"], about["network"], held_out, weights, curve),
            *(about["version"], trajectory, about.get("arithmetic")),
        )
    except FamilyTreesError as problem:
        raise ValueError(str(problem)) from problem


def _check_recipe(recipe: Recipe) -> None:
    """Check that vectors and matrices may have been trained by a recipe.

    Raises:
        ValueError: they may not.
    """
    try:
        check_recipe(recipe)
    except FamilyTreesError as problem:
        raise ValueError(f"recipe: {problem}") from problem


def _described(learner: LayeredLearner) -> Any:
    """A learner as `_learner` reads it: the list of its layers, or the numbers of an `Embedding`."""
    return asdict(learner) if isinstance(learner, Embedding) else [asdict(layer) for layer in learner.layers]


def _learner(described: Any) -> LayeredLearner:
    if isinstance(described, dict):
        return Embedding(**described)
    return Architecture(tuple(Layer(**{**layer, "sees": tuple(layer.get("sees", ()))}) for layer in described))


def _check_sizes(task: Task, architecture: LayeredLearner) -> None:
    """Check that the layers fit the people and relations, and that the memory for answers is bounded.

    Raises:
        ValueError: they do not.
    """
    sizes = {"person": len(task.people), "relation": len(task.relations)}
    if {layer.name: layer.units for layer in architecture.inputs} != sizes:
        raise ValueError(f"architecture: the input layers do not fit {sizes}")
    if architecture.output.units != len(task.people):
        raise ValueError(f"architecture: {architecture.output.units:,} output units for {len(task.people):,} people")
    part = min(len(task.cases), part_size(len(task.people)))
    needed = part * sum(layer.units for layer in architecture.layers) * np.dtype(np.float64).itemsize
    if needed > MAX_ANSWER_BYTES:
        raise ValueError(f"architecture: an answer would take about {needed / 1e9:,.1f} GB")


def _check_members(archive: Archive, architecture: LayeredLearner, format_version: int) -> None:
    """Check that a file has no array that a model has not.

    Raises:
        ValueError: it has one.
    """
    expected = {"about", *(f"weights {connection}" for connection in architecture.connections)}
    expected |= {f"curve {_name_in_file(name, format_version)}" for name in CURVE_KINDS}
    if "trajectory sweeps" in archive.members:
        expected |= {"trajectory sweeps"}
        expected |= {f"trajectory {what} {c}" for c in architecture.connections for what in ("weights", "changes")}
    for name in archive.members:
        if name not in expected:
            raise ValueError(f"array {shown(name)} is none that this model has")


def _name_in_file(name: str, format_version: int) -> str:
    """The name of an array of the curve in a file. Version 1 called E "error"."""
    return "error" if format_version == 1 and name == "squared_error" else name


def _curve(archive: Archive, format_version: int, recipe: Recipe, cases: int) -> Curve:
    sweep = archive.read("curve sweep", "int64", (None,), recipe.sweeps + 1)
    _check_rises("curve sweep", sweep, recipe)
    arrays: dict[str, NDArray[Any]] = {"sweep": sweep}
    for name, kind in CURVE_KINDS.items():
        if name != "sweep":
            in_file = f"curve {_name_in_file(name, format_version)}"
            array = arrays[name] = archive.read(in_file, kind, (1, sweep.size))
            if np.any(array < 0) or (kind == "int64" and np.any(array > cases)):
                raise ValueError(f"array '{in_file}' holds numbers outside their range")
    return Curve(**arrays)


def _trajectory(archive: Archive, architecture: LayeredLearner, recipe: Recipe, kind: FloatKind) -> Trajectory | None:
    if "trajectory sweeps" not in archive.members:
        return None
    sweeps = archive.read("trajectory sweeps", "int64", (None,), MAX_MOMENTS)
    _check_rises("trajectory sweeps", sweeps, recipe)
    weights, changes = (
        {
            connection: _floats(archive, f"trajectory {what} {connection}", kind, (sweeps.size, *shape))
            for connection, shape in architecture.connections.items()
        }
        for what in ("weights", "changes")
    )
    return Trajectory(sweeps, weights, changes)


def _floats(archive: Archive, name: str, kind: FloatKind, shape: tuple[int, ...]) -> Array:
    """An array of a file as float64. Every number of float32 is also one of float64, so nothing is rounded."""
    return archive.read(name, kind, shape).astype(np.float64, copy=False)


def _check_rises(name: str, sweeps: NDArray[np.int64], recipe: Recipe) -> None:
    if sweeps[0] != 0 or sweeps[-1] != recipe.sweeps or np.any(sweeps[1:] <= sweeps[:-1]):
        raise ValueError(f"array '{name}' does not rise from 0 to {recipe.sweeps}")
