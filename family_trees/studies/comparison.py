"""Whether two recipes of a study differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from family_trees.studies.summaries import MEASURES, with_measures
from family_trees.support.errors import FamilyTreesError
from family_trees.support.intervals import bootstrap_mean

if TYPE_CHECKING:
    import pandas as pd

FEWEST_SPLITS = 5
"""With fewer, a bootstrap over splits says nothing: with one, its interval has no width."""


class Comparison(NamedTuple):
    """Two recipes by one measure; all numbers are shares between 0 and 1."""

    measure: str
    first: float
    second: float
    difference: float
    low: float
    high: float
    splits: int
    """That both have networks on: each gives one difference."""

    @property
    def has_enough_splits(self) -> bool:
        """Whether there are enough splits for an interval from them to mean something."""
        return self.splits >= FEWEST_SPLITS

    @property
    def differ(self) -> bool:
        """Whether the interval of the difference leaves out 0, if there are enough splits to tell."""
        return self.has_enough_splits and not self.low <= 0 <= self.high


def compare(networks: pd.DataFrame, first: str, second: str, sweep: int | None = None) -> list[Comparison]:
    """Whether two recipes of a study differ, by each measure: the mean over splits of first minus second.

    Recipes share the splits, so each split gives one difference; the interval is a 95% bootstrap over them.

    Args:
        sweep: the checkpoint to compare at; by default the last one of each recipe.

    Raises:
        FamilyTreesError: a recipe or a checkpoint that is not in the study, or no split in common.
    """
    chosen = []
    for name in (first, second):
        own = networks[networks["recipe"] == name]
        if own.empty:
            raise FamilyTreesError(
                f"no recipe {name!r} in this study; there are {', '.join(networks['recipe'].unique())}"
            )
        at = own["sweep"].max() if sweep is None else sweep
        if at not in own["sweep"].to_numpy():
            points = ", ".join(map(str, sorted(own["sweep"].unique())))
            raise FamilyTreesError(f"no checkpoint after {at} sweeps for {name!r}; there are {points}")
        chosen.append(
            with_measures(own[own["sweep"] == at]).groupby(["held_out_cases", "split"])[list(MEASURES)].mean()
        )
    one, other = chosen
    differences = (one - other).dropna(how="all")
    if differences.empty:
        raise FamilyTreesError(f"{first!r} and {second!r} have no split in common")
    return [
        Comparison(
            MEASURES[measure],
            float(one.loc[each.index, measure].mean()),
            float(other.loc[each.index, measure].mean()),
            float(each.mean()),
            *bootstrap_mean(each),
            len(each),
        )
        for measure in MEASURES
        if len(each := differences[measure].dropna())
    ]
