"""Model files: one `.npz` of plain arrays, without pickled objects.

A file holds the weights, the learning curve, the course of learning of small networks, and, as JSON, everything that
the network was made of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Precision
from family_trees.engine.network import Architecture, Layer
from family_trees.engine.recipe import Recipe
from family_trees.families.people import Triple
from family_trees.families.task import Case, Task
from family_trees.models.history import CURVE_KINDS, Curve, Trajectory
from family_trees.models.model import Model
from family_trees.support.data import data_file
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import staged_file
from family_trees.version import VERSION

FORMAT = "family-trees model"
"""The name of the format, which every model file holds."""


FORMAT_VERSION = 2
"""The version of the format. Version 1 had no course of learning; it is still read."""


def save(model: Model, path: str | Path) -> None:
    """Write `model` to `path`: all of it or nothing. Equal models give equal bytes.

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
    if model.trajectory is not None:
        arrays["trajectory sweeps"] = model.trajectory.sweeps
        for connection in model.weights:
            arrays[f"trajectory weights {connection}"] = model.trajectory.weights[connection]
            arrays[f"trajectory changes {connection}"] = model.trajectory.changes[connection]
    with staged_file(Path(path)) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def load(path: str | Path | None = None) -> Model:
    """Read a model file, or, without a path, the model that ships with the package.

    Raises:
        FamilyTreesError: the file is missing, truncated, not a model file, of a newer format, or has arrays of the
            wrong shape; says which.
    """
    place = data_file("model.npz") if path is None else Path(path)
    try:
        with place.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            arrays = dict(archive) if isinstance(archive, Mapping) else {}
    except OSError as problem:
        raise FamilyTreesError(f"{place}: cannot read: {problem.strerror or problem}") from problem
    except Exception as problem:  # a broken archive makes zipfile and NumPy raise a dozen types of exceptions
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
    if about["format_version"] not in (1, FORMAT_VERSION):
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
            _curve(arrays, about["format_version"]),
            about["version"],
            _trajectory(arrays, architecture, recipe, about["precision"]) if "trajectory sweeps" in arrays else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError, FamilyTreesError) as problem:
        what = f"{problem} is missing" if isinstance(problem, KeyError) else " ".join(str(problem).split())
        raise FamilyTreesError(f"{path}: damaged model file: {what}") from problem
    return model


def _whole(about: Mapping[str, Any], key: str) -> int:
    if not isinstance(about[key], int) or isinstance(about[key], bool) or about[key] < 0:
        raise ValueError(f"{key} {about[key]!r}, and should be a whole number of at least 0")
    return int(about[key])


def _curve(arrays: Mapping[str, NDArray[Any]], format_version: int) -> Curve:
    if format_version == 1:  # which called E "error"
        arrays = {**arrays, "curve squared_error": arrays["curve error"]}
    points = arrays["curve sweep"].size
    shapes = {name: (points,) if name == "sweep" else (1, points) for name in CURVE_KINDS}
    return Curve(**{name: _array(arrays, f"curve {name}", shapes[name], kind) for name, kind in CURVE_KINDS.items()})


def _trajectory(
    arrays: Mapping[str, NDArray[Any]], architecture: Architecture, recipe: Recipe, precision: Precision
) -> Trajectory:
    moments = arrays["trajectory sweeps"].size
    sweeps = _array(arrays, "trajectory sweeps", (moments,), "int64")
    if not moments or sweeps[0] != 0 or sweeps[-1] != recipe.sweeps or np.any(np.diff(sweeps) <= 0):
        raise ValueError(f"array 'trajectory sweeps' does not rise from 0 to {recipe.sweeps}")
    weights, changes = (
        {
            connection: _array(arrays, f"trajectory {what} {connection}", (moments, *shape), precision)
            for connection, shape in architecture.connections.items()
        }
        for what in ("weights", "changes")
    )
    return Trajectory(sweeps, weights, changes)


def _array(arrays: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...], kind: str) -> NDArray[Any]:
    array = arrays[name]
    if array.shape != shape or array.dtype != kind:
        raise ValueError(f"array '{name}' is {array.dtype} {array.shape}, and should be {kind} {shape}")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"array '{name}' holds numbers that are not finite")
    return array
