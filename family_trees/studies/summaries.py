"""Summaries of the tables of a study, with 95% intervals.

Networks may share splits of the cases, and some splits are harder than others. Networks on one split are then more
alike than networks on two, so they are not independent. In that case the intervals come from a bootstrap over splits.
Where every network has a split of its own, a share of networks has Wilson's interval. So has any share that is the same
on every split, where a bootstrap has no width: the cases of all splits then count as independent.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from family_trees.studies.rows import NETWORK_COLUMNS
from family_trees.support.checksums import checksum_problem
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import remove_leftovers, write_text
from family_trees.support.intervals import Interval, share_interval, wilson
from family_trees.support.locks import directory_lock

if TYPE_CHECKING:
    import pandas as pd

MEASURES = {
    "share_learned": "networks with all training cases right",
    "training_share": "training cases right",
    "training_share_best": "training cases right, by best unit",
    "held_out_share": "held-out cases right",
    "held_out_share_margins": "held-out cases right, by margins",
    "held_out_share_best": "held-out cases right, by best unit",
    "held_out_share_rank": "held-out cases right, by rank",
    "all_held_out_right_rank": "networks with all held-out cases right, by rank",
}
"""The measures of studies, shares of each network between 0 and 1, and what each is in words."""


def cases_of(measure: str) -> str | None:
    """The column with the number of cases that a measure is a share of; None where it is a share of networks."""
    return next((f"{kind}_cases" for kind in ("training", "held_out") if measure.startswith(f"{kind}_share")), None)


TEXT_COLUMNS = frozenset({"recipe", "differences", "person", "relation"})
"""The columns of the tables of a study that hold text."""


def with_measures(networks: pd.DataFrame) -> pd.DataFrame:
    """`networks.csv` of a study with the `MEASURES` as columns. Without held-out cases, their shares are missing."""
    held_out = networks["held_out_cases"].where(networks["held_out_cases"] > 0)
    by_rank = networks.get("held_out_right_rank", held_out.where(held_out < 0))
    return networks.assign(
        share_learned=(networks["training_right"] == networks["training_cases"]).astype(float),
        training_share=networks["training_right"] / networks["training_cases"],
        training_share_best=networks["training_right_best"] / networks["training_cases"],
        held_out_share=networks["held_out_right"] / held_out,
        held_out_share_margins=networks["held_out_right_margins"] / held_out,
        held_out_share_best=networks["held_out_right_best"] / held_out,
        held_out_share_rank=by_rank / held_out,
        all_held_out_right_rank=(by_rank == held_out).astype(float).where(by_rank.notna() & held_out.notna()),
    )


def study_summary(networks: pd.DataFrame) -> pd.DataFrame:
    """A study summed up: a row a recipe, number of held-out cases and checkpoint.

    Args:
        networks: the table `networks.csv` of the study.

    Returns:
        The numbers of networks, of splits and of networks that diverged; the median first sweep with all training cases
        right; and the mean of each of the `MEASURES`, with the ends of its interval in `..._low` and `..._high`.
    """
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
            "median_first_sweep_all_training_right": group["first_sweep_all_training_right"].dropna().median(),
        }
        for measure in MEASURES:
            of_splits = group.groupby("split")[measure].mean().dropna()
            if of_splits.empty:
                continue
            own_splits = measure == "share_learned" and len(of_splits) == len(group)
            low, high = wilson(int(group[measure].sum()), len(group)) if own_splits else split_interval(group, measure)
            row |= {measure: of_splits.mean(), f"{measure}_low": low, f"{measure}_high": high}
        rows.append(row)
    return pd.DataFrame(rows).round(4)


def split_interval(rows: pd.DataFrame, measure: str) -> Interval:
    """The interval of one of the `MEASURES`, over the splits of these rows of `with_measures`."""
    splits = rows.dropna(subset=[measure]).groupby("split")
    cases = cases_of(measure)
    return share_interval(splits[measure].mean(), 1 if cases is None else splits[cases].first())


def write_study_summary(directory: Path) -> None:
    """Write `summary.csv` beside the `networks.csv` of a finished study.

    Raises:
        FamilyTreesError: it cannot be written, or another run is at work there, or `networks.csv` is damaged.
    """
    with directory_lock(directory):
        summary = study_summary(read_networks(directory))
        remove_leftovers(directory / "summary.csv")
        write_text(directory / "summary.csv", summary.to_csv(index=False, lineterminator="\n"))


def read_networks(directory: Path) -> pd.DataFrame:
    """The table of the networks of a finished study.

    Raises:
        FamilyTreesError: `directory` holds no finished study, or its table is damaged.
    """
    path = directory / "networks.csv"
    if not path.exists():
        raise FamilyTreesError(f"{directory}: holds no finished study; 'family-trees study' runs one")
    return read_table(path, NETWORK_COLUMNS)


def read_table(path: Path, columns: Collection[str]) -> pd.DataFrame:
    """A table of a study.

    Args:
        columns: the columns that it must have. All but `TEXT_COLUMNS` must hold numbers.

    Raises:
        FamilyTreesError: it is no such table, or not the one that was written.
    """
    import pandas as pd
    from pandas.api.types import is_numeric_dtype

    if not path.is_file():
        raise FamilyTreesError(f"{path}: cannot be read: this is no file")
    try:
        altered = checksum_problem(path)
        table = pd.read_csv(path, low_memory=False)
    except OSError as problem:
        raise FamilyTreesError(f"{path}: cannot be read: {problem.strerror or problem}") from problem
    except ValueError as problem:  # all that pandas raises for what is no table
        raise FamilyTreesError(f"{path}: is damaged ({str(problem).splitlines()[0]})") from problem
    # Earlier versions wrote no columns of ranks.
    columns = [column for column in columns if column in table or not column.endswith("_rank")]
    faults = [f"it has no column {column}" for column in columns if column not in table]
    faults += ["it has no rows"] * table.empty
    faults += [
        f"column {column} has a cell that is no number"
        for column in columns
        if not faults and column not in TEXT_COLUMNS and not is_numeric_dtype(table[column])
    ]
    faults += [altered] if altered else []
    if faults:
        raise FamilyTreesError(f"{path}: is damaged ({faults[0]})")
    return table


def held_out_distribution(networks: pd.DataFrame) -> pd.DataFrame:
    """How many held-out cases the networks have right: a row a recipe, number of held-out cases and checkpoint.

    Each network must have a split of its own.

    Returns:
        `right_0`, `right_1`, and so on: the shares of networks with so many cases right. `all_right` is the share with
        all of them right, and `all_but_one_right` the share with at most one wrong, each with Wilson's interval.
        `two_networks_all_but_one` is the chance that two networks together have at most one case wrong (7 of 8 right,
        in CogSci 1986), with a bootstrap interval; where all networks have the same number right, it follows from
        Wilson's intervals.
    """
    import pandas as pd

    rows = []
    for (recipe, _, sweep), group in networks.groupby(["recipe", "held_out_cases", "sweep"], sort=False):
        right, size = group["held_out_right"].to_numpy(), int(group["held_out_cases"].iloc[0])
        counts = {"all_right": int((right == size).sum()), "all_but_one_right": int((right >= size - 1).sum())}
        low, high = _two_networks_interval(right, size)
        rows.append(
            {"recipe": recipe, "held_out_cases": size, "sweep": sweep, "networks": len(right)}
            | {f"right_{k}": (right == k).mean() for k in range(size + 1)}
            | proportions(counts, len(right))
            | {
                "two_networks_all_but_one": _two_all_but_one(right, size),
                "two_networks_all_but_one_low": low,
                "two_networks_all_but_one_high": high,
            }
        )
    return pd.DataFrame(rows).round(4)


def committee_summary(committees: pd.DataFrame) -> pd.DataFrame:
    """How committees answer: a row a recipe, number of held-out cases, number of members and checkpoint.

    Returns:
        The held-out `MEASURES`, and `all_right`, the share of committees with all held-out cases right. Each has the
        ends of a 95% bootstrap interval over splits, since the committees of a split share its cases.
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
            of_splits = group.groupby("split")[measure].mean().dropna()
            if of_splits.empty:
                continue
            low, high = split_interval(group, measure)
            row |= {measure: of_splits.mean(), f"{measure}_low": low, f"{measure}_high": high}
        rows.append(row)
    return pd.DataFrame(rows).round(4)


