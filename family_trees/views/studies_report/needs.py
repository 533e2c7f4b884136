"""What the report needs of each study: recipes, checkpoints and held-out cases. Tables of other settings are refused.

The words and figures of the report are about the studies of `scripts/studies`. A study of the same name may have been
run with other settings, and its tables are valid all the same. What the report cannot tell is looked for here, once,
before a section begins.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product

import pandas as pd

from family_trees.families.of_1986 import family_trees_task

FEWEST_SPLITS = 2
"""With a single split nothing can be said about how splits differ."""


@dataclass(frozen=True)
class Needs:
    """What the report needs of one study."""

    recipes: tuple[str, ...]
    """Patterns of names: each fits a recipe, and each recipe fits one of them. `<number>` stands for a number and
    `<any>` for any text. Patterns with numbers are a grid: each must have recipes with all combinations."""
    sweeps: tuple[int, ...] = ()
    """Checkpoints that every recipe must have."""
    held_out: int | None = None
    """How many cases every network must hold out; None for any number but 0."""
    all_cases: bool = False
    """Whether every case must be held out by some network."""


SIGNALS = ("squared", "cross-entropy")
"""How the recipes of the maps of step size and initial range begin: by their error signals."""


BOTH = ("larger-steps", "cross-entropy")


LEARNERS = ("matrices", "vectors", "network of 1986")
"""The recipes of the studies of the successors, in the order of the tables."""


DIFFERENCES = (
    "matrices without the penalty",
    "matrices with other codes as answers",
    "matrices, tanh units after the product",
    "matrices of 2 x 2",
    "matrices of 4 x 4",
    "network of 1986, softmax answers, five times the decay",
)
"""Recipes with a difference, of which the report tells."""


LESS_DECAY = ("network of 1986, softmax answers", "network of 1986, softmax answers, twice the decay")
"""The last of the `DIFFERENCES` with less decay."""


_MAP = tuple(f"{signal}, epsilon_factor <number>, initial_range <number>" for signal in SIGNALS)
_ALONE = ("published<any>, initial_range <number>",)


NEEDS: Mapping[str, Needs] = {
    "published-ranges": Needs(("published, initial_range <number>",)),
    "race": Needs(("published, from 0.3", "published, from 2", "larger-steps, from 3"), (20, 1500)),
    "window": Needs(_MAP, (1500,)),
    "smallest-change": Needs(_MAP, (1500,)),
    "departures": Needs((*_ALONE, "published, <any>0 sweeps, initial_range <number>")),
    "pairs": Needs((*_ALONE, "published, <any> + <any>, initial_range <number>")),
    "held-out": Needs(BOTH, (500, 1500, 5000, 20000), held_out=4),
    "held-out-sizes": Needs(("larger-steps",), (5000,)),
    "each-case": Needs(("larger-steps",), (5000,), held_out=1, all_cases=True),
    "twins": Needs(("larger-steps",), (5000,)),
    "committees": Needs(("larger-steps",), (5000,), held_out=4),
    "then-and-now": Needs(("logistic units (1986)", "published, as printed", "<any>")),
    "then-and-now-search": Needs(("<any>",)),
    "then-and-now-steps": Needs(("<any>",)),
    "best": Needs(("best",), held_out=4),
    "best-sizes": Needs(("best",)),
    "best-committees": Needs(("best",), held_out=4),
    "successors": Needs(LEARNERS, held_out=4),
    "successors-sizes": Needs(LEARNERS),
    "successors-each": Needs(("matrices", "vectors"), held_out=1, all_cases=True),
    "successors-committees": Needs(LEARNERS),
    "both-ways": Needs(LEARNERS),
    "what-decides": Needs((*LEARNERS, *DIFFERENCES, *LESS_DECAY, "<any>")),
}
"""Of each study of `scripts/studies`."""


def unmet(needs: Needs, table: pd.DataFrame) -> str:
    """What is missing or unexpected in a table of a study, in words; nothing if the report can tell of it.

    Args:
        table: the table `networks.csv`, `cases.csv` or `committees.csv` of the study.
    """
    table = table.astype({"recipe": str})  # a name that is all digits was read as a number
    names = list(dict.fromkeys(table["recipe"]))
    if fault := _unmet_names(needs.recipes, names):
        return fault
    of_recipe = table.groupby("recipe")["sweep"].unique()
    for name, sweep in product(names, needs.sweeps):
        if sweep not in of_recipe[name]:
            return f"recipe {name!r} has no checkpoint after {sweep} sweeps; there are {_listed(of_recipe[name])}"
    sizes = sorted(table["held_out_cases"].unique())
    if needs.held_out is not None and sizes != [needs.held_out]:
        return f"networks hold out {_listed(sizes)} cases, not {needs.held_out}"
    if 0 in sizes:
        return "networks hold out no cases"
    if (splits := table["split"].nunique()) < FEWEST_SPLITS:
        return f"it has {splits} split; at least {FEWEST_SPLITS} are needed"
    return _unmet_cases(needs, table) if "person" in table else ""


def _unmet_names(patterns: Collection[str], names: Collection[str]) -> str:
    """Which recipe is missing or unexpected."""
    fitting = {
        pattern: [match for name in names if (match := _pattern(pattern).fullmatch(name))] for pattern in patterns
    }
    for pattern, matches in fitting.items():
        if not matches:
            return f"it has no recipe {pattern!r}; there are {_listed(names)}"
    known = {match.string for matches in fitting.values() for match in matches}
    if unexpected := [name for name in names if name not in known]:
        return f"recipe {unexpected[0]!r} is unexpected; the report tells of {_listed(patterns)}"
    numbers = {
        pattern: {tuple(map(float, match.groups())) for match in matches} for pattern, matches in fitting.items()
    }
    grid = set(product(*map(set, zip(*set().union(*numbers.values()), strict=True))))
    for pattern, found in numbers.items():
        for missing in sorted(grid - found):
            return f"it has no recipe {_filled(pattern, missing)!r}"
    return ""


def _unmet_cases(needs: Needs, cases: pd.DataFrame) -> str:
    """Which held-out case is missing or unknown."""
    found = set(zip(cases["person"].astype(str), cases["relation"].astype(str), strict=True))
    known = {(case.person, case.relation) for case in family_trees_task().cases}
    if unknown := sorted(found - known):
        return f"it holds out {' '.join(unknown[0])!r}, which is no case of 1986"
    if needs.all_cases and (missing := sorted(known - found)):
        return f"no network holds out {' '.join(missing[0])!r}; every case must be held out"
    return ""


def _pattern(pattern: str) -> re.Pattern[str]:
    number = r"(\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
    return re.compile(re.escape(pattern).replace("<number>", number).replace("<any>", ".*"))


def _filled(pattern: str, numbers: Collection[float]) -> str:
    for number in numbers:
        pattern = pattern.replace("<number>", f"{number:g}", 1)
    return pattern


def _listed(found: Collection[object], most: int = 4) -> str:
    """The first few of them, and how many more there are."""
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(str(each) for each in list(found)[:most]) + more
