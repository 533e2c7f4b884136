"""Where raw tables of studies are read and results are written; shares with their intervals."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from family_trees.engine.recipe import Recipe
from family_trees.studies.rows import COLUMNS
from family_trees.studies.summaries import read_table
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import read_limited, write_text
from family_trees.views.studies_report.needs import NEEDS, unmet

CRITERIA = ("held_out_share", "held_out_share_margins", "held_out_share_best")
"""The measures of a summary that say how many held-out cases are right."""

SHOWN_CRITERIA = {"held_out_share_best": "by best unit", "held_out_share": "Hinton's criterion"}
"""Those that figures show, and how figures call them. By margins hardly any case is right."""

Tables = Callable[[str], pd.DataFrame]
"""What reads a table that the report has written, by the name of its file."""


SOME = 0.1
"""The share of networks from which a change is said to mend the recipe for some of them."""


MOST_BYTES = 100_000_000
"""The most bytes of a study.json, and of numbers.json."""


@dataclass(frozen=True)
class Desk:
    """Where raw tables are read and results are written."""

    studies: Path
    """A folder for each study, as `family-trees study` wrote it."""
    out: Path
    choice: Path
    """The table of the search for the best recipe, best-choice.csv."""

    def read(self, study: str, table: str = "networks") -> pd.DataFrame:
        """A raw table of a study that has what the report needs of it.

        Raises:
            FamilyTreesError: it is not there, or no table, or of a study with other settings; says which, and how to
                make it.
        """
        found = read_table(self._path(study, f"{table}.csv"), COLUMNS[table])
        if fault := unmet(NEEDS[study], found):
            raise self.refusal(study, fault)
        if other := set(found["recipe"].astype(str)) - set(self.recipes(study)):
            raise self.refusal(study, f"study.json does not describe the recipe {min(other)!r} of {table}.csv")
        return found

    def refusal(self, study: str, fault: str) -> FamilyTreesError:
        """The error that a study has other settings than the report tells of."""
        needed = f"the report needs the study of scripts/studies/{study}.toml"
        return FamilyTreesError(f"{self.studies / study}: {fault}; {needed}")

    def has(self, study: str) -> bool:
        """Whether a study was run that the report can do without."""
        return (self.studies / study).is_dir()

    def recipes(self, study: str) -> dict[str, Recipe]:
        """The recipes of a study by their names, as the study was run.

        Raises:
            FamilyTreesError: the study is not there, or its study.json is damaged.
        """
        path = self._path(study, "study.json")
        try:
            described: list[dict[str, Any]] = json.loads(read_limited(path, MOST_BYTES, "study.json"))["recipes"]
            recipes = [_recipe(each) for each in described]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            raise FamilyTreesError(f"{path}: is damaged: it does not describe a study; run the study again") from None
        except FamilyTreesError as problem:
            raise FamilyTreesError(f"{path}: is damaged: {problem}") from None
        return {recipe.name: recipe for recipe in recipes}

    def searched(self) -> pd.DataFrame:
        """The table of the search for the best recipe.

        Raises:
            FamilyTreesError: it is not there; says how to make it.
        """
        if not self.choice.is_file():
            raise FamilyTreesError(f"{self.choice}: not there; scripts/choose_best.py writes it")
        return _read_csv(self.choice)

    def table(self, table: pd.DataFrame, name: str) -> pd.DataFrame:
        """Write a table of the results; give it back."""
        write_text(self.out / name, table.to_csv(index=False, lineterminator="\n"))
        return table

    def _path(self, study: str, name: str) -> Path:
        path = self.studies / study / name
        if not path.is_file():
            command = f"family-trees study scripts/studies/{study}.toml --out {self.studies / study}"
            raise FamilyTreesError(f"{path}: not there; run {command!r} first")
        return path


def _recipe(settings: dict[str, Any]) -> Recipe:
    """A recipe as study.json describes it, with lists for pairs."""
    pairs: dict[str, Any] = {key: tuple(value) for key, value in settings.items() if isinstance(value, list)}
    return Recipe(**{**settings, **pairs})


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as problem:
        raise FamilyTreesError(f"{path}: cannot be read: {' '.join(str(problem).split())}") from None


def share(row: pd.Series, measure: str) -> list[float]:
    """A measure of a row of a summary, and the ends of its interval."""
    return [float(row[f"{measure}{end}"]) for end in ("", "_low", "_high")]


def tables_in(*folders: Path) -> Tables:
    """What reads the tables of a report, from the first folder that has them.

    Raises:
        FamilyTreesError: on reading, a table is not there, or is damaged.
    """

    def table(name: str) -> pd.DataFrame:
        return _read_csv(next((path for folder in folders if (path := folder / name).is_file()), folders[-1] / name))

    return table


def by_criterion(table: pd.DataFrame) -> pd.DataFrame:
    """A summary with a row for each of `SHOWN_CRITERIA`: columns `criterion`, and `right` with its interval."""
    rows = []
    for measure, words in SHOWN_CRITERIA.items():
        names = {f"{measure}{end}": f"right{end}" for end in ("", "_low", "_high")}
        rows.append(table.rename(columns=names).assign(criterion=words))
    return pd.concat(rows)


def at(table: pd.DataFrame, recipe: str, sweep: int) -> pd.Series:
    """The row of a recipe and checkpoint."""
    return table[(table["recipe"] == recipe) & (table["sweep"] == sweep)].iloc[0]


def last(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of each recipe after its last sweep."""
    return table[table["sweep"] == table.groupby("recipe")["sweep"].transform("max")]


def by_twins(desk: Desk, study: str, cases: pd.DataFrame) -> list[tuple[float, pd.Series]]:
    """Of cases with a twin that was trained on, and of those without: the mean share right, and that of each split.

    Raises:
        FamilyTreesError: the study, of which the cases are, holds out no case of one of the two kinds.
    """
    found = []
    for kind, some in (("with", cases["twins_left"] > 0), ("without", cases["twins_left"] == 0)):
        if not some.any():
            raise desk.refusal(study, f"it holds out no case {kind} a twin to learn from")
        by_split = cases[some].groupby("split")["right"].mean()
        found.append((float(by_split.mean()), by_split))
    return found
