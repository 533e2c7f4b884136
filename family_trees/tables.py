"""Many networks as tidy tables: a row a network, a row a point of the learning curve, a row a recipe.

Where networks share splits of the cases, some of which are harder than others, networks on one split are more alike
than networks on two, and count for less than as many independent ones: intervals then come from a bootstrap over
splits. Where every network has a split of its own, the share of networks gets Wilson's interval.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_type_hints

import numpy as np
import numpy.typing as npt

from family_trees.errors import FamilyTreesError
from family_trees.families import data_file
from family_trees.files import write_text
from family_trees.intervals import bootstrap_mean, wilson
from family_trees.recipe import Recipe, differences
from family_trees.training import Curve, Trained

if TYPE_CHECKING:
    import pandas as pd


class Summary(NamedTuple):
    """How the networks of one recipe ended. Intervals are 95%."""

    recipe: str
    differences: str
    """From the paper, as JSON: what was measured, whatever it is called."""
    seed: int
    networks: int
    networks_learned: int
    """Networks with all their training cases right."""
    share_learned: float
    share_learned_low: float
    """Wilson's interval, as networks are independent."""
    share_learned_high: float
    training_cases: int
    """Of each network."""
    mean_training_right: float
    mean_training_right_low: float
    """Bootstrap over networks, as the cases of one network are not independent of each other."""
    mean_training_right_high: float
    held_out_cases: int
    """Of each network."""
    mean_held_out_right: float
    mean_held_out_right_low: float
    mean_held_out_right_high: float

    def text(self) -> str:
        """What was measured, in words."""
        return (
            f"{self.networks_learned} of {self.networks} networks learn all {self.training_cases} training cases "
            f"({self.share_learned:.1%}; 95% interval {self.share_learned_low:.1%} to {self.share_learned_high:.1%}); "
            f"a network has {self.mean_training_right:.1f} of them right on average, "
            f"and {self.mean_held_out_right:.2f} of {self.held_out_cases} held-out cases"
        )


def summarise(trained: Trained) -> Summary:
    """The ends of the networks, with intervals; all must have as many held-out cases as the first."""
    networks, learned = len(trained.numbers), int(trained.learned.sum())
    training_right, held_out_right = trained.curve.training_right[:, -1], trained.curve.held_out_right[:, -1]
    return Summary(
        trained.recipe.name,
        json.dumps(differences(trained.recipe)),
        trained.seed,
        networks,
        learned,
        learned / networks,
        *wilson(learned, networks),
        int(trained.training_cases[0]),
        float(training_right.mean()),
        *bootstrap_mean(training_right),
        len(trained.held_out[0]),
        float(held_out_right.mean()),
        *bootstrap_mean(held_out_right),
    )


@cache
def measured() -> dict[str, Summary]:
    """What each recipe of the package was measured to do, by name, as scripts/measure_recipes.py wrote it down."""
    kinds = get_type_hints(Summary)
    with data_file("recipes.csv").open(encoding="utf-8", newline="") as file:
        rows = [Summary(**{key: kinds[key](text) for key, text in row.items()}) for row in csv.DictReader(file)]
    return {row.recipe: row for row in rows}


def summary_table(summaries: list[Summary]) -> pd.DataFrame:
    """A row a recipe."""
    import pandas as pd

    return pd.DataFrame(summaries).round(4)


def network_table(*several: Trained) -> pd.DataFrame:
    """A row a network: its recipe, seed, split, and how it ended."""
    import pandas as pd

    return pd.DataFrame(
        {
            "recipe": trained.recipe.name,
            "seed": trained.seed,
            "network": number,
            "sweeps": trained.recipe.sweeps,
            "error": round(float(trained.curve.error[place, -1]), 4),
            "training_cases": trained.training_cases[place],
            "training_right": trained.curve.training_right[place, -1],
            "held_out_cases": len(trained.held_out[place]),
            "held_out_right": trained.curve.held_out_right[place, -1],
            "first_sweep_all_training_right": _first_sweep_learned(trained, place),
            "held_out": "; ".join(map(str, trained.held_out[place])),
        }
        for trained in several
        for place, number in enumerate(trained.numbers)
    ).astype({"first_sweep_all_training_right": "Int64"})


def curve_table(*several: Trained) -> pd.DataFrame:
    """A row a network and point of its learning curve."""
    import pandas as pd

    rows = [curve_rows(trained.recipe.name, trained.numbers, trained.curve) for trained in several]
    return pd.concat(rows, ignore_index=True)


