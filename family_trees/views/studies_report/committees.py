"""Study 6: committees: the mean output of several networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from family_trees.studies.summaries import committee_summary
from family_trees.views.figures.studies import draw_lines
from family_trees.views.figures.style import Figure
from family_trees.views.studies_report.desk import CRITERIA, Desk, Tables, by_criterion, last, share
from family_trees.views.studies_report.pages import Words


def committees(desk: Desk) -> dict[str, Any]:
    """Write the table of the section; give its numbers."""
    table = desk.table(committee_summary(desk.read("committees", "committees")), "committees.csv")
    ends = last(table)
    found = []
    for recipe, rows in ends.groupby("recipe", sort=False):
        one, most = rows.iloc[0], rows.iloc[-1]
        of_recipe: dict[str, Any] = {"recipe": recipe, "splits": int(most["splits"]), "sweeps": int(most["sweep"])}
        for key, row in (("one", one), ("most", most)):
            measured = {measure: share(row, measure) for measure in (*CRITERIA, "all_right")}
            of_recipe[key] = {"members": int(row["members"]), **measured}
        steps = {measure: most[measure] - one[measure] for measure in (*CRITERIA, "all_right")}
        surely = most["held_out_share_best_low"] > one["held_out_share_best_high"]
        of_recipe["gains"] = bool(surely and steps["held_out_share_best"] == max(steps.values()))
        of_recipe["loses"] = bool(steps["held_out_share_margins"] < 0)
        found.append(of_recipe)
    return {"recipes": found}


def draw(tables: Tables, words: Words) -> Mapping[str, Figure]:
    """Held-out cases right by the size of the committee."""
    lines = by_criterion(last(tables("committees.csv")))
    measure = ("right", "held-out cases right")
    title = words["committees_title"]
    return {"committees": draw_lines(lines, "members", "networks in the committee", measure, title, by="criterion")}
