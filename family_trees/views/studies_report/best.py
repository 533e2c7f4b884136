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

REPORTED, REPORTED_PERFECT = (0.72, 0.755), (0.24, 0.40)
"""Mean held-out accuracy that public reproductions with modern optimisers report, and the share of networks with all
four held-out cases right, over 50 splits."""


REPORTED_SPLITS = 50


DEFAULT = "larger-steps"


def best_possible(desk: Desk) -> dict[str, Any]:
    """Write the tables of the section; give its numbers."""
    raw = desk.read("best")
    table = desk.table(study_summary(raw), "best.csv")
    distribution = desk.table(held_out_distribution(raw), "best-distribution.csv")
    row, chances = last(table).iloc[0], last(distribution).iloc[0]
    shown, largest = _beside(desk, row, chances)
    sweeps = [*table[table["sweep"] < row["sweep"]].iterrows()]
    of_split = raw[raw["sweep"] == row["sweep"]]["held_out_right"] / 4
    return {
        **_search(desk),
        "networks": int(row["networks"]),
        "beside": [
            {"label": each["label"]} | {key: share(each, key) for key in (*KEYS, "all_right")}
            for _, each in shown.iterrows()
        ],
        "on_the_way": [{"sweep": int(each["sweep"]), "share": each["held_out_share"]} for _, each in sweeps],
        "reported": REPORTED,
        "reported_perfect": REPORTED_PERFECT,
        "reported_splits": REPORTED_SPLITS,
        "reported_half_width": 1.96 * of_split.std(ddof=1) / np.sqrt(REPORTED_SPLITS),
        "members": int(largest["members"]),
        "committee_splits": int(largest["splits"]),
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
        "best": draw_bars(shown, measures, words["best_title"], label="label", strong=key, reported=REPORTED),
    }


def _beside(desk: Desk, row: pd.Series, chances: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """The default, the best recipe and the largest committees side by side; and the row of the last committee."""
    held_out = desk.read("held-out")
    own = held_out[held_out["recipe"] == DEFAULT]
    before = last(study_summary(own)).iloc[0]
    before_chances = last(held_out_distribution(own)).iloc[0]
    largest = _largest(desk, "committees")
    found = [
        (f"{DEFAULT}, {before['sweep']:,} sweeps", before, before_chances),
        (f"the best recipe, {row['sweep']:,} sweeps", row, chances),
        (f"committee of {largest['members']} of {DEFAULT}, {largest['sweep']:,} sweeps", largest, largest),
    ]
    if desk.has(BEST_COMMITTEES):
        largest = _largest(desk, BEST_COMMITTEES)
        label = f"committee of {largest['members']} of the best recipe, {largest['sweep']:,} sweeps"
        found.append((label, largest, largest))
    lines = []
    for label, shares, perfect in found:
        keys = dict.fromkeys(KEYS, shares) | {"all_right": perfect}
        ends = ("", "_low", "_high")
        lines.append({"label": label} | {f"{key}{end}": of[f"{key}{end}"] for key, of in keys.items() for end in ends})
    return desk.table(pd.DataFrame(lines), "best-beside.csv"), largest


BEST_COMMITTEES = "best-committees"
"""A study that the report can do without: committees of the best recipe."""


def _largest(desk: Desk, study: str) -> pd.Series:
    """The row of the largest committee of a study, after its last sweep."""
    together = last(committee_summary(desk.read(study, "committees")))
    if study == BEST_COMMITTEES:
        desk.table(together, f"{study}.csv")
    return together.sort_values("members").iloc[-1]


def _search(desk: Desk) -> dict[str, Any]:
    """What the search tried, and what it chose."""
    choice = desk.searched()
    third = last(choice[choice["round"] == 3])["held_out_share"]
    final = choice[choice["round"] == choice["round"].max()]
    return {
        "tried": choice["recipe"].nunique(),
        "recipe": describe(desk.recipes("best")["best"]),
        "in_the_search": float(final["held_out_share"].max()),
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
