"""Recipes: every number that a training depends on, as data.

`published` is the paper to the letter (the caption of Nature, fig. 4). Every other recipe is defined, and printed, by
its differences from that one. So it is always clear what differs from the paper.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from family_trees.engine.network import BIAS, Architecture, Layer
from family_trees.engine.units import ErrorSignal, UnitKind
from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import shown

HiddenKind = Literal["logistic", "tanh", "relu", "leaky-relu", "elu"]


SWEEPS_LIMIT = 1_000_000_000
"""Sweeps, and cases of a batch, are fewer than this. The network of 1986 would need days for so many sweeps."""


MAX_RANGES = 100
"""The most initial ranges, one for each layer that computes."""


SIGNAL_FORMULAS: dict[ErrorSignal, str] = {
    "squared": "(y - d) y (1 - y), that of squared error",
    "cross-entropy": "y - d, that of cross-entropy",
    "softmax": "y - d, that of cross-entropy over softmax units",
}
"""The formula of dE/dx of an output unit, for each error signal."""


@dataclass(frozen=True, repr=False)
class Recipe:
    """How a network is trained. The defaults are the printed numbers; only `initial_range` is a guess.

    Raises:
        FamilyTreesError: a value is outside its range; names value and range.
    """

    name: str = "published"
    sweeps: int = 1500
    """Sweeps through all training cases; the weights change once a sweep."""
    epsilon: tuple[float, float] = (0.005, 0.01)
    """Step size of equation 9, in the first phase and after it."""
    alpha: tuple[float, float] = (0.5, 0.9)
    """Momentum of equation 9, in the first phase and after it."""
    first_phase: int = 20
    """Sweeps in the first phase."""
    decay: float = 0.002
    """The share of itself that every weight loses after each weight change."""
    margin: float = 0.2
    """A unit within this distance of its desired activity has no error: with 0.2, on above 0.8 and off below 0.2."""
    initial_range: float | tuple[float, ...] = 0.3
    """Initial weights are uniform between minus this number and this number. A tuple has one number for each layer
    that computes, lowest first. It is a guess: the paper prints 0.3 for the symmetry network (fig. 1) and nothing for
    this one."""
    error_signal: ErrorSignal = "squared"
    """The formula of dE/dx of an output unit: see `SIGNAL_FORMULAS`."""
    units: HiddenKind = "logistic"
    """The kind of the hidden units."""
    batch: int = 0
    """Cases for each weight change, in an order drawn anew for every sweep. 0 means all training cases at once."""
    averaged: bool = False
    """Whether the gradient is averaged, not summed, over the cases of a weight change."""
    fan_in: bool = False
    """Whether the epsilon of a weight is divided by the number of units that its upper unit sees."""
    decay_from: int = 1
    """The first sweep that ends with decay."""
    decay_biases: bool = True
    """Whether biases decay, "treated just like the other weights"."""
    biases: bool = True
    """Whether there are biases at all."""

    def __repr__(self) -> str:
        return f"Recipe({self.name!r}: {describe(self)})"

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise FamilyTreesError(f"name: {shown(self.name)} is not allowed; give a text")
        self._check("sweeps", self.sweeps, 0, SWEEPS_LIMIT, whole=True)
        for key, pair in (("epsilon", self.epsilon), ("alpha", self.alpha)):
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise FamilyTreesError(f"{key}: {shown(pair)} is not allowed; give two numbers, one a phase")
        for epsilon in self.epsilon:
            self._check("epsilon", epsilon, 0, None, open_low=True)
        for alpha in self.alpha:
            self._check("alpha", alpha, 0, 1)
        self._check("first_phase", self.first_phase, 0, SWEEPS_LIMIT, whole=True)
        self._check("decay", self.decay, 0, 1)
        self._check("margin", self.margin, 0, 0.5)
        if isinstance(self.initial_range, tuple) and not 1 <= len(self.initial_range) <= MAX_RANGES:
            raise FamilyTreesError(
                f"initial_range: {shown(self.initial_range)} is not allowed; give one number, or one for each layer"
            )
        for reach in self.initial_range if isinstance(self.initial_range, tuple) else (self.initial_range,):
            self._check("initial_range", reach, 0, 1000, open_low=True)
        self._check("batch", self.batch, 0, SWEEPS_LIMIT, whole=True)
        self._check("decay_from", self.decay_from, 1, SWEEPS_LIMIT, whole=True)
        for key, kinds in (("error_signal", ErrorSignal), ("units", HiddenKind)):
            if getattr(self, key) not in get_args(kinds):
                allowed = ", ".join(get_args(kinds))
                raise FamilyTreesError(f"{key}: {shown(getattr(self, key))} is not allowed; give one of {allowed}")
        for key in ("averaged", "fan_in", "decay_biases", "biases"):
            if not isinstance(getattr(self, key), bool):
                raise FamilyTreesError(f"{key}: {shown(getattr(self, key))} is not allowed; give true or false")
        if self.error_signal == "softmax" and self.margin:
            raise FamilyTreesError(f"margin: {self.margin!r} is not allowed with softmax; give 0")

    @staticmethod
    def _check(
        key: str, value: object, low: float, high: float | None, *, whole: bool = False, open_low: bool = False
    ) -> None:
        """Refuse a value that is not a number from `low` (excluded with `open_low`) up to, but not including, `high`.

        With `whole`, the number must be a whole one.
        """
        kinds = int if whole else (int, float)
        good = (
            isinstance(value, kinds)
            and not isinstance(value, bool)
            and (value > low if open_low else value >= low)
            and (value <= sys.float_info.max if high is None else value < high)  # neither infinite nor NaN
        )
        if not good:
            kind = "a whole number" if whole else "a number"
            allowed = f"{kind} {'above' if open_low else 'of at least'} {low:g}"
            allowed += "" if high is None else f" and below {high:,}"
            raise FamilyTreesError(f"{key}: {shown(value)} is not allowed; give {allowed}")

    def phase(self, sweep: int) -> tuple[float, float]:
        """The epsilon and alpha of a sweep, counted from 1."""
        k = 0 if sweep <= self.first_phase else 1
        return self.epsilon[k], self.alpha[k]

    def apply_to(self, architecture: Architecture) -> Architecture:
        """`architecture` with the units of this recipe, and without biases if the recipe has none.

        Where the recipe has logistic hidden units, hidden layers keep the kind that they have.
        """

        def kind(layer: Layer) -> UnitKind:
            if layer is architecture.output:
                return "softmax" if self.error_signal == "softmax" else "logistic"
            return layer.kind if self.units == "logistic" else self.units

        def sees(layer: Layer) -> tuple[str, ...]:
            return tuple(seen for seen in layer.sees if self.biases or seen != BIAS)

        return Architecture(
            tuple(
                replace(layer, kind=kind(layer), sees=sees(layer)) if layer.sees else layer
                for layer in architecture.layers
            )
        )

    def with_settings(self, settings: Iterable[str]) -> Recipe:
        """This recipe with the values in texts such as "alpha=0.5,0.8". A single number sets both phases of a pair.

        Raises:
            FamilyTreesError: a text is no setting, its key does not exist, or its value is outside its range.
        """
        changed: dict[str, Any] = {}
        known = settings_of(PUBLISHED)
        for setting in settings:
            key, equals, text = setting.partition("=")
            key = key.strip().replace("-", "_")
            if not equals or key not in known:
                raise FamilyTreesError(
                    f"recipe setting {shown(setting)}: give KEY=VALUE, with KEY one of {', '.join(known)}"
                )
            changed[key] = _parse(key, text.strip(), known[key])
        new = replace(self, **changed)
        return self if new == self else replace(new, name=f"{self.name}, changed")


PUBLISHED = Recipe()
"""The paper to the letter."""


LARGER_STEPS = replace(PUBLISHED, name="larger-steps", epsilon=(0.03, 0.06), initial_range=3.0)
"""Only the step size is changed, and the initial range set. Equations, schedule, decay and margins are the paper's."""