def curve_rows(recipe: str, numbers: Sequence[int], curve: Curve) -> pd.DataFrame:
    """The learning curves of the networks `numbers`, a row a network and point."""
    import pandas as pd

    points = len(curve.sweep)
    return pd.DataFrame(
        {
            "recipe": recipe,
            "network": np.repeat(np.asarray(numbers), points),
            "sweep": np.tile(curve.sweep, len(numbers)),
            "error": curve.error.round(4).reshape(-1),
            "training_right": curve.training_right.reshape(-1),
            "held_out_right": curve.held_out_right.reshape(-1),
        }
    )


def curve_means(curves: pd.DataFrame) -> pd.DataFrame:
    """The mean learning curve of each recipe: a row a recipe and point.

    `networks`, and for each of `error`, `training_right` and `held_out_right` the mean over them, with the ends of its
    95% interval (normal approximation) in `..._low` and `..._high`; of one network, these are the mean.
    """
    keys, measures = ["recipe", "sweep"], ["error", "training_right", "held_out_right"]
    groups = curves.groupby(keys, sort=False)[measures]
    mean, networks = groups.mean(), groups.size()
    half = 1.96 * groups.std(ddof=1).fillna(0).div(networks**0.5, axis=0)
    found = mean.join((mean - half).clip(lower=0).add_suffix("_low")).join((mean + half).add_suffix("_high"))
    found.insert(0, "networks", networks)
    return found.round(4).reset_index()


def _first_sweep_learned(trained: Trained, place: int) -> int | None:
    """The first point of the curve at which all training cases are right, if there is one."""
    points = np.flatnonzero(trained.curve.training_right[place] == trained.training_cases[place])
    return int(trained.curve.sweep[points[0]]) if points.size else None


def recipe_summary(recipe: Recipe) -> Summary | None:
    """What `recipe` was measured to do, if this very recipe was."""
    found = measured().get(recipe.name)
    return found if found is not None and found.differences == json.dumps(differences(recipe)) else None


MEASURES = {
    "share_learned": "networks with all training cases right",
    "training_share": "training cases right",
    "training_share_best": "training cases right, by best unit",
    "held_out_share": "held-out cases right",
    "held_out_share_margins": "held-out cases right, by margins",
    "held_out_share_best": "held-out cases right, by best unit",
}
"""What studies are summed up and compared by: shares between 0 and 1, of each network."""


def with_measures(networks: pd.DataFrame) -> pd.DataFrame:
    """`networks.csv` of a study with the `MEASURES` as columns; held-out shares are missing where none is held out."""
    held_out = networks["held_out_cases"].where(networks["held_out_cases"] > 0)
    return networks.assign(
        share_learned=(networks["training_right"] == networks["training_cases"]).astype(float),
        training_share=networks["training_right"] / networks["training_cases"],
        training_share_best=networks["training_right_best"] / networks["training_cases"],
        held_out_share=networks["held_out_right"] / held_out,
        held_out_share_margins=networks["held_out_right_margins"] / held_out,
        held_out_share_best=networks["held_out_right_best"] / held_out,
    )


def study_summary(networks: pd.DataFrame) -> pd.DataFrame:
    """A row a recipe, held-out size and checkpoint: networks, how many diverged, every measure with its interval."""
    import pandas as pd

    rows = []
    measured = with_measures(networks)
    for key, group in measured.groupby(["recipe", "held_out_cases", "sweep"], sort=False):
        names = ("recipe", "held_out_cases", "sweep")
        row: dict[str, object] = dict(zip(names, key if isinstance(key, tuple) else (key,), strict=True))
        row |= {
            "networks": len(group),
            "splits": group["split"].nunique(),
            "diverged": int(group["diverged"].sum()),
            "median_first_sweep_all_training_right": group["first_sweep_all_training_right"].median(),
        }
        for measure in MEASURES:
            of_splits = group.groupby("split")[measure].mean().dropna()
            if of_splits.empty:
                continue
            alone = measure == "share_learned" and len(of_splits) == len(group)
            low, high = wilson(int(group[measure].sum()), len(group)) if alone else bootstrap_mean(of_splits)
            row |= {measure: of_splits.mean(), f"{measure}_low": low, f"{measure}_high": high}
        rows.append(row)
    return pd.DataFrame(rows).round(4)


def write_study_summary(directory: Path) -> None:
    """Write `summary.csv` beside the `networks.csv` of a finished study.

    Raises:
        FamilyTreesError: it cannot be written; names path and reason.
    """
    import pandas as pd

    summary = study_summary(pd.read_csv(directory / "networks.csv"))
    write_text(directory / "summary.csv", summary.to_csv(index=False, lineterminator="\n"))


