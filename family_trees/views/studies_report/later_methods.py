"""Study 7: the method of 1986 beside later ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from family_trees.studies.comparison import compare
from family_trees.studies.summaries import MEASURES, study_summary
from family_trees.views.figures.studies import draw_bars
from family_trees.views.figures.style import Figure
from family_trees.views.studies_report.desk import Desk, Tables, last, share
from family_trees.views.studies_report.pages import Words

THEN, PRINTED = "logistic units (1986)", "published, as printed"


def _shown_as(name: str, sweep: int) -> str:
    """How a recipe is called on the page: the paper prints 1,500 sweeps, and here all train longer."""
    return f"published, {sweep:,} sweeps" if name == PRINTED else name


def then_and_now(desk: Desk) -> dict[str, Any]:
    """The printed method against later ones: write the tables of the section; give its numbers."""
    searched = [study_summary(desk.read(name)) for name in ("then-and-now-search", "then-and-now-steps")]
    search = desk.table(pd.concat(searched), "then-and-now-search.csv")
    raw = desk.read("then-and-now")
    final = last(desk.table(study_summary(raw), "then-and-now.csv"))
    order = final.sort_values("held_out_share_best", ascending=False)
    measures = ("training_share_best", "held_out_share", "held_out_share_best")
    times = {
        str(name): float(own["first_sweep_all_training_right"].fillna(np.inf).median())
        for name, own in last(raw).groupby("recipe", sort=False)
    }
    methods: list[dict[str, Any]] = [
        {"method": _shown_as(row["recipe"], row["sweep"]), "sweeps": int(row["sweep"]), "time": times[row["recipe"]]}
        | {measure: share(row, measure) for measure in ("share_learned", *measures)}
        for _, row in order.iterrows()
    ]
    then = next(each for each in methods if each["method"] == THEN)
    best, most_then = methods[0], then["held_out_share_best"][2]
    found = {row.measure: row for row in compare(raw, order.iloc[0]["recipe"], THEN)}[MEASURES["held_out_share_best"]]
    printed = _shown_as(PRINTED, final[final["recipe"] == PRINTED].iloc[0]["sweep"])
    later = [each for each in methods if each["method"] not in (THEN, printed)]
    return {
        "splits": int(final[final["recipe"] == THEN].iloc[0]["networks"]),
        "search_networks": int(search["networks"].iloc[0]),
        "search_combinations": search["recipe"].nunique(),
        "methods": methods,
        "then": then,
        "best": best,
        "ahead_by": [found.difference, found.low, found.high],
        "later": len(later),
        "least": min(each["held_out_share_best"][0] for each in methods if each["method"] != printed),
        "ahead": [each["method"] for each in methods if each["held_out_share_best"][1] > most_then],
    }


def draw(tables: Tables, words: Words) -> Mapping[str, Figure]:
    """Held-out cases right by the best unit, a bar a method."""
    order = last(tables("then-and-now.csv")).sort_values("held_out_share_best", ascending=False)
    names = [_shown_as(name, sweep) for name, sweep in zip(order["recipe"], order["sweep"], strict=True)]
    order = order.assign(recipe=names)
    key = (
        [THEN, *(name for name in names if name.startswith("published"))],
        "the method of 1986, with the step that suits it and the printed one",
        "later methods",
    )
    measures = {"held_out_share_best": "held-out cases right, by best unit"}
    return {"then-and-now": draw_bars(order, measures, words["then_and_now_title"], strong=key)}