CROSS_ENTROPY = replace(PUBLISHED, name="cross-entropy", error_signal="cross-entropy", initial_range=3.0)
"""Only the error signal of the output is changed, and the initial range set. Every printed number is kept."""


SMALL_BATCHES = replace(
    PUBLISHED,
    name="small-batches",
    error_signal="cross-entropy",
    batch=20,
    epsilon=(0.0007, 0.007),
    decay=0.0,
    margin=0.0,
    initial_range=1.0,
    sweeps=1000,
)
"""The recipe for families of any size. Batches of 20 cases keep a step from growing with the family. It was chosen by
the rule and the measurement of scripts/choose_own_recipe.py, which looks at training cases alone."""


RECIPES = {recipe.name: recipe for recipe in (PUBLISHED, LARGER_STEPS, CROSS_ENTROPY, SMALL_BATCHES)}
"""The recipes that ship with the package, by name."""


DEFAULT = LARGER_STEPS
"""The default recipe: the one that learns with the fewest and smallest departures from the paper. It was chosen by the
rule and the measurement of scripts/choose_recipe.py, which looks at training cases alone."""


def find_recipe(name: str) -> Recipe:
    """The recipe called `name`.

    Raises:
        FamilyTreesError: there is none; suggests the nearest name.
    """
    if name in RECIPES:
        return RECIPES[name]
    from difflib import get_close_matches  # it is slow to import, and only an error needs it

    near = get_close_matches(name.lower(), RECIPES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(RECIPES)}"
    raise FamilyTreesError(f"unknown recipe {shown(name)}; {hint}")