ENOUGH_SPLITS = 5
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
    def enough(self) -> bool:
        """Whether there are enough splits for an interval from them to mean something."""
        return self.splits >= ENOUGH_SPLITS

    @property
    def differ(self) -> bool:
        """Whether the interval of the difference leaves out 0, if there are enough splits to tell."""
        return self.enough and not self.low <= 0 <= self.high


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


def held_out_distribution(networks: pd.DataFrame) -> pd.DataFrame:
    """How many held-out cases a network has right: a row a recipe, held-out size and checkpoint.

    `right_0`, `right_1`, ... are shares of networks; `all_right` is the last of them and `all_but_one_right` the last
    two, at most one case wrong, each with Wilson's interval; and `two_networks_all_but_one` is the chance that two
    networks together have at most one held-out case wrong (7 of 8, in CogSci 1986), with a bootstrap interval. Each
    network must have a split of its own.
    """
    import pandas as pd

    rows = []
    for (recipe, _, sweep), group in networks.groupby(["recipe", "held_out_cases", "sweep"], sort=False):
        right, size = group["held_out_right"].to_numpy(), int(group["held_out_cases"].iloc[0])
        counts = {"all_right": int((right == size).sum()), "all_but_one_right": int((right >= size - 1).sum())}
        draws = np.random.default_rng(0).integers(len(right), size=(10_000, len(right)))
        pairs = [_two_all_but_one(right[draw], size) for draw in draws]
        rows.append(
            {"recipe": recipe, "held_out_cases": size, "sweep": sweep, "networks": len(right)}
            | {f"right_{k}": (right == k).mean() for k in range(size + 1)}
            | _proportions(counts, len(right))
            | {
                "two_networks_all_but_one": _two_all_but_one(right, size),
                "two_networks_all_but_one_low": np.quantile(pairs, 0.025),
                "two_networks_all_but_one_high": np.quantile(pairs, 0.975),
            }
        )
    return pd.DataFrame(rows).round(4)


def committee_summary(committees: pd.DataFrame) -> pd.DataFrame:
    """How committees of each size answer: a row a recipe, held-out size, number of members and checkpoint.

    The held-out `MEASURES`, and `all_right`, the share of committees with all held-out cases right; each with the ends
    of a 95% bootstrap interval over splits, as the committees of a split share its cases.
    """
    import pandas as pd

    names = ["recipe", "held_out_cases", "members", "sweep"]
    measured = with_measures(committees)
    measured = measured.assign(all_right=(measured["held_out_right"] == measured["held_out_cases"]).astype(float))
    rows = []
    for key, group in measured.groupby(names, sort=False):
        row: dict[str, object] = dict(zip(names, key if isinstance(key, tuple) else (key,), strict=True))
        row |= {"committees": len(group), "splits": group["split"].nunique()}
        for measure in (*MEASURES, "all_right"):
            of_splits = group.groupby("split")[measure].mean()
            low, high = bootstrap_mean(of_splits)
            row |= {measure: of_splits.mean(), f"{measure}_low": low, f"{measure}_high": high}
        rows.append(row)
    return pd.DataFrame(rows).round(4)


def _proportions(counts: dict[str, int], of: int) -> dict[str, float]:
    """Each count as a share, with the ends of Wilson's interval."""
    found: dict[str, float] = {}
    for name, count in counts.items():
        low, high = wilson(count, of)
        found |= {name: count / of, f"{name}_low": low, f"{name}_high": high}
    return found


def _two_all_but_one(right: npt.NDArray[np.int64], size: int) -> float:
    """The chance that two of these networks, drawn independently, have at most one held-out case wrong together."""
    every, but_one = (right == size).mean(), (right == size - 1).mean()
    return float(every**2 + 2 * every * but_one)


def case_summary(cases: pd.DataFrame) -> pd.DataFrame:
    """How often each case is inferred when it is held out: a row a recipe, held-out size, checkpoint and case.

    `right` is the share of networks that have it right, with Wilson's interval; networks that share a split differ in
    their first weights alone.
    """
    import pandas as pd

    keys = ["recipe", "held_out_cases", "sweep", "person", "relation"]
    found = cases.groupby(keys, sort=False).agg(
        networks=("right", "size"),
        networks_right=("right", "sum"),
        right=("right", "mean"),
        right_margins=("right_margins", "mean"),
        right_best=("right_best", "mean"),
    )
    counts = found[["networks_right", "networks"]].to_numpy().tolist()
    ends = [wilson(right, networks) for right, networks in counts]
    intervals = pd.DataFrame(ends, columns=["right_low", "right_high"], index=found.index)
    return found.join(intervals).round(4).reset_index()
