"""What may stand in the description of a model file: every field, with its type and range, in one place.

A *rule* says what one value may be. `ABOUT` is the rule of the whole description. `save` and `load` hold their
descriptions against it, so no file is written that is refused when it is read. The ranges of the numbers of a recipe
stand in `Recipe` itself, which knows them for every recipe.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, get_args

from family_trees.engine.arrays import Precision
from family_trees.engine.recipe import Recipe
from family_trees.engine.units import UnitKind
from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import UNPRINTED, count, shown

FORMAT = "family-trees model"
"""The name of the format, which every model file holds."""


FORMAT_VERSION = 2
"""The version of the format. Version 1 had no course of learning; it is still read."""


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


MAX_NUMBER = 2**128
"""Seeds and numbers of networks are below this."""


class Rule(Protocol):
    """What a value may be."""

    def problem(self, value: Any) -> str | None:
        """What is wrong with `value`, after the rest of the path to it: "[3]: 7, and should be a text". None: fine."""


@dataclass(frozen=True)
class Text:
    """A text in one line, which may be printed: not blank, and not too long."""

    most: int = MAX_NAME_LENGTH
    without: str = ""
    """What may not stand in it."""

    def problem(self, value: Any) -> str | None:
        """See `Rule`."""
        if not isinstance(value, str):
            return f": {shown(value)}, and should be a text"
        if not value.strip() or len(value) > self.most:
            return f": {shown(value)} has {count(len(value), 'character')}, and should have 1 to {self.most}, not blank"
        if not value.isascii() or not value.isprintable():
            found = UNPRINTED.search(value)
            if found:
                return f": {shown(value)} holds {found.group()!a}, which cannot be printed in a line"
        if self.without and self.without in value:
            return f": {shown(value)}, and should be without {self.without!r}"
        return None


@dataclass(frozen=True)
class Whole:
    """A whole number from `least` up to, but not including, `below`."""

    least: int
    below: int

    def problem(self, value: Any) -> str | None:
        """See `Rule`."""
        if isinstance(value, int) and not isinstance(value, bool) and self.least <= value < self.below:
            return None
        most = f"{self.below - 1:,}" if self.below < 1e12 else f"{self.below:.1e}"
        return f": {shown(value)}, and should be a whole number of at least {self.least} and at most {most}"


@dataclass(frozen=True)
class OneOf:
    """One of some texts, or None where that is among them."""

    allowed: tuple[str | None, ...]

    def problem(self, value: Any) -> str | None:
        """See `Rule`."""
        if any(value == each and type(value) is type(each) for each in self.allowed):
            return None
        return f": {shown(value)}, and should be {' or '.join(map(str, self.allowed))}"


@dataclass(frozen=True)
class Optional:
    """What another rule allows, or None."""

    rule: Rule

    def problem(self, value: Any) -> str | None:
        """See `Rule`."""
        return None if value is None else self.rule.problem(value)


@dataclass(frozen=True)
class ListOf:
    """A list of so many values, each of which another rule allows."""

    rule: Rule
    least: int
    most: int

    def problem(self, value: Any) -> str | None:
        """See `Rule`."""
        if not isinstance(value, list | tuple) or not self.least <= len(value) <= self.most:
            number = f"{self.least:,}" if self.least == self.most else f"{self.least:,} to {self.most:,}"
            return f": {shown(value)}, and should be a list of {number} values"
        for k, each in enumerate(value):
            if (found := self.rule.problem(each)) is not None:
                return f"[{k}]{found}"
        return None


@dataclass(frozen=True)
class Row:
    """A list of so many texts that all stand elsewhere in the description, where they were checked."""

    length: int

    def problem(self, value: Any) -> str | None:
        """See `Rule`."""
        if isinstance(value, list | tuple) and len(value) == self.length and all(isinstance(e, str) for e in value):
            return None
        return f": {shown(value)}, and should be a list of {self.length} texts"


@dataclass(frozen=True)
class Fields:
    """A table with these fields and no others."""

    required: Mapping[str, Rule]
    optional: Mapping[str, Rule] = field(default_factory=dict)

    def problem(self, value: Any) -> str | None:
        """See `Rule`."""
        if not isinstance(value, dict):
            return f": {shown(value)}, and should be a table with {', '.join(self.required) or 'fields'}"
        rules = {**self.required, **self.optional}
        for key in value:
            if key not in rules:
                return f": has a field {shown(key)}, which there is not"
        for key, rule in rules.items():
            if key in value:
                if (found := rule.problem(value[key])) is not None:
                    return f".{key}{found}"
            elif key in self.required:
                return f".{key}: is missing"
        return None


@dataclass(frozen=True)
class OfRecipe:
    """The fields of a `Recipe`, which checks them itself. Those that are missing have its defaults."""

    name: Text = Text()

    def problem(self, value: Any) -> str | None:
        """See `Rule`."""
        known = Fields({}, {each.name: Anything() for each in fields(Recipe)} | {"name": self.name})
        if (found := known.problem(value)) is not None:
            return found
        try:
            recipe_of(value)
        except FamilyTreesError as problem:
            return f".{problem}"
        return None


@dataclass(frozen=True)
class Anything:
    """Any value: another check follows."""

    def problem(self, value: Any) -> str | None:  # noqa: ARG002
        """See `Rule`."""
        return None


LAYER_NAME = Text(100, without=" -> ")  # the arrow joins two names in the name of an array

ABOUT = Fields(
    {
        "format": OneOf((FORMAT,)),
        "format_version": Whole(1, FORMAT_VERSION + 1),
        "version": Text(100),
        "architecture": ListOf(
            Fields(
                {"name": LAYER_NAME, "units": Whole(1, MAX_PEOPLE + 1)},
                {
                    "sees": ListOf(LAYER_NAME, 0, MAX_LAYERS),
                    "copies": Optional(LAYER_NAME),
                    "kind": OneOf(get_args(UnitKind)),
                },
            ),
            *(2, MAX_LAYERS),
        ),
        "recipe": OfRecipe(),
        "precision": OneOf(get_args(Precision)),
        "seed": Whole(0, MAX_NUMBER),
        "network": Whole(0, MAX_NUMBER),
        "people": ListOf(Text(), 1, MAX_PEOPLE),
        "relations": ListOf(Text(), 1, MAX_RELATIONS),
        "triples": ListOf(Row(3), 1, MAX_PARTS),
        "held_out": ListOf(Row(2), 0, MAX_PARTS),
    }
)
"""The rule of a whole description."""


def checked(about: Any) -> dict[str, Any]:
    """A description, held against `ABOUT`.

    Raises:
        ValueError: a field is missing, unknown, or not allowed; names the field.
    """
    if (found := ABOUT.problem(about)) is not None:
        raise ValueError(found.removeprefix(".").removeprefix(": "))
    table: dict[str, Any] = about
    return table


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
        table = dict(pairs)
        if len(table) < len(pairs):
            raise ValueError(f"a field of its description is there twice: {shown(sorted(key for key, _ in pairs))}")
        return table


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")
