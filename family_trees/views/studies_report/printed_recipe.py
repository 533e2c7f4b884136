"""Study 1: why the printed recipe fails: the fact, the race of gradient and decay, and the window of the equations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from family_trees.analysis.window import error_at_rest, first_distinction, largest_epsilon, smallest_epsilon
from family_trees.engine.recipe import CROSS_ENTROPY, PUBLISHED, Recipe
from family_trees.families.of_1986 import family_trees_task
from family_trees.studies.summaries import study_summary
from family_trees.views.figures.studies import draw_race, draw_window
from family_trees.views.figures.style import Figure
from family_trees.views.studies_report.desk import Desk, Tables, last, share
from family_trees.views.studies_report.pages import Words
from family_trees.views.studies_report.smallest_change import at_chosen_range

PAPER_KIND, OTHER_KIND = "the paper's error", "error signal y - d"


LEARNS = 0.05
"""The share of training cases right from which networks are said to learn something."""


WIDE = 2
"""The initial range from which weights are called large."""


SLOW, SLOWER, FAST = "published, from 2", "published, from 0.3", "larger-steps, from 3"
"""The recipes of the race."""


def printed_recipe(desk: Desk) -> dict[str, Any]:
    """Write the tables of the section; give its numbers."""
    ranges = last(desk.table(study_summary(desk.read("published-ranges")), "published-ranges.csv"))
    best = ranges.sort_values("training_share").iloc[-1]
    return {
        "networks": int(ranges["networks"].sum()),
        "ranges": len(ranges),
        "sweeps": int(ranges["sweep"].max()),
        "learned": round((ranges["share_learned"] * ranges["networks"]).sum()),
        "best_range": best["recipe"].split()[-1],
        "best_share": share(best, "training_share"),
        "range_least": min(_range_of(name) for name in ranges["recipe"]),
        "range_most": max(_range_of(name) for name in ranges["recipe"]),
        "without_decay": _without_decay(desk),
        **_race_numbers(desk),
        **_argument(),
        **_window_numbers(desk),
    }


def _range_of(name: str) -> float:
    """The initial range of a recipe, from its name."""
    return float(name.split()[-1])


def _without_decay(desk: Desk) -> dict[str, Any]:
    """The control without decay: what networks learn without it, with more sweeps, and with both."""
    pairs = at_chosen_range(desk.read("pairs"))
    of = pairs.set_index(pairs["change"].str.removeprefix("published").str.removeprefix(", "))["share_learned"]
    changes = {"alone": NO_DECAY, "longer": MORE_SWEEPS, "both": f"{NO_DECAY} + {MORE_SWEEPS}"}
    found = {key: float(of.get(name, np.nan)) for key, name in changes.items()}
    return {**found, "networks": int(pairs["networks"].iloc[0])}


NO_DECAY, MORE_SWEEPS = "no decay", "5000 sweeps"
"""Two changes of the study of pairs."""


def draw(tables: Tables, words: Words) -> Mapping[str, Figure]:
    """The figures of the section: the race for the weights of the people, and the window."""
    race = tables("race.csv")
    shown = race[(race["layer"] == "person code") & (race["recipe"] != SLOWER)]
    named = shown.replace({SLOW: "the printed recipe, weights to ±2", FAST: "larger-steps, weights to ±3"})
    return {
        "race": draw_race(named, words["race_title"]),
        "window": draw_window(tables("window.csv"), tables("window-bounds.csv"), words["window_title"]),
    }


def _race_numbers(desk: Desk) -> dict[str, Any]:
    """How often decay takes more from the weights of the people than the gradient adds, and by how much at least."""
    race = race_table(desk.read("race"), desk.recipes("race"))
    shown = race.groupby(["recipe", "layer", "sweep"], sort=False)[["added", "taken"]].median().reset_index()
    desk.table(shown.assign(networks=race["network"].nunique()).round(8), "race.csv")
    code = race[(race["layer"] == "person code") & race["sweep"].between(20, 1500)]
    losing = (code["added"] < code["taken"]).groupby(code["recipe"]).mean()
    ratios = (code["added"] / code["taken"]).groupby([code["recipe"], code["sweep"]]).median()
    most = ratios.groupby("recipe").max()
    lowest = shown[(shown["recipe"] == SLOW) & shown["layer"].isin(["person code", "relation code"])]
    lowest = lowest[lowest["sweep"].between(20, 1500)]
    starts = [{"range": name.split()[-1], "losing": losing[name], "most": most[name]} for name in (SLOWER, SLOW)]
    return {
        "race": starts,
        "race_networks": race["network"].nunique(),
        "fast_most": most[FAST],
        "lowest_lose": (lowest["added"] < lowest["taken"]).mean(),
    }


def race_table(networks: pd.DataFrame, recipes: dict[str, Recipe]) -> pd.DataFrame:
    """What a sweep adds to the weights of each layer and what decay takes: a row a network, layer and checkpoint."""
    phases = [recipes[name].phase(sweep + 1) for name, sweep in zip(networks["recipe"], networks["sweep"], strict=True)]
    reach = np.array([epsilon / (1 - alpha) for epsilon, alpha in phases])
    decay = np.array([recipes[name].decay for name in networks["recipe"]])
    parts = []
    for layer in ("person code", "relation code", "central", "penultimate", "answer"):
        column = layer.replace(" ", "_")
        part = networks[["recipe", "network", "sweep"]].assign(
            layer=layer, added=reach * networks[f"gradient_{column}"], taken=decay * networks[f"norm_{column}"]
        )
        parts.append(part)
    return pd.concat(parts)


def _argument() -> dict[str, Any]:
    """The numbers of the argument from the equations."""
    task = family_trees_task()
    printed, other = error_at_rest(PUBLISHED, task), error_at_rest(CROSS_ENTROPY, task)
    return {
        "rest": printed,
        "rest_without_slope": other,
        "slope_factor": other / printed,
        "distinction_cases": first_distinction(task).singular_value,
    }


def _window_numbers(desk: Desk) -> dict[str, Any]:
    """The window that the equations give, held against the measurement."""
    window, bounds = window_tables(desk.read("window"), desk.recipes("window"))
    desk.table(window, "window.csv")
    desk.table(bounds, "window-bounds.csv")
    joined = window.merge(bounds, on=["kind", "initial_range"])
    inside = joined["epsilon_factor"].between(joined["smallest"], joined["largest"])
    learns = joined["training_share"] >= LEARNS
    small = joined["initial_range"] < WIDE
    agree, hopeful = inside == learns, inside & ~learns
    beyond = learns & (joined["epsilon_factor"] > joined["largest"])
    before = learns & (joined["epsilon_factor"] < joined["smallest"])
    printed = joined[(joined["kind"] == PAPER_KIND) & (joined["epsilon_factor"] == 1)]
    of_paper = bounds["kind"] == PAPER_KIND
    by_range = [
        {"range": reach} | {name: rows.set_index("kind")[name].to_dict() for name in ("smallest", "largest")}
        for reach, rows in bounds.groupby("initial_range")
    ]
    return {
        "window_networks": int(window["networks"].iloc[0]),
        "combinations": len(window),
        "learns": LEARNS,
        "wide": WIDE,
        "bounds": by_range,
        "kinds": [PAPER_KIND, OTHER_KIND],
        "below": float(bounds[of_paper & (bounds["smallest"] > 1)]["initial_range"].max()),
        "printed_most": float(printed["training_share"].max()),
        "agree": int(agree.sum()),
        "never": int((~learns).sum()),
        "agree_small": int((agree & small).sum()),
        "small": int(small.sum()),
        "hopeful": int(hopeful.sum()),
        "hopeful_wide": int((hopeful & ~small).sum()),
        "beyond": int(beyond.sum()),
        "beyond_most": float(joined.loc[beyond, "training_share"].max()),
        "before": int(before.sum()),
        "before_most": float(joined.loc[before, "training_share"].max()),
    }


def window_tables(networks: pd.DataFrame, recipes: dict[str, Recipe]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training cases right by step size and initial range; and the bounds that the equations give."""
    task = family_trees_task()
    rows, bounds = [], {}
    for row in last(study_summary(networks)).to_dict("records"):
        recipe = recipes[row["recipe"]]
        kind = PAPER_KIND if recipe.error_signal == "squared" else OTHER_KIND
        keys = {"kind": kind, "initial_range": recipe.initial_range}
        measured = {key: row[key] for key in ("networks", *(f"training_share{end}" for end in ("", "_low", "_high")))}
        rows.append({**keys, "epsilon_factor": round(recipe.epsilon[1] / 0.01, 6), **measured})
        if (kind, recipe.initial_range) not in bounds:
            found = (smallest_epsilon(recipe, task), largest_epsilon(recipe, task))
            smallest, largest = (round(epsilon / 0.01, 3) for epsilon in found)
            bounds[kind, recipe.initial_range] = {**keys, "smallest": smallest, "largest": largest}
    return pd.DataFrame(rows), pd.DataFrame(bounds.values())
