"""Studies 3 and 5: held-out accuracy, with four cases held out as in the paper, and with other numbers of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from family_trees.analysis.twins import twins, with_twins_left
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.task import Case
from family_trees.studies.summaries import held_out_distribution, study_summary
from family_trees.support.intervals import share_interval
from family_trees.views.figures.studies import draw_lines
from family_trees.views.figures.style import Figure
from family_trees.views.studies_report.desk import (
    CRITERIA,
    Desk,
    Tables,
    at,
    by_criterion,
    by_twins,
    last,
    share,
)
from family_trees.views.studies_report.pages import Words

SHOWN_SWEEPS = (500, 1500, 5000, 20000)


REPORTED = 0.75
"""The share of held-out cases that Hinton's course of 2012 gives as "about 3/4"."""


def as_in_the_paper(desk: Desk) -> dict[str, Any]:
    """Four random cases of 104: write the tables of the section; give its numbers."""
    raw = desk.read("held-out")
    held_out = desk.table(study_summary(raw), "held-out.csv")
    distribution = desk.table(held_out_distribution(raw), "held-out-distribution.csv")
    rows = []
    for recipe in held_out["recipe"].unique():
        for sweep in SHOWN_SWEEPS:
            measured, chances = at(held_out, recipe, sweep), at(distribution, recipe, sweep)
            rows.append(
                {"recipe": recipe, "sweep": sweep}
                | {measure: share(measured, measure) for measure in CRITERIA}
                | {"right": [chances[f"right_{k}"] for k in range(5)]}
                | {key: share(chances, key) for key in ("all_right", "two_networks_all_but_one", "all_but_one_right")}
            )
    early, late = (
        next(row for row in rows if (row["recipe"], row["sweep"]) == ("larger-steps", sweep)) for sweep in (1500, 20000)
    )
    networks = int(at(distribution, "larger-steps", 1500)["networks"])
    return {"networks": networks, "rows": rows, "early": early, "late": late, "reported": REPORTED}


def how_little(desk: Desk) -> dict[str, Any]:
    """How little is enough: write the table of the section; give its numbers."""
    task = family_trees_task()
    sizes = desk.table(study_summary(desk.read("held-out-sizes")), "held-out-sizes.csv")
    long = last(sizes)
    cases = desk.read("held-out-sizes", "cases")
    cases = with_twins_left(cases[cases["sweep"] == 5000], task)
    several = twins(task)
    cases = cases[[bool(several[Case(p, r)]) for p, r in zip(cases["person"], cases["relation"], strict=True)]]
    most = int(cases["held_out_cases"].max())
    (left, of_left), (gone, of_gone) = by_twins(desk, "held-out-sizes", cases[cases["held_out_cases"] == most])
    return {
        "networks": int(long["networks"].iloc[0]),
        "sweeps": int(long["sweep"].iloc[0]),
        "sizes": [
            {"held_out": int(row["held_out_cases"]), "share": share(row, "held_out_share")}
            for _, row in long.sort_values("held_out_cases").iterrows()
        ],
        "most": most,
        "twin_left": [left, *share_interval(of_left)],
        "twins_gone": [gone, *share_interval(of_gone)],
    }


def draw_as_in_the_paper(tables: Tables, words: Words) -> Mapping[str, Figure]:
    """Held-out cases right by sweeps, with the default recipe."""
    table = tables("held-out.csv")
    lines = by_criterion(table[table["recipe"] == "larger-steps"])
    return {"held-out": _draw(lines, "sweep", "sweeps", words["held_out_title"])}


def draw_how_little(tables: Tables, words: Words) -> Mapping[str, Figure]:
    """Held-out cases right by their number."""
    lines = by_criterion(last(tables("held-out-sizes.csv")))
    title = words["held_out_sizes_title"]
    return {"held-out-sizes": _draw(lines, "held_out_cases", "cases held out, of 104", title)}


def _draw(lines: pd.DataFrame, along: str, axis_label: str, title: str) -> Figure:
    return draw_lines(lines, along, axis_label, ("right", "held-out cases right"), title, by="criterion")
