"""Study 9: the successors of the network of 1986, on the same splits: what they infer, and which difference decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from family_trees.families.of_1986 import family_trees_task
from family_trees.studies.summaries import case_summary, committee_summary, split_interval, study_summary, with_measures
from family_trees.support.intervals import wilson
from family_trees.views.figures.studies import draw_bars, draw_case_map, draw_lines
from family_trees.views.figures.style import Figure
from family_trees.views.studies_report.desk import Desk, Tables, last, share
from family_trees.views.studies_report.needs import DIFFERENCES, LEARNERS
from family_trees.views.studies_report.pages import Words

BY_RANK = ("held_out_share_rank", "held_out_share")
"""The two criteria: told how many answers there are, and not told."""


BEST = "network of 1986, best recipe"
"""The recipe with the most held-out cases right (`best`), on the same splits."""


def successors(desk: Desk) -> dict[str, Any]:
    """Write the tables of the section; give its numbers."""
    raw = pd.concat([desk.read("successors"), desk.read("best").assign(recipe=BEST)], ignore_index=True)
    final = last(desk.table(study_summary(raw), "successors.csv"))
    of_last = raw[raw["sweep"] == raw.groupby("recipe")["sweep"].transform("max")]
    return {
        "networks": int(final["networks"].min()),
        "sweeps": {row["recipe"]: int(row["sweep"]) for _, row in final.iterrows()},
        "learners": [_of_four(final, of_last, name) for name in LEARNERS],
        "best_recipe": _of_four(final, of_last, BEST),
        "sizes": _sizes(desk),
        "each": _each(desk),
        "both_ways": _both_ways(desk),
        "committees": _committees(desk),
        "decides": _decides(desk),
    }


def _of_four(final: pd.DataFrame, networks: pd.DataFrame, name: str) -> dict[str, Any]:
    """What a learner infers with four cases held out: its shares, and how many networks have how many right."""
    row = final[final["recipe"] == name].iloc[0]
    own = networks[networks["recipe"] == name]
    found: dict[str, Any] = {"recipe": name, **{measure: share(row, measure) for measure in BY_RANK}}
    for key, column in (("rank", "held_out_right_rank"), ("threshold", "held_out_right")):
        wrong = (own["held_out_cases"] - own[column]).to_numpy()
        found[f"right_by_{key}"] = [float((wrong == 4 - k).mean()) for k in range(5)]
        all_right = int((wrong == 0).sum())
        found[f"all_by_{key}"] = [all_right / len(wrong), *wilson(all_right, len(wrong))]
        one_or_two = int(((wrong == 1) | (wrong == 2)).sum())
        found[f"one_or_two_by_{key}"] = [one_or_two / len(wrong), *wilson(one_or_two, len(wrong))]
    return found


def _shares(summary: pd.DataFrame) -> dict[str, dict[str, list[float]]]:
    """The shares of each recipe, by both criteria."""
    return {row["recipe"]: {measure: share(row, measure) for measure in BY_RANK} for _, row in summary.iterrows()}


def _both_ways(desk: Desk) -> dict[str, dict[str, list[float]]]:
    """The shares of each recipe over the splits of several sizes, each of which counts as much as any other."""
    raw = with_measures(desk.read("both-ways"))
    desk.table(study_summary(raw), "both-ways.csv")
    found: dict[str, dict[str, list[float]]] = {}
    for name, rows in last(raw).groupby("recipe", sort=False):
        means = rows.groupby("split")[list(BY_RANK)].mean().mean()
        found[str(name)] = {measure: [float(means[measure]), *split_interval(rows, measure)] for measure in BY_RANK}
    return found


def _sizes(desk: Desk) -> list[dict[str, Any]]:
    """How much each learner infers, by the number of held-out cases."""
    table = last(desk.table(study_summary(desk.read("successors-sizes")), "successors-sizes.csv"))
    best = _best_by_size(desk)
    return [
        {
            "held_out": int(rows["held_out_cases"].iloc[0]),
            "networks": int(rows["networks"].min()),
            "of": _shares(rows),
            **best.get(int(rows["held_out_cases"].iloc[0]), {}),
        }
        for _, rows in table.groupby("held_out_cases")
    ]


def _best_by_size(desk: Desk) -> dict[int, dict[str, Any]]:
    """The best recipe of 1986 by the number of held-out cases: a study that the report can do without."""
    if not desk.has("best-sizes"):
        return {}
    table = last(desk.table(study_summary(desk.read("best-sizes")), "best-sizes.csv"))
    return {
        int(row["held_out_cases"]): {
            "best": {"networks": int(row["networks"]), "share": share(row, "held_out_share_rank")}
        }
        for _, row in table.iterrows()
    }


def _each(desk: Desk) -> dict[str, Any]:
    """Each case alone: how many are inferred by every network, and which are not."""
    cases = desk.read("successors-each", "cases")
    ranked = cases.assign(right=cases["right_rank"])
    table = last(desk.table(case_summary(ranked), "successors-each.csv"))
    found: dict[str, Any] = {}
    for name, rows in table.groupby("recipe", sort=False):
        weakest = rows.sort_values("right", kind="stable").head(5)
        found[str(name)] = {
            "networks": int(rows["networks"].iloc[0]),
            "always": int((rows["right"] == 1).sum()),
            "mostly": int((rows["right"] > 0.5).sum()),
            "cases": len(rows),
            "weakest": [[f"{row['person']} {row['relation']}", float(row["right"])] for _, row in weakest.iterrows()],
        }
    return found


def _committees(desk: Desk) -> list[dict[str, Any]]:
    """One network beside committees, for each learner and number of held-out cases."""
    table = last(
        desk.table(committee_summary(desk.read("successors-committees", "committees")), "successors-committees.csv")
    )
    return [
        {
            "recipe": rows["recipe"].iloc[0],
            "held_out": int(rows["held_out_cases"].iloc[0]),
            **{
                f"of_{int(row['members'])}": share(row, "held_out_share_rank")
                for _, row in rows.sort_values("members").iterrows()
            },
        }
        for _, rows in table.groupby(["held_out_cases", "recipe"], sort=False)
    ]


def _decides(desk: Desk) -> dict[str, dict[str, Any]]:
    """Each difference alone, by the name of the recipe: the shares by rank for each number of held-out cases."""
    table = last(desk.table(study_summary(desk.read("what-decides")), "what-decides.csv"))
    return {
        str(recipe): {
            "networks": int(rows["networks"].min()),
            "training": share(rows.iloc[0], "training_share_best"),
            "by_rank": {int(row["held_out_cases"]): share(row, "held_out_share_rank") for _, row in rows.iterrows()},
        }
        for recipe, rows in table.groupby("recipe", sort=False)
    }


def draw(tables: Tables, words: Words) -> Mapping[str, Figure]:
    """The figures of the section: held-out cases right by their number, what decides, and each case alone."""
    sizes, decides = last(tables("successors-sizes.csv")), last(tables("what-decides.csv"))
    by_rank = "held-out cases right, by rank"
    most = decides[decides["held_out_cases"] == decides["held_out_cases"].max()]
    shown = most[most["recipe"].isin([*LEARNERS, *DIFFERENCES])]
    order = shown.sort_values("held_out_share_rank", ascending=False)
    line, along = ("held_out_share_rank", by_rank), "cases held out, of 104"
    each = last(tables("successors-each.csv"))
    alone = each[each["recipe"] == "matrices"]
    bars, key = {line[0]: by_rank}, (["matrices"], "matrices as they are", "with a difference, and other networks")
    return {
        "successors-sizes": draw_lines(sizes, "held_out_cases", along, line, words["successors_sizes_title"]),
        "what-decides": draw_bars(order, bars, words["what_decides_title"], strong=key),
        "successors-each": draw_case_map(alone, family_trees_task(), words["successors_each_title"]),
    }
