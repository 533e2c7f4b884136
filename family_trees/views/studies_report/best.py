"""Study 8: the best that the method can do: the recipe of the search on fresh splits, and committees beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from family_trees.analysis.twins import with_twins_left
from family_trees.engine.recipe import describe
from family_trees.families.of_1986 import family_trees_task
from family_trees.studies.summaries import committee_summary, held_out_distribution, study_summary
from family_trees.support.intervals import share_interval
from family_trees.views.figures.studies import draw_bars
from family_trees.views.figures.style import Figure
from family_trees.views.studies_report.desk import Desk, Tables, by_twins, last, share
from family_trees.views.studies_report.pages import Words

REPORTED, REPORTED_SPLITS = 0.755, 50
"""What the best-known public reproduction reports by Hinton's criterion (guopei, Hinton-Family-Tree-Exp-Repro, 2025):
held-out cases right, and the number of networks. The words of the page have it, too."""


DEFAULT = "larger-steps"


def best_possible(desk: Desk) -> dict[str, Any]:
    """Write the tables of the section; give its numbers."""
    raw = desk.read("best")
    table = desk.table(study_summary(raw), "best.csv")
    distribution = desk.table(held_out_distribution(raw), "best-distribution.csv")
    row, chances = last(table).iloc[0], last(distribution).iloc[0]
    shown, together = _beside(desk, row, chances)
    sweeps = [*table[table["sweep"] < row["sweep"]].iterrows()]
    of_split = raw[raw["sweep"] == row["sweep"]]["held_out_right"] / 4
    return {
        **_search(desk),
        "networks": int(row["networks"]),
        "sweeps": int(row["sweep"]),
        "same_splits": _cases_of_splits(desk, "best") == _cases_of_splits(desk, "held-out"),
        "beside": [
            {"label": each["label"]} | {key: share(each, key) for key in (*KEYS, "all_right")}
            for _, each in shown.iterrows()
        ],
        "on_the_way": [{"sweep": int(each["sweep"]), "share": each["held_out_share"]} for _, each in sweeps],
        "reported_half_width": 1.96 * of_split.std(ddof=1) / np.sqrt(REPORTED_SPLITS),
        "together": together,
        **_by_twins(desk, int(row["sweep"])),
    }


KEYS = ("held_out_share", "held_out_share_best")


def draw(tables: Tables, words: Words) -> Mapping[str, Figure]:
    """The default, the best recipe and committees side by side, with what others report."""
    shown = tables("best-beside.csv")
    shown["label"] = shown["label"].str.replace(", ", ",\n")
    measures = {"held_out_share": "held-out cases right", "held_out_share_best": "by best unit"}
    key = (shown["label"][1:].tolist(), "the best recipe, and committees", "the default recipe")
    return {
        "best": draw_bars(
            shown, measures, words["best_title"], label="label", strong=key, reported={"held_out_share": REPORTED}
        ),
    }


def _beside(desk: Desk, row: pd.Series, chances: pd.Series) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """The default, the best recipe and the largest committees side by side; and how hard the committees' splits are."""
    held_out = desk.read("held-out")
    own = held_out[held_out["recipe"] == DEFAULT]
    summary = study_summary(own)
    before = last(summary).iloc[0]
    before_chances = last(held_out_distribution(own)).iloc[0]
    one, largest = _ends(desk, "committees")
    on_all = summary.loc[summary["sweep"] == largest["sweep"], "held_out_share"]
    together = [_with_one(DEFAULT, one, largest, float(on_all.iloc[0]) if len(on_all) else float("nan"))]
    found = [
        (f"{DEFAULT}, {before['sweep']:,} sweeps", before, before_chances),
        (f"the best recipe, {row['sweep']:,} sweeps", row, chances),
        (f"committee of {largest['members']} of {DEFAULT}, {largest['sweep']:,} sweeps", largest, largest),
    ]
    if desk.has(BEST_COMMITTEES):
        one, largest = _ends(desk, BEST_COMMITTEES)
        together.append(_with_one("the best recipe", one, largest, float(row["held_out_share"])))
        label = f"committee of {largest['members']} of the best recipe, {largest['sweep']:,} sweeps"
        found.append((label, largest, largest))
    lines = []
    for label, shares, perfect in found:
        keys = dict.fromkeys(KEYS, shares) | {"all_right": perfect}
        ends = ("", "_low", "_high")
        lines.append({"label": label} | {f"{key}{end}": of[f"{key}{end}"] for key, of in keys.items() for end in ends})
    return desk.table(pd.DataFrame(lines), "best-beside.csv"), together


def _with_one(recipe: str, one: pd.Series, largest: pd.Series, on_all: float) -> dict[str, Any]:
    """A committee and single networks on its splits, beside single networks on the splits of the whole study."""
    return {
        "recipe": recipe,
        "members": int(largest["members"]),
        "splits": int(largest["splits"]),
        "sweeps": int(largest["sweep"]),
        "share": float(largest["held_out_share"]),
        "one": float(one["held_out_share"]),
        "one_on_all": on_all,
    }


BEST_COMMITTEES = "best-committees"
"""A study that the report can do without: committees of the best recipe."""


def _ends(desk: Desk, study: str) -> tuple[pd.Series, pd.Series]:
    """The rows of single networks and of the largest committee of a study, after its last sweep."""
    together = last(committee_summary(desk.read(study, "committees")))
    if study == BEST_COMMITTEES:
        desk.table(together, f"{study}.csv")
    ordered = together.sort_values("members")
    return ordered.iloc[0], ordered.iloc[-1]


def _cases_of_splits(desk: Desk, study: str) -> set[tuple[Any, ...]]:
    """The held-out cases of a study: split, person and relation."""
    cases = desk.read(study, "cases")
    return set(cases[["split", "person", "relation"]].itertuples(index=False, name=None))


def _search(desk: Desk) -> dict[str, Any]:
    """What the search tried, and what it chose."""
    choice = desk.searched()
    third = last(choice[choice["round"] == 3])["held_out_share"]
    rounds = [
        {"recipes": rows["recipe"].nunique(), "splits": int(rows["splits"].max()), "sweeps": int(rows["sweep"].max())}
        for _, rows in choice.groupby("round")
    ]
    final = choice[choice["round"] == choice["round"].max()]
    return {
        "tried": choice["recipe"].nunique(),
        "recipe": describe(desk.recipes("best")["best"]),
        "in_the_search": float(final["held_out_share"].max()),
        "rounds": rounds,
        "third": len(third),
        "third_least": float(third.min()),
        "third_most": float(third.max()),
    }


def _by_twins(desk: Desk, sweep: int) -> dict[str, Any]:
    """How often the best recipe infers cases with a twin that was trained on, and cases without."""
    cases = desk.read("best", "cases")
    cases = with_twins_left(cases[cases["sweep"] == sweep], family_trees_task())
    easy, hard = ([mean, *share_interval(of)] for mean, of in by_twins(desk, "best", cases))
    return {"with_twin": easy, "without_twin": hard, "lonely": (cases["twins_left"] == 0).mean()}