def proportions(counts: dict[str, int], of: int) -> dict[str, float]:
    """Each count as a share of `of`, with the ends of Wilson's interval."""
    found: dict[str, float] = {}
    for name, count in counts.items():
        low, high = wilson(count, of)
        found |= {name: count / of, f"{name}_low": low, f"{name}_high": high}
    return found


def _two_all_but_one(right: npt.NDArray[np.int64], size: int) -> float:
    """The chance that two of these networks, drawn independently, have at most one held-out case wrong together."""
    every, but_one = (right == size).mean(), (right == size - 1).mean()
    return float(every**2 + 2 * every * but_one)


def _two_networks_interval(right: npt.NDArray[np.int64], size: int) -> tuple[float, float]:
    """The interval of `_two_all_but_one`."""
    if (right == right[0]).all():
        every, at_most_one = (wilson(int((right >= least).sum()), len(right)) for least in (size, size - 1))
        low, high = (a * (2 * b - a) for a, b in zip(every, at_most_one, strict=True))  # a^2 + 2 a (b - a)
        return low, high
    draws = np.random.default_rng(0).integers(len(right), size=(10_000, len(right)))
    low, high = np.quantile([_two_all_but_one(right[draw], size) for draw in draws], [0.025, 0.975])
    return float(low), float(high)


def case_summary(cases: pd.DataFrame) -> pd.DataFrame:
    """How often each held-out case is right: a row a recipe, number of held-out cases, checkpoint and case.

    `right` is the share of networks that have the case right, with Wilson's interval. Networks on the same split differ
    only in their first weights.
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
