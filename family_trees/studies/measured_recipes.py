"""How well each recipe of the package was measured to learn."""

from __future__ import annotations

import csv
import json
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, get_type_hints

from family_trees.engine.recipe import Recipe, differences
from family_trees.support.data import data_file
from family_trees.support.intervals import Interval, share_interval, wilson
from family_trees.support.prose import interval

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from family_trees.models.training import Trained


class RecipeSummary(NamedTuple):
    """How well the networks of one recipe learned. Intervals are 95%."""

    recipe: str
    differences: str
    """The differences of the recipe from the paper, as JSON. They identify what was measured, whatever its name."""
    seed: int
    networks: int
    networks_learned: int
    """Networks with all their training cases right."""
    share_learned: float
    share_learned_low: float
    """Wilson's interval: networks are independent."""
    share_learned_high: float
    training_cases: int
    """Of each network."""
    mean_training_right: float
    mean_training_right_low: float
    """Bootstrap over networks: the cases of one network are not independent of each other. See `share_interval`."""
    mean_training_right_high: float
    held_out_cases: int
    """Of each network."""
    mean_held_out_right: float
    mean_held_out_right_low: float
    mean_held_out_right_high: float

    def text(self) -> str:
        """The measurement in one sentence."""
        share = interval((self.share_learned, self.share_learned_low, self.share_learned_high))
        return (
            f"{self.networks_learned:,} of {self.networks:,} networks learn all {self.training_cases} training cases, "
            f"{share.replace('(', '(95% interval ')}; "
            f"a network has {self.mean_training_right:.1f} of them right on average, "
            f"and {self.mean_held_out_right:.2f} of {self.held_out_cases} held-out cases"
        )


def summarise_recipe(trained: Trained) -> RecipeSummary:
    """A summary of trained networks, with intervals. All must have the same number of held-out cases."""
    networks, learned = len(trained.numbers), int(trained.learned.sum())
    training_right, held_out_right = trained.curve.training_right[:, -1], trained.curve.held_out_right[:, -1]
    training_cases, held_out_cases = int(trained.training_cases[0]), len(trained.held_out[0])
    return RecipeSummary(
        trained.recipe.name,
        json.dumps(differences(trained.recipe)),
        trained.seed,
        networks,
        learned,
        learned / networks,
        *wilson(learned, networks),
        training_cases,
        float(training_right.mean()),
        *_interval(training_right, training_cases),
        held_out_cases,
        float(held_out_right.mean()),
        *_interval(held_out_right, held_out_cases),
    )


def _interval(right: NDArray[np.int64], cases: int) -> Interval:
    """The interval of a mean number of right cases, of so many; without cases, 0."""
    low, high = share_interval(right / cases, cases) if cases else (0.0, 0.0)
    return Interval(low * cases, high * cases)


@cache
def measured_summaries() -> dict[str, RecipeSummary]:
    """The measured summaries of the package's recipes, by name, as scripts/measure_recipes.py wrote them."""
    kinds = get_type_hints(RecipeSummary)
    with data_file("recipes.csv").open(encoding="utf-8", newline="") as file:
        rows = [RecipeSummary(**{key: kinds[key](text) for key, text in row.items()}) for row in csv.DictReader(file)]
    return {row.recipe: row for row in rows}


def recipe_summary_table(summaries: list[RecipeSummary]) -> pd.DataFrame:
    """Summaries as a table, a row a recipe."""
    import pandas as pd

    return pd.DataFrame(summaries).round(4)


def recipe_summary(recipe: Recipe) -> RecipeSummary | None:
    """The measured summary of `recipe`; None if this very recipe was not measured."""
    found = measured_summaries().get(recipe.name)
    return found if found is not None and found.differences == json.dumps(differences(recipe)) else None
