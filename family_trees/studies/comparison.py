"""Comparisons of two recipes of a study, measure by measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from family_trees.studies.summaries import MEASURES, cases_of, with_measures
from family_trees.support.errors import FamilyTreesError
from family_trees.support.intervals import paired_interval

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

FEWEST_SPLITS = 5
"""With fewer splits a bootstrap over splits means little."""


class Comparison(NamedTuple):
    """Two recipes compared by one measure. Shares are between 0 and 1, differences between -1 and 1."""

    measure: str
    first: float
    second: float
    difference: float
    low: float
    high: float
    splits: int
    """The number of splits on which both recipes have networks. Each split gives one difference."""

    @property
    def has_enough_splits(self) -> bool:
        """Whether there are enough splits for a meaningful interval."""
        return self.splits >= FEWEST_SPLITS

    @property
    def differ(self) -> bool:
        """Whether the interval of the difference excludes 0, and there are enough splits."""
        return self.has_enough_splits and not self.low <= 0 <= self.high


def compare(networks: pd.DataFrame, first: str, second: str, sweep: int | None = None) -> list[Comparison]:
    """Two recipes of a study compared by each measure: the mean over splits of first minus second.

    Recipes share the splits, so each split gives one difference. The interval is a 95% bootstrap over the differences
    or, where these are all the same, Newcombe's: see `paired_interval`.

    Args:
        networks: the table `networks.csv` of a study.
        sweep: the checkpoint to compare at, by default the last one of each recipe.

    Raises:
        FamilyTreesError: a recipe or the checkpoint is not in the study, or the recipes have no split in common.
    """
    chosen = []
    for name in (first, second):
        of_recipe = networks[networks["recipe"] == name]
        if of_recipe.empty:
            raise FamilyTreesError(
                f"no recipe {name!r} in this study; there are {', '.join(networks['recipe'].unique())}"
            )
        at = of_recipe["sweep"].max() if sweep is None else sweep
        if at not in of_recipe["sweep"].to_numpy():
            points = ", ".join(map(str, sorted(of_recipe["sweep"].unique())))
            raise FamilyTreesError(f"no checkpoint after {at} sweeps for {name!r}; there are {points}")
        chosen.append(
            with_measures(of_recipe[of_recipe["sweep"] == at])
            .groupby(["held_out_cases", "split"])[[*MEASURES, "training_cases"]]
            .mean()
        )
    of_first, of_second = chosen
    differences = (of_first - of_second)[list(MEASURES)].dropna(how="all")
    if differences.empty:
        raise FamilyTreesError(f"{first!r} and {second!r} have no split in common")
    return [
        Comparison(
            MEASURES[measure],
            float(of_first.loc[each.index, measure].mean()),
            float(of_second.loc[each.index, measure].mean()),
            float(each.mean()),
            *paired_interval(
                of_first.loc[each.index, measure],
                of_second.loc[each.index, measure],
                _cases(of_first.loc[each.index], measure),
            ),
            len(each),
        )
        for measure in MEASURES
        if len(each := differences[measure].dropna())
    ]


def _cases(rows: pd.DataFrame, measure: str) -> npt.ArrayLike:
    """How many cases a measure is a share of, for each held-out size and split."""
    column = cases_of(measure)
    return 1 if column is None else rows.reset_index()[column]
