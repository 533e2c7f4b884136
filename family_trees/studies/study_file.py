"""Study files: which recipes, on how many splits of the cases, with how many networks, as a small TOML file says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from pathlib import Path
from typing import Any, Literal

from family_trees.engine.recipe import PUBLISHED, RECIPES, Recipe, settings_of
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.task import Case, Task
from family_trees.models.layered import COMPUTED_LAYERS, MAX_LAYER_UNITS, LayerSizes
from family_trees.models.successors import MAX_SIZE, SUCCESSORS, Variant, successor_recipe, with_decay_for
from family_trees.studies.study_limits import (
    MOST_BYTES,
    MOST_DEPARTURE_SETS,
    MOST_DRAWN_CASES,
    MOST_DRAWN_SPLITS,
    MOST_LISTED,
    MOST_NETWORKS,
    MOST_RECIPES,
    MOST_SWEEPS,
    bare,
    check_count,
    check_name,
    parsed_toml,
)
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import read_limited
from family_trees.support.wording import shown


@dataclass(frozen=True)
class Study:
    """What a study file says; `read_study` checks it."""

    title: str
    recipes: tuple[Recipe, ...]
    """One for each combination of the axes."""
    splits: int
    """How many splits of the cases are drawn, for each number of held-out cases; all recipes share them."""
    seeds: int = 1
    """Networks on each split, which differ in their first weights."""
    held_out: tuple[int, ...] | Literal["each"] | tuple[tuple[Case, ...], ...] = (4,)
    """How many cases are held out, one number or several; or, without `splits`, "each", which takes every case alone,
    or the cases of every split by name."""
    checkpoints: tuple[int, ...] = ()
    """Sweeps after which the networks are looked at; always also after the last one."""
    seed: int = 0
    layers: tuple[LayerSizes | None, ...] = ()
    """Units of the hidden layers of each recipe; None, or no entry at all, for those that fit the task."""
    committees: tuple[int, ...] = ()
    """Sizes of committees, each of networks on one split, that answer with the mean of their outputs."""
    variants: tuple[Variant | None, ...] = ()
    """The successor of each recipe; None, or no entry at all, for the network of 1986."""

    def __post_init__(self) -> None:
        if self.layers and len(self.layers) != len(self.recipes):
            raise ValueError(f"{len(self.layers)} entries in layers for {len(self.recipes)} recipes")

    def layers_of(self, place: int) -> LayerSizes | None:
        """Units of the hidden layers of the recipe at `place`; None for those that fit the task."""
        return self.layers[place] if self.layers else None

    def variant_of(self, place: int) -> Variant | None:
        """The successor that the recipe at `place` trains; None for the network of 1986."""
        return self.variants[place] if self.variants else None

    def named_splits(self, task: Task) -> tuple[tuple[Case, ...], ...]:
        """The splits that the study names, if it does; else they are drawn."""
        if self.held_out == "each":
            return tuple((case,) for case in task.cases)
        return tuple(split for split in self.held_out if not isinstance(split, int))


def read_study(path: Path, task: Task | None = None) -> Study:
    """The study that the TOML file at `path` describes.

    Args:
        task: of which it may name cases; by default that of 1986.

    Raises:
        FamilyTreesError: no such file, no TOML, or a key or value that is not allowed; names file, key, and what is.
            Or the study is too large; says how large, and the limit.
    """
    raw = read_limited(path, MOST_BYTES, "a study file")
    try:
        entries = parsed_toml(raw)
        return _study(entries, task or family_trees_task())
    except FamilyTreesError as problem:
        raise FamilyTreesError(f"{path}: {problem}") from None


def _study(entries: dict[str, Any], task: Task) -> Study:
    known = (
        *("title", "seed", "splits", "seeds", "held_out", "checkpoints", "committees"),
        *("recipes", "departures", "together", "axes"),
    )
    for key in entries:
        if key not in known:
            raise FamilyTreesError(f"{bare(key)}: no such key; there are {', '.join(known)}")
    if not isinstance(entries.get("title"), str):
        raise FamilyTreesError("title: give a text")
    held_out = _held_out(entries.get("held_out", 4), task)
    drawn = isinstance(held_out[0], int)
    if not drawn and "splits" in entries:
        raise FamilyTreesError("splits: not allowed where held_out names the cases, and so the splits")
    seeds = _whole("seeds", entries.get("seeds", 1), 1)
    tables = entries.get("recipes", [{"base": "published"}])
    departures, together = entries.get("departures", {}), _whole("together", entries.get("together", 1), 1)
    recipes, layers, variants = _recipes(tables, _combinations(departures, together), entries.get("axes", {}), task)
    study = Study(
        entries["title"],
        recipes,
        _whole("splits", entries.get("splits"), 1) if drawn else 0,
        seeds,
        held_out,
        tuple(sorted({_whole("checkpoints", n, 0, MOST_SWEEPS) for n in _list("checkpoints", entries, [])})),
        _whole("seed", entries.get("seed", 0), 0),
        layers if any(layers) else (),
        tuple(sorted({_whole("committees", n, 1, seeds) for n in _list("committees", entries, [])})),
        variants if any(variants) else (),
    )
    _check_size(study, task)
    return study


def _check_size(study: Study, task: Task) -> None:
    """Check how large the study is, by counts, before anything of it is made.

    Raises:
        FamilyTreesError: it has too many networks, splits or held-out cases.
    """
    sizes = [size for size in study.held_out if isinstance(size, int)]
    drawn = study.splits * len(sizes)
    splits = drawn or len(study.named_splits(task))
    networks = len(study.recipes) * splits * study.seeds
    of = f" ({len(study.recipes):,} recipes x {splits:,} splits x {study.seeds:,} seeds)"
    check_count(networks, MOST_NETWORKS, f"networks{of}")
    check_count(drawn, MOST_DRAWN_SPLITS, "splits to draw")
    check_count(study.splits * sum(sizes), MOST_DRAWN_CASES, "held-out cases to draw, over all splits")


def _held_out(value: Any, task: Task) -> tuple[int, ...] | Literal["each"] | tuple[tuple[Case, ...], ...]:
    if value == "each":
        return "each"
    several = value if isinstance(value, list) else [value]
    if not several:
        raise FamilyTreesError("held_out: give a number, several numbers, lists of cases, or the text each")
    if not isinstance(several[0], list):
        check_count(len(several), MOST_LISTED, "numbers in held_out")
        sizes = tuple(_whole("held_out", n, 0, len(task.cases) - 1) for n in several)
        if len(set(sizes)) < len(sizes):
            twice = Counter(sizes).most_common(1)[0][0]
            raise FamilyTreesError(f"held_out: {twice} is named twice")
        return sizes
    for split in several:
        if not isinstance(split, list) or not split or not all(isinstance(text, str) for text in split):
            raise FamilyTreesError(
                f'held_out: {shown(split)} is not allowed; give a list of cases such as "Colin aunt"'
            )
    try:
        splits = tuple(task.find_cases(split) for split in several)
    except FamilyTreesError as problem:
        raise FamilyTreesError(f"held_out: {problem}") from None
    for split, times in Counter(splits).items():
        if times > 1:
            raise FamilyTreesError(f"held_out: {[str(case) for case in split]} is named twice; give it more seeds")
    return splits


def _combinations(departures: Any, together: int) -> list[tuple[str, dict[str, Any]]]:
    """No departure, each one alone, and each set of up to `together` that change different things."""
    if not isinstance(departures, dict) or not all(isinstance(changes, dict) for changes in departures.values()):
        raise FamilyTreesError('departures: give tables such as "no decay" = { decay = 0.0 }')
    for name, changes in departures.items():
        check_name("departures", name)
        if "epsilon" in changes and "epsilon_factor" in changes:
            raise FamilyTreesError(f"departures: {shown(name)} has epsilon and epsilon_factor; give one of the two")
    together = min(together, len(departures))
    sets = sum(math.comb(len(departures), several) for several in range(1, together + 1))
    check_count(sets, MOST_DEPARTURE_SETS, "sets of departures")
    found: list[tuple[str, dict[str, Any]]] = [("", {})]
    for several in range(1, together + 1):
        for names in combinations(departures, several):
            keys = [_changes(key) for name in names for key in departures[name]]
            if len(set(keys)) == len(keys):
                found.append((" + ".join(names), {k: v for name in names for k, v in departures[name].items()}))
    return found


def _changes(key: str) -> str:
    """What a key of a recipe changes."""
    return "epsilon" if key == "epsilon_factor" else key


def _recipes(
    tables: Any, departures: Sequence[tuple[str, dict[str, Any]]], axes: Any, task: Task
) -> tuple[tuple[Recipe, ...], tuple[LayerSizes | None, ...], tuple[Variant | None, ...]]:
    """Every recipe of the file, with every one of the departures and every combination of the axes.

    Returns:
        The recipes, and for each its layers and its successor.
    """
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise FamilyTreesError("recipes: give one or more tables [[recipes]]")
    if not isinstance(axes, dict) or not all(isinstance(several, list) and several for several in axes.values()):
        raise FamilyTreesError("axes: give lists of values, one for each key")
    for departure, changes in departures:
        for key in set(map(_changes, changes)) & set(map(_changes, axes)):
            raise FamilyTreesError(
                f"departures: {shown(departure)} and axes both change {key}; give it one of the two places"
            )
    count = len(tables) * len(departures) * math.prod(map(len, axes.values()))
    check_count(count, MOST_RECIPES, "recipes (combinations of recipes, departures and axes)")
    recipes, layers, variants = [], [], []
    bases: dict[str, Recipe] = dict(RECIPES)
    bases |= {name: successor_recipe(name, len(task.cases)) for name in SUCCESSORS}
    for table in tables:
        settings = dict(table)
        base = settings.pop("base", "published")
        if not isinstance(base, str) or base not in bases:
            raise FamilyTreesError(f"base: {shown(base)} is not a recipe; there are {', '.join(bases)}")
        name = settings.pop("name", base)
        if not isinstance(name, str):
            raise FamilyTreesError(f"name: {shown(name)} is not allowed; give a text")
        check_name("name", name)
        for (departure, changes), combination in product(departures, list(product(*axes.values()))):
            varied = dict(zip(axes, combination, strict=True))
            parts = (name, departure, *(f"{key} {_brief(value)}" for key, value in varied.items()))
            full = ", ".join(part for part in parts if part)
            combined = settings | changes | varied
            layers.append(_layer_sizes(combined.pop("layers")) if "layers" in combined else None)
            variants.append(_variant(base, combined))
            if variants[-1] is not None and layers[-1] is not None:
                raise FamilyTreesError(f"layers: not allowed for {shown(base)}, which has none; give size")
            recipes.append(_changed(bases[base], full, combined))
            if base in SUCCESSORS:
                same_penalty = with_decay_for(bases[base], recipes[-1].batch, len(task.cases))
                recipes[-1] = _changed(same_penalty, full, combined)
    for name, times in Counter(recipe.name for recipe in recipes).items():
        if times > 1:
            raise FamilyTreesError(f"recipes: two are called {shown(name)}; give each a name of its own")
    return tuple(recipes), tuple(layers), tuple(variants)


def _variant(base: str, settings: dict[str, Any]) -> Variant | None:
    """The successor that a recipe trains; None for the network of 1986. It takes its keys out of `settings`."""
    given = {key: settings.pop(key) for key in ("size", "shared", "squashed") if key in settings}
    if base not in SUCCESSORS:
        for key in given:
            raise FamilyTreesError(f"{key}: only for the bases {', '.join(SUCCESSORS)}")
        return None
    for key in ("shared", "squashed"):
        if not isinstance(given.get(key, False), bool):
            raise FamilyTreesError(f"{key}: {shown(given[key])} is not allowed; give true or false")
    if "size" in given:
        _whole("size", given["size"], 1, MAX_SIZE)
    return Variant(base, **given)


def _layer_sizes(value: Any) -> LayerSizes:
    """Units of the person code, the relation code, the central and the penultimate layer."""
    if not isinstance(value, list) or len(value) != 4:
        raise FamilyTreesError(f"layers: {shown(value)} is not allowed; give four whole numbers, such as [6, 6, 12, 6]")
    person_code, relation_code, central, penultimate = (_whole("layers", units, 1, MAX_LAYER_UNITS) for units in value)
    return person_code, relation_code, central, penultimate


def _changed(base: Recipe, name: str, settings: Mapping[str, Any]) -> Recipe:
    """`base` with settings as TOML gives them; `epsilon_factor` multiplies both step sizes."""
    new: dict[str, Any] = {}
    known = settings_of(PUBLISHED)
    if "epsilon" in settings and "epsilon_factor" in settings:
        raise FamilyTreesError(f"epsilon: {shown(name)} has epsilon and epsilon_factor; give one of the two")
    for key, value in settings.items():
        if key == "epsilon_factor":
            if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e9:
                raise FamilyTreesError(
                    f"epsilon_factor: {shown(value)} is not allowed; give a number above 0 and below 1e9"
                )
            new["epsilon"] = (base.epsilon[0] * value, base.epsilon[1] * value)
        elif key not in known:
            raise FamilyTreesError(f"{bare(key)}: no such key; a recipe has layers, epsilon_factor, {', '.join(known)}")
        elif isinstance(value, list):
            new[key] = tuple(value)
        elif isinstance(known[key], float) and isinstance(value, int) and not isinstance(value, bool):
            new[key] = float(value)
        else:
            new[key] = value
    changed = replace(base, name=name, **new)
    check_count(changed.sweeps, MOST_SWEEPS, "sweeps")
    if isinstance(changed.initial_range, tuple) and len(changed.initial_range) != len(COMPUTED_LAYERS):
        raise FamilyTreesError(
            f"initial_range: {list(changed.initial_range)} is not allowed; give a number, or {len(COMPUTED_LAYERS)}, "
            "one a layer"
        )
    return changed


def _list(key: str, entries: Mapping[str, Any], default: list[Any]) -> list[Any]:
    """The list of values at `key`; a single value is a list of one."""
    value = entries.get(key, default)
    several = value if isinstance(value, list) else [value]
    check_count(len(several), MOST_LISTED, f"numbers in {key}")
    return several


def _whole(key: str, value: Any, least: int, most: int | None = None) -> int:
    good = isinstance(value, int) and not isinstance(value, bool) and value >= least
    if not good or (most is not None and value > most):
        allowed = f"a whole number of at least {least}" + ("" if most is None else f" and at most {most}")
        raise FamilyTreesError(f"{key}: {shown(value)} is not allowed; give {allowed}")
    return int(value)


def _brief(value: Any) -> str:
    return "/".join(map(_brief, value)) if isinstance(value, list) else str(value)


def smaller(study: Study, networks: int, task: Task | None = None) -> Study:
    """`study` with at most `networks` networks for each recipe and held-out size, but at least one on each split."""
    named = len(study.named_splits(task or family_trees_task()))
    seeds = max(1, min(study.seeds, networks // named if named else networks))
    return replace(
        study,
        seeds=seeds,
        splits=0 if named else min(study.splits, networks // seeds),
        committees=tuple(members for members in study.committees if members <= seeds),
    )
