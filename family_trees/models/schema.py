"""What may stand in the description of a model file: every field, with its type and range, in one place.

A *rule* says what one value may be. `ABOUT` is the rule of the whole description. `save` and `load` hold their
descriptions against it, so no file is written that is refused when it is read. The ranges of the numbers of a recipe
stand in `Recipe` itself, which knows them for every recipe.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeAlias, get_args

from family_trees.engine.arithmetic import VERSION as ARITHMETIC
from family_trees.engine.recipe import Recipe
from family_trees.engine.units import UnitKind
from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import UNPRINTED, count, shown

FORMAT = "family-trees model"
"""The name of the format, which every model file holds."""


FORMAT_VERSION = 3
"""The version of the format. Version 1 had no course of learning, version 2 no fingerprint; both are still read."""


FINGERPRINT_FORMAT = 3
"""From this version of the format on, a file says which arithmetic made it, and has a fingerprint."""


MAX_ABOUT_BYTES = 50_000_000
"""The most bytes of a description."""


MAX_PARTS = 2_000_000
"""The most lists and tables in a description. In memory, an empty list is twenty times as large as its two bytes."""


MAX_TABLES = 1000
"""The most tables in a description: more than there can be layers."""


MAX_PEOPLE = 1_000_000
"""The most people, and the most units of a layer."""


MAX_RELATIONS = 100_000
"""The most relations."""


MAX_NAME_LENGTH = 300
"""The most characters of a name. Readers of family files cut names at 100, and then tell namesakes apart."""


MAX_LAYERS = 100
"""The most layers."""


MAX_ROWS = 1000
"""The most rows and columns of the matrix of a person."""


MAX_NUMBER = 2**128
"""Seeds and numbers of networks are below this: earlier versions took larger ones than `philox` does."""


Rule: TypeAlias = Callable[[Any], str | None]
"""What a value may be: a function that says what is wrong with it, after the rest of the path to it, such as "[3]: 7,
and should be a text". It gives None where nothing is."""


def text(most: int = MAX_NAME_LENGTH, without: str = "") -> Rule:
    """A text in one line, which may be printed: not blank, not too long, and without `without`."""

    def problem(value: Any) -> str | None:
        if not isinstance(value, str):
            return f": {shown(value)}, and should be a text"
        if not value.strip() or len(value) > most:
            return f": {shown(value)} has {count(len(value), 'character')}, and should have 1 to {most}, not blank"
        if not value.isprintable() and (found := UNPRINTED.search(value)):
            return f": {shown(value)} holds {found.group()!a}, which cannot be printed in a line"
        if without and without in value:
            return f": {shown(value)}, and should be without {without!r}"
        return None

    return problem


def whole(least: int, below: int) -> Rule:
    """A whole number from `least` up to, but not including, `below`."""

    def problem(value: Any) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value < below:
            return None
        most = f"{below - 1:,}" if below < 1e12 else f"{below:.1e}"
        return f": {shown(value)}, and should be a whole number of at least {least} and at most {most}"

    return problem


def one_of(*allowed: str) -> Rule:
    """One of some texts."""

    def problem(value: Any) -> str | None:
        if isinstance(value, str) and value in allowed:
            return None
        return f": {shown(value)}, and should be {' or '.join(allowed)}"

    return problem


def one_value(allowed: bool) -> Rule:
    """One truth value alone."""
    return lambda value: None if value is allowed else f": {shown(value)}, and should be {str(allowed).lower()}"


def optional(rule: Rule) -> Rule:
    """What another rule allows, or None."""
    return lambda value: None if value is None else rule(value)


def list_of(rule: Rule, least: int, most: int) -> Rule:
    """A list of so many values, each of which another rule allows."""

    def problem(value: Any) -> str | None:
        if not isinstance(value, list | tuple) or not least <= len(value) <= most:
            number = f"{least:,}" if least == most else f"{least:,} to {most:,}"
            return f": {shown(value)}, and should be a list of {number} values"
        for k, each in enumerate(value):
            if (found := rule(each)) is not None:
                return f"[{k}]{found}"
        return None

    return problem


def row(length: int) -> Rule:
    """A list of so many texts that all stand elsewhere in the description, where they are checked."""

    def problem(value: Any) -> str | None:
        if isinstance(value, list | tuple) and len(value) == length and all(isinstance(each, str) for each in value):
            return None
        return f": {shown(value)}, and should be a list of {length} texts"

    return problem


def table(required: Mapping[str, Rule], more: Mapping[str, Rule] | None = None) -> Rule:
    """A table with the required fields, perhaps some of the others, and nothing else."""
    rules = {**required, **(more or {})}

    def problem(value: Any) -> str | None:
        if not isinstance(value, dict):
            return f": {shown(value)}, and should be a table"
        for key in value:
            if key not in rules:
                return f": has a field {shown(key)}, which there is not"
        for key, rule in rules.items():
            if key in value:
                if (found := rule(value[key])) is not None:
                    return f".{key}{found}"
            elif key in required:
                return f".{key}: is missing"
        return None

    return problem


