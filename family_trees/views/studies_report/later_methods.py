"""Studies 7 and 9: the method of 1986 beside later ones; and float32 beside float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from family_trees.studies.comparison import compare
from family_trees.studies.summaries import MEASURES, study_summary
from family_trees.views.figures.studies import draw_bars
from family_trees.views.studies_report.desk import HELD_OUT, LEARNED, Desk, last, share

THEN, PRINTED = "logistic units (1986)", "published, as printed"


def then_and_now(desk: Desk) -> dict[str, Any]:
    """The printed method against later ones: write the tables and figure of the section; give its numbers."""
    searched = [study_summary(desk.read(name)) for name in ("then-and-now-search", "then-and-now-steps")]
    search = desk.table(pd.concat(searched), "then-and-now-search.csv")
    raw = desk.read("then-and-now")
    final = last(desk.table(study_summary(raw), "then-and-now.csv"))
    order = final.sort_values("held_out_share_best", ascending=False)
    measures = {
        "training_share_best": "training cases, best unit",
        **HELD_OUT,
        "held_out_share_best": "... by best unit",
    }
    desk.figure(draw_bars(order, measures, strong=[THEN, PRINTED]), "then-and-now.png")
    times = {
        str(name): float(own["first_sweep_all_training_right"].fillna(np.inf).median())
        for name, own in last(raw).groupby("recipe", sort=False)
    }
    methods = [
        {"method": row["recipe"], "sweeps": int(row["sweep"]), "time": times[row["recipe"]]}
        | {measure: share(row, measure) for measure in ("share_learned", *measures)}
        for _, row in order.iterrows()
    ]
    then = next(each for each in methods if each["method"] == THEN)
    best, most_then = methods[0], then["held_out_share_best"][2]
    found = {row.measure: row for row in compare(raw, best["method"], THEN)}[MEASURES["held_out_share_best"]]
    later = [each for each in methods if each["method"] not in (THEN, PRINTED)]
    return {
        "splits": int(final[final["recipe"] == THEN].iloc[0]["networks"]),
        "search_networks": int(search["networks"].iloc[0]),
        "search_combinations": search["recipe"].nunique(),
        "methods": methods,
        "then": then,
        "best": best,
        "ahead_by": [found.difference, found.low, found.high],
        "later": len(later),
        "least": min(each["held_out_share_best"][0] for each in methods if each["method"] != PRINTED),
        "ahead": [each["method"] for each in methods if each["held_out_share_best"][1] > most_then],
    }


def precision(desk: Desk) -> dict[str, Any]:
    """Do float32 and float64 agree in what they conclude? Write the table and figure; give the numbers."""
    single, double = (study_summary(desk.read(name)) for name in ("float32", "float64"))
    both = desk.table(
        pd.concat([single.assign(precision="float32"), double.assign(precision="float64")]), "precision.csv"
    )
    both = both.assign(label=both["recipe"] + ", " + both["precision"]).sort_values("recipe", ascending=False)
    desk.figure(draw_bars(both, {**LEARNED, **HELD_OUT}, label="label"), "precision.png")
    parts = [desk.read(name).assign(of=name) for name in ("float32", "float64")]
    raw = pd.concat(part.assign(recipe=part["recipe"] + part["of"]) for part in parts)
    rows = []
    for recipe in single["recipe"]:
        one, other = (table[table["recipe"] == recipe].iloc[0] for table in (single, double))
        paired = {row.measure: row for row in compare(raw, f"{recipe}float32", f"{recipe}float64")}
        for measure in ("share_learned", "held_out_share"):
            step = paired[MEASURES[measure]]
            rows.append(
                {
                    "recipe": recipe,
                    "measure": MEASURES[measure],
                    "float32": share(one, measure),
                    "float64": share(other, measure),
                    "difference": [step.difference, step.low, step.high],
                }
            )
    return {"networks": int(single["networks"].iloc[0]), "rows": rows}
