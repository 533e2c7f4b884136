"""Study 2: the smallest change that mends the recipe: step size and range, every departure alone, and pairs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from family_trees.studies.summaries import study_summary, with_measures
from family_trees.support.intervals import share_interval, wilson
from family_trees.views.figures.studies import draw_bars, draw_grid
from family_trees.views.figures.style import Figure
from family_trees.views.studies_report.desk import SOME, Desk, Tables, last, share
from family_trees.views.studies_report.needs import SIGNALS
from family_trees.views.studies_report.pages import Words

DRIVES = ("epsilon", "y - d", "alpha", "sweeps")
"""What the names of changes hold that change the weights more: larger steps, y - d, more momentum, more sweeps."""


def smallest_change(desk: Desk) -> dict[str, Any]:
    """Write the tables of the section; give its numbers."""
    changes = desk.table(study_summary(desk.read("smallest-change")), "smallest-change.csv")
    alone, pairs = _alone(desk), _pairs(desk)
    longer = alone["change"].str.contains("0 sweeps")
    enough = alone["share_learned"] >= SOME
    in_time = alone[~longer & enough].sort_values("chosen_by", ascending=False)
    rest = alone[~enough]
    unseen = _best_first(alone).iloc[SHOWN:]
    partners = pairs[pairs["change"].str.contains(" + ", regex=False)]
    partners = partners.sort_values(["chosen_by", "change"], ascending=[False, True])
    drives = partners["change"].map(lambda pair: any(word in pair for word in DRIVES))
    good, others = partners[partners["share_learned"] >= SOME], partners[~drives]

    def told(row: pd.Series) -> dict[str, Any]:
        return {"change": row["change"]} | {key: share(row, key) for key in ("share_learned", "training_share")}

    return {
        "some": SOME,
        "at_best": _at_best(changes),
        "half": int(alone["networks"].iloc[0]),
        "departures": len(alone) - 1,
        "enough": [told(row) for _, row in in_time.iterrows()],
        "enough_are_drives": bool(in_time["change"].map(lambda name: any(word in name for word in DRIVES[:2])).all()),
        "not_enough": len(rest) - 1,
        "unseen": {"changes": len(unseen)}
        | {key: float(unseen[key].max()) for key in ("share_learned", "training_share")},
        "unsure": [
            told(row)
            for _, row in _best_first(rest).iterrows()
            if row["change"] != PRINTED and row["share_learned"] > 0 and row["share_learned_high"] >= SOME
        ],
        "ranges": [
            {"range": reach, "changes": rows["change"].replace({PRINTED: "the printed recipe"}).tolist()}
            for reach, rows in _shown(alone).groupby("initial_range", sort=True)
        ],
        "closest": [told(row) for _, row in rest.sort_values("training_share").tail(1).iterrows()],
        "patient": told(alone[longer].iloc[-1]),
        "pairs": len(partners),
        "best_pair": [told(row) for _, row in partners.head(1).iterrows()],
        "good_pairs": len(good),
        "good_pairs_drive": bool(drives[good.index].all()),
        "pairs_that_drive": int(drives.sum()),
        "other_pairs": len(others),
        "other_pairs_most": float(others["share_learned"].max()),
    }


def _at_best(changes: pd.DataFrame) -> dict[str, float]:
    """The largest shares of networks that learn all, over the map: with the printed step, and with each error."""
    found = changes.assign(place=changes["recipe"].map(_place))
    of_paper = found["place"].map(lambda place: place[0] == SIGNALS[0])
    printed = of_paper & found["place"].map(lambda place: place[1] == 1)
    some = {"printed": printed, "paper": of_paper, "other": ~of_paper}
    return {name: float(found.loc[rows, "share_learned"].max()) for name, rows in some.items()}


def draw(tables: Tables, words: Words) -> Mapping[str, Figure]:
    """The figures of the section and of the appendix: the changes alone, step size and range, and pairs."""
    alone = tables("departures.csv")
    shown = _shown(alone)
    mend = alone.loc[alone["share_learned"] >= SOME, "change"].tolist()
    measures = {"share_learned": ALL_RIGHT, "training_share": "training cases right"}
    bars = draw_bars(shown, measures, words["departures_title"], label="change", strong=(mend, "mends", "does not"))
    return {
        "departures": bars,
        "smallest-change": _draw_map(tables("smallest-change.csv"), words["smallest_change_title"]),
        "pairs": _draw_pairs(tables("pairs.csv"), words["pairs_title"]),
    }


def _best_first(alone: pd.DataFrame) -> pd.DataFrame:
    """The departures, without the printed recipe: first those with the most networks that learn all, then cases."""
    changes = alone[alone["change"] != PRINTED]
    return changes.sort_values(["share_learned", "training_share", "change"], ascending=[False, False, True])


def _shown(alone: pd.DataFrame) -> pd.DataFrame:
    """The rows of the figure."""
    return pd.concat([_best_first(alone).head(SHOWN), alone[alone["change"] == PRINTED]])


PRINTED = "nothing: as printed"

SHOWN = 10
"""How many changes a figure shows."""


def _draw_map(changes: pd.DataFrame, title: str) -> Figure:
    """Step size and initial range, for both error signals; the smallest step is at the bottom."""
    shares = {_place(name): share for name, share in zip(changes["recipe"], changes["share_learned"], strict=True)}
    factors = sorted({factor for _, factor, _ in shares}, reverse=True)
    reaches = sorted({reach for *_, reach in shares})
    panels = {
        name: np.array([[shares[signal, factor, reach] for reach in reaches] for factor in factors])
        for signal, name in zip(SIGNALS, ("the paper's error", "error signal y - d"), strict=True)
    }
    words = ("epsilon, times the printed", "initial weights: to plus or minus this", ALL_RIGHT)
    steps = ["printed: 1" if factor == 1 else f"{factor:g}" for factor in factors]
    return draw_grid(panels, steps, [f"{reach:g}" for reach in reaches], words, title)


ALL_RIGHT = "networks with all training cases right"


def _place(name: str) -> tuple[str, float, float]:
    """Error signal, step size and initial range of a recipe of the map, from its name."""
    signal, factor, reach = name.split(", ")
    return signal, float(factor.split()[-1]), float(reach.split()[-1])


def _alone(desk: Desk) -> pd.DataFrame:
    """Every departure alone, from the initial range that suits it."""
    alone = _by_change(desk.read("departures"))
    return desk.table(alone.replace({"change": {"": PRINTED}}), "departures.csv")


def _pairs(desk: Desk) -> pd.DataFrame:
    """Every pair of departures, and each of them alone, from the initial range that suits it."""
    return desk.table(_by_change(desk.read("pairs")), "pairs.csv")


def _by_change(networks: pd.DataFrame) -> pd.DataFrame:
    """A row a change, named without the printed recipe from which it departs."""
    found = at_chosen_range(networks)
    change = found["change"].str.removeprefix("published").str.removeprefix(", ")
    return found.assign(change=change.str.replace("5000 sweeps", "5,000 sweeps"))


def _draw_pairs(pairs: pd.DataFrame, title: str) -> Figure:
    """Every pair of departures below the diagonal, and each alone on it."""
    found = pairs.fillna({"change": ""}).set_index("change")["share_learned"]
    names = [name for name in found.index if name and " + " not in name]
    grid = np.full((len(names), len(names)), np.nan)
    for k, name in enumerate(names):
        grid[k, k] = found[name]
    for (i, one), (j, other) in combinations(enumerate(names), 2):
        if f"{one} + {other}" in found:
            grid[j, i] = found[f"{one} + {other}"]
    return draw_grid({"": grid}, names, names, ("", "", ALL_RIGHT), title)


def split_name(name: str) -> tuple[str, str]:
    """The name of a recipe without its initial range, and the range."""
    change, _, reach = name.rpartition(", initial_range ")
    return change, reach


def at_chosen_range(networks: pd.DataFrame) -> pd.DataFrame:
    """A row a change: how its networks end from the initial range that suits it, chosen on half of the splits.

    The range is not printed, so every change may have its own: the one with the most networks that have all training
    cases right (then the most cases) on the splits with even numbers. What is reported is measured on the others;
    `chosen_by` is the share of networks that learned on the even ones, for whoever chooses among changes, too.
    """
    table = with_measures(last(networks))
    table = table.assign(
        **dict(zip(("change", "range"), zip(*map(split_name, table["recipe"]), strict=True), strict=True))
    )
    even = table["split"] % 2 == 0
    order = table[even].groupby(["change", "range"], sort=False)[["share_learned", "training_share"]].mean()
    rows = []
    for change in dict.fromkeys(table["change"]):
        reach = order.loc[change].sort_values(["share_learned", "training_share"], ascending=False).index[0]
        own = table[~even & (table["change"] == change) & (table["range"] == reach)]
        learned = wilson(int(own["share_learned"].sum()), len(own))
        right = share_interval(own["training_share"], own["training_cases"])
        rows.append(
            {
                "change": change,
                "initial_range": float(reach),
                "networks": len(own),
                "chosen_by": order.loc[change].loc[reach, "share_learned"],
                "share_learned": own["share_learned"].mean(),
                "share_learned_low": learned.low,
                "share_learned_high": learned.high,
                "training_share": own["training_share"].mean(),
                "training_share_low": right.low,
                "training_share_high": right.high,
                "diverged": int(own["diverged"].sum()),
            }
        )
    return pd.DataFrame(rows).round(4)