def settings_of_recipe(value: Any) -> str | None:
    """The rule of the fields of a `Recipe`, which checks most of them itself. Missing ones have its defaults."""
    if (found := RECIPE_FIELDS(value)) is not None:
        return found
    try:
        recipe_of(value)
    except FamilyTreesError as problem:
        return f".{problem}"
    return None


RECIPE_FIELDS = table({}, {each.name: lambda _value: None for each in fields(Recipe)} | {"name": text()})
"""The rule of the names of these fields, and of the name of the recipe."""


LAYER_NAME = text(100, without=" -> ")
"""The rule of the name of a layer. An arrow joins two of them in the name of an array."""


LAYER = table(
    {"name": LAYER_NAME, "units": whole(1, MAX_PEOPLE + 1)},
    {
        "sees": list_of(LAYER_NAME, 0, MAX_LAYERS),
        "copies": optional(LAYER_NAME),
        "kind": one_of(*(kind for kind in get_args(UnitKind) if kind != "threshold")),  # models were trained
    },
)
"""The rule of a layer."""


EMBEDDING = table(
    {
        "people": whole(1, MAX_PEOPLE + 1),
        "relations": whole(1, MAX_RELATIONS + 1),
        "rows": whole(1, MAX_ROWS + 1),
        "columns": whole(1, MAX_ROWS + 1),
        "shared": one_value(True),
        "squashed": one_value(False),
    }
)
"""The rule of a learner with vectors or matrices."""


def layers_or_embedding(value: Any) -> str | None:
    """The rule of an architecture: the list of the layers of a network, or the table of an `Embedding`."""
    return EMBEDDING(value) if isinstance(value, dict) else list_of(LAYER, 2, MAX_LAYERS)(value)


ABOUT = table(
    {
        "format": one_of(FORMAT),
        "format_version": whole(1, FORMAT_VERSION + 1),
        "version": text(100),
        "architecture": layers_or_embedding,
        "recipe": settings_of_recipe,
        "seed": whole(0, MAX_NUMBER),
        "network": whole(0, MAX_NUMBER),
        "people": list_of(text(), 1, MAX_PEOPLE),
        "relations": list_of(text(), 1, MAX_RELATIONS),
        "triples": list_of(row(3), 1, MAX_PARTS),
        "held_out": list_of(row(2), 0, MAX_PARTS),
    },
    {
        "precision": one_of("float64", "float32"),
        "arithmetic": optional(whole(1, ARITHMETIC + 1)),
        "fingerprint": text(64),
    },
)
"""The rule of a whole description. Earlier versions wrote the type of the weights, too, which now is always float64.
They wrote no version of the arithmetic and no fingerprint."""


def checked(about: Any) -> dict[str, Any]:
    """A description, held against `ABOUT`.

    Raises:
        ValueError: a field is missing, unknown, or not allowed; names the field.
    """
    if (found := ABOUT(about)) is not None:
        raise ValueError(found.removeprefix(".").removeprefix(": "))
    for key in ("arithmetic", "fingerprint") if about["format_version"] >= FINGERPRINT_FORMAT else ():
        if key not in about:
            raise ValueError(f"{key}: is missing")
    description: dict[str, Any] = about
    return description


def recipe_of(settings: Mapping[str, Any]) -> Recipe:
    """The recipe with these settings, as JSON has them.

    Raises:
        FamilyTreesError: one is not allowed.
    """
    values: dict[str, Any] = {k: tuple(value) if isinstance(value, list) else value for k, value in settings.items()}
    return Recipe(**values)


def parse(raw: bytes) -> Any:
    """The value that a JSON text holds.

    Raises:
        ValueError: the text is none, or is too deep or too large to be a description.
    """
    if raw.count(b"[") + raw.count(b"{") > MAX_PARTS:
        raise ValueError(f"its description has more than {MAX_PARTS:,} lists and tables")
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_Tables(), parse_constant=_no_constant)
    except RecursionError as problem:
        raise ValueError("its description has brackets in brackets in brackets without end") from problem


class _Tables:
    """Makes the tables of a description. Refuses a field that is there twice, and more tables than layers may need."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self.made += 1
        if self.made > MAX_TABLES:
            raise ValueError(f"its description has more than {MAX_TABLES} tables")
        made = dict(pairs)
        if len(made) < len(pairs):
            raise ValueError(f"a field of its description is there twice: {shown(sorted(key for key, _ in pairs))}")
        return made


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")