def _parse(key: str, text: str, like: Any) -> Any:
    """The value written as `text`, in the type of `like`."""
    if isinstance(like, bool):
        return {"true": True, "false": False}.get(text.lower(), text)
    try:
        if isinstance(like, tuple):
            numbers = [float(each) for each in text.split(",")]
            return tuple(numbers * 2 if len(numbers) == 1 else numbers)
        if isinstance(like, float) and "," in text:
            return tuple(float(each) for each in text.split(","))
        return type(like)(text)
    except ValueError:
        kind = "a whole number" if isinstance(like, int) else "a number, or one a phase such as 0.5,0.9"
        raise FamilyTreesError(f"{key}: {shown(text)} is not allowed; give {kind}") from None


UNPRINTED_SETTINGS = frozenset({"initial_range"})
"""Settings for which the paper prints no number. Any choice of them is a guess, and none is a departure."""


def settings_of(recipe: Recipe) -> dict[str, Any]:
    """Every setting of a recipe by its key, except the name."""
    return {field.name: getattr(recipe, field.name) for field in fields(recipe) if field.name != "name"}


def differences(recipe: Recipe) -> dict[str, Any]:
    """The settings in which `recipe` differs from `PUBLISHED`, with the values of `recipe`."""
    printed = settings_of(PUBLISHED)
    return {key: value for key, value in settings_of(recipe).items() if value != printed[key]}


def describe(recipe: Recipe) -> str:
    """The differences of `recipe` from the paper, in one line of words."""
    differing = [_difference_words(key, value) for key, value in differences(recipe).items()]
    return "; ".join(differing) if differing else "the paper to the letter"


def _difference_words(key: str, value: Any) -> str:
    printed = settings_of(PUBLISHED)[key]
    words = key.replace("_", " ")
    if key in UNPRINTED_SETTINGS:
        return f"{words} {_show(value)} (not printed)"
    if key == "error_signal":
        return f"dE/dx at the output {SIGNAL_FORMULAS[value]}, printed {SIGNAL_FORMULAS[printed]}"
    factors = {round(each / base, 6) for each, base in zip(value, printed, strict=True)} if key == "epsilon" else set()
    if len(factors) == 1 and math.isfinite(factor := factors.pop()):
        return f"{words} {_show(value)}, {factor:g} times the printed"
    return f"{words} {_show(value)}, printed {_show(printed)}"


def _show(value: Any) -> str:
    if isinstance(value, tuple):
        return " then ".join(_show(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
